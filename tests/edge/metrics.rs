//! What the service tells of itself in numbers, and at which door.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use redress::journal::{self, Durability, Limits, Running};
use redress::live::Live;
use redress::rpc::proto::redress::v1 as wire;
use redress::rpc::recording::{Recorder, describe};
use redress::serve::identity::{Identity, IdentityOptions};
use redress::serve::{self, CallLines, ServeOptions, Telling, Traces, TracesOptions};
use regex::Regex;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tracing_appender::non_blocking::NonBlocking;

use crate::bundle::bundle;
use crate::papers::{Authority, Desk};
use crate::server::{Answer, options, start_with};

fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

async fn get(address: SocketAddr, path: &str) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    Answer::read(&bytes)
}

async fn page(address: SocketAddr) -> String {
    String::from_utf8(get(address, "/metrics").await.body).unwrap()
}

/// A decision log, and what records in it.
fn log(directory: &Path) -> (Running, Recorder) {
    let options = journal::Options {
        durability: Durability::Fsync,
        limits: Limits { bytes: 1 << 20, age: Duration::from_secs(3_600) },
        keep: None,
        patience: Duration::from_secs(5),
        program: "a test".into(),
        export: None,
        describe,
    };
    let running = journal::start(directory, options).unwrap();
    let recorder = Recorder::new(running.journal().clone(), true, None);
    (running, recorder)
}

/// The types of a page's metrics, by name.
fn types(page: &str) -> BTreeMap<&str, &str> {
    let told = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    told.collect()
}

/// The page's values, by name and labels; every line is as Prometheus has it, every value is described before, and
/// values are named as their types ask.
fn values(page: &str) -> BTreeMap<String, String> {
    let label = r#"[a-z_]+="(?:[^"\\]|\\.)*""#;
    let value = Regex::new(&format!(r"^([a-z_]+)(\{{{label}(?:,{label})*\}})? ([0-9.]+)$")).unwrap();
    let told = Regex::new(r"^# (HELP|TYPE) ([a-z_]+) .+$").unwrap();
    let mut described = Vec::new();
    let mut values = BTreeMap::new();
    for line in page.lines() {
        if let Some(known) = told.captures(line) {
            described.push(known[2].to_owned());
            continue;
        }
        let parts = value.captures(line).unwrap_or_else(|| panic!("{line}"));
        let of = |name: &String| parts[1].strip_prefix(name.as_str()).is_some();
        assert!(described.last().is_some_and(of), "{line} is not described");
        let (name, rest) = described.last().map(|name| (name.as_str(), &parts[1][name.len()..])).unwrap();
        let fits = match types(page)[name] {
            "counter" => name.ends_with("_total") && rest.is_empty(),
            "gauge" => !name.ends_with("_total") && rest.is_empty(),
            "histogram" => name.ends_with("_seconds") && ["_bucket", "_sum", "_count"].contains(&rest),
            other => panic!("{other}"),
        };
        assert!(fits, "{line} is not named as its type asks");
        let name = format!("{}{}", &parts[1], parts.get(2).map_or("", |labels| labels.as_str()));
        assert!(values.insert(name, parts[3].to_owned()).is_none(), "{line} is there twice");
    }
    values
}

