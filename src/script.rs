//! The one module that knows Rhai. It reads conditions with Rhai's parser and hands them on as our own
//! [`Syntax`](crate::expr::syntax::Syntax), and it compiles and runs the functions of `.rhai` files in a sandbox.
//!
//! It knows no facts and no policies: what a name in a condition means is decided by `expr`. Nothing of Rhai's types
//! leaves this module.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "Rhai's enumerations are not exhaustive: a wildcard refuses the rest"
)]

mod compilation;
mod declaration;
mod expression;
mod failure;
mod functions;
mod inspection;
mod lexemes;
mod library;
mod operators;
mod parse_error;
mod reference;
mod refusal;
mod room;
mod sandbox;
mod signature;
mod translation;
mod values;

pub use compilation::MAX_FILE;
pub use expression::{ExpressionProblem, MAX_CHARACTERS, MAX_DEPTH, parse_expression};
pub use failure::ScriptFailure;
pub use library::Library;
pub use reference::evaluate_reference;
pub use sandbox::{MAX_ITEMS, MAX_STEPS, MAX_TEXT, TIME_LIMIT};
pub use signature::{ScriptType, Signature};

/// Longer names than this are nobody's slip, and comparing them costs.
const NAME_LENGTH_MAX: usize = 64;

/// The candidate that `name` is most likely a slip of, if any is near enough.
fn nearest<'c>(name: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let slips = |candidate: &str| strsim::osa_distance(name, candidate);
    let length = name.chars().count();
    if length > NAME_LENGTH_MAX {
        return None;
    }
    let most = (length / 3).max(1).min(length.saturating_sub(1));
    let alike = candidates.filter(|candidate| candidate.chars().count().abs_diff(length) <= most);
    let near = alike.map(|candidate| (slips(candidate), candidate)).filter(|(slips, _)| *slips <= most);
    near.min_by_key(|(slips, _)| *slips).map(|(_, candidate)| candidate)
}
