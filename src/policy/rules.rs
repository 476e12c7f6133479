//! The compiled policies of one bundle, ready to be asked: every expression typed, every name resolved, every text in
//! every locale. Only `policy::compile` makes these.

use std::collections::BTreeMap;

use crate::expr::eval::Program;
use crate::expr::index::Index;
use crate::expr::typed::{Cond, Term};
use crate::facts::{FactId, SymbolSet, Type};
use crate::text::Localized;
use crate::value::{Duration, Instant, Symbol, Units, Value};

/// All rules for the cases of one shop: the bundle's own, with the overlays of its platform and shop laid over them.
#[derive(Debug)]
pub struct Rules {
    pub program: Program,
    /// By the action's symbol.
    pub authority: Vec<Authority>,
    /// By the action's symbol.
    pub amount_uses: Vec<AmountUse>,
    pub guards: Ruled<Guard>,
    pub ladder: Ladder,
    pub evidence: Ruled<Requirement>,
    pub timers: Ruled<Timer>,
    pub duties: Ruled<Duty>,
    /// The first that applies says who handles the case.
    pub routes: Ruled<Route>,
    /// Named results that answers carry (ME-1).
    pub outputs: Vec<Output>,
    /// How a queue puts cases in order that time out at about the same time (TI-7).
    pub queue: Option<QueueOrder>,
}

/// Of cases that time out at about the same time the one with the larger number comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueOrder {
    pub urgency: FactId,
    /// What times out this close together counts as timing out at the same time. One queue holds the cases of all shops,
    /// so it is the same in every overlay.
    pub within: Duration,
}

/// A named result, given while all of its conditions hold.
#[derive(Debug)]
pub struct Output {
    pub fact: FactId,
    pub when: Vec<Line>,
}

/// Rules of one kind with the index that finds those that can apply.
#[derive(Debug)]
pub struct Ruled<R> {
    pub rules: Vec<R>,
    pub index: Index,
}

impl<R: HasRule> Ruled<R> {
    pub fn new(rules: Vec<R>) -> Self {
        let pins: Vec<_> = rules.iter().map(|rule| rule.rule().pins()).collect();
        let index = Index::new(&pins);
        Self { rules, index }
    }
}

impl<R: HasRule> Default for Ruled<R> {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

/// What every rule has.
#[derive(Debug, Clone)]
pub struct Rule {
    /// `kind.policy/id`, unique in the bundle.
    pub id: Box<str>,
    pub title: Localized,
    /// What the customer or the agent reads when the rule decides, if its author wrote one.
    pub message: Option<Message>,
    /// The catalogue's IDs that the rule carries out.
    pub implements: Box<[Box<str>]>,
    pub at: Location,
    /// In force from (inclusive) and until (exclusive).
    pub effective: (Option<Instant>, Option<Instant>),
    /// All of these must hold…
    pub when: Box<[Line]>,
    /// …and, unless there are none, at least one of these.
    pub any: Box<[Line]>,
}

impl Rule {
    /// Which enumerated facts the rule's conditions pin.
    fn pins(&self) -> Vec<(FactId, &SymbolSet)> {
        self.when.iter().flat_map(|line| line.cond.pins()).collect()
    }
}

/// Where a rule stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub file: Box<str>,
    /// From 1.
    pub line: usize,
}

/// One line of a rule's conditions, as its author wrote it and as it is evaluated.
#[derive(Debug, Clone)]
pub struct Line {
    pub text: Box<str>,
    pub cond: Cond,
    pub line: usize,
    /// It says nothing but what the index looks its rule up by.
    pub indexed: bool,
}

impl Line {
    pub fn new(text: &str, cond: Cond, line: usize) -> Self {
        let indexed = cond.only_pins();
        Self { text: text.into(), cond, line, indexed }
    }
}

/// A value as its author wrote it and as it is evaluated.
#[derive(Debug, Clone)]
pub struct Amount {
    pub text: Box<str>,
    pub term: Term,
    /// How an answer names it: "50 % of the order amount".
    pub words: Localized,
}

/// A text with values in it, one in each locale of the bundle.
#[derive(Debug, Clone)]
pub struct Message(pub Box<[Template]>);

/// Pieces of one text, in order.
#[derive(Debug, Clone)]
pub struct Template(pub Box<[Piece]>);

