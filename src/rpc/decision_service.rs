//! The calls of the decision service: one snapshot of the policies and one reading of the clock for each, a whole batch
//! included.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::admission;
use super::caller::{Asker, Callers};
use super::decision_id::decision_id;
use super::from_proto::{self, Question, Sent};
use super::granting;
use super::proto::redress::v1 as wire;
use super::proto::redress::v1::decision_service_server::DecisionService;
use super::recording::{Given, Recorder};
use super::tally::Tally;
use super::to_proto::{Issue, Writer};
use super::trail::{Step, Trail};
use super::violation::{self, Reason, Violation};
use crate::both;
use crate::clock::{self, Stopwatch};
use crate::decide;
use crate::grant::{Issuer, Signed};
use crate::live::Live;
use crate::policy::Bundle;
use crate::record::Call;
use crate::text::Language;
use crate::value::Instant;

/// Requests in one batch, items in one triage.
pub const BATCH_MAX: usize = 1_000;

/// After so many of them, others get their turn on the thread.
const TURN: usize = 16;

/// Answers from the live policies.
#[derive(Debug, Clone)]
pub struct Decisions {
    live: Arc<Live>,
    callers: Callers,
    recorder: Option<Recorder>,
    issuer: Option<Arc<Issuer>>,
    tally: Arc<Tally>,
}

impl Decisions {
    pub fn new(live: Arc<Live>, callers: Callers) -> Self {
        Self { live, callers, recorder: None, issuer: None, tally: Arc::default() }
    }

    /// Gives no answer before it is recorded.
    #[must_use]
    pub fn recorded(self, recorder: Option<Recorder>) -> Self {
        Self { recorder, ..self }
    }

    /// Signs grants for what is allowed, where one is asked for.
    #[must_use]
    pub fn granting(self, issuer: Option<Arc<Issuer>>) -> Self {
        Self { issuer, ..self }
    }

    /// Counts its answers there.
    #[must_use]
    pub fn tallied(self, tally: &Arc<Tally>) -> Self {
        Self { tally: Arc::clone(tally), ..self }
    }

    /// Refuses to answer where a grant is wanted and nobody signs any.
    fn can_grant(&self, request: &wire::AuthorizeRequest, bundle: &Bundle) -> Result<(), Status> {
        if request.grant && self.issuer.is_none() {
            return Err(granting::unsigned(language(bundle, &request.locale)));
        }
        Ok(())
    }

    /// The grant for what was allowed, where one is wanted.
    fn grant(
        &self,
        bundle: &Bundle,
        request: &wire::AuthorizeRequest,
        answer: &wire::Authorization,
        asker: &Asker,
        now: Instant,
    ) -> Result<Option<Signed>, Status> {
        let Some(issuer) = self.issuer.as_deref().filter(|_| request.grant) else { return Ok(None) };
        let signed = granting::sign(issuer, bundle, request, answer, asker, now)?;
        if signed.is_some() {
            self.tally.grant();
        }
        Ok(signed)
    }

    fn recorder(&self, call: Call) -> Option<&Recorder> {
        self.recorder.as_ref().filter(|recorder| recorder.records(call))
    }
}

/// Answers one case.
pub fn decide(
    bundle: &Bundle,
    request: &wire::DecideRequest,
    clock: Instant,
) -> Result<wire::Decision, Vec<Violation>> {
    decide_as(bundle, request, clock, decision_id(clock))
}

/// The same under a name that the answer has already.
pub fn decide_as(
    bundle: &Bundle,
    request: &wire::DecideRequest,
    clock: Instant,
    id: String,
) -> Result<wire::Decision, Vec<Violation>> {
    decide_noted(bundle, request, clock, id, &Trail::none())
}

