//! What a cell says of its column's input alone: the constants it compares the input with, and whether it fits a value.
//! A cell that says anything else, or says it in another way, is opaque.

use crate::expr::eval::compare;
use crate::expr::typed::{Comparison, Cond, Term};
use crate::facts::SymbolSet;
use crate::value::Value;

/// A cell, or a part of one, as far as it is about the column's input and constants.
enum Reading<'c> {
    Always(bool),
    /// The input is true.
    Input,
    Not(&'c Cond),
    All(&'c [Cond]),
    Any(&'c [Cond]),
    Same(&'c Cond, &'c Cond),
    OneOf(&'c SymbolSet),
    Among(&'c [Value]),
    Compared(Comparison, &'c Value),
}

/// Adds the constants that a cell compares `input` with; `None` if the cell is opaque.
pub fn constants(cell: &Cond, input: &Term, found: &mut Vec<Value>) -> Option<()> {
    match read(cell, input)? {
        Reading::Always(_) | Reading::Input | Reading::OneOf(_) => {}
        Reading::Not(inner) => constants(inner, input, found)?,
        Reading::All(parts) | Reading::Any(parts) => parts.iter().try_for_each(|part| constants(part, input, found))?,
        Reading::Same(left, right) => [left, right].into_iter().try_for_each(|side| constants(side, input, found))?,
        Reading::Among(values) => found.extend(values.iter().cloned()),
        Reading::Compared(_, constant) => found.push(constant.clone()),
    }
    Some(())
}

/// Whether a cell that is not opaque fits a known value of `input`.
pub fn fits(cell: &Cond, input: &Term, value: &Value) -> bool {
    let part_fits = |part: &Cond| fits(part, input, value);
    match read(cell, input) {
        None => false,
        Some(Reading::Always(fits)) => fits,
        Some(Reading::Input) => *value == Value::Bool(true),
        Some(Reading::Not(inner)) => !part_fits(inner),
        Some(Reading::All(parts)) => parts.iter().all(part_fits),
        Some(Reading::Any(parts)) => parts.iter().any(part_fits),
        Some(Reading::Same(left, right)) => part_fits(left) == part_fits(right),
        Some(Reading::OneOf(set)) => matches!(value, Value::Symbol(symbol) if set.contains(*symbol)),
        Some(Reading::Among(values)) => values.contains(value),
        Some(Reading::Compared(comparison, constant)) => match compare(value, constant) {
            Some(order) => comparison.holds(order),
            None => comparison == Comparison::Equal && value == constant,
        },
    }
}

fn read<'c>(cell: &'c Cond, input: &Term) -> Option<Reading<'c>> {
    if is_input(cell, input) {
        return Some(Reading::Input);
    }
    match cell {
        Cond::Const(fits) => Some(Reading::Always(*fits)),
        Cond::Not(inner) => Some(Reading::Not(inner)),
        Cond::All(parts) => Some(Reading::All(parts)),
        Cond::Any(parts) => Some(Reading::Any(parts)),
        Cond::SameTruth(left, right) => Some(Reading::Same(left, right)),
        Cond::OneOf(term, set) => (**term == *input).then_some(Reading::OneOf(set)),
        Cond::Member { element, list } => {
            let Term::Const(Value::List(list)) = &**list else { return None };
            (**element == *input).then_some(Reading::Among(list))
        }
        Cond::Decimal(comparison, left, right)
        | Cond::Time { comparison, left, right, .. }
        | Cond::Date(comparison, left, right) => compared(*comparison, left, right, input),
        Cond::SameText(left, right) => compared(Comparison::Equal, left, right, input),
        Cond::Is(_)
        | Cond::Known(_)
        | Cond::If(..)
        | Cond::SameSymbol(..)
        | Cond::Text(..)
        | Cond::Mentions { .. }
        | Cond::Quantified(..)
        | Cond::DeskOpen(_)
        | Cond::WorkingDay(..) => None,
    }
}

/// The input of a column of truths, as a cell's condition.
fn is_input(cell: &Cond, input: &Term) -> bool {
    match (cell, input) {
        (cell, Term::Cond(input)) => *cell == **input,
        (Cond::Is(term), input) => **term == *input,
        _ => false,
    }
}

/// A comparison of the input with a constant, the input on the left.
fn compared<'c>(comparison: Comparison, left: &'c Term, right: &'c Term, input: &Term) -> Option<Reading<'c>> {
    match (left, right) {
        (left, Term::Const(constant)) if left == input => Some(Reading::Compared(comparison, constant)),
        (Term::Const(constant), right) if right == input => Some(Reading::Compared(comparison.flipped(), constant)),
        _ => None,
    }
}
