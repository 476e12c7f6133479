//! The shop's own facts, sent as free JSON and read by the types that its bundle declares.
//!
//! JSON's numbers are binary fractions: what has to be exact is sent as text, and a number is taken only where it is a
//! whole one that loses nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use pbjson_types::value::Kind;
use pbjson_types::{ListValue, Struct};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::leaves::{self, Fault, PROSE_MAX, Read, Reading};
use super::reader::Reader;
use crate::both;
use crate::facts::{FactId, Origin, Type};
use crate::rpc::violation::{Reason, Violation};
use crate::text::{Bilingual, quoted};
use crate::value::Value;

/// What expressions write before an attribute's name.
const PREFIX: &str = "attributes.";

/// How deep attributes may nest.
const DEPTH_MAX: usize = 8;

/// How many single values they may hold.
const LEAVES_MAX: usize = 2_000;

/// Whole numbers below this are exact in JSON: 2^53.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

impl Reader<'_> {
    pub(super) fn attributes(&mut self, sent: &Struct) {
        let mut walk = Walk {
            reading: self.reading,
            path: String::from("case.attributes"),
            depth: 0,
            leaves: 0,
            found: Vec::new(),
            violations: Vec::new(),
        };
        walk.all(sent);
        let Walk { found, violations, .. } = walk;
        self.violations.extend(violations);
        for (fact, value) in found {
            self.set(fact, value);
        }
    }
}

struct Walk<'b> {
    reading: Reading<'b>,
    /// Of what is being read, as a violation names it.
    path: String,
    depth: usize,
    leaves: usize,
    found: Vec<(FactId, Value)>,
    violations: Vec<Violation>,
}

impl Walk<'_> {
    /// Each under its name; in the order of their names, so that the same request is refused in the same words.
    fn all(&mut self, sent: &Struct) {
        let mut keys: Vec<_> = sent.fields.iter().collect();
        keys.sort_by_key(|(key, _)| *key);
        for (key, value) in keys {
            self.inside(&format!(".{key}"), |walk| walk.attribute(key, value));
        }
    }

    fn attribute(&mut self, name: &str, sent: &pbjson_types::Value) {
        let schema = self.reading.schema;
        match schema.find(&format!("{PREFIX}{name}")).and_then(|id| Some((id, &schema.fact(id)?.ty))) {
            Some((fact, ty)) => {
                let value = self.value(ty, sent);
                self.found.push((fact, value));
            }
            None => self.unknown(name),
        }
    }

    /// The attributes of the bundle.
    fn names(&self) -> impl Iterator<Item = &str> + Clone {
        let facts = self.reading.schema.facts().iter().filter(|fact| fact.origin == Origin::Attribute);
        facts.map(|fact| fact.path.strip_prefix(PREFIX).unwrap_or(&fact.path))
    }

    fn unknown(&mut self, name: &str) {
        let theirs = quoted(name);
        let mut said = both!("规则包没有声明属性 {theirs}", "the bundle declares no attribute {theirs}");
        leaves::add_suggestion(&mut said, name, self.names());
        self.refuse(Reason::UNKNOWN_ATTRIBUTE, said);
    }

    /// Runs `read` with the path extended.
    fn inside<T>(&mut self, step: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        self.path.push_str(step);
        let value = read(self);
        self.path.truncate(length);
        value
    }

    fn refuse(&mut self, reason: Reason, description: Bilingual) {
        self.violations.push(Violation::new(self.path.clone(), reason, description));
    }

    /// A value of a declared type; unknown where it is absent or refused.
    fn value(&mut self, ty: &Type, sent: &pbjson_types::Value) -> Value {
        if self.leaves > LEAVES_MAX {
            return Value::Unknown;
        }
        self.leaves = self.leaves.saturating_add(1);
        if self.leaves > LEAVES_MAX {
            let description =
                both!("属性过多；最多 {LEAVES_MAX} 个值", "there are too many attributes; at most {LEAVES_MAX} values");
            self.violations.push(Violation::new("case.attributes", Reason::TOO_MANY_VALUES, description));
            return Value::Unknown;
        }
        if self.depth >= DEPTH_MAX {
            self.refuse(
                Reason::TOO_DEEP,
                both!("嵌套过深；最多 {DEPTH_MAX} 层", "it is nested too deep; at most {DEPTH_MAX} levels"),
            );
            return Value::Unknown;
        }
        self.depth = self.depth.saturating_add(1);
        let read = self.of_type(ty, sent);
        self.depth = self.depth.saturating_sub(1);
        read.unwrap_or_else(|fault| {
            self.refuse(fault.reason, fault.description);
            Value::Unknown
        })
    }

    fn of_type(&mut self, ty: &Type, sent: &pbjson_types::Value) -> Read {
        let Some(kind) = &sent.kind else { return Ok(Value::Unknown) };
        match (ty, kind) {
            (_, Kind::NullValue(_)) => Ok(Value::Unknown),
            (Type::Bool, Kind::BoolValue(flag)) => Ok(Value::Bool(*flag)),
            (Type::Number, Kind::NumberValue(number)) => whole(*number),
            (Type::Number, Kind::StringValue(text)) => leaves::number_text(text),
            (Type::Money, Kind::StringValue(text)) => leaves::money_text(text),
            (Type::Money, Kind::NumberValue(_)) => {
                let description = both!("金额写成文字，如 `\"12.50\"`", "send an amount as text, such as `\"12.50\"`");
                Err(Fault::new(Reason::INEXACT_NUMBER, description))
            }
            (Type::Text, Kind::StringValue(text)) => leaves::text(text, PROSE_MAX),
            (Type::Instant, Kind::StringValue(text)) => leaves::instant_text(text),
            (Type::Date, Kind::StringValue(text)) => leaves::date_text(text),
            (Type::Duration, Kind::StringValue(text)) => leaves::duration_text(text),
            (Type::Enum(_), Kind::StringValue(name)) => leaves::name(&self.reading, ty, name),
            (Type::List(of), Kind::ListValue(list)) => self.list(of, list),
            (Type::Map(of), Kind::StructValue(map)) => self.map(of, map),
            (Type::Record(_), Kind::StructValue(record)) => Ok(self.record(ty, record)),
            (ty, _) => Err(wrong_type(ty)),
        }
    }

    fn list(&mut self, of: &Type, sent: &ListValue) -> Read {
        leaves::check_count(sent.values.len())?;
        let elements = sent.values.iter().enumerate();
        let elements = elements.map(|(at, element)| self.inside(&format!("[{at}]"), |walk| walk.value(of, element)));
        Ok(Value::List(elements.collect()))
    }

    fn map(&mut self, of: &Type, sent: &Struct) -> Read {
        leaves::check_count(sent.fields.len())?;
        let mut map: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        // In one order, so that the same mistakes are told in the same order.
        let mut fields: Vec<_> = sent.fields.iter().collect();
        fields.sort_unstable_by_key(|(key, _)| *key);
        for (key, value) in fields {
            leaves::check_length(key, leaves::TEXT_MAX)?;
            let value = self.inside(&format!(".{key}"), |walk| walk.value(of, value));
            map.insert(key.as_str().into(), value);
        }
        Ok(Value::Map(Arc::new(map)))
    }

    fn record(&mut self, ty: &Type, sent: &Struct) -> Value {
        let Type::Record(record) = ty else { return Value::Unknown };
        let Some(ty) = self.reading.schema.record(*record) else { return Value::Unknown };
        let mut unknown: Vec<&String> =
            sent.fields.keys().filter(|key| !ty.fields.iter().any(|field| *field.name == ***key)).collect();
        unknown.sort();
        for key in unknown {
            let theirs = quoted(key);
            let mut said = both!("没有字段 {theirs}", "there is no field {theirs}");
            leaves::add_suggestion(&mut said, key, ty.fields.iter().map(|field| &*field.name));
            self.inside(&format!(".{key}"), |walk| walk.refuse(Reason::UNKNOWN_ATTRIBUTE, said));
        }
        let values = ty.fields.iter().map(|field| match sent.fields.get(&*field.name) {
            Some(value) => self.inside(&format!(".{}", field.name), |walk| walk.value(&field.ty, value)),
            None => Value::Unknown,
        });
        Value::Record(values.collect())
    }
}

