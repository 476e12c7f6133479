//! Cases as people write them: facts under the paths that expressions name them by, in plain values.
//!
//! `YAML or JSON → tree → facts, each checked against the schema in its place → messages of the API`. What a person
//! wrote so goes the very way of what a front end sends: it is refused for the same faults, and may be sent to a server.
//! Decides nothing, and reads no files.

use chrono::{DateTime, FixedOffset};

use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};
use crate::policy::Bundle;
use crate::policy::decode::{Decode, Spanned};
use crate::record;
use crate::rpc::from_proto;
use crate::rpc::proto::redress::v1 as wire;
use crate::rpc::violation::Violation;
use crate::source::tree::{Key, Node};
use crate::value::Instant;

mod facts;
mod form;

pub use facts::{Facts, Part, Stated, stated_paths, unknown_fact};

record! {
    /// A question as a person writes it: who asks what about which case, and for which moment.
    /// zh: 一次询问：谁、就哪个案件、问什么、按哪个时刻。
    pub struct QuestionFile {
        /// The moment to answer for; now, if this is not written.
        /// zh: 按哪个时刻答复；不写就按当前时间。
        pub as_of: Option<Spanned<DateTime<FixedOffset>>>,
        /// Who asks: `{ id, role }`, or the role alone.
        /// zh: 谁在问：`{ id, role }`，或只写角色。
        pub actor: Option<Node>,
        /// What is to be done: `{ name, amount }`, or the name alone. Without it the case is decided.
        /// zh: 要做的操作：`{ name, amount }`，或只写操作名；不写就是问整个案件。
        pub action: Option<Node>,
        /// What is known of the case.
        /// zh: 案件的已知情况。
        pub case: Node,
    }
}

/// A question with its facts checked one by one. Whether they fit together is told by [`Question::call`].
#[derive(Debug, Clone)]
pub struct Question {
    pub as_of: Option<Spanned<Instant>>,
    pub actor: Facts,
    /// What is to be authorised; `None` where the case is to be decided.
    pub action: Option<Facts>,
    pub case: Facts,
    /// Where problems of the question as a whole are shown.
    pub span: Span,
}

/// What is sent for a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    Decide(Box<wire::DecideRequest>),
    Authorize(Box<wire::AuthorizeRequest>),
}

impl Question {
    /// Reads a file that holds one question.
    pub fn decode(node: &Node, bundle: &Bundle, problems: &mut Problems) -> Option<Self> {
        let file = QuestionFile::decode(node, problems)?;
        let case = Facts::decode(&file.case, Part::Case, bundle, problems);
        let part = |node: Option<&Node>, part, problems: &mut Problems| {
            node.map_or(Some(None), |node| Facts::decode(node, part, bundle, problems).map(Some))
        };
        let actor = part(file.actor.as_ref(), Part::Actor, problems);
        let action = part(file.action.as_ref(), Part::Action, problems);
        Some(Self {
            as_of: file.as_of.as_ref().map(moment),
            actor: actor?.unwrap_or_default(),
            action: action?,
            case: case?,
            span: node.span.clone(),
        })
    }

    /// States one more fact of the case, the actor or the action, as a word of a command line has it.
    pub fn give(&mut self, path: &str, word: &str, bundle: &Bundle, problems: &mut Problems) {
        let key = Key { text: word.into(), span: self.span.clone() };
        let Some(stated) = Stated::at(path, &self.span, bundle) else { return };
        let stated = Stated { value: key.to_node(), ..stated };
        if stated.check(bundle, problems).is_some() {
            match Part::of(path) {
                Part::Case => self.case.state(stated),
                Part::Actor => self.actor.state(stated),
                Part::Action => self.action.get_or_insert_default().state(stated),
            }
        }
    }

    /// The message to send, if a front end's would be taken. `locale` may be empty.
    pub fn call(&self, bundle: &Bundle, locale: &str, explain: bool, problems: &mut Problems) -> Option<Call> {
        let case = self.case.message(Part::Case, bundle, problems);
        let actor = self.actor.message(Part::Actor, bundle, problems);
        let action = match &self.action {
            Some(action) => action.message(Part::Action, bundle, problems).map(Some),
            None => Some(None),
        };
        let (case, actor, action): (wire::Case, wire::Actor, Option<wire::Action>) = (case?, actor?, action?);
        let as_of = self.as_of.as_ref().map(|at| form::timestamp(at.value));
        let sent = from_proto::Sent {
            case: Some(&case),
            actor: Some(&actor),
            action: action.as_ref().map(Some),
            as_of: as_of.as_ref(),
            locale,
            explain,
            grant: false,
        };
        // Only what the question itself says is looked at here: without a moment of its own, any clock will do.
        if let Err(violations) = from_proto::question(bundle, sent, self.as_of.as_ref().map_or(LATEST, |at| at.value)) {
            self.refuse(&violations, problems);
            return None;
        }
        let (case, actor, locale) = (Some(case), Some(actor), locale.to_owned());
        Some(match action {
            None => Call::Decide(Box::new(wire::DecideRequest { case, actor, as_of, locale, explain })),
            action => {
                let grant = false;
                Call::Authorize(Box::new(wire::AuthorizeRequest { case, actor, action, as_of, locale, explain, grant }))
            }
        })
    }

    /// Shows what the edge would refuse, each at its fact.
    fn refuse(&self, violations: &[Violation], problems: &mut Problems) {
        for violation in violations {
            let (zh, en) = (&violation.description.zh, &violation.description.en);
            // A person writes `[]`, and knows nothing of the list of empty lists.
            let empty = violation.field.strip_prefix("case.").and_then(|field| self.case.empty_list(field));
            let field = empty.map_or_else(|| violation.field.clone(), |stated| format!("case.{}", stated.path));
            let message = both!("`{field}` {zh}", "`{field}`: {en}");
            problems.push(Diagnostic::error(codes::IMPOSSIBLE_CASE, self.place(&field), message));
        }
    }

    /// Where the field of a request was written.
    fn place(&self, field: &str) -> Span {
        let of_case = field.strip_prefix("case.").and_then(|path| self.case.place(path));
        let elsewhere = || match field {
            "as_of" => self.as_of.as_ref().map(|at| at.span.clone()),
            field => self.actor.place(field).or_else(|| self.action.as_ref()?.place(field)),
        };
        let beside =
            || self.actor.iter().next().filter(|_| field.starts_with("actor.")).map(|stated| stated.key.clone());
        of_case.or_else(elsewhere).or_else(beside).unwrap_or_else(|| self.span.clone())
    }
}

/// Later than any moment that a case may speak of.
const LATEST: Instant = Instant(i64::MAX);

/// The moment that was written. Its year was checked as it was read.
pub fn moment(written: &Spanned<DateTime<FixedOffset>>) -> Spanned<Instant> {
    let nanos = written.value.timestamp_nanos_opt().unwrap_or(i64::MAX);
    Spanned::new(Instant(nanos), written.span.clone())
}

/// The same, from a word that stands in no file; `None` if it is no moment, or out of range.
pub fn parse_moment(text: &str) -> Option<Instant> {
    let key = Key { text: text.into(), span: Span::new(0, 0..0) };
    let written = Spanned::<DateTime<FixedOffset>>::decode(&key.to_node(), &mut Problems::default())?;
    Some(moment(&written).value)
}
