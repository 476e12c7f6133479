//! Functions of `.rhai` files: whether there is one, and what of its arguments it is given.

use std::ops::Range;
use std::sync::Arc;

use super::functions::BUILT_IN;
use super::{Checker, Typed, suggestion};
use crate::both;
use crate::diagnostic::codes;
use crate::expr::syntax::Syntax;
use crate::expr::typed::{Cond, Shape, ShapeField, Term};
use crate::facts::{RecordId, Type};

impl Checker<'_> {
    pub(super) fn scripted(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let functions = self.names.functions;
        let Some(position) = functions.iter().position(|function| &*function.name == name) else {
            let known = BUILT_IN.iter().map(|(name, _)| *name).chain(functions.iter().map(|function| &*function.name));
            let help = suggestion(name, known.collect::<Vec<_>>().iter().copied());
            return self.problem_with_help(
                codes::UNKNOWN_FUNCTION,
                span,
                both!("没有名为 `{name}` 的函数", "there is no function `{name}`"),
                help,
            );
        };
        let function = functions.get(position)?;
        if function.parameters.len() != arguments.len() {
            let wanted = function.parameters.len().to_string();
            return self.wrong_arguments(name, arguments.len(), &wanted, span);
        }
        let mut terms = Vec::with_capacity(arguments.len());
        let mut failed = false;
        for (argument, (_, ty)) in arguments.iter().zip(&function.parameters) {
            match self.script_argument(argument, ty, &function.reads) {
                Some(term) => terms.push(term),
                None => failed = true,
            }
        }
        if failed {
            return None;
        }
        let money = function.returns == Type::Money;
        let ty = function.returns.clone();
        let term = Term::Script { function: position, arguments: terms.into(), money };
        if ty == Type::Bool {
            return Some(Typed::condition(Cond::Is(Box::new(term))));
        }
        Some(Typed::new(term, ty))
    }

    /// Scripts see enumerated values as texts, and records as maps of the fields that they read.
    fn script_argument(&mut self, argument: &Syntax, wanted: &Type, reads: &[Arc<str>]) -> Option<Term> {
        let typed = self.infer(argument)?;
        self.still(&typed, &argument.span)?;
        if !becomes(&typed.ty, wanted) {
            return self.coerce(typed, wanted, &argument.span).map(|typed| typed.term);
        }
        Some(match self.shape(&typed.ty, reads) {
            Shape::AsItIs => typed.term,
            shape => Term::Plain(Box::new(typed.term), shape),
        })
    }

    fn shape(&self, ty: &Type, reads: &[Arc<str>]) -> Shape {
        match ty {
            Type::Enum(of) => Shape::Member(*of),
            Type::List(of) | Type::Map(of) => Shape::Each(Box::new(self.shape(of, reads))),
            Type::Record(id) => {
                let fields = self.names.schema.record(*id).into_iter().flat_map(|record| (0..).zip(&record.fields));
                let read = fields.filter_map(|(at, field)| {
                    let name = reads.iter().find(|name| ***name == *field.name)?.clone();
                    Some(ShapeField { name, record: *id, field: at, shape: self.shape(&field.ty, reads) })
                });
                Shape::Record(read.collect())
            }
            Type::Pair(sides) => {
                let side = |name: &str, field, ty| {
                    let shape = self.shape(ty, reads);
                    ShapeField { name: name.into(), record: RecordId::ANY, field, shape }
                };
                Shape::Record([side("first", 0, &sides.0), side("second", 1, &sides.1)].into())
            }
            Type::Bool | Type::Number | Type::Money | Type::Text | Type::Instant | Type::Date | Type::Duration => {
                Shape::AsItIs
            }
        }
    }
}

/// Whether a value can be given to a script that wants another type.
fn becomes(ty: &Type, wanted: &Type) -> bool {
    match (ty, wanted) {
        (Type::Enum(_), Type::Text) | (Type::Record(_) | Type::Pair(_), Type::Record(RecordId::ANY)) => true,
        (Type::List(of), Type::List(wanted)) => becomes(of, wanted),
        (ty, wanted) => ty == wanted,
    }
}
