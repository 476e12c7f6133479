//! What may be done for a customer: the ladder, what is forbidden, who handles it, and by when.

use super::{Issue, Writer, own_name, values};
use crate::decide::answer::{
    AlternativeAnswer, Decision, Forbidden, Forbidder, FreightAnswer, OfferAnswer, OutputAnswer, RouteAnswer,
    RungAnswer, RungState, StepAnswer, TimerAnswer, TimerState,
};
use crate::decide::step_now;
use crate::facts::{ENUMS, Members, id};
use crate::rpc::proto::redress::v1 as wire;
use crate::value::Value;

impl Writer<'_> {
    pub fn decision(&self, answer: &Decision<'_>, issue: Issue) -> wire::Decision {
        let Decision {
            recommended,
            ladder,
            forbidden,
            evidence,
            route,
            timers,
            duties,
            outputs,
            urgency: _,
            reasons,
            common,
        } = answer;
        let Issue { decision_id, evaluated_at, request_version, warnings } = issue;
        wire::Decision {
            decision_id,
            bundle_digest: self.bundle.digest().to_owned(),
            evaluated_at: Some(values::timestamp(evaluated_at)),
            request_version,
            recommended: recommended.map_or("", |remedy| self.remedy(remedy).0).to_owned(),
            ladder: ladder.iter().map(|rung| self.rung(rung)).collect(),
            forbidden: forbidden.iter().map(|forbidden| self.forbidden(forbidden)).collect(),
            evidence: self.evidence(evidence),
            route: route.as_ref().map(|route| self.route(route)),
            timers: timers.iter().map(|timer| self.timer(timer)).collect(),
            duties: self.duties(duties),
            outputs: outputs.iter().map(|output| self.output(output)).collect(),
            missing: self.missing(&common.missing),
            reasons: self.reasons(reasons),
            next_change_at: common.next_change_at.map(values::timestamp),
            trace: self.trace(&common.trace),
            failures: self.failures(&common.failures),
            warnings: self.warnings(warnings, common),
        }
    }

    /// What is to be done next in a case among many, and the timer that puts it in its place.
    pub fn triage_entry(&self, answer: &Decision<'_>, timer: Option<&TimerAnswer<'_>>) -> wire::TriageEntry {
        let in_time = timer.and_then(step_now).map(|step| self.step(step));
        let on_rung = || {
            let rung = answer.ladder.iter().find(|rung| Some(rung.remedy) == answer.recommended)?;
            rung.steps.first().map(|step| plain_step(step))
        };
        let missing = answer.common.missing.iter().map(|missing| self.missing_path(missing.missing));
        wire::TriageEntry {
            timer: timer.map(|timer| self.timer(timer)),
            due_at: timer.and_then(|timer| timer.due).map(values::timestamp),
            next_step: in_time.or_else(on_rung),
            recommended: answer.recommended.map_or("", |remedy| self.remedy(remedy).0).to_owned(),
            route: answer.route.as_ref().map(|route| self.route(route)),
            missing: missing.collect(),
        }
    }

    fn rung(&self, rung: &RungAnswer<'_>) -> wire::Rung {
        let RungAnswer {
            remedy,
            rule: _,
            state,
            offer,
            freight,
            alternatives,
            evidence,
            steps,
            approver,
            because,
            missing,
        } = rung;
        let (name, title) = self.remedy(*remedy);
        let (approver, approver_title) = self.role(*approver);
        wire::Rung {
            remedy: name.to_owned(),
            title: title.to_owned(),
            state: rung_state(*state).into(),
            offer: offer.as_ref().map(|offer| self.offer(offer)),
            freight: freight.as_ref().map(|freight| self.freight(freight)),
            evidence: self.evidence(evidence),
            steps: steps.iter().map(|step| plain_step(step)).collect(),
            approver,
            approver_title,
            because: self.reasons(because),
            missing: self.missing_paths(missing),
            alternatives: alternatives.iter().map(|alternative| self.alternative(alternative)).collect(),
        }
    }

    fn alternative(&self, alternative: &AlternativeAnswer<'_>) -> wire::Alternative {
        let AlternativeAnswer { rule, text, worth, capped } = alternative;
        wire::Alternative {
            id: own_name(rule).to_owned(),
            title: text.to_string(),
            worth: worth.map(|worth| self.money(worth)),
            capped: *capped,
            because: Some(self.reason_of(rule)),
        }
    }

    fn offer(&self, offer: &OfferAnswer) -> wire::Offer {
        let OfferAnswer { opening, ceiling, next } = offer;
        wire::Offer {
            opening: Some(self.money(*opening)),
            ceiling: Some(self.money(*ceiling)),
            next: next.map(|next| self.money(next)),
        }
    }

    fn freight(&self, freight: &FreightAnswer<'_>) -> wire::Freight {
        let FreightAnswer { rule, outbound, inbound, replacement, means } = freight;
        let means = means.iter().map(|means| wire::ReturnMeans {
            name: self.bundle.id_of("return_means", *means).to_owned(),
            title: self.bundle.title_of("return_means", *means, self.locale).to_owned(),
        });
        wire::Freight {
            outbound: outbound.map(|payer| self.payer(payer)),
            return_leg: inbound.map(|payer| self.payer(payer)),
            replacement: replacement.map(|payer| self.payer(payer)),
            because: Some(self.reason_of(rule)),
            means: means.collect(),
        }
    }

    /// A payer is one of the parties, mostly; a policy may name another.
    fn payer(&self, payer: &str) -> wire::FreightPayer {
        let party = ENUMS.iter().find(|known| known.name == "party").and_then(|parties| match parties.members {
            Members::Fixed(members) => members.iter().find(|party| party.name == payer),
            Members::Vocabulary { .. } => None,
        });
        let title = party.map_or(payer, |party| if self.is_chinese() { party.zh } else { party.en });
        wire::FreightPayer { name: payer.to_owned(), title: title.to_owned() }
    }

    fn forbidden(&self, forbidden: &Forbidden<'_>) -> wire::ForbiddenAction {
        let (action, title) = self.action(forbidden.action);
        let (because, layer, message) = match &forbidden.by {
            Forbidder::Guard(because) => (Some(self.reason(because)), wire::Layer::Policy, because.text.to_string()),
            Forbidder::Platform => {
                let said = self.platform_denies(&Value::Symbol(forbidden.action));
                (None, wire::Layer::Platform, said.get(self.language).to_owned())
            }
        };
        wire::ForbiddenAction {
            action: action.to_owned(),
            title: title.to_owned(),
            because,
            blocked_by: layer.into(),
            message,
        }
    }

    fn route(&self, route: &RouteAnswer<'_>) -> wire::Route {
        let role = self.vocabulary(id::ACTOR_ROLE).and_then(|roles| roles.find(route.to));
        let title = match (role, route.to, self.is_chinese()) {
            (Some(role), _, _) => self.word(id::ACTOR_ROLE, role).1,
            (None, "automatic", true) => "自动处理",
            (None, "automatic", false) => "automatic",
            (None, "platform", true) => "平台处理",
            (None, "platform", false) => "the platform",
            (None, other, _) => other,
        };
        wire::Route { name: route.to.to_owned(), title: title.to_owned(), because: Some(self.reason(&route.because)) }
    }

    fn timer(&self, timer: &TimerAnswer<'_>) -> wire::Timer {
        let TimerAnswer { rule, text, state, started, due, reported, steps, missing } = timer;
        let source = if *reported { wire::TimerSource::Platform } else { wire::TimerSource::Policy };
        wire::Timer {
            id: own_name(rule).to_owned(),
            title: text.to_string(),
            started_at: started.map(values::timestamp),
            due_at: due.map(values::timestamp),
            state: timer_state(*state).into(),
            source: source.into(),
            next_step: next_step(timer).map(|step| self.step(step)),
            steps: steps.iter().map(|step| self.step(step)).collect(),
            because: Some(self.reason_of(rule)),
            missing: self.missing_paths(missing),
        }
    }

    fn step(&self, step: &StepAnswer<'_>) -> wire::Step {
        let StepAnswer { id, text, at, due, who, channel } = step;
        wire::Step {
            id: (*id).to_owned(),
            title: text.to_string(),
            due_at: Some(values::timestamp(*at)),
            due: *due,
            role: self.role(*who).0,
            channel: self.channel(*channel),
        }
    }

    fn output(&self, output: &OutputAnswer) -> wire::Output {
        let OutputAnswer { fact, value, missing } = output;
        let schema = self.bundle.schema();
        let currency = &self.bundle.manifest().currency;
        let known = schema.fact(*fact);
        wire::Output {
            name: known.map_or_else(String::new, |fact| fact.path.to_string()),
            title: known.map_or("", |fact| fact.title.get(self.locale)).to_owned(),
            value: known.map(|fact| values::value(value, &fact.ty, schema, currency)),
            missing: self.missing_paths(missing),
        }
    }
}

