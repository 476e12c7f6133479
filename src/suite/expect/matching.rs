//! How an answer differs from what was expected, in the words of the suite.

use super::{Matcher, Wanted};
use crate::calendar;
use crate::diagnostic::Span;
use crate::value::Instant;
use crate::view::outline::written_duration;
use crate::view::{Content, Plain, RuleRef, View};

/// A place of the answer that is not as expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    pub path: String,
    pub expected: String,
    pub actual: String,
    /// The rules that made it so.
    pub because: Vec<RuleRef>,
    /// Where the expectation is written.
    pub span: Span,
}

impl Matcher {
    /// As one would write it.
    pub fn written(&self) -> String {
        match self {
            Matcher::Is(wanted) => wanted.text.clone(),
            Matcher::Absent => "none".to_owned(),
            Matcher::Present => "any".to_owned(),
            Matcher::Names(names) => format!("[{}]", names.join(", ")),
            Matcher::Exactly(wanted) => format!("[{}]", joined(wanted)),
            Matcher::Contains(wanted) => format!("contains [{}]", joined(wanted)),
            Matcher::Lacks(wanted) => format!("lacks [{}]", joined(wanted)),
        }
    }

    /// What is there instead, in the same form.
    pub fn found(&self, view: &View, zone: chrono_tz::Tz) -> String {
        match (self, &view.content) {
            (Matcher::Names(_), Content::Group(members)) => {
                let keys: Vec<&str> = members.iter().map(|(key, _)| key.as_str()).collect();
                format!("[{}]", keys.join(", "))
            }
            _ => written(view, zone),
        }
    }
}

fn joined(wanted: &[Wanted]) -> String {
    wanted.iter().map(|wanted| wanted.text.as_str()).collect::<Vec<_>>().join(", ")
}

/// What is there, as one would write it in a suite.
pub fn written(view: &View, zone: chrono_tz::Tz) -> String {
    match &view.content {
        Content::Value(value) => match value {
            Plain::Bool(flag) => flag.to_string(),
            Plain::Number(number) | Plain::Money(number) => number.to_string(),
            Plain::Text(text) | Plain::Word(text) => text.clone(),
            Plain::Instant(at) => instant(*at, zone),
            Plain::Date(date) => date.to_string(),
            Plain::Duration(length) => written_duration(*length),
        },
        Content::List(items) => {
            format!("[{}]", items.iter().map(|item| written(item, zone)).collect::<Vec<_>>().join(", "))
        }
        Content::Group(members) => {
            let members = members.iter().map(|(key, member)| match &member.content {
                Content::Value(_) | Content::List(_) => format!("{key}: {}", written(member, zone)),
                Content::Group(_) => format!("{key}: {{…}}"),
            });
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
    }
}

fn instant(at: Instant, zone: chrono_tz::Tz) -> String {
    calendar::local(at, zone).map_or_else(String::new, |at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false))
}
