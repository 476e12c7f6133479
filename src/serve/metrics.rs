//! What the service tells of itself in numbers, as Prometheus reads them. Counts calls without a lock and without
//! memory of its own for each: every thread has its own counters, summed up when somebody asks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tonic::Code;

use super::call::Telling;
use super::identity::Identity;
use super::methods::{METHODS, Method};
use crate::live::Live;
use crate::rpc::admission::Admission;
use crate::rpc::recording::Recorder;
use crate::rpc::tally::Tally;

mod log;
mod page;

use page::{Kind, Page, timestamp};

/// Upper bounds of the histogram, in microseconds.
const BOUNDS: [u64; 16] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    10_000_000,
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
struct Counts {
    codes: [AtomicU64; CODES.len()],
    buckets: [AtomicU64; BOUNDS.len()],
    nanoseconds: AtomicU64,
}

/// The calls of one thread.
#[derive(Debug, Default)]
pub struct Calls([Counts; METHODS.len()]);

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

/// The word of operations for a status.
pub fn code_word(code: Code) -> &'static str {
    usize::try_from(i32::from(code)).ok().and_then(|code| CODES.get(code)).copied().unwrap_or_default()
}

/// All there is to tell.
#[derive(Debug)]
pub struct Metrics {
    threads: Mutex<Vec<(Arc<Calls>, Arc<Admission>)>>,
    pub tally: Arc<Tally>,
    live: Arc<Live>,
    identity: Arc<Identity>,
    recorder: Option<Recorder>,
    telling: Telling,
}

impl Metrics {
    pub fn new(live: &Arc<Live>, identity: &Arc<Identity>, recorder: Option<Recorder>, telling: Telling) -> Self {
        let (live, identity) = (Arc::clone(live), Arc::clone(identity));
        Self { threads: Mutex::default(), tally: Arc::default(), live, identity, recorder, telling }
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
        page.metric("redress_build_info", Kind::Gauge, "Which program this is.");
        page.value("redress_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
        self.calls(&mut page);
        self.answers(&mut page);
        self.policies(&mut page);
        if let Some(at) = self.identity.expires() {
            let help = "When the server's certificate expires.";
            page.one("redress_certificate_expiry_timestamp_seconds", Kind::Gauge, help, timestamp(at));
        }
        if let Some(recorder) = &self.recorder {
            log::write(&mut page, recorder);
        }
        self.telling(&mut page);
        page.into_text()
    }

    fn calls(&self, page: &mut Page) {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let sum = |of: &dyn Fn(&Calls) -> u64| threads.iter().map(|(calls, _)| of(calls)).fold(0, u64::saturating_add);
        page.metric("redress_calls_total", Kind::Counter, "Calls that have ended, by method and status.");
        for (at, Method { name: method, .. }) in METHODS.iter().enumerate() {
            for (code, name) in CODES.iter().enumerate() {
                let count = sum(&|calls| read(calls.0.get(at).and_then(|method| method.codes.get(code))));
                if count > 0 {
                    page.value("redress_calls_total", &[("method", method), ("code", name)], count);
                }
            }
        }
        let name = "redress_call_duration_seconds";
        page.metric(name, Kind::Histogram, "How long calls took, from their head to their answer.");
        for (at, Method { name: method, .. }) in METHODS.iter().enumerate() {
            let count = (0..CODES.len()).fold(0_u64, |count, code| {
                let of = sum(&|calls| read(calls.0.get(at).and_then(|method| method.codes.get(code))));
                count.saturating_add(of)
            });
            if count == 0 {
                continue;
            }
            let mut below = 0_u64;
            let at_most: [u64; BOUNDS.len()] = std::array::from_fn(|bucket| {
                let of = sum(&|calls| read(calls.0.get(at).and_then(|method| method.buckets.get(bucket))));
                below = below.saturating_add(of);
                below
            });
            let took = Duration::from_nanos(sum(&|calls| read(calls.0.get(at).map(|method| &method.nanoseconds))));
            page.times(name, Some(("method", method)), &BOUNDS, &at_most, (count, took));
        }
        let shed = threads.iter().map(|(_, admission)| admission.sent_away()).fold(0, u64::saturating_add);
        let help = "Calls sent away because there was too much to answer.";
        page.one("redress_calls_shed_total", Kind::Counter, help, shed);
        let under_way = threads.iter().map(|(_, admission)| admission.under_way()).fold(0, usize::saturating_add);
        let help = "Calls that were taken on and have not ended.";
        page.one("redress_calls_under_way", Kind::Gauge, help, under_way);
    }

    fn answers(&self, page: &mut Page) {
        page.metric("redress_authorizations_total", Kind::Counter, "Authorizations by effect.");
        for (effect, count) in self.tally.effects() {
            page.value("redress_authorizations_total", &[("effect", effect)], count);
        }
        page.metric("redress_grants_total", Kind::Counter, "Grants signed.");
        page.value("redress_grants_total", &[], self.tally.grants());
        for (name, label, counts, help) in [
            ("redress_decisions_total", "recommended", &self.tally.recommended, "Decisions by what they recommend."),
            ("redress_rule_decided_total", "rule", &self.tally.decided, "Authorizations by the rule they rest on."),
            ("redress_rule_failures_total", "rule", &self.tally.failed, "Rules that failed, as when a script errs."),
            (
                "redress_script_failures_total",
                "function",
                &self.tally.erred,
                "Answers for which a function of a script gave no value.",
            ),
        ] {
            page.metric(name, Kind::Counter, help);
            for (value, count) in counts.counts() {
                page.value(name, &[(label, &value)], count);
            }
        }
    }

    fn telling(&self, page: &mut Page) {
        if let Some(traces) = &self.telling.traces {
            let handed = traces.handed();
            let help = "Spans that the collector took.";
            page.one("redress_spans_exported_total", Kind::Counter, help, handed.exported);
            let name = "redress_spans_dropped_total";
            page.metric(name, Kind::Counter, "Spans that the collector did not take, or that had no room to wait.");
            for (reason, count) in [("refused", handed.refused), ("overflow", handed.overflowed)] {
                page.value(name, &[("reason", reason)], count);
            }
        }
        if let Some(dropped) = &self.telling.messages_dropped {
            let help = "Messages that nobody took in time.";
            page.one("redress_messages_dropped_total", Kind::Counter, help, dropped.dropped_lines());
        }
    }

    fn policies(&self, page: &mut Page) {
        let status = self.live.status();
        page.metric("redress_bundle_info", Kind::Gauge, "Digest of the live policies.");
        page.value("redress_bundle_info", &[("digest", self.live.current().digest())], 1);
        for (name, at, help) in [
            ("redress_bundle_loaded_timestamp_seconds", status.loaded_at, "When the live policies were loaded."),
            ("redress_bundle_checked_timestamp_seconds", status.last_attempt_at, "When policies were last read."),
        ] {
            page.one(name, Kind::Gauge, help, timestamp(at));
        }
        let help = "Whether newer policies were refused.";
        page.one("redress_bundle_reload_failed", Kind::Gauge, help, u8::from(status.refused.is_some()));
        let name = "redress_bundle_reloads_total";
        page.metric(name, Kind::Counter, "Policies that were read anew, by what came of it.");
        let reloads = self.live.reloads();
        for (result, count) in [("live", reloads.live), ("refused", reloads.refused), ("unchanged", reloads.unchanged)]
        {
            page.value(name, &[("result", result)], count);
        }
    }
}

fn read(count: Option<&AtomicU64>) -> u64 {
    count.map_or(0, |count| count.load(Ordering::Relaxed))
}
