//! The thread that hands spans to the collector. A bounded queue stands before it: calls put spans in and go on.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithTonicConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _, SpanProcessor};
use tokio::sync::{Notify, oneshot};
use tonic::transport::{Certificate, ClientTlsConfig};

use super::TracesOptions;

/// Spans that wait; more are dropped.
const WAITING_MAX: usize = 8_192;

/// So many wait no longer for others.
const HURRY: usize = WAITING_MAX / 4;

/// Spans in one message; a collector takes 4 MiB at least.
const TOGETHER_MAX: usize = 512;

/// How long spans gather.
const GATHER: Duration = Duration::from_millis(500);

/// How long the collector may take for one message, all attempts together.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why traces can't be had.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    #[error("`{0}` is no address of a collector: write one such as `http://collector:4317`")]
    Address(String),
    #[error("`{0}` is reached over TLS: name the authority of its certificate with `--otlp-ca`")]
    Authority(String),
    #[error("`{0}` is reached without TLS: write `https://`, or leave out `--otlp-ca`")]
    Plaintext(String),
    #[error("the collector can't be reached as told: {0}")]
    Unusable(String),
    #[error("can't start the thread that hands spans over: {0}")]
    Thread(#[source] std::io::Error),
}

/// Spans so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handed {
    /// The collector took them.
    pub exported: u64,
    /// There was no more room for them to wait.
    pub overflowed: u64,
    /// The collector did not take them.
    pub refused: u64,
}

/// The queue and its thread.
#[derive(Debug)]
pub struct Export {
    queue: Arc<Queue>,
    thread: Mutex<Option<(oneshot::Sender<Duration>, JoinHandle<()>)>>,
}

/// Where ended spans are put.
#[derive(Debug)]
pub struct Entrance(Arc<Queue>);

#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Vec<SpanData>>,
    hurry: Notify,
    ending: AtomicBool,
    ended: AtomicU64,
    exported: AtomicU64,
    overflowed: AtomicU64,
    refused: AtomicU64,
    failing: AtomicBool,
}

impl Export {
    pub fn start(options: &TracesOptions, resource: &Resource) -> Result<Self, TracesError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(TracesError::Thread)?;
        let mut exporter = {
            // The connection belongs to it.
            let _within = runtime.enter();
            exporter(options)?
        };
        exporter.set_resource(resource);
        let (stop, stopped) = oneshot::channel();
        let queue = Arc::<Queue>::default();
        let served = Arc::clone(&queue);
        let thread = std::thread::Builder::new().name("traces".into());
        let thread = thread.spawn(move || runtime.block_on(served.serve(&exporter, stopped)));
        Ok(Self { queue, thread: Mutex::new(Some((stop, thread.map_err(TracesError::Thread)?))) })
    }

    pub fn entrance(&self) -> Entrance {
        Entrance(Arc::clone(&self.queue))
    }

    pub fn handed(&self) -> Handed {
        let Queue { exported, overflowed, refused, .. } = &*self.queue;
        let [exported, overflowed, refused] = [exported, overflowed, refused].map(|of| of.load(Ordering::Relaxed));
        Handed { exported, overflowed, refused }
    }

    pub fn stop(&self, time: Duration) {
        let running = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((stop, thread)) = running else { return };
        let _ = stop.send(time);
        if thread.join().is_err() {
            tracing::error!("the thread that hands spans over broke off");
        }
    }
}

fn exporter(options: &TracesOptions) -> Result<SpanExporter, TracesError> {
    let TracesOptions { endpoint, authorities, .. } = options;
    let mut builder = SpanExporter::builder().with_tonic().with_endpoint(endpoint).with_timeout(PATIENCE);
    match (endpoint.split_once("://"), authorities) {
        (Some(("https", _)), Some(authorities)) => {
            let authorities = Certificate::from_pem(authorities);
            builder = builder.with_tls_config(ClientTlsConfig::new().ca_certificate(authorities));
        }
        (Some(("https", _)), None) => return Err(TracesError::Authority(endpoint.clone())),
        (Some(("http", _)), None) => {}
        (Some(("http", _)), Some(_)) => return Err(TracesError::Plaintext(endpoint.clone())),
        _ => return Err(TracesError::Address(endpoint.clone())),
    }
    builder.build().map_err(|error| TracesError::Unusable(error.to_string()))
}

