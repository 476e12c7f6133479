//! One port, several protocols, and the limits of each.

use std::time::Duration;

use http::HeaderValue;
use pbjson_types::FileDescriptorProto;
use prost::Message as _;
use redress::rpc::proto::redress::v1 as wire;
use redress::serve::{self, ServeError, ServeOptions};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Request, Status};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus};
use tonic_reflection::pb::{v1, v1alpha};
use tonic_types::StatusExt as _;

use crate::server::{Answer, options, start, start_with};

fn request() -> wire::AuthorizeRequest {
    serde_json::from_value(json!({
        "case": { "order": { "amount": { "currencyCode": "CNY", "units": "100" }, "compensated": { "currencyCode": "CNY" } } },
        "actor": { "role": "agent" },
        "action": { "name": "compensate", "amount": { "currencyCode": "CNY", "units": "10" } },
        "locale": "en",
    }))
    .unwrap()
}

#[tokio::test]
async fn grpc_answers_and_refuses_with_details() {
    let server = start().await;
    let mut client = server.decisions().await;
    let answer = client.authorize(request()).await.unwrap().into_inner().authorization.unwrap();
    assert_eq!(answer.effect(), wire::Effect::Allow);

    let mut wrong = request();
    wrong.actor.as_mut().unwrap().role = Some("aggent".into());
    let status = client.authorize(wrong).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let details = status.get_details_bad_request().unwrap();
    let violation = &details.field_violations[0];
    assert_eq!((violation.field.as_str(), violation.reason.as_str()), ("actor.role", "UNKNOWN_NAME"));
    assert!(status.message().contains("did you mean `agent`?"), "{}", status.message());
    server.stop().await.unwrap();
}

/// Sends bytes as they are.
#[derive(Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Raw;
    type Decoder = Raw;

    fn encoder(&mut self) -> Raw {
        Raw
    }

    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        prost::bytes::BufMut::put_slice(into, &item);
        Ok(())
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::default()
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let length = prost::bytes::Buf::remaining(from);
        Ok(Some(prost::bytes::Buf::copy_to_bytes(from, length).to_vec()))
    }
}

const AUTHORIZE: http::uri::PathAndQuery =
    http::uri::PathAndQuery::from_static("/redress.v1.DecisionService/Authorize");

