//! The edge from the outside: a real server, a real gRPC client, raw HTTP.

mod answers;
mod bad_input;
mod bundle;
mod certificates;
mod frames;
mod grants;
mod hostile;
mod lines;
mod many;
mod metrics;
mod overload;
mod papers;
mod places;
mod policies;
mod protocols;
mod server;
mod stopping;
#[path = "../support/mod.rs"]
mod support;
mod tokens;
mod traces;
