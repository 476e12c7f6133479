//! Every field of a request ends in the place of its own fact, and nowhere else.

use redress::facts::catalogue::StaticField;
use redress::facts::{BUILT_IN, ENUMS, Members, RECORDS, StaticType};
use redress::policy::Bundle;
use redress::rpc::from_proto::case_from;
use redress::rpc::proto::redress::v1 as wire;
use redress::value::Value;
use serde_json::{Map, Value as Json, json};

use crate::bundle::bundle;

/// A value of a type as JSON has it, and whether the fact it makes is that value.
fn sample(ty: StaticType, bundle: &Bundle) -> Json {
    match ty {
        StaticType::Bool => json!(true),
        StaticType::Number | StaticType::Count => json!(7),
        StaticType::Money => json!({ "currencyCode": "CNY", "units": "7" }),
        StaticType::Text => json!("seven"),
        StaticType::Instant => json!("2026-11-22T07:00:00Z"),
        StaticType::Date => json!({ "year": 2026, "month": 11, "day": 22 }),
        StaticType::Duration => json!("7s"),
        StaticType::Enum(name) => match ENUMS.iter().find(|known| known.name == name).unwrap().members {
            Members::Fixed(_) => json!(2),
            Members::Vocabulary { .. } => {
                let schema = bundle.schema();
                let of = schema.enumeration(schema.enum_named(name).unwrap()).unwrap();
                json!(&*of.members[1].id)
            }
        },
        StaticType::Record(_) => json!({}),
        StaticType::List(of) => json!([sample(*of, bundle)]),
        StaticType::Map(_) => unreachable!("no built-in fact is a map"),
    }
}

/// Whether a value is what the sample of its type means.
fn is_sample(value: &Value, ty: StaticType) -> bool {
    let seven = rust_decimal::Decimal::from(7);
    match (value, ty) {
        (Value::Bool(flag), StaticType::Bool) => *flag,
        (Value::Number(number), StaticType::Number | StaticType::Count) | (Value::Money(number), StaticType::Money) => {
            *number == seven
        }
        (Value::Text(text), StaticType::Text) => &**text == "seven",
        (Value::Instant(at), StaticType::Instant) => at.0 == 1_795_330_800_000_000_000,
        (Value::Date(day), StaticType::Date) => day.to_string() == "2026-11-22",
        (Value::Duration(length), StaticType::Duration) => length.0 == 7_000_000_000,
        (Value::Symbol(symbol), StaticType::Enum(_)) => symbol.0 == 1,
        (Value::Record(fields), StaticType::Record(_)) => fields.iter().all(Value::is_unknown),
        (Value::List(list), StaticType::List(of)) => list.len() == 1 && is_sample(&list[0], *of),
        _ => false,
    }
}

/// A message with one field set, at its path.
fn nested(path: &str, value: Json) -> Json {
    path.rsplit('.').fold(value, |inner, name| json!({ name: inner }))
}

/// The facts of a case with only `path` set, and beside it what has to be there.
fn read(bundle: &Bundle, path: &str, value: Json) -> Vec<Value> {
    let message = nested(path, value);
    let of = |root: &str| message.get(root).cloned().unwrap_or_else(|| json!({}));
    let named = |mut part: Json, field: &str, name: &str| {
        part.as_object_mut().unwrap().entry(field).or_insert(json!(name));
        part
    };
    let in_case = !path.starts_with("actor.") && !path.starts_with("action.");
    let case: wire::Case = serde_json::from_value(if in_case { message.clone() } else { json!({}) }).unwrap();
    let actor: wire::Actor = serde_json::from_value(named(of("actor"), "role", "agent")).unwrap();
    let action: wire::Action = serde_json::from_value(named(of("action"), "name", "compensate")).unwrap();
    case_from(bundle, &case, &actor, Some(&action)).unwrap_or_else(|wrong| panic!("{path}: {wrong:?}")).facts
}

#[test]
fn every_fact_has_its_field() {
    let bundle = bundle();
    for (at, fact) in BUILT_IN.iter().enumerate() {
        let decimal = fact.path.starts_with("shop.metrics.");
        let sent = if decimal { json!({ "value": "7" }) } else { sample(fact.ty, &bundle) };
        let facts = read(&bundle, fact.path, sent);
        assert!(is_sample(&facts[at], fact.ty), "`{}` is {:?}", fact.path, facts[at]);
        let others = facts.iter().enumerate().filter(|(other, value)| *other != at && !value.is_unknown());
        let others: Vec<_> = others.map(|(other, _)| BUILT_IN[other].path).collect();
        let required = ["actor.role", "action.name"].into_iter().filter(|path| *path != fact.path);
        assert_eq!(others, required.collect::<Vec<_>>(), "beside `{}`", fact.path);
    }
}

#[test]
fn every_field_of_a_record_has_its_place() {
    let bundle = bundle();
    for (at, fact) in BUILT_IN.iter().enumerate() {
        let StaticType::List(StaticType::Record(name)) = fact.ty else { continue };
        let record = RECORDS.iter().find(|record| record.name == *name).unwrap();
        for (position, StaticField { name, ty, .. }) in record.fields.iter().enumerate() {
            let one: Map<String, Json> = [((*name).to_owned(), sample(*ty, &bundle))].into_iter().collect();
            let facts = read(&bundle, fact.path, json!([one]));
            let Value::List(list) = &facts[at] else { panic!("`{}` is no list", fact.path) };
            let Value::Record(fields) = &list[0] else { panic!("`{}` has no records", fact.path) };
            assert!(is_sample(&fields[position], *ty), "`{}[].{name}` is {:?}", fact.path, fields[position]);
            assert_eq!(fields.iter().filter(|value| !value.is_unknown()).count(), 1, "`{}[].{name}`", fact.path);
        }
    }
}

#[test]
fn an_empty_list_is_known_where_it_is_named() {
    let bundle = bundle();
    for (at, fact) in BUILT_IN.iter().enumerate() {
        let is_list = matches!(fact.ty, StaticType::List(_)) && fact.path != "order.items";
        if !is_list {
            continue;
        }
        assert!(read(&bundle, fact.path, json!([]))[at].is_unknown(), "`{}` is unknown where it is empty", fact.path);
        let facts = read(&bundle, "empty_lists", json!([fact.path]));
        assert_eq!(facts[at], Value::List([].into()), "`{}`", fact.path);
    }
}