impl Queue {
    /// Hands over what comes in, until told to stop, and then what waits, as long as there is time.
    async fn serve(&self, exporter: &SpanExporter, stopped: oneshot::Receiver<Duration>) {
        let mut work = std::pin::pin!(self.work(exporter));
        let time = tokio::select! {
            () = &mut work => return,
            time = stopped => time.unwrap_or_default(),
        };
        self.ending.store(true, Ordering::Relaxed);
        self.hurry.notify_one();
        let _ = tokio::time::timeout(time, work).await;
        let [ended, exported, refused] =
            [&self.ended, &self.exported, &self.refused].map(|of| of.load(Ordering::Relaxed));
        let lost = ended.saturating_sub(exported).saturating_sub(refused);
        if lost > 0 {
            self.refused.fetch_add(lost, Ordering::Relaxed);
            tracing::warn!(spans = lost, "spans are lost: the collector did not take them before the end");
        }
    }

    async fn work(&self, exporter: &SpanExporter) {
        loop {
            let is_last = self.ending.load(Ordering::Relaxed);
            if !is_last {
                tokio::select! {
                    () = self.hurry.notified() => {}
                    () = tokio::time::sleep(GATHER) => {}
                }
            }
            let mut spans = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
            while !spans.is_empty() {
                let rest = spans.split_off(spans.len().min(TOGETHER_MAX));
                self.hand_over(exporter, std::mem::replace(&mut spans, rest)).await;
            }
            if is_last {
                return;
            }
        }
    }

    async fn hand_over(&self, exporter: &SpanExporter, spans: Vec<SpanData>) {
        let count = u64::try_from(spans.len()).unwrap_or(u64::MAX);
        let problem = match tokio::time::timeout(PATIENCE, exporter.export(spans)).await {
            Ok(Ok(())) => None,
            Ok(Err(problem)) => Some(in_our_words(&problem.to_string()).to_owned()),
            Err(_) => Some("it does not answer".to_owned()),
        };
        if problem.is_none() { &self.exported } else { &self.refused }.fetch_add(count, Ordering::Relaxed);
        let was_failing = self.failing.swap(problem.is_some(), Ordering::Relaxed);
        match (problem, was_failing) {
            (Some(problem), false) => {
                tracing::warn!(%problem, "the collector does not take spans; they are dropped until it does");
            }
            (None, true) => tracing::info!("the collector takes spans again"),
            (Some(_), true) | (None, false) => {}
        }
    }
}

/// What the library says, without the names of its types.
fn in_our_words(problem: &str) -> &str {
    problem.rsplit_once("gRPC code: ").map_or(problem, |(_, said)| said)
}

impl SpanProcessor for Entrance {
    fn on_start(&self, _: &mut opentelemetry_sdk::trace::Span, _: &opentelemetry::Context) {}

    fn on_end(&self, span: SpanData) {
        let Self(queue) = self;
        let mut waiting = queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= WAITING_MAX {
            drop(waiting);
            queue.overflowed.fetch_add(1, Ordering::Relaxed);
            return;
        }
        waiting.push(span);
        let is_much = waiting.len() == HURRY;
        drop(waiting);
        queue.ended.fetch_add(1, Ordering::Relaxed);
        if is_much {
            queue.hurry.notify_one();
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.hurry.notify_one();
        Ok(())
    }

    /// The thread is stopped by whoever started it, and knows until when.
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use opentelemetry::InstrumentationScope;
    use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status};
    use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};

    use super::*;

    #[test]
    fn the_queue_has_an_end() {
        let span = SpanData {
            span_context: SpanContext::empty_context(),
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind: SpanKind::Server,
            name: "call".into(),
            start_time: SystemTime::UNIX_EPOCH,
            end_time: SystemTime::UNIX_EPOCH,
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: InstrumentationScope::default(),
        };
        let queue = Arc::<Queue>::default();
        for _ in 0..WAITING_MAX + 3 {
            Entrance(Arc::clone(&queue)).on_end(span.clone());
        }
        assert_eq!(queue.waiting.lock().unwrap().len(), WAITING_MAX);
        assert_eq!(queue.overflowed.load(Ordering::Relaxed), 3);
    }
}
