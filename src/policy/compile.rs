//! From decoded files to rules: names resolved, expressions typed, texts in every locale. Every problem is reported.

use rust_decimal::Decimal;

use super::decode::{ExpressionText, Id, LocalizedText, OneOrMany, Passage, Spanned};
use super::files::{HasHead, Sum};
use super::rules::{Amount, Line, Location, Message, Piece, Rule, Template};
use super::texts::Texts;
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};
use crate::expr::check::{self, ExpressionProblem, Names, Typed, suggestion};
use crate::expr::syntax::Syntax;
use crate::expr::typed::{Cond, Term};
use crate::facts::{Schema, Type};
use crate::script;
use crate::source::Sources;
use crate::text::Localized;
use crate::value::{Instant, Symbol, Value};

pub mod calendars;
pub mod facts;
pub mod functions;
pub mod ladder;
pub mod parameters;
pub mod rules;
pub mod tables;

/// What the rules of one variant of a bundle are compiled against.
pub struct Compiler<'a> {
    pub sources: &'a Sources,
    pub texts: Texts<'a>,
    pub schema: &'a Schema,
    pub parameters: &'a [parameters::Declared],
    pub values: &'a [check::Parameter],
    pub functions: &'a [check::Function],
    pub calendars: &'a [Box<str>],
    pub problems: &'a mut Problems,
}

