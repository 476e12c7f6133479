//! Plain values in protobuf's JSON: checked against their types, exact, and spelled as the API spells them.

use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDate};
use pbjson_types::Timestamp;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Map, Value, json};

use crate::both;
use crate::diagnostic::{Diagnostic, Problems, codes};
use crate::expr::check::suggestion;
use crate::facts::{ENUMS, EnumId, FactId, Members, RecordId, Schema, Type};
use crate::policy::decode::{Decode, wrong_form};
use crate::source::tree::{Key, Node, NodeKind};
use crate::text::{Bilingual, quoted};
use crate::value::{Duration, Instant, SECOND};

/// Digits after the point that `google.type.Money` carries.
const MONEY_DIGITS: u32 = 9;

/// What values are read against.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'b> {
    pub schema: &'b Schema,
    /// ISO 4217 code of the bundle's currency.
    pub currency: &'b str,
}

/// How a value travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// In a field of its own type.
    Typed,
    /// In a field of its own type that is a fraction: rates and scores.
    Fraction,
    /// In a `google.protobuf.Struct`, exact values as text.
    Free,
}

impl Wire {
    /// How the value of a fact travels.
    fn of(path: &str) -> Self {
        if path.starts_with("attributes.") {
            Wire::Free
        } else if path.starts_with("shop.metrics.") {
            Wire::Fraction
        } else {
            Wire::Typed
        }
    }
}

impl Reading<'_> {
    /// The value of a fact.
    pub fn fact(&self, fact: FactId, node: &Node, problems: &mut Problems) -> Option<Value> {
        let fact = self.schema.fact(fact)?;
        self.value(&fact.ty, Wire::of(&fact.path), node, problems)
    }

    pub fn value(&self, ty: &Type, wire: Wire, node: &Node, problems: &mut Problems) -> Option<Value> {
        let free = wire == Wire::Free;
        match ty {
            Type::Bool => bool::decode(node, problems).map(Value::Bool),
            Type::Number => number(wire, node, problems),
            Type::Money if free => Decimal::decode(node, problems).map(|amount| Value::String(amount.to_string())),
            Type::Money => self.money(node, problems),
            Type::Text => text(node, problems),
            Type::Instant => {
                let at = DateTime::<FixedOffset>::decode(node, problems)?;
                Some(Value::String(at.to_utc().to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)))
            }
            Type::Date if free => NaiveDate::decode(node, problems).map(|day| Value::String(day.to_string())),
            Type::Date => {
                let day = NaiveDate::decode(node, problems)?;
                Some(json!({ "year": day.year(), "month": day.month(), "day": day.day() }))
            }
            Type::Duration => {
                let seconds = Duration::decode(node, problems)?.0.checked_div(SECOND)?;
                Some(Value::String(format!("{seconds}s")))
            }
            Type::Enum(of) => self.word(*of, wire, node, problems),
            Type::List(of) => self.list(of, wire, node, problems),
            Type::Record(of) => self.record(*of, wire, node, problems),
            Type::Map(of) => self.map(of, wire, node, problems),
            // Pairs are made by expressions; no fact is one.
            Type::Pair(_) => None,
        }
    }

    fn money(&self, node: &Node, problems: &mut Problems) -> Option<Value> {
        let amount = Decimal::decode(node, problems)?.normalize();
        let parts = (amount.scale() <= MONEY_DIGITS).then(|| {
            let billionth = 10_i128.checked_pow(MONEY_DIGITS.checked_sub(amount.scale())?)?;
            let nanos = amount.mantissa().checked_mul(billionth)?;
            let unit = 10_i128.checked_pow(MONEY_DIGITS)?;
            Some((i64::try_from(nanos.checked_div(unit)?).ok()?, i32::try_from(nanos.checked_rem(unit)?).ok()?))
        });
        let Some((units, nanos)) = parts.flatten() else {
            let help = if amount.scale() > MONEY_DIGITS {
                both!("金额最多精确到分（两位小数）", "an amount has at most two digits after the point")
            } else {
                both!("这个金额太大了", "it is too large for an amount")
            };
            problems.push(wrong_form(node, &both!("一个金额", "an amount")).help(help));
            return None;
        };
        Some(json!({ "currencyCode": self.currency, "units": units.to_string(), "nanos": nanos }))
    }

    /// A name of one of the bundle's vocabularies, or a member of one of our own sets.
    fn word(&self, of: EnumId, wire: Wire, node: &Node, problems: &mut Problems) -> Option<Value> {
        let enumeration = self.schema.enumeration(of)?;
        let known = ENUMS.iter().find(|known| known.name == &*enumeration.name);
        let (zh, en) = known.map_or(("取值", "value"), |known| (known.zh, known.en));
        let NodeKind::Scalar(scalar) = &node.kind else {
            problems.push(wrong_form(node, &Bilingual::new(format!("一个{zh}"), format!("a {en}"))));
            return None;
        };
        let Some(symbol) = enumeration.find(&scalar.text) else {
            let theirs = quoted(&scalar.text);
            let message = both!("{theirs} 不是已有的{zh}", "{theirs} is not a known {en}");
            let help = suggestion(&scalar.text, enumeration.members.iter().map(|member| &*member.id));
            let problem = Diagnostic::error(codes::UNKNOWN_NAME, node.span.clone(), message);
            problems.push(help.into_iter().fold(problem, Diagnostic::help));
            return None;
        };
        let fixed = matches!(known.map(|known| known.members), Some(Members::Fixed(_)));
        // The wire's 0 is "not said"; a test holds that its members stand in our order.
        let number = || Value::from(u32::from(symbol.0).saturating_add(1));
        Some(if fixed && wire != Wire::Free { number() } else { Value::String(scalar.text.to_string()) })
    }

    fn list(&self, of: &Type, wire: Wire, node: &Node, problems: &mut Problems) -> Option<Value> {
        let NodeKind::List(items) = &node.kind else {
            problems.push(wrong_form(node, &both!("一个列表", "a list")));
            return None;
        };
        let read: Vec<Option<Value>> = items.iter().map(|item| self.value(of, wire, item, problems)).collect();
        read.into_iter().collect::<Option<Vec<Value>>>().map(Value::Array)
    }

    fn record(&self, of: RecordId, wire: Wire, node: &Node, problems: &mut Problems) -> Option<Value> {
        let record = self.schema.record(of)?;
        let entries = entries(node, problems)?;
        let mut object = Map::new();
        let mut sound = true;
        for (key, value) in entries {
            let Some(field) = record.fields.iter().find(|field| *field.name == *key.text) else {
                let theirs = quoted(&key.text);
                let message = both!("这里没有 {theirs} 这一项", "there is no field {theirs} here");
                let help = suggestion(&key.text, record.fields.iter().map(|field| &*field.name));
                let problem = Diagnostic::error(codes::UNKNOWN_KEY, key.span.clone(), message);
                problems.push(help.into_iter().fold(problem, Diagnostic::help));
                sound = false;
                continue;
            };
            let read = match (&field.ty, &value.kind) {
                (Type::List(_), NodeKind::List(items)) if items.is_empty() && wire != Wire::Free => {
                    problems.push(unsayable(value));
                    None
                }
                _ => self.value(&field.ty, wire, value, problems),
            };
            match read {
                Some(read) => drop(object.insert(key.text.to_string(), read)),
                None => sound = false,
            }
        }
        sound.then_some(Value::Object(object))
    }

    fn map(&self, of: &Type, wire: Wire, node: &Node, problems: &mut Problems) -> Option<Value> {
        let entries = entries(node, problems)?;
        let read: Vec<Option<(String, Value)>> = entries
            .iter()
            .map(|(key, value)| Some((key.text.to_string(), self.value(of, wire, value, problems)?)))
            .collect();
        read.into_iter().collect::<Option<Map<String, Value>>>().map(Value::Object)
    }
}

