//! What a request has to say so that its answer may become a grant: all that a grant is bound to, and that it is about
//! doing the thing now. A plan is allowed by other rules than an action, and what was allowed once by other facts.

use super::Sent;
use crate::both;
use crate::rpc::violation::{Reason, Violation};

/// Names everything that keeps an answer from becoming a grant. A message that is absent as a whole is named elsewhere.
pub fn check(sent: &Sent<'_>, violations: &mut Vec<Violation>) {
    let bound = [
        ("case.id", sent.case.map(|case| &case.id)),
        ("case.version", sent.case.map(|case| &case.version)),
        ("actor.id", sent.actor.map(|actor| &actor.id)),
    ];
    for (field, text) in bound {
        if text.is_some_and(|text| text.as_ref().is_none_or(|text| text.trim().is_empty())) {
            let said = both!(
                "许可要绑定它：填写它，或不要 `grant`",
                "a grant is bound to it: send it, or ask without `grant`"
            );
            violations.push(Violation::new(field, Reason::REQUIRED, said));
        }
    }
    if sent.as_of.is_some() {
        let said = both!(
            "许可只能给现在：去掉它，或不要 `grant`",
            "a grant is for the present moment: leave it out, or ask without `grant`"
        );
        violations.push(Violation::new("as_of", Reason::CONTRADICTION, said));
    }
    if sent.action.flatten().is_some_and(|action| action.executing != Some(true)) {
        let said = both!(
            "许可是用来执行操作的：写 `true`，或不要 `grant`",
            "a grant is for carrying the action out: say `true`, or ask without `grant`"
        );
        violations.push(Violation::new("action.executing", Reason::CONTRADICTION, said));
    }
}
