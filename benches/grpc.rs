//! The whole service over gRPC against a tonic server that gives a fixed reply ("the floor"), both in one run: CPU a
//! request at 8 connections × 16 calls, for S, M and L rules; the time from start to the first answer; from an edit to
//! its effect; and the memory under load. Each server is a process of its own with one runtime.
//! With the argument `log`: what the decision log costs, by what an answer waits for. With `growth`: how the CPU of a
//! request grows with rules, connections and runtimes.
//!
//! Linux only, for it reads `/proc`. Quote the ratios: the machine's speed drifts.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use redress::rpc::decision_service;
use redress::rpc::proto::redress::v1 as wire;
use redress::rpc::proto::redress::v1::decision_service_client::DecisionServiceClient;
use redress::rpc::proto::redress::v1::decision_service_server::{DecisionService, DecisionServiceServer};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

mod support;

/// As the service runs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CONNECTIONS: usize = 8;
const CALLS_EACH: usize = 16;
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(4);
/// The rounds are interleaved, floor and ours in turn, and the median of the ratios is told.
const ROUNDS: usize = 3;

/// Calls before an edit and after its switch, one a millisecond.
const CALLS_BESIDE: usize = 200;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.first().map(String::as_str) {
        Some("floor") => serve_floor(&arguments[1]),
        Some("log") => report_log(),
        Some("growth") => report_growth(),
        Some(_) => {}
        None => report(),
    }
}

fn report() {
    let scratch = tempfile::tempdir().expect("a directory");
    for (name, rules) in support::SIZES {
        let root = scratch.path().join(name);
        write_policies(&root, rules);
    }
    println!("CPU µs a request, {CONNECTIONS} connections × {CALLS_EACH} calls, one runtime");
    for (name, _) in support::SIZES {
        let mut rounds: Vec<(f64, f64)> = Vec::new();
        let mut memory = 0;
        for _ in 0..ROUNDS {
            let (floor, ours) = (load(&Server::floor()), load(&Server::ours(&scratch.path().join(name))));
            rounds.push((floor.cpu, ours.cpu));
            memory = ours.kibibytes.max(memory);
        }
        rounds.sort_by(|a, b| (a.1 / a.0).total_cmp(&(b.1 / b.0)));
        let (floor, ours) = rounds[ROUNDS / 2];
        let mebibytes = f64::from(memory) / 1024.0;
        println!("  {name}: floor {floor:.2}, ours {ours:.2}, ratio {:.2}; {mebibytes:.1} MiB resident", ours / floor);
    }
    let root = scratch.path().join("L");
    let (server, start) = first_answer(&root);
    println!("start to first answer, L: {} ms", start.as_millis());
    let Switch { effect, usual, longest } = edit_to_effect(&server, &root);
    println!("edit to effect, L: {} ms", effect.as_millis());
    println!("longest call, µs: {} before the edit, {} beside it", usual.as_micros(), longest.as_micros());
}

/// The same calls unrecorded, and recorded in each way; interleaved, and the median of the ratios.
fn report_log() {
    let scratch = tempfile::tempdir().expect("a directory");
    let policies = scratch.path().join("policies");
    write_policies(&policies, support::SIZES[0].1);
    println!("recorded against unrecorded, {CONNECTIONS} connections × {CALLS_EACH} calls, one runtime");
    let mut runs = 0;
    for durability in ["none", "os", "fsync"] {
        let mut rounds = Vec::new();
        let mut last = None;
        for _ in 0..ROUNDS {
            let unrecorded = load(&Server::ours(&policies));
            runs += 1;
            let log = scratch.path().join(format!("log-{runs}"));
            let log = log.to_str().expect("a path");
            let recorded = load(&Server::ours_with(&policies, "1", &["--log", log, "--log-durability", durability]));
            rounds.push((recorded.cpu / unrecorded.cpu, unrecorded, recorded));
            last = Some(log.to_owned());
        }
        rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (ratio, unrecorded, recorded) = &rounds[ROUNDS / 2];
        println!(
            "  {durability}: {:.2} µs of CPU and {:.0} calls/s, unrecorded {:.2} µs and {:.0} calls/s; ratio {ratio:.2}",
            recorded.cpu, recorded.per_second, unrecorded.cpu, unrecorded.per_second
        );
        if let Some(log) = last {
            let bytes: u64 = fs::read_dir(&log)
                .expect("a log")
                .map(|file| file.expect("a file").metadata().expect("metadata").len())
                .sum();
            println!("    the last run's log has {} MiB", bytes >> 20);
        }
    }
}

