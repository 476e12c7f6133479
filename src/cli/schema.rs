//! `redress schema`: the JSON Schemas that let an editor check and complete policy files.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::builder::PossibleValue;
use redress::policy::files::Kind;
use redress::policy::schemas;
use redress::{both, disk, suite};
use serde_json::Value;

use super::Exit;
use super::terminal::Terminal;

/// Print the JSON Schema of policy files, for editors: 规则格式
///
/// A shipped policy names its schema in its first line, relative to itself; editors with a YAML language server follow
/// it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  redress schema authority
  redress schema --out policies/.schema      all of them, one file each")]
pub struct Args {
    /// `policy` for a policy of any kind, `suite` for tests, or one kind
    #[arg(value_enum)]
    of: Option<Of>,

    /// Write to a directory instead; without a kind, all of them
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// What a schema is of.
#[derive(Debug, Clone, Copy)]
enum Of {
    Policy,
    Suite,
    Kind(Kind),
}

impl Of {
    fn all() -> impl Iterator<Item = Self> {
        [Self::Policy, Self::Suite].into_iter().chain(Kind::ALL.iter().copied().map(Self::Kind))
    }

    fn word(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Suite => "suite",
            Self::Kind(kind) => kind.word(),
        }
    }

    fn schema(self) -> Value {
        match self {
            Self::Policy => schemas::any(),
            Self::Suite => suite::file::schema(),
            Self::Kind(kind) => schemas::of(kind),
        }
    }

    fn text(self) -> anyhow::Result<String> {
        Ok(format!("{}\n", serde_json::to_string_pretty(&self.schema())?))
    }
}

impl clap::ValueEnum for Of {
    fn value_variants<'a>() -> &'a [Self] {
        static VARIANTS: std::sync::LazyLock<Vec<Of>> = std::sync::LazyLock::new(|| Of::all().collect());
        &VARIANTS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.word()))
    }
}

pub fn run(args: &Args, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let Some(dir) = &args.out else {
        terminal.write(args.of.unwrap_or(Of::Policy).text()?.as_bytes())?;
        return Ok(Exit::Well);
    };
    let wanted: Vec<Of> = args.of.map_or_else(|| Of::all().collect(), |of| vec![of]);
    let mut files = Vec::new();
    for of in wanted {
        files.push((format!("{}.json", of.word()), of.text()?));
    }
    let written = disk::write(dir, files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())));
    let dir = dir.display();
    written.with_context(|| format!("can't write to `{dir}`"))?;
    let count = files.len();
    terminal.praise(&both!("已在 `{dir}` 写入 {count} 个文件", "wrote {count} files to `{dir}`"))?;
    Ok(Exit::Well)
}
