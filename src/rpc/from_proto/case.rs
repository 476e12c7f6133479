//! A case as a whole, and what surrounds the order in it: parcels, evidence, remedies given, shop, desk, dispute.

use super::leaves::{self, TEXT_MAX};
use super::reader::{Fill as _, Reader, RecordReader};
use crate::facts::{FactId, id};
use crate::rpc::proto::redress::v1 as wire;

impl Reader<'_> {
    pub(super) fn case(&mut self, sent: &wire::Case) {
        let wire::Case {
            order,
            issue,
            request,
            outbound,
            return_parcel,
            replacement_parcel,
            inspection,
            evidence,
            customer,
            given,
            shop,
            desk,
            helpdesk,
            dispute,
            attributes,
            empty_lists,
            native_codes,
            id: number,
            version,
        } = sent;
        if let Some(order) = order {
            self.order(order);
        }
        if let Some(issue) = issue {
            self.issue(issue);
        }
        if let Some(request) = request {
            self.request(request);
        }
        for (parcel, facts) in
            [(outbound, &PARCELS[0]), (return_parcel, &PARCELS[1]), (replacement_parcel, &PARCELS[2])]
        {
            if let Some(parcel) = parcel {
                self.parcel(parcel, facts);
            }
        }
        if let Some(inspection) = inspection {
            self.inspection(inspection);
        }
        self.records(id::EVIDENCE, evidence, self::evidence);
        if let Some(customer) = customer {
            self.customer(customer);
        }
        self.records(id::GIVEN, given, given_remedy);
        if let Some(shop) = shop {
            self.shop(shop);
        }
        if let Some(desk) = desk {
            self.desk(desk);
        }
        if let Some(helpdesk) = helpdesk {
            self.helpdesk(helpdesk);
        }
        if let Some(dispute) = dispute {
            self.dispute(dispute);
        }
        if let Some(attributes) = attributes {
            self.attributes(attributes);
        }
        self.empty_lists(empty_lists);
        self.native_codes(native_codes);
        for (field, text) in [("case.id", number), ("case.version", version)] {
            if let Some(text) = text {
                self.check_text(field, text);
            }
        }
    }

    fn native_codes(&mut self, sent: &std::collections::BTreeMap<String, String>) {
        if let Err(fault) = leaves::check_count(sent.len()) {
            return self.refuse("case.native_codes", fault);
        }
        for (path, code) in sent {
            if let Err(fault) = leaves::check_length(path, TEXT_MAX) {
                self.refuse("case.native_codes", fault);
            } else {
                self.check_text(&format!("case.native_codes[\"{path}\"]"), code);
            }
        }
    }

    fn parcel(&mut self, sent: &wire::Parcel, facts: &ParcelFacts) {
        let wire::Parcel {
            status,
            carrier,
            tracking_number,
            filled_at,
            pickup_scanned_at,
            last_scan_at,
            last_movement_at,
            signed_at,
            signed_on,
            at_pickup_point,
            intercept_requested_at,
            intercepted,
            interception_failed,
            weight_grams,
            item_count,
            orders_aboard,
            handover,
            insured,
            exception,
            observed_at,
        } = sent;
        self.choice(facts.status, *status);
        self.text(facts.carrier, carrier.as_ref());
        self.text(facts.tracking_number, tracking_number.as_ref());
        self.time(facts.filled_at, filled_at.as_ref());
        self.time(facts.pickup_scanned_at, pickup_scanned_at.as_ref());
        self.time(facts.last_scan_at, last_scan_at.as_ref());
        self.time(facts.last_movement_at, last_movement_at.as_ref());
        self.time(facts.signed_at, signed_at.as_ref());
        self.date(facts.signed_on, signed_on.as_ref());
        self.flag(facts.at_pickup_point, *at_pickup_point);
        self.time(facts.intercept_requested_at, intercept_requested_at.as_ref());
        self.flag(facts.intercepted, *intercepted);
        self.flag(facts.interception_failed, *interception_failed);
        self.count(facts.weight_grams, *weight_grams);
        self.count(facts.item_count, *item_count);
        self.count(facts.orders_aboard, *orders_aboard);
        self.choice(facts.handover, *handover);
        self.flag(facts.insured, *insured);
        self.prose(facts.exception, exception.as_ref());
        self.time(facts.observed_at, observed_at.as_ref());
    }

    fn inspection(&mut self, sent: &wire::Inspection) {
        let wire::Inspection {
            inspected_at,
            resale_effect,
            faulty,
            swapped,
            empty,
            short,
            user_damaged,
            depreciation,
            depreciation_agreed,
            send_back_refused,
            report_ready,
        } = sent;
        self.time(id::INSPECTION_INSPECTED_AT, inspected_at.as_ref());
        self.choice(id::INSPECTION_RESALE_EFFECT, *resale_effect);
        self.flag(id::INSPECTION_FAULTY, *faulty);
        self.flag(id::INSPECTION_SWAPPED, *swapped);
        self.flag(id::INSPECTION_EMPTY, *empty);
        self.flag(id::INSPECTION_SHORT, *short);
        self.flag(id::INSPECTION_USER_DAMAGED, *user_damaged);
        self.money(id::INSPECTION_DEPRECIATION, depreciation.as_ref());
        self.flag(id::INSPECTION_DEPRECIATION_AGREED, *depreciation_agreed);
        self.flag(id::INSPECTION_SEND_BACK_REFUSED, *send_back_refused);
        self.flag(id::INSPECTION_REPORT_READY, *report_ready);
    }

    fn shop(&mut self, sent: &wire::Shop) {
        let wire::Shop { platform, id, mode, metrics, payouts_today, paid_out_today, payout_balance, live_since } =
            sent;
        self.name(id::SHOP_PLATFORM, platform.as_ref());
        self.text(id::SHOP_ID, id.as_ref());
        self.choice(id::SHOP_MODE, *mode);
        if let Some(metrics) = metrics {
            self.metrics(metrics);
        }
        self.count(id::SHOP_PAYOUTS_TODAY, *payouts_today);
        self.money(id::SHOP_PAID_OUT_TODAY, paid_out_today.as_ref());
        self.money(id::SHOP_PAYOUT_BALANCE, payout_balance.as_ref());
        self.time(id::SHOP_LIVE_SINCE, live_since.as_ref());
    }

    fn metrics(&mut self, sent: &wire::ShopMetrics) {
        let wire::ShopMetrics {
            experience_score,
            product_score,
            logistics_score,
            service_score,
            composite_score,
            dispute_score,
            refund_time_score,
            self_completion_score,
            dispute_refund_rate,
            refund_completion_hours,
            self_completion_rate,
            bad_review_rate,
            quality_return_rate,
            pickup_rate,
            delivery_hours,
            shipping_complaint_rate,
            refund_only_hours,
            return_refund_hours,
            rejection_rate,
            platform_help_rate,
            refund_rate,
        } = sent;
        self.number(id::SHOP_METRICS_EXPERIENCE_SCORE, experience_score.as_ref());
        self.number(id::SHOP_METRICS_PRODUCT_SCORE, product_score.as_ref());
        self.number(id::SHOP_METRICS_LOGISTICS_SCORE, logistics_score.as_ref());
        self.number(id::SHOP_METRICS_SERVICE_SCORE, service_score.as_ref());
        self.number(id::SHOP_METRICS_COMPOSITE_SCORE, composite_score.as_ref());
        self.number(id::SHOP_METRICS_DISPUTE_SCORE, dispute_score.as_ref());
        self.number(id::SHOP_METRICS_REFUND_TIME_SCORE, refund_time_score.as_ref());
        self.number(id::SHOP_METRICS_SELF_COMPLETION_SCORE, self_completion_score.as_ref());
        self.number(id::SHOP_METRICS_DISPUTE_REFUND_RATE, dispute_refund_rate.as_ref());
        self.number(id::SHOP_METRICS_REFUND_COMPLETION_HOURS, refund_completion_hours.as_ref());
        self.number(id::SHOP_METRICS_SELF_COMPLETION_RATE, self_completion_rate.as_ref());
        self.number(id::SHOP_METRICS_BAD_REVIEW_RATE, bad_review_rate.as_ref());
        self.number(id::SHOP_METRICS_QUALITY_RETURN_RATE, quality_return_rate.as_ref());
        self.number(id::SHOP_METRICS_PICKUP_RATE, pickup_rate.as_ref());
        self.number(id::SHOP_METRICS_DELIVERY_HOURS, delivery_hours.as_ref());
        self.number(id::SHOP_METRICS_SHIPPING_COMPLAINT_RATE, shipping_complaint_rate.as_ref());
        self.number(id::SHOP_METRICS_REFUND_ONLY_HOURS, refund_only_hours.as_ref());
        self.number(id::SHOP_METRICS_RETURN_REFUND_HOURS, return_refund_hours.as_ref());
        self.number(id::SHOP_METRICS_REJECTION_RATE, rejection_rate.as_ref());
        self.number(id::SHOP_METRICS_PLATFORM_HELP_RATE, platform_help_rate.as_ref());
        self.number(id::SHOP_METRICS_REFUND_RATE, refund_rate.as_ref());
    }

    fn desk(&mut self, sent: &wire::Desk) {
        let wire::Desk { id, shift, queue_length } = sent;
        self.text(id::DESK_ID, id.as_ref());
        self.text(id::DESK_SHIFT, shift.as_ref());
        self.count(id::DESK_QUEUE_LENGTH, *queue_length);
    }

    fn helpdesk(&mut self, sent: &wire::Helpdesk) {
        let wire::Helpdesk {
            ticket_id,
            priority,
            status,
            channel,
            group,
            assignee,
            tags,
            opened_at,
            first_responded_at,
            first_response_due_at,
            due_at,
            escalated,
            handed_over_at,
            platform_ticket,
        } = sent;
        self.text(id::HELPDESK_TICKET_ID, ticket_id.as_ref());
        self.choice(id::HELPDESK_PRIORITY, *priority);
        self.choice(id::HELPDESK_STATUS, *status);
        self.name(id::HELPDESK_CHANNEL, channel.as_ref());
        self.text(id::HELPDESK_GROUP, group.as_ref());
        self.text(id::HELPDESK_ASSIGNEE, assignee.as_ref());
        self.carried("case.helpdesk.tags", tags);
        self.time(id::HELPDESK_OPENED_AT, opened_at.as_ref());
        self.time(id::HELPDESK_FIRST_RESPONDED_AT, first_responded_at.as_ref());
        self.time(id::HELPDESK_FIRST_RESPONSE_DUE_AT, first_response_due_at.as_ref());
        self.time(id::HELPDESK_DUE_AT, due_at.as_ref());
        self.flag(id::HELPDESK_ESCALATED, *escalated);
        self.time(id::HELPDESK_HANDED_OVER_AT, handed_over_at.as_ref());
        self.flag(id::HELPDESK_PLATFORM_TICKET, *platform_ticket);
    }

    fn dispute(&mut self, sent: &wire::Dispute) {
        let wire::Dispute {
            id,
            kind,
            status,
            opened_at,
            opened_by,
            due_at,
            evidence_requested,
            evidence_due_at,
            blamed,
        } = sent;
        self.text(id::DISPUTE_ID, id.as_ref());
        self.choice(id::DISPUTE_KIND, *kind);
        self.choice(id::DISPUTE_STATUS, *status);
        self.time(id::DISPUTE_OPENED_AT, opened_at.as_ref());
        self.choice(id::DISPUTE_OPENED_BY, *opened_by);
        self.time(id::DISPUTE_DUE_AT, due_at.as_ref());
        self.flag(id::DISPUTE_EVIDENCE_REQUESTED, *evidence_requested);
        self.time(id::DISPUTE_EVIDENCE_DUE_AT, evidence_due_at.as_ref());
        self.choice(id::DISPUTE_BLAMED, *blamed);
    }
}