/// The median of interleaved rounds, each time beside a floor that has as much to do.
fn report_growth() {
    let scratch = tempfile::tempdir().expect("a directory");
    let row = |rules: usize, connections: usize, threads: &str| {
        let policies = scratch.path().join(rules.to_string());
        write_policies(&policies, rules);
        let mut rounds: Vec<(f64, f64)> = Vec::new();
        for _ in 0..ROUNDS {
            let floor = load_with(&Server::floor(), connections);
            rounds.push((floor.cpu, load_with(&Server::ours_with(&policies, threads, &[]), connections).cpu));
        }
        rounds.sort_by(|a, b| (a.1 / a.0).total_cmp(&(b.1 / b.0)));
        let (floor, ours) = rounds[ROUNDS / 2];
        println!(
            "  {rules} rules, {connections} connections, {threads} runtimes: floor {floor:.2}, ours {ours:.2}, ratio {:.2}",
            ours / floor
        );
    };
    println!("CPU µs a request, {CALLS_EACH} calls on each connection");
    for rules in [10, 100, 1_000, 10_000] {
        row(rules, CONNECTIONS, "1");
    }
    for connections in [1, 64] {
        row(1_000, connections, "1");
    }
    row(1_000, CONNECTIONS, "2");
}

fn write_policies(root: &Path, rules: usize) {
    for (path, text) in support::generated_files(rules) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("written");
        fs::write(path, text).expect("written");
    }
}

/// A server in a process of its own, stopped when dropped.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn ours(policies: &Path) -> Self {
        Self::ours_with(policies, "1", &[])
    }

    fn ours_with(policies: &Path, threads: &str, arguments: &[&str]) -> Self {
        let address = free_address();
        let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
        command.args(["serve", "--threads", threads, "--listen", &address, "--policies"]).arg(policies).args(arguments);
        Self::start(command, address)
    }

    fn floor() -> Self {
        let address = free_address();
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["floor", &address]);
        Self::start(command, address)
    }

    fn start(mut command: Command, address: String) -> Self {
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        Self { process, address }
    }

    async fn connect(&self) -> Channel {
        let channel = Channel::from_shared(format!("http://{}", self.address)).expect("an address");
        loop {
            if let Ok(channel) = channel.connect().await {
                return channel;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// CPU time of all its threads so far, in nanoseconds.
    fn cpu(&self) -> u64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.process.id())).expect("Linux");
        let nanoseconds = tasks.map(|task| {
            let told = fs::read_to_string(task.expect("a thread").path().join("schedstat")).expect("Linux");
            told.split(' ').next().and_then(|first| first.parse::<u64>().ok()).expect("a number")
        });
        nanoseconds.sum()
    }

    fn resident_kibibytes(&self) -> u32 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("Linux");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("bound").to_string()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// What a server does under load.
struct Load {
    /// Microseconds a request.
    cpu: f64,
    kibibytes: u32,
    per_second: f64,
}

fn load(server: &Server) -> Load {
    load_with(server, CONNECTIONS)
}

