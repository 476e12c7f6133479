//! What the customer asks for, and what the platform says of it.

use super::reader::{Fill as _, Reader, RecordReader};
use crate::facts::id;
use crate::rpc::proto::redress::v1 as wire;

impl Reader<'_> {
    #[allow(clippy::too_many_lines, reason = "one line for each field of the message")]
    pub(super) fn request(&mut self, sent: &wire::CustomerRequest) {
        let wire::CustomerRequest {
            id,
            version,
            r#type,
            phase,
            status,
            applied_by,
            applied_at,
            definite,
            wanted,
            reason_text,
            reason_class,
            note,
            received,
            needs_return,
            asked_amount,
            max_refundable,
            refund_amount,
            refused,
            approved_reason,
            approved_at,
            approved_by,
            rejected_at,
            rejections,
            seller_answer,
            seller_answered_at,
            negotiated,
            buyer_agreed_to_rejection,
            wrong_type,
            wrong_reason,
            declines_correction,
            excessive,
            unreasonable,
            handled_automatically,
            exchange_sku,
            replacement_stock,
            repair_stage,
            platform_deadline,
            platform_allowed,
            platform_denied,
        } = sent;
        self.text(id::REQUEST_ID, id.as_ref());
        self.text(id::REQUEST_VERSION, version.as_ref());
        self.choice(id::REQUEST_TYPE, *r#type);
        self.choice(id::REQUEST_PHASE, *phase);
        self.choice(id::REQUEST_STATUS, *status);
        self.choice(id::REQUEST_APPLIED_BY, *applied_by);
        self.time(id::REQUEST_APPLIED_AT, applied_at.as_ref());
        self.flag(id::REQUEST_DEFINITE, *definite);
        self.name(id::REQUEST_WANTED, wanted.as_ref());
        self.prose(id::REQUEST_REASON_TEXT, reason_text.as_ref());
        self.name(id::REQUEST_REASON_CLASS, reason_class.as_ref());
        self.prose(id::REQUEST_NOTE, note.as_ref());
        self.flag(id::REQUEST_RECEIVED, *received);
        self.flag(id::REQUEST_NEEDS_RETURN, *needs_return);
        self.money(id::REQUEST_ASKED_AMOUNT, asked_amount.as_ref());
        self.money(id::REQUEST_MAX_REFUNDABLE, max_refundable.as_ref());
        self.money(id::REQUEST_REFUND_AMOUNT, refund_amount.as_ref());
        self.names(id::REQUEST_REFUSED, refused);
        self.name(id::REQUEST_APPROVED_REASON, approved_reason.as_ref());
        self.time(id::REQUEST_APPROVED_AT, approved_at.as_ref());
        self.choice(id::REQUEST_APPROVED_BY, *approved_by);
        self.time(id::REQUEST_REJECTED_AT, rejected_at.as_ref());
        self.count(id::REQUEST_REJECTIONS, *rejections);
        self.choice(id::REQUEST_SELLER_ANSWER, *seller_answer);
        self.time(id::REQUEST_SELLER_ANSWERED_AT, seller_answered_at.as_ref());
        self.flag(id::REQUEST_NEGOTIATED, *negotiated);
        self.flag(id::REQUEST_BUYER_AGREED_TO_REJECTION, *buyer_agreed_to_rejection);
        self.flag(id::REQUEST_WRONG_TYPE, *wrong_type);
        self.flag(id::REQUEST_WRONG_REASON, *wrong_reason);
        self.flag(id::REQUEST_DECLINES_CORRECTION, *declines_correction);
        self.flag(id::REQUEST_EXCESSIVE, *excessive);
        self.flag(id::REQUEST_UNREASONABLE, *unreasonable);
        self.flag(id::REQUEST_HANDLED_AUTOMATICALLY, *handled_automatically);
        self.text(id::REQUEST_EXCHANGE_SKU, exchange_sku.as_ref());
        self.choice(id::REQUEST_REPLACEMENT_STOCK, *replacement_stock);
        self.choice(id::REQUEST_REPAIR_STAGE, *repair_stage);
        if let Some(deadline) = platform_deadline {
            let wire::PlatformDeadline { kind, at } = deadline;
            self.choice(id::REQUEST_PLATFORM_DEADLINE_KIND, *kind);
            self.time(id::REQUEST_PLATFORM_DEADLINE_AT, at.as_ref());
        }
        self.names(id::REQUEST_PLATFORM_ALLOWED, platform_allowed);
        self.records(id::REQUEST_PLATFORM_DENIED, platform_denied, platform_denial);
    }
}

fn platform_denial(record: &mut RecordReader<'_>, sent: &wire::PlatformDenial) {
    let wire::PlatformDenial { action, code, reason } = sent;
    record.name("action", action.as_ref());
    record.text("code", code.as_ref());
    record.prose("reason", reason.as_ref());
}
