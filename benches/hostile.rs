//! Functions made to do harm (`tests/hostile`): how long each runs until a limit ends it, and what others notice of a
//! service whose policies call them all.
//!
//! The limit is [`TIME_LIMIT`], and each is called many times. On a machine that does other things too the clock counts
//! their time as well; what the thread itself ran, as the system tells to a tick, does not.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use redress::decide::{Asked, Case, decide};
use redress::expr::eval::Failure;
use redress::rpc::proto::redress::v1 as wire;
use redress::rpc::proto::redress::v1::decision_service_client::DecisionServiceClient;
use redress::script::TIME_LIMIT;
use redress::value::Value;
use tonic::Code;
use tonic::transport::Channel;

#[path = "../tests/hostile/scripts.rs"]
mod scripts;
mod support;

use scripts::Must;

/// As the service runs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CALLS: usize = 60;
const MANIFEST: &str = include_str!("../tests/support/minimal.yaml");
const PROBES: usize = 2_000;
const GAP: Duration = Duration::from_millis(2);

fn main() {
    // `cargo test` builds and runs benches too.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    refusals();
    each_alone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(beside_others());
}

/// How long it takes to refuse those that do not load.
fn refusals() {
    let refused = scripts::scripts().into_iter().filter(|script| matches!(script.must, Must::Refused(_)));
    let mut took: Vec<(Duration, String)> = refused
        .map(|script| {
            let begun = Instant::now();
            assert!(redress::policy::load(scripts::bundle(&script, MANIFEST)).is_err(), "{} loads", script.name);
            (begun.elapsed(), script.name)
        })
        .collect();
    took.sort();
    let slowest: Vec<_> =
        took.iter().rev().take(4).map(|(took, name)| format!("{name} {:.1} ms", milliseconds(*took))).collect();
    println!("{} are refused, the slowest: {}", took.len(), slowest.join(", "));
}

fn each_alone() {
    println!("{:28} {:>8} {:>8} {:>8}  ended by", "", "median", "worst", "ran");
    let mut beyond = Vec::new();
    for script in scripts::that_load() {
        let bundle = support::load(scripts::bundle(&script, MANIFEST));
        let facts = bundle.schema().facts().iter().map(|_| Value::Unknown).collect();
        let case = Case { facts };
        let (mut took, mut ran) = (Vec::new(), Duration::ZERO);
        let mut said = String::new();
        for _ in 0..CALLS {
            let (begun, ran_before) = (Instant::now(), ran_so_far());
            let decision = decide(bundle.rules_for(None, None), &case, support::NOW, Asked::default());
            took.push(begun.elapsed());
            ran = ran.max(ran_so_far().saturating_sub(ran_before));
            if let Some(Failure::Script(failure)) = decision.common.failures.first().map(|failed| &failed.failure) {
                said.clone_from(&failure.message.en);
            }
        }
        took.sort();
        let (median, worst) = (took[CALLS / 2], took[CALLS - 1]);
        let [median, worst, ran_most] = [median, worst, ran].map(milliseconds);
        println!("{:28} {median:>5.2} ms {worst:>5.2} ms {ran_most:>5.2} ms  {said}", script.name);
        if ran > TIME_LIMIT + Duration::from_millis(10) && matches!(script.must, Must::Stopped(_)) {
            beyond.push(script.name);
        }
    }
    println!("beyond the limit and 10 ms: {beyond:?}");
}

/// How long this thread has run, without the time that others had its processor. Zero where the system does not tell.
fn ran_so_far() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    told.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok()).map_or(Duration::ZERO, Duration::from_nanos)
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
        command.args(["serve", "--threads", "2", "--listen", &address, "--policies"]).arg(policies);
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        Self(process, address)
    }

    async fn connect(&self) -> DecisionServiceClient<Channel> {
        let channel = Channel::from_shared(format!("http://{}", self.1)).expect("an address");
        loop {
            if let Ok(channel) = channel.connect().await {
                return DecisionServiceClient::new(channel);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

fn written(files: Vec<(String, Vec<u8>)>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a directory");
    for (path, bytes) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("written");
        std::fs::write(path, bytes).expect("written");
    }
    folder
}

async fn beside_others() {
    let (sound, infested) = (written(support::shipped_files()), written(scripts::infested(support::shipped_files())));
    println!("authorisations of one caller, one every {GAP:?}, by a service of two threads:");
    for (beside, policies, others) in [
        ("alone", sound.path(), 0),
        ("beside decisions without pause on one thread", sound.path(), 1),
        ("beside hostile decisions without pause on the other thread", infested.path(), 1),
        ("beside hostile decisions without pause on both threads", infested.path(), 3),
    ] {
        let server = Server::start(policies);
        let mut probe = server.connect().await;
        let mut load = tokio::task::JoinSet::new();
        for _ in 0..others {
            let mut other = server.connect().await;
            load.spawn(async move {
                let request: wire::DecideRequest =
                    serde_json::from_value(support::asked(&serde_json::json!({}))).expect("a request");
                loop {
                    // Where it is sent away it comes again.
                    drop(other.decide(request.clone()).await);
                }
            });
        }
        let (took, sent_away) = probed(&mut probe).await;
        load.abort_all();
        let at = |percent: usize| milliseconds(took[(took.len() * percent / 100).min(took.len() - 1)]);
        let [p50, p99, worst] = [50, 99, 100].map(at);
        println!("  {beside}: p50 {p50:.2} ms, p99 {p99:.2} ms, worst {worst:.2} ms; {sent_away} sent away");
    }
}

/// How long the answers took, in order, and how many calls were sent away.
async fn probed(probe: &mut DecisionServiceClient<Channel>) -> (Vec<Duration>, usize) {
    let action =
        serde_json::json!({ "action": { "name": "compensate", "amount": { "currencyCode": "CNY", "units": "100" } } });
    let request: wire::AuthorizeRequest = serde_json::from_value(support::asked(&action)).expect("a request");
    let mut ticks = tokio::time::interval(GAP);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut took, mut sent_away) = (Vec::new(), 0);
    for _ in 0..PROBES {
        ticks.tick().await;
        let begun = Instant::now();
        match probe.authorize(request.clone()).await {
            Ok(answer) => {
                took.push(begun.elapsed());
                let answer = answer.into_inner().authorization.expect("an answer");
                assert_eq!(answer.effect(), wire::Effect::Allow);
            }
            Err(refused) if refused.code() == Code::ResourceExhausted => sent_away += 1,
            Err(wrong) => panic!("{wrong}"),
        }
    }
    took.sort();
    (took, sent_away)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
