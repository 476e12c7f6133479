//! Exact decimals: arithmetic that fails past 28 digits, and rounding in the declared ways.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use crate::expr::typed::{Arithmetic, Rounding};

/// Exact arithmetic; `None` past 28 digits.
pub(super) fn arithmetic(operation: Arithmetic, left: Decimal, right: Decimal) -> Option<Decimal> {
    match operation {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide => left.checked_div(right),
        Arithmetic::Remainder => left.checked_rem(right),
    }
}

/// The multiple of `unit` that is nearest in the declared way; `None` past 28 digits.
pub fn round_to(value: Decimal, unit: Decimal, rounding: Rounding) -> Option<Decimal> {
    let rest = value.checked_rem(unit)?;
    let rest = if rest.is_sign_negative() && !rest.is_zero() { rest.checked_add(unit)? } else { rest };
    let below = value.checked_sub(rest)?;
    let above = below.checked_add(unit)?;
    let up = match (rest.checked_mul(Decimal::TWO)?.cmp(&unit), rounding) {
        _ if rest.is_zero() => false,
        (_, Rounding::Down) => false,
        (Ordering::Greater, _) => true,
        (Ordering::Less, _) => false,
        (Ordering::Equal, Rounding::HalfUp) => !value.is_sign_negative(),
        (Ordering::Equal, Rounding::HalfEven) => !below.checked_div(unit)?.checked_rem(Decimal::TWO)?.is_zero(),
    };
    let mut rounded = if up { above } else { below };
    rounded.rescale(unit.scale());
    Some(rounded)
}

/// Rounds to `digits` after the point, in the declared way.
pub fn round(value: Decimal, digits: u32, rounding: Rounding) -> Decimal {
    use rust_decimal::RoundingStrategy;
    if value.scale() <= digits {
        return value;
    }
    let strategy = match rounding {
        Rounding::Down => RoundingStrategy::ToNegativeInfinity,
        Rounding::HalfUp => RoundingStrategy::MidpointAwayFromZero,
        Rounding::HalfEven => RoundingStrategy::MidpointNearestEven,
    };
    value.round_dp_with_strategy(digits, strategy)
}
