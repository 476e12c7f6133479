//! Every place of an answer: its key, what people call it, and what may stand there. The outline, the expectations of
//! policy tests and their schema all go by it.

use crate::policy::Bundle;
use crate::policy::files::Payer;
use crate::text::{Bilingual, Language};

/// What a place can hold.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    Value(Of),
    /// Places under keys of ours.
    Group(&'static [Field]),
    /// Places of one shape under names.
    Keyed(Of, &'static Shape),
    List(Of),
}

/// A place under a key of ours.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub key: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    pub shape: Shape,
}

/// What a value or a name is one of.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    Money,
    Instant,
    Text,
    /// A member of a closed set of ours.
    Word(&'static [Word]),
    /// A name of an enumeration of the bundle's.
    Name(&'static str),
    Rule,
    /// A rule, or `platform`.
    Forbidder,
    /// The path of a fact.
    Fact,
    /// A rule's own name, of a policy of this kind.
    RuleOf(&'static str),
    Step,
    Route,
    Payer,
    Output,
    /// A field of a duty.
    DutyField,
    /// A value of whatever type.
    Anything,
}

/// A word of ours and what people read for it.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    pub word: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
}

macro_rules! words {
    ($($name:ident { $($word:ident $zh:literal $en:literal;)+ })+) => {
        $(pub static $name: &[Word] = &[$(Word { word: stringify!($word), zh: $zh, en: $en },)+];)+
    };
}

macro_rules! group {
    ($($key:literal $zh:literal $en:literal $shape:expr;)+) => {
        Shape::Group(&[$(Field { key: $key, zh: $zh, en: $en, shape: $shape },)+])
    };
}

words! {
    EFFECTS {
        allow "可以" "allowed";
        deny "不可以" "denied";
        needs_approval "需要审批" "needs approval";
        needs_input "需要补充信息或凭证" "needs facts or evidence";
    }
    LAYERS {
        platform "平台" "the platform";
        policy "店铺规则" "the shop's policy";
        authority "操作人权限" "the actor's authority";
    }
    RUNG_STATES {
        offered "现在提供" "offered now";
        alternative "可作备选" "may be offered instead";
        later "前面的被拒绝后再提供" "later, when those before it are refused";
        refused "客户已拒绝" "refused by the customer";
        not_applicable "不适用" "does not apply";
        blocked "禁止" "blocked";
        needs_approval "需要审批" "needs approval";
        needs_facts "信息不足" "needs facts";
    }
    TIMER_STATES {
        pending "未开始" "not started";
        running "进行中" "running";
        met "已完成" "met";
        overdue "已超时" "overdue";
        needs_facts "信息不足" "needs facts";
    }
    TIMER_SOURCES {
        policy "规则计算" "computed";
        platform "平台给出" "reported by the platform";
    }
    EVIDENCE_STATES {
        present "已有" "present";
        missing "缺少" "missing";
        unknown "不确定" "unknown";
    }
}

static EVIDENCE: Shape = Shape::Value(Of::Word(EVIDENCE_STATES));
static RULES: Shape = Shape::List(Of::Rule);
static FORBIDDERS: Shape = Shape::List(Of::Forbidder);
static ANYTHING: Shape = Shape::Value(Of::Anything);

static ALTERNATIVE: Shape = group! {
    "worth" "价值" "worth" Shape::Value(Of::Money);
    "capped" "超出上限，只能给到此数" "its own worth is above the ceiling" Shape::Value(Of::Anything);
};

static RUNG: Shape = group! {
    "state" "状态" "state" Shape::Value(Of::Word(RUNG_STATES));
    "offer" "报价" "offer" group! {
        "opening" "首次报价" "open with" Shape::Value(Of::Money);
        "ceiling" "最高" "at most" Shape::Value(Of::Money);
        "next" "二次让步" "concede next" Shape::Value(Of::Money);
    };
    "freight" "运费" "freight" group! {
        "outbound" "发出" "to the customer" Shape::Value(Of::Payer);
        "return" "寄回" "back to the shop" Shape::Value(Of::Payer);
        "replacement" "再次发出" "to the customer again" Shape::Value(Of::Payer);
        "means" "寄回方式" "ways to send it back" Shape::List(Of::Name("return_means"));
    };
    "alternatives" "代替金额的" "instead of money" Shape::Keyed(Of::RuleOf("ladder"), &ALTERNATIVE);
    "approver" "审批人" "approver" Shape::Value(Of::Name("role"));
    "evidence" "凭证" "evidence" Shape::Keyed(Of::RuleOf("evidence"), &EVIDENCE);
    "missing" "还缺信息" "facts missing" Shape::List(Of::Fact);
    "steps" "做法" "steps" Shape::List(Of::Text);
    "because" "依据" "because" RULES;
};

static TIMER: Shape = group! {
    "state" "状态" "state" Shape::Value(Of::Word(TIMER_STATES));
    "due" "截止" "due" Shape::Value(Of::Instant);
    "started" "开始" "started" Shape::Value(Of::Instant);
    "source" "来源" "source" Shape::Value(Of::Word(TIMER_SOURCES));
    "next_step" "下一步" "next step" Shape::Value(Of::Step);
    "next_step_at" "下一步时间" "next step at" Shape::Value(Of::Instant);
    "steps_due" "该做的" "to be done by now" Shape::List(Of::Step);
    "missing" "还缺信息" "facts missing" Shape::List(Of::Fact);
};

static DUTY: Shape = group! {
    "channel" "渠道" "channel" Shape::Value(Of::Name("channel"));
    "notify" "通知" "notify" Shape::Value(Of::Name("role"));
    "due" "截止" "due" Shape::Value(Of::Instant);
    "fields" "登记内容" "fields" Shape::Keyed(Of::DutyField, &ANYTHING);
};

/// The answer to a case.
pub static DECISION: Shape = group! {
    "recommended" "建议方案" "recommended" Shape::Value(Of::Name("remedy"));
    "route" "处理人" "handled by" Shape::Value(Of::Route);
    "next_change_at" "下次变化" "next change" Shape::Value(Of::Instant);
    "missing" "还缺信息" "facts missing" Shape::List(Of::Fact);
    "reasons" "依据" "reasons" RULES;
    "failures" "出错的规则" "rules that failed" RULES;
    "warnings" "提示" "warnings" Shape::List(Of::Text);
    "ladder" "处理阶梯" "ladder" Shape::Keyed(Of::Name("remedy"), &RUNG);
    "forbidden" "现在不能做" "forbidden now" Shape::Keyed(Of::Name("action"), &FORBIDDERS);
    "evidence" "凭证" "evidence" Shape::Keyed(Of::RuleOf("evidence"), &EVIDENCE);
    "timers" "时限" "timers" Shape::Keyed(Of::RuleOf("timers"), &TIMER);
    "duties" "要登记和通知的" "duties" Shape::Keyed(Of::RuleOf("duties"), &DUTY);
    "outputs" "其他结果" "other results" Shape::Keyed(Of::Output, &ANYTHING);
};

static LIMIT: Shape = group! {
    "total" "总额度" "total" Shape::Value(Of::Money);
    "used" "已用" "used" Shape::Value(Of::Money);
    "remaining" "剩余" "remaining" Shape::Value(Of::Money);
    "binding" "起作用的上限" "binding bound" Shape::Value(Of::Text);
    "rule" "规则" "rule" Shape::Value(Of::Rule);
};

/// The answer to an action.
pub static AUTHORIZATION: Shape = group! {
    "effect" "答复" "answer" Shape::Value(Of::Word(EFFECTS));
    "why_not" "原因" "why not" Shape::Value(Of::Text);
    "approver" "审批人" "approver" Shape::Value(Of::Name("role"));
    "blocked_by" "卡在" "blocked by" Shape::Value(Of::Word(LAYERS));
    "limit" "额度" "limit" LIMIT;
    "approver_limit" "审批人额度" "approver's limit" LIMIT;
    "missing" "还缺信息" "facts missing" Shape::List(Of::Fact);
    "reasons" "依据" "reasons" RULES;
    "next_change_at" "下次变化" "next change" Shape::Value(Of::Instant);
    "failures" "出错的规则" "rules that failed" RULES;
    "warnings" "提示" "warnings" Shape::List(Of::Text);
    "evidence" "凭证" "evidence" Shape::Keyed(Of::RuleOf("evidence"), &EVIDENCE);
    "duties" "要登记和通知的" "duties" Shape::Keyed(Of::RuleOf("duties"), &DUTY);
};

impl Field {
    pub fn label(&self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.zh,
            Language::English => self.en,
        }
    }
}

