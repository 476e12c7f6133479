//! Policies: from the trees of their sources to rules that can be asked.
//!
//! Reads no files and decides nothing. The line: sources → trees → [`decode`]d [`files`] → checked and compiled
//! → [`bundle`]. Every problem of every file is reported at once, and only a set without errors becomes a [`Bundle`].

pub mod bundle;
pub mod compile;
pub mod decode;
pub mod files;
mod hidden;
mod listing;
mod load;
mod manifest;
mod names;
mod overlay;
pub mod rules;
pub mod schemas;
mod texts;
mod variant;

pub use bundle::Bundle;
pub use load::{Rejected, is_source, is_suite, load};
