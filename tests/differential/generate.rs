//! Random well-typed expressions as text, and random cases of which much is unknown.

use std::collections::BTreeMap;
use std::sync::Arc;

use redress::facts::{RecordType, Schema, Type};
use redress::policy::Bundle;
use redress::script;
use redress::value::{Duration, Instant, SECOND, Value};
use rust_decimal::Decimal;

use crate::naive::{Known, plain};
use crate::support;
use crate::support::random::Dice;

pub use crate::support::random::NOW;

const MONEY: &[&str] = &["order.amount", "order.paid", "order.compensated"];
const NUMBERS: &[&str] = &["order.item_count", "customer.orders"];
const BOOLS: &[&str] = &["order.free_shipping", "order.presale", "issue.proven"];
const TEXTS: &[&str] = &["order.id", "order.sub_id"];
const INSTANTS: &[&str] = &["order.signed_at", "order.paid_at"];
const DATES: &[&str] = &["order.signed_on", "outbound.signed_on"];
const CLASSES: &[&str] = &["product.quality.blemish", "product.quality.damage", "logistics.lost", "other.general"];
const KINDS: &[&str] = &["return_refund", "exchange", "refund_only"];
const SEVERITIES: &[&str] = &["minor", "moderate", "major"];
const WORDS: &[&str] = &["", "T1", "T12", "甲T1", "1"];
const SKUS: &[&str] = &["A", "B"];

/// A condition, mostly; sometimes a number, an amount or a time.
pub fn expression(dice: &mut Dice) -> String {
    match dice.below(8) {
        0 => number(dice, 3, false),
        1 => money(dice, 3, false),
        2 => duration(dice, 2),
        _ => boolean(dice, 4, false),
    }
}

/// `inside`: within a list of order lines, where `it` is one.
fn boolean(dice: &mut Dice, depth: u32, inside: bool) -> String {
    if depth == 0 {
        return match dice.below(4) {
            0 => dice.of(&["true", "false"]).to_owned(),
            _ => dice.of(BOOLS).to_owned(),
        };
    }
    let deeper = depth - 1;
    match dice.below(17) {
        0..3 => format!("({} && {})", boolean(dice, deeper, inside), boolean(dice, deeper, inside)),
        3..6 => format!("({} || {})", boolean(dice, deeper, inside), boolean(dice, deeper, inside)),
        6 => format!("!{}", bracketed(&boolean(dice, deeper, inside))),
        7 => format!("{} {} {}", money(dice, deeper, inside), comparison(dice), money_or_number(dice, deeper, inside)),
        8 => format!("{} {} {}", number(dice, deeper, inside), comparison(dice), number(dice, deeper, inside)),
        9 => enumerated(dice),
        10 => textual(dice),
        11 => format!("{} {} {}", duration(dice, deeper), comparison(dice), duration(dice, deeper)),
        12 => format!("{} {} {}", dice.of(INSTANTS), comparison(dice), instant(dice, deeper)),
        13 => format!("{} {} {}", dice.of(DATES), comparison(dice), dice.of(DATES)),
        14 => format!("known({})", dice.of(&[MONEY, NUMBERS, TEXTS, INSTANTS].concat())),
        15 if !inside => {
            let quantifier = dice.of(&["any", "all", "none"]);
            format!("{quantifier}(order.items, {})", element(dice, deeper))
        }
        _ => {
            let (a, b) = (boolean(dice, deeper, inside), boolean(dice, deeper, inside));
            match dice.below(3) {
                0 => format!("({} ?? {})", dice.of(BOOLS), bracketed(&b)),
                1 => format!("({} == {})", bracketed(&a), bracketed(&b)),
                _ => format!("(if {} {{ {a} }} else {{ {b} }})", boolean(dice, deeper, inside)),
            }
        }
    }
}

fn element(dice: &mut Dice, depth: u32) -> String {
    match dice.below(4) {
        0 => format!("it.sku == \"{}\"", dice.of(SKUS)),
        1 => format!("it.quantity {} {}", comparison(dice), dice.below(4)),
        2 => format!("it.unit_price {} {}", comparison(dice), money_or_number(dice, depth.min(1), true)),
        _ => boolean(dice, depth, true),
    }
}

fn bracketed(text: &str) -> String {
    format!("({text})")
}

fn comparison(dice: &mut Dice) -> &'static str {
    dice.of(&["==", "!=", "<", "<=", ">", ">="])
}

fn enumerated(dice: &mut Dice) -> String {
    match dice.below(5) {
        0 => format!("issue.class == \"{}\"", dice.of(CLASSES)),
        1 => format!("within(issue.class, \"{}\")", dice.of(&["product", "product.quality", "logistics", "other"])),
        2 => format!("request.type in [\"{}\", \"{}\"]", dice.of(KINDS), dice.of(KINDS)),
        3 => format!("issue.severity != \"{}\"", dice.of(SEVERITIES)),
        _ => format!("\"{}\" in request.refused", dice.of(&["exchange", "compensate"])),
    }
}

