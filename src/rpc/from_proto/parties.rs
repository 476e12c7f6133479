//! Who takes part: the customer, the actor, and what the actor is about to do.

use super::reader::{Fill as _, Reader};
use crate::facts::id;
use crate::rpc::proto::redress::v1 as wire;

impl Reader<'_> {
    pub(super) fn actor(&mut self, sent: &wire::Actor) {
        let wire::Actor { id, role, group, sub_account, automatic } = sent;
        self.text(id::ACTOR_ID, id.as_ref());
        self.require(id::ACTOR_ROLE, role.is_some());
        self.name(id::ACTOR_ROLE, role.as_ref());
        self.text(id::ACTOR_GROUP, group.as_ref());
        self.flag(id::ACTOR_SUB_ACCOUNT, *sub_account);
        self.flag(id::ACTOR_AUTOMATIC, *automatic);
    }

    pub(super) fn action(&mut self, sent: &wire::Action) {
        let wire::Action {
            name,
            amount,
            executing,
            reason,
            ground,
            leg,
            in_kind,
            gift,
            quantity,
            extension,
            settles_review,
            freight,
            batch_count,
            batch_amount,
        } = sent;
        self.require(id::ACTION_NAME, name.is_some());
        self.name(id::ACTION_NAME, name.as_ref());
        self.money(id::ACTION_AMOUNT, amount.as_ref());
        self.flag(id::ACTION_EXECUTING, *executing);
        self.prose(id::ACTION_REASON, reason.as_ref());
        self.name(id::ACTION_GROUND, ground.as_ref());
        self.choice(id::ACTION_LEG, *leg);
        self.flag(id::ACTION_IN_KIND, *in_kind);
        self.text(id::ACTION_GIFT, gift.as_ref());
        self.count(id::ACTION_QUANTITY, *quantity);
        self.length(id::ACTION_EXTENSION, extension.as_ref());
        self.flag(id::ACTION_SETTLES_REVIEW, *settles_review);
        self.money(id::ACTION_FREIGHT, freight.as_ref());
        self.count(id::ACTION_BATCH_COUNT, *batch_count);
        self.money(id::ACTION_BATCH_AMOUNT, batch_amount.as_ref());
    }

    pub(super) fn customer(&mut self, sent: &wire::Customer) {
        let wire::Customer {
            id,
            tier,
            orders,
            spent,
            returns,
            refunds_only,
            short_returns,
            complaints,
            compensated,
            words,
            attitude,
            reachable,
            last_contact_at,
            last_reply_at,
            contact_attempts,
            risk,
            risk_reason,
        } = sent;
        self.text(id::CUSTOMER_ID, id.as_ref());
        self.name(id::CUSTOMER_TIER, tier.as_ref());
        self.count(id::CUSTOMER_ORDERS, *orders);
        self.money(id::CUSTOMER_SPENT, spent.as_ref());
        self.count(id::CUSTOMER_RETURNS, *returns);
        self.count(id::CUSTOMER_REFUNDS_ONLY, *refunds_only);
        self.count(id::CUSTOMER_SHORT_RETURNS, *short_returns);
        self.count(id::CUSTOMER_COMPLAINTS, *complaints);
        self.money(id::CUSTOMER_COMPENSATED, compensated.as_ref());
        self.texts(id::CUSTOMER_WORDS, words);
        self.choice(id::CUSTOMER_ATTITUDE, *attitude);
        self.flag(id::CUSTOMER_REACHABLE, *reachable);
        self.time(id::CUSTOMER_LAST_CONTACT_AT, last_contact_at.as_ref());
        self.time(id::CUSTOMER_LAST_REPLY_AT, last_reply_at.as_ref());
        self.count(id::CUSTOMER_CONTACT_ATTEMPTS, *contact_attempts);
        self.choice(id::CUSTOMER_RISK, *risk);
        self.prose(id::CUSTOMER_RISK_REASON, risk_reason.as_ref());
    }
}
