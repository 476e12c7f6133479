//! `redress log replay`: gives answers again from their records, and compares the bytes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use redress::journal::reading::Log;
use redress::policy::{self, Bundle};
use redress::rpc::recording::{Replayed, replay};
use redress::{both, disk};

use super::query::{self, Filter};
use crate::cli::Exit;
use crate::cli::terminal::Terminal;

/// Differences that are shown whole.
const SHOWN_MAX: usize = 10;

/// Give answers again from their records: 重现答复
///
/// Each answer is given again by the policies that gave it, kept beside the log, and has to be the same byte for byte.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory of the log
    log: PathBuf,

    /// Directory of policies to use where they are those that an answer names
    #[arg(long, value_name = "DIR")]
    policies: Vec<PathBuf>,

    #[command(flatten)]
    filter: Filter,
}

/// Bundles by their digest; `None` for one that is nowhere.
struct Bundles {
    log: Log,
    known: BTreeMap<String, Option<Bundle>>,
}

pub fn run(args: &Args, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let mut bundles = Bundles { log: super::open(&args.log)?, known: BTreeMap::new() };
    for directory in &args.policies {
        match disk::load(directory) {
            Ok(bundle) => {
                bundles.known.insert(bundle.digest().to_owned(), Some(bundle));
            }
            Err(rejected) => {
                terminal.draw(&rejected.problems, &rejected.sources)?;
                return Ok(Exit::Wrong);
            }
        }
    }
    let language = terminal.language();
    let (mut same, mut others, mut failed) = (0_u64, 0_u64, None);
    query::every(&args.log, &args.filter, |place, answer, _| {
        let said = match bundles.of(&answer.bundle).map(|bundle| replay(bundle, &answer)) {
            Some(Replayed::Same) => {
                same = same.saturating_add(1);
                return true;
            }
            None => {
                let digest = &answer.bundle;
                both!(
                    "规则包 {digest} 没有保存在日志旁边，也不是给出的目录",
                    "the bundle {digest} is neither kept beside the log nor in a directory named"
                )
            }
            Some(Replayed::Unanswered(why)) => both!("现在没有答复：{why}", "there is no answer now: {why}"),
            Some(Replayed::Differs { now, recorded }) => {
                let (now, recorded) = differing(&now, &recorded);
                both!("答复不同。记录：{recorded}；现在：{now}", "the answer differs. recorded: {recorded}; now: {now}")
            }
        };
        others = others.saturating_add(1);
        if others <= SHOWN_MAX as u64 {
            let line = format!("{}:{}: {}: {}", place.segment, place.line, answer.id, said.get(language));
            failed = terminal.say(&line).err();
        }
        failed.is_none()
    })?;
    if let Some(failed) = failed {
        return Err(failed.into());
    }
    let said = both!(
        "{same} 条答复逐字节重现，{others} 条不能",
        "{same} answers were given again byte for byte, {others} were not"
    );
    terminal.say(said.get(language))?;
    Ok(if others == 0 { Exit::Well } else { Exit::Wrong })
}

impl Bundles {
    fn of(&mut self, digest: &str) -> Option<&Bundle> {
        let log = &self.log;
        let load = || {
            let bundle = policy::load(log.bundle(digest)?).ok()?;
            (bundle.digest() == digest).then_some(bundle)
        };
        self.known.entry(digest.to_owned()).or_insert_with(load).as_ref()
    }
}

/// The first line in which two answers differ.
fn differing<'t>(now: &'t str, recorded: &'t str) -> (&'t str, &'t str) {
    let mut lines = now.lines().zip(recorded.lines());
    lines
        .find(|(now, recorded)| now != recorded)
        .map_or((now, recorded), |(now, recorded)| (now.trim(), recorded.trim()))
}
