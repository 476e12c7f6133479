//! The enumerations that facts use: the vocabularies a bundle declares, and the closed sets that are ours.

use super::{Members, StaticEnum, StaticMember};

macro_rules! enums {
    (
        vocabulary { $($vocabulary:ident $vocabulary_zh:literal $vocabulary_en:literal $($hierarchical:ident)?;)+ }
        $($name:ident $zh:literal $en:literal { $($member:ident $member_zh:literal $member_en:literal;)+ })+
    ) => {
        /// Every enumeration that a built-in fact uses.
        pub const ENUMS: &[StaticEnum] = &[
            $(StaticEnum {
                name: stringify!($vocabulary), zh: $vocabulary_zh, en: $vocabulary_en,
                members: Members::Vocabulary { hierarchical: hierarchical!($($hierarchical)?) },
            },)+
            $(StaticEnum {
                name: stringify!($name), zh: $zh, en: $en,
                members: Members::Fixed(&[$(
                    StaticMember { name: stringify!($member), zh: $member_zh, en: $member_en },
                )+]),
            },)+
        ];
    };
}

macro_rules! hierarchical {
    () => {
        false
    };
    (hierarchical) => {
        true
    };
}

enums! {
    vocabulary {
        role "角色" "role";
        action "操作" "action";
        remedy "处理方式" "remedy";
        platform "平台" "platform";
        issue_class "问题分类" "issue class" hierarchical;
        tier "客户等级" "customer tier";
        channel "渠道" "channel";
        return_means "寄回方式" "way to send goods back";
    }

    request_type "售后类型" "request type" {
        none "未指明" "none named";
        refund_only "仅退款" "refund only";
        return_refund "退货退款" "return and refund";
        exchange "换货" "exchange";
        repair "维修" "repair";
        reissue "补发" "reissue";
        compensation "补偿" "compensation";
        price_difference "退差价" "price difference";
    }
    request_phase "售中或售后" "phase" {
        on_sale "售中" "before completion";
        after_sale "售后" "after completion";
    }
    request_status "售后单状态" "request status" {
        not_applied "未申请" "not applied for";
        awaiting_approval "待商家处理" "awaiting the shop's approval";
        awaiting_return "待买家退货" "awaiting the customer's parcel";
        awaiting_receipt "待商家收货" "awaiting receipt by the shop";
        awaiting_reshipment "待商家寄出" "awaiting the shop's parcel";
        awaiting_confirmation "待买家收货" "awaiting receipt by the customer";
        rejected "商家已拒绝" "rejected";
        under_arbitration "平台介入中" "with the platform";
        refunding "退款中" "refunding";
        completed "已完成" "completed";
        closed "已关闭" "closed";
    }
    seller_answer "商家答复" "shop's answer" {
        none "未答复" "none";
        agreed "同意" "agreed";
        rejected "拒绝" "rejected";
        counter_offer "另提方案" "counter-offer";
    }
    repair_stage "返修进度" "stage of a repair" {
        sent_by_buyer "买家已寄出" "sent by the customer";
        received "商家已收到" "received";
        repairing "维修中" "repairing";
        repaired "修好入库" "repaired";
        returned "已寄回" "sent back";
        received_by_buyer "买家已收到" "received by the customer";
    }
    deadline_kind "平台时限类型" "kind of deadline" {
        seller_approval "商家处理时限" "approval by the shop";
        buyer_return "买家退货时限" "return by the customer";
        seller_receipt "商家收货时限" "receipt by the shop";
        seller_shipment "商家寄出时限" "shipment by the shop";
        buyer_answer "买家答复时限" "answer by the customer";
        evidence "举证时限" "handing in evidence";
        arbitration "平台处理时限" "the platform's decision";
    }
    resale_effect "对二次销售的影响" "effect on resale" {
        none "无影响" "none";
        slight "略有影响" "slight";
        serious "影响二次销售" "serious";
    }
    evidence_kind "凭证类型" "kind of evidence" {
        photo "照片" "photo";
        video "视频" "video";
        unboxing_video "拆包视频" "unboxing video";
        shipping_video "发货视频" "shipping video";
        audio "录音" "recording";
        chat_record "聊天记录" "chat record";
        waybill "面单" "waybill";
        package_photo "外包装照片" "photo of the packaging";
        signing_record "签收记录" "signing record";
        logistics_record "物流记录" "logistics record";
        courier_certificate "物流公章证明" "courier's stamped certificate";
        inspection_report "质检报告" "inspection report";
        authenticity_proof "正品证明" "proof of authenticity";
        invoice "发票" "invoice";
        weight_record "称重记录" "weight record";
        shipment_record "发货记录" "shipment record";
        document "其他文件" "other document";
    }
    evidence_subject "凭证内容" "what evidence shows" {
        logo "商品标识" "logo";
        damage "损坏或脏污处" "damaged or dirty part";
        outer_packaging "外包装" "outer packaging";
        waybill "面单详情" "waybill details";
        contents "包裹内物品" "contents";
        label "吊牌或标签" "tag or label";
    }
    unpacking_order "拆包顺序" "order of unpacking" {
        number_first "先拍单号" "number first";
        number_last "后拍单号" "number last";
        other "其他顺序" "other";
    }
    order_status "订单状态" "order status" {
        created "待付款" "awaiting payment";
        paid "待发货" "paid";
        partly_shipped "部分发货" "partly shipped";
        shipped "已发货" "shipped";
        signed "已签收" "signed for";
        completed "交易成功" "completed";
        closed "交易关闭" "closed";
    }
    payment_kind "付款方式" "payment method" {
        online "在线支付" "online";
        credit "信用支付" "on credit";
        installment "分期付款" "in instalments";
        cash_on_delivery "货到付款" "cash on delivery";
        gift_card "礼品卡或储值" "gift card or balance";
        other "其他" "other";
    }
    stock_status "库存情况" "stock" {
        in_stock "有货" "in stock";
        out_of_stock "缺货" "out of stock";
        discontinued "停产" "discontinued";
    }
    promise_source "承诺来源" "source of a promise" {
        listing "商品页" "product page";
        livestream "直播" "livestream";
        chat "聊天" "chat";
        phone "电话" "telephone";
        packaging "包装或卡片" "packaging or card";
    }
    visibility "可见性" "visibility" {
        visible "可见" "visible";
        invisible "不可见" "invisible";
    }
    severity "严重程度" "severity" {
        minor "轻微" "minor";
        moderate "一般" "moderate";
        major "严重" "major";
    }
    risk_level "风险等级" "risk level" {
        low "低" "low";
        medium "中" "medium";
        high "高" "high";
    }
    review_rating "评价等级" "rating" {
        good "好评" "good";
        middling "中评" "middling";
        bad "差评" "bad";
    }
    attitude "客户态度" "attitude" {
        calm "平和" "calm";
        displeased "不满" "displeased";
        angry "激动" "angry";
    }
    shop_mode "店铺评分状态" "shop mode" {
        urgent "急需提分" "urgent";
        stable "稳定" "stable";
    }
    ticket_priority "工单优先级" "ticket priority" {
        low "低" "low";
        normal "普通" "normal";
        high "高" "high";
        urgent "紧急" "urgent";
    }
    ticket_status "工单状态" "ticket status" {
        unassigned "待受理" "unassigned";
        open "处理中" "open";
        pending "待客户回复" "awaiting the customer";
        on_hold "挂起" "on hold";
        solved "已解决" "solved";
        closed "已关闭" "closed";
    }
    dispute_kind "纠纷类型" "kind of dispute" {
        intervention "平台介入" "platform intervention";
        complaint "平台投诉" "complaint to the platform";
        rights_case "维权" "rights case";
        authority "12315等行政投诉" "complaint to an authority";
    }
    dispute_status "纠纷状态" "dispute status" {
        none "无" "none";
        awaiting_seller "待商家举证" "awaiting the shop";
        awaiting_buyer "待买家举证" "awaiting the customer";
        in_review "平台判定中" "in review";
        decided "已判定" "decided";
        withdrawn "已撤销" "withdrawn";
    }
    party "相关方" "party" {
        buyer "买家" "customer";
        seller "商家" "shop";
        courier "快递" "courier";
        platform "平台" "platform";
        supplier "厂家或供应商" "maker or supplier";
        system "系统" "system";
        nobody "无责任方" "nobody";
    }
    parcel_leg "包裹" "parcel" {
        outbound "发货包裹" "outbound parcel";
        return_parcel "退货包裹" "return parcel";
        replacement_parcel "换货或补发包裹" "replacement parcel";
    }
    parcel_status "物流状态" "parcel status" {
        not_sent "未寄出" "not sent";
        awaiting_pickup "待揽收" "awaiting pickup";
        picked_up "已揽收" "picked up";
        in_transit "运输中" "in transit";
        held "站点滞留" "held at a station";
        out_for_delivery "派送中" "out for delivery";
        at_pickup_point "已到代收点" "at the pickup point";
        signed "已签收" "signed for";
        refused "已拒收" "refused";
        returning "退回中" "on its way back";
        returned "已退回" "returned";
        lost "丢件" "lost";
        damaged "破损" "damaged";
        destroyed "销毁" "destroyed";
    }
    handover_method "寄件方式" "handover method" {
        door_pickup "上门取件" "door pickup";
        self_ship "自行寄回" "self-ship";
        errand "跑腿" "errand runner";
        same_city "同城" "same-city courier";
        in_store "到店" "brought to a shop";
    }
}
