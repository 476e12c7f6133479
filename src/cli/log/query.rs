//! `redress log query`: the answers that were given, by what they were about.

use std::path::{Path, PathBuf};

use redress::journal::reading::Place;
use redress::record::{Answer, Call, moment};
use redress::rpc::recording::request_of;
use redress::text::Language;
use redress::value::Instant;
use serde::Deserialize;

use crate::cli::Exit;
use crate::cli::decide::moment as moment_of;
use crate::cli::terminal::Terminal;

/// Answers in one table, unless more are asked for.
const LIMIT: usize = 1_000;

/// List the answers that were given: 查询答复
///
/// The oldest first, a line each; with --json whole records, with the request as it was kept.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory of the log
    log: PathBuf,

    #[command(flatten)]
    pub filter: Filter,

    /// Most answers to show
    #[arg(long, value_name = "COUNT", default_value_t = LIMIT)]
    limit: usize,

    /// Print whole records, a JSON object a line
    #[arg(long)]
    json: bool,
}

/// Which answers are meant.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Filter {
    /// The answer of this decision id
    #[arg(long)]
    id: Option<String>,

    /// About this order
    #[arg(long, value_name = "NUMBER")]
    order: Option<String>,

    /// Given to this person, by the account or by the name of the caller
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,

    /// By this rule, or by one of this policy
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,

    /// With this effect, or this remedy: `ALLOW`, `exchange`
    #[arg(long, value_name = "WORD")]
    effect: Option<String>,

    /// Given at this time or later
    #[arg(long, value_name = "TIME", value_parser = moment_of)]
    since: Option<Instant>,

    /// Given before this time
    #[arg(long, value_name = "TIME", value_parser = moment_of)]
    until: Option<Instant>,
}

/// What a record shows of its answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Shown {
    order: String,
    actor: String,
    role: String,
    action: String,
    amount: Option<Amount>,
    outcome: String,
    rules: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Amount {
    currency_code: String,
    units: String,
    nanos: i32,
}

impl Filter {
    pub fn admits(&self, answer: &Answer, shown: &Shown) -> bool {
        let is = |wanted: &Option<String>, said: &str| wanted.as_ref().is_none_or(|wanted| wanted == said);
        let rule = |wanted: &String| {
            let of = |rule: &String| {
                rule.strip_prefix(wanted.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            shown.rules.iter().any(of)
        };
        let at = moment(&answer.received_at);
        is(&self.id, &answer.id)
            && is(&self.order, &shown.order)
            && (is(&self.agent, &shown.actor) || is(&self.agent, &answer.caller))
            && self.rule.as_ref().is_none_or(rule)
            && self.effect.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(&shown.outcome))
            && self.since.is_none_or(|since| at.is_some_and(|at| at >= since))
            && self.until.is_none_or(|until| at.is_some_and(|at| at < until))
    }
}

pub fn run(args: &Args, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let language = terminal.language();
    let mut rows = Rows { json: args.json, left: args.limit, more: false, shown: 0, rows: Vec::new() };
    if !args.json {
        rows.rows.push(headings(language));
    }
    let mut failed = None;
    every(&args.log, &args.filter, |place, answer, shown| {
        if rows.left == 0 {
            rows.more = true;
            return false;
        }
        rows.left = rows.left.saturating_sub(1);
        rows.shown = rows.shown.saturating_add(1);
        if !rows.json {
            rows.rows.push(row(&answer, shown));
            return true;
        }
        let said = record(place, &answer).map_err(anyhow::Error::from).and_then(|line| Ok(terminal.say(&line)?));
        failed = said.err();
        failed.is_none()
    })?;
    if let Some(failed) = failed {
        return Err(failed);
    }
    if !args.json {
        terminal.write(table(&rows.rows).as_bytes())?;
    }
    if rows.more {
        let limit = args.limit;
        terminal.note(&redress::both!(
            "只显示了前 {limit} 条；用 --limit 看更多，或用条件缩小范围",
            "only the first {limit} are shown; --limit shows more, and conditions narrow it down"
        ))?;
    }
    Ok(if rows.shown > 0 { Exit::Well } else { Exit::Wrong })
}

struct Rows {
    json: bool,
    left: usize,
    more: bool,
    shown: usize,
    rows: Vec<[String; 7]>,
}

/// Shows every answer that the filter admits.
pub fn every(
    directory: &Path,
    filter: &Filter,
    mut show: impl FnMut(Place<'_>, Answer, Shown) -> bool,
) -> anyhow::Result<()> {
    let log = super::open(directory)?;
    log.answers(|place, _, answer| {
        let shown: Shown = serde_json::from_str(answer.shown.get()).unwrap_or_default();
        if filter.admits(&answer, &shown) { show(place, answer, shown) } else { true }
    })?;
    Ok(())
}

/// A record with its request in words and its place.
fn record(place: Place<'_>, answer: &Answer) -> serde_json::Result<String> {
    let mut whole = serde_json::to_value(answer)?;
    if let Some(fields) = whole.as_object_mut() {
        fields.insert("at".into(), format!("{}:{}", place.segment, place.line).into());
        fields.insert("question".into(), request_of(answer).unwrap_or_default());
    }
    serde_json::to_string(&whole)
}

fn headings(language: Language) -> [String; 7] {
    match language {
        Language::Chinese => ["时间", "订单", "操作人", "角色", "操作", "结果", "编号"],
        Language::English => ["received", "order", "agent", "role", "action", "outcome", "id"],
    }
    .map(str::to_owned)
}

fn row(answer: &Answer, shown: Shown) -> [String; 7] {
    let Shown { order, actor, role, action, amount, outcome, rules: _ } = shown;
    let action = match (answer.call, amount) {
        (Call::Decide, _) => "(decide)".into(),
        (Call::Authorize, None) => action,
        (Call::Authorize, Some(amount)) => format!("{action} {amount}"),
    };
    let seconds = answer.received_at.split('.').next().unwrap_or_default().trim_end_matches('Z');
    let row = [format!("{seconds}Z"), order, actor, role, action, outcome, answer.id.clone()];
    row.map(|cell| if cell.is_empty() { "-".into() } else { cell })
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let units = if self.units.is_empty() { "0" } else { &self.units };
        let cents = self.nanos.checked_div(10_000_000).unwrap_or_default();
        write!(f, "{units}.{cents:02} {}", self.currency_code)
    }
}

/// Columns as wide as they have to be.
fn table(rows: &[[String; 7]]) -> String {
    use unicode_width::UnicodeWidthStr as _;
    let mut widths = [0; 7];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width.saturating_sub(cell.width()).saturating_add(2)));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
