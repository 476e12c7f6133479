//! One call from its head to its end: counted, told in a line of the messages, traced, and given its ids to take along.
//!
//! What nobody wants to know costs nothing: no id is made, nothing is noted, nothing is kept on the heap. Of a case
//! nothing is told, whatever is asked for: names of rules, remedies and callers, and ids, are all there is.

use std::sync::Arc;

use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use tonic::Code;

use super::line::{self, Line};
use super::methods::{self, METHODS, Way};
use super::metrics::Calls;
use super::traces::{CallSpan, Ended, Traces, context};
use super::{grpc, json};
use crate::clock::{self, Stopwatch};
use crate::rpc::caller::Caller;
use crate::rpc::decision_id::decision_id;
use crate::rpc::trail::Trail;

/// What a call is known by to its caller and to us.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The trace that a call became part of, as it is told to its caller.
pub const TRACE_RESPONSE: HeaderName = HeaderName::from_static("traceresponse");

/// Longer ids are replaced.
const REQUEST_ID_MAX: usize = 128;

/// Which calls are told in a line each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CallLines {
    #[default]
    None,
    /// Those that were not answered, but for those that were sent away because there were too many.
    Failed,
    All,
}

/// How the service tells of its calls.
#[derive(Debug, Clone, Default)]
pub struct Telling {
    pub lines: CallLines,
    pub traces: Option<Traces>,
    /// Messages that nobody took in time.
    pub messages_dropped: Option<tracing_appender::non_blocking::ErrorCounter>,
}

/// What went wrong inside the service, in an answer's extensions: it is told whatever else is.
#[derive(Debug, Clone)]
pub struct Fault(pub String);

/// What watches the calls of one thread.
#[derive(Debug, Default)]
pub struct Watch {
    pub calls: Arc<Calls>,
    pub telling: Telling,
}

/// A call under way. One that is dropped before its end was given up by its caller.
#[derive(Debug)]
pub struct Call {
    watch: Arc<Watch>,
    method: usize,
    arrived: Stopwatch,
    /// Probes are counted and not told.
    quiet: bool,
    request_id: Option<HeaderValue>,
    traceparent: Option<HeaderValue>,
    caller: Option<Arc<Caller>>,
    trail: Trail,
    span: Option<CallSpan>,
    ended: bool,
}

impl Watch {
    /// A call that arrived then begins. What the service is to note of it travels with the request.
    pub fn begin<B>(self: &Arc<Self>, request: &mut Request<B>, arrived: Stopwatch) -> Call {
        let Telling { lines, traces, .. } = &self.telling;
        let (method, way) = methods::of(request.uri().path());
        let quiet = way == Way::Other && is_probe(request.uri().path());
        let headers = request.headers();
        let mut call = Call {
            watch: Arc::clone(self),
            method,
            arrived,
            quiet,
            request_id: headers.get(REQUEST_ID).filter(|id| is_well_formed(id)).cloned(),
            traceparent: None,
            caller: None,
            trail: Trail::none(),
            span: None,
            ended: false,
        };
        if quiet || (*lines == CallLines::None && traces.is_none()) {
            return call;
        }
        call.traceparent = headers.get(context::PARENT).cloned();
        call.caller = request.extensions().get::<Arc<Caller>>().cloned();
        call.span = traces.as_ref().and_then(|traces| traces.begin(way, headers));
        let is_traced = call.span.as_ref().is_some_and(CallSpan::is_recording);
        if is_traced || (*lines == CallLines::All && line::is_wanted()) {
            call.trail = Trail::wanted(arrived);
            request.extensions_mut().insert(call.trail.clone());
        }
        call
    }
}

impl Call {
    /// The call ends so; its ids go along with what is answered.
    pub fn end<R>(mut self, code: Code, mut response: Response<R>) -> Response<R> {
        let fault = response.extensions_mut().remove::<Fault>();
        self.told(code, Some(response.status()), fault.as_ref());
        let headers = response.headers_mut();
        if let Some(id) = self.request_id.take() {
            headers.insert(REQUEST_ID, id);
        }
        if let Some(trace) = self.span.as_ref().and_then(CallSpan::told) {
            headers.insert(TRACE_RESPONSE, trace);
        }
        response
    }

