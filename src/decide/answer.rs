//! Answers, as the engine gives them: borrowed from the policies that decided, in the asked locale, before any wire.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::calendar::Calendar;
use crate::expr::eval::Failure;
use crate::expr::inspect::Missing;
use crate::facts::FactId;
use crate::policy::rules::Rule;
use crate::value::{Instant, Symbol, Truth, Value};

/// A rule that shaped the answer, with what it tells the reader.
#[derive(Debug, Clone)]
pub struct Reason<'r> {
    pub rule: &'r Rule,
    /// The rule's message with its values filled in, or else its title.
    pub text: Cow<'r, str>,
}

/// An absent fact that may change the answer, and the rules that asked for it.
#[derive(Debug, Clone)]
pub struct MissingFact<'r> {
    pub missing: Missing,
    pub rules: Vec<&'r Rule>,
}

/// A rule that could not be evaluated although its facts are known; it failed closed.
#[derive(Debug, Clone)]
pub struct FailedRule<'r> {
    /// `None` where a shared computation failed.
    pub rule: Option<&'r Rule>,
    pub failure: Failure,
}

/// What may be done for the customer of a case.
#[derive(Debug)]
pub struct Decision<'r> {
    /// The remedy to offer now.
    pub recommended: Option<Symbol>,
    pub ladder: Vec<RungAnswer<'r>>,
    /// Actions that must not be taken now, whoever asks.
    pub forbidden: Vec<Forbidden<'r>>,
    /// What is asked for, whatever the remedy.
    pub evidence: Vec<EvidenceAnswer<'r>>,
    pub route: Option<RouteAnswer<'r>>,
    /// The next to be due first.
    pub timers: Vec<TimerAnswer<'r>>,
    pub duties: Vec<DutyAnswer<'r>>,
    pub outputs: Vec<OutputAnswer>,
    /// Which of two cases that time out at about the same time comes first: the one with the larger number.
    pub urgency: Option<Decimal>,
    pub reasons: Vec<Reason<'r>>,
    pub common: Common<'r>,
}

/// Whether one actor may take one action.
#[derive(Debug)]
pub struct Authorization<'r> {
    pub effect: Effect,
    /// The lowest role that may, where the actor may not.
    pub approver: Option<Symbol>,
    /// How far the actor may go; absent where nothing grants the actor anything, or no amount bounds it.
    pub limit: Option<Limit<'r>>,
    /// How far the approver may go, where an amount bounds it.
    pub approver_limit: Option<Limit<'r>>,
    pub why_not: Option<WhyNot<'r>>,
    pub evidence: Vec<EvidenceAnswer<'r>>,
    pub duties: Vec<DutyAnswer<'r>>,
    pub reasons: Vec<Reason<'r>>,
    pub common: Common<'r>,
}

/// What both answers carry.
#[derive(Debug, Default)]
pub struct Common<'r> {
    pub missing: Vec<MissingFact<'r>>,
    pub failures: Vec<FailedRule<'r>>,
    /// Calendars that were asked and do not cover what they were asked for.
    pub outside: Vec<&'r Calendar>,
    /// Calendars by whose holidays it was told, where these are only expected.
    pub expecting: Vec<&'r Calendar>,
    /// When the answer may change by the passing of time alone.
    pub next_change_at: Option<Instant>,
    /// Only where it was asked for.
    pub trace: Vec<RuleTrace<'r>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    Allow,
    Deny,
    NeedsApproval,
    NeedsInput,
}

/// Why the action is not simply allowed.
#[derive(Debug, Clone)]
pub enum WhyNot<'r> {
    /// A guard forbids it.
    Guarded(Reason<'r>),
    /// The platform does not allow it now.
    Platform,
    /// The amount is beyond what the actor may still give.
    TooMuch { remaining: Decimal, excess: Decimal },
    /// No grant reaches the actor.
    NotGranted,
    /// No role of the bundle may do it.
    NobodyMay,
    /// Proof is missing.
    Evidence,
    /// Facts are missing.
    Facts,
}

/// How far an actor may go.
#[derive(Debug, Clone)]
pub struct Limit<'r> {
    pub total: Decimal,
    pub used: Decimal,
    pub remaining: Decimal,
    /// Which of the grant's bounds is the least.
    pub binding: &'r str,
    pub rule: &'r Rule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RungState {
    Offered,
    Alternative,
    Later,
    Refused,
    NotApplicable,
    Blocked,
    NeedsApproval,
    NeedsFacts,
}

