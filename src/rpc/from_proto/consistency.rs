//! Checks across fields: what can't have happened in that order, and what contradicts itself.
//!
//! Only the impossible is refused. What is merely odd is for the policies to judge.

use super::case::{PARCELS, ParcelFacts};
use super::reader::{Reader, field_of};
use crate::both;
use crate::calendar;
use crate::facts::{FactId, id};
use crate::rpc::proto::redress::v1::PaymentKind;
use crate::rpc::violation::{Reason, Violation};
use crate::value::{Instant, Value};

/// The later event, and what it can't precede.
const ORDER_OF_EVENTS: &[(FactId, FactId)] = &[
    (id::ORDER_PAID_AT, id::ORDER_CREATED_AT),
    (id::ORDER_SHIPPED_AT, id::ORDER_CREATED_AT),
    (id::ORDER_SIGNED_AT, id::ORDER_SHIPPED_AT),
    (id::ORDER_COMPLETED_AT, id::ORDER_CREATED_AT),
    (id::REQUEST_APPLIED_AT, id::ORDER_CREATED_AT),
];

impl Reader<'_> {
    /// `latest` is the moment the question is asked for; nothing is decided before its order existed.
    pub(super) fn check_consistency(&mut self, latest: Option<Instant>) {
        for (later, earlier) in ORDER_OF_EVENTS {
            self.follows(*later, *earlier);
        }
        // Cash on delivery is paid last.
        if !self.is_paid_on_delivery() {
            self.follows(id::ORDER_SHIPPED_AT, id::ORDER_PAID_AT);
        }
        self.day_fits(id::ORDER_SIGNED_AT, id::ORDER_SIGNED_ON, id::ORDER_SHIPPED_AT);
        for ParcelFacts { pickup_scanned_at, signed_at, signed_on, .. } in &PARCELS {
            self.follows(*signed_at, *pickup_scanned_at);
            self.day_fits(*signed_at, *signed_on, *pickup_scanned_at);
        }
        self.asked_after_the_order(latest);
    }

    fn instant(&self, fact: FactId) -> Option<Instant> {
        if let Value::Instant(at) = self.fact(fact) { Some(*at) } else { None }
    }

    fn is_paid_on_delivery(&self) -> bool {
        let position = i32::from(PaymentKind::CashOnDelivery).checked_sub(1);
        let Value::Symbol(kind) = self.fact(id::ORDER_PAYMENT_KIND) else { return false };
        position == Some(i32::from(kind.0))
    }

    fn follows(&mut self, later: FactId, earlier: FactId) {
        if let (Some(at), Some(before)) = (self.instant(later), self.instant(earlier))
            && at < before
        {
            self.impossible(later, earlier);
        }
    }

    fn impossible(&mut self, later: FactId, earlier: FactId) {
        let schema = self.reading.schema;
        let path = field_of(schema, earlier);
        let description = both!(
            "早于 `{path}`，不可能发生；请核对两个时间",
            "it is before `{path}`, which can't be; check both times"
        );
        self.violations.push(Violation::new(field_of(schema, later), Reason::IMPOSSIBLE_TIME, description));
    }

    /// A day that is also known to the second is the same day; and no day comes before what had to come first.
    fn day_fits(&mut self, at: FactId, on: FactId, earlier: FactId) {
        let Value::Date(day) = *self.fact(on) else { return };
        let local = |at: Option<Instant>| at.and_then(|at| calendar::date_of(at, self.zone));
        let (same, first) = (local(self.instant(at)), local(self.instant(earlier)));
        if same.is_some_and(|same| same != day) {
            let schema = self.reading.schema;
            let (path, zone) = (field_of(schema, at), self.zone);
            let description = both!(
                "与 `{path}` 不是同一天（按时区 {zone}）",
                "it is not the day of `{path}` (in the time zone {zone})"
            );
            self.violations.push(Violation::new(field_of(schema, on), Reason::CONTRADICTION, description));
        } else if first.is_some_and(|first| day < first) {
            self.impossible(on, earlier);
        }
    }

    fn asked_after_the_order(&mut self, latest: Option<Instant>) {
        let created = [id::ORDER_CREATED_AT, id::ORDER_PAID_AT].into_iter();
        let created = created.filter_map(|fact| self.instant(fact).map(|at| (at, fact))).min();
        if let Some((at, fact)) = created
            && latest.is_some_and(|latest| latest < at)
        {
            let path = field_of(self.reading.schema, fact);
            let description =
                both!("早于 `{path}`：那时还没有这笔订单", "it is before `{path}`, when there was no such order");
            self.violations.push(Violation::new("as_of", Reason::IMPOSSIBLE_TIME, description));
        }
    }
}
