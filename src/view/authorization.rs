//! The answer to an action in plain form.

use super::View;
use super::fill::{Fill, reasons};
use super::shape::{EFFECTS, LAYERS};
use crate::rpc::proto::redress::v1 as wire;
use crate::text::Language;

/// Has the shape [`AUTHORIZATION`](super::shape::AUTHORIZATION).
pub fn authorization(answer: &wire::Authorization, language: Language) -> View {
    let wire::Authorization {
        decision_id: _,
        bundle_digest: _,
        evaluated_at: _,
        request_version: _,
        effect: _,
        approver,
        approver_title,
        limit,
        why_not,
        blocked_by: _,
        missing,
        evidence,
        duties,
        reasons: why,
        next_change_at,
        trace: _,
        failures,
        warnings,
        approver_limit,
        grant: _,
    } = answer;
    let mut fill = Fill::new(language);
    fill.word("effect", answer.effect().as_str_name(), "EFFECT_", EFFECTS);
    fill.text("why_not", why_not);
    fill.name("approver", approver, approver_title);
    fill.word("blocked_by", answer.blocked_by().as_str_name(), "LAYER_", LAYERS);
    if let Some(limit) = limit {
        fill.put("limit", self::limit(limit, language));
    }
    if let Some(limit) = approver_limit {
        fill.put("approver_limit", self::limit(limit, language));
    }
    fill.missing(missing);
    fill.evidence(evidence);
    fill.duties(duties);
    fill.rules("reasons", why);
    fill.instant("next_change_at", next_change_at.as_ref());
    fill.failures(failures);
    fill.warnings(warnings);
    fill.finish().because(reasons(why))
}

fn limit(limit: &wire::Limit, language: Language) -> View {
    let wire::Limit { total, used, remaining, binding, because } = limit;
    let mut fill = Fill::new(language);
    fill.money("total", total.as_ref());
    fill.money("used", used.as_ref());
    fill.money("remaining", remaining.as_ref());
    fill.text("binding", binding);
    if let Some(rule) = because {
        fill.name("rule", &rule.rule, &rule.title);
    }
    fill.finish().because(reasons(because.as_ref()))
}
