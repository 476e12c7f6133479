//! Random cases over every fact of a bundle, from a seed that means the same for ever.

use redress::decide::Case;
use redress::facts::{Origin, Type};
use redress::policy::Bundle;
use redress::value::{Duration, Instant, SECOND, Value};
use rust_decimal::Decimal;

/// 2026-11-22T15:00:00+08:00
pub const NOW: i64 = 1_795_330_800 * SECOND;

/// A small generator of its own (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }
}

/// A case in which each fact is known with a chance that differs from case to case.
pub fn case(bundle: &Bundle, dice: &mut Dice) -> Case {
    let of_ten = 2 + dice.below(9);
    let stated = bundle.schema().facts().iter().filter(|fact| fact.origin != Origin::Derived);
    let facts = stated.map(|fact| {
        let needed = matches!(&*fact.path, "actor.role" | "action.name");
        if needed || dice.below(10) < of_ten { value(bundle, dice, &fact.ty) } else { Value::Unknown }
    });
    Case { facts: facts.collect() }
}

fn value(bundle: &Bundle, dice: &mut Dice, ty: &Type) -> Value {
    match ty {
        Type::Bool => Value::Bool(dice.below(2) == 0),
        Type::Number => Value::Number(Decimal::from(dice.below(4))),
        Type::Money => {
            let amount = dice.of(&["0", "0.01", "33.33", "99.99", "150.00", "150.01", "500", "800.00", "12345.67"]);
            Value::Money(amount.parse().unwrap())
        }
        Type::Text => Value::Text(dice.of(&["", "T1", "不给退就１２３１５见", "差 评"]).into()),
        Type::Instant => Value::Instant(Instant(NOW - i64::try_from(dice.below(400)).unwrap() * 1800 * SECOND)),
        Type::Date => Value::Date(format!("2026-11-{:02}", 1 + dice.below(28)).parse().unwrap()),
        Type::Duration => Value::Duration(Duration(i64::try_from(dice.below(100)).unwrap() * 3600 * SECOND)),
        Type::Enum(id) => {
            let members = bundle.schema().enumeration(*id).unwrap().members.len();
            if members == 0 {
                return Value::Unknown;
            }
            let at = dice.below(members as u64);
            Value::Symbol(redress::value::Symbol(u16::try_from(at).unwrap()))
        }
        Type::List(of) => Value::List((0..dice.below(3)).map(|_| value(bundle, dice, of)).collect()),
        Type::Record(id) => {
            let fields = &bundle.schema().record(*id).unwrap().fields;
            let field = |field: &redress::facts::Field| {
                if dice.below(3) == 0 { Value::Unknown } else { value(bundle, dice, &field.ty) }
            };
            Value::Record(fields.iter().map(field).collect())
        }
        Type::Map(_) | Type::Pair(_) => Value::Unknown,
    }
}
