//! Calls as spans: a collector that is there, one that is not, and one that talks nonsense.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, Span};
use redress::clock::Stopwatch;
use redress::rpc::proto::redress::v1 as wire;
use redress::serve::{Handed, ServeOptions, Telling, Traces, TracesOptions};
use serde_json::{Value, json};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Identity, ServerTlsConfig};
use tonic::{Request, Response, Status};

use crate::papers::Authority;
use crate::server::{Server, options, start_with};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// Takes spans, in its own time.
#[derive(Clone, Default)]
struct Collector {
    taken: Arc<Mutex<Vec<ResourceSpans>>>,
    slow: Option<Duration>,
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        if let Some(slow) = self.slow {
            tokio::time::sleep(slow).await;
        }
        self.taken.lock().unwrap().extend(request.into_inner().resource_spans);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    async fn start(&self) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        self.listen(listener);
        address
    }

    fn listen(&self, listener: tokio::net::TcpListener) {
        let server = tonic::transport::Server::builder().add_service(TraceServiceServer::new(self.clone()));
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    }

    /// Every span so far, and that they come from us.
    fn spans(&self) -> Vec<Span> {
        let taken = self.taken.lock().unwrap().clone();
        for of in &taken {
            let resource = &of.resource.as_ref().unwrap().attributes;
            assert_eq!(text(resource, "service.name"), "desk-of-tests", "{resource:?}");
        }
        taken.into_iter().flat_map(|of| of.scope_spans).flat_map(|of| of.spans).collect()
    }
}

fn text(attributes: &[KeyValue], key: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == key);
    match found.and_then(|attribute| attribute.value.as_ref()) {
        Some(AnyValue { value: Some(Any::StringValue(text)) }) => text.clone(),
        Some(AnyValue { value: Some(Any::IntValue(number)) }) => number.to_string(),
        Some(AnyValue { value: Some(Any::ArrayValue(array)) }) => array.values.len().to_string(),
        Some(other) => panic!("{key}: {other:?}"),
        None => String::new(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + format!("{byte:02x}").as_str())
}

fn traces(endpoint: &str, ratio: f64) -> Traces {
    let options =
        TracesOptions { endpoint: endpoint.into(), authorities: None, ratio, service: "desk-of-tests".into() };
    Traces::start(&options).unwrap()
}

async fn traced(traces: &Traces) -> Server {
    let telling = Telling { traces: Some(traces.clone()), ..Telling::default() };
    start_with(ServeOptions { telling, ..options() }).await
}

fn question() -> Value {
    let yuan = |units: &str| json!({ "currencyCode": "CNY", "units": units });
    json!({
        "case": { "order": { "amount": yuan("100"), "compensated": yuan("0") } },
        "actor": { "role": "agent" },
        "action": { "name": "compensate", "amount": yuan("10") },
    })
}

/// Authorizes over gRPC with a `traceparent`; the decision's id, and the trace that was told.
async fn authorize(server: &Server, parent: Option<&str>) -> (String, String) {
    let mut request = Request::new(serde_json::from_value::<wire::AuthorizeRequest>(question()).unwrap());
    if let Some(parent) = parent {
        request.metadata_mut().insert("traceparent", parent.parse().unwrap());
    }
    let answer = server.decisions().await.authorize(request).await.unwrap();
    let told = answer.metadata().get("traceresponse").map(|told| told.to_str().unwrap().to_owned());
    (answer.into_inner().authorization.unwrap().decision_id, told.unwrap_or_default())
}

