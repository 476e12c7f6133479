//! Redress: the policy decision service for after-sales desks.

pub mod calendar;
pub mod clock;
pub mod decide;
pub mod diagnostic;
pub mod disk;
pub mod embedded;
pub mod expr;
pub mod facts;
pub mod live;
pub mod plain;
pub mod policy;
pub mod reload;
pub mod rpc;
pub mod script;
pub mod serve;
pub mod source;
pub mod suite;
pub mod text;
pub mod value;
pub mod view;
