//! How a call becomes an entry of the decision log, and how its answer is given again from there.
//!
//! A record holds the request as far as the bundle lets it be held, and the bytes of the answer. Owns neither the log
//! nor its files: that is the journal's.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::watch;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::caller::Asker;
use super::decision_service::{authorize_as, decide_as};
use super::proto::google::r#type::Money;
use super::proto::redress::v1 as wire;
use super::withholding::{Parts, withhold};
use crate::both;
use crate::journal::{Answered, Figures, Journal, Standing, Trouble};
use crate::policy::Bundle;
use crate::record::token::TokenKey;
use crate::record::{Answer, Call, Granted, moment};
use crate::text::Language;
use crate::value::Instant;

/// A caller may try again after this long.
const RETRY: Duration = Duration::from_secs(1);

/// Keeps answers before they are given.
#[derive(Debug, Clone)]
pub struct Recorder {
    journal: Journal,
    decides: bool,
    key: Option<Arc<TokenKey>>,
}

/// A request as it is recorded.
pub trait Recorded: Message + Default {
    const CALL: Call;

    fn parts(&mut self) -> Parts<'_>;
}

impl Recorded for wire::DecideRequest {
    const CALL: Call = Call::Decide;

    fn parts(&mut self) -> Parts<'_> {
        Parts { case: self.case.as_mut(), actor: self.actor.as_mut(), action: None }
    }
}

impl Recorded for wire::AuthorizeRequest {
    const CALL: Call = Call::Authorize;

    fn parts(&mut self) -> Parts<'_> {
        Parts { case: self.case.as_mut(), actor: self.actor.as_mut(), action: self.action.as_mut() }
    }
}

/// One call, apart from its request.
#[derive(Debug)]
pub struct Given<'a> {
    pub id: &'a str,
    pub bundle: &'a Arc<Bundle>,
    pub asker: &'a Asker,
    pub received_at: Instant,
    pub took: Duration,
    pub grant: Option<Granted>,
}

impl Recorder {
    /// Records authorizations, and decisions if `decides`. Without a key, what would become tokens is left out.
    pub fn new(journal: Journal, decides: bool, key: Option<TokenKey>) -> Self {
        Self { journal, decides, key: key.map(Arc::new) }
    }

    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.journal.standing()
    }

    /// How the log fares, in numbers.
    pub fn figures(&self) -> &Figures {
        self.journal.figures()
    }

    pub fn records(&self, call: Call) -> bool {
        match call {
            Call::Authorize => true,
            Call::Decide => self.decides,
        }
    }

    /// The entry for an answer, which has no grant in it yet. The request is not needed any more.
    pub fn entry<Q: Recorded>(&self, given: &Given<'_>, request: &mut Q, answer: &impl Message) -> Answered {
        let private = &given.bundle.manifest().privacy;
        let withheld = withhold(private, self.key.as_deref(), &mut request.parts());
        Answered {
            id: given.id.to_owned(),
            call: Q::CALL,
            received_at: given.received_at,
            took: given.took,
            bundle: Arc::clone(given.bundle),
            caller: given.asker.name().into(),
            role_origin: given.asker.role_origin().as_str(),
            withheld,
            grant: given.grant.clone(),
            request: request.encode_to_vec(),
            answer: answer.encode_to_vec(),
        }
    }

    /// Keeps entries; until that is done no answer may leave.
    pub async fn keep(&self, entries: Vec<Answered>, language: Language) -> Result<(), Status> {
        if entries.is_empty() {
            return Ok(());
        }
        self.journal.keep(entries).await.map_err(|trouble| unavailable(&trouble, language))
    }
}

fn unavailable(trouble: &Trouble, language: Language) -> Status {
    let (zh, en) = (&trouble.said.zh, &trouble.said.en);
    let said = both!(
        "答复无法记录，所以没有给出：{zh}。稍后再试",
        "the answer can't be recorded, so it is not given: {en}; try again in a moment"
    );
    let mut details = ErrorDetails::with_retry_info(Some(RETRY));
    details.set_error_info("DECISION_LOG_UNAVAILABLE", "redress", []);
    Status::with_error_details(Code::Unavailable, said.get(language), details)
}

/// The part of an entry that people read, and that logs are searched by.
#[derive(Debug, Serialize)]
struct Shown<'m, A> {
    /// The moment that the answer is for.
    as_of: Option<pbjson_types::Timestamp>,
    order: &'m str,
    request: &'m str,
    actor: &'m str,
    role: &'m str,
    #[serde(skip_serializing_if = "str::is_empty")]
    action: &'m str,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<&'m Money>,
    /// The effect of an authorization, the remedy of a decision.
    outcome: &'m str,
    /// The rules that gave the answer.
    rules: BTreeSet<&'m str>,
    answer: &'m A,
}