#[tokio::test]
async fn malformed_messages_are_the_callers_mistake() {
    let server = start().await;
    let mut grpc = tonic::client::Grpc::new(server.channel().await);
    for garbage in [&b"\xff\xff\xff\xff"[..], b"\x0a\x7f", b"\x2a\x02\xff\xfe"] {
        grpc.ready().await.unwrap();
        let status = grpc.unary(Request::new(garbage.to_vec()), AUTHORIZE, Raw).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{garbage:?}: {status}");
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn too_large_messages_are_refused() {
    let server = start_with(ServeOptions { message_bytes_max: 1_000, ..options() }).await;
    let mut large = request();
    large.case.as_mut().unwrap().empty_lists = vec!["evidence".into(); 1_000];
    let status = server.decisions().await.authorize(large.clone()).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange, "{status}");
    let (code, answer) = server.post("/v1/authorize", &serde_json::to_value(&large).unwrap()).await;
    assert_eq!((code, &answer["code"]), (413, &json!(8)));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_told_so() {
    let server = start_with(ServeOptions { request_time_max: Duration::from_millis(200), ..options() }).await;
    // A message that never comes.
    let mut grpc = tonic::client::Grpc::new(server.channel().await);
    grpc.ready().await.unwrap();
    let never = tokio_stream::pending::<Vec<u8>>();
    let status = grpc.client_streaming(Request::new(never), AUTHORIZE, Raw).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status}");

    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = "POST /v1/authorize HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\ncontent-length: 10\r\nconnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let answer = Answer::read(&bytes);
    assert_eq!((answer.status, &answer.json()["code"]), (504, &json!(4)));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn browsers_call_by_grpc_web_over_http_1() {
    let server = start().await;
    let message = request().encode_to_vec();
    let mut frame = vec![0];
    frame.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(&message);
    let headers = [("content-type", "application/grpc-web+proto"), ("x-grpc-web", "1")];
    let answer = server.http("POST", "/redress.v1.DecisionService/Authorize", &headers, &frame).await;
    assert_eq!(answer.status, 200);
    let length = usize::try_from(u32::from_be_bytes(answer.body[1..5].try_into().unwrap())).unwrap();
    let read = wire::AuthorizeResponse::decode(&answer.body[5..5 + length]).unwrap();
    assert_eq!(read.authorization.unwrap().effect(), wire::Effect::Allow);
    let trailers = &answer.body[5 + length..];
    assert_eq!(trailers[0], 0x80);
    assert!(String::from_utf8_lossy(trailers).contains("grpc-status:0"), "{trailers:?}");

    // gRPC proper needs HTTP/2.
    let answer = server
        .http("POST", "/redress.v1.DecisionService/Authorize", &[("content-type", "application/grpc")], &frame)
        .await;
    assert_eq!(answer.status, 505);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn only_browsers_of_allowed_origins_may_read() {
    let allowed = "https://desk.example";
    let server = start_with(ServeOptions {
        allowed_origins: vec![HeaderValue::from_static("https://desk.example")],
        ..options()
    })
    .await;
    for (origin, admitted) in [(allowed, Some(allowed)), ("https://evil.example", None)] {
        let preflight = [("origin", origin), ("access-control-request-method", "POST")];
        let answer = server.http("OPTIONS", "/v1/authorize", &preflight, b"").await;
        assert_eq!(answer.header("access-control-allow-origin"), admitted);
        assert_eq!(answer.status, if admitted.is_some() { 204 } else { 405 });
        let headers = [("origin", origin), ("content-type", "application/json")];
        let answer = server.http("POST", "/v1/authorize", &headers, b"{}").await;
        assert_eq!(answer.header("access-control-allow-origin"), admitted);
        assert_eq!(answer.status, 400);
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn plain_http_mistakes_are_told_plainly() {
    let server = start().await;
    let json = [("content-type", "application/json")];
    for (method, path, headers, body, status, said) in [
        ("POST", "/v1/decide", &[][..], &b"{}"[..], 415, "content-type: application/json"),
        ("POST", "/v1/decide", &json, b"{\n  \"case\": ]", 400, "line 2, column 11"),
        ("POST", "/v1/decide", &json, b"[]", 400, "an object"),
        ("POST", "/v1/decide", &json, b"", 400, "case"),
        ("POST", "/v1/nothing", &json, b"{}", 404, "/v1/decide"),
        ("GET", "/v1/decide", &[], b"", 405, "another method"),
    ] {
        let answer = server.http(method, path, headers, body).await;
        let told = answer.json()["message"].as_str().unwrap_or_default().to_owned();
        let english = if path == "/v1/decide" && status == 400 { true } else { told.contains(said) };
        assert_eq!((answer.status, english), (status, true), "{path}: {told}");
    }
    let with_locale = json!({ "locale": "en", "csae": {} });
    let (_, answer) = server.post("/v1/decide", &with_locale).await;
    assert_eq!(answer["message"], "the request is wrong: `csae`: there is no field `csae`; did you mean `case`?");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn both_spellings_of_a_field_are_read() {
    let server = start().await;
    for body in [
        json!({ "case": { "order": { "itemCount": 2 } }, "actor": { "role": "agent" }, "asOf": "2026-11-22T07:00:00Z" }),
        json!({ "case": { "order": { "item_count": 2 } }, "actor": { "role": "agent" }, "as_of": "2026-11-22T07:00:00Z" }),
    ] {
        let (status, answer) = server.post("/v1/decide", &body).await;
        assert_eq!(
            (status, &answer["decision"]["evaluatedAt"]),
            (200, &json!("2026-11-22T07:00:00+00:00")),
            "{answer}"
        );
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn health_and_readiness() {
    let server = start().await;
    let mut health = HealthClient::new(server.channel().await);
    for service in ["", "redress.v1.DecisionService", "redress.v1.PolicyService"] {
        let answer = health.check(HealthCheckRequest { service: service.into() }).await.unwrap();
        assert_eq!(answer.into_inner().status(), ServingStatus::Serving, "{service}");
    }
    assert_eq!(health.check(HealthCheckRequest { service: "other".into() }).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(server.http("GET", "/healthz", &[], b"").await.body, b"ok\n");
    let (status, ready) = server.get("/readyz").await;
    assert_eq!(
        (status, &ready["ready"], &ready["bundle"]),
        (200, &json!(true), &json!(server.live.current().digest()))
    );
    server.stop().await.unwrap();
}

#[tokio::test]
async fn reflection_tells_the_services_in_both_versions() {
    let server = start().await;
    let channel = server.channel().await;
    let expected = ["redress.v1.DecisionService", "redress.v1.PolicyService", "grpc.health.v1.Health"];

    let ask = v1::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(v1::server_reflection_request::MessageRequest::ListServices(String::new())),
    };
    let mut client = v1::server_reflection_client::ServerReflectionClient::new(channel.clone());
    let mut answers = client.server_reflection_info(tokio_stream::once(ask)).await.unwrap().into_inner();
    let Some(v1::server_reflection_response::MessageResponse::ListServicesResponse(list)) =
        answers.message().await.unwrap().unwrap().message_response
    else {
        panic!("no list");
    };
    let names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    assert!(expected.iter().all(|name| names.iter().any(|known| known == name)), "{names:?}");

    let ask = v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(v1alpha::server_reflection_request::MessageRequest::FileContainingSymbol(
            "redress.v1.DecisionService".into(),
        )),
    };
    let mut client = v1alpha::server_reflection_client::ServerReflectionClient::new(channel);
    let mut answers = client.server_reflection_info(tokio_stream::once(ask)).await.unwrap().into_inner();
    let Some(v1alpha::server_reflection_response::MessageResponse::FileDescriptorResponse(files)) =
        answers.message().await.unwrap().unwrap().message_response
    else {
        panic!("no file");
    };
    let file = FileDescriptorProto::decode(files.file_descriptor_proto[0].as_slice()).unwrap();
    assert_eq!(file.name(), "redress/v1/decision_service.proto");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn an_unknown_method_is_unimplemented() {
    let server = start().await;
    for path in ["/redress.v1.DecisionService/Guess", "/redress.v2.DecisionService/Decide"] {
        let mut grpc = tonic::client::Grpc::new(server.channel().await);
        grpc.ready().await.unwrap();
        let status = grpc.unary(Request::new(Vec::new()), path.parse().unwrap(), Raw).await.unwrap_err();
        assert_eq!(status.code(), Code::Unimplemented, "{path}");
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_instance_is_refused_in_plain_words() {
    let server = start().await;
    let refused = serve::listen(server.address).unwrap_err();
    assert!(matches!(refused, ServeError::AddressInUse(address) if address == server.address));
    assert!(refused.to_string().contains("is listening on 127.0.0.1:"), "{refused}");
    let address = server.address;
    server.stop().await.unwrap();
    drop(serve::listen(address).unwrap());
}

#[tokio::test]
async fn silent_connections_are_closed() {
    let server = start_with(ServeOptions { greeting_time_max: Duration::from_millis(100), ..options() }).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let mut bytes = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut bytes)).await;
    assert!(closed.is_ok(), "still open");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn more_connections_than_allowed_are_closed() {
    let server = start_with(ServeOptions { connections_max: 1, ..options() }).await;
    let mut client = server.decisions().await;
    client.authorize(request()).await.unwrap();
    let mut second = TcpStream::connect(server.address).await.unwrap();
    let mut bytes = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(5), second.read_to_end(&mut bytes)).await;
    assert!(closed.is_ok() && bytes.is_empty());
    client.authorize(request()).await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn old_connections_are_sent_away() {
    let soon = Duration::from_millis(100);
    let server = start_with(ServeOptions { greeting_time_max: soon, connection_age_max: soon, ..options() }).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: t\r\n\r\n").await.unwrap();
    let mut bytes = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut bytes)).await;
    assert!(closed.is_ok(), "still open");
    assert_eq!(Answer::read(&bytes).body, b"ok\n");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn stopping_lets_calls_end_and_is_bounded() {
    // A call whose message never comes holds its connection until the drain is over.
    let server = start_with(ServeOptions { drain: Duration::from_millis(300), ..options() }).await;
    let channel = server.channel().await;
    let idle = server.decisions().await;
    let waiting = tokio::spawn(async move {
        let mut grpc = tonic::client::Grpc::new(channel);
        grpc.ready().await.unwrap();
        let never = tokio_stream::pending::<Vec<u8>>();
        grpc.client_streaming::<_, Vec<u8>, Vec<u8>, _>(Request::new(never), AUTHORIZE, Raw).await
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let address = server.address;
    let stopped = tokio::time::timeout(Duration::from_secs(5), server.stop()).await;
    stopped.expect("stops in time").unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    assert!(waiting.await.unwrap().is_err());
    drop(idle);
}
