//! Typed expressions over facts: checked against a bundle's schema once, evaluated natively ever after.
//!
//! The line: text → [`syntax`] (by the script module) → [`check`] → [`typed`] → [`eval`]. Knows nothing of policies,
//! files or scripts' insides; reads no clock.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what an operator or function is not made for is refused by the checker and unknown to the evaluator, \
              whatever types and terms there will be"
)]

pub mod check;
pub mod eval;
pub mod index;
pub mod inspect;
mod mentions;
pub mod problem;
pub mod syntax;
pub mod typed;
