//! Typed expressions over facts.

pub mod syntax;