impl Compiler<'_> {
    fn names<'n>(&'n self, locals: &'n [(Box<str>, Type)]) -> Names<'n> {
        Names {
            schema: self.schema,
            parameters: self.values,
            functions: self.functions,
            calendars: self.calendars,
            locals,
            it: None,
        }
    }

    /// What every rule has.
    pub fn rule(&mut self, prefix: &str, entry: &impl HasHead) -> Rule {
        let head = entry.head();
        let effective = head.effective.map_or((None, None), |effective| {
            let instant = |at: Option<chrono::DateTime<chrono::FixedOffset>>| at?.timestamp_nanos_opt().map(Instant);
            (instant(effective.from), instant(effective.until))
        });
        if let ((Some(from), Some(until)), Some(written)) = (effective, head.effective)
            && from >= until
        {
            let message = both!(
                "生效时间的结束不晚于开始，这条规则永远不会生效",
                "it ends before it begins: the rule would never be in force"
            );
            self.problems.push(Diagnostic::error(codes::OUT_OF_RANGE, written.span.clone(), message));
        }
        Rule {
            id: format!("{prefix}/{}", head.id.value).into(),
            title: self.texts.localized(head.title, self.problems),
            message: head.message.map(|message| self.message(message)),
            implements: head.implements.iter().map(|id| id.value.as_str().into()).collect(),
            at: self.location(&head.id.span),
            effective,
            when: head.when.iter().filter_map(|line| self.line(line)).collect(),
            any: head.any.iter().filter_map(|line| self.line(line)).collect(),
        }
    }

    /// The conditions of a step as a rule of their own, which a trace shows: `kind.policy/id#step`.
    pub fn step_rule(
        &mut self,
        of: &Rule,
        step: &str,
        when: Option<&OneOrMany<ExpressionText>>,
        at: &Span,
    ) -> Option<Rule> {
        let lines: Box<[Line]> = when?.iter().filter_map(|line| self.line(line)).collect();
        Some(Rule {
            id: format!("{}#{step}", of.id).into(),
            title: of.title.clone(),
            message: None,
            implements: Box::default(),
            at: self.location(at),
            effective: (None, None),
            when: lines,
            any: Box::default(),
        })
    }

    pub fn location(&self, span: &Span) -> Location {
        let source = self.sources.get(span.source);
        Location {
            file: source.map_or("", |source| source.path()).into(),
            line: source.map_or(0, |source| source.position(span.bytes.start).line),
        }
    }

    /// One line of conditions.
    pub fn line(&mut self, text: &ExpressionText) -> Option<Line> {
        let syntax = self.parse(text)?;
        let checked = check::condition(&syntax, self.names(&[]));
        let cond = self.accept(text, checked)?;
        if let Cond::Const(value) = cond {
            let message = both!("这个条件永远是 {value}", "this condition is always {value}");
            self.problems.push(Diagnostic::warning(codes::NEVER_TRUE, text.span().clone(), message));
        }
        Some(Line::new(text.text().trim(), cond, self.location(text.span()).line))
    }

    /// An expression with a value of the wanted type.
    pub fn term(&mut self, text: &ExpressionText, wanted: Option<&Type>, locals: &[(Box<str>, Type)]) -> Option<Typed> {
        let syntax = self.parse(text)?;
        let checked = check::term(&syntax, wanted, self.names(locals));
        self.accept(text, checked)
    }

    /// An expression whose value stays the same while time passes.
    pub fn still_term(&mut self, text: &ExpressionText, wanted: &Type) -> Option<Typed> {
        let typed = self.term(text, Some(wanted), &[])?;
        if typed.slope == 0 {
            return Some(typed);
        }
        let message = both!("这里的值不能随时间每刻变化", "a value here can't change with every moment");
        let help = both!("写截止时间，而不是剩余时长", "give the time it is due, not the time that is left");
        let problem = Diagnostic::error(codes::UNFORESEEABLE_TIME, text.span().clone(), message);
        self.problems.push(problem.help(help));
        None
    }

    /// An expression whose value stays the same while time passes, or moves with it but is only shown.
    pub fn amount(&mut self, text: &ExpressionText, wanted: &Type, locals: &[(Box<str>, Type)]) -> Option<Amount> {
        let typed = self.term(text, Some(wanted), locals)?;
        let words = self.texts.same(text.text().trim());
        Some(Amount { text: text.text().trim().into(), term: typed.term, words })
    }

    /// A sum of money, with the words that answers use for it.
    pub fn sum(&mut self, sum: &Sum, locals: &[(Box<str>, Type)]) -> Option<Amount> {
        match sum {
            Sum::Amount(text) => {
                let typed = self.term(text, Some(&Type::Money), locals)?;
                let words = self.words_for(text, &typed);
                Some(Amount { text: text.text().trim().into(), term: typed.term, words })
            }
            Sum::Share(share) => {
                let percent = self.term(&share.percent, Some(&Type::Number), locals);
                let of = self.term(&share.of, Some(&Type::Money), locals);
                let (percent, of) = (percent?, of?);
                let text = format!("{} % of {}", share.percent.text().trim(), share.of.text().trim());
                let words = self.share_words(share.percent.text().trim(), &percent.term, &share.of, &of);
                Some(Amount { text: text.into(), term: check::percent_of(percent.term, of.term, true), words })
            }
        }
    }

    /// How an answer names an amount: a parameter's or a fact's title, or else the expression itself.
    fn words_for(&self, text: &ExpressionText, typed: &Typed) -> Localized {
        let written = text.text().trim();
        let declared =
            written.strip_prefix('$').and_then(|name| self.parameters.iter().find(|known| &*known.name == name));
        if let (Some(declared), Term::Const(Value::Money(amount))) = (declared, &typed.term) {
            let titles = declared.title.0.iter().map(|title| format!("{title} ({amount:.2})").into());
            return titles.collect();
        }
        if let Term::Fact(fact) = &typed.term {
            return self.schema.fact(*fact).map_or_else(Localized::default, |fact| fact.title.clone());
        }
        self.texts.same(written)
    }

    fn share_words(&self, percent: &str, term: &Term, of: &ExpressionText, of_typed: &Typed) -> Localized {
        let percent = if let Term::Const(Value::Number(value)) = term {
            value.normalize().to_string()
        } else {
            percent.to_owned()
        };
        let of = self.words_for(of, of_typed);
        let languages = self.texts.languages();
        let words = of.0.iter().zip(languages).map(|(of, language)| match language {
            crate::text::Language::Chinese => format!("{of}的 {percent}%").into(),
            crate::text::Language::English => format!("{percent} % of {of}").into(),
        });
        words.collect()
    }

    /// A text with `{expression}` in it, in each locale; `{{` stands for a brace.
    pub fn message(&mut self, text: &LocalizedText) -> Message {
        let passages = self.texts.passages(text, self.problems);
        Message(passages.into_iter().map(|passage| self.template(passage)).collect())
    }

    fn template(&mut self, passage: Option<&Passage>) -> Template {
        let Some(passage) = passage else { return Template(Box::default()) };
        let text = passage.text();
        let mut pieces: Vec<Piece> = Vec::new();
        let mut plain = String::new();
        let mut rest = 0;
        while let Some(found) = text.get(rest..).and_then(|tail| tail.find(['{', '}'])) {
            let at = rest.saturating_add(found);
            plain.push_str(text.get(rest..at).unwrap_or_default());
            let tail = text.get(at..).unwrap_or_default();
            if tail.starts_with("{{") || tail.starts_with("}}") {
                plain.push_str(tail.get(..1).unwrap_or_default());
                rest = at.saturating_add(2);
                continue;
            }
            let Some(length) = tail.strip_prefix('{').and_then(|inner| inner.find('}')) else {
                let message = both!("花括号没有成对", "a brace has no partner");
                let help =
                    both!("要显示花括号本身，写两个：`{{{{`", "to show a brace itself write two of them: `{{{{`");
                let span = passage.place(at..at.saturating_add(1));
                self.problems.push(Diagnostic::error(codes::BAD_TEMPLATE, span, message).help(help));
                return Template(Box::default());
            };
            let start = at.saturating_add(1);
            let end = start.saturating_add(length);
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain).into()));
            }
            pieces.extend(self.placeholder(passage, start..end));
            rest = end.saturating_add(1);
        }
        plain.push_str(text.get(rest..).unwrap_or_default());
        if !plain.is_empty() || pieces.is_empty() {
            pieces.push(Piece::Text(plain.into()));
        }
        Template(pieces.into())
    }

    fn placeholder(&mut self, passage: &Passage, range: std::ops::Range<usize>) -> Option<Piece> {
        let inner = passage.text().get(range.clone()).unwrap_or_default();
        let checked = script::parse_expression(inner).and_then(|syntax| check::term(&syntax, None, self.names(&[])));
        let place = |span: std::ops::Range<usize>| {
            passage.place(range.start.saturating_add(span.start)..range.start.saturating_add(span.end))
        };
        match checked {
            Ok(typed) => Some(Piece::Value(typed.term, typed.ty)),
            Err(found) => {
                for problem in found {
                    let span = place(problem.span.clone());
                    self.problems.push(diagnostic(problem, span));
                }
                None
            }
        }
    }

    pub fn parse(&mut self, text: &ExpressionText) -> Option<Syntax> {
        let parsed = script::parse_expression(text.text());
        self.accept(text, parsed)
    }

    pub fn accept<T>(&mut self, text: &ExpressionText, checked: Result<T, Vec<ExpressionProblem>>) -> Option<T> {
        match checked {
            Ok(checked) => Some(checked),
            Err(found) => {
                for problem in found {
                    let span = text.place(problem.span.clone());
                    self.problems.push(diagnostic(problem, span));
                }
                None
            }
        }
    }

    /// The value that a name stands for, in one of the bundle's vocabularies.
    pub fn named(&mut self, vocabulary: &str, id: &Spanned<Id>) -> Option<Symbol> {
        named(self.schema, vocabulary, id.value.as_ref(), &id.span, self.problems)
    }

    pub fn all_named(&mut self, vocabulary: &str, ids: &[Spanned<Id>]) -> Box<[Symbol]> {
        ids.iter().filter_map(|id| self.named(vocabulary, id)).collect()
    }

    /// The calendar written by name, or the only one there is.
    pub fn calendar(&mut self, name: Option<&Spanned<Id>>, at: &Span) -> Option<usize> {
        let names: Vec<&str> = self.calendars.iter().map(|name| &**name).collect();
        let Some(name) = name else {
            if names.len() == 1 {
                return Some(0);
            }
            let message = both!("要写明用哪个日历", "name the calendar");
            let problem = Diagnostic::error(codes::MISSING_KEY, at.clone(), message);
            self.problems.push(suggestion("", names.iter().copied()).into_iter().fold(problem, Diagnostic::help));
            return None;
        };
        let wanted: &str = name.value.as_ref();
        let position = names.iter().position(|known| *known == wanted);
        if position.is_none() {
            let message = both!("没有名为 `{wanted}` 的日历", "there is no calendar `{wanted}`");
            let problem = Diagnostic::error(codes::UNKNOWN_NAME, name.span.clone(), message);
            self.problems.push(suggestion(wanted, names.iter().copied()).into_iter().fold(problem, Diagnostic::help));
        }
        position
    }
}

