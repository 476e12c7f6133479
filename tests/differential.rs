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
use redress::facts::Type;
use redress::script;
use redress::value::{Instant, Value};

use generate::Cases;
use naive::Known;
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
            let naive = naive::value(&syntax, &cases.known(&facts), generate::NOW);
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

/// A native value as the references give it: enumerated values by name, money as a number.
fn plain(bundle: &redress::policy::Bundle, ty: &Type, value: &Value) -> Known {
    match (value, ty) {
        (Value::Unknown, _) => Known::Unknown,
        (Value::Bool(value), _) => Known::Bool(*value),
        (Value::Number(value) | Value::Money(value), _) => Known::Number(value.normalize()),
        (Value::Text(text), _) => Known::Text(text.to_string()),
        (Value::Symbol(symbol), Type::Enum(id)) => {
            Known::Text(bundle.schema().enumeration(*id).unwrap().id_of(*symbol).to_owned())
        }
        (Value::Instant(at), _) => Known::Instant(at.0),
        (Value::Duration(length), _) => Known::Duration(length.0),
        (Value::Date(date), _) => Known::Date(*date),
        (Value::List(list), Type::List(of)) => Known::List(list.iter().map(|value| plain(bundle, of, value)).collect()),
        (Value::Record(fields), Type::Record(id)) => {
            let record = bundle.schema().record(*id).unwrap();
            let field = |(field, value): (&redress::facts::Field, &Value)| {
                (field.name.to_string(), plain(bundle, &field.ty, value))
            };
            Known::Record(record.fields.iter().zip(fields.iter()).map(field).collect())
        }
        other => panic!("{other:?} is not compared"),
    }
}
