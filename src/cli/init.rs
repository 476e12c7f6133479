//! `redress init`: a directory of policies to start from.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use redress::{both, disk, embedded};

use super::Exit;
use super::terminal::Terminal;

/// Write the shipped policies to a directory: 生成初始规则
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  redress init policies && redress check policies")]
pub struct Args {
    /// Directory to write to; it must be empty or not there yet
    dir: PathBuf,
}

pub fn run(args: &Args, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let dir = args.dir.display();
    // What somebody has written there is not ours to overwrite.
    if fs::read_dir(&args.dir).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("`{dir}` is not empty; name a new directory");
    }
    let files = embedded::everything();
    let written = disk::write(&args.dir, files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())));
    written.with_context(|| format!("can't write to `{dir}`"))?;
    let count = files.len();
    terminal.praise(&both!("已在 `{dir}` 写入 {count} 个文件", "wrote {count} files to `{dir}`"))?;
    terminal.note(&both!(
        "下一步：修改后运行 `redress check {dir}`，再运行 `redress serve --policies {dir}`",
        "next: edit them, run `redress check {dir}`, then `redress serve --policies {dir}`"
    ))?;
    Ok(Exit::Well)
}
