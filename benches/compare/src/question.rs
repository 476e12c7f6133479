//! What is asked, and what is answered: with exact numbers of fen and the names as a front end sends them.

use crate::support::grants::{CLASSES, Grant, KINDS, ROLES};

/// May somebody in this role give so much, on a case like this?
#[derive(Debug, Clone, Copy)]
pub struct Question {
    pub role: &'static str,
    /// In fen, as all amounts here.
    pub wanted: i64,
    pub class: &'static str,
    pub kind: &'static str,
    pub amount: i64,
    pub compensated: i64,
    pub proven: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Allow,
    NeedsApproval,
    Deny,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    pub effect: Effect,
    /// How far the actor may go in all; absent where nothing grants the actor anything.
    pub limit: Option<i64>,
}

/// The widest grant of each role.
#[derive(Debug, Default)]
pub struct Limits([Option<i64>; ROLES.len()]);

impl Limits {
    pub fn grant(&mut self, role: usize, limit: i64) {
        self.0[role] = self.0[role].max(Some(limit));
    }

    /// What is granted to a role is granted to those above it.
    pub fn answer(&self, question: &Question) -> Answer {
        let actor = rank(question.role);
        let up_to = |role: usize| self.0[..=role].iter().max().copied().flatten();
        let reaches = |role: usize| up_to(role).is_some_and(|limit| question.wanted <= limit - question.compensated);
        let effect = if reaches(actor) {
            Effect::Allow
        } else if (actor + 1..ROLES.len()).any(reaches) {
            Effect::NeedsApproval
        } else {
            Effect::Deny
        };
        Answer { effect, limit: up_to(actor) }
    }
}

pub fn rank(role: &str) -> usize {
    ROLES.iter().position(|known| *known == role).expect("a role")
}

/// The same ones in every run. Most are of a class and kind that some grant is for.
pub fn questions(grants: &[Grant], count: usize) -> Vec<Question> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).expect("it has 31 bits") % bound
    };
    let fen = |amount: usize| i64::try_from(amount).expect("a small amount");
    let mut question = || {
        let Grant { class, kind, .. } = grants[below(grants.len())];
        let amount = below(150_000) + 1;
        Question {
            role: ROLES[below(ROLES.len())],
            wanted: fen(below(40_000) + 1),
            class: if below(8) == 0 { CLASSES[below(CLASSES.len())] } else { class },
            kind: if below(8) == 0 { KINDS[below(KINDS.len())] } else { kind },
            amount: fen(amount),
            compensated: fen(below(amount / 4 + 1)),
            proven: below(8) > 0,
        }
    };
    (0..count).map(|_| question()).collect()
}
