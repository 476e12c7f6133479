//! The `redress` command. All it does is in `cli`.

mod cli;

/// Less CPU for each request than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::main()
}