fn textual(dice: &mut Dice) -> String {
    match dice.below(3) {
        0 => format!("{} {} \"{}\"", dice.of(TEXTS), dice.of(&["==", "!="]), dice.of(WORDS)),
        1 => format!("{} == {}", dice.of(TEXTS), dice.of(TEXTS)),
        _ => {
            let test = dice.of(&["contains", "starts_with", "ends_with"]);
            format!("{test}({}, \"{}\")", dice.of(TEXTS), dice.of(WORDS))
        }
    }
}

fn literal(dice: &mut Dice) -> String {
    dice.of(&["0", "1", "2", "3", "0.5", "150", "150.01", "99.99", "500", "1000000"]).to_owned()
}

fn number(dice: &mut Dice, depth: u32, inside: bool) -> String {
    if depth == 0 {
        return if dice.below(2) == 0 { literal(dice) } else { dice.of(NUMBERS).to_owned() };
    }
    let deeper = depth - 1;
    match dice.below(9) {
        0 => format!("({} + {})", number(dice, deeper, inside), number(dice, deeper, inside)),
        1 => format!("({} - {})", number(dice, deeper, inside), number(dice, deeper, inside)),
        2 => format!("({} * {})", number(dice, 0, inside), number(dice, 0, inside)),
        3 => format!("({} / {})", number(dice, deeper, inside), literal(dice)),
        4 => format!("({} % {})", number(dice, 0, inside), literal(dice)),
        5 if !inside => format!("count(order.items, {})", element(dice, deeper.min(2))),
        6 if !inside => "sum(order.items, it.quantity)".to_owned(),
        7 => {
            let rounding = dice.of(&["round_down", "round_half_up", "round_half_even"]);
            format!("{rounding}({}, {})", number(dice, deeper, inside), dice.below(3))
        }
        _ => match dice.below(4) {
            0 => format!("({} ?? {})", dice.of(NUMBERS), literal(dice)),
            1 => format!("len({})", dice.of(TEXTS)),
            2 => format!("abs({})", number(dice, deeper, inside)),
            _ => format!("{}({}, {})", dice.of(&["min", "max"]), number(dice, 0, inside), number(dice, 0, inside)),
        },
    }
}

fn money_or_number(dice: &mut Dice, depth: u32, inside: bool) -> String {
    if dice.below(2) == 0 { literal(dice) } else { money(dice, depth, inside) }
}

fn money(dice: &mut Dice, depth: u32, inside: bool) -> String {
    if depth == 0 {
        return dice.of(MONEY).to_owned();
    }
    let deeper = depth - 1;
    match dice.below(7) {
        0 => format!("({} + {})", money(dice, deeper, inside), money_or_number(dice, deeper, inside)),
        1 => format!("({} - {})", money(dice, deeper, inside), money(dice, deeper, inside)),
        2 => format!("({} * {})", money(dice, 0, inside), number(dice, 0, inside)),
        3 => format!("({} / {})", money(dice, 0, inside), literal(dice)),
        4 => format!("percent({}, {})", dice.of(&["50", "12.5", "300", "33.333"]), money(dice, 0, inside)),
        5 if !inside => "sum(order.items, it.unit_price)".to_owned(),
        _ => format!("({} ?? {})", dice.of(MONEY), literal(dice)),
    }
}

/// Times that stand still: those reckoned from now may only be compared.
fn duration(dice: &mut Dice, depth: u32) -> String {
    match dice.below(4) {
        0 => format!("hours({})", dice.of(&["0", "24", "48", "168", "0.5"])),
        1 if depth > 0 => format!("({} - {})", dice.of(INSTANTS), dice.of(INSTANTS)),
        2 if depth > 0 => format!("(hours({}) + hours(1))", dice.below(200)),
        _ => format!("hours({})", dice.below(200)),
    }
}

fn instant(dice: &mut Dice, depth: u32) -> String {
    match dice.below(3) {
        0 => "now".to_owned(),
        1 if depth > 0 => format!("({} + hours({}))", dice.of(INSTANTS), dice.below(200)),
        _ => dice.of(INSTANTS).to_owned(),
    }
}

/// Random cases over the facts that expressions name.
pub struct Cases<'b> {
    bundle: &'b Bundle,
}

impl<'b> Cases<'b> {
    pub fn new(bundle: &'b Bundle) -> Self {
        Self { bundle }
    }

    /// Each fact unknown in one case of four.
    pub fn random(&self, dice: &mut Dice) -> Vec<Value> {
        let schema = self.bundle.schema();
        let mut facts = support::unknown_case(self.bundle);
        let certain = dice.below(4) == 0;
        for path in paths() {
            if certain || dice.below(4) > 0 {
                let id = schema.find(path).unwrap();
                facts[usize::from(id.0)] = self.value(dice, path, &schema.fact(id).unwrap().ty, certain);
            }
        }
        facts
    }

