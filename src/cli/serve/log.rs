//! The options of the decision log, and how it is begun.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use redress::journal::{self, Durability, Export, Limits, Options, Running};
use redress::record::token::{KEY_BYTES_MIN, TokenKey};
use redress::rpc::recording::{Recorder, describe};
use redress::signing::SigningKey;

use super::duration;

/// How long a call waits for the disk.
const PATIENCE: Duration = Duration::from_secs(5);

const KEY_BYTES_MAX: u64 = 64 << 10;

const MEBIBYTE: u64 = 1 << 20;

#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(next_help_heading = "Decision log")]
pub struct Args {
    /// Directory to record every answer in, before it is given [default: nothing is recorded]
    #[arg(long, env = "REDRESS_LOG", value_name = "DIR")]
    log: Option<PathBuf>,

    /// What an answer waits for
    #[arg(
        long,
        env = "REDRESS_LOG_DURABILITY",
        value_enum,
        value_name = "WHAT",
        default_value = "fsync",
        requires = "log"
    )]
    log_durability: Wait,

    /// Which answers are recorded
    #[arg(long, env = "REDRESS_LOG_CALLS", value_enum, value_name = "CALLS", default_value = "all", requires = "log")]
    log_calls: Calls,

    /// Size at which a segment is closed and compressed
    #[arg(long, env = "REDRESS_LOG_SEGMENT_MIB", value_name = "MIB", default_value = "64", requires = "log", value_parser = clap::value_parser!(u64).range(1..=1024))]
    log_segment_mib: u64,

    /// Age at which a segment is closed and compressed
    #[arg(long, env = "REDRESS_LOG_SEGMENT_AGE", value_name = "TIME", default_value = "1d", requires = "log", value_parser = duration)]
    log_segment_age: Duration,

    /// How long segments are kept, such as `400d` [default: for ever]
    #[arg(long, env = "REDRESS_LOG_KEEP", value_name = "TIME", requires = "log", value_parser = duration)]
    log_keep: Option<Duration>,

    /// File with a secret, by which personal facts become tokens [default: they are left out]
    #[arg(long, env = "REDRESS_LOG_TOKEN_KEY", value_name = "FILE", requires = "log")]
    log_token_key: Option<PathBuf>,

    /// Directory for signed checkpoints, best on another machine's disk
    #[arg(long, env = "REDRESS_LOG_CHECKPOINTS", value_name = "DIR", requires = "log", requires = "log_signing_key")]
    log_checkpoints: Option<PathBuf>,

    /// File with the Ed25519 key that signs checkpoints; `redress log key` makes one
    #[arg(long, env = "REDRESS_LOG_SIGNING_KEY", value_name = "FILE", requires = "log_checkpoints")]
    log_signing_key: Option<PathBuf>,

    /// How often a checkpoint is made
    #[arg(long, env = "REDRESS_LOG_CHECKPOINT_EVERY", value_name = "TIME", default_value = "1m", requires = "log_checkpoints", value_parser = duration)]
    log_checkpoint_every: Duration,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Wait {
    /// The disk has it: no loss of power loses an answer that was given
    Fsync,
    /// The system has it: a loss of power may lose the last second's answers
    Os,
    /// Nothing: even the end of the service may lose the last answers
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Calls {
    /// Authorizations and decisions
    All,
    /// Authorizations alone
    Authorize,
}

impl Args {
    /// Begins to record, if that was asked for.
    pub fn begin(&self) -> anyhow::Result<Option<(Running, Recorder)>> {
        let Some(directory) = &self.log else {
            tracing::info!("no answer is recorded; name a directory with --log to keep a decision log");
            return Ok(None);
        };
        if let Some(form @ ("text" | "json")) = directory.to_str() {
            bail!(
                "`--log` names the directory of the decision log; write `--log-format {form}` for the form of messages"
            );
        }
        let key = self.log_token_key.as_deref().map(token_key).transpose()?;
        if key.is_none() {
            tracing::info!("personal facts are left out of the decision log; --log-token-key keeps tokens of them");
        }
        let durability = match self.log_durability {
            Wait::Fsync => Durability::Fsync,
            Wait::Os => Durability::Os,
            Wait::None => Durability::None,
        };
        if durability != Durability::Fsync {
            tracing::warn!(durability = durability.word(), "answers are given before the disk has recorded them");
        }
        let running = journal::start(
            directory,
            Options {
                durability,
                limits: Limits { bytes: self.log_segment_mib.saturating_mul(MEBIBYTE), age: self.log_segment_age },
                keep: self.log_keep,
                patience: PATIENCE,
                program: format!("redress {}", env!("CARGO_PKG_VERSION")),
                export: self.export()?,
                describe,
            },
        )?;
        tracing::info!(directory = %directory.display(), durability = durability.word(), "answers are recorded");
        let recorder = Recorder::new(running.journal().clone(), self.log_calls == Calls::All, key);
        Ok(Some((running, recorder)))
    }

    fn export(&self) -> anyhow::Result<Option<Export>> {
        let (Some(directory), Some(file)) = (&self.log_checkpoints, &self.log_signing_key) else { return Ok(None) };
        let path = file.display();
        let text = secret(file)?;
        let key = std::str::from_utf8(&text).ok().and_then(SigningKey::from_pem);
        let key = key.with_context(|| {
            format!("`{path}` holds no Ed25519 key in PEM; make one with `redress log key` or `openssl genpkey -algorithm ed25519`")
        })?;
        fs::create_dir_all(directory).with_context(|| format!("can't make `{}`", directory.display()))?;
        Ok(Some(Export { directory: directory.clone(), key, every: self.log_checkpoint_every }))
    }
}

fn token_key(file: &Path) -> anyhow::Result<TokenKey> {
    let path = file.display();
    TokenKey::new(secret(file)?.trim_ascii())
        .with_context(|| format!("the secret in `{path}` is too short; write at least {KEY_BYTES_MIN} random bytes"))
}

fn secret(file: &Path) -> anyhow::Result<Vec<u8>> {
    journal::directory::read_small(file, KEY_BYTES_MAX).with_context(|| format!("can't read `{}`", file.display()))
}
