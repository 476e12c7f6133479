//! What a line of the catalogue holds.

/// The type of a built-in fact. Enumerations and records go by name, as a bundle completes some of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StaticType {
    Bool,
    /// How many of something: a whole number.
    Count,
    /// A rate, a score.
    Number,
    Money,
    Text,
    /// A point in time.
    Instant,
    /// A day in the bundle's zone.
    Date,
    Duration,
    /// A member of the enumeration of this name in [`ENUMS`](super::ENUMS).
    Enum(&'static str),
    /// A record of this name in [`RECORDS`](super::RECORDS).
    Record(&'static str),
    List(&'static StaticType),
    /// A map from texts.
    Map(&'static StaticType),
}

/// A fact that every bundle knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// How expressions and violations spell it: `order.amount`.
    pub path: &'static str,
    pub ty: StaticType,
    /// What it is called in Chinese.
    pub zh: &'static str,
    /// What it is called in English.
    pub en: &'static str,
}

/// An enumeration that built-in facts use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaticEnum {
    pub name: &'static str,
    /// What it is called in Chinese.
    pub zh: &'static str,
    /// What it is called in English.
    pub en: &'static str,
    pub members: Members,
}

/// Who says which members an enumeration has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Members {
    /// We do, for good.
    Fixed(&'static [StaticMember]),
    /// The bundle does; dots lead from the general to the special where `hierarchical`.
    Vocabulary { hierarchical: bool },
}

/// A member of a fixed enumeration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaticMember {
    /// How expressions spell it: `refund_only`.
    pub name: &'static str,
    /// What it is called in Chinese.
    pub zh: &'static str,
    /// What it is called in English.
    pub en: &'static str,
}

/// A record that lists of built-in facts are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaticRecord {
    pub name: &'static str,
    /// What it is called in Chinese.
    pub zh: &'static str,
    /// What it is called in English.
    pub en: &'static str,
    pub fields: &'static [StaticField],
}

/// A field of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaticField {
    pub name: &'static str,
    pub ty: StaticType,
    /// What it is called in Chinese.
    pub zh: &'static str,
    /// What it is called in English.
    pub en: &'static str,
}
