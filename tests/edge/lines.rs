//! What the program says of its calls on its standard error: ids to find them by, and nothing of anybody's case.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use redress::rpc::proto::redress::v1 as wire;
use redress::rpc::proto::redress::v1::decision_service_client::DecisionServiceClient;
use serde_json::{Value, json};
use tonic::transport::Channel;
use tonic::{Code, Request};

use crate::server::Answer;

/// The program, and all that it says.
struct Program {
    child: Child,
    address: String,
    said: std::thread::JoinHandle<String>,
}

impl Program {
    fn start(arguments: &[&str], messages: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--threads", "2"]).args(arguments);
        for name in ["LC_ALL", "LC_MESSAGES", "RUST_LOG", "OTEL_EXPORTER_OTLP_ENDPOINT", "REDRESS_CALL_LINES"] {
            command.env_remove(name);
        }
        command.env("LANG", "en_US.UTF-8").env("RUST_LOG", messages).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let (mut out, mut said) = (child.stdout.take().unwrap(), String::new());
        let address = loop {
            let mut line = String::new();
            assert!(errors.read_line(&mut line).unwrap() > 0, "the program ended: {said}");
            said.push_str(&line);
            let entry: Value = serde_json::from_str(&line).unwrap();
            if entry["message"] == "serving" {
                break entry["address"].as_str().unwrap().to_owned();
            }
        };
        let said = std::thread::spawn(move || {
            errors.read_to_string(&mut said).unwrap();
            out.read_to_string(&mut said).unwrap();
            said
        });
        Self { child, address, said }
    }

    async fn client(&self) -> DecisionServiceClient<Channel> {
        let channel = Channel::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap();
        DecisionServiceClient::new(channel)
    }

    /// One exchange over HTTP/1.1.
    fn http(&self, head: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut stream = std::net::TcpStream::connect(&self.address).unwrap();
        let mut request = format!("{head} HTTP/1.1\r\nhost: t\r\nconnection: close\r\n");
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        write!(request, "content-length: {}\r\n\r\n", body.len()).unwrap();
        std::io::Write::write_all(&mut stream, &[request.as_bytes(), body].concat()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Answer::read(&bytes)
    }

    /// Ends it in good order; what it said of calls, and all.
    fn stop(mut self) -> (Vec<Value>, String) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        let said = self.said.join().unwrap();
        let lines = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("{line}")));
        (lines.filter(|line| line["target"] == "redress::calls").collect(), said)
    }
}

fn question(role: &str) -> Value {
    let yuan = |units: &str| json!({ "currencyCode": "CNY", "units": units });
    json!({
        "case": { "order": { "amount": yuan("100"), "compensated": yuan("0") } },
        "actor": { "role": role },
        "action": { "name": "compensate", "amount": yuan("10") },
    })
}

