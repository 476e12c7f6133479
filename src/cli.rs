//! The command line: what can be asked of the program, what it prints, and how it ends.
//!
//! The only place that prints, and with `disk` the only one that touches files. It decides nothing: it calls the
//! library and shows what comes back.

use std::io;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use terminal::{Colour, Terminal};

mod caller;
mod check;
mod completions;
mod decide;
mod grant;
mod healthcheck;
mod init;
mod key_file;
mod log;
mod origin;
mod rules;
mod schema;
mod serve;
mod terminal;
mod test;
mod version;

const EXIT_CODES: &str = "\
Exit codes:
  0  it is well
  1  policies are refused, or tests fail
  2  the command is not understood
  3  it could not be done: a file can't be written, a port is taken";

const EXAMPLES: &str = "\
Examples:
  redress init policies               a directory of policies to start from
  redress check policies              检查规则: is every file right?
  redress test policies               测试规则: do they answer as they should?
  redress decide case.yaml            能做什么: what may we do?
  redress serve --policies policies   启动服务: and follow every change
";

/// Decides what an after-sales desk may do for a customer, who may do it, how much, by when, and why.
///
/// 售后规则决策服务：能做什么、谁可以做、做到多少、何时截止。
///
/// The rules are YAML files that take effect without a restart.
#[derive(Debug, Parser)]
#[command(name = "redress", version, max_term_width = 80, disable_help_subcommand = true, subcommand_required = true)]
#[command(arg_required_else_help = true, after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// When to print in colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, global = true, display_order = 100)]
    color: Colour,

    /// Language of what is printed: zh-CN or en [default: from LANG]
    #[arg(long, value_name = "TAG", global = true, display_order = 101)]
    locale: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(Box<serve::Args>),
    Check(check::Args),
    Test(test::Args),
    Rules(rules::Args),
    Decide(decide::Args),
    Authorize(decide::AuthorizeArgs),
    Schema(schema::Args),
    Init(init::Args),
    Healthcheck(healthcheck::Args),
    Log(log::Args),
    Grant(grant::Args),
    Completions(completions::Args),
    Version(version::Args),
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    Well,
    /// Policies or tests are not right.
    Wrong,
    /// The command is not understood.
    Usage,
    /// It could not be done.
    Failed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Well => 0,
            Exit::Wrong => 1,
            Exit::Usage => 2,
            Exit::Failed => 3,
        })
    }
}

/// Runs the program on the arguments it was started with.
pub fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => run(&cli).into(),
        Err(refused) => {
            let exit = if refused.use_stderr() { Exit::Usage } else { Exit::Well };
            // Nothing is left to say it to.
            let _ = refused.print();
            exit.into()
        }
    }
}

fn run(cli: &Cli) -> Exit {
    let mut terminal = Terminal::new(cli.color, cli.locale.as_deref());
    let ended = match &cli.command {
        Command::Serve(args) => serve::run(args, &mut terminal),
        Command::Check(args) => check::run(args, &mut terminal),
        Command::Test(args) => test::run(args, &mut terminal),
        Command::Rules(args) => rules::run(args, &mut terminal),
        Command::Decide(args) => decide::run(args, &mut terminal),
        Command::Authorize(args) => decide::authorize(args, &mut terminal),
        Command::Schema(args) => schema::run(args, &mut terminal),
        Command::Init(args) => init::run(args, &mut terminal),
        Command::Healthcheck(args) => healthcheck::run(args, &mut terminal),
        Command::Log(args) => log::run(args, &mut terminal),
        Command::Grant(args) => grant::run(args, &mut terminal),
        Command::Completions(args) => completions::run(args, &mut terminal),
        Command::Version(args) => version::run(args, &mut terminal),
    };
    match ended {
        Ok(exit) => exit,
        // Whoever read the output has seen enough of it: `redress schema | head`.
        Err(error) if is_closed_pipe(&error) => Exit::Well,
        Err(error) => {
            terminal.failed(&error);
            Exit::Failed
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let kinds = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    kinds.into_iter().any(|kind| kind == io::ErrorKind::BrokenPipe)
}
