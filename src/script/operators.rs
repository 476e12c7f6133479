//! What the operators mean, the same as in conditions: numbers are exact, and what can't be compared or counted
//! together is an error, never a quiet `false`.
//!
//! A whole number written in a script is an integer to Rhai, everything else is a decimal; no script can tell them
//! apart.

use std::cmp::Ordering;
use std::ops::{Range, RangeInclusive};

use chrono::NaiveDate;
use rhai::{Array, Dynamic, Engine, EvalAltResult, FuncRegistration, INT, Position, Variant};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::both;
use crate::text::Bilingual;
use crate::value::{Duration, Instant};

pub(super) type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// An error with a sentence of ours; Rhai adds the place.
pub(super) fn fail<T>(message: Bilingual) -> Outcome<T> {
    Err(EvalAltResult::ErrorRuntime(Dynamic::from(message), Position::NONE).into())
}

pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Instant>("instant");
    engine.register_type_with_name::<Duration>("duration");
    engine.register_type_with_name::<NaiveDate>("date");
    for (symbol, assignment, arithmetic) in [
        ("+", "+=", add as fn(&Dynamic, &Dynamic) -> Outcome<Dynamic>),
        ("-", "-=", subtract),
        ("*", "*=", multiply),
        ("/", "/=", divide),
        ("%", "%=", remainder),
    ] {
        binary(engine, symbol, arithmetic);
        engine.register_fn(assignment, move |left: &mut Dynamic, right: Dynamic| -> Outcome<()> {
            *left = arithmetic(left, &right)?;
            Ok(())
        });
    }
    FuncRegistration::new("-").with_purity(true).register_into_engine(engine, |value: &mut Dynamic| negate(value));
    engine.register_fn("!", |value: bool| !value);
    binary(engine, "==", equal);
    binary(engine, "!=", |left, right| equal(left, right).map(|equal| !equal));
    for (symbol, holds) in [
        ("<", Ordering::is_lt as fn(Ordering) -> bool),
        ("<=", Ordering::is_le),
        (">", Ordering::is_gt),
        (">=", Ordering::is_ge),
    ] {
        binary(engine, symbol, move |left, right| compare(symbol, left, right).map(holds));
    }
    binary(engine, "..", |from, to| Outcome::<Range<INT>>::Ok(whole(from)?..whole(to)?));
    binary(engine, "..=", |from, to| Outcome::<RangeInclusive<INT>>::Ok(whole(from)?..=whole(to)?));
}

/// A binary operator for values of any kind. It takes its left side by reference, which spares Rhai a copy.
fn binary<R: Variant + Clone>(
    engine: &mut Engine,
    symbol: &str,
    operator: impl Fn(&Dynamic, &Dynamic) -> Outcome<R> + Send + Sync + 'static,
) {
    let function = move |left: &mut Dynamic, right: Dynamic| operator(left, &right);
    FuncRegistration::new(symbol).with_purity(true).register_into_engine(engine, function);
}

/// The number that `value` is.
pub(super) fn number(value: &Dynamic) -> Option<Decimal> {
    value.as_decimal().ok().or_else(|| value.as_int().ok().map(Decimal::from))
}

/// The whole number that `value` must be.
pub(super) fn whole(value: &Dynamic) -> Outcome<INT> {
    let exact = number(value).filter(Decimal::is_integer).and_then(|number| INT::try_from(number).ok());
    match exact {
        Some(whole) => Ok(whole),
        None => fail(both!("这里要有整数", "a whole number is wanted here")),
    }
}

/// The kind of a value, in the author's words.
pub(super) fn kind(value: &Dynamic) -> Bilingual {
    kind_of(value.type_name())
}

/// The kind of values that Rhai calls `type_name`.
pub(super) fn kind_of(type_name: &str) -> Bilingual {
    let (zh, en) = match type_name.rsplit("::").next().unwrap_or(type_name) {
        "i64" | "Decimal" | "decimal" => ("数", "number"),
        "bool" => ("真假值", "true or false"),
        "string" | "ImmutableString" | "String" => ("文本", "text"),
        "char" => ("字符", "character"),
        "array" | "Array" | "Vec<Dynamic>" => ("列表", "list"),
        "map" | "Map" => ("记录", "record"),
        "instant" | "Instant" => ("时刻", "instant"),
        "duration" | "Duration" => ("时长", "duration"),
        "date" | "NaiveDate" => ("日期", "date"),
        "Fn" | "FnPtr" => ("函数", "function"),
        "()" => ("空值", "nothing"),
        _ => ("别的值", "something else"),
    };
    Bilingual::new(zh, en)
}