    fn told(&mut self, code: Code, status: Option<StatusCode>, fault: Option<&Fault>) {
        self.ended = true;
        let took = self.arrived.elapsed();
        self.watch.calls.count(self.method, code, took);
        let failed = !matches!(code, Code::Ok | Code::ResourceExhausted);
        let Telling { lines, traces, .. } = &self.watch.telling;
        let in_a_line =
            fault.is_some() || !self.quiet && (*lines == CallLines::All || *lines == CallLines::Failed && failed);
        let is_traced = self.span.as_ref().is_some_and(CallSpan::is_recording);
        if !in_a_line && !is_traced {
            return;
        }
        // Made of letters, digits and hyphens alone.
        let made = || HeaderValue::try_from(decision_id(clock::now())).unwrap_or(HeaderValue::from_static("none"));
        let request_id = self.request_id.get_or_insert_with(made).to_str().unwrap_or_default();
        let notes = self.trail.notes();
        let notes = notes.as_ref();
        if in_a_line {
            let trace = match &self.span {
                Some(span) => Some(span.trace_id()),
                None => self.traceparent.as_ref().and_then(context::trace_id),
            };
            let method = METHODS.get(self.method).map_or("other", |method| method.name);
            let (trace, caller) = (trace.as_deref(), self.caller.as_ref().map(|caller| &*caller.name));
            line::write(&Line { request_id, method, code, took, trace, caller, notes, fault });
        }
        if let (Some(span), Some(traces)) = (&self.span, traces) {
            traces.end(span, &Ended { request_id, code, status, took, notes });
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.ended {
            self.told(Code::Cancelled, None, None);
        }
    }
}

/// What may stand in a message: nothing that ends a line or a string, and no mail address.
fn is_well_formed(id: &HeaderValue) -> bool {
    let may_be = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(byte);
    (1..=REQUEST_ID_MAX).contains(&id.len()) && id.as_bytes().iter().all(may_be)
}

fn is_probe(path: &str) -> bool {
    path.starts_with(grpc::HEALTH) || json::is_open(path)
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;

    use super::*;
    use crate::rpc::caller::Roles;

    #[derive(Clone, Default)]
    struct Said(Arc<Mutex<Vec<u8>>>);

    impl Said {
        /// Hears the messages of some work.
        fn hear(&self, work: impl FnOnce()) {
            let writer = self.clone();
            let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
            tracing::subscriber::with_default(subscriber, work);
        }

        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl io::Write for Said {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_went_wrong_inside_is_told_with_the_calls_ids_whatever_else_is() {
        let said = Said::default();
        said.hear(|| {
            let watch = Arc::new(Watch::default());
            let begin = || {
                let mut request = Request::new(());
                *request.uri_mut() = http::Uri::from_static("/v1/decide");
                request.headers_mut().insert(REQUEST_ID, HeaderValue::from_static("desk-7"));
                watch.begin(&mut request, Stopwatch::start())
            };
            begin().end(Code::Internal, Response::new(()));
            assert_eq!(said.text(), "", "nobody asked for lines");
            let mut response = Response::new(());
            response.extensions_mut().insert(Fault("it can't be written".into()));
            let response = begin().end(Code::Internal, response);
            assert_eq!(response.headers().get(REQUEST_ID).unwrap(), "desk-7");
        });
        for part in ["ERROR", "desk-7", "Decide", "internal", "it can't be written"] {
            assert!(said.text().contains(part), "{part}: {}", said.text());
        }
    }

    #[test]
    fn a_call_that_fails_is_told_with_its_caller_and_its_trace() {
        let said = Said::default();
        said.hear(|| {
            let telling = Telling { lines: CallLines::Failed, ..Telling::default() };
            let watch = Arc::new(Watch { telling, ..Watch::default() });
            for code in [Code::Ok, Code::ResourceExhausted, Code::PermissionDenied, Code::Unavailable] {
                let mut request = Request::new(());
                let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
                request.headers_mut().insert(context::PARENT, HeaderValue::from_static(parent));
                let caller = Caller { name: "certificate:helpdesk".into(), roles: Roles::Stated };
                request.extensions_mut().insert(Arc::new(caller));
                let response = watch.begin(&mut request, Stopwatch::start()).end(code, Response::new(()));
                let failed = !matches!(code, Code::Ok | Code::ResourceExhausted);
                assert_eq!(response.headers().contains_key(REQUEST_ID), failed, "{code}");
            }
        });
        let text = said.text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        for line in &lines {
            assert!(
                line.contains("certificate:helpdesk") && line.contains("0af7651916cd43dd8448eb211c80319c"),
                "{line}"
            );
        }
        assert!(lines[0].contains("INFO") && lines[0].contains("permission_denied"), "{text}");
        assert!(lines[1].contains("WARN") && lines[1].contains("unavailable"), "{text}");
    }

    #[test]
    fn an_id_is_letters_digits_and_what_joins_them() {
        for (id, is_one) in [
            ("a", true),
            ("A-b_9.:/+=", true),
            ("", false),
            ("a b", false),
            ("a@b", false),
            ("a\"b", false),
            ("é", false),
        ] {
            assert_eq!(is_well_formed(&HeaderValue::from_bytes(id.as_bytes()).unwrap()), is_one, "{id}");
        }
        for (length, is_one) in [(REQUEST_ID_MAX, true), (REQUEST_ID_MAX + 1, false)] {
            assert_eq!(is_well_formed(&HeaderValue::try_from("x".repeat(length)).unwrap()), is_one);
        }
    }
}