fn evidence(record: &mut RecordReader<'_>, sent: &wire::Evidence) {
    let wire::Evidence {
        reference,
        kind,
        about,
        leg,
        shows,
        taken_at,
        submitted_at,
        by,
        accepted,
        required_by_platform,
        stamped,
        tracking_number,
        tracking_number_legible,
        whole_unpacking,
        unbroken,
        always_in_frame,
        unpacking_order,
    } = sent;
    record.text("reference", reference.as_ref());
    record.choice("kind", *kind);
    record.name("about", about.as_ref());
    record.choice("leg", *leg);
    record.choices("shows", shows);
    record.time("taken_at", taken_at.as_ref());
    record.time("submitted_at", submitted_at.as_ref());
    record.choice("by", *by);
    record.flag("accepted", *accepted);
    record.flag("required_by_platform", *required_by_platform);
    record.flag("stamped", *stamped);
    record.text("tracking_number", tracking_number.as_ref());
    record.flag("tracking_number_legible", *tracking_number_legible);
    record.flag("whole_unpacking", *whole_unpacking);
    record.flag("unbroken", *unbroken);
    record.flag("always_in_frame", *always_in_frame);
    record.choice("unpacking_order", *unpacking_order);
}

fn given_remedy(record: &mut RecordReader<'_>, sent: &wire::GivenRemedy) {
    let wire::GivenRemedy { remedy, amount, at, role, in_kind, reference } = sent;
    record.name("remedy", remedy.as_ref());
    record.money("amount", amount.as_ref());
    record.time("at", at.as_ref());
    record.name("role", role.as_ref());
    record.flag("in_kind", *in_kind);
    record.text("reference", reference.as_ref());
}

