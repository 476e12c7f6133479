//! The edge to the wire: messages in, messages out. Owns the generated types, which go no further than this module.
//!
//! Decides nothing: what a case comes to is the core's.
//!
//! `wire → from_proto → Case → decide → Decision → to_proto → wire`

pub mod admission;
pub mod caller;
pub mod codec;
pub mod decision_id;
pub mod decision_service;
pub mod from_proto;
mod granting;
pub mod policy_service;
pub mod proto;
pub mod recording;
pub mod tally;
pub mod to_proto;
pub mod trail;
pub mod violation;
mod withholding;
