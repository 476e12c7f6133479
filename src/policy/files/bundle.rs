//! The manifest.

use crate::policy::decode::{DottedId, Id, LocalizedText, Spanned};
use crate::{enumeration, record};

record! {
    /// The manifest of a bundle: what its other files may name.
    /// zh: 规则包的总表：其他文件能用到的名字。
    pub struct BundleFile {
        /// The bundle's name.
        /// zh: 规则包的名字。
        #[key = "bundle"]
        pub name: Spanned<Id>,
        /// What the bundle is called.
        /// zh: 规则包的名称。
        pub title: LocalizedText,
        /// ISO 4217 code of every amount, such as `CNY`.
        /// zh: 所有金额的币种代码，例如 `CNY`。
        pub currency: Spanned<String>,
        /// IANA time zone of calendars and dates, such as `Asia/Shanghai`.
        /// zh: 日历和日期所用的时区，例如 `Asia/Shanghai`。
        pub zone: Spanned<String>,
        /// Languages that every title and message is written in; the first is the default.
        /// zh: 每个名称和提示要写的语言，第一个是默认语言。
        pub locales: Vec<Spanned<String>>,
        /// Roles from the lowest to the highest; each has all that those before it have.
        /// zh: 角色，从低到高；高的拥有低的全部权限。
        pub roles: Vec<NameEntry>,
        /// What may be authorised.
        /// zh: 可以授权的操作。
        pub actions: Vec<ActionEntry>,
        /// What a customer may be offered.
        /// zh: 可以给客户的处理方式。
        pub remedies: Vec<RemedyEntry>,
        /// Platforms that orders come from.
        /// zh: 订单来自的平台。
        pub platforms: Vec<NameEntry>,
        /// Classes of issue, from the general to the special, with dots between.
        /// zh: 问题分类，从大类到细类，用点分开。
        pub issue_classes: Vec<NameEntry>,
        /// Tiers of customers.
        /// zh: 客户等级。
        pub tiers: Vec<NameEntry>,
        /// Ways to reach people and places to register.
        /// zh: 联系和登记的渠道。
        pub channels: Vec<NameEntry>,
        /// Ways to send goods back that customers may be offered.
        /// zh: 可以给客户的寄回方式。
        pub return_means: Vec<NameEntry>,
        /// Personal facts that the decision log does not keep as they were sent.
        /// zh: 决策日志不照原样保存的个人信息。
        pub privacy: Vec<PrivacyEntry>,
    }
}

record! {
    /// A personal fact: a text, or a list of texts, that no rule reads.
    /// zh: 一项个人信息：文本或文本列表，且没有规则读取它。
    pub struct PrivacyEntry {
        /// Its path, such as `customer.id`.
        /// zh: 事实的路径，例如 `customer.id`。
        pub fact: Spanned<DottedId>,
        /// What becomes of it in the record.
        /// zh: 在记录里如何处理。
        pub record: Withhold,
    }
}

enumeration! {
    /// What becomes of a personal fact in the decision log.
    /// zh: 个人信息在决策日志里的处理方式。
    pub enum Withhold {
        /// A token stands for it, the same for the same text.
        /// zh: 换成代号；同样的内容代号相同。
        Hash = "hash",
        /// It is left out.
        /// zh: 不保存。
        Drop = "drop",
    }
}

record! {
    /// A name with its title.
    /// zh: 一个名字和它的名称。
    pub struct NameEntry {
        /// How files and callers write it.
        /// zh: 文件和接口里的写法。
        pub id: Spanned<DottedId>,
        /// How people read it.
        /// zh: 给人看的名称。
        pub title: LocalizedText,
    }
}

record! {
    /// Something that may be authorised.
    /// zh: 一种可以授权的操作。
    pub struct ActionEntry {
        /// How files and callers write it.
        /// zh: 文件和接口里的写法。
        pub id: Spanned<DottedId>,
        /// How people read it.
        /// zh: 给人看的名称。
        pub title: LocalizedText,
        /// Whether it names a sum of money.
        /// zh: 是否要写金额。
        pub amount: AmountWord,
    }
}

enumeration! {
    /// Whether an action names a sum of money.
    /// zh: 操作是否带金额。
    pub enum AmountWord {
        /// It must.
        /// zh: 必须写金额。
        Required = "required",
        /// It may.
        /// zh: 可写可不写。
        Optional = "optional",
        /// It has none.
        /// zh: 与金额无关。
        None = "none",
    }
}

record! {
    /// Something that a customer may be offered.
    /// zh: 一种可以给客户的处理方式。
    pub struct RemedyEntry {
        /// How files and callers write it.
        /// zh: 文件和接口里的写法。
        pub id: Spanned<DottedId>,
        /// How people read it.
        /// zh: 给人看的名称。
        pub title: LocalizedText,
        /// The action that carries it out, if that takes authority.
        /// zh: 执行它需要授权的操作；不需要授权就不写。
        pub action: Option<Spanned<DottedId>>,
    }
}