#[derive(Debug)]
pub struct RungAnswer<'r> {
    pub remedy: Symbol,
    pub rule: &'r Rule,
    pub state: RungState,
    pub offer: Option<OfferAnswer>,
    pub freight: Option<FreightAnswer<'r>>,
    pub alternatives: Vec<AlternativeAnswer<'r>>,
    pub evidence: Vec<EvidenceAnswer<'r>>,
    pub steps: Vec<Cow<'r, str>>,
    pub approver: Option<Symbol>,
    pub because: Vec<Reason<'r>>,
    pub missing: Vec<Missing>,
}

/// Opening < ceiling ≤ the actor's authority; `next` is what to concede, where a concession applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfferAnswer {
    pub opening: Decimal,
    pub ceiling: Decimal,
    pub next: Option<Decimal>,
}

#[derive(Debug, Clone)]
pub struct FreightAnswer<'r> {
    pub rule: &'r Rule,
    pub outbound: Option<&'r str>,
    pub inbound: Option<&'r str>,
    pub replacement: Option<&'r str>,
    pub means: &'r [Symbol],
}

/// Something to give instead of money.
#[derive(Debug, Clone)]
pub struct AlternativeAnswer<'r> {
    pub rule: &'r Rule,
    pub text: Cow<'r, str>,
    /// What of it may be given, where it has a worth: never above the ceiling.
    pub worth: Option<Decimal>,
    /// Its own worth is above the ceiling.
    pub capped: bool,
}

#[derive(Debug, Clone)]
pub struct Forbidden<'r> {
    pub action: Symbol,
    pub by: Forbidder<'r>,
}

impl<'r> Forbidden<'r> {
    /// The guard that forbids it, if one does.
    pub fn guard(&self) -> Option<&'r Rule> {
        match &self.by {
            Forbidder::Guard(because) => Some(because.rule),
            Forbidder::Platform => None,
        }
    }
}

/// Which layer forbids an action.
#[derive(Debug, Clone)]
pub enum Forbidder<'r> {
    Guard(Reason<'r>),
    Platform,
}

#[derive(Debug, Clone)]
pub struct EvidenceAnswer<'r> {
    pub rule: &'r Rule,
    pub text: Cow<'r, str>,
    /// True: at hand. False: known not to be. Unknown: can't be told.
    pub satisfied: Truth,
}

#[derive(Debug, Clone)]
pub struct RouteAnswer<'r> {
    pub to: &'r str,
    pub because: Reason<'r>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimerState {
    /// Its start lies ahead.
    Pending,
    Running,
    /// What it waited for has happened.
    Met,
    Overdue,
    NeedsFacts,
}

#[derive(Debug)]
pub struct TimerAnswer<'r> {
    pub rule: &'r Rule,
    pub text: Cow<'r, str>,
    pub state: TimerState,
    pub started: Option<Instant>,
    pub due: Option<Instant>,
    /// Whether the platform reports that it is due then; else it is computed.
    pub reported: bool,
    /// The steps in the order they fall due; of a repeated one, the last that fell due and the next.
    pub steps: Vec<StepAnswer<'r>>,
    pub missing: Vec<Missing>,
}

#[derive(Debug, Clone)]
pub struct StepAnswer<'r> {
    pub id: &'r str,
    pub text: Cow<'r, str>,
    pub at: Instant,
    /// Its time has come.
    pub due: bool,
    pub who: Option<Symbol>,
    pub channel: Option<Symbol>,
}

/// A result that the bundle names.
#[derive(Debug, Clone)]
pub struct OutputAnswer {
    pub fact: FactId,
    pub value: Value,
    /// What keeps it undecided.
    pub missing: Vec<Missing>,
}

#[derive(Debug)]
pub struct DutyAnswer<'r> {
    pub rule: &'r Rule,
    pub text: Cow<'r, str>,
    pub channel: Option<Symbol>,
    pub notify: Option<Symbol>,
    pub due: Option<Instant>,
    pub fields: Vec<(&'r str, Value, &'r crate::facts::Type)>,
}

/// How one rule was evaluated.
#[derive(Debug, Clone)]
pub struct RuleTrace<'r> {
    pub rule: &'r Rule,
    pub outcome: Truth,
    /// Whether the rule is in force at the time of the decision.
    pub effective: bool,
    pub conditions: Vec<ConditionTrace<'r>>,
}

#[derive(Debug, Clone)]
pub struct ConditionTrace<'r> {
    pub text: &'r str,
    pub line: usize,
    /// One of several of which one suffices.
    pub alternative: bool,
    pub outcome: Truth,
    pub facts: Vec<(FactId, Value)>,
}
