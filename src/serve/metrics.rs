//! What the service tells of itself in numbers, as Prometheus reads them. Counts calls without a lock and without
//! memory of its own for each: every thread has its own counters, summed up when somebody asks.

use std::fmt::{Display, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tonic::Code;

use super::identity::Identity;
use super::readiness;
use crate::live::Live;
use crate::rpc::admission::Admission;
use crate::rpc::recording::Recorder;
use crate::rpc::tally::Tally;
use crate::value::{Instant, SECOND};

/// Upper bounds of the histogram, in microseconds.
const BOUNDS: [u64; 16] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    10_000_000,
];

/// Calls that are told apart, by the last part of their path in gRPC and in JSON.
const METHODS: [(&str, &str); 9] = [
    ("Decide", "decide"),
    ("Authorize", "authorize"),
    ("BatchDecide", "batch-decide"),
    ("BatchAuthorize", "batch-authorize"),
    ("Triage", "triage"),
    ("GetBundle", "get-bundle"),
    ("ListPolicies", "list-policies"),
    ("GetPolicy", "get-policy"),
    // Health, reflection, and whatever is not there.
    ("other", ""),
];

const CODES: [&str; 17] = [
    "ok",
    "cancelled",
    "unknown",
    "invalid_argument",
    "deadline_exceeded",
    "not_found",
    "already_exists",
    "permission_denied",
    "resource_exhausted",
    "failed_precondition",
    "aborted",
    "out_of_range",
    "unimplemented",
    "internal",
    "unavailable",
    "data_loss",
    "unauthenticated",
];

/// One kind of call.
#[derive(Debug, Default)]
struct Method {
    codes: [AtomicU64; CODES.len()],
    buckets: [AtomicU64; BOUNDS.len()],
    nanoseconds: AtomicU64,
}

/// The calls of one thread.
#[derive(Debug, Default)]
pub struct Calls([Method; METHODS.len()]);

