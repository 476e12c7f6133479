//! The shop's own facts, its parameters, and what follows from facts.

use crate::policy::decode::{DottedId, DurationText, ExpressionText, Id, LocalizedText, OneOrMany, Spanned};
use crate::source::tree::Node;
use crate::{enumeration, record};

record! {
    /// Facts of the shop's own, which front ends send in `case.attributes`.
    /// zh: 店铺自有的事实，由前端放在 `case.attributes` 里发来。
    pub struct AttributesFile {
        /// The policy's name.
        /// zh: 本文件的名字。
        #[key = "attributes"]
        pub name: Spanned<Id>,
        /// The facts; expressions write them `attributes.<id>`.
        /// zh: 各项事实；表达式里写作 `attributes.<id>`。
        pub list: Vec<AttributeEntry>,
    }
}

record! {
    /// One fact of the shop's own.
    /// zh: 一项自有的事实。
    pub struct AttributeEntry {
        /// Its name.
        /// zh: 名字。
        pub id: Spanned<Id>,
        /// How people read it.
        /// zh: 给人看的名称。
        pub title: LocalizedText,
        /// What it holds: `text`, `number`, `money`, `bool`, `instant`, `date`, `duration`, `list<…>`, `map<…>`, `record`.
        /// zh: 类型：`text`、`number`、`money`、`bool`、`instant`、`date`、`duration`、`list<…>`、`map<…>`、`record`。
        #[key = "type"]
        pub ty: Spanned<TypeText>,
        /// The only values a text may have.
        /// zh: 文本只能取的值。
        pub values: Vec<Spanned<String>>,
        /// The fields of a record, or of the records of a list or map.
        /// zh: 记录的各个字段。
        pub fields: Vec<AttributeEntry>,
    }
}

/// A type, as it is written.
pub type TypeText = String;

record! {
    /// Numbers, lengths of time and words that a shop may tune.
    /// zh: 店铺可以调整的数字、时长和词语。
    pub struct ParametersFile {
        /// The policy's name.
        /// zh: 本文件的名字。
        #[key = "parameters"]
        pub name: Spanned<Id>,
        /// The parameters; expressions write them `$<id>`.
        /// zh: 各个参数；表达式里写作 `$<id>`。
        pub values: Vec<ParameterEntry>,
        /// In an overlay: new values for parameters of the bundle.
        /// zh: 在平台或店铺的覆盖文件里：给已有参数换一个值。
        #[key = "override"]
        pub overrides: Option<crate::policy::decode::Entries<Node, Id>>,
    }
}

record! {
    /// One parameter.
    /// zh: 一个参数。
    pub struct ParameterEntry {
        /// Its name.
        /// zh: 名字。
        pub id: Spanned<Id>,
        /// How people read it.
        /// zh: 给人看的名称。
        pub title: LocalizedText,
        /// What kind of value it is.
        /// zh: 值的种类。
        #[key = "type"]
        pub ty: ParameterType,
        /// The value.
        /// zh: 取值。
        pub value: Node,
        /// The least and the greatest value allowed.
        /// zh: 允许的最小值和最大值。
        pub range: Option<RangeEntry>,
        /// Where the value comes from: `document`, what the desk has laid down, or `shop`, what the shop chose.
        /// zh: 值从哪里来：`document` 是售后制度写明的，`shop` 是店铺自己定的。
        pub source: ParameterSource,
        /// Why it has this value.
        /// zh: 为什么取这个值。
        pub why: Option<LocalizedText>,
    }
}

enumeration! {
    /// Where a parameter's value comes from.
    /// zh: 参数的值从哪里来。
    pub enum ParameterSource {
        /// What the desk or the platform has laid down in writing: change it only when that changes.
        /// zh: 售后制度或平台规定里写明的；制度改了才改它。
        Document = "document",
        /// What the shop chose: change it as you see fit.
        /// zh: 店铺自己定的；可以按需要调整。
        Shop = "shop",
    }
}

