//! Duties: what to register and whom to notify; and the route: who handles the case.

use std::ops::ControlFlow;

use super::answer::{DutyAnswer, RouteAnswer};
use super::{Asking, concerns};
use crate::policy::rules::Duty;
use crate::value::{Instant, Symbol, Truth};

impl<'r> Asking<'r, '_> {
    /// The duties that go with `action`, or with no action, those of the case as such.
    ///
    /// A duty that hangs on an absent fact applies: an entry too many costs little, one too few loses the claim (GU-8).
    pub(super) fn duties(&self, action: Option<Symbol>) -> Vec<DutyAnswer<'r>> {
        let mut duties = Vec::new();
        self.each_applying(
            &self.rules.duties,
            |duty| concerns(&duty.actions, action),
            |duty, truth| {
                duties.push(self.duty(duty, truth));
                ControlFlow::Continue(())
            },
        );
        duties
    }

    fn duty(&self, duty: &'r Duty, truth: Truth) -> DutyAnswer<'r> {
        if truth == Truth::Unknown {
            self.ask_for(&self.missing_for(&duty.rule), &duty.rule);
        }
        let fields = duty.fields.iter().map(|(name, term, ty)| (&**name, term.value(self.scope()), ty)).collect();
        self.note_failures(Some(&duty.rule));
        DutyAnswer {
            rule: &duty.rule,
            text: self.words_of(&duty.rule),
            channel: duty.channel,
            notify: duty.notify,
            due: duty.due.and_then(|due| self.env.now.0.checked_add(due.0)).map(Instant),
            fields,
        }
    }

    /// The first route that applies. One that can't be told is asked for and passed over.
    pub(super) fn route(&self) -> Option<RouteAnswer<'r>> {
        let mut found = None;
        self.each_applying(
            &self.rules.routes,
            |_| true,
            |route, truth| {
                if truth.is_true() {
                    found = Some(RouteAnswer { to: &route.to, because: self.reason(&route.rule) });
                    return ControlFlow::Break(());
                }
                self.ask_for(&self.missing_for(&route.rule), &route.rule);
                ControlFlow::Continue(())
            },
        );
        found
    }
}
