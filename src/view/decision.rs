//! The answer to a case in plain form.

use super::fill::{Fill, reasons, rule};
use super::shape::{RUNG_STATES, TIMER_SOURCES, TIMER_STATES};
use super::{Plain, View, values};
use crate::rpc::proto::redress::v1 as wire;
use crate::text::Language;

/// Has the shape [`DECISION`](super::shape::DECISION).
pub fn decision(answer: &wire::Decision, language: Language) -> View {
    let wire::Decision {
        decision_id: _,
        bundle_digest: _,
        evaluated_at: _,
        request_version: _,
        recommended,
        ladder,
        forbidden,
        evidence,
        route,
        timers,
        duties,
        outputs,
        missing,
        reasons: why,
        next_change_at,
        trace: _,
        failures,
        warnings,
    } = answer;
    let mut fill = Fill::new(language);
    let title = ladder.iter().find(|rung| rung.remedy == *recommended).map_or("", |rung| &rung.title);
    fill.name("recommended", recommended, title);
    if let Some(route) = route {
        fill.put("route", View::word(&route.name, &route.title).because(reasons(route.because.as_ref())));
    }
    fill.missing(missing);
    fill.keyed("ladder", ladder.iter().map(|rung| (rung.remedy.clone(), self::rung(rung, language))).collect());
    fill.keyed("forbidden", self::forbidden(forbidden, language));
    fill.evidence(evidence);
    fill.keyed("timers", timers.iter().map(|timer| (timer.id.clone(), self::timer(timer, language))).collect());
    fill.duties(duties);
    let output = |output: &wire::Output| {
        Some((output.name.clone(), values::value(output.value.as_ref()?)?.titled(&output.title)))
    };
    fill.keyed("outputs", outputs.iter().filter_map(output).collect());
    fill.rules("reasons", why);
    fill.instant("next_change_at", next_change_at.as_ref());
    fill.failures(failures);
    fill.warnings(warnings);
    fill.finish().because(reasons(why))
}

fn rung(rung: &wire::Rung, language: Language) -> View {
    let wire::Rung {
        remedy: _,
        title,
        state: _,
        offer,
        freight,
        evidence,
        steps,
        approver,
        approver_title,
        because,
        missing,
        alternatives,
    } = rung;
    let mut fill = Fill::new(language);
    fill.word("state", rung.state().as_str_name(), "RUNG_STATE_", RUNG_STATES);
    if let Some(wire::Offer { opening, ceiling, next }) = offer {
        let mut inner = Fill::new(language);
        inner.money("opening", opening.as_ref());
        inner.money("ceiling", ceiling.as_ref());
        inner.money("next", next.as_ref());
        fill.put("offer", inner.finish());
    }
    if let Some(freight) = freight {
        fill.put("freight", self::freight(freight, language));
    }
    let alternatives = alternatives.iter().map(|of| (of.id.clone(), self::alternative(of, language)));
    fill.keyed("alternatives", alternatives.collect());
    fill.name("approver", approver, approver_title);
    fill.evidence(evidence);
    fill.paths(missing);
    fill.texts("steps", steps.iter().map(|step| &*step.title));
    fill.rules("because", because);
    fill.finish().titled(title).because(reasons(because))
}

fn alternative(alternative: &wire::Alternative, language: Language) -> View {
    let wire::Alternative { id: _, title, worth, capped, because } = alternative;
    let mut fill = Fill::new(language);
    fill.money("worth", worth.as_ref());
    if *capped {
        fill.put("capped", View::value(Plain::Bool(true)));
    }
    fill.finish().titled(title).because(reasons(because.as_ref()))
}

fn freight(freight: &wire::Freight, language: Language) -> View {
    let wire::Freight { outbound, return_leg, replacement, because, means } = freight;
    let mut fill = Fill::new(language);
    for (key, payer) in [("outbound", outbound), ("return", return_leg), ("replacement", replacement)] {
        if let Some(wire::FreightPayer { name, title }) = payer {
            fill.name(key, name, title);
        }
    }
    fill.list("means", means.iter().map(|means| View::word(&means.name, &means.title)).collect());
    fill.finish().because(reasons(because.as_ref()))
}

/// By action, with all the rules that forbid it.
fn forbidden(forbidden: &[wire::ForbiddenAction], language: Language) -> Vec<(String, View)> {
    let mut entries: Vec<(String, View)> = Vec::new();
    for denied in forbidden {
        if entries.iter().any(|(action, _)| *action == denied.action) {
            continue;
        }
        let of_it = || forbidden.iter().filter(|other| other.action == denied.action);
        let because = || of_it().flat_map(|denied| &denied.because);
        let platform = of_it().filter(|denied| denied.blocked_by() == wire::Layer::Platform);
        let mut by: Vec<View> = platform.map(|denied| View::word("platform", &denied.message)).collect();
        by.extend(because().map(rule));
        let mut fill = Fill::new(language);
        fill.list("by", by);
        if let Some(list) = fill.finish().get("by") {
            let view = list.clone().titled(&denied.title).because(reasons(because()));
            entries.push((denied.action.clone(), view));
        }
    }
    entries
}

fn timer(timer: &wire::Timer, language: Language) -> View {
    let wire::Timer { id: _, title, started_at, due_at, state: _, source: _, next_step, steps, because, missing } =
        timer;
    let mut fill = Fill::new(language);
    fill.word("state", timer.state().as_str_name(), "TIMER_STATE_", TIMER_STATES);
    fill.instant("due", due_at.as_ref());
    fill.instant("started", started_at.as_ref());
    fill.word("source", timer.source().as_str_name(), "TIMER_SOURCE_", TIMER_SOURCES);
    if let Some(step) = next_step {
        fill.name("next_step", &step.id, &step.title);
        fill.instant("next_step_at", step.due_at.as_ref());
    }
    let due = steps.iter().filter(|step| step.due);
    let due = due.map(|step| View::value(Plain::Word(step.id.clone())).titled(&step.title));
    fill.list("steps_due", due.collect());
    fill.paths(missing);
    fill.finish().titled(title).because(reasons(because.as_ref()))
}