/// A number that JSON holds exactly.
fn whole(number: f64) -> Read {
    let exact = number.fract() == 0.0 && number.abs() < EXACT_MAX;
    let whole = if exact { number.to_i64() } else { None };
    let whole = whole.ok_or_else(|| {
        let description = both!(
            "JSON 的小数不精确，`{number}` 请写成文字 `\"{number}\"`",
            "fractions are not exact in JSON; send `{number}` as text: `\"{number}\"`"
        );
        Fault::new(Reason::INEXACT_NUMBER, description)
    })?;
    leaves::number_text(&Decimal::from(whole).to_string())
}

fn wrong_type(ty: &Type) -> Fault {
    let (zh, en) = match ty {
        Type::Bool => ("true 或 false", "true or false"),
        Type::Number => ("数，或写成文字的数", "a number, or a number as text"),
        Type::Money => ("写成文字的金额，如 `\"12.50\"`", "an amount as text, such as `\"12.50\"`"),
        Type::Text => ("文字", "a text"),
        Type::Instant => {
            ("时间，如 `\"2026-11-22T15:00:00+08:00\"`", "a time, such as `\"2026-11-22T15:00:00+08:00\"`")
        }
        Type::Date => ("日期，如 `\"2026-11-22\"`", "a date, such as `\"2026-11-22\"`"),
        Type::Duration => ("时长，如 `\"36h\"`", "a length of time, such as `\"36h\"`"),
        Type::Enum(_) => ("可选值之一的名称", "the name of one of its values"),
        Type::Record(_) | Type::Map(_) | Type::Pair(_) => ("对象", "an object"),
        Type::List(_) => ("列表", "a list"),
    };
    Fault::new(Reason::WRONG_TYPE, both!("应为{zh}", "it has to be {en}"))
}