/// Where the facts of one leg's parcel lie.
pub(super) struct ParcelFacts {
    status: FactId,
    carrier: FactId,
    tracking_number: FactId,
    filled_at: FactId,
    pub(super) pickup_scanned_at: FactId,
    last_scan_at: FactId,
    last_movement_at: FactId,
    pub(super) signed_at: FactId,
    pub(super) signed_on: FactId,
    at_pickup_point: FactId,
    intercept_requested_at: FactId,
    intercepted: FactId,
    interception_failed: FactId,
    weight_grams: FactId,
    item_count: FactId,
    orders_aboard: FactId,
    handover: FactId,
    insured: FactId,
    exception: FactId,
    observed_at: FactId,
}

/// The three legs: out, back, and out again.
pub(super) const PARCELS: [ParcelFacts; 3] = [
    ParcelFacts {
        status: id::OUTBOUND_STATUS,
        carrier: id::OUTBOUND_CARRIER,
        tracking_number: id::OUTBOUND_TRACKING_NUMBER,
        filled_at: id::OUTBOUND_FILLED_AT,
        pickup_scanned_at: id::OUTBOUND_PICKUP_SCANNED_AT,
        last_scan_at: id::OUTBOUND_LAST_SCAN_AT,
        last_movement_at: id::OUTBOUND_LAST_MOVEMENT_AT,
        signed_at: id::OUTBOUND_SIGNED_AT,
        signed_on: id::OUTBOUND_SIGNED_ON,
        at_pickup_point: id::OUTBOUND_AT_PICKUP_POINT,
        intercept_requested_at: id::OUTBOUND_INTERCEPT_REQUESTED_AT,
        intercepted: id::OUTBOUND_INTERCEPTED,
        interception_failed: id::OUTBOUND_INTERCEPTION_FAILED,
        weight_grams: id::OUTBOUND_WEIGHT_GRAMS,
        item_count: id::OUTBOUND_ITEM_COUNT,
        orders_aboard: id::OUTBOUND_ORDERS_ABOARD,
        handover: id::OUTBOUND_HANDOVER,
        insured: id::OUTBOUND_INSURED,
        exception: id::OUTBOUND_EXCEPTION,
        observed_at: id::OUTBOUND_OBSERVED_AT,
    },
    ParcelFacts {
        status: id::RETURN_PARCEL_STATUS,
        carrier: id::RETURN_PARCEL_CARRIER,
        tracking_number: id::RETURN_PARCEL_TRACKING_NUMBER,
        filled_at: id::RETURN_PARCEL_FILLED_AT,
        pickup_scanned_at: id::RETURN_PARCEL_PICKUP_SCANNED_AT,
        last_scan_at: id::RETURN_PARCEL_LAST_SCAN_AT,
        last_movement_at: id::RETURN_PARCEL_LAST_MOVEMENT_AT,
        signed_at: id::RETURN_PARCEL_SIGNED_AT,
        signed_on: id::RETURN_PARCEL_SIGNED_ON,
        at_pickup_point: id::RETURN_PARCEL_AT_PICKUP_POINT,
        intercept_requested_at: id::RETURN_PARCEL_INTERCEPT_REQUESTED_AT,
        intercepted: id::RETURN_PARCEL_INTERCEPTED,
        interception_failed: id::RETURN_PARCEL_INTERCEPTION_FAILED,
        weight_grams: id::RETURN_PARCEL_WEIGHT_GRAMS,
        item_count: id::RETURN_PARCEL_ITEM_COUNT,
        orders_aboard: id::RETURN_PARCEL_ORDERS_ABOARD,
        handover: id::RETURN_PARCEL_HANDOVER,
        insured: id::RETURN_PARCEL_INSURED,
        exception: id::RETURN_PARCEL_EXCEPTION,
        observed_at: id::RETURN_PARCEL_OBSERVED_AT,
    },
    ParcelFacts {
        status: id::REPLACEMENT_PARCEL_STATUS,
        carrier: id::REPLACEMENT_PARCEL_CARRIER,
        tracking_number: id::REPLACEMENT_PARCEL_TRACKING_NUMBER,
        filled_at: id::REPLACEMENT_PARCEL_FILLED_AT,
        pickup_scanned_at: id::REPLACEMENT_PARCEL_PICKUP_SCANNED_AT,
        last_scan_at: id::REPLACEMENT_PARCEL_LAST_SCAN_AT,
        last_movement_at: id::REPLACEMENT_PARCEL_LAST_MOVEMENT_AT,
        signed_at: id::REPLACEMENT_PARCEL_SIGNED_AT,
        signed_on: id::REPLACEMENT_PARCEL_SIGNED_ON,
        at_pickup_point: id::REPLACEMENT_PARCEL_AT_PICKUP_POINT,
        intercept_requested_at: id::REPLACEMENT_PARCEL_INTERCEPT_REQUESTED_AT,
        intercepted: id::REPLACEMENT_PARCEL_INTERCEPTED,
        interception_failed: id::REPLACEMENT_PARCEL_INTERCEPTION_FAILED,
        weight_grams: id::REPLACEMENT_PARCEL_WEIGHT_GRAMS,
        item_count: id::REPLACEMENT_PARCEL_ITEM_COUNT,
        orders_aboard: id::REPLACEMENT_PARCEL_ORDERS_ABOARD,
        handover: id::REPLACEMENT_PARCEL_HANDOVER,
        insured: id::REPLACEMENT_PARCEL_INSURED,
        exception: id::REPLACEMENT_PARCEL_EXCEPTION,
        observed_at: id::REPLACEMENT_PARCEL_OBSERVED_AT,
    },
];
