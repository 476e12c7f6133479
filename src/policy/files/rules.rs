//! Files of rules: authority, guards, evidence, timers, duties.

use super::{Names, Sum, rule_record};
use crate::policy::decode::{DurationText, Entries, ExpressionText, Id, Listed, LocalizedText, OneOrMany, Spanned};
use crate::record;

record! {
    /// Who may do what, and how far.
    /// zh: 谁可以做什么，做到什么程度。
    pub struct AuthorityFile {
        /// The policy's name.
        /// zh: 本文件的名字。
        #[key = "authority"]
        pub name: Spanned<Id>,
        /// The action that all grants are for, unless one names its own.
        /// zh: 各条授权针对的操作；授权里另写了的除外。
        pub action: Option<Names>,
        /// What the order has been given already; it counts towards every limit.
        /// zh: 本单已经给过多少；计入每个上限。
        pub already_given: Option<ExpressionText>,
        /// The grants; a role's authority is the most that any of them gives.
        /// zh: 各条授权；一个角色的权限取其中最大的。
        pub grants: Listed<GrantEntry>,
        /// In an overlay: rules of the bundle that do not apply here.
        /// zh: 在覆盖文件里：此处停用的规则编号。
        pub off: Vec<Spanned<Id>>,
    }
}

rule_record! {
    /// One role's authority.
    /// zh: 给一个角色的授权。
    pub struct GrantEntry {
        /// The role; every higher one has it too.
        /// zh: 角色；比它高的角色也有。
        pub role: Spanned<Id>,
        /// The actions, if not those of the file.
        /// zh: 针对的操作；不写就是文件开头写的。
        pub action: Option<Names>,
        /// The limit: the least of these; any amount, if this is not written.
        /// zh: 上限：取其中最小的；不写就不限金额。
        pub up_to: Option<OneOrMany<Sum>>,
    }
}

record! {
    /// What must not be done; guards win over every grant.
    /// zh: 不许做的事；优先于一切授权。
    pub struct GuardsFile {
        /// The policy's name.
        /// zh: 本文件的名字。
        #[key = "guards"]
        pub name: Spanned<Id>,
        /// The guards.
        /// zh: 各条禁令。
        pub rules: Listed<GuardEntry>,
        /// In an overlay: rules of the bundle that do not apply here.
        /// zh: 在覆盖文件里：此处停用的规则编号。
        pub off: Vec<Spanned<Id>>,
    }
}

rule_record! {
    /// Something that must not be done while its conditions hold.
    /// zh: 条件成立时不许做的事。
    pub struct GuardEntry {
        /// The actions that are forbidden.
        /// zh: 禁止的操作。
        pub forbid: Names,
    }
}

record! {
    /// Proof that must be at hand.
    /// zh: 需要的凭证。
    pub struct EvidenceFile {
        /// The policy's name.
        /// zh: 本文件的名字。
        #[key = "evidence"]
        pub name: Spanned<Id>,
        /// What is required.
        /// zh: 各项要求。
        pub requirements: Listed<RequirementEntry>,
        /// In an overlay: rules of the bundle that do not apply here.
        /// zh: 在覆盖文件里：此处停用的规则编号。
        pub off: Vec<Spanned<Id>>,
    }
}

rule_record! {
    /// One piece of proof.
    /// zh: 一项凭证要求。
    pub struct RequirementEntry {
        /// The actions it is needed before; if this is not written, it is asked for whatever is done.
        /// zh: 哪些操作之前必须有；不写就是无论怎样处理都要。
        pub before: Option<Names>,
        /// When it is at hand.
        /// zh: 怎样算已具备。
        pub satisfied: ExpressionText,
    }
}

record! {
    /// What falls due when, and what to do about it.
    /// zh: 什么时候到期，要做什么。
    pub struct TimersFile {
        /// The policy's name.
        /// zh: 本文件的名字。
        #[key = "timers"]
        pub name: Spanned<Id>,
        /// The timers.
        /// zh: 各个时限。
        pub rules: Listed<TimerEntry>,
        /// In an overlay: rules of the bundle that do not apply here.
        /// zh: 在覆盖文件里：此处停用的规则编号。
        pub off: Vec<Spanned<Id>>,
    }
}

rule_record! {
    /// One timer. It has a `length` or an `until`.
    /// zh: 一个时限；写 `length`（时长）或 `until`（截止时间）之一。
    pub struct TimerEntry {
        /// When it begins.
        /// zh: 起算时间。
        pub start: ExpressionText,
        /// How long it runs: a length of time, working days, or desk time.
        /// zh: 多长：时长、工作日或营业时间。
        pub length: Option<LengthEntry>,
        /// When it is due.
        /// zh: 截止时间。
        pub until: Option<ExpressionText>,
        /// Conditions of which any stops it.
        /// zh: 任一成立就算完成的条件。
        pub done: Option<OneOrMany<ExpressionText>>,
        /// What to do when.
        /// zh: 什么时候做什么。
        pub steps: Listed<StepEntry>,
    }
}

/// How long a timer runs.
#[derive(Debug, Clone, PartialEq)]
pub enum LengthEntry {
    Elapsed(DurationText),
    WorkingDays(WorkingDays),
    Business(Business),
}

