//! What no answer may lack: something to go by, words for everything, in the reader's language, and no failed rule.

use redress::rpc::proto::redress::v1 as wire;
use redress::value::{Instant, SECOND};

use crate::answers::Answer;
use crate::cases::has_chinese;

/// Texts that people read, each with its place.
struct Read<'a>(Vec<(String, &'a str)>);

/// What is wrong with an answer to `case`.
pub fn faults(answer: &Answer, locale: &str, case: &str, as_of: Instant, digest: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut read = Read(Vec::new());
    let (evaluated_at, bundle, failures, warnings) = match answer {
        Answer::Decision(answer) => {
            read.decision(answer);
            let to_do = answer.timers.iter().any(|timer| timer.steps.iter().any(|step| step.due));
            if answer.recommended.is_empty() && answer.missing.is_empty() && answer.reasons.is_empty() && !to_do {
                faults.push("neither a remedy, nor what is missing, nor a reason, nor a thing to do".to_owned());
            }
            for rung in answer.ladder.iter().filter(|rung| rung.because.is_empty()) {
                faults.push(format!("`ladder.{}` does not say why", rung.remedy));
            }
            if answer.route.is_none() || answer.ladder.is_empty() || answer.duties.is_empty() {
                faults.push("no route, no ladder, or no duty".to_owned());
            }
            (&answer.evaluated_at, &answer.bundle_digest, &answer.failures, &answer.warnings)
        }
        Answer::Authorization(answer) => {
            read.authorization(answer);
            let allowed = answer.effect() == wire::Effect::Allow;
            if allowed != answer.why_not.is_empty() || allowed != (answer.blocked_by() == wire::Layer::Unspecified) {
                faults.push("what is allowed has a why not, or what is not has none".to_owned());
            }
            // Where the platform forbids it, or nobody is granted it, there is no rule to name: the sentence says so.
            let ruled = answer.effect() != wire::Effect::Deny || answer.blocked_by() == wire::Layer::Policy;
            if ruled && answer.reasons.is_empty() && answer.missing.is_empty() {
                faults.push("neither a reason nor what is missing".to_owned());
            }
            (&answer.evaluated_at, &answer.bundle_digest, &answer.failures, &answer.warnings)
        }
    };
    if evaluated_at.as_ref().map(|at| at.seconds) != Some(as_of.0 / SECOND) {
        faults.push(format!("it is for another moment: {evaluated_at:?}"));
    }
    if bundle != digest {
        faults.push(format!("it is of other policies: {bundle}"));
    }
    faults.extend(failures.iter().map(|failure| format!("a rule failed: {failure:?}")));
    faults.extend(warnings.iter().map(|warning| format!("a warning: {warning:?}")));
    for (place, text) in read.0 {
        // What the case itself says, the platform's own sentence for one, stays as it was said.
        let foreign = has_chinese(text) != (locale == "zh-CN") && !quotes(text, case);
        if text.trim().is_empty() {
            faults.push(format!("`{place}` is empty"));
        } else if foreign {
            faults.push(format!("`{place}` is in another language: {text}"));
        }
    }
    faults
}

/// Whether the last part of a sentence stands in the case.
fn quotes(text: &str, case: &str) -> bool {
    text.rsplit(": ").next().is_some_and(|last| case.contains(last))
}

impl<'a> Read<'a> {
    fn text(&mut self, place: impl Into<String>, text: &'a str) {
        self.0.push((place.into(), text));
    }

    fn decision(&mut self, answer: &'a wire::Decision) {
        for rung in &answer.ladder {
            self.rung(rung);
        }
        for forbidden in &answer.forbidden {
            self.text(format!("forbidden.{}", forbidden.action), &forbidden.title);
            self.reasons("forbidden", &forbidden.because);
        }
        if let Some(route) = &answer.route {
            self.text("route", &route.title);
            self.reasons("route", &route.because);
        }
        for timer in &answer.timers {
            self.text(format!("timers.{}", timer.id), &timer.title);
            self.reasons("timers", &timer.because);
            for step in timer.steps.iter().chain(&timer.next_step) {
                self.text(format!("timers.{}.steps.{}", timer.id, step.id), &step.title);
            }
        }
        for output in &answer.outputs {
            self.text(format!("outputs.{}", output.name), &output.title);
        }
        self.shared(&answer.missing, &answer.evidence, &answer.duties, &answer.reasons);
    }

    fn rung(&mut self, rung: &'a wire::Rung) {
        let place = format!("ladder.{}", rung.remedy);
        self.text(&place, &rung.title);
        for step in &rung.steps {
            self.text(format!("{place}.steps"), &step.title);
        }
        if let Some(freight) = &rung.freight {
            self.reasons(&place, &freight.because);
            for payer in [&freight.outbound, &freight.return_leg, &freight.replacement].into_iter().flatten() {
                self.text(format!("{place}.freight"), &payer.title);
            }
        }
        if !rung.approver.is_empty() {
            self.text(format!("{place}.approver"), &rung.approver_title);
        }
        self.reasons(&place, &rung.because);
        self.shared(&[], &rung.evidence, &[], &[]);
    }

    fn authorization(&mut self, answer: &'a wire::Authorization) {
        if answer.effect() != wire::Effect::Allow {
            self.text("why_not", &answer.why_not);
        }
        if !answer.approver.is_empty() {
            self.text("approver", &answer.approver_title);
        }
        if let Some(limit) = &answer.limit {
            self.text("limit.binding", &limit.binding);
            self.reasons("limit", &limit.because);
        }
        self.shared(&answer.missing, &answer.evidence, &answer.duties, &answer.reasons);
    }

    fn shared(
        &mut self,
        missing: &'a [wire::MissingFact],
        evidence: &'a [wire::EvidenceRequirement],
        duties: &'a [wire::Duty],
        reasons: &'a [wire::Reason],
    ) {
        for missing in missing {
            self.text(format!("missing.{}", missing.path), &missing.title);
            self.text(format!("missing.{}.why", missing.path), &missing.why);
            for value in &missing.allowed_values {
                self.text(format!("missing.{}.{}", missing.path, value.name), &value.title);
            }
        }
        for evidence in evidence {
            self.text(format!("evidence.{}", evidence.id), &evidence.title);
            self.reasons("evidence", &evidence.because);
        }
        for duty in duties {
            self.text(format!("duties.{}", duty.id), &duty.title);
            self.reasons("duties", &duty.because);
        }
        self.reasons("reasons", reasons);
    }

    fn reasons(&mut self, place: &str, reasons: impl IntoIterator<Item = &'a wire::Reason>) {
        for reason in reasons {
            self.text(format!("{place}: {}", reason.rule), &reason.title);
            if !reason.message.is_empty() {
                self.text(format!("{place}: {}", reason.rule), &reason.message);
            }
        }
    }
}
