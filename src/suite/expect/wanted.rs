//! One value that an answer must have.

use chrono::{DateTime, FixedOffset, NaiveDate};
use rust_decimal::Decimal;

use crate::both;
use crate::diagnostic::{Diagnostic, Problems, codes};
use crate::expr::check::suggestion;
use crate::plain::moment;
use crate::policy::Bundle;
use crate::policy::decode::{Decode, Spanned, parse_duration, wrong_form};
use crate::source::tree::{Node, NodeKind};
use crate::text::quoted;
use crate::value::Instant;
use crate::view::shape::Of;
use crate::view::{Content, Plain, View};

/// A value as it was written, and as it is compared.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub text: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Money(Decimal),
    Instant(Instant),
    Text,
    Word,
    /// A rule by its whole id or by its own name.
    Rule,
    /// Compared by the type of the value that is there.
    Any,
}

impl Wanted {
    pub fn read(node: &Node, of: Of, bundle: &Bundle, problems: &mut Problems) -> Option<Self> {
        let kind = match of {
            Of::Money => Kind::Money(Decimal::decode(node, problems)?),
            Of::Instant => Kind::Instant(moment(&Spanned::<DateTime<FixedOffset>>::decode(node, problems)?).value),
            Of::Text => Kind::Text,
            Of::Anything => Kind::Any,
            Of::Rule | Of::RuleOf(_) | Of::Forbidder => Kind::Rule,
            Of::Word(_) | Of::Name(_) | Of::Fact | Of::Step | Of::Route | Of::Payer | Of::Output | Of::DutyField => {
                Kind::Word
            }
        };
        let NodeKind::Scalar(scalar) = &node.kind else {
            problems.push(wrong_form(node, &of.kind()));
            return None;
        };
        let text = scalar.text.to_string();
        if let Some(names) = of.names(bundle)
            && !names.contains(&text)
        {
            let (theirs, kind) = (quoted(&text), of.kind());
            let (zh, en) = (kind.zh, kind.en);
            let message = both!("{theirs} 不是已有的{zh}", "{theirs} is not a known {en}");
            let problem = Diagnostic::error(codes::UNKNOWN_NAME, node.span.clone(), message);
            let help = suggestion(&text, names.iter().map(String::as_str));
            problems.push(help.into_iter().fold(problem, Diagnostic::help));
            return None;
        }
        Some(Self { text, kind })
    }

    /// Whether a place holds it.
    pub fn is(&self, view: &View) -> bool {
        let Content::Value(value) = &view.content else { return false };
        match (&self.kind, value) {
            (Kind::Money(wanted), Plain::Money(amount)) => wanted == amount,
            (Kind::Instant(wanted), Plain::Instant(at)) => wanted == at,
            (Kind::Rule, Plain::Word(id)) => {
                *id == self.text || id.rsplit_once('/').is_some_and(|(_, own)| own == self.text)
            }
            (Kind::Text | Kind::Word, Plain::Text(text) | Plain::Word(text)) => *text == self.text,
            (Kind::Any, value) => self.is_any(value),
            _ => false,
        }
    }

    /// Whether it is a part of the text at a place.
    pub fn is_within(&self, view: &View) -> bool {
        match &view.content {
            Content::Value(Plain::Text(text)) => text.contains(&self.text),
            Content::Value(_) | Content::Group(_) | Content::List(_) => false,
        }
    }

    fn is_any(&self, value: &Plain) -> bool {
        let text = self.text.as_str();
        match value {
            Plain::Bool(flag) => text == if *flag { "true" } else { "false" },
            Plain::Number(number) | Plain::Money(number) => Decimal::from_str_exact(text).is_ok_and(|n| n == *number),
            Plain::Text(known) | Plain::Word(known) => known == text,
            Plain::Instant(at) => {
                DateTime::parse_from_rfc3339(text).is_ok_and(|wanted| wanted.timestamp_nanos_opt() == Some(at.0))
            }
            Plain::Date(date) => NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok_and(|wanted| wanted == *date),
            Plain::Duration(length) => parse_duration(text) == Some(*length),
        }
    }
}