#[derive(Debug, Clone)]
pub enum Piece {
    Text(Box<str>),
    Value(Term, Type),
}

/// Who may do one action, and how far.
#[derive(Debug, Default)]
pub struct Authority {
    pub grants: Ruled<Grant>,
    /// Bounds that several grants have in common, so that each is reckoned once a question.
    pub shared: Box<[Term]>,
    /// Whether what was already given is reckoned alike for all of them.
    pub given_alike: bool,
}

impl Authority {
    pub fn new(mut grants: Vec<Grant>) -> Self {
        let mut known: BTreeMap<Box<str>, (Term, usize)> = BTreeMap::new();
        let bounds = || grants.iter().flat_map(|grant| &grant.up_to);
        for bound in bounds().filter(|bound| bound.reckoned == Reckoned::Alone) {
            let amount = &bound.amount;
            let entry = known.entry(amount.text.clone()).or_insert_with(|| (amount.term.clone(), 0));
            entry.1 = entry.1.saturating_add(1);
        }
        known.retain(|_, (_, count)| *count > 1);
        let shared: Vec<(&Box<str>, &Term)> =
            known.iter().map(|(text, (term, _))| (text, term)).take(SHARED_BOUNDS_MAX).collect();
        for bound in grants.iter_mut().flat_map(|grant| &mut grant.up_to) {
            let at = shared.iter().position(|(text, term)| **text == bound.amount.text && **term == bound.amount.term);
            bound.reckoned = at.map_or(bound.reckoned, Reckoned::Shared);
        }
        let shared = shared.into_iter().map(|(_, term)| term.clone()).collect();
        let mut given = grants.iter().map(|grant| grant.already_given.as_ref().map(|given| &given.term));
        let first = given.next();
        let given_alike = given.all(|other| Some(other) == first);
        Self { grants: Ruled::new(grants), shared, given_alike }
    }
}

/// So many bounds of one action are reckoned once; any further ones for each grant.
const SHARED_BOUNDS_MAX: usize = 16;

/// One of the bounds of a limit.
#[derive(Debug, Clone)]
pub struct Bound {
    pub amount: Amount,
    pub reckoned: Reckoned,
}

/// How a bound comes to its amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reckoned {
    /// The same for every case.
    Fixed(Units),
    /// By its place among what the action's grants share.
    Shared(usize),
    /// For this grant.
    Alone,
}

impl Bound {
    pub fn new(amount: Amount) -> Self {
        let reckoned = if let Term::Const(Value::Money(fixed)) = &amount.term {
            Reckoned::Fixed(Units::down(*fixed))
        } else {
            Reckoned::Alone
        };
        Self { amount, reckoned }
    }
}

/// One role's authority for one action.
#[derive(Debug, Clone)]
pub struct Grant {
    pub rule: Rule,
    /// This role, and with it every higher one.
    pub role: Symbol,
    /// The limit is the least of these; none means any amount.
    pub up_to: Box<[Bound]>,
    /// What the order has been given already; it counts towards the limit.
    pub already_given: Option<Amount>,
}

/// What must not be done.
#[derive(Debug, Clone)]
pub struct Guard {
    pub rule: Rule,
    /// Forbidden while the rule applies.
    pub forbids: Box<[Symbol]>,
}

/// The remedies from the mildest down, and where a case enters.
#[derive(Debug, Default)]
pub struct Ladder {
    pub rungs: Vec<Rung>,
    /// The first that applies says which remedy to lead the customer to; the top if none does.
    pub entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
pub struct Entry {
    pub rule: Rule,
    pub remedy: Symbol,
}

/// One remedy: when it fits, what it offers, who pays its freight.
#[derive(Debug, Clone)]
pub struct Rung {
    pub rule: Rule,
    pub remedy: Symbol,
    /// The action that carries the remedy out, if it needs authority.
    pub action: Option<Symbol>,
    pub offer: Option<Offer>,
    pub freight: Box<[Freight]>,
    /// What may be given instead of money.
    pub alternatives: Box<[Alternative]>,
    pub steps: Box<[RungStep]>,
}

impl Rung {
    /// Its own rule, and those inside it.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        let concessions = self.offer.iter().flat_map(|offer| &offer.concessions).map(HasRule::rule);
        let inside = concessions.chain(self.freight.iter().map(HasRule::rule));
        let steps = self.steps.iter().filter_map(|step| step.when.as_ref());
        std::iter::once(&self.rule).chain(inside).chain(self.alternatives.iter().map(HasRule::rule)).chain(steps)
    }
}

