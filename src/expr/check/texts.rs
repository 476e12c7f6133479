//! Functions on names and texts: branches of a vocabulary, parts of a text, words that are mentioned.

use std::ops::Range;

use super::{Checker, Typed, suggestion};
use crate::both;
use crate::diagnostic::codes;
use crate::expr::mentions;
use crate::expr::syntax::Syntax;
use crate::expr::typed::{Cond, Term, TextTest};
use crate::facts::{EnumType, Type};
use crate::value::Value;

impl Checker<'_> {
    pub(super) fn within(&mut self, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let [subject, branch] = self.arity("within", arguments, span)?;
        let (subject_typed, branch_typed) = (self.infer(subject), self.infer(branch));
        let (subject_typed, branch_typed) = (subject_typed?, branch_typed?);
        let Type::Enum(id) = subject_typed.ty else {
            let ty = self.describe(&subject_typed.ty);
            let (zh, en) = (&ty.zh, &ty.en);
            return self.problem(
                codes::TYPE_MISMATCH,
                &subject.span,
                both!("`within` 要的是分类，这里却是{zh}", "`within` wants a classification, but this is {en}"),
            );
        };
        let enumeration = self.names.schema.enumeration(id)?;
        let Term::Const(Value::Text(prefix)) = &branch_typed.term else {
            return self.problem(
                codes::TYPE_MISMATCH,
                &branch.span,
                both!(
                    "分类要直接写出来，例如 `\"product.quality\"`",
                    "the branch must be written out, as in `\"product.quality\"`"
                ),
            );
        };
        let set = enumeration.branch(prefix);
        if set.is_empty() {
            return self.not_a_branch(prefix, enumeration, &branch.span);
        }
        Some(Typed::condition(Cond::OneOf(Box::new(subject_typed.term), set)))
    }

    fn not_a_branch<T>(&mut self, prefix: &str, enumeration: &EnumType, span: &Range<usize>) -> Option<T> {
        let name = &enumeration.name;
        let branches = enumeration.branches();
        let help = suggestion(prefix, branches.iter().copied());
        self.problem_with_help(
            codes::NEVER_TRUE,
            span,
            both!(
                "{name} 里没有 `{prefix}` 这一支，这个条件永远不会成立",
                "{name} has no branch `{prefix}`: the condition could never be true"
            ),
            help,
        )
    }

    pub(super) fn text_test(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let [subject, part] = self.arity(name, arguments, span)?;
        let typed = self.infer(subject)?;
        if let Type::List(of) = typed.ty.clone()
            && name == "contains"
        {
            let element = self.argument(part, &of)?;
            let cond = Cond::Member { element: Box::new(element.term), list: Box::new(typed.term) };
            return Some(Typed::condition(cond));
        }
        let text = self.coerce(typed, &Type::Text, &subject.span)?;
        let part = self.argument(part, &Type::Text)?;
        let test = match name {
            "contains" => TextTest::Contains,
            "starts_with" => TextTest::StartsWith,
            _ => TextTest::EndsWith,
        };
        Some(Typed::condition(Cond::Text(test, Box::new(text.term), Box::new(part.term))))
    }

    pub(super) fn mentions(&mut self, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let [texts, words] = self.arity("mentions", arguments, span)?;
        let (typed, words) = (self.infer(texts), self.argument(words, &Type::list(Type::Text)));
        let (typed, words) = (typed?, words?);
        let typed =
            if typed.ty == Type::Text { typed } else { self.coerce(typed, &Type::list(Type::Text), &texts.span)? };
        let texts = Box::new(typed.term);
        let ready = if let Term::Const(words) = &words.term { mentions::ready(words) } else { None };
        Some(Typed::condition(Cond::Mentions { texts, words: Box::new(words.term), ready }))
    }
}
