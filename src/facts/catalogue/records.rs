//! The records that list facts are made of.

use super::{StaticField, StaticRecord, StaticType, static_type};

macro_rules! records {
    ($($name:ident $zh:literal $en:literal {
        $($field:ident: $ty:ident $(($($of:tt)+))? $field_zh:literal $field_en:literal;)+
    })+) => {
        /// Every record that a built-in fact uses.
        pub const RECORDS: &[StaticRecord] = &[$(
            StaticRecord { name: stringify!($name), zh: $zh, en: $en, fields: &[$(
                StaticField {
                    name: stringify!($field), ty: static_type!($ty $(($($of)+))?), zh: $field_zh, en: $field_en,
                },
            )+] },
        )+];
    };
}

records! {
    item "订单商品" "order line" {
        id: text "子订单号" "line number";
        product_id: text "商品编号" "product number";
        sku: text "规格编码" "SKU";
        name: text "商品名称" "product name";
        category: text "商品类目" "category";
        quantity: count "件数" "pieces";
        unit_price: money "单价" "unit price";
        paid: money "实付金额" "amount paid";
        is_set: bool "是否为套装" "is a multi-piece set";
        is_gift: bool "是否为赠品" "is a gift";
        made_to_order: bool "是否定制" "made to order";
        requested_quantity: count "申请售后件数" "pieces the request is about";
        returned_quantity: count "实际退回件数" "pieces returned";
        refunded_quantity: count "已退款件数" "pieces refunded";
    }
    promise "承诺" "promise" {
        source: enum(promise_source) "承诺来源" "source of the promise";
        remedy: enum(remedy) "承诺的处理方式" "remedy promised";
        text: text "承诺内容" "words of the promise";
        made_at: instant "承诺时间" "promised at";
        valid_until: instant "承诺有效期至" "valid until";
        amount: money "承诺金额" "sum promised";
    }
    platform_denial "平台限制" "platform's refusal" {
        action: enum(action) "被禁止的操作" "action refused";
        code: text "平台代码" "platform's code";
        reason: text "平台说明" "platform's reason";
    }
    evidence "凭证" "evidence" {
        reference: text "凭证编号" "reference";
        kind: enum(evidence_kind) "凭证类型" "kind of evidence";
        about: enum(issue_class) "凭证针对的问题" "point it bears on";
        leg: enum(parcel_leg) "凭证针对的包裹" "parcel it is about";
        shows: list(enum(evidence_subject)) "凭证可见内容" "what can be seen";
        taken_at: instant "拍摄时间" "made at";
        submitted_at: instant "提交时间" "handed in at";
        by: enum(party) "提交方" "handed in by";
        accepted: bool "凭证是否认可" "accepted as proof";
        required_by_platform: bool "平台是否要求" "required by the platform";
        stamped: bool "是否有物流公章" "bears the courier's stamp";
        tracking_number: text "凭证上的快递单号" "tracking number on it";
        tracking_number_legible: bool "快递单号是否清晰可见" "tracking number is legible";
        whole_unpacking: bool "是否拍到完整拆包过程" "shows the whole unpacking";
        unbroken: bool "视频是否连续无剪辑" "one recording without a cut";
        always_in_frame: bool "验货全程是否在画面内" "inspection always in the frame";
        unpacking_order: enum(unpacking_order) "拆包视频的拍摄顺序" "order of the unpacking steps";
    }
    given_remedy "已给的处理" "remedy given" {
        remedy: enum(remedy) "处理方式" "remedy";
        amount: money "金额" "sum";
        at: instant "时间" "given at";
        role: enum(role) "经手人角色" "role of the giver";
        in_kind: bool "是否以实物给付" "given in kind";
        reference: text "凭据编号" "reference";
    }
}
