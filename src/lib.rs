//! Redress: the policy decision service for after-sales desks.

pub mod clock;
pub mod diagnostic;
pub mod expr;
pub mod script;
pub mod text;
pub mod value;