impl Word {
    pub fn title(&self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.zh,
            Language::English => self.en,
        }
    }
}

impl Of {
    /// The names there are, where the set is closed.
    pub fn names(self, bundle: &Bundle) -> Option<Vec<String>> {
        let policies = |kind: &'static str| bundle.policies().iter().filter(move |policy| &*policy.kind == kind);
        let own = |id: &str| id.rsplit_once('/').map_or(id, |(_, own)| own).to_owned();
        let schema = bundle.schema();
        let names: Vec<String> = match self {
            Of::Word(words) => words.iter().map(|word| word.word.to_owned()).collect(),
            Of::Name(of) => {
                let of = schema.enum_named(of).and_then(|of| schema.enumeration(of));
                of.into_iter().flat_map(|of| &of.members).map(|member| member.id.to_string()).collect()
            }
            Of::Rule => {
                let ids = || bundle.policies().iter().flat_map(|policy| &policy.rules).map(|rule| &*rule.id);
                ids().map(str::to_owned).chain(ids().map(own)).collect()
            }
            Of::Forbidder => Of::Rule.names(bundle)?.into_iter().chain(["platform".to_owned()]).collect(),
            Of::RuleOf(kind) => policies(kind).flat_map(|policy| &policy.rules).map(|rule| own(&rule.id)).collect(),
            Of::Fact => fact_paths(bundle),
            Of::Step => {
                let timers = bundle.variants().flat_map(|rules| &rules.timers.rules);
                timers.flat_map(|timer| &timer.steps).map(|step| step.id.to_string()).collect()
            }
            Of::Route => {
                bundle.variants().flat_map(|rules| &rules.routes.rules).map(|route| route.to.to_string()).collect()
            }
            Of::Payer => Payer::ALL.iter().map(|payer| payer.word().to_owned()).collect(),
            Of::Output => {
                let outputs =
                    bundle.variants().flat_map(|rules| rules.outputs.iter().map(move |output| (rules, output.fact)));
                outputs.map(|(rules, id)| rules.program.schema.path(id).to_owned()).collect()
            }
            Of::DutyField => {
                let duties = bundle.variants().flat_map(|rules| &rules.duties.rules);
                duties.flat_map(|duty| &*duty.fields).map(|(name, ..)| name.to_string()).collect()
            }
            Of::Money | Of::Instant | Of::Text | Of::Anything => return None,
        };
        Some(names)
    }

