//! The edge to the wire: messages in, messages out. Owns the generated types, which go no further than this module.
//!
//! Decides nothing: what a case comes to is the core's.

pub mod proto;
