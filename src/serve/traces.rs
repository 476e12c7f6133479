//! Calls as spans of OpenTelemetry, handed to a collector: which calls are traced, and what is told of them.
//!
//! A span names rules, remedies and ids, and nothing of the case. Handing over is another thread's: a collector that is
//! slow, down or talks nonsense costs spans, which are counted, and nothing else.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, StatusCode};
use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Array, Context, InstrumentationScope, KeyValue, StringValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use tonic::Code;

use super::line::is_own_fault;
use super::methods::Way;
use super::metrics::code_word;
use crate::clock;
use crate::rpc::trail::{Notes, Outcome};
use crate::value::Instant;

pub mod context;
mod export;

pub use export::{Handed, TracesError};

/// Where spans go, and of how many calls.
#[derive(Debug, Clone)]
pub struct TracesOptions {
    /// Address of the collector, which takes OTLP over gRPC.
    pub endpoint: String,
    /// Authorities that vouch for its certificate, PEM; for `https`.
    pub authorities: Option<Vec<u8>>,
    /// Share of calls that are traced, of those whose callers did not decide it.
    pub ratio: f64,
    /// Name of this service among others.
    pub service: String,
}

/// Traces calls. A copy traces to the same collector.
#[derive(Debug, Clone)]
pub struct Traces {
    tracer: SdkTracer,
    export: Arc<export::Export>,
}

/// A call that is under way, as a trace has it.
#[derive(Debug)]
pub struct CallSpan {
    /// Holds the span, if it is recorded.
    context: Option<Context>,
    span: SpanContext,
    way: Way,
    begun: Instant,
}

/// What is told of a call that has ended.
#[derive(Debug)]
pub struct Ended<'c> {
    pub request_id: &'c str,
    pub code: Code,
    /// None where nobody waited for the answer.
    pub status: Option<StatusCode>,
    pub took: Duration,
    pub notes: Option<&'c Notes>,
}

impl Traces {
    /// Starts the thread that hands spans over. Whether the collector is there shows only then.
    pub fn start(options: &TracesOptions) -> Result<Self, TracesError> {
        let resource = Resource::builder()
            .with_service_name(options.service.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let export = Arc::new(export::Export::start(options, &resource)?);
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(options.ratio))))
            .with_span_processor(export.entrance())
            .build();
        let scope = InstrumentationScope::builder("redress").with_version(env!("CARGO_PKG_VERSION")).build();
        Ok(Self { tracer: provider.tracer_with_scope(scope), export })
    }

    /// Begins the span of a call, in its caller's trace or one of its own. What is no call of ours has none.
    pub fn begin(&self, way: Way, headers: &HeaderMap) -> Option<CallSpan> {
        let (Way::Rpc(name) | Way::Route(name)) = way else { return None };
        let begun = clock::now();
        let builder = SpanBuilder::from_name(name).with_kind(SpanKind::Server).with_start_time(moment(begun));
        let mut span = self.tracer.build_with_context(builder, &context::parent(headers));
        let known = span.span_context().clone();
        let context = known.is_sampled().then(|| {
            span.set_attributes(named(way));
            Context::new().with_span(span)
        });
        Some(CallSpan { context, span: known, way, begun })
    }

    /// Ends it.
    pub fn end(&self, call: &CallSpan, ended: &Ended<'_>) {
        let Some(context) = &call.context else { return };
        let after = |time: Duration| {
            let nanoseconds = i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
            moment(Instant(call.begun.0.saturating_add(nanoseconds)))
        };
        let steps = ended.notes.map_or(&[][..], |notes| notes.steps.as_slice());
        let mut begins = ended.notes.map_or(Duration::ZERO, |notes| notes.taken_up);
        for (step, ends) in steps {
            let builder = SpanBuilder::from_name(step.word()).with_start_time(after(begins));
            let mut span = self.tracer.build_with_context(builder, context);
            span.end_with_timestamp(after(*ends));
            begins = *ends;
        }
        let span = context.span();
        let word = code_word(ended.code).to_ascii_uppercase();
        if is_own_fault(ended.code) {
            span.set_attribute(KeyValue::new("error.type", word.clone()));
            // Without a description: what failed may say what was asked.
            span.set_status(Status::error(""));
        }
        match (call.way, ended.status) {
            (Way::Rpc(_), _) => span.set_attribute(KeyValue::new("rpc.response.status_code", word)),
            (Way::Route(_) | Way::Other, Some(status)) => {
                span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
            }
            (Way::Route(_) | Way::Other, None) => {}
        }
        span.set_attributes(answered(ended));
        span.end_with_timestamp(after(ended.took));
    }

    /// How many spans came to the collector, and how many did not.
    pub fn handed(&self) -> Handed {
        self.export.handed()
    }

    /// Hands over what waits, for so long at most. Waits for the thread.
    pub fn stop(&self, time: Duration) {
        self.export.stop(time);
    }
}

impl CallSpan {
    pub fn is_recording(&self) -> bool {
        self.context.is_some()
    }

    pub fn trace_id(&self) -> String {
        self.span.trace_id().to_string()
    }

    /// What the caller is told: the trace, our span, and whether it is recorded.
    pub fn told(&self) -> Option<HeaderValue> {
        let (trace, span, flags) = (self.span.trace_id(), self.span.span_id(), u8::from(self.is_recording()));
        HeaderValue::try_from(format!("00-{trace}-{span}-{flags:02x}")).ok()
    }
}

/// How OpenTelemetry's conventions name a call.
fn named(way: Way) -> Vec<KeyValue> {
    match way {
        Way::Rpc(method) => vec![KeyValue::new("rpc.system.name", "grpc"), KeyValue::new("rpc.method", method)],
        Way::Route(route) => {
            let (verb, path) = route.split_once(' ').unwrap_or_default();
            vec![
                KeyValue::new("http.request.method", verb),
                KeyValue::new("http.route", path),
                KeyValue::new("url.path", path),
            ]
        }
        // A path that is not ours may hold anything.
        Way::Other => Vec::new(),
    }
}

/// What was answered, and by which policies.
fn answered(ended: &Ended<'_>) -> Vec<KeyValue> {
    let mut told = vec![KeyValue::new("redress.request_id", ended.request_id.to_owned())];
    let Some(Notes { bundle, answers, count, .. }) = ended.notes else { return told };
    if !bundle.is_empty() {
        told.push(KeyValue::new("redress.bundle.digest", bundle.to_string()));
    }
    if let [only] = answers.as_slice() {
        told.push(KeyValue::new("redress.decision_id", only.id.clone()));
        told.push(match &only.outcome {
            Outcome::Effect(effect) => KeyValue::new("redress.effect", *effect),
            Outcome::Recommended(remedy) => KeyValue::new("redress.recommended", remedy.clone()),
        });
        told.extend(only.rule.clone().map(|rule| KeyValue::new("redress.rule", rule)));
    } else if !answers.is_empty() {
        let ids = answers.iter().map(|noted| StringValue::from(noted.id.clone())).collect();
        told.push(KeyValue::new("redress.decision_ids", Value::Array(Array::String(ids))));
        told.push(KeyValue::new("redress.answers", i64::try_from(*count).unwrap_or(i64::MAX)));
    }
    told
}

fn moment(at: Instant) -> SystemTime {
    let since = Duration::from_nanos(u64::try_from(at.0).unwrap_or_default());
    SystemTime::UNIX_EPOCH.checked_add(since).unwrap_or(SystemTime::UNIX_EPOCH)
}
