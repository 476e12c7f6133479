//! Names and dotted paths: facts, local values, and the fields of records.

use std::ops::Range;

use super::{Checker, Typed, suggestion};
use crate::both;
use crate::diagnostic::codes;
use crate::expr::syntax::{Kind, Syntax};
use crate::expr::typed::Term;
use crate::facts::Type;

impl Checker<'_> {
    /// Resolves `a`, `a.b.c`, or a field of whatever stands before the dot.
    pub(super) fn path(&mut self, syntax: &Syntax) -> Option<Typed> {
        let Some(parts) = parts(syntax) else {
            let Kind::Field(base, field) = &syntax.kind else { return None };
            let base = self.infer(base)?;
            return self.field(base, field, &syntax.span);
        };
        let root = parts.first().map_or("", |(name, _)| *name);
        if let Some(depth) = self.locals.iter().rev().position(|(name, _)| **name == *root) {
            let ty = self.locals.iter().rev().nth(depth).map(|(_, ty)| ty.clone())?;
            let local = Typed::new(Term::Local(u16::try_from(depth).ok()?), ty);
            return self.fields(local, parts.get(1..).unwrap_or_default());
        }
        match (root, parts.len()) {
            ("now", 1) => return Some(Typed { slope: 1, ..Typed::new(Term::Now, Type::Instant) }),
            ("it", _) if self.names.it.is_some() => {
                let input = self.names.it.cloned()?;
                return self.fields(input, parts.get(1..).unwrap_or_default());
            }
            ("today", 1) => return Some(Typed::new(Term::Today, Type::Date)),
            _ => {}
        }
        self.fact(&parts, &syntax.span)
    }

    /// The fact with the longest path that these parts begin with, then its fields.
    fn fact(&mut self, parts: &[(&str, Range<usize>)], span: &Range<usize>) -> Option<Typed> {
        let schema = self.names.schema;
        for length in (1..=parts.len()).rev() {
            let (head, rest) = parts.split_at_checked(length)?;
            let path = joined(head);
            if let Some(id) = schema.find(&path) {
                let fact = schema.fact(id)?;
                if schema.is_private(id) {
                    return self.private(&path, span);
                }
                let typed = Typed { slope: fact.slope, ..Typed::new(Term::Fact(id), fact.ty.clone()) };
                return self.fields(typed, rest);
            }
        }
        let path = joined(parts);
        let group = format!("{path}.");
        let below = schema.facts().iter().map(|fact| &*fact.path).filter(|fact| fact.starts_with(&group));
        if below.clone().next().is_some() {
            let help = suggestion(&path, below);
            return self.problem_with_help(
                codes::UNKNOWN_FACT,
                span,
                both!("`{path}` 是一组事实，请写明其中哪一个", "`{path}` is a group of facts; name one of them"),
                help,
            );
        }
        let help = suggestion(&path, schema.facts().iter().map(|fact| &*fact.path));
        self.problem_with_help(
            codes::UNKNOWN_FACT,
            span,
            both!("没有 `{path}` 这个事实", "unknown fact `{path}`"),
            help,
        )
    }

    fn private(&mut self, path: &str, span: &Range<usize>) -> Option<Typed> {
        self.problem_with_help(
            codes::PRIVATE_FACT,
            span,
            both!(
                "`{path}` 在总表里声明为个人信息，决策日志不照原样保存它，规则就不能读它：否则答复无法由记录重现",
                "`{path}` is declared private in the manifest: the decision log does not keep it as it was sent, so an \
                 answer that hangs on it could not be given again from its record"
            ),
            Some(both!(
                "改用别的事实，或从总表的 `privacy` 里去掉 `{path}`",
                "read another fact, or take `{path}` out of the manifest's `privacy`"
            )),
        )
    }

    fn fields(&mut self, base: Typed, rest: &[(&str, Range<usize>)]) -> Option<Typed> {
        rest.iter().try_fold(base, |base, (name, span)| self.field(base, name, span))
    }

    fn field(&mut self, base: Typed, name: &str, span: &Range<usize>) -> Option<Typed> {
        if let Type::Pair(sides) = base.ty {
            let (side, ty) = match name {
                "first" => (0, sides.0),
                "second" => (1, sides.1),
                _ => {
                    return self.problem(
                        codes::UNKNOWN_FACT,
                        span,
                        both!("一对值只有 `first` 和 `second`", "a pair has `first` and `second` only"),
                    );
                }
            };
            return Some(Typed::new(Term::Side(Box::new(base.term), side), ty));
        }
        let Type::Record(id) = base.ty else {
            let ty = self.describe(&base.ty);
            let (zh, en) = (&ty.zh, &ty.en);
            return self.problem(
                codes::UNKNOWN_FACT,
                span,
                both!("{zh}没有 `{name}` 这一项", "{en} has no field `{name}`"),
            );
        };
        let record = self.names.schema.record(id)?;
        if let Some(position) = record.fields.iter().position(|field| &*field.name == name) {
            let ty = record.fields.get(position)?.ty.clone();
            return Some(Typed::new(Term::Field(Box::new(base.term), id, u16::try_from(position).ok()?), ty));
        }
        let help = suggestion(name, record.fields.iter().map(|field| &*field.name));
        let of = &record.name;
        self.problem_with_help(
            codes::UNKNOWN_FACT,
            span,
            both!("`{of}` 没有 `{name}` 这一项", "`{of}` has no field `{name}`"),
            help,
        )
    }
}

/// The names of a dotted path, if it is nothing else.
fn parts(syntax: &Syntax) -> Option<Vec<(&str, Range<usize>)>> {
    match &syntax.kind {
        Kind::Name(name) => Some(vec![(name, syntax.span.clone())]),
        Kind::Field(base, name) => {
            let mut parts = parts(base)?;
            parts.push((name, syntax.span.clone()));
            Some(parts)
        }
        _ => None,
    }
}

fn joined(parts: &[(&str, Range<usize>)]) -> String {
    parts.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(".")
}
