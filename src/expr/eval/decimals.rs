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
    let Some(beyond) = value.scale().checked_sub(digits).filter(|beyond| *beyond > 0) else { return value };
    if let Some(rounded) = round_short(value.mantissa(), beyond, rounding) {
        return Decimal::new(rounded, digits);
    }
    let strategy = match rounding {
        Rounding::Down => RoundingStrategy::ToNegativeInfinity,
        Rounding::HalfUp => RoundingStrategy::MidpointAwayFromZero,
        Rounding::HalfEven => RoundingStrategy::MidpointNearestEven,
    };
    value.round_dp_with_strategy(digits, strategy)
}

/// Strikes the last digits off a number that fits a machine word, as nearly every amount does: many times faster than
/// the general way.
fn round_short(mantissa: i128, beyond: u32, rounding: Rounding) -> Option<i64> {
    let (mantissa, unit) = (i64::try_from(mantissa).ok()?, 10_i64.checked_pow(beyond)?);
    let (below, rest) = (mantissa.checked_div_euclid(unit)?, mantissa.checked_rem_euclid(unit)?);
    let up = match (rest.cmp(&unit.checked_sub(rest)?), rounding) {
        (_, Rounding::Down) | (Ordering::Less, _) => false,
        (Ordering::Greater, _) => true,
        (Ordering::Equal, Rounding::HalfUp) => mantissa > 0,
        (Ordering::Equal, Rounding::HalfEven) => below & 1 == 1,
    };
    below.checked_add(i64::from(up))
}

/// The order of two numbers by value; a few times faster than the general way where their scales are near.
pub fn order(left: &Decimal, right: &Decimal) -> Ordering {
    let scaled = |number: &Decimal, other: &Decimal| match other.scale().saturating_sub(number.scale()) {
        0 => Some(number.mantissa()),
        // 28 digits and 9 more are fewer than the 38 that fit.
        up @ 1..=9 => number.mantissa().checked_mul(10_i128.checked_pow(up)?),
        _ => None,
    };
    match (scaled(left, right), scaled(right, left)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => left.cmp(right),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::RoundingStrategy;

    use super::*;

    fn number() -> impl Strategy<Value = Decimal> {
        const MOST: i128 = 79_228_162_514_264_337_593_543_950_335;
        let mantissa = prop_oneof![-100_000_i128..100_000_i128, -MOST..=MOST];
        (mantissa, 0_u32..=28).prop_map(|(mantissa, scale): (i128, u32)| Decimal::from_i128_with_scale(mantissa, scale))
    }

    proptest! {
        #[test]
        fn the_short_ways_give_what_the_general_ones_do(left in number(), right in number(), digits in 0_u32..6) {
            prop_assert_eq!(order(&left, &right), left.cmp(&right));
            let ways = [
                (Rounding::Down, RoundingStrategy::ToNegativeInfinity),
                (Rounding::HalfUp, RoundingStrategy::MidpointAwayFromZero),
                (Rounding::HalfEven, RoundingStrategy::MidpointNearestEven),
            ];
            for (way, general) in ways {
                prop_assert_eq!(round(left, digits, way), left.round_dp_with_strategy(digits, general));
            }
        }
    }
}