fn decide_noted(
    bundle: &Bundle,
    request: &wire::DecideRequest,
    clock: Instant,
    id: String,
    trail: &Trail,
) -> Result<wire::Decision, Vec<Violation>> {
    let wire::DecideRequest { case, actor, as_of, locale, explain } = request;
    let sent = Sent {
        case: case.as_ref(),
        actor: actor.as_ref(),
        action: None,
        as_of: as_of.as_ref(),
        locale,
        explain: *explain,
        grant: false,
    };
    let question = from_proto::question(bundle, sent, clock)?;
    trail.done(Step::Convert);
    let answer = decide::decide(rules_for(bundle, case.as_ref()), &question.case, question.now, question.asked);
    trail.done(Step::Decide);
    let writer = Writer::new(bundle, &question.case.facts, question.asked.locale);
    let answer = writer.decision(&answer, issue(&question, writer.language, id));
    trail.done(Step::Write);
    Ok(answer)
}

/// Answers one action.
pub fn authorize(
    bundle: &Bundle,
    request: &wire::AuthorizeRequest,
    clock: Instant,
) -> Result<wire::Authorization, Vec<Violation>> {
    authorize_as(bundle, request, clock, decision_id(clock))
}

/// The same under a name that the answer has already.
pub fn authorize_as(
    bundle: &Bundle,
    request: &wire::AuthorizeRequest,
    clock: Instant,
    id: String,
) -> Result<wire::Authorization, Vec<Violation>> {
    authorize_noted(bundle, request, clock, id, &Trail::none())
}

fn authorize_noted(
    bundle: &Bundle,
    request: &wire::AuthorizeRequest,
    clock: Instant,
    id: String,
    trail: &Trail,
) -> Result<wire::Authorization, Vec<Violation>> {
    let wire::AuthorizeRequest { case, actor, action, as_of, locale, explain, grant } = request;
    let sent = Sent {
        case: case.as_ref(),
        actor: actor.as_ref(),
        action: Some(action.as_ref()),
        as_of: as_of.as_ref(),
        locale,
        explain: *explain,
        grant: *grant,
    };
    let question = from_proto::question(bundle, sent, clock)?;
    trail.done(Step::Convert);
    let answer = decide::authorize(rules_for(bundle, case.as_ref()), &question.case, question.now, question.asked);
    trail.done(Step::Decide);
    let writer = Writer::new(bundle, &question.case.facts, question.asked.locale);
    let answer = writer.authorization(&answer, issue(&question, writer.language, id));
    trail.done(Step::Write);
    Ok(answer)
}

#[tonic::async_trait]
impl DecisionService for Decisions {
    async fn decide(
        &self,
        mut request: Request<wire::DecideRequest>,
    ) -> Result<Response<wire::DecideResponse>, Status> {
        let (begun, clock) = (Stopwatch::start(), clock::now());
        let (bundle, asker) = (self.live.current(), self.callers.admit(&request)?);
        let trail = Trail::of(&request);
        trail.taken_up(&bundle);
        let request = request.get_mut();
        asker.vouch(&mut request.actor, "actor", language(&bundle, &request.locale))?;
        let decision = decide_noted(&bundle, request, clock, decision_id(clock), &trail);
        let decision = decision.map_err(|wrong| refuse(&bundle, &request.locale, &wrong))?;
        self.tally.decision(&decision);
        trail.decided(&decision);
        if let Some(recorder) = self.recorder(Call::Decide) {
            let language = language(&bundle, &request.locale);
            let given = Given {
                id: &decision.decision_id,
                bundle: &bundle,
                asker: &asker,
                received_at: clock,
                took: begun.elapsed(),
                grant: None,
            };
            let entry = recorder.entry(&given, request, &decision);
            drop(bundle);
            let kept = recorder.keep(vec![entry], language).await;
            trail.done(Step::Record);
            kept?;
        }
        Ok(Response::new(wire::DecideResponse { decision: Some(decision) }))
    }

