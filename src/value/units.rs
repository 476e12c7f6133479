//! Amounts in whole units of the currency's smallest, the fen.

use rust_decimal::Decimal;

/// Digits after the point that amounts are rounded down to.
pub const SMALLEST_UNIT_DIGITS: u32 = 2;

/// So many fen, never below zero: what limits are computed in, many times faster than in decimals and as exact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Units(i128);

impl Units {
    /// One fen.
    pub const ONE: Units = Units(1);

    /// The units that an amount covers; what is left over is dropped.
    pub fn down(amount: Decimal) -> Self {
        Self(units_of(amount, false))
    }

    /// The units that cover an amount.
    pub fn up(amount: Decimal) -> Self {
        Self(units_of(amount, true))
    }

    /// What is left after taking `other` away.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0).max(0))
    }

    /// The amount, in the currency's major unit.
    pub fn amount(self) -> Decimal {
        Decimal::try_from_i128_with_scale(self.0, SMALLEST_UNIT_DIGITS).unwrap_or(Decimal::MAX)
    }
}

fn units_of(amount: Decimal, up: bool) -> i128 {
    let mantissa = amount.mantissa();
    if mantissa <= 0 {
        return 0;
    }
    let Some(beyond) = amount.scale().checked_sub(SMALLEST_UNIT_DIGITS) else {
        let short = SMALLEST_UNIT_DIGITS.saturating_sub(amount.scale());
        return mantissa.saturating_mul(10_i128.saturating_pow(short));
    };
    if beyond == 0 {
        return mantissa;
    }
    // Nearly every amount fits a machine word, where dividing is many times faster.
    let short = i64::try_from(mantissa).ok().zip(10_i64.checked_pow(beyond));
    let short = short.and_then(|(mantissa, unit)| Some((mantissa.checked_div(unit)?, mantissa.checked_rem(unit)?)));
    let (whole, rest) = short.map_or_else(
        || {
            let unit = 10_i128.saturating_pow(beyond);
            (mantissa.checked_div(unit).unwrap_or(0), mantissa.checked_rem(unit).is_some_and(|rest| rest > 0))
        },
        |(whole, rest)| (i128::from(whole), rest > 0),
    );
    whole.saturating_add(i128::from(up && rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::RoundingStrategy::{ToNegativeInfinity, ToPositiveInfinity};

    use super::*;

    proptest! {
        #[test]
        fn units_are_what_rounding_to_the_fen_gives(
            mantissa in prop_oneof![0_i128..1_000_000, 0_i128..79_228_162_514_264_337_593_543_950_335],
            scale in 0_u32..=28,
        ) {
            let amount = Decimal::from_i128_with_scale(mantissa, scale);
            prop_assume!(amount < Decimal::from(1_000_000_000_000_000_000_i64));
            prop_assert_eq!(Units::down(amount).amount(), amount.round_dp_with_strategy(2, ToNegativeInfinity));
            prop_assert_eq!(Units::up(amount).amount(), amount.round_dp_with_strategy(2, ToPositiveInfinity));
        }
    }

    #[test]
    fn what_is_below_zero_covers_nothing() {
        assert_eq!(Units::down(Decimal::NEGATIVE_ONE), Units::default());
        assert_eq!(Units::ONE.less(Units::up(Decimal::ONE)), Units::default());
    }
}
