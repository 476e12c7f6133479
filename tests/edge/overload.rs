//! More calls than can be answered: the excess is sent away at once with a word on when to come again, and what is taken
//! on is answered in time. Calls whose time is over are not worked on.

use std::time::{Duration, Instant};

use prost::Message as _;
use redress::rpc::proto::redress::v1 as wire;
use redress::serve::ServeOptions;
use serde_json::json;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::frames::{DATA, END_HEADERS, HEADERS, Raw, frame, head};
use crate::server::{Server, options, start_with};

fn one_thread() -> ServeOptions {
    ServeOptions { threads: std::num::NonZeroUsize::new(1), ..options() }
}

fn batch(cases: usize) -> wire::BatchDecideRequest {
    let yuan = json!({ "currencyCode": "CNY", "units": "100" });
    let case = json!({ "case": { "order": { "amount": yuan } }, "actor": { "role": "agent" }, "explain": true });
    serde_json::from_value(json!({ "requests": vec![case; cases] })).unwrap()
}

/// So many calls, one every `gap`, whatever becomes of those before: how each ended, and how long it took.
async fn open_loop(server: &Server, calls: u32, gap: Duration) -> Vec<(Code, Duration)> {
    let client = server.decisions().await;
    let mut under_way = tokio::task::JoinSet::new();
    let mut ticks = tokio::time::interval(gap);
    for _ in 0..calls {
        ticks.tick().await;
        let mut client = client.clone();
        under_way.spawn(async move {
            let begun = Instant::now();
            let answer = client.batch_decide(batch(200)).await;
            if let Err(refused) = &answer {
                let retry = refused.get_details_retry_info().and_then(|retry| retry.retry_delay);
                assert_eq!(retry, Some(Duration::from_secs(1)), "{refused}");
            }
            (answer.map_or_else(|refused| refused.code(), |_| Code::Ok), begun.elapsed())
        });
    }
    under_way.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_excess_is_sent_away_and_the_rest_is_answered() {
    let server = start_with(one_thread()).await;
    let begun = Instant::now();
    for _ in 0..5 {
        server.decisions().await.batch_decide(batch(200)).await.unwrap();
    }
    let alone = begun.elapsed() / 5;
    let calls = 200;
    let ended = open_loop(&server, calls, alone / 10).await;
    let answered: Vec<_> = ended.iter().filter(|(code, _)| *code == Code::Ok).collect();
    let sent_away = ended.iter().filter(|(code, _)| *code == Code::ResourceExhausted).count();
    assert_eq!(answered.len() + sent_away, ended.len(), "nothing else becomes of a call");
    assert!(sent_away > ended.len() / 4, "{sent_away} of {calls} were sent away");
    assert!(answered.len() >= 5, "{} of {calls} were answered", answered.len());
    // Afterwards all is as before.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    server.decisions().await.batch_decide(batch(200)).await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn more_calls_than_there_is_room_for_are_sent_away() {
    let server = start_with(ServeOptions { calls_max: 5, ..one_thread() }).await;
    let mut halves = Raw::open(server.address).await;
    for number in 0..5 {
        halves.send(&frame(HEADERS, END_HEADERS, number * 2 + 1, &head())).await;
        halves.send(&frame(DATA, 0, number * 2 + 1, &[0])).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let body = json!({ "case": {}, "actor": { "role": "agent" } });
    let headers = [("content-type", "application/json")];
    let answer = server.http("POST", "/v1/decide", &headers, body.to_string().as_bytes()).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("1")));
    let detail = &answer.json()["details"][0];
    assert_eq!(detail, &json!({ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s" }));
    let refused = server.decisions().await.batch_decide(batch(1)).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    // Probes are no load.
    assert_eq!(server.http("GET", "/readyz", &[], b"").await.status, 200);
    let mut health = tonic_health::pb::health_client::HealthClient::new(server.channel().await);
    health.check(tonic_health::pb::HealthCheckRequest::default()).await.unwrap();
    drop(halves);
    for _ in 0..100 {
        let (status, _) = server.post("/v1/decide", &body).await;
        if status == 200 {
            return server.stop().await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("who leaves makes room");
}

#[tokio::test]
async fn a_call_whose_time_is_over_is_not_worked_on() {
    let server = start_with(one_thread()).await;
    // A client of tonic's gives up by itself: so ask without one.
    let stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    for (time, status) in [("0n", "4"), ("1n", "4"), ("1m", "4"), ("30S", "0")] {
        let request = http::Request::post("http://t/redress.v1.DecisionService/BatchDecide")
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header("grpc-timeout", time)
            .body(())
            .unwrap();
        let message = batch(1_000).encode_to_vec();
        let mut framed = vec![0];
        framed.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
        framed.extend_from_slice(&message);
        let (answer, mut body) = client.send_request(request, false).unwrap();
        body.send_data(framed.into(), true).unwrap();
        let answer = answer.await.unwrap();
        let mut said = answer.headers().get("grpc-status").cloned();
        if said.is_none() {
            let mut body = answer.into_body();
            while let Some(Ok(data)) = body.data().await {
                body.flow_control().release_capacity(data.len()).unwrap();
            }
            said = body.trailers().await.unwrap().and_then(|trailers| trailers.get("grpc-status").cloned());
        }
        assert_eq!(said.unwrap(), status, "{time}");
    }
    server.stop().await.unwrap();
}
