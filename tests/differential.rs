//! The native evaluator held to two others on random expressions over random cases: to a naive reference that walks the
//! expression as written by Kleene's rules, and to Rhai itself wherever Rhai gives a value.
//!
//! `REDRESS_PAIRS` sets how many pairs of expression and case are tried; `REDRESS_SEED` where to begin.

mod support;

#[path = "differential/generate.rs"]
mod generate;
#[path = "differential/naive.rs"]
mod naive;

use redress::expr::check::{self, Names};
use redress::expr::eval::{Env, Scope};
use redress::script;
use redress::value::Instant;

use generate::Cases;
use naive::{Known, plain};
use support::random::Dice;

/// Cases that each expression is tried on.
const CASES_EACH: u64 = 16;

fn pairs() -> u64 {
    std::env::var("REDRESS_PAIRS").ok().and_then(|pairs| pairs.parse().ok()).unwrap_or(12_000)
}

fn seed() -> u64 {
    std::env::var("REDRESS_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_122)
}

#[test]
fn the_native_evaluator_agrees_with_the_naive_reference_and_with_rhai() {
    let bundle = support::shipped();
    let program = &bundle.rules_for(None, None).program;
    let names =
        Names { schema: bundle.schema(), parameters: &[], functions: &[], calendars: &[], locals: &[], it: None };
    let mut dice = Dice::new(seed());
    let cases = Cases::new(&bundle);
    let (mut by_rhai, mut decided, mut tried) = (0_u64, 0_u64, 0_u64);
    while tried < pairs() {
        let text = generate::expression(&mut dice);
        let syntax = script::parse_expression(&text).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"));
        let typed = check::term(&syntax, None, names).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"));
        for _ in 0..CASES_EACH {
            tried += 1;
            let facts = cases.random(&mut dice);
            let env = Env::new(program, &facts, Instant(generate::NOW));
            let native = plain(&bundle, &typed.ty, &typed.term.value(Scope::new(&env)));
            let naive = naive::value(&syntax, &cases.known(&facts), generate::NOW).expect("the reference knows it");
            assert_eq!(native, naive, "{text}\nover {:#?}", cases.told(&facts));
            decided += u64::from(native != Known::Unknown);
            if let Some(rhai) = cases.by_rhai(&text, &facts) {
                by_rhai += 1;
                assert_eq!(native, rhai, "Rhai: {text}\nover {:#?}", cases.told(&facts));
            }
        }
    }
    println!("{tried} pairs, {decided} with a value, {by_rhai} checked by Rhai");
    assert!(decided > tried / 4, "too few expressions have a value for the test to mean much");
    assert!(by_rhai > tried / 20, "too few expressions run in Rhai for the test to mean much");
}