    async fn authorize(
        &self,
        mut request: Request<wire::AuthorizeRequest>,
    ) -> Result<Response<wire::AuthorizeResponse>, Status> {
        let (begun, clock) = (Stopwatch::start(), clock::now());
        let (bundle, asker) = (self.live.current(), self.callers.admit(&request)?);
        let trail = Trail::of(&request);
        trail.taken_up(&bundle);
        let request = request.get_mut();
        asker.vouch(&mut request.actor, "actor", language(&bundle, &request.locale))?;
        self.can_grant(request, &bundle)?;
        let authorization = authorize_noted(&bundle, request, clock, decision_id(clock), &trail);
        let mut authorization = authorization.map_err(|wrong| refuse(&bundle, &request.locale, &wrong))?;
        self.tally.authorization(&authorization);
        trail.authorized(&authorization);
        let grant = self.grant(&bundle, request, &authorization, &asker, clock)?;
        if let Some(recorder) = self.recorder(Call::Authorize) {
            let language = language(&bundle, &request.locale);
            let given = Given {
                id: &authorization.decision_id,
                bundle: &bundle,
                asker: &asker,
                received_at: clock,
                took: begun.elapsed(),
                grant: grant.as_ref().map(granting::kept),
            };
            let entry = recorder.entry(&given, request, &authorization);
            drop(bundle);
            let kept = recorder.keep(vec![entry], language).await;
            trail.done(Step::Record);
            kept?;
        }
        authorization.grant = grant.map(granting::message);
        Ok(Response::new(wire::AuthorizeResponse { authorization: Some(authorization) }))
    }

    async fn batch_decide(
        &self,
        request: Request<wire::BatchDecideRequest>,
    ) -> Result<Response<wire::BatchDecideResponse>, Status> {
        use wire::batch_decide_result::Result as Outcome;
        let asker = self.callers.admit(&request)?;
        let turn = admission::turn(&request).await?;
        let (bundle, clock, trail) = (self.live.snapshot(), clock::now(), Trail::of(&request));
        trail.taken_up(&bundle);
        let wire::BatchDecideRequest { mut requests } = request.into_inner();
        let first = requests.first().map_or("", |first| first.locale.as_str());
        check_count(&bundle, "requests", requests.len(), first)?;
        let actors = requests.iter_mut().map(|request| (&mut request.actor, request.locale.as_str()));
        vouch_all(&asker, &bundle, actors)?;
        let recorder = self.recorder(Call::Decide);
        let (mut results, mut entries) = (Vec::with_capacity(requests.len()), Vec::new());
        let language_of_first = language(&bundle, requests.first().map_or("", |first| &first.locale));
        for (at, request) in requests.iter_mut().enumerate() {
            take_turns(at).await;
            let begun = Stopwatch::start();
            let result = match decide(&bundle, request, clock) {
                Ok(answer) => {
                    let (id, took) = (&answer.decision_id, begun.elapsed());
                    let given = Given { id, bundle: &bundle, asker: &asker, received_at: clock, took, grant: None };
                    entries.extend(recorder.map(|recorder| recorder.entry(&given, request, &answer)));
                    self.tally.decision(&answer);
                    trail.decided(&answer);
                    Outcome::Decision(answer)
                }
                Err(wrong) => Outcome::Problem(violation::problem(&wrong, language(&bundle, &request.locale))),
            };
            results.push(wire::BatchDecideResult { result: Some(result) });
        }
        // The next batch is worked on while this one is recorded.
        drop(turn);
        trail.done(Step::Decide);
        if let Some(recorder) = recorder {
            let kept = recorder.keep(entries, language_of_first).await;
            trail.done(Step::Record);
            kept?;
        }
        Ok(Response::new(wire::BatchDecideResponse { results }))
    }

