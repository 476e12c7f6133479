//! `redress log`: reads the decision log, finds what was tampered with, and gives answers again from it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use redress::both;
use redress::journal::reading::{self, Log};
use redress::signing::{self, PublicKey};
use redress::text::Bilingual;

use super::key_file::{Readable, write_new};
use super::terminal::Terminal;
use super::{EXIT_CODES, Exit};

mod query;
mod replay;

const EXAMPLES: &str = "\
Examples:
  redress log verify /var/log/redress
  redress log verify /var/log/redress --checkpoints /mnt/audit --key log.pub
  redress log query /var/log/redress --order T1 --effect ALLOW
  redress log query /var/log/redress --rule authority.compensation --json
  redress log replay /var/log/redress     每条答复都能重现吗？
  redress log key log.key                 also writes log.key.pub
";

/// Read and check the decision log: 查询、核对决策日志
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"), arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Verify(VerifyArgs),
    Query(query::Args),
    Replay(replay::Args),
    Key(KeyArgs),
}

/// Find changed, deleted, swapped, forked and cut entries: 核对日志
#[derive(Debug, clap::Args)]
struct VerifyArgs {
    /// Directory of the log
    log: PathBuf,

    /// Directory or file of checkpoints: only they show that the end was cut off, or all of it written anew
    #[arg(long, value_name = "PATH", requires = "key")]
    checkpoints: Option<PathBuf>,

    /// Public key of the checkpoints, PEM
    #[arg(long, value_name = "FILE", requires = "checkpoints")]
    key: Option<PathBuf>,
}

/// Make a pair of keys for checkpoints: 生成签名密钥
#[derive(Debug, clap::Args)]
struct KeyArgs {
    /// File for the private key; the public one goes beside it, as `FILE.pub`
    file: PathBuf,
}

pub fn run(args: &Args, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    match &args.command {
        Command::Verify(args) => verify(args, terminal),
        Command::Query(args) => query::run(args, terminal),
        Command::Replay(args) => replay::run(args, terminal),
        Command::Key(args) => key(args, terminal),
    }
}

fn open(directory: &Path) -> anyhow::Result<Log> {
    Log::open(directory).with_context(|| format!("can't read `{}`", directory.display()))
}

fn verify(args: &VerifyArgs, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let log = open(&args.log)?;
    let (mut checkpoints, mut key) = (Vec::new(), None);
    if let (Some(path), Some(file)) = (&args.checkpoints, &args.key) {
        checkpoints = reading::checkpoints(path).with_context(|| format!("can't read `{}`", path.display()))?;
        let text = std::fs::read_to_string(file).with_context(|| format!("can't read `{}`", file.display()))?;
        let public = PublicKey::from_pem(&text);
        key = Some(public.with_context(|| format!("`{}` holds no Ed25519 public key in PEM", file.display()))?);
    }
    let report = log.verify(&checkpoints, key.as_ref())?;
    let language = terminal.language();
    for finding in &report.findings {
        let (file, line) = (&finding.segment, finding.line);
        terminal.say(&format!("{file}:{line}: {}", finding.said.get(language)))?;
    }
    for note in &report.notes {
        terminal.say(note.get(language))?;
    }
    let (segments, entries, answers) = (report.segments, report.entries, report.answers);
    let (vouched, flaws) = (report.checkpoints, report.findings.len());
    terminal.say(
        both!(
            "{segments} 段，{entries} 条记录，{answers} 条答复，{vouched} 个检查点相符",
            "{segments} segments, {entries} entries, {answers} answers, {vouched} checkpoints borne out"
        )
        .get(language),
    )?;
    if flaws > 0 {
        terminal.say(both!("发现 {flaws} 处问题", "{flaws} flaws found").get(language))?;
        return Ok(Exit::Wrong);
    }
    let said = if checkpoints.is_empty() {
        both!(
            "没有发现问题；没有检查点，看不出末尾是否被截掉",
            "no flaw found; without checkpoints nobody can tell whether the end was cut off"
        )
    } else {
        both!("没有发现问题", "no flaw found")
    };
    terminal.say(said.get(language))?;
    Ok(Exit::Well)
}

fn key(args: &KeyArgs, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let (private, public) = signing::generate().context("the system has no random numbers")?;
    let beside = PathBuf::from(format!("{}.pub", args.file.display()));
    write_new(&args.file, &private, Readable::Owner)?;
    write_new(&beside, &public, Readable::Anyone)?;
    let (private, public) = (args.file.display(), beside.display());
    let said: Bilingual = both!(
        "私钥在 `{private}`，交给服务；公钥在 `{public}`，交给审计",
        "the private key is in `{private}`, for the service; the public one in `{public}`, for the auditor"
    );
    terminal.say(said.get(terminal.language()))?;
    Ok(Exit::Well)
}
