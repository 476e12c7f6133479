//! Values on their way into a script and back. Nothing is guessed: what does not have the declared type is refused.

use std::sync::Arc;

use chrono::NaiveDate;
use rhai::{Array, Dynamic, ImmutableString, Map};

use super::operators::{kind_of, number};
use super::signature::ScriptType;
use crate::text::Bilingual;
use crate::value::{Duration, Instant, Value};

/// The value as a script sees it. `None` for what a script can't be given: an unknown, a symbol (the caller passes its
/// text), a record without its field names (the caller passes a map).
pub(super) fn into_script(value: &Value) -> Option<Dynamic> {
    Some(match value {
        Value::Unknown | Value::Symbol(_) | Value::Record(_) => return None,
        Value::Bool(value) => Dynamic::from_bool(*value),
        Value::Number(value) | Value::Money(value) => Dynamic::from_decimal(*value),
        Value::Text(text) => Dynamic::from(ImmutableString::from(&**text)),
        Value::Instant(instant) => Dynamic::from(*instant),
        Value::Date(date) => Dynamic::from(*date),
        Value::Duration(duration) => Dynamic::from(*duration),
        Value::List(items) => Dynamic::from_array(items.iter().map(into_script).collect::<Option<Array>>()?),
        Value::Map(fields) => {
            let field = |(name, value): (&Arc<str>, &Value)| Some(((&**name).into(), into_script(value)?));
            Dynamic::from_map(fields.iter().map(field).collect::<Option<Map>>()?)
        }
    })
}

/// The result of a function that declares to return `declared`.
pub(super) fn from_script(result: Dynamic, declared: &ScriptType) -> Result<Value, Bilingual> {
    let found = result.type_name();
    let value = match declared {
        ScriptType::Bool => result.as_bool().ok().map(Value::Bool),
        ScriptType::Number => number(&result).map(Value::Number),
        ScriptType::Money => number(&result).map(Value::Money),
        ScriptType::Text => result.into_immutable_string().ok().map(|text| Value::Text(Arc::from(text.as_str()))),
        ScriptType::Instant => result.try_cast::<Instant>().map(Value::Instant),
        ScriptType::Date => result.try_cast::<NaiveDate>().map(Value::Date),
        ScriptType::Duration => result.try_cast::<Duration>().map(Value::Duration),
        ScriptType::Record => None,
        ScriptType::List(item) => match result.into_array() {
            Ok(items) => {
                let items = items.into_iter().map(|found| from_script(found, item));
                Some(Value::List(items.collect::<Result<Arc<[Value]>, Bilingual>>()?))
            }
            Err(_) => None,
        },
    };
    value.ok_or_else(|| {
        let found = kind_of(found);
        Bilingual::new(
            format!("结果应是 `{declared}`，却是{}", found.zh),
            format!("the result should be `{declared}` and is {}", found.en),
        )
    })
}
