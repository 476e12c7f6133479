//! The one module that knows Rhai. It reads conditions with Rhai's parser and hands them on as our own
//! [`Syntax`](crate::expr::syntax::Syntax), and it compiles and runs the functions of `.rhai` files in a sandbox.
//!
//! It knows no facts and no policies: what a name in a condition means is decided by `expr`. Nothing of Rhai's types
//! leaves this module.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "Rhai's enumerations are not exhaustive: a wildcard refuses the rest"
)]

mod expression;
mod lexemes;
mod parse_error;
mod refusal;
mod room;
mod translation;

pub use expression::{ExpressionProblem, MAX_CHARACTERS, MAX_DEPTH, parse_expression};
