//! `redress rules`: what the desk has to keep, which policy rules carry it out where, and how many tests show it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use redress::both;
use redress::business_rules::{self, BusinessRule, Carrier, Table};
use redress::diagnostic::render;
use redress::disk::Unreadable;
use redress::embedded;
use redress::policy::{self, Rejected};
use redress::suite::{self, Options, Report};
use redress::text::Bilingual;
use redress::text::page::wrapped;
use serde_json::{Value, json};

use super::origin::Origin;
use super::terminal::Terminal;
use super::{EXIT_CODES, Exit};

/// How many columns a line may take.
const WIDTH: usize = 80;

const EXAMPLES: &str = "\
Examples:
  redress rules policies
  redress rules policies --open               还没有规则落实或没测到的
  redress rules policies --json | jq '.rules[] | select(.tests == 0)'
";

/// List the business rules and what carries them out: 业务条目
///
/// Each ID of the table of business rules with its wording, the policy rules that name it in `implements`, and the
/// number of tests that show them. Runs the suites beside the policies.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub struct Args {
    /// Directory of the policies and their suites [default: those built into the program]
    dir: Option<PathBuf>,

    #[arg(long, value_name = "FILE", help = "Another table of business rules")]
    table: Option<PathBuf>,

    /// Only those that no rule carries out, or that tests do not show from both sides
    #[arg(long)]
    open: bool,

    /// Print one JSON object, in both languages
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let (table, report) = match load(args)? {
        Ok(loaded) => loaded,
        Err(Rejected { sources, problems }) => {
            terminal.draw(&problems, &sources)?;
            terminal.say(&render::summary(&problems, terminal.language()))?;
            return Ok(Exit::Wrong);
        }
    };
    let carriers = report.coverage.as_ref().map(business_rules::carriers).unwrap_or_default();
    let unknown = carriers.keys().copied().filter(|id| table.rules().all(|rule| rule.id != **id));
    let listing = Listing { table: &table, carriers: &carriers, unknown: unknown.collect(), open: args.open };
    if args.json {
        terminal.say(&serde_json::to_string_pretty(&listing.json())?)?;
    } else {
        listing.draw(terminal)?;
    }
    Ok(Exit::Well)
}

fn load(args: &Args) -> anyhow::Result<Result<(Table, Report), Rejected>> {
    let table = match &args.table {
        Some(path) => {
            let text = std::fs::read_to_string(path);
            let text = text.with_context(|| format!("`{}` can't be read", path.display()))?;
            business_rules::table(&path.display().to_string(), &text)
        }
        None => business_rules::table("business-rules.yaml", embedded::BUSINESS_RULES),
    };
    Ok(table.and_then(|table| Ok((table, tested(args.dir.as_deref())?))))
}

/// The policies' suites, run.
fn tested(dir: Option<&Path>) -> Result<Report, Rejected> {
    let files = Origin::of(dir).files().map_err(Unreadable::into_rejected)?.files;
    let (suites, policies): (Vec<_>, Vec<_>) = files.into_iter().partition(|(path, _)| policy::is_suite(path));
    let bundle = policy::load(policies)?;
    let suites = suite::load(&bundle, suites)?;
    Ok(suite::run(&suites, &bundle, &Options { coverage: true, ..Options::default() }))
}

struct Listing<'l> {
    table: &'l Table,
    carriers: &'l BTreeMap<&'l str, Vec<Carrier>>,
    /// IDs that rules name and the table does not have.
    unknown: Vec<&'l str>,
    open: bool,
}

impl<'l> Listing<'l> {
    fn carriers(&self, id: &str) -> &'l [Carrier] {
        self.carriers.get(id).map_or(&[], Vec::as_slice)
    }

    fn is_open(&self, rule: &BusinessRule) -> bool {
        !self.carriers(&rule.id).iter().any(|carrier| carrier.made_a_difference)
    }

    fn listed(&self) -> impl Iterator<Item = &'l BusinessRule> {
        self.table.rules().filter(|rule| !self.open || self.is_open(rule))
    }

    fn draw(&self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let language = terminal.language();
        for rule in self.listed() {
            let carriers = self.carriers(&rule.id);
            for (position, line) in wrapped(rule.wording(language), WIDTH.saturating_sub(7)).iter().enumerate() {
                let label = if position == 0 { rule.id.as_str() } else { "" };
                terminal.say(&format!("{label:<7}{line}"))?;
            }
            for carrier in carriers {
                let Carrier { rule, file, line, .. } = carrier;
                terminal.say(&format!("       {rule}"))?;
                terminal.say(&format!("         {file}:{line}  {}", shown(carrier).get(language)))?;
            }
            if carriers.is_empty() {
                terminal.say(&format!("       {}", both!("没有规则落实", "no rule carries it out").get(language)))?;
            }
        }
        for id in &self.unknown {
            terminal
                .note(&both!("规则里写的 `{id}` 不在总表里", "rules name `{id}`, which the table does not have"))?;
        }
        let (all, open) = (self.table.rules().count(), self.table.rules().filter(|rule| self.is_open(rule)).count());
        let done = all.saturating_sub(open);
        let text = both!(
            "{all} 条业务条目，{done} 条已落实并测过两面，{open} 条还没有",
            "{all} business rules: {done} carried out and tested from both sides, {open} not"
        );
        terminal.say(text.get(language))?;
        Ok(())
    }

    fn json(&self) -> Value {
        let rules = self.listed().map(|rule| {
            let carriers = self.carriers(&rule.id);
            json!({
                "id": rule.id,
                "source": rule.source,
                "wording": { "zh-CN": rule.zh, "en": rule.en },
                "tests": carriers.iter().map(|carrier| carrier.tests).sum::<usize>(),
                "open": self.is_open(rule),
                "rules": carriers.iter().map(|carrier| json!({
                    "rule": carrier.rule,
                    "file": carrier.file,
                    "line": carrier.line,
                    "tests": carrier.tests,
                    "both_sides": carrier.made_a_difference,
                })).collect::<Vec<_>>(),
            })
        });
        json!({ "rules": rules.collect::<Vec<_>>(), "unknown": self.unknown })
    }
}

/// What tests have shown of it.
fn shown(carrier: &Carrier) -> Bilingual {
    let tests = carrier.tests;
    match (carrier.told, carrier.made_a_difference) {
        (false, _) => both!("供其他规则使用", "for other rules to use"),
        (true, true) => both!("{tests} 项测试", "{tests} tests"),
        (true, false) => both!("{tests} 项测试，只见过一面", "{tests} tests, one side only"),
    }
}
