//! `redress serve`: answers calls from the live policies until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use redress::live::Live;
use redress::policy::{self, decode};
use redress::reload::{self, Directory};
use redress::serve::{self, ServeOptions};
use redress::{both, embedded};
use tokio::runtime;

mod grants;
mod identity;
mod log;
mod process;
mod telling;

use process::Told;

use super::terminal::Terminal;
use super::{EXIT_CODES, Exit};

const EXAMPLES: &str = "\
Examples:
  redress serve                                the built-in policies
  redress serve --policies policies            改了规则文件，立即生效
  redress serve --listen 0.0.0.0:50051 --log /var/log/redress \\
    --tls-cert server.pem --tls-key server.key --client-ca clients.pem \\
    --trust-roles-from certificate:helpdesk

Messages go to the standard error; RUST_LOG says how much, `info` by default.
It stops on SIGTERM or Ctrl-C, after the calls under way have ended, and reads
policies, certificates and keys again on SIGHUP.
Without TLS and callers that show who they are it serves this machine alone.
";

/// Serve decisions over gRPC and JSON, on one port: 启动服务
///
/// Follows the policy directory: what changes takes effect at once, and what is wrong is logged while the policies
/// before it stay live.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub struct Args {
    /// Directory of the policies [default: those built into the program]
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,

    /// Address and port to answer on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:50051")]
    listen: SocketAddr,

    /// Threads that answer [default: one for each core]
    #[arg(long, value_name = "COUNT")]
    threads: Option<NonZeroUsize>,

    /// Address and port for metrics and probes, over plain HTTP [default: none]
    #[arg(long, value_name = "ADDRESS", env = "REDRESS_ADMIN")]
    admin: Option<SocketAddr>,

    /// How long calls under way may take to end once told to stop
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    drain: Duration,

    #[command(flatten)]
    log: log::Args,

    #[command(flatten)]
    identity: identity::Args,

    #[command(flatten)]
    grants: grants::Args,

    #[command(flatten)]
    telling: telling::Args,
}

fn duration(text: &str) -> Result<Duration, String> {
    let nanoseconds = decode::parse_duration(text).and_then(|length| u64::try_from(length.0).ok());
    nanoseconds.map(Duration::from_nanos).ok_or_else(|| "write a time such as `10s`, `2m` or `1m30s`".into())
}

pub fn run(args: &Args, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let messages = args.telling.begin(terminal.colours_notes())?;
    let mut directory = args.policies.as_ref().map(Directory::new);
    let loaded = match &mut directory {
        Some(directory) => directory.load(),
        None => policy::load(embedded::policies()),
    };
    let bundle = match loaded {
        Ok(bundle) => bundle,
        Err(rejected) => {
            terminal.draw(&rejected.problems, &rejected.sources)?;
            terminal.note(&both!("规则有错，服务没有启动", "the policies are refused; the server did not start"))?;
            return Ok(Exit::Wrong);
        }
    };
    let origin = match &args.policies {
        Some(directory) => directory.display().to_string(),
        None => {
            tracing::info!("serving the built-in policies; name a directory with --policies to serve your own");
            "built-in".into()
        }
    };
    let live = Arc::new(Live::with_origin(bundle, &origin));
    let options = ServeOptions {
        address: args.listen,
        threads: args.threads,
        drain: args.drain,
        admin: args.admin,
        identity: Arc::new(args.identity.identity()?),
        exposed: args.identity.exposed(),
        grants: args.grants.grants()?,
        telling: args.telling.telling(&messages)?,
        ..ServeOptions::default()
    };
    options.check_exposure()?;
    let log = args.log.begin()?;
    let options = ServeOptions { recorder: log.as_ref().map(|(_, recorder)| recorder.clone()), ..options };
    let listener = serve::listen(args.listen)?;
    let language = terminal.language();
    let watch = directory.map(|directory| reload::follow(directory, Arc::clone(&live), language)).transpose();
    let watch = watch.context("can't start the thread that follows the policies")?;
    serve(listener, live, options, watch)?;
    if let Some((running, _)) = log {
        running.stop();
    }
    Ok(Exit::Well)
}

/// Serves until the process is told to stop, and reloads when it is told to.
fn serve(
    listener: TcpListener,
    live: Arc<Live>,
    options: ServeOptions,
    watch: Option<reload::Watch>,
) -> anyhow::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().context("can't start the server")?;
    let (identity, grants) = (Arc::clone(&options.identity), options.grants.clone());
    runtime.block_on(async {
        let shutdown = process::told_to_stop().context("can't listen for signals")?;
        let reload = process::told_to_reload(move || {
            if let Some(watch) = &watch {
                watch.load_again();
            }
            identity.look();
            if let Some(grants) = &grants {
                grants.look();
            }
        });
        let reload = tokio::spawn(reload.context("can't listen for signals")?);
        let alive = tokio::spawn(process::keep_telling_that_we_live());
        process::tell(Told::Ready);
        let shutdown = async {
            shutdown.await;
            process::tell(Told::Stopping);
        };
        let ended = serve::run(listener, live, options, shutdown).await;
        reload.abort();
        alive.abort();
        Ok(ended?)
    })
}