/// Writes that part.
pub fn describe(answered: &Answered) -> serde_json::Result<Box<RawValue>> {
    let Answered { request, answer, .. } = answered;
    // Our own bytes: what can't be read is shown as empty.
    match answered.call {
        Call::Authorize => {
            let request = wire::AuthorizeRequest::decode(&**request).unwrap_or_default();
            let answer = wire::Authorization::decode(&**answer).unwrap_or_default();
            let action = request.action.as_ref();
            serde_json::value::to_raw_value(&Shown {
                as_of: answer.evaluated_at,
                action: action.and_then(|action| action.name.as_deref()).unwrap_or_default(),
                amount: action.and_then(|action| action.amount.as_ref()),
                outcome: answer.effect().as_str_name().trim_start_matches("EFFECT_"),
                rules: rules_of_authorization(&answer),
                answer: &answer,
                ..of_request(request.case.as_ref(), request.actor.as_ref(), &answer)
            })
        }
        Call::Decide => {
            let request = wire::DecideRequest::decode(&**request).unwrap_or_default();
            let answer = wire::Decision::decode(&**answer).unwrap_or_default();
            serde_json::value::to_raw_value(&Shown {
                as_of: answer.evaluated_at,
                outcome: &answer.recommended,
                rules: rules_of_decision(&answer),
                ..of_request(request.case.as_ref(), request.actor.as_ref(), &answer)
            })
        }
    }
}

fn of_request<'m, A>(case: Option<&'m wire::Case>, actor: Option<&'m wire::Actor>, answer: &'m A) -> Shown<'m, A> {
    let order = case.and_then(|case| case.order.as_ref()).and_then(|order| order.id.as_deref());
    let request = case.and_then(|case| case.request.as_ref()).and_then(|request| request.id.as_deref());
    Shown {
        as_of: None,
        order: order.unwrap_or_default(),
        request: request.unwrap_or_default(),
        actor: actor.and_then(|actor| actor.id.as_deref()).unwrap_or_default(),
        role: actor.and_then(|actor| actor.role.as_deref()).unwrap_or_default(),
        action: "",
        amount: None,
        outcome: "",
        rules: BTreeSet::new(),
        answer,
    }
}

fn rules_of_authorization(answer: &wire::Authorization) -> BTreeSet<&str> {
    let limit = answer.limit.iter().filter_map(|limit| limit.because.as_ref());
    let duties = answer.duties.iter().filter_map(|duty| duty.because.as_ref());
    named(answer.reasons.iter().chain(limit).chain(duties))
}

fn rules_of_decision(answer: &wire::Decision) -> BTreeSet<&str> {
    let rungs = answer.ladder.iter().flat_map(|rung| &rung.because);
    let forbidden = answer.forbidden.iter().filter_map(|forbidden| forbidden.because.as_ref());
    let timers = answer.timers.iter().filter_map(|timer| timer.because.as_ref());
    let duties = answer.duties.iter().filter_map(|duty| duty.because.as_ref());
    let route = answer.route.iter().filter_map(|route| route.because.as_ref());
    named(answer.reasons.iter().chain(rungs).chain(forbidden).chain(timers).chain(duties).chain(route))
}

fn named<'m>(reasons: impl Iterator<Item = &'m wire::Reason>) -> BTreeSet<&'m str> {
    reasons.map(|reason| reason.rule.as_str()).filter(|rule| !rule.is_empty()).collect()
}

/// What became of an answer that was given again.
#[derive(Debug, PartialEq)]
pub enum Replayed {
    /// The same bytes.
    Same,
    /// Other bytes: the answer as it is given now, and as it was recorded.
    Differs { now: String, recorded: String },
    /// The record can't be read, or its request is refused now.
    Unanswered(String),
}

/// Gives an answer again from its record and the bundle it names.
pub fn replay(bundle: &Bundle, answer: &Answer) -> Replayed {
    let unreadable = || Replayed::Unanswered("the record can't be read".into());
    let (Ok(request), Ok(recorded)) = (STANDARD.decode(&answer.request), STANDARD.decode(&answer.answer)) else {
        return unreadable();
    };
    let Some(clock) = moment(&answer.received_at) else { return unreadable() };
    match answer.call {
        Call::Authorize => {
            let Ok(mut request) = wire::AuthorizeRequest::decode(&*request) else { return unreadable() };
            // An answer is given again, a grant is not.
            request.grant = false;
            compared(authorize_as(bundle, &request, clock, answer.id.clone()), &recorded)
        }
        Call::Decide => {
            let Ok(request) = wire::DecideRequest::decode(&*request) else { return unreadable() };
            compared(decide_as(bundle, &request, clock, answer.id.clone()), &recorded)
        }
    }
}

fn compared<A: Message + Default + Serialize>(
    now: Result<A, Vec<super::violation::Violation>>,
    recorded: &[u8],
) -> Replayed {
    match now {
        Ok(now) if now.encode_to_vec() == recorded => Replayed::Same,
        Ok(now) => {
            let shown = |answer: &A| serde_json::to_string_pretty(answer).unwrap_or_default();
            let recorded = A::decode(recorded).map(|recorded| shown(&recorded)).unwrap_or_default();
            Replayed::Differs { now: shown(&now), recorded }
        }
        Err(violations) => {
            let said = violations.iter().map(|wrong| format!("`{}`: {}", wrong.field, wrong.description.en));
            Replayed::Unanswered(said.collect::<Vec<_>>().join("; "))
        }
    }
}

/// The request of a record, as JSON; what was withheld is not in it.
pub fn request_of(answer: &Answer) -> Option<serde_json::Value> {
    let request = STANDARD.decode(&answer.request).ok()?;
    match answer.call {
        Call::Authorize => serde_json::to_value(wire::AuthorizeRequest::decode(&*request).ok()?).ok(),
        Call::Decide => serde_json::to_value(wire::DecideRequest::decode(&*request).ok()?).ok(),
    }
}
