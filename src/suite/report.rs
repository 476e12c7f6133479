//! Reports of a run: for people as a tree, for programs as JSON, for CI as `JUnit`. Draws, and decides nothing.

mod json;
mod junit;
mod tree;

pub use json::json;
pub use junit::junit;
pub use tree::{Look, tree};
