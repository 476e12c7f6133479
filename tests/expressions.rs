//! Expressions, one a line: what they are worth over a fixed case, or what is wrong with them.
//!
//! `tests/cases/expressions/values.txt` holds `expression => value`, `…/errors.txt` `expression => code @ text: message
//! [help]`. `REDRESS_BLESS=1` rewrites what stands behind the arrow; review the difference.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use redress::expr::check::{self, Names, Parameter};
use redress::expr::eval::{Env, Scope};
use redress::expr::inspect::MissingFacts;
use redress::facts::Type;
use redress::policy::Bundle;
use redress::script;
use redress::value::{Duration, Instant, SECOND, Value};
use rust_decimal::Decimal;

mod support;

const NOW: i64 = 1_795_330_800; // 2026-11-22T15:00:00+08:00

fn money(text: &str) -> Value {
    Value::Money(text.parse::<Decimal>().unwrap())
}

fn number(text: &str) -> Value {
    Value::Number(text.parse::<Decimal>().unwrap())
}

fn ago(hours: i64) -> Value {
    Value::Instant(Instant((NOW - hours * 3600) * SECOND))
}

fn texts(of: &[&str]) -> Value {
    Value::List(of.iter().map(|text| Value::Text((*text).into())).collect())
}

/// One case: an order of 800.00 signed 72 hours ago, two lines, some facts unknown.
fn case(bundle: &Bundle) -> Vec<Value> {
    let schema = bundle.schema();
    let symbol = |enumeration: &str, id: &str| {
        Value::Symbol(schema.enumeration(schema.enum_named(enumeration).unwrap()).unwrap().find(id).unwrap())
    };
    let item = |fields: &[(&str, Value)]| {
        let record = schema.record(schema.record_named("item").unwrap()).unwrap();
        let value =
            |name: &str| fields.iter().find(|(field, _)| *field == name).map_or(Value::Unknown, |(_, v)| v.clone());
        Value::Record(record.fields.iter().map(|field| value(&field.name)).collect())
    };
    let mut facts = support::unknown_case(bundle);
    let mut set = |path: &str, value: Value| {
        let id = schema.find(path).unwrap();
        facts[usize::from(id.0)] = value;
    };
    set("order.id", Value::Text("T1".into()));
    set("order.amount", money("800.00"));
    set("order.compensated", money("120.00"));
    set("order.item_count", number("3"));
    set("order.free_shipping", Value::Bool(true));
    set("order.presale", Value::Bool(false));
    set("order.signed_at", ago(72));
    set("order.signed_on", Value::Date("2026-11-19".parse().unwrap()));
    set("issue.class", symbol("issue_class", "product.quality.blemish"));
    set("request.type", symbol("request_type", "return_refund"));
    set("customer.words", texts(&["不给退就１２３１５见"]));
    set("request.refused", Value::List([symbol("remedy", "exchange")].into_iter().collect()));
    set(
        "order.items",
        Value::List(
            [
                item(&[("sku", Value::Text("A".into())), ("quantity", number("2")), ("unit_price", money("150.00"))]),
                item(&[("sku", Value::Text("B".into())), ("quantity", number("1"))]),
            ]
            .into_iter()
            .collect(),
        ),
    );
    facts
}

fn parameters() -> Vec<Parameter> {
    let parameter = |name: &str, ty, value| Parameter::new(name, ty, value);
    vec![
        parameter("cap", Type::Money, money("500.00")),
        parameter("percent", Type::Number, number("50")),
        parameter("window", Type::Duration, Value::Duration(Duration(48 * 3600 * SECOND))),
        parameter("words", Type::list(Type::Text), texts(&["投诉", "12315"])),
    ]
}

fn names<'a>(bundle: &'a Bundle, parameters: &'a [Parameter], calendars: &'a [Box<str>]) -> Names<'a> {
    Names { schema: bundle.schema(), parameters, functions: &[], calendars, locals: &[], it: None }
}

