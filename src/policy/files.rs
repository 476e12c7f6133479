//! Policy files as their authors write them: one record for each kind, decoded, nothing resolved yet.
//!
//! A file's first key is its kind and names the policy. What the keys mean is told here once, for the loader, for the
//! JSON Schema and for whoever writes a policy.

use crate::both;
use crate::diagnostic::{Diagnostic, Problems, codes};
use crate::expr::check::suggestion;
use crate::policy::decode::{
    Decode, Definitions, ExpressionText, Id, LocalizedText, OneOrMany, Spanned, any_of, wrong_form,
};
use crate::source::tree::{Node, NodeKind};
use crate::{enumeration, record};

mod bundle;
mod calendar;
mod facts;
mod ladder;
mod rules;

pub use bundle::{ActionEntry, AmountWord, BundleFile, NameEntry, PrivacyEntry, RemedyEntry, Withhold};
pub use calendar::{CalendarFile, HolidayEntry, HolidayStatus, HoursEntry, OpenOn, ShiftEntry, Weekday};
pub use facts::{
    AttributeEntry, AttributesFile, DefinitionEntry, FactsFile, HitPolicy, OutputEntry, ParameterEntry,
    ParameterSource, ParameterType, ParametersFile, RowEntry, TableEntry, TypeText,
};
pub use ladder::{
    AlternativeEntry, ConcessionEntry, EntryEntry, FreightEntry, LadderFile, OfferEntry, Payer, RungEntry,
    RungStepEntry, StepUnder,
};
pub use rules::{
    AuthorityFile, DutiesFile, DutyEntry, EvidenceFile, GrantEntry, GuardEntry, GuardsFile, LengthEntry,
    RequirementEntry, RouteEntry, StepEntry, TimerEntry, TimersFile,
};

/// Declares a record of a rule: what every rule has, and what this one has besides.
macro_rules! rule_record {
    (
        $(#[doc = $doc:expr])*
        pub struct $name:ident {
            $($rest:tt)*
        }
    ) => {
        $crate::record! {
            $(#[doc = $doc])*
            pub struct $name {
                /// The rule's name, unique in its file; answers and traces show it.
                /// zh: 规则的编号，在本文件内唯一，会出现在答复和追溯里。
                pub id: $crate::policy::decode::Spanned<$crate::policy::decode::Id>,
                /// What the rule is called, in every language of the bundle.
                /// zh: 规则的名称，规则包的每种语言都要写。
                pub title: $crate::policy::decode::LocalizedText,
                /// IDs of the business rules that it carries out.
                /// zh: 它落实的业务条目编号。
                pub implements: Vec<$crate::policy::decode::Spanned<String>>,
                /// From when until when it is in force; always, if this is not written.
                /// zh: 生效的起止时间；不写就一直有效。
                pub effective: Option<$crate::policy::files::Effective>,
                /// Conditions that must all hold.
                /// zh: 必须全部成立的条件。
                pub when: Option<$crate::policy::decode::OneOrMany<$crate::policy::decode::ExpressionText>>,
                /// Conditions of which at least one must hold.
                /// zh: 至少要有一条成立的条件。
                pub any: Option<$crate::policy::decode::OneOrMany<$crate::policy::decode::ExpressionText>>,
                /// What the reader is told when the rule decides; `{…}` puts a value in.
                /// zh: 规则生效时显示的话；`{…}` 处填入数值。
                pub message: Option<$crate::policy::decode::LocalizedText>,
                $($rest)*
            }
        }

        impl $crate::policy::files::HasHead for $name {
            fn head(&self) -> $crate::policy::files::Head<'_> {
                $crate::policy::files::Head {
                    span: &self.span,
                    id: &self.id,
                    title: &self.title,
                    implements: &self.implements,
                    effective: self.effective.as_ref(),
                    when: self.when.as_deref().unwrap_or_default(),
                    any: self.any.as_deref().unwrap_or_default(),
                    message: self.message.as_ref(),
                }
            }
        }
    };
}
use rule_record;

/// What every rule has, as it was written.
#[derive(Debug, Clone, Copy)]
pub struct Head<'f> {
    pub span: &'f crate::diagnostic::Span,
    pub id: &'f Spanned<Id>,
    pub title: &'f LocalizedText,
    pub implements: &'f [Spanned<String>],
    pub effective: Option<&'f Effective>,
    pub when: &'f [ExpressionText],
    pub any: &'f [ExpressionText],
    pub message: Option<&'f LocalizedText>,
}

pub trait HasHead {
    fn head(&self) -> Head<'_>;
}

record! {
    /// When a rule is in force.
    /// zh: 规则的生效时间。
    pub struct Effective {
        /// From this moment on, included.
        /// zh: 从这一刻起（含）。
        pub from: Option<chrono::DateTime<chrono::FixedOffset>>,
        /// Until this moment, excluded.
        /// zh: 到这一刻止（不含）。
        pub until: Option<chrono::DateTime<chrono::FixedOffset>>,
    }
}

record! {
    /// A share of an amount.
    /// zh: 某个金额的百分之几。
    pub struct Share {
        /// How many hundredths.
        /// zh: 百分之几。
        pub percent: ExpressionText,
        /// Of what.
        /// zh: 占什么的百分之几。
        pub of: ExpressionText,
    }
}

/// A sum of money: an expression, or a share of another.
#[derive(Debug, Clone, PartialEq)]
pub enum Sum {
    Amount(ExpressionText),
    Share(Share),
}

