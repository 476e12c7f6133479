//! A service that signs grants, and a front end that asks for them.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use redress::rpc::proto::redress::v1 as wire;
use redress::rpc::proto::redress::v1::decision_service_client::DecisionServiceClient;
use serde_json::{Value, json};

use super::{notes, out, redress, run};

const ENGLISH: &str = "en_US.UTF-8";

/// A directory with keys, and the program serving with them.
pub struct Desk {
    pub home: tempfile::TempDir,
    child: Child,
    pub address: String,
}

impl Desk {
    /// Makes a key and serves a small shop's policies.
    pub fn open(arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let key = home.path().join("grants.key");
        let made = run(ENGLISH, &["grant", "key", "--new", key.to_str().unwrap()], "");
        assert!(made.status.success(), "{}", notes(&made));
        let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/edge/policies");
        let common = ["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--threads", "1"];
        let ours = ["--policies", policies.to_str().unwrap(), "--grant-key", key.to_str().unwrap()];
        let mut serve = redress(ENGLISH, &[&common[..], &ours[..], arguments].concat());
        let mut child = serve.stderr(Stdio::piped()).spawn().unwrap();
        let mut messages = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let address = loop {
            let mut line = String::new();
            assert!(messages.read_line(&mut line).unwrap() > 0, "the server ended: {said}");
            said.push_str(&line);
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            if entry["message"] == "serving" {
                break entry["address"].as_str().unwrap().to_owned();
            }
        };
        std::thread::spawn(move || std::io::copy(&mut messages, &mut std::io::sink()));
        Self { home, child, address }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The answer over gRPC.
    pub fn ask(&self, question: &Value) -> wire::Authorization {
        let request: wire::AuthorizeRequest = serde_json::from_value(question.clone()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut client = DecisionServiceClient::connect(self.url()).await.unwrap();
            client.authorize(request).await.unwrap().into_inner().authorization.unwrap()
        })
    }

    /// Fetches the public keys, as whoever pays does now and then, and writes them down.
    pub fn fetch_keys(&self) -> PathBuf {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let asked = "GET /.well-known/jwks.json HTTP/1.1\r\nhost: desk\r\nconnection: close\r\n\r\n";
        stream.write_all(asked.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        let file = self.file("jwks.json");
        fs::write(&file, body).unwrap();
        file
    }

    /// The keys as the program prints them of their file.
    pub fn printed_keys(&self) -> String {
        out(&run(ENGLISH, &["grant", "key", self.file("grants.key").to_str().unwrap()], "")).to_owned()
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args([name, &pid]).status().unwrap().success());
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An agent is about to pay for a case, and is allowed to.
pub fn question() -> Value {
    let yuan = |units: &str| json!({ "currencyCode": "CNY", "units": units });
    json!({
        "case": { "id": "C-1", "version": "7", "order": { "amount": yuan("800"), "compensated": yuan("0") } },
        "actor": { "id": "a17", "role": "agent" },
        "action": { "name": "compensate", "amount": yuan("300"), "executing": true },
        "grant": true,
    })
}
