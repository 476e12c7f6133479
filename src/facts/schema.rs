//! The complete schema of one bundle: every fact an expression may name, with its type. Built-in facts come first,
//! in the catalogue's order, then the actor's and the action's, the shop's own attributes, and derived facts.

use std::collections::{BTreeSet, HashMap};

use super::FactId;
use crate::text::Localized;
use crate::value::Symbol;

/// The type of a fact, a parameter or an expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    Bool,
    Number,
    Money,
    Text,
    Instant,
    Date,
    Duration,
    Enum(EnumId),
    Record(RecordId),
    List(Box<Type>),
    Map(Box<Type>),
    /// Two values side by side, `first` and `second`: an element of two lists paired by position.
    Pair(Box<(Type, Type)>),
}

impl Type {
    pub fn list(of: Type) -> Type {
        Type::List(Box::new(of))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnumId(pub u16);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub u16);

impl RecordId {
    /// Any record: what a script's function takes.
    pub const ANY: RecordId = RecordId(u16::MAX);
}

/// A closed set of names; dots make it a tree (`product.quality.blemish`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumType {
    pub name: Box<str>,
    pub members: Vec<Member>,
    by_id: HashMap<Box<str>, Symbol>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: Box<str>,
    pub title: Localized,
}

impl EnumType {
    pub fn new(name: &str, members: Vec<Member>) -> Self {
        let by_id = (0..).map(Symbol).zip(&members).map(|(symbol, member)| (member.id.clone(), symbol)).collect();
        Self { name: name.into(), members, by_id }
    }

    /// The member of that exact name.
    pub fn find(&self, id: &str) -> Option<Symbol> {
        self.by_id.get(id).copied()
    }

    pub fn member(&self, symbol: Symbol) -> Option<&Member> {
        self.members.get(usize::from(symbol.0))
    }

    pub fn id_of(&self, symbol: Symbol) -> &str {
        self.member(symbol).map_or("", |member| &member.id)
    }

    /// Every branch and every member, each once, the shorter first.
    pub fn branches(&self) -> Vec<&str> {
        let ends = |id: &str| id.match_indices('.').map(|(at, _)| at).chain([id.len()]).collect::<Vec<_>>();
        let all =
            self.members.iter().flat_map(|member| ends(&member.id).into_iter().filter_map(|end| member.id.get(..end)));
        let mut branches: Vec<&str> = all.collect();
        branches.sort_by_key(|branch| (branch.len(), *branch));
        branches.dedup();
        branches
    }

    /// `prefix` itself and everything below it; empty if there is no such branch.
    pub fn branch(&self, prefix: &str) -> SymbolSet {
        let below = |id: &str| id.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.members
            .iter()
            .enumerate()
            .filter(|(_, member)| below(&member.id))
            .filter_map(|(i, _)| symbol_at(i))
            .collect()
    }
}

fn symbol_at(position: usize) -> Option<Symbol> {
    u16::try_from(position).ok().map(Symbol)
}

/// Some members of one enumeration.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct SymbolSet(Box<[u64]>);

impl SymbolSet {
    pub fn contains(&self, symbol: Symbol) -> bool {
        let word = self.0.get(usize::from(symbol.0 >> 6)).copied().unwrap_or(0);
        (word >> (symbol.0 & 63)) & 1 == 1
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub fn iter(&self) -> impl Iterator<Item = Symbol> + '_ {
        (0..=u16::MAX).take(self.0.len().saturating_mul(64)).map(Symbol).filter(|symbol| self.contains(*symbol))
    }

    /// The members of `of` that are not in this set.
    #[must_use]
    pub fn complement(&self, of: &EnumType) -> SymbolSet {
        (0..of.members.len()).filter_map(symbol_at).filter(|symbol| !self.contains(*symbol)).collect()
    }
}

