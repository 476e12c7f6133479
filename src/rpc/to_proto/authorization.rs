//! Whether an actor may act, and if not, why not in one sentence.

use super::{Issue, Writer, layer, values};
use crate::both;
use crate::decide::answer::{Authorization, Effect, Limit, WhyNot};
use crate::facts::id;
use crate::rpc::proto::redress::v1 as wire;
use crate::text::Bilingual;
use crate::value::Value;

impl Writer<'_> {
    pub fn authorization(&self, answer: &Authorization<'_>, issue: Issue) -> wire::Authorization {
        let Authorization { effect, approver, limit, approver_limit, why_not, evidence, duties, reasons, common } =
            answer;
        let Issue { decision_id, evaluated_at, request_version, warnings } = issue;
        let (approver, approver_title) = self.role(*approver);
        let missing = self.missing(&common.missing);
        let why = why_not.as_ref().map(|why| self.why_not(why, answer).get(self.language).to_owned());
        let blocked_by = why_not.as_ref().map_or(wire::Layer::Unspecified, layer);
        wire::Authorization {
            decision_id,
            bundle_digest: self.bundle.digest().to_owned(),
            evaluated_at: Some(values::timestamp(evaluated_at)),
            request_version,
            effect: effect_of(*effect).into(),
            approver,
            approver_title,
            limit: limit.as_ref().map(|limit| self.limit(limit)),
            approver_limit: approver_limit.as_ref().map(|limit| self.limit(limit)),
            why_not: why.unwrap_or_default(),
            blocked_by: blocked_by.into(),
            missing,
            evidence: self.evidence(evidence),
            duties: self.duties(duties),
            reasons: self.reasons(reasons),
            next_change_at: common.next_change_at.map(values::timestamp),
            trace: self.trace(&common.trace),
            failures: self.failures(&common.failures),
            warnings: self.warnings(warnings, common),
            // Only whoever knows the caller gives one.
            grant: None,
        }
    }

    fn limit(&self, limit: &Limit<'_>) -> wire::Limit {
        let Limit { total, used, remaining, binding, rule } = limit;
        wire::Limit {
            total: Some(self.money(*total)),
            used: Some(self.money(*used)),
            remaining: Some(self.money(*remaining)),
            binding: binding.to_string(),
            because: Some(self.reason_of(rule)),
        }
    }

    fn why_not(&self, why_not: &WhyNot<'_>, answer: &Authorization<'_>) -> Bilingual {
        match why_not {
            WhyNot::Guarded(reason) if answer.effect == Effect::NeedsInput => {
                let said = &reason.text;
                both!("还不能确定是否禁止：{said}", "it can't be told yet whether this forbids it: {said}")
            }
            WhyNot::Guarded(reason) => Bilingual::new(reason.text.as_ref(), reason.text.as_ref()),
            WhyNot::Platform => self.platform_denies(self.fact(id::ACTION_NAME)),
            WhyNot::TooMuch { remaining, excess } if remaining.is_zero() => {
                both!("额度已用完，超出 {excess:.2}", "nothing is left to give; {excess:.2} too much")
            }
            WhyNot::TooMuch { remaining, excess } => {
                both!(
                    "可以给 {remaining:.2}，超出 {excess:.2}",
                    "{remaining:.2} would be allowed; {excess:.2} too much"
                )
            }
            WhyNot::NotGranted => {
                let role = if let Value::Symbol(role) = self.fact(id::ACTOR_ROLE) { Some(*role) } else { None };
                let (_, role) = self.role(role);
                both!("{role}没有这项权限", "{role} has no authority for it")
            }
            WhyNot::NobodyMay => both!("没有任何角色可以这样做", "no role may do it"),
            WhyNot::Evidence => {
                let lacking = answer.evidence.iter().filter(|evidence| !evidence.satisfied.is_true());
                let titles: Vec<&str> = lacking.map(|evidence| &*evidence.text).collect();
                let (zh, en) = (titles.join("；"), titles.join("; "));
                both!("还缺凭证：{zh}", "evidence is missing: {en}")
            }
            WhyNot::Facts => {
                let titles = answer.common.missing.iter().map(|missing| self.missing_title(missing.missing));
                let titles: Vec<String> = titles.collect();
                let (zh, en) = (titles.join("、"), titles.join(", "));
                both!("还缺信息：{zh}", "facts are missing: {en}")
            }
        }
    }

    /// The platform's denial, in its own words where the front end handed them on.
    pub(super) fn platform_denies(&self, action: &Value) -> Bilingual {
        let denials: &[Value] =
            if let Value::List(denials) = self.fact(id::REQUEST_PLATFORM_DENIED) { denials } else { &[] };
        let theirs = denials.iter().find_map(|denial| {
            let Value::Record(fields) = denial else { return None };
            let [denied, _, Value::Text(reason)] = &**fields else { return None };
            (denied == action).then_some(reason)
        });
        match theirs {
            Some(reason) => both!("平台目前不允许：{reason}", "the platform does not allow it now: {reason}"),
            None => both!("平台目前不允许这样做", "the platform does not allow it now"),
        }
    }
}

fn effect_of(effect: Effect) -> wire::Effect {
    match effect {
        Effect::Allow => wire::Effect::Allow,
        Effect::Deny => wire::Effect::Deny,
        Effect::NeedsApproval => wire::Effect::NeedsApproval,
        Effect::NeedsInput => wire::Effect::NeedsInput,
    }
}
