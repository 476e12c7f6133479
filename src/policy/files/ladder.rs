//! The ladder of remedies.

use super::{Names, Sum, rule_record};
use crate::diagnostic::Problems;
use crate::policy::decode::{
    Decode, Definitions, ExpressionText, Id, Listed, LocalizedText, OneOrMany, Spanned, any_of,
};
use crate::source::tree::Node;
use crate::{enumeration, record};

record! {
    /// The remedies, where a case enters, and what each offers. A bundle has one ladder, of one or several files; its
    /// rungs stand in the order of the manifest's `remedies`.
    /// zh: 从哪里谈起、各种处理方式给什么。整个规则包只有一个阶梯，可以分写在几个文件里；各级按总表 `remedies` 的先后排。
    pub struct LadderFile {
        /// The policy's name.
        /// zh: 本文件的名字。
        #[key = "ladder"]
        pub name: Spanned<Id>,
        /// Where to start: the first that applies; the top if none does. They stand in one file.
        /// zh: 从哪里谈起：第一条成立的生效；都不成立就从最上面开始。只写在一个文件里。
        pub entries: Listed<EntryEntry>,
        /// The remedies, one each.
        /// zh: 各种处理方式，一种一级。
        pub rungs: Listed<RungEntry>,
        /// In an overlay: rules of the bundle that do not apply here.
        /// zh: 在覆盖文件里：此处停用的规则编号。
        pub off: Vec<Spanned<Id>>,
    }
}

rule_record! {
    /// Where a case enters the ladder.
    /// zh: 从阶梯的哪一级谈起。
    pub struct EntryEntry {
        /// The remedy to start from.
        /// zh: 从哪种处理方式开始。
        pub start: Spanned<Id>,
    }
}

rule_record! {
    /// One remedy on the ladder.
    /// zh: 阶梯上的一级。
    pub struct RungEntry {
        /// The remedy.
        /// zh: 处理方式。
        pub remedy: Spanned<Id>,
        /// The money to offer, for remedies that have some.
        /// zh: 报价；没有金额的处理方式不写。
        pub offer: Option<OfferEntry>,
        /// Who pays which leg of shipping: the first that applies.
        /// zh: 各程运费由谁承担：第一条成立的生效。
        pub freight: Listed<FreightEntry>,
        /// What to give instead of money: a gift, a coupon, an accessory.
        /// zh: 可以代替金额给的：赠品、优惠券、配件等。
        pub alternatives: Listed<AlternativeEntry>,
        /// What to do, in order.
        /// zh: 要做的事，按先后。
        pub steps: Vec<RungStepEntry>,
    }
}

/// What to do about a remedy: a text, or `{ do: text, when: conditions }`.
#[derive(Debug, Clone, PartialEq)]
pub enum RungStepEntry {
    Always(LocalizedText),
    Sometimes(StepUnder),
}

record! {
    /// What to do while conditions hold.
    /// zh: 条件成立时要做的事。
    pub struct StepUnder {
        /// What to do.
        /// zh: 做什么。
        #[key = "do"]
        pub action: LocalizedText,
        /// Conditions that must all hold.
        /// zh: 必须全部成立的条件。
        pub when: OneOrMany<ExpressionText>,
    }
}

impl Decode for RungStepEntry {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        if ["do", "when"].iter().any(|key| node.get(key).is_some()) {
            return StepUnder::decode(node, problems).map(Self::Sometimes);
        }
        LocalizedText::decode(node, problems).map(Self::Always)
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        any_of([LocalizedText::schema(definitions), StepUnder::schema(definitions)])
    }
}

record! {
    /// Money to open with, and how far to go; the actor's authority always bounds it.
    /// zh: 首次报价与上限；操作人的权限始终是上限。
    pub struct OfferEntry {
        /// Bounds besides the actor's authority.
        /// zh: 权限之外的上限。
        pub ceiling: Option<OneOrMany<Sum>>,
        /// What to open with; `ceiling` is what may be given now.
        /// zh: 首次报价；`ceiling` 是当前可给的上限。
        pub opening: Sum,
        /// What to concede next: the first that applies.
        /// zh: 下一步让到多少：第一条成立的生效。
        pub concessions: Listed<ConcessionEntry>,
    }
}

rule_record! {
    /// A further offer.
    /// zh: 一次让步。
    pub struct ConcessionEntry {
        /// How much; `ceiling` is what may be given now.
        /// zh: 让到多少；`ceiling` 是当前可给的上限。
        pub amount: Sum,
    }
}

rule_record! {
    /// Who pays which leg of shipping.
    /// zh: 各程运费由谁承担。
    pub struct FreightEntry {
        /// The leg to the customer that has been paid already.
        /// zh: 当初发给客户的一程。
        pub outbound: Option<Payer>,
        /// The leg back to the shop.
        /// zh: 寄回店铺的一程。
        #[key = "return"]
        pub inbound: Option<Payer>,
        /// The leg to the customer again.
        /// zh: 再次发给客户的一程。
        pub replacement: Option<Payer>,
        /// Ways to send the goods back, of the bundle's `return_means`.
        /// zh: 可以怎样寄回，取自总表的 `return_means`。
        pub means: Option<Names>,
    }
}

rule_record! {
    /// Something to give instead of money.
    /// zh: 一样可以代替金额给的东西。
    pub struct AlternativeEntry {
        /// What it is worth; no more than the offer's ceiling may be given.
        /// zh: 值多少钱；最多给到报价的上限。
        pub worth: Option<Sum>,
    }
}

enumeration! {
    /// Who pays for a leg of shipping.
    /// zh: 一程运费由谁承担。
    pub enum Payer {
        /// The customer.
        /// zh: 买家。
        Buyer = "buyer",
        /// The shop.
        /// zh: 卖家。
        Seller = "seller",
        /// The courier.
        /// zh: 快递公司。
        Courier = "courier",
        /// The platform.
        /// zh: 平台。
        Platform = "platform",
        /// An insurance.
        /// zh: 运费险。
        Insurance = "insurance",
    }
}