impl FromIterator<Symbol> for SymbolSet {
    fn from_iter<T: IntoIterator<Item = Symbol>>(symbols: T) -> Self {
        let mut words: Vec<u64> = Vec::new();
        for symbol in symbols {
            let at = usize::from(symbol.0 >> 6);
            if words.len() <= at {
                words.resize(at.saturating_add(1), 0);
            }
            if let Some(word) = words.get_mut(at) {
                *word |= 1 << (symbol.0 & 63);
            }
        }
        SymbolSet(words.into())
    }
}

/// A record: named fields in a fixed order, which is the order of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordType {
    pub name: Box<str>,
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: Box<str>,
    pub ty: Type,
    pub title: Localized,
}

/// One fact: what it is called, what it holds, and whether its value moves with the clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Dotted, as expressions and answers spell it: `order.amount`.
    pub path: Box<str>,
    pub ty: Type,
    pub title: Localized,
    pub origin: Origin,
    /// How many seconds the value gains per second of the clock: 1 for `now - x`, 0 for nearly everything.
    pub slope: i8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Sent by the front end in a typed field.
    BuiltIn,
    /// The shop's own, sent in `case.attributes`.
    Attribute,
    /// Computed by a `facts` policy.
    Derived,
}

/// Every fact, enumeration and record that expressions of one bundle may use.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    facts: Vec<Fact>,
    by_path: HashMap<Box<str>, FactId>,
    enums: Vec<EnumType>,
    records: Vec<RecordType>,
    private: BTreeSet<FactId>,
}

impl Schema {
    /// Adds a fact; `None` if the path is taken or there are too many.
    pub fn add_fact(&mut self, fact: Fact) -> Option<FactId> {
        let id = FactId(u16::try_from(self.facts.len()).ok()?);
        if self.by_path.contains_key(&fact.path) {
            return None;
        }
        self.by_path.insert(fact.path.clone(), id);
        self.facts.push(fact);
        Some(id)
    }

    pub fn add_enum(&mut self, enumeration: EnumType) -> Option<EnumId> {
        let id = EnumId(u16::try_from(self.enums.len()).ok()?);
        self.enums.push(enumeration);
        Some(id)
    }

    pub fn add_record(&mut self, record: RecordType) -> Option<RecordId> {
        let id = RecordId(u16::try_from(self.records.len()).ok()?);
        self.records.push(record);
        Some(id)
    }

    pub fn fact(&self, id: FactId) -> Option<&Fact> {
        self.facts.get(usize::from(id.0))
    }

    pub fn find(&self, path: &str) -> Option<FactId> {
        self.by_path.get(path).copied()
    }

    /// Gives a derived fact the slope that its definition turned out to have.
    pub fn set_slope(&mut self, id: FactId, slope: i8) {
        if let Some(fact) = self.facts.get_mut(usize::from(id.0)) {
            fact.slope = slope;
        }
    }

    /// Keeps a fact out of every expression: records will not hold it as it was sent, and an answer that hung on it
    /// could not be given again.
    pub fn set_private(&mut self, id: FactId) {
        self.private.insert(id);
    }

    pub fn is_private(&self, id: FactId) -> bool {
        self.private.contains(&id)
    }

    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    pub fn enumeration(&self, id: EnumId) -> Option<&EnumType> {
        self.enums.get(usize::from(id.0))
    }

    /// How many facts a case states: those before the first derived one.
    pub fn stated(&self) -> usize {
        self.facts.partition_point(|fact| fact.origin != Origin::Derived)
    }

    pub fn enum_named(&self, name: &str) -> Option<EnumId> {
        let position = self.enums.iter().position(|enumeration| &*enumeration.name == name)?;
        u16::try_from(position).ok().map(EnumId)
    }

    pub fn record(&self, id: RecordId) -> Option<&RecordType> {
        self.records.get(usize::from(id.0))
    }

    pub fn record_named(&self, name: &str) -> Option<RecordId> {
        let position = self.records.iter().position(|record| &*record.name == name)?;
        u16::try_from(position).ok().map(RecordId)
    }

    /// The path's text, for messages.
    pub fn path(&self, id: FactId) -> &str {
        self.fact(id).map_or("", |fact| &fact.path)
    }
}