fn number(wire: Wire, node: &Node, problems: &mut Problems) -> Option<Value> {
    let number = Decimal::decode(node, problems)?;
    match wire {
        Wire::Free => Some(Value::String(number.to_string())),
        Wire::Fraction => Some(json!({ "value": number.to_string() })),
        Wire::Typed => {
            let count = number.is_integer().then(|| number.to_i32()).flatten();
            if count.is_none() {
                problems.push(wrong_form(node, &both!("一个不带小数的数", "a whole number")));
            }
            count.map(Value::from)
        }
    }
}

/// Any text; an empty one only in quotes, which show that it is meant.
fn text(node: &Node, problems: &mut Problems) -> Option<Value> {
    match &node.kind {
        NodeKind::Scalar(scalar) if scalar.quoted => Some(Value::String(scalar.text.to_string())),
        NodeKind::Scalar(_) | NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => {
            String::decode(node, problems).map(Value::String)
        }
    }
}

fn entries<'n>(node: &'n Node, problems: &mut Problems) -> Option<&'n [(Key, Node)]> {
    if let NodeKind::Map(entries) = &node.kind {
        return Some(entries);
    }
    problems.push(wrong_form(node, &both!("一组“键: 值”", "a group of `key: value`")));
    None
}

/// The API can name an empty list only where the list is a fact of its own.
fn unsayable(node: &Node) -> Diagnostic {
    let message = both!("这一项不能写成空列表", "this can't be an empty list");
    let help = both!("没有内容就不写这一项", "leave it out where nothing is known");
    Diagnostic::error(codes::WRONG_FORM, node.span.clone(), message).help(help)
}

/// A moment for the wire.
pub fn timestamp(at: Instant) -> Timestamp {
    Timestamp { seconds: at.0.div_euclid(SECOND), nanos: i32::try_from(at.0.rem_euclid(SECOND)).unwrap_or_default() }
}
