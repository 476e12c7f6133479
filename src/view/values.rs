//! Single values of the wire in plain form.

use chrono::NaiveDate;
use pbjson_types::Timestamp;
use rust_decimal::Decimal;

use super::{Content, Plain, View};
use crate::rpc::proto::google::r#type::Money;
use crate::rpc::proto::redress::v1 as wire;
use crate::rpc::proto::redress::v1::value::Kind;
use crate::value::{Duration, Instant, SECOND};

/// Digits after the point that `Money` carries.
const MONEY_DIGITS: u32 = 9;

pub fn money(money: &Money) -> Decimal {
    let billion = 10_i128.pow(MONEY_DIGITS);
    let all = i128::from(money.units).saturating_mul(billion).saturating_add(money.nanos.into());
    let amount = Decimal::try_from_i128_with_scale(all, MONEY_DIGITS).unwrap_or_default().normalize();
    // Two digits at least: that is how amounts are written.
    let mut shown = amount;
    if amount.scale() < 2 {
        shown.rescale(2);
    }
    shown
}

pub fn instant(at: &Timestamp) -> Instant {
    Instant(at.seconds.saturating_mul(SECOND).saturating_add(at.nanos.into()))
}

/// A value of whatever type; nothing where it is unknown.
pub fn value(value: &wire::Value) -> Option<View> {
    let plain = match value.kind.as_ref()? {
        Kind::BoolValue(flag) => Plain::Bool(*flag),
        Kind::NumberValue(number) => match Decimal::from_str_exact(&number.value) {
            Ok(number) => Plain::Number(number),
            Err(_) => Plain::Text(number.value.clone()),
        },
        Kind::MoneyValue(amount) => Plain::Money(money(amount)),
        Kind::TextValue(text) => Plain::Text(text.clone()),
        Kind::NameValue(name) => Plain::Word(name.clone()),
        Kind::InstantValue(at) => Plain::Instant(instant(at)),
        Kind::DateValue(date) => {
            let part = |part: i32| u32::try_from(part).unwrap_or_default();
            Plain::Date(NaiveDate::from_ymd_opt(date.year, part(date.month), part(date.day))?)
        }
        Kind::DurationValue(length) => {
            Plain::Duration(Duration(length.seconds.saturating_mul(SECOND).saturating_add(length.nanos.into())))
        }
        Kind::ListValue(list) => {
            let items = list.values.iter().filter_map(self::value).collect();
            return Some(View { content: Content::List(items), title: None, because: Vec::new() });
        }
        Kind::MapValue(map) => {
            let fields = map.fields.iter().filter_map(|(key, of)| Some((key.clone(), self::value(of)?)));
            return Some(View::group(fields.collect()));
        }
    };
    Some(View::value(plain))
}
