//! Without any engine: what the others are held to, and how fast it can be.

use super::Engine;
use crate::question::{Answer, Limits, Question, rank};
use crate::support::grants::Grant;

include!(concat!(env!("OUT_DIR"), "/by_hand.rs"));

/// Every grant looked at, one after another: so plain that it must be right.
pub struct Naive(Vec<Grant>);

impl Naive {
    pub fn new(grants: &[Grant]) -> Self {
        Self(grants.to_vec())
    }
}

impl Engine for Naive {
    type Input = Question;

    fn input(&mut self, question: &Question) -> Question {
        *question
    }

    fn answer(&mut self, question: &Question) -> Answer {
        let fen = |yuan: usize| i64::try_from(yuan * 100).expect("a small amount");
        let mut limits = Limits::default();
        for grant in &self.0 {
            let same = question.class == grant.class && question.kind == grant.kind;
            if same && question.amount <= fen(grant.order_max) && question.proven {
                limits.grant(rank(grant.role), (question.amount / 2).min(fen(grant.cap)));
            }
        }
        limits.answer(question)
    }
}

/// One `match` within another, compiled into the program.
pub struct ByHand(fn(&str, &str, i64, &mut Limits));

impl ByHand {
    pub fn new(grants: &[Grant]) -> Self {
        Self(match grants.len() {
            12 => small,
            100 => medium,
            1_000 => large,
            other => panic!("nothing was written for {other} grants"),
        })
    }
}

impl Engine for ByHand {
    type Input = Question;

    fn input(&mut self, question: &Question) -> Question {
        *question
    }

    fn answer(&mut self, question: &Question) -> Answer {
        let mut limits = Limits::default();
        if question.proven {
            self.0(question.class, question.kind, question.amount, &mut limits);
        }
        limits.answer(question)
    }
}
