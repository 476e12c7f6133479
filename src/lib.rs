//! Redress: the policy decision service for after-sales desks.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects,
        clippy::float_cmp,
        clippy::exit,
        clippy::print_stdout,
        clippy::print_stderr,
        clippy::iter_over_hash_type,
        clippy::wildcard_enum_match_arm,
        clippy::disallowed_methods,
        reason = "what decides about money does not stop in the middle, answers the same question with the same bytes, and takes \
                  its time from one place"
    )
)]
#![cfg_attr(test, allow(clippy::too_many_lines, reason = "a table of cases is as long as it is"))]

pub mod business_rules;
pub mod calendar;
pub mod clock;
pub mod decide;
pub mod diagnostic;
pub mod disk;
pub mod embedded;
pub mod expr;
pub mod facts;
pub mod grant;
pub mod journal;
pub mod live;
pub mod plain;
pub mod policy;
pub mod record;
pub mod reload;
pub mod rpc;
pub mod script;
pub mod serve;
pub mod signing;
pub mod source;
pub mod suite;
pub mod text;
pub mod value;
pub mod view;
