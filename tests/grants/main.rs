//! Grants from the outside: the real program signs them for a real client, and checks them as a system that pays does.

mod pages;
mod replays;
mod server;

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// The program, in a language.
fn redress(language: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(arguments).env_clear().env("LANG", language).stdin(Stdio::null());
    command
}

/// Runs it to its end, with something to read.
fn run(language: &str, arguments: &[&str], read: &str) -> Output {
    let mut command = redress(language, arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Whoever refuses the arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(read.as_bytes());
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> &str {
    str::from_utf8(&output.stdout).unwrap()
}

fn notes(output: &Output) -> &str {
    str::from_utf8(&output.stderr).unwrap()
}
