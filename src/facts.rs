//! Facts: what a front end may say of a case, and what follows from it.

pub mod catalogue;
pub mod schema;

pub use catalogue::{BUILT_IN, BuiltIn, ENUMS, Members, RECORDS, StaticType, id};
pub use schema::{EnumId, EnumType, Fact, Field, Member, Origin, RecordId, RecordType, Schema, SymbolSet, Type};

/// A fact, by its position in the [`Schema`]; the built-in ones come first, in the order of [`BUILT_IN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactId(pub u16);