#[tokio::test]
async fn a_call_is_a_span_in_its_callers_trace() {
    let collector = Collector::default();
    let traces = traces(&format!("http://{}", collector.start().await), 0.0);
    let server = traced(&traces).await;
    let (id, told) = authorize(&server, Some(&format!("00-{TRACE}-{PARENT}-01"))).await;
    let digest = server.live.current().digest().to_owned();
    server.stop().await.unwrap();

    let spans = collector.spans();
    let call = spans.iter().find(|span| span.kind == 2).unwrap_or_else(|| panic!("{spans:?}"));
    assert_eq!((hex(&call.trace_id), hex(&call.parent_span_id)), (TRACE.into(), PARENT.into()));
    assert_eq!(told, format!("00-{TRACE}-{}-01", hex(&call.span_id)));
    assert_eq!(call.name, "redress.v1.DecisionService/Authorize");
    for (key, value) in [
        ("rpc.system.name", "grpc"),
        ("rpc.method", "redress.v1.DecisionService/Authorize"),
        ("rpc.response.status_code", "OK"),
        ("redress.effect", "allow"),
        ("redress.decision_id", &id),
        ("redress.bundle.digest", &digest),
        ("error.type", ""),
    ] {
        assert_eq!(text(&call.attributes, key), value, "{key}");
    }
    assert!(text(&call.attributes, "redress.rule").starts_with("authority."), "{call:?}");
    assert_eq!(text(&call.attributes, "redress.request_id").len(), 36);
    let steps: Vec<_> = spans.iter().filter(|span| span.parent_span_id == call.span_id).collect();
    let names: Vec<_> = steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["convert", "decide", "write"]);
    let mut since = call.start_time_unix_nano;
    for step in steps {
        assert!(since <= step.start_time_unix_nano && step.start_time_unix_nano <= step.end_time_unix_nano, "{step:?}");
        assert!(step.end_time_unix_nano <= call.end_time_unix_nano && hex(&step.trace_id) == TRACE, "{step:?}");
        since = step.end_time_unix_nano;
    }
    assert_eq!(traces.handed(), Handed { exported: 4, overflowed: 0, refused: 0 });
}

#[tokio::test]
async fn callers_decide_for_their_traces_and_the_share_for_others() {
    for (ratio, alone) in [(0.0, 0), (1.0, 1)] {
        let collector = Collector::default();
        let traces = traces(&format!("http://{}", collector.start().await), ratio);
        let server = traced(&traces).await;
        let (_, told) = authorize(&server, Some(&format!("00-{TRACE}-{PARENT}-00"))).await;
        assert!(told.starts_with(&format!("00-{TRACE}-")) && told.ends_with("-00"), "{told}");
        let mut own = Vec::new();
        for parent in [None, Some("no such thing"), Some("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")] {
            let (_, told) = authorize(&server, parent).await;
            assert!(!told.contains(TRACE) && told.ends_with(&format!("-0{alone}")), "{told}");
            own.push(told[3..35].to_owned());
        }
        server.stop().await.unwrap();
        let calls: Vec<_> = collector.spans().into_iter().filter(|span| span.kind == 2).collect();
        assert_eq!(calls.len(), 3 * alone);
        for call in calls {
            assert!(own.contains(&hex(&call.trace_id)) && call.parent_span_id.is_empty(), "{call:?}");
        }
    }
}

#[tokio::test]
async fn json_batches_and_refusals_are_spans_as_well() {
    let collector = Collector::default();
    let traces = traces(&format!("http://{}", collector.start().await), 1.0);
    let server = traced(&traces).await;
    assert_eq!(server.post("/v1/batch-authorize", &json!({ "requests": [question(), question()] })).await.0, 200);
    assert_eq!(server.post("/v1/authorize", &json!({ "case": 1 })).await.0, 400);
    // No calls of ours.
    assert_eq!(server.get("/readyz").await.0, 200);
    assert_eq!(server.get("/13800138000").await.0, 404);
    server.stop().await.unwrap();
    let mut calls: Vec<_> = collector.spans().into_iter().filter(|span| span.kind == 2).collect();
    calls.sort_by_key(|call| call.start_time_unix_nano);
    let told = calls.iter().map(|call| {
        let of = |key: &str| text(&call.attributes, key);
        (call.name.as_str(), of("http.route"), of("http.response.status_code"), of("redress.decision_ids"))
    });
    let told: Vec<_> = told.collect();
    let expected = [
        ("POST /v1/batch-authorize", "/v1/batch-authorize", "200", "2"),
        ("POST /v1/authorize", "/v1/authorize", "400", ""),
    ];
    assert_eq!(told, expected.map(|(name, route, status, ids)| (name, route.into(), status.into(), ids.into())));
    assert!(calls.iter().all(|call| call.status.as_ref().is_none_or(|status| status.code == 0)), "{calls:?}");
}