fn mismatch<T>(symbol: &str, left: &Dynamic, right: &Dynamic) -> Outcome<T> {
    let (left, right) = (kind(left), kind(right));
    fail(Bilingual::new(
        format!("`{symbol}` 不能用于{}和{}", left.zh, right.zh),
        format!("`{symbol}` can't be used with {} and {}", left.en, right.en),
    ))
}

fn overflow<T>() -> Outcome<T> {
    fail(both!("结果超出范围", "the result is out of range"))
}

fn by_zero<T>() -> Outcome<T> {
    fail(both!("除以零", "a division by zero"))
}

fn decimal(result: Option<Decimal>) -> Outcome<Dynamic> {
    result.map_or_else(overflow, |result| Ok(Dynamic::from_decimal(result)))
}

fn duration(result: Option<i64>) -> Outcome<Dynamic> {
    result.map_or_else(overflow, |nanoseconds| Ok(Dynamic::from(Duration(nanoseconds))))
}

fn instant(result: Option<i64>) -> Outcome<Dynamic> {
    result.map_or_else(overflow, |nanoseconds| Ok(Dynamic::from(Instant(nanoseconds))))
}

fn as_instant(value: &Dynamic) -> Option<Instant> {
    value.clone().try_cast::<Instant>()
}

fn as_duration(value: &Dynamic) -> Option<Duration> {
    value.clone().try_cast::<Duration>()
}

/// A duration of so many nanoseconds, rounded to the nearest.
pub(super) fn nanoseconds(exact: Option<Decimal>) -> Option<i64> {
    i64::try_from(exact?.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven)).ok()
}

fn add(left: &Dynamic, right: &Dynamic) -> Outcome<Dynamic> {
    if let (Ok(a), Ok(b)) = (left.as_int(), right.as_int())
        && let Some(sum) = a.checked_add(b)
    {
        return Ok(Dynamic::from_int(sum));
    }
    if let (Some(a), Some(b)) = (number(left), number(right)) {
        return decimal(a.checked_add(b));
    }
    if left.is_string() && right.is_string() {
        let both = [left, right].map(|text| text.clone().into_immutable_string().unwrap_or_default());
        return Ok(both.concat().into());
    }
    if left.is_array() && right.is_array() {
        let both = [left, right].map(|list| list.clone().into_array().unwrap_or_default());
        return Ok(Dynamic::from_array(both.into_iter().flatten().collect::<Array>()));
    }
    match (as_instant(left), as_instant(right), as_duration(left), as_duration(right)) {
        (Some(a), _, _, Some(b)) => instant(a.0.checked_add(b.0)),
        (_, Some(b), Some(a), _) => instant(b.0.checked_add(a.0)),
        (_, _, Some(a), Some(b)) => duration(a.0.checked_add(b.0)),
        _ => mismatch("+", left, right),
    }
}

fn subtract(left: &Dynamic, right: &Dynamic) -> Outcome<Dynamic> {
    if let (Ok(a), Ok(b)) = (left.as_int(), right.as_int())
        && let Some(difference) = a.checked_sub(b)
    {
        return Ok(Dynamic::from_int(difference));
    }
    if let (Some(a), Some(b)) = (number(left), number(right)) {
        return decimal(a.checked_sub(b));
    }
    match (as_instant(left), as_instant(right), as_duration(left), as_duration(right)) {
        (Some(a), Some(b), _, _) => duration(a.0.checked_sub(b.0)),
        (Some(a), _, _, Some(b)) => instant(a.0.checked_sub(b.0)),
        (_, _, Some(a), Some(b)) => duration(a.0.checked_sub(b.0)),
        _ => mismatch("-", left, right),
    }
}

fn multiply(left: &Dynamic, right: &Dynamic) -> Outcome<Dynamic> {
    if let (Ok(a), Ok(b)) = (left.as_int(), right.as_int())
        && let Some(product) = a.checked_mul(b)
    {
        return Ok(Dynamic::from_int(product));
    }
    match (number(left), number(right), as_duration(left), as_duration(right)) {
        (Some(a), Some(b), _, _) => decimal(a.checked_mul(b)),
        (Some(times), _, _, Some(Duration(length))) | (_, Some(times), Some(Duration(length)), _) => {
            duration(nanoseconds(Decimal::from(length).checked_mul(times)))
        }
        _ => mismatch("*", left, right),
    }
}

