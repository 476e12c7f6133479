//! Facts: what a front end may say of a case, and what follows from it.

pub mod schema;

pub use schema::{EnumId, EnumType, Fact, Field, Member, Origin, RecordId, RecordType, Schema, SymbolSet, Type};

/// A fact, by its position in the [`Schema`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactId(pub u16);
