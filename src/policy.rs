//! Policies: from the sources of a bundle to rules that can be asked.

pub mod bundle;
pub mod index;
pub mod rules;
