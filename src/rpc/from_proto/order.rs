//! What was bought, and what is wrong with it.

use super::reader::{Fill as _, Reader, RecordReader};
use crate::facts::id;
use crate::rpc::proto::redress::v1 as wire;

impl Reader<'_> {
    #[allow(clippy::too_many_lines, reason = "one line for each field of the message")]
    pub(super) fn order(&mut self, sent: &wire::Order) {
        let wire::Order {
            id,
            sub_id,
            status,
            amount,
            paid,
            freight,
            tax,
            platform_discount,
            shop_discount,
            streamer_discount,
            compensated,
            refunded,
            items,
            item_count,
            is_set,
            payment_kind,
            cross_border,
            freight_insurance,
            free_shipping,
            made_to_order,
            needs_shipping,
            presale,
            stock,
            promised_shipping_at,
            created_at,
            paid_at,
            shipped_at,
            signed_at,
            signed_on,
            completed_at,
            no_reason_return,
            seal_opened,
            tag_cut,
            trial_only_used,
            main_product_intact,
            promises,
            warranty,
            ledger_registered,
            ledger_registered_at,
        } = sent;
        self.text(id::ORDER_ID, id.as_ref());
        self.text(id::ORDER_SUB_ID, sub_id.as_ref());
        self.choice(id::ORDER_STATUS, *status);
        self.money(id::ORDER_AMOUNT, amount.as_ref());
        self.money(id::ORDER_PAID, paid.as_ref());
        self.money(id::ORDER_FREIGHT, freight.as_ref());
        self.money(id::ORDER_TAX, tax.as_ref());
        self.money(id::ORDER_PLATFORM_DISCOUNT, platform_discount.as_ref());
        self.money(id::ORDER_SHOP_DISCOUNT, shop_discount.as_ref());
        self.money(id::ORDER_STREAMER_DISCOUNT, streamer_discount.as_ref());
        self.money(id::ORDER_COMPENSATED, compensated.as_ref());
        self.money(id::ORDER_REFUNDED, refunded.as_ref());
        self.records(id::ORDER_ITEMS, items, item);
        self.count(id::ORDER_ITEM_COUNT, *item_count);
        self.flag(id::ORDER_IS_SET, *is_set);
        self.choice(id::ORDER_PAYMENT_KIND, *payment_kind);
        self.flag(id::ORDER_CROSS_BORDER, *cross_border);
        self.flag(id::ORDER_FREIGHT_INSURANCE, *freight_insurance);
        self.flag(id::ORDER_FREE_SHIPPING, *free_shipping);
        self.flag(id::ORDER_MADE_TO_ORDER, *made_to_order);
        self.flag(id::ORDER_NEEDS_SHIPPING, *needs_shipping);
        self.flag(id::ORDER_PRESALE, *presale);
        self.choice(id::ORDER_STOCK, *stock);
        self.time(id::ORDER_PROMISED_SHIPPING_AT, promised_shipping_at.as_ref());
        self.time(id::ORDER_CREATED_AT, created_at.as_ref());
        self.time(id::ORDER_PAID_AT, paid_at.as_ref());
        self.time(id::ORDER_SHIPPED_AT, shipped_at.as_ref());
        self.time(id::ORDER_SIGNED_AT, signed_at.as_ref());
        self.date(id::ORDER_SIGNED_ON, signed_on.as_ref());
        self.time(id::ORDER_COMPLETED_AT, completed_at.as_ref());
        self.flag(id::ORDER_NO_REASON_RETURN, *no_reason_return);
        self.flag(id::ORDER_SEAL_OPENED, *seal_opened);
        self.flag(id::ORDER_TAG_CUT, *tag_cut);
        self.flag(id::ORDER_TRIAL_ONLY_USED, *trial_only_used);
        self.flag(id::ORDER_MAIN_PRODUCT_INTACT, *main_product_intact);
        self.records(id::ORDER_PROMISES, promises, promise);
        if let Some(warranty) = warranty {
            self.warranty(warranty);
        }
        self.flag(id::ORDER_LEDGER_REGISTERED, *ledger_registered);
        self.time(id::ORDER_LEDGER_REGISTERED_AT, ledger_registered_at.as_ref());
    }

    fn warranty(&mut self, sent: &wire::Warranty) {
        let wire::Warranty { three_guarantees, statutory_until, agreed_until, in_service, has_invoice } = sent;
        self.flag(id::ORDER_WARRANTY_THREE_GUARANTEES, *three_guarantees);
        self.date(id::ORDER_WARRANTY_STATUTORY_UNTIL, statutory_until.as_ref());
        self.date(id::ORDER_WARRANTY_AGREED_UNTIL, agreed_until.as_ref());
        self.flag(id::ORDER_WARRANTY_IN_SERVICE, *in_service);
        self.flag(id::ORDER_WARRANTY_HAS_INVOICE, *has_invoice);
    }

    pub(super) fn issue(&mut self, sent: &wire::Issue) {
        let wire::Issue {
            r#class,
            description,
            visibility,
            severity,
            proven,
            confirmed,
            confirmed_at,
            clarified,
            undeterminable,
            responsible,
            major_loss,
            loss_amount,
            shop_loss,
            affected_quantity,
            affected_amount,
            reported_at,
            shipment_checked,
            own_mistake,
            serious_inconvenience,
            publicity_risk,
            review_published,
            review_rating,
            review_published_at,
        } = sent;
        self.name(id::ISSUE_CLASS, r#class.as_ref());
        self.prose(id::ISSUE_DESCRIPTION, description.as_ref());
        self.choice(id::ISSUE_VISIBILITY, *visibility);
        self.choice(id::ISSUE_SEVERITY, *severity);
        self.flag(id::ISSUE_PROVEN, *proven);
        self.flag(id::ISSUE_CONFIRMED, *confirmed);
        self.time(id::ISSUE_CONFIRMED_AT, confirmed_at.as_ref());
        self.flag(id::ISSUE_CLARIFIED, *clarified);
        self.flag(id::ISSUE_UNDETERMINABLE, *undeterminable);
        self.choice(id::ISSUE_RESPONSIBLE, *responsible);
        self.flag(id::ISSUE_MAJOR_LOSS, *major_loss);
        self.money(id::ISSUE_LOSS_AMOUNT, loss_amount.as_ref());
        self.flag(id::ISSUE_SHOP_LOSS, *shop_loss);
        self.count(id::ISSUE_AFFECTED_QUANTITY, *affected_quantity);
        self.money(id::ISSUE_AFFECTED_AMOUNT, affected_amount.as_ref());
        self.time(id::ISSUE_REPORTED_AT, reported_at.as_ref());
        self.flag(id::ISSUE_SHIPMENT_CHECKED, *shipment_checked);
        self.flag(id::ISSUE_OWN_MISTAKE, *own_mistake);
        self.flag(id::ISSUE_SERIOUS_INCONVENIENCE, *serious_inconvenience);
        self.choice(id::ISSUE_PUBLICITY_RISK, *publicity_risk);
        self.flag(id::ISSUE_REVIEW_PUBLISHED, *review_published);
        self.choice(id::ISSUE_REVIEW_RATING, *review_rating);
        self.time(id::ISSUE_REVIEW_PUBLISHED_AT, review_published_at.as_ref());
    }
}

