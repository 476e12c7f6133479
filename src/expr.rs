//! Typed expressions over facts: checked against a bundle's schema once, evaluated natively ever after.
//!
//! The line: text → [`syntax`] (by the script module) → [`check`] → [`typed`] → [`eval`]. Knows nothing of policies,
//! files or scripts' insides; reads no clock.

pub mod check;
pub mod eval;
pub mod inspect;
mod mentions;
pub mod problem;
pub mod syntax;
pub mod typed;