#[tokio::test]
async fn calls_and_answers_are_counted() {
    let admin = free_address();
    let server = start_with(ServeOptions { admin: Some(admin), ..options() }).await;
    let yuan = |units: u32| json!({ "currencyCode": "CNY", "units": units.to_string() });
    let ask = |amount: u32, role: &str| {
        json!({
            "case": { "order": { "amount": yuan(100), "compensated": yuan(0) } },
            "actor": { "role": role },
            "action": { "name": "compensate", "amount": yuan(amount) },
        })
    };
    for (amount, role, status) in [(10, "agent", 200), (10, "agent", 200), (1_000_000, "agent", 200), (10, "x", 400)] {
        assert_eq!(server.post("/v1/authorize", &ask(amount, role)).await.0, status);
    }
    let request: wire::AuthorizeRequest = serde_json::from_value(ask(10, "agent")).unwrap();
    server.decisions().await.authorize(request).await.unwrap();
    let wrong: wire::AuthorizeRequest = serde_json::from_value(ask(10, "x")).unwrap();
    server.decisions().await.authorize(wrong).await.unwrap_err();
    server.post("/v1/batch-decide", &json!({ "requests": [{ "case": {}, "actor": { "role": "agent" } }] })).await;

    let page = get(admin, "/metrics").await;
    assert_eq!(page.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = String::from_utf8(page.body).unwrap();
    let values = values(&text);
    for (name, value) in [
        (r#"redress_calls_total{method="Authorize",code="ok"}"#, "4"),
        (r#"redress_calls_total{method="Authorize",code="invalid_argument"}"#, "2"),
        (r#"redress_calls_total{method="BatchDecide",code="ok"}"#, "1"),
        (r#"redress_call_duration_seconds_count{method="Authorize"}"#, "6"),
        (r#"redress_call_duration_seconds_bucket{method="Authorize",le="+Inf"}"#, "6"),
        (r#"redress_call_duration_seconds_bucket{method="Authorize",le="10"}"#, "6"),
        (r#"redress_authorizations_total{effect="allow"}"#, "3"),
        ("redress_calls_shed_total", "0"),
        ("redress_calls_under_way", "0"),
        ("redress_bundle_reload_failed", "0"),
    ] {
        assert_eq!(values.get(name).map(String::as_str), Some(value), "{name}\n{text}");
    }
    let allowed = values.iter().filter(|(name, _)| name.starts_with("redress_authorizations_total"));
    assert_eq!(allowed.map(|(_, count)| count.parse::<u32>().unwrap()).sum::<u32>(), 4);
    assert!(values.keys().any(|name| name.starts_with("redress_rule_decided_total{rule=\"authority.")), "{text}");
    assert!(values.keys().any(|name| name.starts_with("redress_decisions_total{")), "{text}");
    assert!(text.contains(&format!("digest=\"{}\"", server.live.current().digest())));
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_its_caller_gives_up_is_counted_as_cancelled() {
    let admin = free_address();
    let server = start_with(ServeOptions { admin: Some(admin), ..options() }).await;
    let one = json!({ "case": { "shop": { "platform": "taobao" } }, "actor": { "role": "agent" }, "explain": true });
    let one: wire::DecideRequest = serde_json::from_value(one).unwrap();
    let batch = wire::BatchDecideRequest { requests: vec![one; 1_000] };
    let mut client = server.decisions().await;
    // Both doors are open once the first is answered.
    assert_eq!(server.get("/readyz").await.0, 200);
    let cancelled = r#"redress_calls_total{method="BatchDecide",code="cancelled"}"#;
    let soon = async {
        // However fast the machine is, one of them is given up while it is worked on.
        for patience in (1..).map(Duration::from_millis) {
            let _ = tokio::time::timeout(patience, client.batch_decide(batch.clone())).await;
            if page(admin).await.contains(cancelled) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), soon).await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_decision_log_is_told_in_numbers_and_so_are_scripts_and_reloads() {
    let (admin, directory) = (free_address(), tempfile::tempdir().unwrap());
    let (running, recorder) = log(directory.path());
    let server = start_with(ServeOptions { admin: Some(admin), recorder: Some(recorder), ..options() }).await;
    let yuan = |units: &str| json!({ "currencyCode": "CNY", "units": units });
    let asked = json!({
        "case": {
            "shop": { "platform": "taobao" },
            "order": { "amount": yuan("800"), "compensated": yuan("0") },
            "issue": { "class": "product.quality.blemish" },
        },
        "actor": { "role": "agent" },
        "action": { "name": "early_refund" },
    });
    for _ in 0..3 {
        let (status, answer) = server.post("/v1/authorize", &asked).await;
        assert_eq!((status, &answer["authorization"]["failures"][0]["function"]), (200, &json!("risky")), "{answer}");
    }
    server.live.replace(bundle());
    server.live.unchanged();
    let text = page(admin).await;
    let values = values(&text);
    for (name, value) in [
        ("redress_log_failing", "0"),
        ("redress_log_lag_answers", "0"),
        ("redress_log_lag_seconds", "0"),
        ("redress_log_errors_total", "0"),
        (r#"redress_log_chores_total{chore="pack",result="failed"}"#, "0"),
        (r#"redress_script_failures_total{function="risky"}"#, "3"),
        (r#"redress_rule_failures_total{rule="guards.refunds/risky"}"#, "3"),
        (r#"redress_bundle_reloads_total{result="live"}"#, "1"),
        (r#"redress_bundle_reloads_total{result="refused"}"#, "0"),
        (r#"redress_bundle_reloads_total{result="unchanged"}"#, "1"),
    ] {
        assert_eq!(values.get(name).map(String::as_str), Some(value), "{name}\n{text}");
    }
    let number = |name: &str| values.get(name).unwrap_or_else(|| panic!("{name}\n{text}")).parse::<f64>().unwrap();
    // The beginning of the segment, of the service, and three answers.
    assert!(number("redress_log_entries_total") >= 5.0, "{text}");
    assert!(number("redress_log_written_bytes_total") > 1_000.0, "{text}");
    assert!(number("redress_log_sync_duration_seconds_count") >= 2.0, "{text}");
    let (count, all) =
        ("redress_log_sync_duration_seconds_count", "redress_log_sync_duration_seconds_bucket{le=\"+Inf\"}");
    assert!((number(count) - number(all)).abs() < f64::EPSILON, "{text}");
    server.stop().await.unwrap();
    running.stop();
}

#[tokio::test]
async fn the_dashboard_asks_for_nothing_that_is_not_there_and_what_is_there_is_documented() {
    let (admin, directory, desk) = (free_address(), tempfile::tempdir().unwrap(), Desk::new());
    let (running, recorder) = log(directory.path());
    let pair = Authority::new("ours").pair("localhost");
    let certificate = Some((desk.write("server.pem", &pair.certificate), desk.write("server.key", &pair.key)));
    let identity = Arc::new(Identity::load(IdentityOptions { certificate, ..IdentityOptions::default() }).unwrap());
    let collector = TracesOptions {
        endpoint: "http://127.0.0.1:9".into(),
        authorities: None,
        ratio: 1.0,
        service: "a test".into(),
    };
    let telling = Telling {
        lines: CallLines::All,
        traces: Some(Traces::start(&collector).unwrap()),
        messages_dropped: Some(NonBlocking::new(std::io::sink()).0.error_counter()),
    };
    let options = ServeOptions { admin: Some(admin), recorder: Some(recorder), identity, telling, ..options() };
    let server = start_with(options).await;
    while TcpStream::connect(admin).await.is_err() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let text = page(admin).await;
    values(&text);
    let types = types(&text);
    let dashboard = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/grafana.json")).unwrap();
    let dashboard: Value = serde_json::from_slice(&dashboard).unwrap();
    let names = Regex::new("redress_[a-z_]+").unwrap();
    let (mut asked, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for panel in dashboard["panels"].as_array().unwrap() {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{panel}");
        for target in panel["targets"].as_array().unwrap() {
            let expression = target["expr"].as_str().unwrap();
            for name in names.find_iter(expression) {
                let of = |suffix: &str| {
                    name.as_str().strip_suffix(suffix).filter(|name| types.get(name) == Some(&"histogram"))
                };
                let name = of("_bucket").or(of("_sum")).or(of("_count")).unwrap_or(name.as_str());
                let kind = types.get(name).unwrap_or_else(|| panic!("`{}` asks for {name}", panel["title"]));
                let rates = expression.contains("rate(") || expression.contains("increase(");
                assert_eq!(rates, *kind != "gauge", "{expression}");
                asked.insert(name.to_owned());
            }
        }
    }
    assert!(asked.len() > 20, "{asked:?}");
    for page in ["docs/operations.md", "docs/operations.zh-CN.md"] {
        let said = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
        let untold: Vec<_> = types.keys().filter(|name| !said.contains(&format!("| `{name}` |"))).collect();
        assert!(untold.is_empty(), "{page} says nothing of {untold:?}");
    }
    server.stop().await.unwrap();
    running.stop();
}

#[tokio::test]
async fn those_who_run_it_have_a_door_of_their_own() {
    let admin = free_address();
    let server = start_with(ServeOptions { admin: Some(admin), ..options() }).await;
    // Both doors are open once the first is answered.
    assert_eq!(server.get("/readyz").await.0, 200);
    for (path, status) in [("/livez", 200), ("/readyz", 200), ("/v1/bundle", 404), ("/", 404)] {
        assert_eq!(get(admin, path).await.status, status, "{path}");
    }
    assert_eq!(server.http("GET", "/metrics", &[], b"").await.status, 404, "callers have no business there");
    server.stop().await.unwrap();
    assert!(TcpStream::connect(admin).await.is_err());

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let admin = Some(taken.local_addr().unwrap());
    let (listener, live) = (serve::listen(options().address).unwrap(), Arc::new(Live::new(bundle())));
    let refused = serve::run(listener, live, ServeOptions { admin, ..options() }, std::future::pending()).await;
    assert!(refused.unwrap_err().to_string().contains("is listening on"));
}