    async fn batch_authorize(
        &self,
        request: Request<wire::BatchAuthorizeRequest>,
    ) -> Result<Response<wire::BatchAuthorizeResponse>, Status> {
        use wire::batch_authorize_result::Result as Outcome;
        let asker = self.callers.admit(&request)?;
        let turn = admission::turn(&request).await?;
        let (bundle, clock, trail) = (self.live.snapshot(), clock::now(), Trail::of(&request));
        trail.taken_up(&bundle);
        let wire::BatchAuthorizeRequest { mut requests } = request.into_inner();
        let first = requests.first().map_or("", |first| first.locale.as_str());
        check_count(&bundle, "requests", requests.len(), first)?;
        let actors = requests.iter_mut().map(|request| (&mut request.actor, request.locale.as_str()));
        vouch_all(&asker, &bundle, actors)?;
        if let Some(asking) = requests.iter().find(|request| request.grant) {
            self.can_grant(asking, &bundle)?;
        }
        let recorder = self.recorder(Call::Authorize);
        let (mut results, mut entries) = (Vec::with_capacity(requests.len()), Vec::new());
        let language_of_first = language(&bundle, requests.first().map_or("", |first| &first.locale));
        for (at, request) in requests.iter_mut().enumerate() {
            take_turns(at).await;
            let begun = Stopwatch::start();
            let result = match authorize(&bundle, request, clock) {
                Ok(mut answer) => {
                    let grant = self.grant(&bundle, request, &answer, &asker, clock)?;
                    let kept = grant.as_ref().map(granting::kept);
                    let (id, took) = (&answer.decision_id, begun.elapsed());
                    let given = Given { id, bundle: &bundle, asker: &asker, received_at: clock, took, grant: kept };
                    entries.extend(recorder.map(|recorder| recorder.entry(&given, request, &answer)));
                    self.tally.authorization(&answer);
                    trail.authorized(&answer);
                    answer.grant = grant.map(granting::message);
                    Outcome::Authorization(answer)
                }
                Err(wrong) => Outcome::Problem(violation::problem(&wrong, language(&bundle, &request.locale))),
            };
            results.push(wire::BatchAuthorizeResult { result: Some(result) });
        }
        // The next batch is worked on while this one is recorded.
        drop(turn);
        trail.done(Step::Decide);
        if let Some(recorder) = recorder {
            let kept = recorder.keep(entries, language_of_first).await;
            trail.done(Step::Record);
            kept?;
        }
        Ok(Response::new(wire::BatchAuthorizeResponse { results }))
    }

    async fn triage(&self, request: Request<wire::TriageRequest>) -> Result<Response<wire::TriageResponse>, Status> {
        let asker = self.callers.admit(&request)?;
        let _turn = admission::turn(&request).await?;
        let (bundle, clock, trail) = (self.live.snapshot(), clock::now(), Trail::of(&request));
        trail.taken_up(&bundle);
        let mut request = request.into_inner();
        asker.vouch(&mut request.actor, "actor", language(&bundle, &request.locale))?;
        check_count(&bundle, "items", request.items.len(), &request.locale)?;
        let asked_for = common(&bundle, &request, clock).map_err(|wrong| refuse(&bundle, &request.locale, &wrong))?;
        let mut queue = Queue::default();
        for (at, item) in request.items.iter().enumerate() {
            take_turns(at).await;
            match item_question(&bundle, &request, item, clock) {
                Ok(question) => {
                    let rules = rules_for(&bundle, item.case.as_ref());
                    queue.decisions.push(decide::decide(rules, &question.case, question.now, question.asked));
                    queue.asked.push((at, question));
                }
                Err(wrong) => queue.refused.push((at, wrong)),
            }
        }
        trail.done(Step::Decide);
        let cases = queue.in_order(&bundle, &request, asked_for);
        trail.done(Step::Write);
        Ok(Response::new(wire::TriageResponse {
            cases,
            bundle_digest: bundle.digest().to_owned(),
            evaluated_at: Some(super::to_proto::values::timestamp(asked_for)),
        }))
    }
}

/// Cases being put in order.
#[derive(Default)]
struct Queue<'b> {
    /// Positions among the items, with what was asked; beside them the answers.
    asked: Vec<(usize, Question)>,
    decisions: Vec<decide::answer::Decision<'b>>,
    refused: Vec<(usize, Vec<Violation>)>,
}

