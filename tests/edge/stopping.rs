//! Told to stop under load: what was taken on is answered, what hangs is cut off in time, and nobody new is let in.
//!
//! `REDRESS_STOPS=100` repeats it so often.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use h2::Reason;
use prost::Message as _;
use redress::rpc::proto::redress::v1 as wire;
use redress::serve::ServeOptions;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::frames::{DATA, END_HEADERS, HEADERS, Raw, frame, head};
use crate::server::{options, start, start_with};

const CONNECTIONS: usize = 6;
const CALLS_AT_ONCE: usize = 16;

/// What became of the calls of one round.
#[derive(Default)]
struct Ended {
    answered: AtomicU32,
    /// Never taken on, and told so: a client asks another replica.
    not_taken: AtomicU32,
    lost: AtomicU32,
}

fn message() -> Vec<u8> {
    let request: wire::DecideRequest =
        serde_json::from_value(json!({ "case": {}, "actor": { "role": "agent" }, "explain": true })).unwrap();
    let message = request.encode_to_vec();
    let mut framed = vec![0];
    framed.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
    framed.extend_from_slice(&message);
    framed
}

/// Asks over one connection until it is closed.
async fn ask_all_the_while(address: SocketAddr, ended: Arc<Ended>) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let mut calls = JoinSet::new();
    for _ in 0..CALLS_AT_ONCE {
        let (client, ended) = (client.clone(), Arc::clone(&ended));
        calls.spawn(async move {
            loop {
                // Before that nothing was asked.
                let Ok(mut client) = client.clone().ready().await else { return };
                let request = http::Request::post("http://t/redress.v1.DecisionService/Decide")
                    .header("content-type", "application/grpc")
                    .header("te", "trailers")
                    .body(())
                    .unwrap();
                let Ok((answer, mut body)) = client.send_request(request, false) else { return };
                let sent = body.send_data(message().into(), true);
                let outcome = async {
                    sent?;
                    let mut body = answer.await?.into_body();
                    while let Some(data) = body.data().await {
                        body.flow_control().release_capacity(data?.len())?;
                    }
                    let trailers = body.trailers().await?.expect("a status");
                    assert_eq!(trailers["grpc-status"], "0");
                    Ok::<(), h2::Error>(())
                };
                let count = match outcome.await {
                    Ok(()) => &ended.answered,
                    Err(told) if told.is_go_away() && told.reason() == Some(Reason::NO_ERROR) => &ended.not_taken,
                    Err(told) if told.reason() == Some(Reason::REFUSED_STREAM) => &ended.not_taken,
                    Err(told) => {
                        eprintln!("lost: {told:?}");
                        &ended.lost
                    }
                };
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    calls.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_that_was_taken_on_is_answered() {
    let rounds: u32 = std::env::var("REDRESS_STOPS").map_or(5, |rounds| rounds.parse().unwrap());
    let mut answered = 0;
    for round in 0..rounds {
        let (server, ended) = (start().await, Arc::<Ended>::default());
        let mut clients = JoinSet::new();
        for _ in 0..CONNECTIONS {
            clients.spawn(ask_all_the_while(server.address, Arc::clone(&ended)));
        }
        // At another moment of the work in each round.
        tokio::time::sleep(Duration::from_millis(100 + u64::from(round % 10) * 7)).await;
        let (address, begun) = (server.address, Instant::now());
        server.stop().await.unwrap();
        assert!(begun.elapsed() < options().drain, "nothing was left to wait for");
        clients.join_all().await;
        assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
        assert_eq!(ended.lost.load(Ordering::Relaxed), 0, "round {round}");
        answered += ended.answered.load(Ordering::Relaxed);
    }
    eprintln!("{answered} calls answered in {rounds} rounds, none lost");
    assert!(answered > rounds * 10, "{answered}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_hangs_is_cut_off_in_time() {
    let drain = Duration::from_secs(1);
    let server = start_with(ServeOptions { drain, ..options() }).await;
    // On every thread: streams that never end, a request that comes in parts, and connections that only stand there.
    let mut hanging = Vec::new();
    let mut standing = Vec::new();
    for _ in 0..4 {
        let mut raw = Raw::open(server.address).await;
        raw.send(&frame(HEADERS, END_HEADERS, 1, &head())).await;
        raw.send(&frame(DATA, 0, 1, &[0, 0])).await;
        hanging.push(raw);
        let mut half = TcpStream::connect(server.address).await.unwrap();
        half.write_all(b"POST /v1/decide HTTP/1.1\r\nhost: t\r\ncontent-length: 10\r\n\r\n{").await.unwrap();
        standing.push(half);
        standing.push(TcpStream::connect(server.address).await.unwrap());
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    server.stop().await.unwrap();
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(900) && took < drain * 3, "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readiness_ends_before_life_does() {
    let server = start_with(ServeOptions { drain: Duration::from_secs(2), ..options() }).await;
    let mut kept = TcpStream::connect(server.address).await.unwrap();
    // A call that takes until the end of the drain keeps this connection's thread busy with waiting.
    let mut raw = Raw::open(server.address).await;
    raw.send(&frame(HEADERS, END_HEADERS, 1, &head())).await;
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: t\r\n\r\n");
    let mut said = [0; 512];
    for (path, status) in [("/livez", "HTTP/1.1 200"), ("/readyz", "HTTP/1.1 200")] {
        kept.write_all(get(path).as_bytes()).await.unwrap();
        let count = kept.read(&mut said).await.unwrap();
        assert!(std::str::from_utf8(&said[..count]).unwrap().starts_with(status), "{path}");
    }
    let (address, stopping) = (server.address, tokio::spawn(server.stop()));
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(TcpStream::connect(address).await.is_err(), "nobody new is let in");
    assert!(!stopping.is_finished(), "the call under way may go on");
    stopping.await.unwrap().unwrap();
}
