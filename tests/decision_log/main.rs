//! The decision log from the outside: the real program, its log on a disk, and whoever tampers with it.

mod grants;
mod keeping;
mod killed;
mod server;
mod tampering;

use std::process::{Command, Output};

fn redress(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(arguments).env("LANG", "en_US.UTF-8");
    for name in ["LC_ALL", "LC_MESSAGES", "RUST_LOG"] {
        command.env_remove(name);
    }
    command
}

fn run(arguments: &[&str]) -> Output {
    redress(arguments).output().unwrap()
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn notes(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// What `redress log` says, and how it ends.
fn log(arguments: &[&str]) -> (Option<i32>, String) {
    let output = run(&[&["log"], arguments].concat());
    (output.status.code(), out(&output).to_owned())
}
