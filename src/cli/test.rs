//! `redress test`: do the policies answer as their suites say.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use redress::both;
use redress::diagnostic::render;
use redress::disk::Unreadable;
use redress::policy::{self, Rejected};
use redress::suite::{self, Options, Report, Status, Suites, report};
use serde_json::{Value, json};

use super::origin::Origin;
use super::terminal::Terminal;
use super::{EXIT_CODES, Exit};

/// How many columns a line may take.
const WIDTH: usize = 80;

const EXAMPLES: &str = "\
Examples:
  redress test policies
  redress test policies --filter 补偿 --all      名称里有“补偿”的测试
  redress test policies --coverage
  redress test policies --junit report.xml --json | jq .failed
";

/// Run the policy tests: 运行规则测试
///
/// Runs the suites (`*_test.yaml`) beside the policies. A suite that is misspelt anywhere is refused before it runs,
/// and a run of no tests is a failure.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub struct Args {
    /// Directory of the policies and their suites [default: those built into the program]
    dir: Option<PathBuf>,

    /// Only tests with this in their name, their suite's name or their file's path; may be repeated
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,

    /// Name the tests that passed, too
    #[arg(long)]
    all: bool,

    /// Say which rules and conditions the tests have shown, and which not
    #[arg(long)]
    coverage: bool,

    /// Print one JSON object
    #[arg(long)]
    json: bool,

    #[arg(long, value_name = "FILE", help = "Write JUnit's XML to a file, for CI")]
    junit: Option<PathBuf>,
}

pub fn run(args: &Args, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let (bundle, suites) = match load(args.dir.as_deref()) {
        Ok(loaded) => loaded,
        Err(rejected) => return refused(args, &rejected, terminal),
    };
    let options = Options { filters: args.filter.clone(), coverage: args.coverage };
    let report = suite::run(&suites, &bundle, &options);
    if let Some(path) = &args.junit {
        let document = report::junit(&report)?;
        std::fs::write(path, document).with_context(|| format!("`{}` can't be written", path.display()))?;
    }
    if args.json {
        terminal.say(&serde_json::to_string_pretty(&report::json(&report, &suites.sources))?)?;
    } else {
        draw(args, &report, &suites, terminal)?;
    }
    Ok(match report.status() {
        Status::Passed => Exit::Well,
        Status::Failed | Status::Empty => Exit::Wrong,
    })
}

fn load(dir: Option<&Path>) -> Result<(policy::Bundle, Suites), Box<Rejected>> {
    let files = Origin::of(dir).files().map_err(Unreadable::into_rejected)?.files;
    let (suites, policies): (Vec<_>, Vec<_>) = files.into_iter().partition(|(path, _)| policy::is_suite(path));
    let bundle = policy::load(policies)?;
    let suites = suite::load(&bundle, suites)?;
    Ok((bundle, suites))
}

fn draw(args: &Args, report: &Report, suites: &Suites, terminal: &mut Terminal) -> anyhow::Result<()> {
    let look = report::Look { language: terminal.language(), width: WIDTH, colour: true, all: args.all };
    terminal.write(report::tree(report, &suites.sources, look).as_bytes())?;
    Ok(())
}

/// Nothing ran: the policies or their suites are not right.
fn refused(args: &Args, rejected: &Rejected, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let Rejected { sources, problems } = rejected;
    if args.json {
        let mut object = json!({ "status": "broken" });
        if let (Value::Object(object), Value::Object(problems)) = (&mut object, render::json(problems, sources)) {
            object.extend(problems);
        }
        terminal.say(&serde_json::to_string_pretty(&object)?)?;
    } else {
        terminal.draw(problems, sources)?;
        let count = render::summary(problems, terminal.language());
        terminal.say(both!("{count}，没有运行测试", "{count}; no test was run").get(terminal.language()))?;
    }
    Ok(Exit::Wrong)
}
