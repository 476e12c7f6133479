//! Clients that mean harm, or behave as if: none of them stops the answers to others, or makes the server grow.
//!
//! `REDRESS_HOSTILE=full` runs them at sizes that take minutes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use redress::rpc::proto::redress::v1 as wire;
use redress::serve::ServeOptions;
use redress::serve::identity::{Identity, IdentityOptions};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tonic::Code;

use crate::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, RST_STREAM, Raw, field, frame, head, kinds,
};
use crate::papers::{Authority, Desk};
use crate::server::{Server, options, start, start_with};

/// How long the probe may wait for an answer while somebody means harm.
const PROBE_MAX: Duration = Duration::from_secs(2);

/// How much the process may grow by an attack. Its own side runs in the same process.
const GROWTH_MAX_KIB: u64 = 200 * 1024;

/// The size of an attack: modest, or as large as one may get.
fn size(modest: u32, full: u32) -> u32 {
    if std::env::var("REDRESS_HOSTILE").is_ok_and(|size| size == "full") { full } else { modest }
}

fn question() -> wire::AuthorizeRequest {
    serde_json::from_value(json!({
        "case": { "order": { "amount": { "currencyCode": "CNY", "units": "100" } } },
        "actor": { "role": "agent" },
        "action": { "name": "compensate", "amount": { "currencyCode": "CNY", "units": "10" } },
    }))
    .unwrap()
}

/// An honest client that asks all the while.
struct Probe {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicU32>,
    sent_away: Arc<AtomicU32>,
    slowest: Arc<AtomicU64>,
    asking: JoinHandle<()>,
    resident: u64,
}