    /// What it is called, to finish "is not a known …".
    pub fn kind(self) -> Bilingual {
        let (zh, en) = match self {
            Of::Money => ("金额", "amount"),
            Of::Instant => ("时刻", "moment"),
            Of::Text => ("文字", "text"),
            Of::Word(_) => ("取值", "value"),
            Of::Name("role") => ("角色", "role"),
            Of::Name("remedy") => ("处理方式", "remedy"),
            Of::Name("action") => ("操作", "action"),
            Of::Name(_) => ("名称", "name"),
            Of::Rule | Of::RuleOf(_) => ("规则", "rule"),
            Of::Forbidder => ("规则（或 `platform`）", "rule, nor `platform`"),
            Of::Fact => ("事实", "fact"),
            Of::Step => ("时限步骤", "step of a timer"),
            Of::Route => ("分派去向", "route"),
            Of::Payer => ("承担方", "payer"),
            Of::Output => ("结果", "output"),
            Of::DutyField => ("登记项", "field of a duty"),
            Of::Anything => ("值", "value"),
        };
        Bilingual::new(zh, en)
    }
}

/// Paths as answers name absent facts: those of the case, and of the records in its lists.
fn fact_paths(bundle: &Bundle) -> Vec<String> {
    use crate::facts::Type;
    let schema = bundle.schema();
    let mut paths = Vec::new();
    for fact in schema.facts() {
        paths.push(fact.path.to_string());
        let (record, between) = match &fact.ty {
            Type::Record(record) => (Some(*record), "."),
            Type::List(of) => (if let Type::Record(record) = **of { Some(record) } else { None }, "[]."),
            Type::Bool
            | Type::Number
            | Type::Money
            | Type::Text
            | Type::Instant
            | Type::Date
            | Type::Duration
            | Type::Enum(_)
            | Type::Map(_)
            | Type::Pair(_) => (None, ""),
        };
        let fields = record.and_then(|record| schema.record(record)).into_iter().flat_map(|record| &record.fields);
        paths.extend(fields.map(|field| format!("{}{between}{}", fact.path, field.name)));
    }
    paths
}
