//! What Rhai itself says of a condition: the same text, run by Rhai over the same facts. The native evaluation of
//! `expr` is held to it by random testing; nothing else uses it.
//!
//! Rhai knows no unknown. A fact that is not known is Rhai's `()`, which `known(x)` and `x ?? y` understand; whatever
//! else touches it has no value here.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use rhai::{Array, Dynamic, Map, Scope};

use super::expression::{MAX_DEPTH, spell_parameters};
use super::failure;
use super::functions;
use super::lexemes::Lexemes;
use super::operators::number;
use super::room::with_room;
use super::sandbox::{Sandbox, metered};
use super::values::into_script;
use crate::both;
use crate::text::Bilingual;
use crate::value::{Duration, Instant, Value};

/// Runs `text` in Rhai. `facts` are the names in reach: a fact's first part with its fields as nested maps, symbols as
/// texts, parameters with their `$`, `now` like any other. The answer is exact; money and numbers both come as numbers.
pub fn evaluate_reference(text: &str, facts: &BTreeMap<Arc<str>, Value>) -> Result<Value, Bilingual> {
    let lexemes = Lexemes::of(text);
    let text = spell_parameters(&lexemes, text).text;
    let mut scope = Scope::new();
    for (name, value) in facts {
        let name = name.strip_prefix('$').map_or_else(|| name.to_string(), |parameter| format!("_{parameter}"));
        scope.push_dynamic(name, into_reference(value).ok_or_else(no_value)?);
    }
    let result = with_room(lexemes.all.len(), || {
        metered(|| engine().eval_expression_with_scope::<Dynamic>(&mut scope, &text))
            .map_err(|error| failure::message(&error))
    });
    from_reference(&result.unwrap_or_else(|| Err(no_value()))?).ok_or_else(no_value)
}

fn no_value() -> Bilingual {
    both!("Rhai 得不出值", "Rhai gives no value")
}

fn engine() -> &'static rhai::Engine {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    let sandbox = SANDBOX.get_or_init(|| {
        let mut sandbox = Sandbox::bare();
        functions::register(&mut sandbox);
        sandbox.offer("known", |value: Dynamic| !value.is_unit());
        sandbox
            .engine
            .set_max_expr_depths(MAX_DEPTH, MAX_DEPTH)
            .set_max_variables(usize::MAX)
            .set_fail_on_invalid_map_property(false);
        sandbox
    });
    &sandbox.engine
}

/// The value with `()` for what is unknown; `None` for symbols and records, which have no names here.
fn into_reference(value: &Value) -> Option<Dynamic> {
    match value {
        Value::Unknown => Some(Dynamic::UNIT),
        Value::List(items) => Some(Dynamic::from_array(items.iter().map(into_reference).collect::<Option<Array>>()?)),
        Value::Map(fields) => {
            let fields = fields.iter().map(|(name, value)| Some(((&**name).into(), into_reference(value)?)));
            Some(Dynamic::from_map(fields.collect::<Option<Map>>()?))
        }
        known => into_script(known),
    }
}

fn from_reference(result: &Dynamic) -> Option<Value> {
    if let Ok(value) = result.as_bool() {
        return Some(Value::Bool(value));
    }
    if let Some(value) = number(result) {
        return Some(Value::Number(value));
    }
    if let Ok(text) = result.as_immutable_string_ref() {
        return Some(Value::Text(Arc::from(text.as_str())));
    }
    if let Ok(items) = result.as_array_ref() {
        let items: Option<Arc<[Value]>> = items.iter().map(from_reference).collect();
        return items.map(Value::List);
    }
    let instant = result.clone().try_cast::<Instant>().map(Value::Instant);
    let duration = || result.clone().try_cast::<Duration>().map(Value::Duration);
    let date = || result.clone().try_cast::<NaiveDate>().map(Value::Date);
    instant.or_else(duration).or_else(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::SECOND;

    fn facts() -> BTreeMap<Arc<str>, Value> {
        let record = |fields: Vec<(&str, Value)>| {
            Value::Map(Arc::new(fields.into_iter().map(|(name, value)| (name.into(), value)).collect()))
        };
        let amount = Value::Money("800.00".parse().unwrap());
        let order = record(vec![
            ("amount", amount),
            ("paid", Value::Unknown),
            ("platform", Value::Text("taobao".into())),
            ("signed_at", Value::Instant(Instant(100 * SECOND))),
            ("prices", Value::List(Arc::new([Value::Money(1.into()), Value::Money(2.into())]))),
            ("parcel", Value::Unknown),
        ]);
        [
            ("order", order),
            ("now", Value::Instant(Instant(3700 * SECOND))),
            ("$share", Value::Number("0.5".parse().unwrap())),
            ("退货", Value::Bool(true)),
        ]
        .into_iter()
        .map(|(name, value)| (name.into(), value))
        .collect()
    }

    #[test]
    fn rhai_answers_for_itself() {
        let table = [
            ("order.amount * $share", Some("Number(400.000)")),
            ("order.amount * $share == 400 && 退货", Some("Bool(true)")),
            ("1 / 3 * 3 == 1", Some("Bool(false)")),
            ("7 % 4 + 0.5", Some("Number(3.5)")),
            ("now - order.signed_at == hours(1)", Some("Bool(true)")),
            ("now - minutes(1)", Some("Instant(Instant(3640000000000))")),
            ("order.platform in [\"jd\", \"taobao\"]", Some("Bool(true)")),
            ("order.platform !in [\"jd\"]", Some("Bool(true)")),
            ("if order.amount > 500 { \"a\" } else { \"b\" }", Some("Text(\"a\")")),
            ("within(\"quality.blemish\", \"quality\")", Some("Bool(true)")),
            ("order.prices.contains(2) && order.prices.sum() == 3 && order.prices[1] == 2", Some("Bool(true)")),
            ("max(order.amount, 900)", Some("Number(900)")),
            ("round_half_even(0.125, 2)", Some("Number(0.12)")),
            ("-order.amount", Some("Number(-800.00)")),
            ("known(order.paid)", Some("Bool(false)")),
            ("known(order.amount)", Some("Bool(true)")),
            ("order.paid ?? 5", Some("Number(5)")),
            ("order.paid ?? order.amount ?? 5", Some("Number(800.00)")),
            ("false && order.paid > 5", Some("Bool(false)")),
            ("order.paid > 5", None),
            ("order.paid", None),
            ("order.paid > 5 && false", None),
            ("order.paid == order.paid", None),
            ("order.parcel.weight", None),
            ("order.wight ?? 1", Some("Number(1)")),
            ("wibble", None),
            ("order.amount <= \"500\"", None),
            ("1 / 0", None),
            ("order.amount +", None),
        ];
        for (text, expected) in table {
            let answer = evaluate_reference(text, &facts()).ok().map(|value| format!("{value:?}"));
            assert_eq!(answer.as_deref(), expected, "{text}");
        }
    }
}
