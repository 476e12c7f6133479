//! The edge to the wire: messages in, messages out. Owns the generated types, which go no further than this module.
//!
//! Decides nothing: what a case comes to is the core's.
//!
//! `wire → from_proto → Case → decide → Decision → to_proto → wire`

pub mod codec;
pub mod from_proto;
pub mod proto;
pub mod violation;
