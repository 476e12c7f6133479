//! The options of what the service tells of itself: messages, a line for each call, traces.

use std::io;
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use redress::disk;
use redress::serve::{CallLines, Telling, Traces, TracesOptions};
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// Messages that wait for whoever reads them; more are dropped, for no call waits.
const WAITING_MAX: usize = 16_384;

/// What OpenTelemetry's environment may ask for besides gRPC.
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";

/// How large the file of authorities may be.
const FILE_BYTES_MAX: usize = 1 << 20;

#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(next_help_heading = "Observability")]
pub struct Args {
    /// Form of the messages on the standard error
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    log_format: LogFormat,

    /// Calls that get a line among the messages, with their ids
    #[arg(long, env = "REDRESS_CALL_LINES", value_enum, value_name = "CALLS", default_value_t)]
    call_lines: Lines,

    /// Collector to hand traces to, by OTLP over gRPC, such as `http://localhost:4317` [default: no traces]
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    otlp_endpoint: Option<String>,

    /// Authorities that vouch for the collector's certificate, PEM
    #[arg(long, env = "OTEL_EXPORTER_OTLP_CERTIFICATE", value_name = "FILE", requires = "otlp_endpoint")]
    otlp_ca: Option<PathBuf>,

    /// Share of calls to trace, from 0 to 1, where their callers did not decide it
    #[arg(long, env = "OTEL_TRACES_SAMPLER_ARG", value_name = "SHARE", default_value = "1", value_parser = share)]
    trace_ratio: f64,

    /// Name of this service in traces
    #[arg(long, env = "OTEL_SERVICE_NAME", value_name = "NAME", default_value = "redress")]
    service_name: String,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Lines {
    /// None
    None,
    /// Those that were not answered, but for those sent away because there were too many
    #[default]
    Failed,
    /// All but probes
    All,
}

/// Messages that are being written; what waits is written when this is dropped.
pub struct Messages {
    dropped: ErrorCounter,
    _writing: WorkerGuard,
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "write a number from 0 to 1, such as `0.05`".into())
}

impl Args {
    /// Writes messages from now on, on a thread of their own.
    pub fn begin(&self, colours: bool) -> anyhow::Result<Messages> {
        let filter = EnvFilter::builder().with_default_directive(tracing::Level::INFO.into()).from_env()?;
        let (writer, writing) = NonBlockingBuilder::default()
            .lossy(true)
            .buffered_lines_limit(WAITING_MAX)
            .thread_name("messages")
            .finish(io::stderr());
        let dropped = writer.error_counter();
        let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(colours);
        let started = match self.log_format {
            LogFormat::Text => builder.with_target(false).try_init(),
            LogFormat::Json => builder.json().flatten_event(true).try_init(),
        };
        started.map_err(|error| anyhow!("can't write messages: {error}"))?;
        Ok(Messages { dropped, _writing: writing })
    }

    /// How calls are told of.
    pub fn telling(&self, messages: &Messages) -> anyhow::Result<Telling> {
        let lines = match self.call_lines {
            Lines::None => CallLines::None,
            Lines::Failed => CallLines::Failed,
            Lines::All => CallLines::All,
        };
        if lines == CallLines::Failed {
            tracing::info!("calls that fail get a line each; --call-lines all tells every one");
        }
        let endpoint = self.otlp_endpoint.as_deref().filter(|endpoint| !endpoint.is_empty());
        let traces = endpoint.map(|endpoint| self.traces(endpoint)).transpose()?;
        Ok(Telling { lines, traces, messages_dropped: Some(messages.dropped.clone()) })
    }

    fn traces(&self, endpoint: &str) -> anyhow::Result<Traces> {
        let authorities = self.otlp_ca.as_ref().map(|file| {
            let bytes = disk::file(file, FILE_BYTES_MAX);
            bytes.map_err(|reason| anyhow!("`{}` {}", file.display(), reason.en))
        });
        let options = TracesOptions {
            endpoint: endpoint.to_owned(),
            authorities: authorities.transpose()?,
            ratio: self.trace_ratio,
            service: self.service_name.clone(),
        };
        if std::env::var_os(PROTOCOL).is_some_and(|protocol| protocol != "grpc") {
            tracing::warn!("spans travel over gRPC, whatever {PROTOCOL} says");
        }
        let traces = Traces::start(&options).context("can't trace calls")?;
        tracing::info!(endpoint, ratio = self.trace_ratio, "calls are traced");
        Ok(traces)
    }
}
