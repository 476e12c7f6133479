//! What the service tells of itself in numbers, and at which door.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use redress::live::Live;
use redress::rpc::proto::redress::v1 as wire;
use redress::serve::{self, ServeOptions};
use regex::Regex;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::bundle::bundle;
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

/// The page's values, by name and labels; every line is as Prometheus has it, and every value is described before.
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
