//! The same question asked of Redress, of code written by hand, and of three rule engines: may this person give this
//! customer so much, and how far may they go? All have to agree on every case first; then each is timed, what it makes
//! of its input included.
//!
//! Quote the ratios: the machine's speed drifts. Of several rounds the fastest counts, for whatever else runs on the
//! machine only adds.

use std::hint::black_box;
use std::time::{Duration, Instant};

use engines::{ByHand, Cel, Engine, Naive, Ready, Redress, Rhai, Zen};
use question::{Answer, Effect, Question, questions};
use support::grants::{Grant, grants};

mod engines;
mod question;
#[path = "../../support/mod.rs"]
mod support;

/// As the service runs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const QUESTIONS: usize = 300;
const ROUNDS: usize = 7;
/// A round goes over the questions until so much time is gone.
const ROUND: Duration = Duration::from_millis(150);
const GROWTH: [usize; 4] = [10, 100, 1_000, 10_000];

fn main() {
    println!("| ns a decision | {} |", support::SIZES.map(|(name, rules)| format!("{name}, {rules}")).join(" | "));
    println!("|---|---|---|---|");
    let sizes = support::SIZES.map(|(_, rules)| measured(rules));
    for (row, (name, _)) in sizes[0].iter().enumerate() {
        println!("| {name} | {} |", sizes.each_ref().map(|size| told(size[row].1)).join(" | "));
    }
    println!("\n| Redress, ns a decision | allowed | too much | nothing granted |");
    println!("|---|---|---|---|");
    for rules in GROWTH {
        let grants: Vec<Grant> = grants(rules).collect();
        let asked = questions(&grants, QUESTIONS);
        let mut redress = Redress::new(&grants);
        agree(&mut redress, &grants, &asked);
        let mut naive = Naive::new(&grants);
        let mut of = |wanted: fn(Answer) -> bool| {
            let of: Vec<Question> = asked.iter().copied().filter(|one| wanted(naive.answer(one))).collect();
            assert!(!of.is_empty(), "{rules} rules have no such question");
            told(fastest(&mut redress, &of))
        };
        let allowed = of(|answer| answer.effect == Effect::Allow);
        let too_much = of(|answer| answer.effect != Effect::Allow && answer.limit.is_some());
        println!("| {rules} rules | {allowed} | {too_much} | {} |", of(|answer| answer.limit.is_none()));
    }
}

/// What a decision takes each of them, in nanoseconds.
fn measured(rules: usize) -> Vec<(&'static str, f64)> {
    let grants: Vec<Grant> = grants(rules).collect();
    let asked = questions(&grants, QUESTIONS);
    let one = |name, engine: &mut dyn Timed| {
        engine.agrees(&grants, &asked);
        (name, engine.takes(&asked))
    };
    vec![
        one("a `match` written by hand", &mut ByHand::new(&grants)),
        one("Redress, facts at hand", &mut Ready::new(&grants)),
        one("Redress, from the message", &mut Redress::new(&grants)),
        one("Rhai, an expression a rule", &mut Rhai::new(&grants)),
        one("`cel`, an expression a rule", &mut Cel::new(&grants)),
        one("`zen-engine`, a decision table", &mut Zen::new(&grants)),
    ]
}

/// An engine, whatever its input.
trait Timed {
    fn agrees(&mut self, grants: &[Grant], asked: &[Question]);
    fn takes(&mut self, asked: &[Question]) -> f64;
}

impl<E: Engine> Timed for E {
    fn agrees(&mut self, grants: &[Grant], asked: &[Question]) {
        agree(self, grants, asked);
    }

    fn takes(&mut self, asked: &[Question]) -> f64 {
        fastest(self, asked)
    }
}

fn agree<E: Engine>(engine: &mut E, grants: &[Grant], asked: &[Question]) {
    let mut naive = Naive::new(grants);
    for question in asked {
        let (input, reference) = (engine.input(question), naive.input(question));
        assert_eq!(engine.answer(&input), naive.answer(&reference), "{question:?}, {} rules", grants.len());
    }
}

fn fastest<E: Engine>(engine: &mut E, asked: &[Question]) -> f64 {
    let inputs: Vec<E::Input> = asked.iter().map(|question| engine.input(question)).collect();
    let rounds = (0..ROUNDS).map(|_| {
        let (begun, mut passes) = (Instant::now(), 0_u32);
        while begun.elapsed() < ROUND {
            for input in &inputs {
                black_box(engine.answer(black_box(input)));
            }
            passes += 1;
        }
        begun.elapsed().as_secs_f64() * 1e9 / f64::from(passes) / inputs.len() as f64
    });
    rounds.fold(f64::INFINITY, f64::min)
}

/// With a space between thousands, for it is read.
fn told(nanoseconds: f64) -> String {
    let digits = format!("{nanoseconds:.0}");
    let mut told = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            told.push(' ');
        }
        told.push(digit);
    }
    told
}
