//! Policies: from the trees of their sources to rules that can be asked.
//!
//! Reads no files and decides nothing. The line: sources → trees → [`decode`]d records → checked and compiled
//! → [`bundle`]. Each stage reports all of its problems before the next is refused.

pub mod bundle;
pub mod decode;
pub mod files;
pub mod index;
pub mod rules;

pub use bundle::Bundle;
