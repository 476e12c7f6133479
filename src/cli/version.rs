//! `redress version`: which program this is, and which policies it brings along.

use redress::{both, embedded, source};

use super::Exit;
use super::terminal::Terminal;

/// Print the program's version and the digest of the policies built into it
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_: &Args, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let version = env!("CARGO_PKG_VERSION");
    let digest = source::digest(&embedded::policies());
    let text = both!("redress {version}\n内置规则 {digest}", "redress {version}\nbuilt-in policies {digest}");
    terminal.say(text.get(terminal.language()))?;
    Ok(Exit::Well)
}