fn divide(left: &Dynamic, right: &Dynamic) -> Outcome<Dynamic> {
    if let (Ok(a), Ok(b)) = (left.as_int(), right.as_int())
        && a.checked_rem(b) == Some(0)
        && let Some(quotient) = a.checked_div(b)
    {
        return Ok(Dynamic::from_int(quotient));
    }
    let (by, by_duration) = (number(right), as_duration(right));
    if by.is_some_and(|by| by.is_zero()) || by_duration == Some(Duration(0)) {
        return by_zero();
    }
    match (number(left), as_duration(left), by, by_duration) {
        (Some(a), _, Some(b), _) => decimal(a.checked_div(b)),
        (_, Some(a), Some(b), _) => duration(nanoseconds(Decimal::from(a.0).checked_div(b))),
        (_, Some(a), _, Some(b)) => decimal(Decimal::from(a.0).checked_div(Decimal::from(b.0))),
        _ => mismatch("/", left, right),
    }
}

fn remainder(left: &Dynamic, right: &Dynamic) -> Outcome<Dynamic> {
    if let (Ok(a), Ok(b)) = (left.as_int(), right.as_int())
        && let Some(rest) = a.checked_rem(b)
    {
        return Ok(Dynamic::from_int(rest));
    }
    match (number(left), number(right)) {
        (Some(_), Some(b)) if b.is_zero() => by_zero(),
        (Some(a), Some(b)) => decimal(a.checked_rem(b)),
        _ => mismatch("%", left, right),
    }
}

fn negate(value: &Dynamic) -> Outcome<Dynamic> {
    if let Some(negative) = value.as_int().ok().and_then(INT::checked_neg) {
        return Ok(Dynamic::from_int(negative));
    }
    match (number(value), as_duration(value)) {
        (Some(number), _) => decimal(Decimal::ZERO.checked_sub(number)),
        (_, Some(length)) => duration(length.0.checked_neg()),
        _ => {
            let kind = kind(value);
            fail(Bilingual::new(format!("{}没有相反数", kind.zh), format!("`-` can't be used with {}", kind.en)))
        }
    }
}

/// The order of two numbers, instants, dates or durations, on behalf of `operator`. Texts have none:
/// `"1000" < "500"` helps nobody.
pub(super) fn compare(operator: &str, left: &Dynamic, right: &Dynamic) -> Outcome<Ordering> {
    order(left, right).map_or_else(|| mismatch(operator, left, right), Ok)
}

fn order(left: &Dynamic, right: &Dynamic) -> Option<Ordering> {
    if let (Ok(a), Ok(b)) = (left.as_int(), right.as_int()) {
        return Some(a.cmp(&b));
    }
    if let (Some(a), Some(b)) = (number(left), number(right)) {
        return Some(a.cmp(&b));
    }
    let instants = same::<Instant>(left, right);
    instants.or_else(|| same::<Duration>(left, right)).or_else(|| same::<NaiveDate>(left, right))
}

fn same<T: Ord + Clone + Send + Sync + 'static>(left: &Dynamic, right: &Dynamic) -> Option<Ordering> {
    let (left, right) = (left.clone().try_cast::<T>()?, right.clone().try_cast::<T>()?);
    Some(left.cmp(&right))
}

/// Whether two values of one kind are the same; lists are, if their items are.
pub(super) fn equal(left: &Dynamic, right: &Dynamic) -> Outcome<bool> {
    if let (Ok(a), Ok(b)) = (left.as_immutable_string_ref(), right.as_immutable_string_ref()) {
        return Ok(*a == *b);
    }
    if let (Ok(a), Ok(b)) = (left.as_bool(), right.as_bool()) {
        return Ok(a == b);
    }
    if let (Ok(a), Ok(b)) = (left.as_array_ref(), right.as_array_ref()) {
        if a.len() != b.len() {
            return Ok(false);
        }
        for (a, b) in a.iter().zip(b.iter()) {
            if !equal(a, b)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    Ok(compare("==", left, right)?.is_eq())
}