impl Calls {
    /// Counts a call that has ended.
    pub fn count(&self, method: usize, code: Code, took: Duration) {
        let Some(method) = self.0.get(method) else { return };
        let code = usize::try_from(i32::from(code)).ok().and_then(|code| method.codes.get(code));
        if let Some(code) = code {
            code.fetch_add(1, Ordering::Relaxed);
        }
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if let Some(bucket) =
            BOUNDS.iter().position(|bound| microseconds <= *bound).and_then(|at| method.buckets.get(at))
        {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        method.nanoseconds.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// Which kind of call a path is.
pub fn method_of(path: &str) -> usize {
    let last = path.rsplit('/').next().unwrap_or_default();
    let known = METHODS.iter().position(|(grpc, json)| last == *grpc || last == *json);
    known.unwrap_or(METHODS.len().saturating_sub(1))
}

/// All there is to tell.
#[derive(Debug)]
pub struct Metrics {
    threads: Mutex<Vec<(Arc<Calls>, Arc<Admission>)>>,
    pub tally: Arc<Tally>,
    live: Arc<Live>,
    identity: Arc<Identity>,
    recorder: Option<Recorder>,
}

impl Metrics {
    pub fn new(live: &Arc<Live>, identity: &Arc<Identity>, recorder: Option<Recorder>) -> Self {
        let (live, identity) = (Arc::clone(live), Arc::clone(identity));
        Self { threads: Mutex::default(), tally: Arc::default(), live, identity, recorder }
    }

    /// Counters for one more thread.
    pub fn thread(&self, admission: &Arc<Admission>) -> Arc<Calls> {
        let calls = Arc::<Calls>::default();
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.push((Arc::clone(&calls), Arc::clone(admission)));
        calls
    }

    /// The page that Prometheus reads.
    pub fn page(&self) -> String {
        let mut page = Page::default();
        page.metric("redress_build_info", "gauge", "Which program this is.");
        page.value("redress_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
        self.calls(&mut page);
        self.answers(&mut page);
        self.policies(&mut page);
        if let Some(Instant(at)) = self.identity.expires() {
            let name = "redress_certificate_expiry_timestamp_seconds";
            page.metric(name, "gauge", "When the server's certificate expires.");
            page.value(name, &[], seconds_of(at));
        }
        if self.recorder.is_some() {
            page.metric("redress_log_failing", "gauge", "Whether answers can't be recorded, and so are not given.");
            let failing = readiness::trouble(self.recorder.as_ref()).is_some();
            page.value("redress_log_failing", &[], u8::from(failing));
        }
        page.0
    }

    fn calls(&self, page: &mut Page) {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let sum = |of: &dyn Fn(&Calls) -> u64| threads.iter().map(|(calls, _)| of(calls)).fold(0, u64::saturating_add);
        page.metric("redress_calls_total", "counter", "Calls that have ended, by method and status.");
        for (at, (method, _)) in METHODS.iter().enumerate() {
            for (code, name) in CODES.iter().enumerate() {
                let count = sum(&|calls| read(calls.0.get(at).and_then(|method| method.codes.get(code))));
                if count > 0 {
                    page.value("redress_calls_total", &[("method", method), ("code", name)], count);
                }
            }
        }
        let name = "redress_call_duration_seconds";
        page.metric(name, "histogram", "How long calls took, from their head to their answer.");
        for (at, (method, _)) in METHODS.iter().enumerate() {
            let count = (0..CODES.len()).fold(0_u64, |count, code| {
                let of = sum(&|calls| read(calls.0.get(at).and_then(|method| method.codes.get(code))));
                count.saturating_add(of)
            });
            if count == 0 {
                continue;
            }
            let mut below = 0_u64;
            for (bucket, bound) in BOUNDS.iter().enumerate() {
                let of = sum(&|calls| read(calls.0.get(at).and_then(|method| method.buckets.get(bucket))));
                below = below.saturating_add(of);
                let bound = seconds(Duration::from_micros(*bound));
                page.value("redress_call_duration_seconds_bucket", &[("method", method), ("le", &bound)], below);
            }
            page.value("redress_call_duration_seconds_bucket", &[("method", method), ("le", "+Inf")], count);
            let total = sum(&|calls| read(calls.0.get(at).map(|method| &method.nanoseconds)));
            let total = seconds(Duration::from_nanos(total));
            page.value("redress_call_duration_seconds_sum", &[("method", method)], total);
            page.value("redress_call_duration_seconds_count", &[("method", method)], count);
        }
        page.metric("redress_calls_shed_total", "counter", "Calls sent away because there was too much to answer.");
        let shed = threads.iter().map(|(_, admission)| admission.sent_away()).fold(0, u64::saturating_add);
        page.value("redress_calls_shed_total", &[], shed);
        page.metric("redress_calls_under_way", "gauge", "Calls that were taken on and have not ended.");
        let under_way = threads.iter().map(|(_, admission)| admission.under_way()).fold(0, usize::saturating_add);
        page.value("redress_calls_under_way", &[], under_way);
    }

    fn answers(&self, page: &mut Page) {
        page.metric("redress_authorizations_total", "counter", "Authorizations by effect.");
        for (effect, count) in self.tally.effects() {
            page.value("redress_authorizations_total", &[("effect", effect)], count);
        }
        page.metric("redress_grants_total", "counter", "Grants signed.");
        page.value("redress_grants_total", &[], self.tally.grants());
        for (name, label, counts, help) in [
            ("redress_decisions_total", "recommended", &self.tally.recommended, "Decisions by what they recommend."),
            ("redress_rule_decided_total", "rule", &self.tally.decided, "Authorizations by the rule they rest on."),
            ("redress_rule_failures_total", "rule", &self.tally.failed, "Rules that failed, as when a script errs."),
        ] {
            page.metric(name, "counter", help);
            for (value, count) in counts.counts() {
                page.value(name, &[(label, &value)], count);
            }
        }
    }

    fn policies(&self, page: &mut Page) {
        let status = self.live.status();
        page.metric("redress_bundle_info", "gauge", "Digest of the live policies.");
        page.value("redress_bundle_info", &[("digest", self.live.current().digest())], 1);
        for (name, at, help) in [
            ("redress_bundle_loaded_timestamp_seconds", status.loaded_at, "When the live policies were loaded."),
            ("redress_bundle_checked_timestamp_seconds", status.last_attempt_at, "When policies were last read."),
        ] {
            page.metric(name, "gauge", help);
            page.value(name, &[], seconds_of(at.0));
        }
        page.metric("redress_bundle_reload_failed", "gauge", "Whether newer policies were refused.");
        page.value("redress_bundle_reload_failed", &[], u8::from(status.refused.is_some()));
    }
}

/// A page of numbers.
#[derive(Default)]
struct Page(String);

impl Page {
    fn metric(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string can't fail; here and below.
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn value(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (at, (label, value)) in labels.iter().enumerate() {
            self.0.push(if at == 0 { '{' } else { ',' });
            let _ =
                write!(self.0, "{label}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"));
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }
}

fn read(count: Option<&AtomicU64>) -> u64 {
    count.map_or(0, |count| count.load(Ordering::Relaxed))
}

fn seconds(time: Duration) -> String {
    let text = format!("{}.{:09}", time.as_secs(), time.subsec_nanos());
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn seconds_of(nanoseconds: i64) -> i64 {
    nanoseconds.checked_div(SECOND).unwrap_or_default()
}