    fn value(&self, dice: &mut Dice, path: &str, ty: &Type, certain: bool) -> Value {
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        match ty {
            Type::Bool => Value::Bool(dice.below(2) == 0),
            Type::Number => Value::Number(Decimal::from(dice.below(5))),
            Type::Money => {
                Value::Money(decimal(dice.of(&["0", "0.01", "99.99", "150", "150.00", "150.01", "500", "1333.33"])))
            }
            Type::Text => Value::Text(dice.of(if path.ends_with("sku") { SKUS } else { WORDS }).into()),
            Type::Instant => Value::Instant(Instant(NOW - i64::try_from(dice.below(200)).unwrap() * 3600 * SECOND)),
            Type::Date => Value::Date(format!("2026-11-{:02}", 1 + dice.below(28)).parse().unwrap()),
            Type::Enum(id) => {
                let of = self.bundle.schema().enumeration(*id).unwrap();
                let names = match &*of.name {
                    "issue_class" => CLASSES,
                    "request_type" => KINDS,
                    "severity" => SEVERITIES,
                    _ => &["exchange", "compensate"][..],
                };
                Value::Symbol(of.find(dice.of(names)).unwrap())
            }
            Type::List(of) => {
                let length = dice.below(4);
                Value::List((0..length).map(|_| self.value(dice, path, of, certain)).collect())
            }
            Type::Record(id) => self.record(dice, self.bundle.schema().record(*id).unwrap(), certain),
            other => panic!("{path} is {other:?}"),
        }
    }

    fn record(&self, dice: &mut Dice, record: &RecordType, certain: bool) -> Value {
        let field = |field: &redress::facts::Field| {
            let told = matches!(&*field.name, "sku" | "quantity" | "unit_price") && (certain || dice.below(4) > 0);
            if told { self.value(dice, &field.name, &field.ty, certain) } else { Value::Unknown }
        };
        Value::Record(record.fields.iter().map(field).collect())
    }

    /// The facts as nested names, for the references.
    pub fn known(&self, facts: &[Value]) -> BTreeMap<String, Known> {
        let schema = self.bundle.schema();
        let mut names = BTreeMap::new();
        for path in paths() {
            let id = schema.find(path).unwrap();
            let value = plain(self.bundle, &schema.fact(id).unwrap().ty, &facts[usize::from(id.0)]);
            let (group, field) = path.split_once('.').unwrap();
            let group = names.entry(group.to_owned()).or_insert_with(|| Known::Record(BTreeMap::new()));
            let Known::Record(fields) = group else { unreachable!() };
            fields.insert(field.to_owned(), value);
        }
        names
    }

    /// What a failure shows of a case.
    pub fn told(&self, facts: &[Value]) -> Vec<(String, Known)> {
        let schema: &Schema = self.bundle.schema();
        let value = |path: &&str| {
            let id = schema.find(path).unwrap();
            ((*path).to_owned(), plain(self.bundle, &schema.fact(id).unwrap().ty, &facts[usize::from(id.0)]))
        };
        paths().iter().map(value).filter(|(_, value)| *value != Known::Unknown).collect()
    }

    /// What Rhai itself says, where it says anything.
    pub fn by_rhai(&self, text: &str, facts: &[Value]) -> Option<Known> {
        let known = self.known(facts);
        let mut names: BTreeMap<Arc<str>, Value> =
            known.iter().map(|(name, value)| (name.as_str().into(), for_rhai(value))).collect();
        names.insert("now".into(), Value::Instant(Instant(NOW)));
        script::evaluate_reference(text, &names).ok().map(|value| from_rhai(&value))
    }
}

fn for_rhai(value: &Known) -> Value {
    match value {
        Known::Unknown => Value::Unknown,
        Known::Bool(value) => Value::Bool(*value),
        Known::Number(value) => Value::Number(*value),
        Known::Text(text) => Value::Text(text.as_str().into()),
        Known::Instant(nanos) => Value::Instant(Instant(*nanos)),
        Known::Duration(nanos) => Value::Duration(Duration(*nanos)),
        Known::Date(date) => Value::Date(*date),
        Known::List(list) => Value::List(list.iter().map(for_rhai).collect()),
        Known::Record(fields) => {
            let fields = fields.iter().map(|(name, value)| (Arc::from(name.as_str()), for_rhai(value)));
            Value::Map(Arc::new(fields.collect()))
        }
    }
}

fn from_rhai(value: &Value) -> Known {
    match value {
        Value::Bool(value) => Known::Bool(*value),
        Value::Number(value) | Value::Money(value) => Known::Number(value.normalize()),
        Value::Text(text) => Known::Text(text.to_string()),
        Value::Instant(at) => Known::Instant(at.0),
        Value::Duration(length) => Known::Duration(length.0),
        Value::Date(date) => Known::Date(*date),
        Value::List(list) => Known::List(list.iter().map(from_rhai).collect()),
        Value::Unknown => Known::Unknown,
        other => panic!("Rhai gives {other:?}"),
    }
}

fn paths() -> Vec<&'static str> {
    let more = ["issue.class", "request.type", "issue.severity", "request.refused", "order.items"];
    [MONEY, NUMBERS, BOOLS, TEXTS, INSTANTS, DATES, &more].concat()
}