record! {
    /// So many working days.
    /// zh: 若干个工作日。
    pub struct WorkingDays {
        /// How many; the day of the start does not count.
        /// zh: 几个；起算当天不计。
        pub working_days: ExpressionText,
        /// The calendar, if there are several.
        /// zh: 用哪个日历；只有一个时不用写。
        pub calendar: Option<Spanned<Id>>,
    }
}

record! {
    /// So much desk time.
    /// zh: 若干营业时间。
    pub struct Business {
        /// How much.
        /// zh: 多长。
        pub business: DurationText,
        /// The calendar, if there are several.
        /// zh: 用哪个日历；只有一个时不用写。
        pub calendar: Option<Spanned<Id>>,
    }
}

record! {
    /// Something to do at some point of a timer: exactly one of `after`, `before`, `every`, `expired`.
    /// zh: 时限中某一时刻要做的事；`after`、`before`、`every`、`expired` 只写一个。
    pub struct StepEntry {
        /// The step's name.
        /// zh: 步骤的名字。
        pub id: Spanned<Id>,
        /// So long after the start: `24h`, or `$parameter`.
        /// zh: 起算之后多久：`24h` 或 `$参数`。
        pub after: Option<Spanned<DurationText>>,
        /// So long before it is due: `24h`, or `$parameter`.
        /// zh: 到期之前多久：`24h` 或 `$参数`。
        pub before: Option<Spanned<DurationText>>,
        /// From the start, again and again: `24h`, or `$parameter`.
        /// zh: 从起算开始每隔多久一次：`24h` 或 `$参数`。
        pub every: Option<Spanned<DurationText>>,
        /// When it is due.
        /// zh: 到期时。
        pub expired: Option<bool>,
        /// Conditions that must all hold for the step to be taken.
        /// zh: 要做这一步必须全部成立的条件。
        pub when: Option<OneOrMany<ExpressionText>>,
        /// What to do.
        /// zh: 做什么。
        #[key = "do"]
        pub action: LocalizedText,
        /// The role that does it.
        /// zh: 谁来做。
        pub who: Option<Spanned<Id>>,
        /// Through which channel.
        /// zh: 通过什么渠道。
        pub channel: Option<Spanned<Id>>,
    }
}

record! {
    /// What to register, whom to tell, and who handles the case.
    /// zh: 登记什么、通知谁、由谁处理。
    pub struct DutiesFile {
        /// The policy's name.
        /// zh: 本文件的名字。
        #[key = "duties"]
        pub name: Spanned<Id>,
        /// The duties.
        /// zh: 各项登记与通知。
        pub rules: Listed<DutyEntry>,
        /// Who handles the case: the first that applies.
        /// zh: 由谁处理：第一条成立的生效。
        pub routes: Listed<RouteEntry>,
        /// In an overlay: rules of the bundle that do not apply here.
        /// zh: 在覆盖文件里：此处停用的规则编号。
        pub off: Vec<Spanned<Id>>,
    }
}

rule_record! {
    /// One thing to register, or somebody to tell.
    /// zh: 一项登记或通知。
    pub struct DutyEntry {
        /// The actions it goes with; if this is not written, it goes with the case.
        /// zh: 随哪些操作一起；不写就是随个案。
        pub with: Option<Names>,
        /// Where.
        /// zh: 在哪里登记或通知。
        pub channel: Option<Spanned<Id>>,
        /// The role to tell.
        /// zh: 通知哪个角色。
        pub notify: Option<Spanned<Id>>,
        /// So long after the answer: `24h`, or `$parameter`.
        /// zh: 多久之内：`24h` 或 `$参数`。
        pub due: Option<Spanned<DurationText>>,
        /// What to write, filled from the case.
        /// zh: 要填的内容，从个案取值。
        pub fields: Option<Entries<ExpressionText, Id>>,
    }
}

rule_record! {
    /// Who handles the case.
    /// zh: 由谁处理。
    pub struct RouteEntry {
        /// A role, `automatic` or `platform`.
        /// zh: 角色，或 `automatic`（自动处理）、`platform`（平台）。
        pub to: Spanned<Id>,
    }
}

use crate::both;
use crate::diagnostic::Problems;
use crate::policy::decode::{Decode, Definitions, any_of, wrong_form};
use crate::source::tree::{Node, NodeKind};

impl Decode for LengthEntry {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.kind {
            NodeKind::Scalar(_) => DurationText::decode(node, problems).map(Self::Elapsed),
            NodeKind::Map(_) if node.get("business").is_some() => Business::decode(node, problems).map(Self::Business),
            NodeKind::Map(_) => WorkingDays::decode(node, problems).map(Self::WorkingDays),
            NodeKind::List(_) | NodeKind::Empty => {
                let wanted = both!("时长，例如 `48h` 或 `$参数`", "a length of time, such as `48h` or `$parameter`");
                problems.push(wrong_form(node, &wanted));
                None
            }
        }
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        any_of([DurationText::schema(definitions), WorkingDays::schema(definitions), Business::schema(definitions)])
    }
}