/// The first that lies ahead; of an overdue timer, whose steps are all due, the last.
fn next_step<'t, 'r>(timer: &'t TimerAnswer<'r>) -> Option<&'t StepAnswer<'r>> {
    let ahead = timer.steps.iter().find(|step| !step.due);
    ahead.or_else(|| timer.steps.last().filter(|_| timer.state == TimerState::Overdue))
}

/// A step without a time of its own.
fn plain_step(text: &str) -> wire::Step {
    wire::Step { title: text.to_owned(), ..wire::Step::default() }
}

fn rung_state(state: RungState) -> wire::RungState {
    match state {
        RungState::Offered => wire::RungState::Offered,
        RungState::Alternative => wire::RungState::Alternative,
        RungState::Later => wire::RungState::Later,
        RungState::Refused => wire::RungState::Refused,
        RungState::NotApplicable => wire::RungState::NotApplicable,
        RungState::Blocked => wire::RungState::Blocked,
        RungState::NeedsApproval => wire::RungState::NeedsApproval,
        RungState::NeedsFacts => wire::RungState::NeedsFacts,
    }
}

fn timer_state(state: TimerState) -> wire::TimerState {
    match state {
        TimerState::Pending => wire::TimerState::Pending,
        TimerState::Running => wire::TimerState::Running,
        TimerState::Met => wire::TimerState::Met,
        TimerState::Overdue => wire::TimerState::Overdue,
        TimerState::NeedsFacts => wire::TimerState::NeedsFacts,
    }
}