fn value_of(bundle: &Bundle, text: &str) -> String {
    let (parameters, calendars) = (parameters(), ["desk".into()]);
    let names = names(bundle, &parameters, &calendars);
    let typed = match script::parse_expression(text).and_then(|syntax| check::term(&syntax, None, names)) {
        Ok(typed) => typed,
        Err(problems) => return format!("REFUSED {:?}", problems.iter().map(|p| &p.message.en).collect::<Vec<_>>()),
    };
    let facts = case(bundle);
    let env = Env::new(&bundle.rules_for(None, None).program, &facts, Instant(NOW * SECOND));
    let value = typed.term.value(Scope::new(&env));
    let mut shown = show(bundle, &typed.ty, &value);
    if value.is_unknown() {
        let mut missing = MissingFacts::new();
        typed.term.missing(Scope::new(&env), &mut missing);
        let paths: Vec<String> = missing.iter().map(|missing| missing.path(bundle.schema())).collect();
        write!(shown, " missing {paths:?}").unwrap();
    }
    for failure in env.take_failures() {
        write!(shown, " failed {failure:?}").unwrap();
    }
    if let Some(at) = env.horizon() {
        write!(shown, " until {}ns", i128::from(at.0) - i128::from(NOW) * i128::from(SECOND)).unwrap();
    }
    shown
}

fn show(bundle: &Bundle, ty: &Type, value: &Value) -> String {
    match (value, ty) {
        (Value::Symbol(symbol), Type::Enum(id)) => bundle.schema().enumeration(*id).unwrap().id_of(*symbol).to_owned(),
        (Value::Number(value), _) => value.to_string(),
        (Value::Money(value), _) => format!("{value} CNY"),
        (Value::Bool(value), _) => value.to_string(),
        (Value::Duration(Duration(nanos)), _) => format!("{}s", nanos / SECOND),
        (Value::Instant(Instant(nanos)), _) => format!("now{:+}s", nanos / SECOND - NOW),
        (Value::Date(date), _) => date.to_string(),
        (Value::Unknown, _) => "unknown".to_owned(),
        (value, _) => format!("{value:?}"),
    }
}

fn errors_of(bundle: &Bundle, text: &str) -> String {
    let (parameters, calendars) = (parameters(), ["desk".into()]);
    let names = names(bundle, &parameters, &calendars);
    match script::parse_expression(text).and_then(|syntax| check::condition(&syntax, names)) {
        Ok(_) => "ACCEPTED".to_owned(),
        Err(problems) => {
            let told = problems.iter().map(|problem| {
                let help = problem.help.as_ref().map_or(String::new(), |help| format!(" [{}]", help.en));
                let at = text.get(problem.span.clone()).unwrap_or("?");
                format!("{} @ {at}: {}{help}", problem.code, problem.message.en)
            });
            told.collect::<Vec<_>>().join(" && ")
        }
    }
}

fn hold(file: &str, answer: impl Fn(&str) -> String) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/expressions").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut actual = String::new();
    for line in text.lines() {
        match line.split_once(" => ").or(line.split_once(" =>")) {
            Some((expression, _)) if !line.starts_with('#') => {
                writeln!(actual, "{expression} => {}", answer(expression.trim())).unwrap();
            }
            _ => writeln!(actual, "{line}").unwrap(),
        }
    }
    if std::env::var_os("REDRESS_BLESS").is_some() {
        std::fs::write(&path, &actual).unwrap();
    }
    for (expected, actual) in text.lines().zip(actual.lines()) {
        assert_eq!(expected, actual, "in {file}");
    }
}

#[test]
fn expressions_have_the_values_that_are_written_beside_them() {
    let bundle = support::shipped();
    hold("values.txt", |text| value_of(&bundle, text));
}

#[test]
fn wrong_expressions_are_refused_as_is_written_beside_them() {
    let bundle = support::shipped();
    hold("errors.txt", |text| errors_of(&bundle, text));
}
