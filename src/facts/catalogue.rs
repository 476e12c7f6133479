//! Every built-in fact, one line each, with the names it goes by. Paths are those of the messages in `proto/`, and a
//! test holds the two together.
//!
//! Data only: what a bundle adds to it is the schema's.

use super::FactId;

mod enums;
mod records;
mod types;

pub use enums::ENUMS;
pub use records::RECORDS;
pub use types::{BuiltIn, Members, StaticEnum, StaticField, StaticMember, StaticRecord, StaticType};

/// The type that a table spells.
macro_rules! static_type {
    (bool) => { StaticType::Bool };
    (count) => { StaticType::Count };
    (number) => { StaticType::Number };
    (money) => { StaticType::Money };
    (text) => { StaticType::Text };
    (instant) => { StaticType::Instant };
    (date) => { StaticType::Date };
    (duration) => { StaticType::Duration };
    (enum($name:ident)) => { StaticType::Enum(stringify!($name)) };
    (record($name:ident)) => { StaticType::Record(stringify!($name)) };
    (list($($element:tt)+)) => { StaticType::List(&static_type!($($element)+)) };
}
use static_type;

/// Makes the table and, from the order of its lines, the ids.
macro_rules! catalogue {
    ($($id:ident: $path:literal $ty:ident $(($($of:tt)+))? $zh:literal $en:literal;)+) => {
        /// Every built-in fact, in the order of its [`FactId`].
        pub const BUILT_IN: &[BuiltIn] = &[$(
            BuiltIn { path: $path, ty: static_type!($ty $(($($of)+))?), zh: $zh, en: $en },
        )+];

        /// The built-in facts by name.
        pub mod id {
            use super::{FactId, Line};

            $(
                #[doc = concat!("`", $path, "`: ", $en)]
                pub const $id: FactId = FactId(Line::$id as u16);
            )+
        }

        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "it counts the lines, by their names")]
        #[repr(u16)]
        enum Line { $($id),+ }
    };
}

