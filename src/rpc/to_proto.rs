//! Answer → wire: what the engine decided, in the caller's language, with names for symbols and places for rules.
//!
//! Decides nothing and leaves nothing out.

use super::proto::redress::v1 as wire;
use crate::decide::answer;
use crate::facts::{EnumType, FactId, Type, id};
use crate::policy::bundle::Bundle;
use crate::text::{Language, Locale};
use crate::value::{Instant, Symbol, Value};

mod authorization;
mod decision;
mod explanation;
pub mod values;

/// What an answer is signed with.
#[derive(Debug, Clone)]
pub struct Issue {
    pub decision_id: String,
    pub evaluated_at: Instant,
    pub request_version: String,
    pub warnings: Vec<wire::Warning>,
}

/// Writes the answers to one case.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    pub bundle: &'a Bundle,
    /// The case, as it was decided.
    pub facts: &'a [Value],
    pub locale: Locale,
    pub language: Language,
}

impl<'a> Writer<'a> {
    pub fn new(bundle: &'a Bundle, facts: &'a [Value], locale: Locale) -> Self {
        Self { bundle, facts, locale, language: bundle.language(locale) }
    }

    fn fact(&self, fact: FactId) -> &'a Value {
        self.facts.get(usize::from(fact.0)).unwrap_or(&Value::Unknown)
    }

    fn is_chinese(&self) -> bool {
        self.language == Language::Chinese
    }

    /// The vocabulary that `fact` is of.
    fn vocabulary(&self, fact: FactId) -> Option<&'a EnumType> {
        let schema = self.bundle.schema();
        let Type::Enum(of) = schema.fact(fact)?.ty else { return None };
        schema.enumeration(of)
    }

    /// A word of the vocabulary that `fact` is of, and its title.
    fn word(&self, fact: FactId, symbol: Symbol) -> (&'a str, &'a str) {
        let member = self.vocabulary(fact).and_then(|of| of.member(symbol));
        member.map_or(("", ""), |member| (&*member.id, member.title.get(self.locale)))
    }

    fn role(&self, role: Option<Symbol>) -> (String, String) {
        let (name, title) = role.map_or(("", ""), |role| self.word(id::ACTOR_ROLE, role));
        (name.to_owned(), title.to_owned())
    }

    fn remedy(&self, remedy: Symbol) -> (&'a str, &'a str) {
        self.word(id::REQUEST_WANTED, remedy)
    }

    fn channel(&self, channel: Option<Symbol>) -> String {
        channel.map_or("", |channel| self.word(id::HELPDESK_CHANNEL, channel).0).to_owned()
    }

    fn action(&self, action: Symbol) -> (&'a str, &'a str) {
        self.word(id::ACTION_NAME, action)
    }

    fn money(&self, amount: rust_decimal::Decimal) -> super::proto::google::r#type::Money {
        values::money(amount, &self.bundle.manifest().currency)
    }
}

/// The rule's own name, without its policy's: `ledger-entry` of `duties.ledger/ledger-entry`.
fn own_name(rule: &crate::policy::rules::Rule) -> &str {
    rule.id.rsplit_once('/').map_or(&*rule.id, |(_, name)| name)
}

/// Whether an amount is asked beyond the authority, the policy or the platform.
fn layer(why_not: &answer::WhyNot<'_>) -> wire::Layer {
    match why_not {
        answer::WhyNot::Platform => wire::Layer::Platform,
        answer::WhyNot::Guarded(_) | answer::WhyNot::Evidence => wire::Layer::Policy,
        answer::WhyNot::TooMuch { .. }
        | answer::WhyNot::NotGranted
        | answer::WhyNot::NobodyMay
        | answer::WhyNot::Facts => wire::Layer::Authority,
    }
}