fn asked(role: &str) -> wire::AuthorizeRequest {
    serde_json::from_value(question(role)).unwrap()
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_a_line_with_its_ids_where_that_is_asked_for() {
    let program = Program::start(&["--call-lines", "all"], "info");
    let mut request = Request::new(asked("agent"));
    request.metadata_mut().insert("x-request-id", "desk-7:42".parse().unwrap());
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    request.metadata_mut().insert("traceparent", parent.parse().unwrap());
    let answer = program.client().await.authorize(request).await.unwrap();
    assert_eq!(answer.metadata().get("x-request-id").unwrap(), "desk-7:42");
    let given = answer.into_inner().authorization.unwrap();

    // What is no good as an id is replaced by one that is.
    for bad in ["", "two words", "a\"quote", "mail@example.com", &"7".repeat(129)] {
        let refused = program.http("POST /v1/authorize", &[JSON, ("x-request-id", bad)], b"{}");
        assert_eq!((refused.status, refused.header("x-request-id").map(str::len)), (400, Some(36)), "{bad}");
    }
    let batch = json!({ "requests": [question("agent"), question("agent")] }).to_string();
    let batch = program.http("POST /v1/batch-authorize", &[JSON], batch.as_bytes());
    assert_eq!((batch.status, program.http("GET /livez", &[], b"").status), (200, 200));
    assert_eq!(program.http("GET /livez", &[("x-request-id", "probe")], b"").header("x-request-id"), Some("probe"));
    let (calls, said) = program.stop();
    assert_eq!(calls.len(), 7, "{said}");
    let first = &calls[0];
    for (field, value) in [
        ("message", json!("call")),
        ("level", json!("INFO")),
        ("request_id", json!("desk-7:42")),
        ("decision_id", json!(given.decision_id)),
        ("method", json!("Authorize")),
        ("status", json!("ok")),
        ("effect", json!("allow")),
        ("bundle", json!(given.bundle_digest["blake3:".len()..][..12])),
        ("trace_id", json!("0af7651916cd43dd8448eb211c80319c")),
    ] {
        assert_eq!(first[field], value, "{field}: {first}");
    }
    assert!(first["duration_us"].as_u64().unwrap() > 0 && first["rule"].is_string(), "{first}");
    assert!(calls[1..6].iter().all(|call| call["status"] == "invalid_argument" && call["decision_id"].is_null()));
    let last = &calls[6];
    assert_eq!((&last["answers"], last["decision_id"].as_str().map(str::len)), (&json!(2), Some(73)), "{last}");
    assert_eq!(last["request_id"].as_str(), batch.header("x-request-id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn by_default_only_what_fails_is_a_line() {
    for (arguments, told) in [(&[][..], 1), (&["--call-lines", "none"][..], 0)] {
        let program = Program::start(arguments, "info");
        let mut client = program.client().await;
        let answer = client.authorize(asked("agent")).await.unwrap();
        assert!(answer.metadata().get("x-request-id").is_none(), "nobody asked for one");
        let mut request = Request::new(asked("agent"));
        request.metadata_mut().insert("x-request-id", "mine".parse().unwrap());
        assert_eq!(client.authorize(request).await.unwrap().metadata().get("x-request-id").unwrap(), "mine");
        let refused = client.authorize(asked("nobody")).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        let id = refused.metadata().get("x-request-id").map(|id| id.to_str().unwrap().to_owned());
        let (calls, said) = program.stop();
        assert_eq!(calls.len(), told, "{said}");
        assert_eq!(calls.first().and_then(|call| call["request_id"].as_str()), id.as_deref(), "{said}");
    }
}

/// Nothing of these is ever said.
const PERSONAL: [&str; 8] = [
    "张三丰",
    "13800138000",
    "浙江省杭州市文三路",
    "secret-note",
    "tb_buyer_77",
    "zhang@example.com",
    "6222020200112233445",
    "不退就去投诉",
];

fn personal(role: &str) -> Value {
    let all = PERSONAL.join(" ");
    let mut asked = question(role);
    asked["case"]["customer"] = json!({ "id": PERSONAL[4], "words": PERSONAL });
    asked["case"]["request"] = json!({ "id": PERSONAL[1], "note": all });
    asked["case"]["order"]["id"] = json!(PERSONAL[6]);
    asked["actor"]["id"] = json!(PERSONAL[5]);
    asked
}

#[tokio::test(flavor = "multi_thread")]
async fn nobodys_data_is_in_the_messages_however_many_are_wanted() {
    let (log, directory) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let key = directory.path().join("token.key");
    std::fs::write(&key, "0123456789abcdef0123456789abcdef").unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (log, key) = (log.path().to_str().unwrap(), key.to_str().unwrap());
    let collector = format!("http://{closed}");
    let arguments =
        ["--call-lines", "all", "--log", log, "--log-token-key", key, "--otlp-endpoint", &collector, "--drain", "2s"];
    let program = Program::start(&arguments, "trace");
    let all = PERSONAL.join(" ");

    let mut client = program.client().await;
    let request: wire::AuthorizeRequest = serde_json::from_value(personal("agent")).unwrap();
    client.authorize(request.clone()).await.unwrap();
    client.batch_authorize(wire::BatchAuthorizeRequest { requests: vec![request.clone(); 3] }).await.unwrap();
    let mut decide = personal("agent");
    decide.as_object_mut().unwrap().remove("action");
    client.decide(serde_json::from_value::<wire::DecideRequest>(decide).unwrap()).await.unwrap();
    let mut wrong = request;
    wrong.actor.as_mut().unwrap().role = Some(all.clone());
    wrong.locale.clone_from(&all);
    client.authorize(wrong).await.unwrap_err();
    let mut headed = Request::new(asked("agent"));
    for (name, text) in [("x-request-id", PERSONAL[5]), ("traceparent", PERSONAL[1]), ("tracestate", PERSONAL[4])] {
        headed.metadata_mut().insert(name, text.parse().unwrap());
    }
    client.authorize(headed).await.unwrap();
    for path in [PERSONAL[1], "v1/policy?id=13800138000", "v1/policies?locale=secret-note", "tb_buyer_77/decide"] {
        program.http(&format!("GET /{path}"), &[("traceparent", PERSONAL[1])], b"");
    }

    for body in [
        personal("agent"),
        personal(&all),
        json!({ "case": { all.as_str(): all, "order": { "amount": all } }, "actor": all }),
        json!({ "case": { "issue": { "class": all }, "order": { "paidAt": all } }, "locale": all }),
        json!(all),
    ] {
        program.http("POST /v1/authorize", &[JSON], body.to_string().as_bytes());
        program.http(
            "POST /v1/authorize",
            &[("content-type", "application/grpc-web+proto")],
            body.to_string().as_bytes(),
        );
        program.http(
            "POST /v1/batch-decide",
            &[JSON, ("x-request-id", "zhang@example.com")],
            body.to_string().as_bytes(),
        );
    }
    program.http("POST /v1/authorize", &[JSON], &all.as_bytes()[..all.len() - 1]);
    let (calls, said) = program.stop();
    assert!(calls.len() > 15 && said.contains(r#""target":"h2::"#), "{said}");
    for text in PERSONAL {
        let found: Vec<_> = said.lines().filter(|line| line.contains(text)).collect();
        assert!(found.is_empty(), "{text}:\n{}", found.join("\n"));
        // Nor as numbers or escaped.
        let (escaped, bytes) = (text.as_bytes().escape_ascii().to_string(), format!("{:?}", text.as_bytes()));
        let escaped = escaped.replace('\\', r"\\");
        assert!(!said.contains(&escaped) && !said.contains(bytes.trim_matches(['[', ']'])), "{text}");
    }
}
