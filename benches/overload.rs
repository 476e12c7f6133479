//! More calls than can be answered: an open loop at 1, 2 and 10 times what one runtime can do. Of the calls that are
//! answered, how many and how soon; of those that are sent away, how soon.
//!
//! A script makes each call dear, so that one machine can ask for ten times of what it can answer. Server and client
//! share it: quote the ratios.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use redress::rpc::proto::redress::v1 as wire;
use redress::rpc::proto::redress::v1::decision_service_client::DecisionServiceClient;
use tonic::Code;
use tonic::transport::Channel;

mod support;

/// As the service runs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CONNECTIONS: usize = 8;

/// About a millisecond of work for each call.
const SCRIPT: &str = "\
/// fn busy(n: number) -> bool
fn busy(n) {
    let sum = 0;
    for i in 0..2000 { sum += i; }
    sum >= n
}
";
const POLICY: &str = "\
authority: busy
action: compensate
grants:
  - id: after-much-thought
    title: { zh-CN: 想很久, en: After much thought }
    role: agent
    when:
      - busy(order.item_count)
    up_to: [500.00]
";
const WARM_UP: Duration = Duration::from_secs(2);
const MEASURED: Duration = Duration::from_secs(10);

fn main() {
    // `cargo test` builds and runs benches too.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let scratch = tempfile::tempdir().expect("a directory");
    let manifest = support::shipped_files().into_iter().find(|(path, _)| path == "bundle.yaml").expect("a manifest");
    let files = [manifest, ("busy.rhai".to_owned(), SCRIPT.into()), ("authority/busy.yaml".to_owned(), POLICY.into())];
    for (path, text) in files {
        let path = scratch.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("written");
        std::fs::write(path, text).expect("written");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(report(scratch.path()));
}

/// A server in a process of its own, stopped when dropped.
struct Server(Child, String);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    fn start(policies: &Path) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound").to_string();
        drop(listener);
        let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
        command.args(["serve", "--threads", "1", "--listen", &address, "--policies"]).arg(policies);
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        Self(process, address)
    }

    async fn connect(&self) -> Channel {
        let channel = Channel::from_shared(format!("http://{}", self.1)).expect("an address");
        loop {
            if let Ok(channel) = channel.connect().await {
                return channel;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

/// One call: how it ended, and how long that took.
type Ended = (Code, Duration);

async fn report(policies: &Path) {
    let server = Server::start(policies);
    let yuan = serde_json::json!({ "currencyCode": "CNY", "units": "100" });
    let action = serde_json::json!({ "action": { "name": "compensate", "amount": yuan } });
    let request: wire::AuthorizeRequest = serde_json::from_value(support::asked(&action)).expect("a request");
    let request = Arc::new(request);
    let alone = capacity(&server, &request).await;
    println!("a call alone: {:.2} ms", milliseconds(alone));
    let unloaded = told("a quarter of what is possible", &open_loop(&server, &request, alone * 4).await, alone);
    for times in [1, 2, 10] {
        let ended = open_loop(&server, &request, alone / times).await;
        let p99 = told(&format!("{times} times what is possible"), &ended, alone);
        println!("    p99 of the answered: {:.2} times the unloaded one", p99 / unloaded);
    }
}

/// How long one takes when there is one after the other.
async fn capacity(server: &Server, request: &Arc<wire::AuthorizeRequest>) -> Duration {
    let mut client = DecisionServiceClient::new(server.connect().await);
    let mut times = Vec::new();
    for _ in 0..501 {
        let begun = Instant::now();
        client.authorize(wire::AuthorizeRequest::clone(request)).await.expect("an answer");
        times.push(begun.elapsed());
    }
    times.sort();
    times[250]
}

/// A call every `gap`, whatever becomes of those before.
async fn open_loop(server: &Server, request: &Arc<wire::AuthorizeRequest>, gap: Duration) -> Vec<Ended> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(DecisionServiceClient::new(server.connect().await));
    }
    let mut calls = tokio::task::JoinSet::new();
    let (begun, mut ticks) = (Instant::now(), tokio::time::interval(gap));
    let mut ended = Vec::new();
    for client in clients.iter().cycle() {
        ticks.tick().await;
        let since = begun.elapsed();
        if since > WARM_UP + MEASURED {
            break;
        }
        let (mut client, request) = (client.clone(), Arc::clone(request));
        calls.spawn(async move {
            let begun = Instant::now();
            let answer = client.authorize(wire::AuthorizeRequest::clone(&request)).await;
            (since, answer.map_or_else(|refused| refused.code(), |_| Code::Ok), begun.elapsed())
        });
        while let Some(Ok((since, code, took))) = calls.try_join_next() {
            if since > WARM_UP {
                ended.push((code, took));
            }
        }
    }
    let rest = calls.join_all().await;
    ended.extend(rest.into_iter().filter(|(since, ..)| *since > WARM_UP).map(|(_, code, took)| (code, took)));
    ended
}

/// Prints what became of the calls; the 99th percentile of the answered, in milliseconds.
fn told(load: &str, ended: &[Ended], alone: Duration) -> f64 {
    let of = |wanted: Code| {
        let mut took: Vec<Duration> = ended.iter().filter(|(code, _)| *code == wanted).map(|(_, took)| *took).collect();
        took.sort();
        took
    };
    let (answered, sent_away) = (of(Code::Ok), of(Code::ResourceExhausted));
    let percentile = |took: &[Duration], percent: usize| {
        took.get((took.len() * percent / 100).min(took.len().saturating_sub(1))).map_or(0.0, |took| milliseconds(*took))
    };
    #[allow(clippy::cast_precision_loss, reason = "a measurement")]
    let goodput = answered.len() as f64 * alone.as_secs_f64() / MEASURED.as_secs_f64();
    println!(
        "  {load}: {} answered ({:.0} % of what is possible), p50 {:.1} ms, p99 {:.1} ms; {} sent away, p50 {:.1} ms, p99 {:.1} ms; {} otherwise",
        answered.len(),
        goodput * 100.0,
        percentile(&answered, 50),
        percentile(&answered, 99),
        sent_away.len(),
        percentile(&sent_away, 50),
        percentile(&sent_away, 99),
        ended.len() - answered.len() - sent_away.len(),
    );
    percentile(&answered, 99)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
