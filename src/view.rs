//! Answers as people read and name them: `ladder.exchange.state`, `limit.remaining`, `timers.no-reason-window.due`.
//!
//! One plain form for the outline that a person reads and for what a policy test expects. It is made of the API's
//! answer, so it holds for an answer of this process and for one of a server. [`shape`] says which places there are and
//! what they are called; `decision` and `authorization` fill them. Decides nothing.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::rpc::proto::redress::v1 as wire;
use crate::value::{Duration, Instant};

mod authorization;
mod decision;
mod fill;
pub mod outline;
pub mod shape;
mod values;

pub use authorization::authorization;
pub use decision::decision;
pub use shape::Shape;

/// A place in an answer, with what it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    pub content: Content,
    /// What people read for it, where that is not the content itself.
    pub title: Option<String>,
    /// The rules that made it so.
    pub because: Vec<RuleRef>,
}

/// What a place holds. What is absent has no place.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    Value(Plain),
    /// By key, in the order of the shape or of the answer.
    Group(Vec<(String, View)>),
    List(Vec<View>),
}

/// A single value.
#[derive(Debug, Clone, PartialEq)]
pub enum Plain {
    Bool(bool),
    Number(Decimal),
    Money(Decimal),
    Text(String),
    /// A word of a closed set, or a name of the bundle's.
    Word(String),
    Instant(Instant),
    Date(NaiveDate),
    Duration(Duration),
}

/// A rule and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRef {
    /// `authority.compensation/agent-half-up-to-500`
    pub id: String,
    /// What it tells the reader: its message, or else its title.
    pub text: String,
    pub file: String,
    /// From 1; 0 where the answer does not tell.
    pub line: i32,
}

impl View {
    pub fn value(value: Plain) -> Self {
        Self { content: Content::Value(value), title: None, because: Vec::new() }
    }

    pub fn group(members: Vec<(String, View)>) -> Self {
        Self { content: Content::Group(members), title: None, because: Vec::new() }
    }

    /// A word, and what people read for it.
    pub fn word(word: &str, title: &str) -> Self {
        let title = (!title.is_empty()).then(|| title.to_owned());
        Self { title, ..Self::value(Plain::Word(word.to_owned())) }
    }

    #[must_use]
    pub fn titled(self, title: &str) -> Self {
        Self { title: (!title.is_empty()).then(|| title.to_owned()), ..self }
    }

    #[must_use]
    pub fn because(self, because: Vec<RuleRef>) -> Self {
        Self { because, ..self }
    }

    /// What lies under `key`.
    pub fn get(&self, key: &str) -> Option<&View> {
        match &self.content {
            Content::Group(members) => members.iter().find(|(known, _)| known == key).map(|(_, view)| view),
            Content::Value(_) | Content::List(_) => None,
        }
    }
}

impl RuleRef {
    pub(crate) fn of(reason: &wire::Reason) -> Self {
        let (file, line) = reason.location.as_ref().map_or(("", 0), |at| (at.file.as_str(), at.line));
        let text = if reason.message.is_empty() { &reason.title } else { &reason.message };
        Self { id: reason.rule.clone(), text: text.clone(), file: file.to_owned(), line }
    }

    /// `authority/compensation.yaml:9`
    pub fn place(&self) -> String {
        if self.line > 0 { format!("{}:{}", self.file, self.line) } else { self.file.clone() }
    }
}
