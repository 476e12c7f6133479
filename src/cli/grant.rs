//! `redress grant`: the keys that sign grants, and the check that a system makes before it pays on one.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use redress::grant::Keys;
use redress::{both, disk, signing};

use super::Exit;
use super::key_file::{Readable, write_new};
use super::terminal::Terminal;

mod verify;

/// How large a file of keys may be.
const FILE_BYTES_MAX: usize = 1 << 20;

const EXAMPLES: &str = "\
Examples:
  redress grant key --new grants.key > grants.jwks.json    新密钥
  redress grant key grants.key                             公钥集
  redress grant verify --jwks grants.jwks.json --case C-1 --case-version 7 \\
    --action compensate --amount 300.00 --currency CNY --actor a17 \\
    --any-bundle - < token                                 能付吗？
";

const EXIT_CODES: &str = "\
Exit codes:
  0  it is well: the grant holds for what is to be done
  1  the grant is refused
  2  the command is not understood
  3  it could not be done: the keys can't be read";

/// Check grants before paying on them: 核对许可
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"), arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Verify(Box<verify::Args>),
    Key(KeyArgs),
}

/// Print the public keys of a file of keys, as a JSON Web Key Set: 公钥集
///
/// They are what the service shows at `/.well-known/jwks.json`.
#[derive(Debug, clap::Args)]
struct KeyArgs {
    /// File of the keys, as `redress serve --grant-key` is given
    file: PathBuf,

    /// Make the file first, with a new key
    #[arg(long)]
    new: bool,
}

pub fn run(args: &Args, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    match &args.command {
        Command::Verify(args) => verify::run(args, terminal),
        Command::Key(args) => key(args, terminal),
    }
}

fn key(args: &KeyArgs, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let path = args.file.display();
    if args.new {
        let (private, _) = signing::generate().context("the system has no random numbers")?;
        write_new(&args.file, &private, Readable::Owner)?;
        terminal.note(&both!(
            "私钥在 `{path}`，交给服务；下面是公钥，交给付款的系统",
            "the private key is in `{path}`, for the service; the public ones, for the system that pays, follow"
        ))?;
    }
    let text = String::from_utf8(read(&args.file)?).map_err(|_| anyhow!("`{path}` is no text"))?;
    let keys = Keys::read(&text).map_err(|fault| anyhow!("`{path}` {fault}"))?;
    terminal.write(keys.written().as_bytes())?;
    Ok(Exit::Well)
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    disk::file(file, FILE_BYTES_MAX).map_err(|reason| anyhow!("`{}` {}", file.display(), reason.en))
}