record! {
    /// The least and the greatest value, both included.
    /// zh: 最小值与最大值，都含。
    pub struct RangeEntry {
        /// The least.
        /// zh: 最小值。
        pub min: Node,
        /// The greatest.
        /// zh: 最大值。
        pub max: Node,
    }
}

enumeration! {
    /// What kind of value a parameter has.
    /// zh: 参数值的种类。
    pub enum ParameterType {
        /// A plain number.
        /// zh: 数字。
        Number = "number",
        /// Hundredths.
        /// zh: 百分比。
        Percent = "percent",
        /// An amount in the bundle's currency.
        /// zh: 金额。
        Money = "money",
        /// A length of time: `48h`, `30m`, `7d`.
        /// zh: 时长，例如 `48h`、`30m`、`7d`。
        Duration = "duration",
        /// A text.
        /// zh: 文本。
        Text = "text",
        /// Several texts.
        /// zh: 若干文本。
        Texts = "texts",
        /// `true` or `false`.
        /// zh: 是（`true`）或否（`false`）。
        Bool = "bool",
    }
}

record! {
    /// Facts that follow from others.
    /// zh: 由其他事实推出的事实。
    pub struct FactsFile {
        /// The policy's name; expressions write its facts `<name>.<id>`.
        /// zh: 本文件的名字；表达式里写作 `<名字>.<id>`。
        #[key = "facts"]
        pub name: Spanned<Id>,
        /// Facts with an expression each.
        /// zh: 各用一个表达式算出的事实。
        pub define: Vec<DefinitionEntry>,
        /// Decision tables.
        /// zh: 决策表。
        pub tables: Vec<TableEntry>,
    }
}

record! {
    /// One derived fact.
    /// zh: 一项推出的事实。
    pub struct DefinitionEntry {
        /// Its name; dots make groups, as in `refund.rate`.
        /// zh: 名字；可以用点分组，例如 `refund.rate`。
        pub id: Spanned<DottedId>,
        /// How people read it.
        /// zh: 给人看的名称。
        pub title: LocalizedText,
        /// IDs of the business rules that it carries out.
        /// zh: 它落实的业务条目编号。
        pub implements: Vec<Spanned<String>>,
        /// What it holds: a type such as `money`, the name of a vocabulary such as `remedy`, or of a kind of record such as `item`
        /// or `attributes.<id>`.
        /// zh: 类型：`money` 等，或词表名如 `remedy`，或记录名如 `item`、`attributes.<id>`。
        #[key = "type"]
        pub ty: Spanned<TypeText>,
        /// The only values a text may have.
        /// zh: 文本只能取的值。
        pub values: Vec<Spanned<String>>,
        /// How it is computed.
        /// zh: 怎样算出来。
        pub value: ExpressionText,
        /// Whether answers carry it as a named output.
        /// zh: 是否作为命名结果随答复给出。
        pub output: Option<bool>,
        /// Of an output: conditions that must all hold for answers to carry it.
        /// zh: 命名结果只在这些条件都成立时给出。
        pub shown_when: Option<OneOrMany<ExpressionText>>,
        /// It orders the queue of open cases: of those that time out at about the same time, the one with the larger
        /// number comes first.
        /// zh: 用来给待办排队：差不多同时到期的，数字大的在前。
        pub orders_queue: Option<QueueEntry>,
    }
}

record! {
    /// How a number orders the queue of open cases.
    /// zh: 怎样给待办排队。
    pub struct QueueEntry {
        /// Cases that time out this close together count as timing out at the same time.
        /// zh: 到期时间相差多少以内算同时到期。
        pub within: Spanned<DurationText>,
    }
}