#[tokio::test]
async fn a_collector_that_is_not_there_or_talks_nonsense_costs_spans_and_nothing_else() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nonsense = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let talks = nonsense.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = nonsense.accept().await {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.0 200 OK\r\n\r\nwhat?").await;
        }
    });
    for address in [closed, talks, silent.local_addr().unwrap()] {
        let traces = traces(&format!("http://{address}"), 1.0);
        let server = traced(&traces).await;
        let begun = Stopwatch::start();
        for _ in 0..5 {
            authorize(&server, None).await;
        }
        assert!(begun.elapsed() < Duration::from_secs(4), "calls wait for the collector");
        let stopping = Stopwatch::start();
        server.stop().await.unwrap();
        assert!(stopping.elapsed() < Duration::from_secs(8), "the end waits for the collector");
        assert_eq!(traces.handed(), Handed { exported: 0, overflowed: 0, refused: 20 }, "{address}");
    }
}

#[tokio::test]
async fn a_collector_that_comes_back_gets_what_comes_then() {
    let address = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let traces = traces(&format!("http://{address}"), 1.0);
    let server = traced(&traces).await;
    authorize(&server, None).await;
    while traces.handed().refused == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let collector = Collector::default();
    collector.listen(tokio::net::TcpListener::bind(address).await.unwrap());
    let (id, _) = authorize(&server, None).await;
    server.stop().await.unwrap();
    let spans = collector.spans();
    assert!(spans.iter().any(|span| text(&span.attributes, "redress.decision_id") == id), "{spans:?}");
    assert_eq!(traces.handed(), Handed { exported: 4, overflowed: 0, refused: 4 });
}

#[tokio::test]
async fn the_end_comes_although_the_collector_is_slow() {
    let collector = Collector { slow: Some(Duration::from_secs(3_600)), ..Collector::default() };
    let traces = traces(&format!("http://{}", collector.start().await), 1.0);
    let telling = Telling { traces: Some(traces.clone()), ..Telling::default() };
    let server = start_with(ServeOptions { telling, drain: Duration::from_millis(200), ..options() }).await;
    authorize(&server, None).await;
    let stopping = Stopwatch::start();
    server.stop().await.unwrap();
    assert!(stopping.elapsed() < Duration::from_secs(3), "the end waits for the collector");
    assert_eq!(traces.handed(), Handed { exported: 0, overflowed: 0, refused: 4 });
}

#[tokio::test]
async fn a_collector_is_reached_over_tls_if_its_certificate_is_vouched_for() {
    let (ours, another) = (Authority::new("ours"), Authority::new("another"));
    let pair = ours.pair("localhost");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let tls = ServerTlsConfig::new().identity(Identity::from_pem(&pair.certificate, &pair.key));
    let mut server = tonic::transport::Server::builder().tls_config(tls).unwrap();
    let server = server.add_service(TraceServiceServer::new(Collector::default()));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    for (authority, exported) in [(&ours, 4), (&another, 0)] {
        let authorities = Some(authority.pem.clone().into_bytes());
        let options = TracesOptions { endpoint: endpoint.clone(), authorities, ratio: 1.0, service: "t".into() };
        let traces = Traces::start(&options).unwrap();
        let server = traced(&traces).await;
        authorize(&server, None).await;
        server.stop().await.unwrap();
        assert_eq!(traces.handed(), Handed { exported, overflowed: 0, refused: 4 - exported });
    }
}

#[test]
fn a_collector_has_an_address() {
    for (endpoint, authorities, said) in [
        ("collector:4317", None, "is no address of a collector"),
        ("", None, "is no address of a collector"),
        ("https://collector:4317", None, "--otlp-ca"),
        ("http://collector:4317", Some(b"pem".to_vec()), "is reached without TLS"),
    ] {
        let options = TracesOptions { endpoint: endpoint.into(), authorities, ratio: 1.0, service: "t".into() };
        let refused = Traces::start(&options).unwrap_err().to_string();
        assert!(refused.contains(said), "{endpoint}: {refused}");
    }
}
