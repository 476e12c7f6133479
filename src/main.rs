//! The `redress` command. All it does is in `cli`.

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
        reason = "what goes wrong is told, with an exit code; what is printed goes through one terminal"
    )
)]

mod cli;

/// Less CPU for each request than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::main()
}