record! {
    /// A decision table: a row whose cells all fit gives its results. Its rows must leave nothing out: the last may be
    /// all `-`, for the rest.
    /// zh: 决策表：各格都符合的一行给出结果。各行要覆盖所有情形；最后一行可以全写 `-`，表示其余情形。
    pub struct TableEntry {
        /// The table's name, in traces and problems.
        /// zh: 表的名字，用于追溯和报错。
        pub id: Spanned<Id>,
        /// How people read it.
        /// zh: 给人看的名称。
        pub title: LocalizedText,
        /// IDs of the business rules that it carries out.
        /// zh: 它落实的业务条目编号。
        pub implements: Vec<Spanned<String>>,
        /// Which rows count; `first` if this is not written.
        /// zh: 命中方式；不写就是 `first`。
        pub hit: Option<HitPolicy>,
        /// What the cells are about: an expression a column.
        /// zh: 各输入列是什么，每列一个表达式。
        pub inputs: Vec<ExpressionText>,
        /// What the table gives; expressions write `<name>.<id>`.
        /// zh: 表给出的结果；表达式里写作 `<名字>.<id>`。
        pub outputs: Vec<OutputEntry>,
        /// The rows.
        /// zh: 各行。
        pub rows: Vec<RowEntry>,
    }
}

record! {
    /// One result of a table.
    /// zh: 表的一项结果。
    pub struct OutputEntry {
        /// Its name; dots make groups, as in `refund.rate`.
        /// zh: 名字；可以用点分组，例如 `refund.rate`。
        pub id: Spanned<DottedId>,
        /// How people read it.
        /// zh: 给人看的名称。
        pub title: LocalizedText,
        /// What it holds: a type such as `money`, the name of a vocabulary such as `remedy`, or of a kind of record such as `item`
        /// or `attributes.<id>`.
        /// zh: 类型：`money` 等，或词表名如 `remedy`，或记录名如 `item`、`attributes.<id>`。
        #[key = "type"]
        pub ty: Spanned<TypeText>,
        /// The only values a text may have.
        /// zh: 文本只能取的值。
        pub values: Vec<Spanned<String>>,
        /// Whether answers carry it as a named output.
        /// zh: 是否作为命名结果随答复给出。
        pub output: Option<bool>,
    }
}

record! {
    /// A row: one cell an input, one expression an output.
    /// zh: 一行：每个输入一格，每个结果一个表达式。
    pub struct RowEntry {
        /// One cell an input, each of them one of these:
        /// `-` fits anything (inside `[…]` it takes quotes: `"-"`); `damage`, `true`, `3` is that value; `!= damage` any other;
        /// `product.quality.*` is that class and everything below it;
        /// `<= 150`, `> 150` and so on compare; `150..500` is a range with both its ends;
        /// `a, b, c` fits where one of them does; `> 150 && <= 500` where both do;
        /// anything else is a condition on `it`, such as `starts_with(it, "VIP")` or `it > order.paid`.
        /// The next row after `0..150` begins with `> 150`, for 150 belongs to this one.
        /// zh: 每个输入一格，写法如下：
        /// zh: `-` 任意（在 `[…]` 里要加引号 `"-"`）；`damage`、`true`、`3` 等于该值；`!= damage` 其他值；
        /// zh: `product.quality.*` 该分类及其下全部细类；
        /// zh: `<= 150`、`> 150` 等比较；`150..500` 区间，含两端；
        /// zh: `a, b, c` 任一成立即可（或）；`> 150 && <= 500` 都要成立（且）；
        /// zh: 其他情形用 `it` 写条件，例如 `starts_with(it, "VIP")`、`it > order.paid`。
        /// zh: `0..150` 的下一行从 `> 150` 写起，因为 150 已属于上一行。
        pub when: Vec<ExpressionText>,
        /// The results: an expression each, over facts and earlier results; names of values go without quotes.
        /// zh: 各个结果：用事实和已有结果写的表达式；取值的名字不用加引号。
        pub then: OneOrMany<ExpressionText>,
    }
}

enumeration! {
    /// Which rows of a table count.
    /// zh: 决策表的命中方式。
    pub enum HitPolicy {
        /// The first that fits. A row that earlier ones leave nothing to is a mistake.
        /// zh: 第一行符合的。永远轮不到的行算写错。
        First = "first",
        /// The only one that fits. Two rows that can both fit are a mistake.
        /// zh: 唯一符合的一行。可能同时符合的两行算写错。
        Unique = "unique",
        /// All that fit, as lists.
        /// zh: 所有符合的行，结果成列表。
        Collect = "collect",
    }
}
