//! `redress grant verify`: whether a grant holds for what is about to be done.

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use clap::ArgGroup;
use redress::grant::{AUDIENCE, Expected, ISSUER, Payment, Refused, Trusted, amount};
use redress::value::Instant;
use redress::{both, clock, grant};
use serde_json::json;

use crate::cli::Exit;
use crate::cli::decide::moment;
use crate::cli::terminal::Terminal;

/// More is read of no token.
const TOKEN_BYTES_MAX: u64 = 1 << 20;

/// As there are so many that must be given, each on a line with its waiver.
const USAGE: &str = "\
redress grant verify [OPTIONS] --jwks <FILE> --case <ID> --action <NAME>
         <--case-version <VERSION>|--any-case-version>
         <--amount <SUM> --currency <CODE>|--no-amount>
         <--actor <ID>|--any-actor>
         <--bundle <DIGEST>|--any-bundle>
         <TOKEN>";

/// Tell whether a grant holds for what is to be done: 核对一份许可
///
/// Everything that a grant is bound to is given, or waived by name. Needs no network. That a grant is used once is for
/// whoever pays: keep its `jti` until its `exp`.
#[derive(Debug, clap::Args)]
#[command(group(ArgGroup::new("which version").required(true).args(["case_version", "any_case_version"])))]
#[command(group(ArgGroup::new("what sum").required(true).args(["amount", "no_amount"])))]
#[command(group(ArgGroup::new("which actor").required(true).args(["actor", "any_actor"])))]
#[command(group(ArgGroup::new("which bundle").required(true).args(["bundle", "any_bundle"])))]
#[command(after_help = super::EXIT_CODES, override_usage = USAGE)]
#[allow(clippy::struct_excessive_bools, reason = "each waives one thing by its name")]
pub struct Args {
    /// The grant; `-` reads it from the standard input, where no list of processes shows it
    token: String,

    /// Public keys of the service, a JSON Web Key Set
    #[arg(long, value_name = "FILE")]
    jwks: PathBuf,

    /// Number of the case
    #[arg(long, value_name = "ID")]
    case: String,

    /// Version of the case
    #[arg(long, value_name = "VERSION")]
    case_version: Option<String>,

    /// Whatever the version of the case
    #[arg(long)]
    any_case_version: bool,

    /// What is to be done
    #[arg(long, value_name = "NAME")]
    action: String,

    /// Sum that is to be paid, such as `300.00`
    #[arg(long, value_name = "SUM", requires = "currency")]
    amount: Option<String>,

    /// ISO 4217 code of the sum's currency
    #[arg(long, value_name = "CODE", requires = "amount")]
    currency: Option<String>,

    /// No money is to be paid
    #[arg(long, conflicts_with = "currency")]
    no_amount: bool,

    /// Account of the actor
    #[arg(long, value_name = "ID")]
    actor: Option<String>,

    /// Whoever the actor is
    #[arg(long)]
    any_actor: bool,

    /// Digest of the policies
    #[arg(long, value_name = "DIGEST")]
    bundle: Option<String>,

    /// Whatever the policies
    #[arg(long)]
    any_bundle: bool,

    /// Issuer that the grant has to name
    #[arg(long, value_name = "NAME", default_value = ISSUER)]
    issuer: String,

    /// Audience that the grant has to name
    #[arg(long, value_name = "NAME", default_value = AUDIENCE)]
    audience: String,

    /// Who asked for it, as the service names callers: `token:a17` [default: anybody]
    #[arg(long, value_name = "NAME")]
    caller: Option<String>,

    /// Take a role that nobody had to show, as where the service answers this machine alone
    #[arg(long)]
    accept_unchecked_role: bool,

    /// The moment to check for [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<Instant>,

    /// Print what holds or does not as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let payment = match (&args.amount, &args.currency) {
        (Some(text), Some(currency)) => match amount(text).filter(|amount| !amount.is_zero()) {
            Some(amount) => Payment::Of { amount, currency: currency.clone() },
            None => {
                terminal.note(&both!(
                    "`--amount` 写成 `300.00` 的形式，不写 `{text}`",
                    "write `--amount` as `300.00`, not `{text}`"
                ))?;
                return Ok(Exit::Usage);
            }
        },
        _ => Payment::Nothing,
    };
    let trusted = Trusted::read(&super::read(&args.jwks)?)
        .map_err(|said| anyhow!("`{}` {}", args.jwks.display(), said.get(terminal.language())))?;
    let expected = Expected {
        issuer: args.issuer.clone(),
        audience: args.audience.clone(),
        case_id: args.case.clone(),
        case_version: args.case_version.clone(),
        action: args.action.clone(),
        payment,
        actor: args.actor.clone(),
        caller: args.caller.clone(),
        bundle: args.bundle.clone(),
        unchecked_roles: args.accept_unchecked_role,
        at: args.at.unwrap_or_else(clock::now),
    };
    let outcome = trusted.check(&token(&args.token)?, &expected);
    show(&outcome, args.json, terminal)?;
    Ok(if outcome.is_ok() { Exit::Well } else { Exit::Wrong })
}

/// The token, without the end of its line.
fn token(said: &str) -> anyhow::Result<String> {
    if said != "-" {
        return Ok(said.to_owned());
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().take(TOKEN_BYTES_MAX).read_to_end(&mut bytes);
    read.context("the standard input can't be read")?;
    // What is no text is no token: it is refused as such.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

fn show(outcome: &Result<grant::Claims, Refused>, as_json: bool, terminal: &mut Terminal) -> anyhow::Result<()> {
    let language = terminal.language();
    if as_json {
        let said = match outcome {
            Ok(claims) => json!({ "holds": true, "claims": claims }),
            Err(Refused { because, claims }) => {
                let because = because.iter().map(
                    |refusal| json!({ "binding": refusal.binding.as_str(), "message": refusal.said.get(language) }),
                );
                let mut said = json!({ "holds": false, "refused": because.collect::<Vec<_>>() });
                if let (Some(said), Some(claims)) = (said.as_object_mut(), claims) {
                    said.insert("claims".into(), serde_json::to_value(claims)?);
                }
                said
            }
        };
        terminal.say(&format!("{said:#}"))?;
        return Ok(());
    }
    match outcome {
        Ok(claims) => {
            let grant::Claims { jti, .. } = claims;
            let said = both!(
                "许可有效，决定编号 {jti}；付款后记下它，到期前不再凭它付款",
                "the grant holds; its decision is {jti}: keep that until it expires, and pay on it once"
            );
            terminal.say(said.get(language))?;
        }
        Err(Refused { because, .. }) => {
            terminal.say(both!("许可被拒绝", "the grant is refused").get(language))?;
            for refusal in because {
                let (binding, said) = (refusal.binding.as_str(), refusal.said.get(language));
                terminal.say(&format!("  {binding}: {said}"))?;
            }
        }
    }
    Ok(())
}