fn load_with(server: &Server, connections: usize) -> Load {
    runtime().block_on(async {
        let answered = Arc::new(AtomicU64::new(0));
        for _ in 0..connections {
            let channel = server.connect().await;
            for _ in 0..CALLS_EACH {
                let (mut client, answered) = (DecisionServiceClient::new(channel.clone()), Arc::clone(&answered));
                tokio::spawn(async move {
                    let request = request();
                    while client.authorize(request.clone()).await.is_ok() {
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        }
        tokio::time::sleep(WARM_UP).await;
        let (cpu, calls) = (server.cpu(), answered.load(Ordering::Relaxed));
        tokio::time::sleep(MEASURED).await;
        let (cpu, calls) = (server.cpu() - cpu, answered.load(Ordering::Relaxed) - calls);
        assert!(calls > 0, "no call was answered");
        #[allow(clippy::cast_precision_loss, reason = "a measurement")]
        let (cpu, per_second) = (cpu as f64 / 1_000.0 / calls as f64, calls as f64 / MEASURED.as_secs_f64());
        Load { cpu, kibibytes: server.resident_kibibytes(), per_second }
    })
}

fn first_answer(policies: &Path) -> (Server, Duration) {
    let begun = Instant::now();
    let server = Server::ours(policies);
    let answer =
        runtime().block_on(async { DecisionServiceClient::new(server.connect().await).authorize(request()).await });
    answer.expect("an answer");
    (server, begun.elapsed())
}

/// What an edit costs those who call meanwhile.
struct Switch {
    /// From its last byte to the first answer of the new policies.
    effect: Duration,
    /// The longest call before the edit, of as long a time.
    usual: Duration,
    /// The longest call from the edit until a while after the switch.
    longest: Duration,
}

fn edit_to_effect(server: &Server, policies: &Path) -> Switch {
    runtime().block_on(async {
        let mut client = DecisionServiceClient::new(server.connect().await);
        let mut longest = Duration::ZERO;
        let mut call = async |longest: &mut Duration| {
            let begun = Instant::now();
            let answer = client.authorize(request()).await.expect("an answer").into_inner();
            *longest = begun.elapsed().max(*longest);
            tokio::time::sleep(Duration::from_millis(1)).await;
            answer.authorization.expect("an answer").bundle_digest
        };
        let mut before = String::new();
        for _ in 0..CALLS_BESIDE {
            before = call(&mut longest).await;
        }
        let usual = std::mem::take(&mut longest);
        let file = policies.join("authority/generated.yaml");
        let edited = fs::read_to_string(&file).expect("read").replacen("- 300.00", "- 301.00", 1);
        fs::write(&file, edited).expect("written");
        let begun = Instant::now();
        while call(&mut longest).await == before {}
        let effect = begun.elapsed();
        for _ in 0..CALLS_BESIDE {
            call(&mut longest).await;
        }
        Switch { effect, usual, longest }
    })
}

/// Gives the answer that ours gives, without deciding anything.
struct Floor(wire::AuthorizeResponse);

#[tonic::async_trait]
impl DecisionService for Floor {
    async fn authorize(&self, _: Request<wire::AuthorizeRequest>) -> Result<Response<wire::AuthorizeResponse>, Status> {
        Ok(Response::new(self.0.clone()))
    }

    async fn decide(&self, _: Request<wire::DecideRequest>) -> Result<Response<wire::DecideResponse>, Status> {
        Err(Status::unimplemented("the floor only authorizes"))
    }

    async fn batch_decide(
        &self,
        _: Request<wire::BatchDecideRequest>,
    ) -> Result<Response<wire::BatchDecideResponse>, Status> {
        Err(Status::unimplemented("the floor only authorizes"))
    }

    async fn batch_authorize(
        &self,
        _: Request<wire::BatchAuthorizeRequest>,
    ) -> Result<Response<wire::BatchAuthorizeResponse>, Status> {
        Err(Status::unimplemented("the floor only authorizes"))
    }

    async fn triage(&self, _: Request<wire::TriageRequest>) -> Result<Response<wire::TriageResponse>, Status> {
        Err(Status::unimplemented("the floor only authorizes"))
    }
}

fn serve_floor(address: &str) {
    let bundle = support::load(support::generated_files(12));
    let authorization = decision_service::authorize(&bundle, &request(), support::NOW).expect("a right request");
    let reply = wire::AuthorizeResponse { authorization: Some(authorization) };
    let server = tonic::transport::Server::builder().add_service(DecisionServiceServer::new(Floor(reply)));
    runtime().block_on(server.serve(address.parse().expect("an address"))).expect("it serves");
}

fn request() -> wire::AuthorizeRequest {
    let amount = serde_json::json!({ "currencyCode": "CNY", "units": "100" });
    let action = serde_json::json!({ "action": { "name": "compensate", "amount": amount } });
    serde_json::from_value(support::asked(&action)).expect("a request")
}