/// What to do about a remedy.
#[derive(Debug, Clone)]
pub struct RungStep {
    /// Its conditions, as a rule named after that of its rung.
    pub when: Option<Rule>,
    pub action: Message,
}

/// Money to open with, and how far to go.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Bounds beside the actor's authority, which always bounds it.
    pub ceiling: Box<[Amount]>,
    /// Sees the ceiling as its local value.
    pub opening: Amount,
    /// The first that applies is what to concede next.
    pub concessions: Box<[Concession]>,
}

#[derive(Debug, Clone)]
pub struct Concession {
    pub rule: Rule,
    /// Sees the ceiling as its local value.
    pub amount: Amount,
}

/// Who bears which leg; the first that applies.
#[derive(Debug, Clone)]
pub struct Freight {
    pub rule: Rule,
    /// The leg to the customer that has been paid already.
    pub outbound: Option<Box<str>>,
    /// The leg back to the shop.
    pub inbound: Option<Box<str>>,
    /// The leg to the customer again.
    pub replacement: Option<Box<str>>,
    /// How the goods may be sent back.
    pub means: Box<[Symbol]>,
}

/// Something to give instead of money: a gift, a coupon, an accessory.
#[derive(Debug, Clone)]
pub struct Alternative {
    pub rule: Rule,
    pub worth: Option<Amount>,
}

/// Proof that must be at hand.
#[derive(Debug, Clone)]
pub struct Requirement {
    pub rule: Rule,
    /// Needed before these actions.
    pub actions: Box<[Symbol]>,
    /// Whether it is there.
    pub satisfied: Line,
}

/// Something that falls due.
#[derive(Debug, Clone)]
pub struct Timer {
    pub rule: Rule,
    pub start: Amount,
    pub length: Length,
    /// Any of these stops it.
    pub done: Box<[Line]>,
    pub steps: Box<[Step]>,
}

impl Timer {
    /// Its own rule, and those of its steps.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        std::iter::once(&self.rule).chain(self.steps.iter().filter_map(|step| step.when.as_ref()))
    }
}

#[derive(Debug, Clone)]
pub enum Length {
    /// That long after the start.
    Elapsed(Term),
    /// The end of the n-th working day after the start.
    WorkingDays { calendar: usize, days: Term },
    /// That much desk time after the start.
    Business { calendar: usize, length: Term },
    /// At a computed instant.
    Until(Term),
}

/// What to do at some point of a timer.
#[derive(Debug, Clone)]
pub struct Step {
    pub id: Box<str>,
    pub at: StepTime,
    /// Its conditions, as a rule named after that of its timer.
    pub when: Option<Rule>,
    pub action: Message,
    pub who: Option<Symbol>,
    pub channel: Option<Symbol>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepTime {
    /// After the start.
    After(Duration),
    /// Before the due time.
    Before(Duration),
    /// From the start, again and again until due.
    Every(Duration),
    /// When due.
    Expired,
}

/// Something to register or somebody to notify.
#[derive(Debug, Clone)]
pub struct Duty {
    pub rule: Rule,
    /// With these actions; with none, with every case it applies to.
    pub actions: Box<[Symbol]>,
    pub channel: Option<Symbol>,
    pub notify: Option<Symbol>,
    /// So long after the decision.
    pub due: Option<Duration>,
    pub fields: Box<[(Box<str>, Term, Type)]>,
}

/// Who handles the case.
#[derive(Debug, Clone)]
pub struct Route {
    pub rule: Rule,
    pub to: Box<str>,
}

/// How an action's amount is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AmountUse {
    /// The action moves money: without an amount it can't be authorised.
    Required,
    /// The action may name an amount.
    Optional,
    /// The action has none.
    None,
}

/// Rules of every kind can be asked for what they share.
pub trait HasRule {
    fn rule(&self) -> &Rule;
}

macro_rules! has_rule {
    ($($kind:ty),*) => {
        $(impl HasRule for $kind {
            fn rule(&self) -> &Rule {
                &self.rule
            }
        })*
    };
}

has_rule!(Grant, Guard, Entry, Rung, Concession, Freight, Alternative, Requirement, Timer, Duty, Route);