fn item(record: &mut RecordReader<'_>, sent: &wire::Item) {
    let wire::Item {
        id,
        product_id,
        sku,
        name,
        category,
        quantity,
        unit_price,
        paid,
        is_set,
        is_gift,
        made_to_order,
        requested_quantity,
        returned_quantity,
        refunded_quantity,
    } = sent;
    record.text("id", id.as_ref());
    record.text("product_id", product_id.as_ref());
    record.text("sku", sku.as_ref());
    record.text("name", name.as_ref());
    record.text("category", category.as_ref());
    record.count("quantity", *quantity);
    record.money("unit_price", unit_price.as_ref());
    record.money("paid", paid.as_ref());
    record.flag("is_set", *is_set);
    record.flag("is_gift", *is_gift);
    record.flag("made_to_order", *made_to_order);
    record.count("requested_quantity", *requested_quantity);
    record.count("returned_quantity", *returned_quantity);
    record.count("refunded_quantity", *refunded_quantity);
}

fn promise(record: &mut RecordReader<'_>, sent: &wire::Promise) {
    let wire::Promise { source, remedy, text, made_at, valid_until, amount } = sent;
    record.choice("source", *source);
    record.name("remedy", remedy.as_ref());
    record.prose("text", text.as_ref());
    record.time("made_at", made_at.as_ref());
    record.time("valid_until", valid_until.as_ref());
    record.money("amount", amount.as_ref());
}
