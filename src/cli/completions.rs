//! `redress completions`: what a shell needs to complete commands.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::terminal::Terminal;
use super::{Cli, Exit};

/// Print the completion script of a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  redress completions bash > /etc/bash_completion.d/redress")]
pub struct Args {
    shell: Shell,
}

pub fn run(args: &Args, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "redress", &mut script);
    terminal.write(&script)?;
    Ok(Exit::Well)
}
