//! `redress decide` and `redress authorize`: one case, asked here or of a server.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use redress::clock;
use redress::diagnostic::{Diagnostic, Problems, codes};
use redress::plain::{Call, Question};
use redress::policy::Bundle;
use redress::policy::decode::Spanned;
use redress::rpc::decision_service;
use redress::rpc::proto::redress::v1 as wire;
use redress::rpc::proto::redress::v1::decision_service_client::DecisionServiceClient;
use redress::rpc::violation::Violation;
use redress::source::{FILE_BYTES_MAX, Sources, tree};
use redress::text::Language;
use redress::value::Instant;
use redress::view::outline::{Page, outline, trace};
use redress::view::shape::{AUTHORIZATION, DECISION};
use redress::{both, view};

use super::origin::Origin;
use super::terminal::Terminal;
use super::{EXIT_CODES, Exit, caller};

/// How many columns a line may take.
const WIDTH: usize = 80;

const DECIDE_EXAMPLES: &str = "\
Examples:
  redress decide case.yaml
  redress decide case.yaml --actor team_lead --as-of 2026-11-24T15:00:01+08:00
  redress decide case.yaml --explain --locale zh-CN     说明每条规则
  redress decide - --json < case.json

A case file:
  as_of: 2026-11-22T15:00:00+08:00
  actor: agent
  case:
    order: { amount: 800.00, signed_at: 2026-11-17T15:00:01+08:00 }
    issue: { class: product.quality.blemish }
    request: { type: return_refund }
";

const AUTHORIZE_EXAMPLES: &str = "\
Examples:
  redress authorize case.yaml compensate --amount 300
  redress authorize case.yaml reject --actor supervisor
";

/// Decide one case: 对一个案件作出决定
///
/// Says what may be done for the customer, by when, who handles it and what is missing to know more.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{DECIDE_EXAMPLES}\n{EXIT_CODES}"))]
pub struct Args {
    #[command(flatten)]
    asked: Asked,
}

/// Authorize one action: 某人能否做某个操作
///
/// Says whether it is allowed, how far, and if not, why not and who may.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{AUTHORIZE_EXAMPLES}\n{EXIT_CODES}"))]
pub struct AuthorizeArgs {
    #[command(flatten)]
    asked: Asked,

    /// What is to be done [default: the file's `action`]
    action: Option<String>,

    /// Sum of the action
    #[arg(long)]
    amount: Option<String>,

    /// Ask the server for a grant too, printed last; it asks for `id` and `version` of the case, an `id` of the actor,
    /// and `executing` of the action
    #[arg(long, requires = "server")]
    grant: bool,
}

#[derive(Debug, clap::Args)]
struct Asked {
    /// File with the case, YAML or JSON; `-` reads it from the standard input
    case: PathBuf,

    /// Directory of the policies [default: those built into the program]
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,

    /// The moment to answer for [default: the file's, or now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    as_of: Option<Instant>,

    /// Role of whoever asks [default: the file's]
    #[arg(long, value_name = "ROLE")]
    actor: Option<String>,

    /// Say how every rule was evaluated
    #[arg(long)]
    explain: bool,

    /// Print the answer as protobuf JSON
    #[arg(long)]
    json: bool,

    /// Ask a server, such as `http://localhost:50051`, instead of deciding here
    #[arg(long, value_name = "URL", env = "REDRESS_SERVER")]
    server: Option<String>,

    #[command(flatten)]
    caller: caller::Args,
}

/// An answer of either kind.
enum Answer {
    Decision(Box<wire::Decision>),
    Authorization(Box<wire::Authorization>),
}

pub fn run(args: &Args, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    ask(&args.asked, false, terminal, |question, _, terminal, _| {
        if question.action.take().is_some() {
            terminal.note(&both!(
                "文件里的 `action` 没有问到；用 `redress authorize` 询问",
                "the file's `action` was not asked about; ask with `redress authorize`"
            ))?;
        }
        Ok(())
    })
}

pub fn authorize(args: &AuthorizeArgs, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    ask(&args.asked, args.grant, terminal, |question, bundle, _, problems| {
        if args.action.is_some() {
            question.action = None;
        }
        for (path, word) in [("action.name", &args.action), ("action.amount", &args.amount)] {
            if let Some(word) = word {
                question.give(path, word, bundle, problems);
            }
        }
        if question.action.is_none() {
            let message = both!("没有写要做的操作", "no action is named");
            let help =
                both!("写在命令里，或写在文件的 `action` 下", "name it on the command line, or as the file's `action`");
            problems.push(Diagnostic::error(codes::MISSING_KEY, question.span.clone(), message).help(help));
        }
        Ok(())
    })
}