impl Queue<'_> {
    fn in_order(self, bundle: &Bundle, request: &wire::TriageRequest, now: Instant) -> Vec<wire::TriagedCase> {
        use wire::triaged_case::Result as Outcome;
        let place = |at: usize, result| wire::TriagedCase {
            key: request.items.get(at).map_or_else(String::new, |item| item.key.clone()),
            position: super::to_proto::values::number(at),
            result: Some(result),
        };
        let order = decide::triage(&self.decisions, now, bundle.queue_span());
        let placed = order.iter().filter_map(|triaged| {
            let (decision, (at, question)) = (self.decisions.get(triaged.position)?, self.asked.get(triaged.position)?);
            let writer = Writer::new(bundle, &question.case.facts, question.asked.locale);
            Some(place(*at, Outcome::Entry(writer.triage_entry(decision, triaged.timer))))
        });
        let language = language(bundle, &request.locale);
        let refused = self.refused.iter();
        let refused = refused.map(|(at, wrong)| place(*at, Outcome::Problem(violation::problem(wrong, language))));
        placed.chain(refused).collect()
    }
}

fn item_question(
    bundle: &Bundle,
    request: &wire::TriageRequest,
    item: &wire::TriageItem,
    clock: Instant,
) -> Result<Question, Vec<Violation>> {
    let wire::TriageItem { key: _, case } = item;
    let wire::TriageRequest { items: _, actor, as_of, locale } = request;
    let sent = Sent {
        case: case.as_ref(),
        actor: actor.as_ref(),
        action: None,
        as_of: as_of.as_ref(),
        locale,
        explain: false,
        grant: false,
    };
    from_proto::question(bundle, sent, clock)
}

/// Checks what all items of a triage share, and tells the moment they are asked for.
fn common(bundle: &Bundle, request: &wire::TriageRequest, clock: Instant) -> Result<Instant, Vec<Violation>> {
    let nothing = wire::TriageItem { key: String::new(), case: Some(wire::Case::default()) };
    item_question(bundle, request, &nothing, clock).map(|question| question.now)
}

/// The rules of the case's shop.
fn rules_for<'b>(bundle: &'b Bundle, case: Option<&wire::Case>) -> &'b crate::policy::rules::Rules {
    let shop = case.and_then(|case| case.shop.as_ref());
    let (platform, id) = shop.map_or((None, None), |shop| (shop.platform.as_deref(), shop.id.as_deref()));
    bundle.rules_for(platform, id)
}

fn issue(question: &Question, language: Language, id: String) -> Issue {
    let warnings = question.unknown_locale.iter().map(|tag| {
        let said = both!("规则包没有语言 `{tag}`，改用默认语言", "the bundle has no locale `{tag}`; its first is used");
        wire::Warning { code: "UNKNOWN_LOCALE".to_owned(), message: said.get(language).to_owned(), rule: String::new() }
    });
    Issue {
        decision_id: id,
        evaluated_at: question.now,
        request_version: question.request_version.clone(),
        warnings: warnings.collect(),
    }
}

/// The engine's language for a caller's tag.
pub fn language(bundle: &Bundle, tag: &str) -> Language {
    bundle.language(bundle.locale(tag).unwrap_or_default())
}

fn refuse(bundle: &Bundle, locale: &str, wrong: &[Violation]) -> Status {
    violation::refusal(wrong, language(bundle, locale))
}

/// A batch is refused whole for one role that its caller may not state.
fn vouch_all<'r>(
    asker: &Asker,
    bundle: &Bundle,
    actors: impl Iterator<Item = (&'r mut Option<wire::Actor>, &'r str)>,
) -> Result<(), Status> {
    for (at, (actor, locale)) in actors.enumerate() {
        asker.vouch(actor, format_args!("requests[{at}].actor"), language(bundle, locale))?;
    }
    Ok(())
}

fn check_count(bundle: &Bundle, field: &str, count: usize, locale: &str) -> Result<(), Status> {
    if count <= BATCH_MAX {
        return Ok(());
    }
    let description =
        both!("有 {count} 项；一次最多 {BATCH_MAX} 项", "there are {count}; at most {BATCH_MAX} in one call");
    Err(refuse(bundle, locale, &[Violation::new(field, Reason::TOO_MANY_REQUESTS, description)]))
}

/// A batch does not hold up the other calls of its thread.
async fn take_turns(at: usize) {
    if at > 0 && at.checked_rem(TURN) == Some(0) {
        tokio::task::yield_now().await;
    }
}