impl Decode for Sum {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.kind {
            NodeKind::Scalar(_) => ExpressionText::decode(node, problems).map(Self::Amount),
            NodeKind::Map(_) => Share::decode(node, problems).map(Self::Share),
            NodeKind::List(_) | NodeKind::Empty => {
                problems
                    .push(wrong_form(node, &both!("金额或 `{{ percent, of }}`", "an amount or `{{ percent, of }}`")));
                None
            }
        }
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        any_of([ExpressionText::schema(definitions), Share::schema(definitions)])
    }
}

/// One or several names.
pub type Names = OneOrMany<Spanned<Id>>;

enumeration! {
    /// The kinds of policy.
    /// zh: 规则文件的种类。
    pub enum Kind {
        /// The manifest: roles, actions, remedies, currency, zone, locales.
        /// zh: 总表：角色、操作、处理方式、币种、时区、语言。
        Bundle = "bundle",
        /// The shop's own facts.
        /// zh: 店铺自有的事实。
        Attributes = "attributes",
        /// Numbers that a shop may tune.
        /// zh: 店铺可以调整的数字。
        Parameters = "parameters",
        /// Working days, desk hours, shifts.
        /// zh: 工作日、营业时间、班次。
        Calendar = "calendar",
        /// Facts that follow from others: expressions, tables, functions.
        /// zh: 由其他事实推出的事实：表达式、决策表、函数。
        Facts = "facts",
        /// Who may do what, and how far.
        /// zh: 谁可以做什么，做到什么程度。
        Authority = "authority",
        /// The remedies in order, with their offers.
        /// zh: 处理方式的先后与报价。
        Ladder = "ladder",
        /// What must not be done.
        /// zh: 不许做的事。
        Guards = "guards",
        /// Proof that must be at hand.
        /// zh: 需要的凭证。
        Evidence = "evidence",
        /// What falls due when.
        /// zh: 时限。
        Timers = "timers",
        /// What to register, whom to tell, who handles the case.
        /// zh: 登记、通知与分派。
        Duties = "duties",
    }
}

/// One decoded policy file.
#[derive(Debug, Clone, PartialEq)]
pub enum PolicyFile {
    Bundle(BundleFile),
    Attributes(AttributesFile),
    Parameters(ParametersFile),
    Calendar(CalendarFile),
    Facts(FactsFile),
    Authority(AuthorityFile),
    Ladder(LadderFile),
    Guards(GuardsFile),
    Evidence(EvidenceFile),
    Timers(TimersFile),
    Duties(DutiesFile),
}

/// Reads a file by the kind that its first key names.
impl Decode for PolicyFile {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        let Some(first) = node.first_key() else {
            let wanted = both!(
                "一组“键: 值”，第一个键是规则的种类",
                "a group of `key: value` whose first key is the policy's kind"
            );
            problems.push(wrong_form(node, &wanted));
            return None;
        };
        let Some(kind) = Kind::ALL.iter().copied().find(|kind| kind.word() == &*first.text) else {
            let word = &first.text;
            let message = both!("`{word}` 不是规则的种类", "`{word}` is not a kind of policy");
            let problem = Diagnostic::error(codes::UNKNOWN_KIND, first.span.clone(), message);
            let help = suggestion(word, Kind::ALL.iter().map(|kind| kind.word()));
            problems.push(help.into_iter().fold(problem, Diagnostic::help));
            return None;
        };
        Some(match kind {
            Kind::Bundle => Self::Bundle(Decode::decode(node, problems)?),
            Kind::Attributes => Self::Attributes(Decode::decode(node, problems)?),
            Kind::Parameters => Self::Parameters(Decode::decode(node, problems)?),
            Kind::Calendar => Self::Calendar(Decode::decode(node, problems)?),
            Kind::Facts => Self::Facts(Decode::decode(node, problems)?),
            Kind::Authority => Self::Authority(Decode::decode(node, problems)?),
            Kind::Ladder => Self::Ladder(Decode::decode(node, problems)?),
            Kind::Guards => Self::Guards(Decode::decode(node, problems)?),
            Kind::Evidence => Self::Evidence(Decode::decode(node, problems)?),
            Kind::Timers => Self::Timers(Decode::decode(node, problems)?),
            Kind::Duties => Self::Duties(Decode::decode(node, problems)?),
        })
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        super::schemas::any_kind(definitions)
    }
}

impl PolicyFile {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Bundle(_) => Kind::Bundle,
            Self::Attributes(_) => Kind::Attributes,
            Self::Parameters(_) => Kind::Parameters,
            Self::Calendar(_) => Kind::Calendar,
            Self::Facts(_) => Kind::Facts,
            Self::Authority(_) => Kind::Authority,
            Self::Ladder(_) => Kind::Ladder,
            Self::Guards(_) => Kind::Guards,
            Self::Evidence(_) => Kind::Evidence,
            Self::Timers(_) => Kind::Timers,
            Self::Duties(_) => Kind::Duties,
        }
    }

    /// The policy's name, after its kind.
    pub fn name(&self) -> &Spanned<Id> {
        match self {
            Self::Bundle(file) => &file.name,
            Self::Attributes(file) => &file.name,
            Self::Parameters(file) => &file.name,
            Self::Calendar(file) => &file.name,
            Self::Facts(file) => &file.name,
            Self::Authority(file) => &file.name,
            Self::Ladder(file) => &file.name,
            Self::Guards(file) => &file.name,
            Self::Evidence(file) => &file.name,
            Self::Timers(file) => &file.name,
            Self::Duties(file) => &file.name,
        }
    }
}