/// Reads the question, completes it, asks it, and shows the answer.
fn ask(
    asked: &Asked,
    grant: bool,
    terminal: &mut Terminal,
    complete: impl FnOnce(&mut Question, &Bundle, &mut Terminal, &mut Problems) -> anyhow::Result<()>,
) -> anyhow::Result<Exit> {
    let bundle = match Origin::of(asked.policies.as_deref()).load() {
        Ok(bundle) => bundle,
        Err(rejected) => {
            terminal.draw(&rejected.problems, &rejected.sources)?;
            return Ok(Exit::Wrong);
        }
    };
    let mut problems = Problems::default();
    let sources = Sources::new([(name_of(&asked.case), read(&asked.case)?)], &mut problems);
    let source = sources.iter().find(|source| source.is_sound());
    let node = source.and_then(|source| tree::parse(source, &mut problems));
    let mut call = None;
    if let Some(mut question) = node.and_then(|node| Question::decode(&node, &bundle, &mut problems)) {
        if let Some(as_of) = asked.as_of {
            question.as_of = Some(Spanned::new(as_of, question.span.clone()));
        }
        if let Some(role) = &asked.actor {
            question.give("actor.role", role, &bundle, &mut problems);
        }
        if question.actor.is_empty() {
            let message = both!("没有写是谁在问", "nobody is named who asks");
            let help = both!(
                "用 `--actor agent` 给出角色，或写在文件的 `actor` 下",
                "give the role with `--actor agent`, or as the file's `actor`"
            );
            problems.push(Diagnostic::error(codes::MISSING_KEY, question.span.clone(), message).help(help));
        }
        complete(&mut question, &bundle, terminal, &mut problems)?;
        if !problems.has_errors() {
            call = question.call(&bundle, locale(terminal.language()), asked.explain, &mut problems);
        }
    }
    let problems = problems.into_sorted();
    if !problems.is_empty() {
        terminal.draw(&problems, &sources)?;
    }
    let Some(mut call) = call else { return Ok(Exit::Wrong) };
    if let Call::Authorize(request) = &mut call {
        request.grant = grant;
    }
    let answer = match &asked.server {
        Some(url) => ask_server(url, &asked.caller, call)?,
        None => decide_here(&bundle, &call, terminal.language())?,
    };
    show(&answer, asked, &bundle, terminal)?;
    Ok(Exit::Well)
}

fn decide_here(bundle: &Bundle, call: &Call, language: Language) -> anyhow::Result<Answer> {
    let refused = |violations: Vec<Violation>| {
        let said = violations.iter().map(|wrong| format!("`{}`: {}", wrong.field, wrong.description.get(language)));
        anyhow::Error::msg(said.collect::<Vec<_>>().join("; "))
    };
    let now = clock::now();
    Ok(match call {
        Call::Decide(request) => {
            Answer::Decision(Box::new(decision_service::decide(bundle, request, now).map_err(refused)?))
        }
        Call::Authorize(request) => {
            Answer::Authorization(Box::new(decision_service::authorize(bundle, request, now).map_err(refused)?))
        }
    })
}

fn ask_server(url: &str, caller: &caller::Args, call: Call) -> anyhow::Result<Answer> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = caller.reach(url).await?;
        let mut client = DecisionServiceClient::new(server.channel.clone());
        let refused = |status: tonic::Status| anyhow::anyhow!("`{url}` refused: {}", status.message());
        Ok(match call {
            Call::Decide(request) => {
                let answer =
                    Box::pin(client.decide(server.request(*request))).await.map_err(refused)?.into_inner().decision;
                Answer::Decision(Box::new(answer.context("the server sent no decision")?))
            }
            Call::Authorize(request) => {
                let answer = Box::pin(client.authorize(server.request(*request)))
                    .await
                    .map_err(refused)?
                    .into_inner()
                    .authorization;
                Answer::Authorization(Box::new(answer.context("the server sent no authorization")?))
            }
        })
    })
}

fn show(answer: &Answer, asked: &Asked, bundle: &Bundle, terminal: &mut Terminal) -> anyhow::Result<()> {
    if asked.json {
        let json = match answer {
            Answer::Decision(answer) => serde_json::to_string_pretty(answer)?,
            Answer::Authorization(answer) => serde_json::to_string_pretty(answer)?,
        };
        terminal.say(&json)?;
        return Ok(());
    }
    let language = terminal.language();
    let manifest = bundle.manifest();
    let page = Page { language, zone: manifest.zone, currency: &manifest.currency, width: WIDTH };
    let (text, traced) = match answer {
        Answer::Decision(answer) => (outline(&view::decision(answer, language), &DECISION, page), &answer.trace),
        Answer::Authorization(answer) => {
            (outline(&view::authorization(answer, language), &AUTHORIZATION, page), &answer.trace)
        }
    };
    terminal.write(text.as_bytes())?;
    if asked.explain {
        terminal.write(trace(traced, page).as_bytes())?;
    }
    if let Answer::Authorization(answer) = answer
        && let Some(grant) = &answer.grant
    {
        terminal.say(&grant.token)?;
    }
    Ok(())
}

/// The tag that asks for answers in the reader's language.
fn locale(language: Language) -> &'static str {
    match language {
        Language::Chinese => "zh-CN",
        Language::English => "en",
    }
}

/// The bytes of a case; one more than is allowed, where there are more, so that it is refused.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let limit = u64::try_from(FILE_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin().take(limit).read_to_end(&mut bytes).context("the standard input can't be read")?;
    } else {
        let unreadable = || format!("`{}` can't be read", path.display());
        let file = File::open(path).with_context(unreadable)?;
        file.take(limit).read_to_end(&mut bytes).with_context(unreadable)?;
    }
    Ok(bytes)
}

/// How problems name the file: as it was named, or where that leads out of the directory, by its last part.
fn name_of(path: &Path) -> String {
    let plain = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    let name = if plain { Some(path.as_os_str()) } else { path.file_name() };
    name.unwrap_or(path.as_os_str()).to_string_lossy().replace('\\', "/")
}

pub fn moment(text: &str) -> Result<Instant, String> {
    let wrong = || "write date, time and offset from UTC like 2026-11-22T15:00:00+08:00".to_owned();
    redress::plain::parse_moment(text).ok_or_else(wrong)
}