impl Probe {
    async fn start(server: &Server) -> Self {
        let mut client = server.decisions().await;
        client.authorize(question()).await.unwrap();
        let (stop, slowest) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let (asked, sent_away) = (Arc::<AtomicU32>::default(), Arc::<AtomicU32>::default());
        let (stopped, max) = (Arc::clone(&stop), Arc::clone(&slowest));
        let (count, away) = (Arc::clone(&asked), Arc::clone(&sent_away));
        let asking = tokio::spawn(async move {
            while !stopped.load(Ordering::Relaxed) {
                let begun = Instant::now();
                let answer = client.authorize(question()).await;
                // On a machine that is busy with the attack's own side a call may be sent away, but not left waiting.
                let code = answer.map_or_else(|refused| refused.code(), |_| Code::Ok);
                assert!(matches!(code, Code::Ok | Code::ResourceExhausted), "beside the attack: {code}");
                away.fetch_add(u32::from(code != Code::Ok), Ordering::Relaxed);
                max.fetch_max(u64::try_from(begun.elapsed().as_millis()).unwrap(), Ordering::Relaxed);
                count.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        Self { stop, asked, sent_away, slowest, asking, resident: resident_kib() }
    }

    /// Ends it: it was answered all the while, and the process did not grow much.
    async fn end(self, attack: &str) {
        // However short the attack was: it asks a few times more.
        tokio::time::sleep(Duration::from_millis(100)).await;
        self.stop.store(true, Ordering::Relaxed);
        self.asking.await.unwrap();
        let slowest = Duration::from_millis(self.slowest.load(Ordering::Relaxed));
        let growth = resident_kib().saturating_sub(self.resident);
        let (asked, away) = (self.asked.load(Ordering::Relaxed), self.sent_away.load(Ordering::Relaxed));
        eprintln!(
            "{attack}: the probe asked {asked} times, was sent away {away} times, waited {slowest:?} at most; grown by {growth} KiB"
        );
        assert!(away <= asked / 2, "{attack}: {away} of {asked} sent away");
        assert!(asked > 0 && slowest < PROBE_MAX, "{attack}: the probe waited {slowest:?}");
        assert!(growth < GROWTH_MAX_KIB, "{attack}: grown by {growth} KiB");
    }
}

/// Resident memory of this process; nothing where it can't be told.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_are_reset_at_once_end_the_connection() {
    let server = start().await;
    let probe = Probe::start(&server).await;
    let resets = size(10_000, 100_000);
    let (mut sent, mut connections) = (0, 0);
    while sent < resets {
        let mut raw = Raw::open(server.address).await;
        connections += 1;
        let mut stream = 1;
        let opened = frame(HEADERS, END_HEADERS, 0, &head());
        while sent < resets {
            let mut pair = opened.clone();
            pair[5..9].copy_from_slice(&u32::to_be_bytes(stream));
            pair.extend(frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes()));
            if !raw.send(&pair).await {
                break;
            }
            (stream, sent) = (stream + 2, sent + 1);
        }
    }
    eprintln!("{resets} resets over {connections} connections");
    probe.end("rapid reset").await;
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_without_an_end_close_the_connection() {
    let server = start().await;
    let probe = Probe::start(&server).await;
    for _ in 0..size(20, 200) {
        let mut raw = Raw::open(server.address).await;
        raw.send(&frame(HEADERS, 0, 1, &head())).await;
        let mut more = Vec::new();
        field(&mut more, "x", &"y".repeat(100));
        let mut frames = 0;
        while frames < 10_000 && raw.send(&frame(CONTINUATION, 0, 1, &more)).await {
            frames += 1;
        }
        assert!(raw.is_closed_within(Duration::from_secs(5)).await, "after {frames} frames");
        // Empty ones cost nothing but time, and have an end as well.
        let mut raw = Raw::open(server.address).await;
        raw.send(&frame(HEADERS, 0, 1, &head())).await;
        let mut frames = 0;
        while frames < 100_000 && raw.send(&frame(CONTINUATION, 0, 1, &[])).await {
            frames += 1;
        }
        assert!(raw.is_closed_within(Duration::from_secs(5)).await, "after {frames} empty frames");
    }
    probe.end("CONTINUATION flood").await;
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pings_and_empty_data_hold_up_nobody() {
    let server = start().await;
    let probe = Probe::start(&server).await;
    let count = size(20_000, 1_000_000);
    let mut raw = Raw::open(server.address).await;
    let pings: Vec<u8> = std::iter::repeat_n(frame(PING, 0, 0, b"redress!"), 100).flatten().collect();
    for _ in 0..count / 100 {
        if !raw.send(&pings).await {
            break;
        }
    }
    probe.end("PING flood").await;

    let probe = Probe::start(&server).await;
    let mut raw = Raw::open(server.address).await;
    raw.send(&frame(HEADERS, END_HEADERS, 1, &head())).await;
    let empty: Vec<u8> = std::iter::repeat_n(frame(DATA, 0, 1, &[]), 100).flatten().collect();
    let mut sent = 0;
    while sent < count / 100 && raw.send(&empty).await {
        sent += 1;
    }
    let mut said = raw.said_within(Duration::from_secs(1)).await;
    said.truncate(1_000);
    eprintln!("{} empty DATA frames; the server said {:?}", sent * 100, kinds(&said));
    probe.end("empty DATA flood").await;
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_and_window_floods_hold_up_nobody() {
    let server = start().await;
    let probe = Probe::start(&server).await;
    let settings: Vec<u8> = std::iter::repeat_n(frame(4, 0, 0, &[0, 4, 0, 1, 0, 0]), 100).flatten().collect();
    let mut raw = Raw::open(server.address).await;
    for _ in 0..size(200, 5_000) {
        if !raw.send(&settings).await {
            break;
        }
    }
    probe.end("SETTINGS flood").await;
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_open_streams_are_bounded_and_end() {
    let server = start_with(ServeOptions { request_time_max: Duration::from_secs(3), ..options() }).await;
    let probe = Probe::start(&server).await;
    let streams = size(2_000, 10_000);
    let each = 250;
    let mut connections = Vec::new();
    for _ in 0..streams.div_ceil(each) {
        let mut raw = Raw::open(server.address).await;
        for number in 0..each {
            // A beginning of a message that never goes on.
            raw.send(&frame(HEADERS, END_HEADERS, number * 2 + 1, &head())).await;
            raw.send(&frame(DATA, 0, number * 2 + 1, &[0, 0, 1])).await;
        }
        connections.push(raw);
    }
    let mut reading = tokio::task::JoinSet::new();
    for mut raw in connections {
        reading.spawn(async move { raw.said_within(Duration::from_secs(5)).await });
    }
    let said = reading.join_all().await;
    let told = said.iter().flat_map(|said| kinds(said)).filter(|kind| *kind == HEADERS).count();
    let ended = u32::try_from(told).unwrap();
    assert_eq!(ended, streams.div_ceil(each) * each, "every stream is told that it took too long");
    probe.end("half-open streams").await;
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_streams_than_are_allowed_are_refused() {
    let server = start_with(ServeOptions { streams_max: 10, ..options() }).await;
    let mut raw = Raw::open(server.address).await;
    for number in 0..30 {
        raw.send(&frame(HEADERS, END_HEADERS, number * 2 + 1, &head())).await;
    }
    let kinds = kinds(&raw.said_within(Duration::from_secs(1)).await);
    let refused = kinds.split(|kind| *kind == RST_STREAM).count() - 1;
    assert!(refused == 20 || kinds.contains(&GOAWAY), "{kinds:?}");
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_handshakes_have_an_end_and_room_of_their_own() {
    let (desk, authority) = (Desk::new(), Authority::new("ours"));
    let pair = authority.pair("localhost");
    let certificate = Some((desk.write("server.pem", &pair.certificate), desk.write("server.key", &pair.key)));
    let identity = Arc::new(Identity::load(IdentityOptions { certificate, ..IdentityOptions::default() }).unwrap());
    let handshakes_max = 100;
    let handshake_time_max = Duration::from_secs(2);
    let server = start_with(ServeOptions { identity, handshakes_max, handshake_time_max, ..options() }).await;
    let begun = Instant::now();
    let mut halves = Vec::new();
    for _ in 0..size(150, 500) {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        // The first bytes of a ClientHello.
        let _ = stream.write_all(&[22, 3, 1, 2, 0, 1]).await;
        halves.push(stream);
    }
    let closed = async |stream: &mut TcpStream, within| {
        let mut byte = [0];
        let read = tokio::io::AsyncReadExt::read(stream, &mut byte);
        matches!(tokio::time::timeout(within, read).await, Ok(Ok(0) | Err(_)))
    };
    let mut at_once = 0;
    for stream in &mut halves {
        at_once += usize::from(closed(stream, Duration::from_millis(10)).await);
    }
    assert!(at_once >= halves.len() - handshakes_max, "{at_once} had no room");
    for stream in &mut halves {
        assert!(closed(stream, Duration::from_secs(5)).await, "it ends");
    }
    assert!(begun.elapsed() >= handshake_time_max);
    // There is room again.
    let tls = tonic::transport::ClientTlsConfig::new()
        .ca_certificate(tonic::transport::Certificate::from_pem(&authority.pem))
        .domain_name("localhost");
    let channel = tonic::transport::Channel::from_shared(format!("https://{}", server.address)).unwrap();
    let channel = channel.tls_config(tls).unwrap().connect().await.unwrap();
    let mut client = wire::decision_service_client::DecisionServiceClient::new(channel);
    client.authorize(question()).await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_and_silent_connections_end() {
    let server = start_with(ServeOptions {
        request_time_max: Duration::from_secs(1),
        greeting_time_max: Duration::from_secs(1),
        idle_time_max: Duration::from_secs(1),
        ..options()
    })
    .await;
    let probe = Probe::start(&server).await;
    // One that says nothing, and one that says hello and no more.
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut polite = Raw::open(server.address).await;
    // One whose body comes byte by byte.
    let mut slow = Raw::open(server.address).await;
    slow.send(&frame(HEADERS, END_HEADERS, 1, &head())).await;
    for _ in 0..8 {
        slow.send(&frame(DATA, 0, 1, &[0])).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let kinds = kinds(&slow.said_within(Duration::from_secs(1)).await);
    assert!(kinds.contains(&HEADERS), "it is told that it took too long: {kinds:?}");
    let mut byte = [0];
    let read = tokio::io::AsyncReadExt::read(&mut silent, &mut byte);
    assert!(matches!(tokio::time::timeout(Duration::from_secs(3), read).await, Ok(Ok(0) | Err(_))));
    assert!(polite.is_closed_within(Duration::from_secs(3)).await);
    // One that asked once, and then no more.
    let mut idle = Raw::open(server.address).await;
    idle.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &head())).await;
    let said = idle.said_within(Duration::from_secs(5)).await;
    assert!(crate::frames::kinds(&said).contains(&GOAWAY), "it is asked to leave");
    probe.end("slow and silent connections").await;
    server.stop().await.unwrap();
}