catalogue! {
    ORDER_ID: "order.id" text "订单号" "order number";
    ORDER_SUB_ID: "order.sub_id" text "子订单号" "sub-order number";
    ORDER_STATUS: "order.status" enum(order_status) "订单状态" "order status";
    ORDER_AMOUNT: "order.amount" money "订单金额" "order amount";
    ORDER_PAID: "order.paid" money "实付金额" "amount paid";
    ORDER_FREIGHT: "order.freight" money "买家付的运费" "freight paid by the customer";
    ORDER_TAX: "order.tax" money "税费" "tax";
    ORDER_PLATFORM_DISCOUNT: "order.platform_discount" money "平台优惠" "platform's discount";
    ORDER_SHOP_DISCOUNT: "order.shop_discount" money "店铺优惠" "shop's discount";
    ORDER_STREAMER_DISCOUNT: "order.streamer_discount" money "主播优惠" "streamer's discount";
    ORDER_COMPENSATED: "order.compensated" money "本单已补偿金额" "already compensated on this order";
    ORDER_REFUNDED: "order.refunded" money "本单已退款金额" "already refunded on this order";
    ORDER_ITEMS: "order.items" list(record(item)) "订单商品" "items ordered";
    ORDER_ITEM_COUNT: "order.item_count" count "商品总件数" "pieces ordered";
    ORDER_IS_SET: "order.is_set" bool "是否为套装" "is a multi-piece set";
    ORDER_PAYMENT_KIND: "order.payment_kind" enum(payment_kind) "付款方式" "payment method";
    ORDER_CROSS_BORDER: "order.cross_border" bool "是否跨境" "crosses a customs border";
    ORDER_FREIGHT_INSURANCE: "order.freight_insurance" bool "是否有运费险" "has return-freight insurance";
    ORDER_FREE_SHIPPING: "order.free_shipping" bool "是否包邮" "sold with free shipping";
    ORDER_MADE_TO_ORDER: "order.made_to_order" bool "是否定制" "made to order";
    ORDER_NEEDS_SHIPPING: "order.needs_shipping" bool "是否需要发货" "needs shipping";
    ORDER_PRESALE: "order.presale" bool "是否预售" "presale";
    ORDER_STOCK: "order.stock" enum(stock_status) "订单商品的库存情况" "stock of the goods ordered";
    ORDER_PROMISED_SHIPPING_AT: "order.promised_shipping_at" instant "承诺最晚发货时间" "latest shipping time promised";
    ORDER_CREATED_AT: "order.created_at" instant "下单时间" "ordered at";
    ORDER_PAID_AT: "order.paid_at" instant "付款时间" "paid at";
    ORDER_SHIPPED_AT: "order.shipped_at" instant "发货时间" "shipped at";
    ORDER_SIGNED_AT: "order.signed_at" instant "签收时间" "signed for at";
    ORDER_SIGNED_ON: "order.signed_on" date "签收日期" "day of signing";
    ORDER_COMPLETED_AT: "order.completed_at" instant "交易成功时间" "transaction completed at";
    ORDER_NO_REASON_RETURN: "order.no_reason_return" bool "是否支持七天无理由" "sold with no-reason return";
    ORDER_SEAL_OPENED: "order.seal_opened" bool "封条是否已拆" "seal has been opened";
    ORDER_TAG_CUT: "order.tag_cut" bool "吊牌是否已剪" "tag has been cut";
    ORDER_TRIAL_ONLY_USED: "order.trial_only_used" bool "是否只用了附赠试用装" "only the trial sample was used";
    ORDER_MAIN_PRODUCT_INTACT: "order.main_product_intact" bool "主商品是否完好" "main product is intact";
    ORDER_PROMISES: "order.promises" list(record(promise)) "对客户的承诺" "promises made to the customer";
    ORDER_WARRANTY_THREE_GUARANTEES: "order.warranty.three_guarantees" bool "是否属于三包商品" "under the three guarantees";
    ORDER_WARRANTY_STATUTORY_UNTIL: "order.warranty.statutory_until" date "三包有效期至" "three guarantees end on";
    ORDER_WARRANTY_AGREED_UNTIL: "order.warranty.agreed_until" date "约定质保期至" "agreed warranty ends on";
    ORDER_WARRANTY_IN_SERVICE: "order.warranty.in_service" bool "厂家是否仍提供维修" "still serviced by the maker";
    ORDER_WARRANTY_HAS_INVOICE: "order.warranty.has_invoice" bool "是否有购买凭证" "has proof of purchase";
    ORDER_LEDGER_REGISTERED: "order.ledger_registered" bool "是否已登记售后表" "registered in the after-sales ledger";
    ORDER_LEDGER_REGISTERED_AT: "order.ledger_registered_at" instant "登记售后表的时间" "registered in the ledger at";

    ISSUE_CLASS: "issue.class" enum(issue_class) "问题分类" "issue class";
    ISSUE_DESCRIPTION: "issue.description" text "问题描述" "description of the issue";
    ISSUE_VISIBILITY: "issue.visibility" enum(visibility) "问题能否拍照看出" "can a picture show the issue";
    ISSUE_SEVERITY: "issue.severity" enum(severity) "问题严重程度" "severity of the issue";
    ISSUE_PROVEN: "issue.proven" bool "问题是否已有凭证证明" "issue is proved";
    ISSUE_CONFIRMED: "issue.confirmed" bool "问题是否已核实" "issue is confirmed by the shop";
    ISSUE_CONFIRMED_AT: "issue.confirmed_at" instant "问题核实时间" "issue confirmed at";
    ISSUE_CLARIFIED: "issue.clarified" bool "细节是否已与客户问清" "details are cleared up with the customer";
    ISSUE_UNDETERMINABLE: "issue.undeterminable" bool "是否无法远程判断" "can't be told from afar";
    ISSUE_RESPONSIBLE: "issue.responsible" enum(party) "责任方" "responsible party";
    ISSUE_MAJOR_LOSS: "issue.major_loss" bool "是否给客户造成较大损失" "caused the customer a major loss";
    ISSUE_LOSS_AMOUNT: "issue.loss_amount" money "客户损失金额" "customer's loss";
    ISSUE_SHOP_LOSS: "issue.shop_loss" bool "店铺是否受损或有不良影响" "shop suffered loss or a bad effect";
    ISSUE_AFFECTED_QUANTITY: "issue.affected_quantity" count "问题商品件数" "pieces affected";
    ISSUE_AFFECTED_AMOUNT: "issue.affected_amount" money "问题商品金额" "price of the pieces affected";
    ISSUE_REPORTED_AT: "issue.reported_at" instant "客户首次反馈时间" "first reported at";
    ISSUE_SHIPMENT_CHECKED: "issue.shipment_checked" bool "是否已核对订单和发货" "order and shipment have been checked";
    ISSUE_OWN_MISTAKE: "issue.own_mistake" bool "是否为我方错发漏发" "shop's own shipping mistake";
    ISSUE_SERIOUS_INCONVENIENCE: "issue.serious_inconvenience" bool "是否给客户造成严重不便" "serious inconvenience to the customer";
    ISSUE_PUBLICITY_RISK: "issue.publicity_risk" enum(risk_level) "舆论风险" "risk of publicity";
    ISSUE_REVIEW_PUBLISHED: "issue.review_published" bool "评价是否已发布" "review has been published";
    ISSUE_REVIEW_RATING: "issue.review_rating" enum(review_rating) "评价等级" "rating of the review";
    ISSUE_REVIEW_PUBLISHED_AT: "issue.review_published_at" instant "评价发布时间" "review published at";

    REQUEST_ID: "request.id" text "售后单号" "request number";
    REQUEST_VERSION: "request.version" text "售后单版本" "request version";
    REQUEST_TYPE: "request.type" enum(request_type) "售后类型" "request type";
    REQUEST_PHASE: "request.phase" enum(request_phase) "售中或售后" "before or after completion";
    REQUEST_STATUS: "request.status" enum(request_status) "售后单状态" "request status";
    REQUEST_APPLIED_BY: "request.applied_by" enum(party) "申请发起方" "applied for by";
    REQUEST_APPLIED_AT: "request.applied_at" instant "申请时间" "applied for at";
    REQUEST_DEFINITE: "request.definite" bool "是否有明确退换意愿" "definite wish to return or exchange";
    REQUEST_WANTED: "request.wanted" enum(remedy) "客户想要的处理方式" "remedy the customer names";
    REQUEST_REASON_TEXT: "request.reason_text" text "申请原因原文" "stated reason, in words";
    REQUEST_REASON_CLASS: "request.reason_class" enum(issue_class) "申请原因分类" "class of the stated reason";
    REQUEST_NOTE: "request.note" text "客户留言" "customer's note";
    REQUEST_RECEIVED: "request.received" bool "客户是否已收到货" "goods received, as the customer says";
    REQUEST_NEEDS_RETURN: "request.needs_return" bool "是否需要退货" "goods have to come back";
    REQUEST_ASKED_AMOUNT: "request.asked_amount" money "客户要求的金额" "sum asked for";
    REQUEST_MAX_REFUNDABLE: "request.max_refundable" money "平台最多可退金额" "most the platform allows to refund";
    REQUEST_REFUND_AMOUNT: "request.refund_amount" money "商定的退款金额" "agreed refund";
    REQUEST_REFUSED: "request.refused" list(enum(remedy)) "客户已拒绝的方案" "remedies the customer refused";
    REQUEST_APPROVED_REASON: "request.approved_reason" enum(issue_class) "同意售后时的原因" "reason it was approved under";
    REQUEST_APPROVED_AT: "request.approved_at" instant "同意售后的时间" "approved at";
    REQUEST_APPROVED_BY: "request.approved_by" enum(party) "同意方" "approved by";
    REQUEST_REJECTED_AT: "request.rejected_at" instant "上次拒绝时间" "last rejected at";
    REQUEST_REJECTIONS: "request.rejections" count "已拒绝次数" "rejections so far";
    REQUEST_SELLER_ANSWER: "request.seller_answer" enum(seller_answer) "商家最近一次答复" "shop's last answer";
    REQUEST_SELLER_ANSWERED_AT: "request.seller_answered_at" instant "商家最近答复时间" "shop last answered at";
    REQUEST_NEGOTIATED: "request.negotiated" bool "是否已与客户协商" "talked over with the customer";
    REQUEST_BUYER_AGREED_TO_REJECTION: "request.buyer_agreed_to_rejection" bool "客户是否事先同意拒绝" "customer agreed to the rejection beforehand";
    REQUEST_WRONG_TYPE: "request.wrong_type" bool "售后类型是否选错" "wrong type chosen";
    REQUEST_WRONG_REASON: "request.wrong_reason" bool "申请原因是否选错" "wrong reason chosen";
    REQUEST_DECLINES_CORRECTION: "request.declines_correction" bool "客户是否不愿修改申请" "customer will not correct the request";
    REQUEST_EXCESSIVE: "request.excessive" bool "客户要求是否过分" "demand is excessive";
    REQUEST_UNREASONABLE: "request.unreasonable" bool "客户是否无理要求" "demand has no ground";
    REQUEST_HANDLED_AUTOMATICALLY: "request.handled_automatically" bool "平台是否已自动处理" "handled automatically by the platform";
    REQUEST_EXCHANGE_SKU: "request.exchange_sku" text "换货规格" "SKU wanted in exchange";
    REQUEST_REPLACEMENT_STOCK: "request.replacement_stock" enum(stock_status) "换新或补发商品的库存情况" "stock of the replacement";
    REQUEST_REPAIR_STAGE: "request.repair_stage" enum(repair_stage) "返修进度" "stage of the repair";
    REQUEST_PLATFORM_DEADLINE_KIND: "request.platform_deadline.kind" enum(deadline_kind) "平台时限类型" "kind of platform deadline";
    REQUEST_PLATFORM_DEADLINE_AT: "request.platform_deadline.at" instant "平台时限截止时间" "platform deadline";
    REQUEST_PLATFORM_ALLOWED: "request.platform_allowed" list(enum(action)) "平台当前允许的操作" "actions the platform allows now";
    REQUEST_PLATFORM_DENIED: "request.platform_denied" list(record(platform_denial)) "平台当前禁止的操作" "actions the platform refuses now";

    OUTBOUND_STATUS: "outbound.status" enum(parcel_status) "发货包裹状态" "outbound parcel status";
    OUTBOUND_CARRIER: "outbound.carrier" text "发货包裹快递公司" "outbound parcel courier";
    OUTBOUND_TRACKING_NUMBER: "outbound.tracking_number" text "发货包裹快递单号" "outbound parcel tracking number";
    OUTBOUND_FILLED_AT: "outbound.filled_at" instant "发货包裹单号填写时间" "outbound parcel tracking number filed at";
    OUTBOUND_PICKUP_SCANNED_AT: "outbound.pickup_scanned_at" instant "发货包裹揽收时间" "outbound parcel picked up at";
    OUTBOUND_LAST_SCAN_AT: "outbound.last_scan_at" instant "发货包裹最近一次扫描时间" "outbound parcel last scanned at";
    OUTBOUND_LAST_MOVEMENT_AT: "outbound.last_movement_at" instant "发货包裹最近一次走件时间" "outbound parcel last moved at";
    OUTBOUND_SIGNED_AT: "outbound.signed_at" instant "发货包裹签收时间" "outbound parcel signed for at";
    OUTBOUND_SIGNED_ON: "outbound.signed_on" date "发货包裹签收日期" "outbound parcel signed for on";
    OUTBOUND_AT_PICKUP_POINT: "outbound.at_pickup_point" bool "发货包裹是否已到代收点" "outbound parcel is at the pickup point";
    OUTBOUND_INTERCEPT_REQUESTED_AT: "outbound.intercept_requested_at" instant "发货包裹通知拦截时间" "outbound parcel interception requested at";
    OUTBOUND_INTERCEPTED: "outbound.intercepted" bool "发货包裹是否拦截成功" "outbound parcel has been intercepted";
    OUTBOUND_INTERCEPTION_FAILED: "outbound.interception_failed" bool "发货包裹是否拦截失败" "outbound parcel interception failed";
    OUTBOUND_WEIGHT_GRAMS: "outbound.weight_grams" count "发货包裹重量(克)" "outbound parcel weight in grams";
    OUTBOUND_ITEM_COUNT: "outbound.item_count" count "发货包裹内件数" "outbound parcel piece count";
    OUTBOUND_ORDERS_ABOARD: "outbound.orders_aboard" count "发货包裹同一运单的订单数" "outbound parcel orders on one waybill";
    OUTBOUND_HANDOVER: "outbound.handover" enum(handover_method) "发货包裹寄件方式" "outbound parcel handover method";
    OUTBOUND_INSURED: "outbound.insured" bool "发货包裹是否保价" "outbound parcel insured";
    OUTBOUND_EXCEPTION: "outbound.exception" text "发货包裹快递异常说明" "outbound parcel courier exception";
    OUTBOUND_OBSERVED_AT: "outbound.observed_at" instant "发货包裹物流查询时间" "outbound parcel last looked up at";

    RETURN_PARCEL_STATUS: "return_parcel.status" enum(parcel_status) "退货包裹状态" "return parcel status";
    RETURN_PARCEL_CARRIER: "return_parcel.carrier" text "退货包裹快递公司" "return parcel courier";
    RETURN_PARCEL_TRACKING_NUMBER: "return_parcel.tracking_number" text "退货包裹快递单号" "return parcel tracking number";
    RETURN_PARCEL_FILLED_AT: "return_parcel.filled_at" instant "退货包裹单号填写时间" "return parcel tracking number filed at";
    RETURN_PARCEL_PICKUP_SCANNED_AT: "return_parcel.pickup_scanned_at" instant "退货包裹揽收时间" "return parcel picked up at";
    RETURN_PARCEL_LAST_SCAN_AT: "return_parcel.last_scan_at" instant "退货包裹最近一次扫描时间" "return parcel last scanned at";
    RETURN_PARCEL_LAST_MOVEMENT_AT: "return_parcel.last_movement_at" instant "退货包裹最近一次走件时间" "return parcel last moved at";
    RETURN_PARCEL_SIGNED_AT: "return_parcel.signed_at" instant "退货包裹签收时间" "return parcel signed for at";
    RETURN_PARCEL_SIGNED_ON: "return_parcel.signed_on" date "退货包裹签收日期" "return parcel signed for on";
    RETURN_PARCEL_AT_PICKUP_POINT: "return_parcel.at_pickup_point" bool "退货包裹是否已到代收点" "return parcel is at the pickup point";
    RETURN_PARCEL_INTERCEPT_REQUESTED_AT: "return_parcel.intercept_requested_at" instant "退货包裹通知拦截时间" "return parcel interception requested at";
    RETURN_PARCEL_INTERCEPTED: "return_parcel.intercepted" bool "退货包裹是否拦截成功" "return parcel has been intercepted";
    RETURN_PARCEL_INTERCEPTION_FAILED: "return_parcel.interception_failed" bool "退货包裹是否拦截失败" "return parcel interception failed";
    RETURN_PARCEL_WEIGHT_GRAMS: "return_parcel.weight_grams" count "退货包裹重量(克)" "return parcel weight in grams";
    RETURN_PARCEL_ITEM_COUNT: "return_parcel.item_count" count "退货包裹内件数" "return parcel piece count";
    RETURN_PARCEL_ORDERS_ABOARD: "return_parcel.orders_aboard" count "退货包裹同一运单的订单数" "return parcel orders on one waybill";
    RETURN_PARCEL_HANDOVER: "return_parcel.handover" enum(handover_method) "退货包裹寄件方式" "return parcel handover method";
    RETURN_PARCEL_INSURED: "return_parcel.insured" bool "退货包裹是否保价" "return parcel insured";
    RETURN_PARCEL_EXCEPTION: "return_parcel.exception" text "退货包裹快递异常说明" "return parcel courier exception";
    RETURN_PARCEL_OBSERVED_AT: "return_parcel.observed_at" instant "退货包裹物流查询时间" "return parcel last looked up at";

    REPLACEMENT_PARCEL_STATUS: "replacement_parcel.status" enum(parcel_status) "换货或补发包裹状态" "replacement parcel status";
    REPLACEMENT_PARCEL_CARRIER: "replacement_parcel.carrier" text "换货或补发包裹快递公司" "replacement parcel courier";
    REPLACEMENT_PARCEL_TRACKING_NUMBER: "replacement_parcel.tracking_number" text "换货或补发包裹快递单号" "replacement parcel tracking number";
    REPLACEMENT_PARCEL_FILLED_AT: "replacement_parcel.filled_at" instant "换货或补发包裹单号填写时间" "replacement parcel tracking number filed at";
    REPLACEMENT_PARCEL_PICKUP_SCANNED_AT: "replacement_parcel.pickup_scanned_at" instant "换货或补发包裹揽收时间" "replacement parcel picked up at";
    REPLACEMENT_PARCEL_LAST_SCAN_AT: "replacement_parcel.last_scan_at" instant "换货或补发包裹最近一次扫描时间" "replacement parcel last scanned at";
    REPLACEMENT_PARCEL_LAST_MOVEMENT_AT: "replacement_parcel.last_movement_at" instant "换货或补发包裹最近一次走件时间" "replacement parcel last moved at";
    REPLACEMENT_PARCEL_SIGNED_AT: "replacement_parcel.signed_at" instant "换货或补发包裹签收时间" "replacement parcel signed for at";
    REPLACEMENT_PARCEL_SIGNED_ON: "replacement_parcel.signed_on" date "换货或补发包裹签收日期" "replacement parcel signed for on";
    REPLACEMENT_PARCEL_AT_PICKUP_POINT: "replacement_parcel.at_pickup_point" bool "换货或补发包裹是否已到代收点" "replacement parcel is at the pickup point";
    REPLACEMENT_PARCEL_INTERCEPT_REQUESTED_AT: "replacement_parcel.intercept_requested_at" instant "换货或补发包裹通知拦截时间" "replacement parcel interception requested at";
    REPLACEMENT_PARCEL_INTERCEPTED: "replacement_parcel.intercepted" bool "换货或补发包裹是否拦截成功" "replacement parcel has been intercepted";
    REPLACEMENT_PARCEL_INTERCEPTION_FAILED: "replacement_parcel.interception_failed" bool "换货或补发包裹是否拦截失败" "replacement parcel interception failed";
    REPLACEMENT_PARCEL_WEIGHT_GRAMS: "replacement_parcel.weight_grams" count "换货或补发包裹重量(克)" "replacement parcel weight in grams";
    REPLACEMENT_PARCEL_ITEM_COUNT: "replacement_parcel.item_count" count "换货或补发包裹内件数" "replacement parcel piece count";
    REPLACEMENT_PARCEL_ORDERS_ABOARD: "replacement_parcel.orders_aboard" count "换货或补发包裹同一运单的订单数" "replacement parcel orders on one waybill";
    REPLACEMENT_PARCEL_HANDOVER: "replacement_parcel.handover" enum(handover_method) "换货或补发包裹寄件方式" "replacement parcel handover method";
    REPLACEMENT_PARCEL_INSURED: "replacement_parcel.insured" bool "换货或补发包裹是否保价" "replacement parcel insured";
    REPLACEMENT_PARCEL_EXCEPTION: "replacement_parcel.exception" text "换货或补发包裹快递异常说明" "replacement parcel courier exception";
    REPLACEMENT_PARCEL_OBSERVED_AT: "replacement_parcel.observed_at" instant "换货或补发包裹物流查询时间" "replacement parcel last looked up at";

    INSPECTION_INSPECTED_AT: "inspection.inspected_at" instant "验货时间" "inspected at";
    INSPECTION_RESALE_EFFECT: "inspection.resale_effect" enum(resale_effect) "对二次销售的影响" "effect on resale";
    INSPECTION_FAULTY: "inspection.faulty" bool "验货确有故障" "fault found on inspection";
    INSPECTION_SWAPPED: "inspection.swapped" bool "退回商品是否被调包" "goods were swapped";
    INSPECTION_EMPTY: "inspection.empty" bool "退回是否空包" "parcel came back empty";
    INSPECTION_SHORT: "inspection.short" bool "退回是否少件" "pieces are missing from the return";
    INSPECTION_USER_DAMAGED: "inspection.user_damaged" bool "是否人为损坏" "damaged by the user";
    INSPECTION_DEPRECIATION: "inspection.depreciation" money "折旧金额" "depreciation";
    INSPECTION_DEPRECIATION_AGREED: "inspection.depreciation_agreed" bool "客户是否同意折旧" "customer agreed to the depreciation";
    INSPECTION_SEND_BACK_REFUSED: "inspection.send_back_refused" bool "客户是否拒绝寄回" "customer refused to have it sent back";
    INSPECTION_REPORT_READY: "inspection.report_ready" bool "质检报告是否备好" "inspection report is ready";

    EVIDENCE: "evidence" list(record(evidence)) "凭证" "evidence";

    CUSTOMER_ID: "customer.id" text "客户账号" "customer account";
    CUSTOMER_TIER: "customer.tier" enum(tier) "客户等级" "customer tier";
    CUSTOMER_ORDERS: "customer.orders" count "客户历史订单数" "customer's orders so far";
    CUSTOMER_SPENT: "customer.spent" money "客户历史消费金额" "customer's spending so far";
    CUSTOMER_RETURNS: "customer.returns" count "客户历史退货次数" "customer's returns so far";
    CUSTOMER_REFUNDS_ONLY: "customer.refunds_only" count "客户历史仅退款次数" "customer's refunds without return so far";
    CUSTOMER_SHORT_RETURNS: "customer.short_returns" count "客户历史退货少件次数" "customer's short returns so far";
    CUSTOMER_COMPLAINTS: "customer.complaints" count "客户历史投诉次数" "customer's complaints so far";
    CUSTOMER_COMPENSATED: "customer.compensated" money "客户历史补偿总额" "customer's compensation so far";
    CUSTOMER_WORDS: "customer.words" list(text) "客户说的话" "what the customer wrote";
    CUSTOMER_ATTITUDE: "customer.attitude" enum(attitude) "客户态度" "customer's attitude";
    CUSTOMER_REACHABLE: "customer.reachable" bool "客户能否联系上" "customer can be reached";
    CUSTOMER_LAST_CONTACT_AT: "customer.last_contact_at" instant "上次联系客户的时间" "last tried to reach the customer at";
    CUSTOMER_LAST_REPLY_AT: "customer.last_reply_at" instant "客户上次回复时间" "customer last answered at";
    CUSTOMER_CONTACT_ATTEMPTS: "customer.contact_attempts" count "已联系次数" "attempts to reach the customer";
    CUSTOMER_RISK: "customer.risk" enum(risk_level) "客户风险等级" "customer risk";
    CUSTOMER_RISK_REASON: "customer.risk_reason" text "客户风险原因" "reason for the risk";

    GIVEN: "given" list(record(given_remedy)) "已给的处理" "remedies already given";

    SHOP_PLATFORM: "shop.platform" enum(platform) "平台" "platform";
    SHOP_ID: "shop.id" text "店铺编号" "shop number";
    SHOP_MODE: "shop.mode" enum(shop_mode) "店铺评分状态" "shop mode";
    SHOP_METRICS_EXPERIENCE_SCORE: "shop.metrics.experience_score" number "体验分" "experience score";
    SHOP_METRICS_PRODUCT_SCORE: "shop.metrics.product_score" number "商品体验分" "product score";
    SHOP_METRICS_LOGISTICS_SCORE: "shop.metrics.logistics_score" number "物流体验分" "logistics score";
    SHOP_METRICS_SERVICE_SCORE: "shop.metrics.service_score" number "服务体验分" "service score";
    SHOP_METRICS_COMPOSITE_SCORE: "shop.metrics.composite_score" number "售后综合指标" "after-sales composite";
    SHOP_METRICS_DISPUTE_SCORE: "shop.metrics.dispute_score" number "纠纷退款得分" "dispute-refund score";
    SHOP_METRICS_REFUND_TIME_SCORE: "shop.metrics.refund_time_score" number "退款完结时长得分" "refund-time score";
    SHOP_METRICS_SELF_COMPLETION_SCORE: "shop.metrics.self_completion_score" number "自主完结得分" "self-completion score";
    SHOP_METRICS_DISPUTE_REFUND_RATE: "shop.metrics.dispute_refund_rate" number "纠纷退款率" "dispute-refund rate";
    SHOP_METRICS_REFUND_COMPLETION_HOURS: "shop.metrics.refund_completion_hours" number "退款完结时长(小时)" "hours to complete a refund";
    SHOP_METRICS_SELF_COMPLETION_RATE: "shop.metrics.self_completion_rate" number "退款自主完结率" "self-completion rate";
    SHOP_METRICS_BAD_REVIEW_RATE: "shop.metrics.bad_review_rate" number "商品差评率" "bad-review rate";
    SHOP_METRICS_QUALITY_RETURN_RATE: "shop.metrics.quality_return_rate" number "品质退货率" "quality-return rate";
    SHOP_METRICS_PICKUP_RATE: "shop.metrics.pickup_rate" number "24小时揽收率" "24-hour pickup rate";
    SHOP_METRICS_DELIVERY_HOURS: "shop.metrics.delivery_hours" number "订单配送时长(小时)" "hours of delivery";
    SHOP_METRICS_SHIPPING_COMPLAINT_RATE: "shop.metrics.shipping_complaint_rate" number "发货问题负向反馈率" "shipping-complaint rate";
    SHOP_METRICS_REFUND_ONLY_HOURS: "shop.metrics.refund_only_hours" number "仅退款自主完结时长(小时)" "hours to complete a refund only";
    SHOP_METRICS_RETURN_REFUND_HOURS: "shop.metrics.return_refund_hours" number "退货退款自主完结时长(小时)" "hours to complete a return";
    SHOP_METRICS_REJECTION_RATE: "shop.metrics.rejection_rate" number "售后拒绝率" "rejection rate";
    SHOP_METRICS_PLATFORM_HELP_RATE: "shop.metrics.platform_help_rate" number "平台求助率" "platform-help rate";
    SHOP_METRICS_REFUND_RATE: "shop.metrics.refund_rate" number "退款率" "refund rate";
    SHOP_PAYOUTS_TODAY: "shop.payouts_today" count "今日已打款笔数" "payouts made today";
    SHOP_PAID_OUT_TODAY: "shop.paid_out_today" money "今日已打款金额" "paid out today";
    SHOP_PAYOUT_BALANCE: "shop.payout_balance" money "打款账户余额" "balance of the payout account";
    SHOP_LIVE_SINCE: "shop.live_since" instant "店铺启用时间" "live since";

    DESK_ID: "desk.id" text "客服台编号" "desk number";
    DESK_SHIFT: "desk.shift" text "当值班次" "shift on duty";
    DESK_QUEUE_LENGTH: "desk.queue_length" count "待处理数量" "cases waiting";

    HELPDESK_TICKET_ID: "helpdesk.ticket_id" text "工单号" "ticket number";
    HELPDESK_PRIORITY: "helpdesk.priority" enum(ticket_priority) "工单优先级" "ticket priority";
    HELPDESK_STATUS: "helpdesk.status" enum(ticket_status) "工单状态" "ticket status";
    HELPDESK_CHANNEL: "helpdesk.channel" enum(channel) "进线渠道" "channel";
    HELPDESK_GROUP: "helpdesk.group" text "受理组" "group assigned";
    HELPDESK_ASSIGNEE: "helpdesk.assignee" text "受理人" "assignee";
    HELPDESK_OPENED_AT: "helpdesk.opened_at" instant "工单创建时间" "ticket opened at";
    HELPDESK_FIRST_RESPONDED_AT: "helpdesk.first_responded_at" instant "首次响应时间" "first answered at";
    HELPDESK_FIRST_RESPONSE_DUE_AT: "helpdesk.first_response_due_at" instant "首次响应截止时间" "first answer due at";
    HELPDESK_DUE_AT: "helpdesk.due_at" instant "工单截止时间" "ticket due at";
    HELPDESK_ESCALATED: "helpdesk.escalated" bool "是否已升级" "has been escalated";
    HELPDESK_HANDED_OVER_AT: "helpdesk.handed_over_at" instant "交接时间" "handed over at";
    HELPDESK_PLATFORM_TICKET: "helpdesk.platform_ticket" bool "是否平台工单" "is a platform ticket";

    DISPUTE_ID: "dispute.id" text "纠纷单号" "dispute number";
    DISPUTE_KIND: "dispute.kind" enum(dispute_kind) "纠纷类型" "kind of dispute";
    DISPUTE_STATUS: "dispute.status" enum(dispute_status) "纠纷状态" "status of the dispute";
    DISPUTE_OPENED_AT: "dispute.opened_at" instant "纠纷发起时间" "dispute opened at";
    DISPUTE_OPENED_BY: "dispute.opened_by" enum(party) "纠纷发起方" "dispute opened by";
    DISPUTE_DUE_AT: "dispute.due_at" instant "纠纷答复截止时间" "answer to the dispute due at";
    DISPUTE_EVIDENCE_REQUESTED: "dispute.evidence_requested" bool "平台是否要求举证" "platform asks for evidence";
    DISPUTE_EVIDENCE_DUE_AT: "dispute.evidence_due_at" instant "举证截止时间" "evidence due at";
    DISPUTE_BLAMED: "dispute.blamed" enum(party) "平台判定的责任方" "found at fault by the platform";

    ACTOR_ID: "actor.id" text "操作人账号" "actor's account";
    ACTOR_ROLE: "actor.role" enum(role) "操作人角色" "actor's role";
    ACTOR_GROUP: "actor.group" text "操作人所属组" "actor's group";
    ACTOR_SUB_ACCOUNT: "actor.sub_account" bool "是否子账号" "is a sub-account";
    ACTOR_AUTOMATIC: "actor.automatic" bool "是否系统自动操作" "acts without a person";

    ACTION_NAME: "action.name" enum(action) "操作" "action";
    ACTION_AMOUNT: "action.amount" money "操作金额" "amount of the action";
    ACTION_EXECUTING: "action.executing" bool "是否正在执行" "being carried out now";
    ACTION_REASON: "action.reason" text "操作理由" "reason given for the action";
    ACTION_GROUND: "action.ground" enum(issue_class) "操作依据的问题分类" "ground of the action";
    ACTION_LEG: "action.leg" enum(parcel_leg) "操作针对的包裹" "parcel the action is about";
    ACTION_IN_KIND: "action.in_kind" bool "是否以实物给付" "gives things instead of money";
    ACTION_GIFT: "action.gift" text "赠品" "gift";
    ACTION_QUANTITY: "action.quantity" count "操作件数" "pieces the action is about";
    ACTION_EXTENSION: "action.extension" duration "延长时间" "extension";
    ACTION_SETTLES_REVIEW: "action.settles_review" bool "是否为处理已发布的评价" "meant to settle a published review";
    ACTION_FREIGHT: "action.freight" money "店铺承担的运费" "freight the shop takes on";
    ACTION_BATCH_COUNT: "action.batch_count" count "批量操作的单数" "cases in the bulk operation";
    ACTION_BATCH_AMOUNT: "action.batch_amount" money "批量操作的总金额" "sum of the bulk operation";
}
