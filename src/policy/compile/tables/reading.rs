//! What a cell says of its column's input alone: the constants it compares the input with, and whether it fits a value.
//! A cell that says anything else, or says it in another way, is opaque.

use crate::expr::eval::compare;
use crate::expr::typed::{Comparison, Cond, Term};
use crate::value::Value;

/// Adds the constants that a cell compares `input` with; `None` if the cell is opaque.
pub fn constants(cell: &Cond, input: &Term, found: &mut Vec<Value>) -> Option<()> {
    match cell {
        Cond::Const(_) => Some(()),
        cell if is_input(cell, input) => Some(()),
        Cond::Not(inner) => constants(inner, input, found),
        Cond::All(parts) | Cond::Any(parts) => parts.iter().try_for_each(|part| constants(part, input, found)),
        Cond::OneOf(term, _) => (**term == *input).then_some(()),
        Cond::SameTruth(left, right) => {
            constants(left, input, found)?;
            constants(right, input, found)
        }
        Cond::Member { element, list } => {
            let Term::Const(Value::List(list)) = &**list else { return None };
            found.extend(list.iter().cloned());
            (**element == *input).then_some(())
        }
        cell => {
            let (_, constant) = comparison(cell, input)?;
            found.push(constant.clone());
            Some(())
        }
    }
}

/// Whether a cell that is not opaque fits a known value of `input`.
pub fn fits(cell: &Cond, input: &Term, value: &Value) -> bool {
    match cell {
        Cond::Const(fits) => *fits,
        cell if is_input(cell, input) => *value == Value::Bool(true),
        Cond::Not(inner) => !fits(inner, input, value),
        Cond::All(parts) => parts.iter().all(|part| fits(part, input, value)),
        Cond::Any(parts) => parts.iter().any(|part| fits(part, input, value)),
        Cond::OneOf(_, set) => matches!(value, Value::Symbol(symbol) if set.contains(*symbol)),
        Cond::SameTruth(left, right) => fits(left, input, value) == fits(right, input, value),
        Cond::Member { list, .. } => {
            matches!(&**list, Term::Const(Value::List(list)) if list.iter().any(|element| element == value))
        }
        cell => comparison(cell, input).is_some_and(|(comparison, constant)| match compare(value, constant) {
            Some(order) => comparison.holds(order),
            None => comparison == Comparison::Equal && value == constant,
        }),
    }
}

/// The input of a column of truths, as a cell's condition.
fn is_input(cell: &Cond, input: &Term) -> bool {
    match (cell, input) {
        (Cond::Is(term), input) => **term == *input,
        (cell, Term::Cond(input)) => *cell == **input,
        _ => false,
    }
}

/// A comparison of the input with a constant, the input on the left.
fn comparison<'c>(cell: &'c Cond, input: &Term) -> Option<(Comparison, &'c Value)> {
    let (comparison, left, right) = match cell {
        Cond::Decimal(comparison, left, right)
        | Cond::Time { comparison, left, right, .. }
        | Cond::Date(comparison, left, right) => (*comparison, left, right),
        Cond::SameText(left, right) => (Comparison::Equal, left, right),
        _ => return None,
    };
    match (&**left, &**right) {
        (left, Term::Const(constant)) if left == input => Some((comparison, constant)),
        (Term::Const(constant), right) if right == input => Some((comparison.flipped(), constant)),
        _ => None,
    }
}
