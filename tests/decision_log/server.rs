//! A server that keeps a log, and callers.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use redress::rpc::proto::redress::v1 as wire;
use redress::rpc::proto::redress::v1::decision_service_client::DecisionServiceClient;
use redress::rpc::proto::redress::v1::policy_service_client::PolicyServiceClient;
use serde_json::{Value, json};
use tonic::transport::Channel;

use super::redress;

pub struct Server {
    child: Child,
    pub url: String,
}

impl Server {
    pub fn start(log: &Path, arguments: &[&str]) -> Self {
        let log = log.to_str().unwrap();
        let common = ["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--log", log, "--threads", "2"];
        let mut child = redress(&[&common, arguments].concat()).stderr(Stdio::piped()).spawn().unwrap();
        let mut messages = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let url = loop {
            let mut line = String::new();
            assert!(messages.read_line(&mut line).unwrap() > 0, "the server ended: {said}");
            said.push_str(&line);
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            if entry["message"] == "serving" {
                break format!("http://{}", entry["address"].as_str().unwrap());
            }
        };
        std::thread::spawn(move || std::io::copy(&mut messages, &mut std::io::sink()));
        Self { child, url }
    }

    pub async fn client(&self) -> DecisionServiceClient<Channel> {
        let endpoint = Channel::from_shared(self.url.clone()).unwrap().timeout(Duration::from_secs(20));
        DecisionServiceClient::new(endpoint.connect().await.unwrap())
    }

    /// Of the policies that are live.
    pub fn digest(&self) -> String {
        runtime().block_on(async {
            let channel = Channel::from_shared(self.url.clone()).unwrap().connect().await.unwrap();
            let asked = PolicyServiceClient::new(channel).get_bundle(wire::GetBundleRequest::default()).await;
            asked.unwrap().into_inner().bundle.unwrap().digest
        })
    }

    /// Ends it as nothing else would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it in good order.
    pub fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// May an agent compensate this order.
pub fn authorize(order: &str, amount: &str) -> wire::AuthorizeRequest {
    let money = |units: &str| json!({ "currencyCode": "CNY", "units": units });
    let mut asked = question(order);
    asked["action"] = json!({ "name": "compensate", "amount": money(amount) });
    serde_json::from_value(asked).unwrap()
}

pub fn decide(order: &str) -> wire::DecideRequest {
    let mut asked = question(order);
    asked["explain"] = true.into();
    serde_json::from_value(asked).unwrap()
}

fn question(order: &str) -> Value {
    let money = |units: &str| json!({ "currencyCode": "CNY", "units": units });
    json!({
        "actor": { "id": "a17", "role": "agent" },
        "case": {
            "order": { "id": order, "amount": money("800"), "compensated": money("0"), "signedAt": "2026-11-17T07:00:01Z" },
            "issue": { "class": "product.quality.blemish", "proven": true },
            "request": { "type": "REQUEST_TYPE_RETURN_REFUND", "note": "my secret note" },
            "customer": { "id": "tb_secret", "words": ["不给退就１２３１５见"] },
            "attributes": {},
        },
    })
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}
