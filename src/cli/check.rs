//! `redress check`: is every policy right, and if not, what is wrong where.

use std::path::PathBuf;

use redress::both;
use redress::diagnostic::Diagnostic;
use redress::diagnostic::render;
use redress::policy::{self, Bundle};
use redress::source::Sources;
use redress::text::Bilingual;
use serde_json::{Value, json};

use super::origin::Origin;
use super::terminal::Terminal;
use super::{EXIT_CODES, Exit};

const EXAMPLES: &str = "\
Examples:
  redress check policies
  redress check policies --short --locale zh-CN     一行一个问题
  redress check policies --json | jq .diagnostics
";

/// Check policies: 检查规则
///
/// Reads every file, reports every problem with its place and how to mend it, and says what was loaded. Nothing is put
/// to use.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub struct Args {
    /// Directory of the policies [default: those built into the program]
    dir: Option<PathBuf>,

    /// Print one JSON object, in both languages
    #[arg(long)]
    json: bool,

    /// Print one line a problem: `file:line:column: error[E0102]: …`
    #[arg(long, conflicts_with = "json")]
    short: bool,
}

pub fn run(args: &Args, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let origin = Origin::of(args.dir.as_deref());
    let (loaded, others, refused) = match origin.files() {
        Ok(files) => (policy::load(files.files), files.others, Exit::Wrong),
        Err(unreadable) => (Err(unreadable.into_rejected()), Vec::new(), Exit::Failed),
    };
    let (problems, sources) = match &loaded {
        Ok(bundle) => (bundle.warnings(), bundle.sources()),
        Err(rejected) => (rejected.problems.as_slice(), &rejected.sources),
    };
    let bundle = loaded.as_ref().ok();
    if args.json {
        terminal.say(&serde_json::to_string_pretty(&report(bundle, problems, sources, &others))?)?;
    } else {
        if args.short {
            terminal.write(render::short(problems, sources, terminal.language()).as_bytes())?;
        } else {
            terminal.draw(problems, sources)?;
            if !problems.is_empty() {
                terminal.say("")?;
            }
        }
        left_alone(&others, terminal)?;
        summary(bundle, problems, origin, terminal)?;
    }
    Ok(if bundle.is_some() { Exit::Well } else { refused })
}

/// The last lines: what was loaded, or that nothing was.
fn summary(
    bundle: Option<&Bundle>,
    problems: &[Diagnostic],
    origin: Origin<'_>,
    terminal: &mut Terminal,
) -> anyhow::Result<()> {
    let count = render::summary(problems, terminal.language());
    let Bilingual { zh, en } = origin.name();
    let Some(bundle) = bundle else {
        let message = both!("{zh}：{count}，规则没有加载", "{en}: {count}; nothing was loaded");
        terminal.say(message.get(terminal.language()))?;
        return Ok(());
    };
    let Counts { policies, rules, overlays } = Counts::of(bundle);
    let digest = bundle.digest();
    let said = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let en_policies = said(policies, "policy", "policies");
    let (en_rules, en_overlays) = (said(rules, "rule", "rules"), said(overlays, "overlay", "overlays"));
    terminal.praise(&Bilingual::new(
        format!("{zh}：已加载 {policies} 份规则、{rules} 条、{overlays} 个店铺或平台的专用版本；{count}"),
        format!("{en}: loaded {en_policies}, {en_rules}, {en_overlays}; {count}"),
    ))?;
    terminal.say(digest)?;
    Ok(())
}

/// Files that look as if they were meant to be policies, and are not read as such.
fn left_alone(others: &[String], terminal: &mut Terminal) -> anyhow::Result<()> {
    for path in others {
        terminal.note(&both!(
            "没有读取 `{path}`：规则文件以 .yaml 或 .rhai 结尾",
            "not read: `{path}` (policies end in .yaml or .rhai)"
        ))?;
    }
    Ok(())
}

struct Counts {
    policies: usize,
    rules: usize,
    overlays: usize,
}

impl Counts {
    fn of(bundle: &Bundle) -> Self {
        let policies = bundle.policies();
        let mut overlays: Vec<&str> = policies.iter().map(|policy| &*policy.overlay).collect();
        overlays.retain(|overlay| !overlay.is_empty());
        overlays.sort_unstable();
        overlays.dedup();
        Self {
            policies: policies.len(),
            rules: policies.iter().map(|policy| policy.rules.len()).sum(),
            overlays: overlays.len(),
        }
    }
}

fn report(bundle: Option<&Bundle>, problems: &[Diagnostic], sources: &Sources, others: &[String]) -> Value {
    let loaded = bundle.map(|bundle| {
        let Counts { policies, rules, overlays } = Counts::of(bundle);
        json!({
            "name": bundle.manifest().name,
            "digest": bundle.digest(),
            "policies": policies,
            "rules": rules,
            "overlays": overlays,
            "locales": bundle.manifest().locales,
        })
    });
    let mut report = json!({ "ok": bundle.is_some(), "bundle": loaded, "not_read": others });
    if let (Value::Object(report), Value::Object(problems)) = (&mut report, render::json(problems, sources)) {
        report.extend(problems);
    }
    report
}