/// The value that a name stands for, or an error that lists those there are.
pub fn named(schema: &Schema, vocabulary: &str, id: &str, at: &Span, problems: &mut Problems) -> Option<Symbol> {
    let of = schema.enum_named(vocabulary).and_then(|of| schema.enumeration(of))?;
    let found = of.find(id);
    if found.is_none() {
        let (zh, en) = match vocabulary {
            "role" => ("角色", "role"),
            "action" => ("操作", "action"),
            "remedy" => ("处理方式", "remedy"),
            "channel" => ("渠道", "channel"),
            "return_means" => ("寄回方式", "way to send goods back"),
            "platform" => ("平台", "platform"),
            other => (other, other),
        };
        let message = both!("总表里没有 `{id}` 这个{zh}", "the bundle declares no {en} `{id}`");
        let problem = Diagnostic::error(codes::UNKNOWN_NAME, at.clone(), message);
        let help = suggestion(id, of.members.iter().map(|member| &*member.id));
        problems.push(help.into_iter().fold(problem, Diagnostic::help));
    }
    found
}

fn diagnostic(problem: ExpressionProblem, span: Span) -> Diagnostic {
    let found = Diagnostic::error(problem.code, span, problem.message);
    problem.help.into_iter().fold(found, Diagnostic::help)
}

/// Whether `value` lies in a range whose bounds are of its type.
pub fn in_range(value: &Value, min: &Value, max: &Value) -> bool {
    let between = |value: &Decimal, min: &Decimal, max: &Decimal| min <= value && value <= max;
    match (value, min, max) {
        (Value::Number(value), Value::Number(min), Value::Number(max))
        | (Value::Money(value), Value::Money(min), Value::Money(max)) => between(value, min, max),
        (Value::Duration(value), Value::Duration(min), Value::Duration(max)) => min <= value && value <= max,
        _ => false,
    }
}
