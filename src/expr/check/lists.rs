//! Functions over lists, whose bodies see the element as `it` or under a name of their own.

use std::ops::Range;

use super::{Checker, Typed};
use crate::both;
use crate::diagnostic::codes;
use crate::expr::syntax::{Kind, Syntax};
use crate::expr::typed::{Aggregate, Cond, Quantifier, Term};
use crate::facts::Type;

impl Checker<'_> {
    /// `any(list, body)`, or `any(list, name, body)` to name the element; without a name it is `it`.
    pub(super) fn over_list(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let (list, element, body) = match arguments {
            [list] if matches!(name, "count" | "sum" | "min" | "max") => (list, "it", None),
            [list, body] => (list, "it", Some(body)),
            [list, Syntax { kind: Kind::Name(element), .. }, body] => (list, element.as_str(), Some(body)),
            _ => return self.wrong_arguments(name, arguments.len(), "2", span),
        };
        let (list, of) = self.any_list(name, list)?;
        self.locals.push((element.into(), of.clone()));
        let checked = self.over_elements(name, list, &of, body);
        self.locals.pop();
        checked
    }

    fn over_elements(&mut self, name: &str, list: Term, of: &Type, body: Option<&Syntax>) -> Option<Typed> {
        let list = Box::new(list);
        if matches!(name, "sum" | "min" | "max") {
            return self.aggregate(name, list, of, body);
        }
        let body = match body {
            Some(body) => Some(self.condition(body)?),
            None => None,
        };
        Some(match (name, body) {
            ("any", Some(body)) => Typed::condition(Cond::Quantified(Quantifier::Any, list, Box::new(body))),
            ("all", Some(body)) => Typed::condition(Cond::Quantified(Quantifier::All, list, Box::new(body))),
            ("none", Some(body)) => {
                let any = Cond::Quantified(Quantifier::Any, list, Box::new(body));
                Typed::condition(Cond::Not(Box::new(any)))
            }
            ("find", Some(body)) => Typed::new(Term::Find(list, Box::new(body)), of.clone()),
            ("filter", Some(body)) => Typed::new(Term::Filter(list, Box::new(body)), Type::list(of.clone())),
            (_, body) => Typed::new(Term::Count(list, body.map(Box::new)), Type::Number),
        })
    }

    /// Two lists side by side: what stands at one position makes a pair.
    pub(super) fn zip(&mut self, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let [first, second] = self.arity("zip", arguments, span)?;
        let (first, second) = (self.any_list("zip", first), self.any_list("zip", second));
        let ((first, of_first), (second, of_second)) = (first?, second?);
        let pair = Type::Pair(Box::new((of_first, of_second)));
        Some(Typed::new(Term::Zip(Box::new(first), Box::new(second)), Type::list(pair)))
    }

    /// A list with the type of its elements.
    fn any_list(&mut self, name: &str, list: &Syntax) -> Option<(Term, Type)> {
        let typed = self.infer(list)?;
        if let Type::List(of) = typed.ty {
            return Some((typed.term, *of));
        }
        let ty = self.describe(&typed.ty);
        let (zh, en) = (&ty.zh, &ty.en);
        self.problem(
            codes::TYPE_MISMATCH,
            &list.span,
            both!("`{name}` 要的是列表，这里却是{zh}", "`{name}` wants a list, but this is {en}"),
        )
    }

    fn aggregate(&mut self, name: &str, list: Box<Term>, of: &Type, body: Option<&Syntax>) -> Option<Typed> {
        let (ty, term, span) = match body {
            Some(body) => {
                let typed = self.infer(body)?;
                self.still(&typed, &body.span)?;
                (typed.ty, Some(Box::new(typed.term)), body.span.clone())
            }
            None => (of.clone(), None, 0..0),
        };
        let numeric = matches!(ty, Type::Number | Type::Money);
        let ordered = matches!(ty, Type::Instant | Type::Date | Type::Duration);
        let aggregate = match name {
            "sum" => Aggregate::Sum,
            "min" => Aggregate::Least,
            _ => Aggregate::Greatest,
        };
        if !(numeric || ordered && aggregate != Aggregate::Sum) {
            let described = self.describe(&ty);
            let (zh, en) = (&described.zh, &described.en);
            return self.problem(
                codes::TYPE_MISMATCH,
                &span,
                both!("`{name}` 不能用于{zh}", "`{name}` can't be taken of {en}"),
            );
        }
        let money = ty == Type::Money;
        Some(Typed::new(Term::Aggregate { aggregate, list, body: term, money }, ty))
    }

    pub(super) fn extreme(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let first = arguments.first().and_then(|first| {
            let mut probe = Checker { names: self.names, locals: self.locals.clone(), problems: Vec::new() };
            probe.infer(first)
        });
        if matches!(first, Some(Typed { ty: Type::List(_), .. })) {
            return self.over_list(name, arguments, span);
        }
        let typed: Vec<Option<Typed>> = arguments.iter().map(|argument| self.infer(argument)).collect();
        let typed: Vec<Typed> = typed.into_iter().collect::<Option<_>>()?;
        let Some(ty) = typed.iter().find(|typed| !typed.bare).or(typed.first()).map(|typed| typed.ty.clone()) else {
            return self.wrong_arguments(name, 0, "2", span);
        };
        if !matches!(ty, Type::Number | Type::Money | Type::Instant | Type::Date | Type::Duration) {
            let described = self.describe(&ty);
            let (zh, en) = (&described.zh, &described.en);
            return self.problem(
                codes::TYPE_MISMATCH,
                span,
                both!("`{name}` 不能用于{zh}", "`{name}` can't be taken of {en}"),
            );
        }
        let mut terms = Vec::with_capacity(typed.len());
        for (typed, argument) in typed.into_iter().zip(arguments) {
            self.still(&typed, &argument.span)?;
            terms.push(self.coerce(typed, &ty, &argument.span)?.term);
        }
        Some(Typed::new(Term::Extreme { least: name == "min", terms: terms.into() }, ty))
    }
}
