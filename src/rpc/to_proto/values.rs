//! Single values onto the wire, exactly as the engine holds them.

use chrono::{Datelike as _, NaiveDate};
use pbjson_types::{Duration as WireDuration, Timestamp};
use rust_decimal::Decimal;

use crate::facts::{Schema, Type};
use crate::rpc::proto::google::r#type::{Date, Decimal as WireDecimal, Money};
use crate::rpc::proto::redress::v1 as wire;
use crate::rpc::proto::redress::v1::value::Kind;
use crate::value::{Duration, Instant, SECOND, Value};

/// Digits after the point that a `Money` carries.
const MONEY_DIGITS: u32 = 9;

/// A value of a type; without a kind where it is unknown.
pub fn value(value: &Value, ty: &Type, schema: &Schema, currency: &str) -> wire::Value {
    let nested = |element: &Value, of: &Type| self::value(element, of, schema, currency);
    let kind = match (value, ty) {
        (Value::Bool(flag), _) => Some(Kind::BoolValue(*flag)),
        (Value::Number(number), _) => Some(Kind::NumberValue(decimal(*number))),
        (Value::Money(amount), _) => Some(Kind::MoneyValue(money(*amount, currency))),
        (Value::Text(text), _) => Some(Kind::TextValue(text.to_string())),
        (Value::Symbol(symbol), Type::Enum(of)) => {
            schema.enumeration(*of).map(|of| Kind::NameValue(of.id_of(*symbol).to_owned()))
        }
        (Value::Instant(at), _) => Some(Kind::InstantValue(timestamp(*at))),
        (Value::Date(day), _) => Some(Kind::DateValue(date(*day))),
        (Value::Duration(length), _) => Some(Kind::DurationValue(duration(*length))),
        (Value::List(list), Type::List(of)) => {
            Some(Kind::ListValue(wire::ValueList { values: list.iter().map(|element| nested(element, of)).collect() }))
        }
        (Value::Record(fields), Type::Record(of)) => schema.record(*of).map(|of| {
            let named = of.fields.iter().zip(&**fields);
            let fields = named.map(|(field, value)| (field.name.to_string(), nested(value, &field.ty)));
            Kind::MapValue(wire::ValueMap { fields: fields.collect() })
        }),
        (Value::Record(sides), Type::Pair(of)) => {
            let named = ["first", "second"].into_iter().zip(&**sides).zip([&of.0, &of.1]);
            let fields = named.map(|((name, value), of)| (name.to_owned(), nested(value, of)));
            Some(Kind::MapValue(wire::ValueMap { fields: fields.collect() }))
        }
        (Value::Map(map), Type::Map(of)) => {
            let fields = map.iter().map(|(key, value)| (key.to_string(), nested(value, of)));
            Some(Kind::MapValue(wire::ValueMap { fields: fields.collect() }))
        }
        // A value is of its fact's type; one that were not could not be spelled, no more than an unknown one.
        (Value::Unknown | Value::Symbol(_) | Value::List(_) | Value::Record(_) | Value::Map(_), _) => None,
    };
    wire::Value { kind }
}

/// An amount, cut to the billionth.
pub fn money(amount: Decimal, currency: &str) -> Money {
    use rust_decimal::RoundingStrategy::ToZero;
    let amount =
        if amount.scale() > MONEY_DIGITS { amount.round_dp_with_strategy(MONEY_DIGITS, ToZero) } else { amount };
    let whole = 10_i128.checked_pow(amount.scale()).unwrap_or(1);
    let (mantissa, finer) = (amount.mantissa(), MONEY_DIGITS.saturating_sub(amount.scale()));
    let units = mantissa.checked_div(whole).and_then(|units| i64::try_from(units).ok()).unwrap_or_default();
    let rest = mantissa.checked_rem(whole).unwrap_or_default();
    let nanos = 10_i128.checked_pow(finer).and_then(|finer| rest.checked_mul(finer));
    let nanos = nanos.and_then(|nanos| i32::try_from(nanos).ok()).unwrap_or_default();
    Money { currency_code: currency.to_owned(), units, nanos }
}

pub fn decimal(number: Decimal) -> WireDecimal {
    WireDecimal { value: number.normalize().to_string() }
}

pub fn timestamp(at: Instant) -> Timestamp {
    Timestamp { seconds: at.0.div_euclid(SECOND), nanos: i32::try_from(at.0.rem_euclid(SECOND)).unwrap_or_default() }
}

pub fn duration(length: Duration) -> WireDuration {
    let seconds = length.0.checked_div(SECOND).unwrap_or_default();
    let nanos = length.0.checked_rem(SECOND).unwrap_or_default();
    WireDuration { seconds, nanos: i32::try_from(nanos).unwrap_or_default() }
}

pub fn date(day: NaiveDate) -> Date {
    let part = |part: u32| i32::try_from(part).unwrap_or_default();
    Date { year: day.year(), month: part(day.month()), day: part(day.day()) }
}

/// A count for the wire, whose counts are signed.
pub fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
