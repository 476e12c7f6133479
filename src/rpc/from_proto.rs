//! Wire → case: every message is taken apart whole, so that a new field does not compile until it is read here.
//!
//! Owns what may not come in: every fault of a request is found and named, none is guessed away. Knows no rule.

use super::proto::redress::v1 as wire;
use super::violation::{Reason, Violation};
use crate::both;
use crate::decide;
use crate::policy::bundle::Bundle;
use crate::text::Locale;
use crate::value::{Instant, SECOND};

mod attributes;
mod case;
mod consistency;
mod granting;
pub mod leaves;
mod lists;
mod order;
mod parties;
mod reader;
mod request;
mod sheet;

use reader::Reader;
pub use sheet::Filled;

/// A time that the service read itself may lag behind the front end's by this much.
const CLOCK_SKEW: i64 = 300 * SECOND;

/// One request, ready to be decided.
#[derive(Debug)]
pub struct Question {
    pub case: Filled,
    pub now: Instant,
    pub asked: decide::Asked,
    /// The request's locale, where the bundle does not have it.
    pub unknown_locale: Option<String>,
    /// The version of the customer's request that the answer is for.
    pub request_version: String,
}

/// The parts that questions have in common, as they were sent.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'m> {
    pub case: Option<&'m wire::Case>,
    pub actor: Option<&'m wire::Actor>,
    /// What is to be authorised; `None` where only a decision is asked for.
    pub action: Option<Option<&'m wire::Action>>,
    pub as_of: Option<&'m pbjson_types::Timestamp>,
    pub locale: &'m str,
    pub explain: bool,
    /// Whether the answer is to become a grant.
    pub grant: bool,
}

/// Reads a whole question; `clock` is the moment where the caller names none.
pub fn question(bundle: &Bundle, sent: Sent<'_>, clock: Instant) -> Result<Question, Vec<Violation>> {
    let mut violations = Vec::new();
    let (locale, unknown_locale) = locale(bundle, sent.locale, &mut violations);
    let now = match sent.as_of.map(leaves::instant) {
        None => Some(clock),
        Some(Ok(as_of)) => Some(as_of),
        Some(Err(fault)) => {
            violations.push(Violation::new("as_of", fault.reason, fault.description));
            None
        }
    };
    for (field, absent) in [
        ("case", sent.case.is_none()),
        ("actor", sent.actor.is_none()),
        ("action", sent.action.is_some_and(|action| action.is_none())),
    ] {
        if absent {
            violations.push(Violation::required(field));
        }
    }
    if sent.grant {
        granting::check(&sent, &mut violations);
    }
    let mut reader = Reader::new(bundle);
    if let Some(case) = sent.case {
        reader.case(case);
    }
    if let Some(actor) = sent.actor {
        reader.actor(actor);
    }
    if let Some(action) = sent.action.flatten() {
        reader.action(action);
    }
    let allowance = if sent.as_of.is_some() { 0 } else { CLOCK_SKEW };
    reader.check_consistency(now.map(|now| Instant(now.0.saturating_add(allowance))));
    violations.append(&mut reader.violations);
    match now {
        Some(now) if violations.is_empty() => Ok(Question {
            case: reader.sheet.finish(),
            now,
            asked: decide::Asked { locale, explain: sent.explain },
            unknown_locale,
            request_version: sent.case.and_then(version).unwrap_or_default().to_owned(),
        }),
        _ => Err(violations),
    }
}

/// Reads a case with its actor and, for an authorisation, its action: one value for each fact that is stated.
pub fn case_from(
    bundle: &Bundle,
    case: &wire::Case,
    actor: &wire::Actor,
    action: Option<&wire::Action>,
) -> Result<decide::Case, Vec<Violation>> {
    let mut reader = Reader::new(bundle);
    reader.case(case);
    reader.actor(actor);
    if let Some(action) = action {
        reader.action(action);
    }
    reader.check_consistency(None);
    if reader.violations.is_empty() { Ok(decide::Case { facts: reader.sheet.facts }) } else { Err(reader.violations) }
}

/// The bundle's locale for a caller's tag; its first where the caller names none, or one that the bundle has not.
pub fn locale(bundle: &Bundle, tag: &str, violations: &mut Vec<Violation>) -> (Locale, Option<String>) {
    /// The longest tag that BCP 47 asks programs to hold.
    const TAG_MAX: usize = 35;
    if tag.is_empty() {
        return (Locale::default(), None);
    }
    let plain =
        tag.len() <= TAG_MAX && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !plain {
        let description =
            both!("不是语言标签；写成 `zh-CN` 或 `en` 的形式", "is no language tag; write it as `zh-CN` or `en`");
        violations.push(Violation::new("locale", Reason::MALFORMED_LOCALE, description));
        return (Locale::default(), None);
    }
    bundle.locale(tag).map_or_else(|| (Locale::default(), Some(tag.to_owned())), |locale| (locale, None))
}

fn version(case: &wire::Case) -> Option<&str> {
    case.request.as_ref()?.version.as_deref()
}
