//! A real server on a free port, and clients of each kind.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use redress::live::Live;
use redress::rpc::proto::redress::v1::decision_service_client::DecisionServiceClient;
use redress::rpc::proto::redress::v1::policy_service_client::PolicyServiceClient;
use redress::serve::{self, ServeError, ServeOptions};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::Channel;

use crate::bundle::bundle;

pub struct Server {
    pub address: SocketAddr,
    pub live: Arc<Live>,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<(), ServeError>>,
}

/// Options for tests: two threads, short deadlines.
pub fn options() -> ServeOptions {
    ServeOptions {
        address: "127.0.0.1:0".parse().unwrap(),
        threads: NonZeroUsize::new(2),
        drain: Duration::from_secs(5),
        ..ServeOptions::default()
    }
}

pub async fn start() -> Server {
    start_with(options()).await
}

#[allow(clippy::unused_async, reason = "it spawns: whoever calls it must be in a runtime")]
pub async fn start_with(options: ServeOptions) -> Server {
    let listener = serve::listen(options.address).unwrap();
    let address = listener.local_addr().unwrap();
    let live = Arc::new(Live::with_origin(bundle(), "policies"));
    let (stop, stopped) = oneshot::channel();
    let running = serve::run(listener, Arc::clone(&live), options, async { drop(stopped.await) });
    Server { address, live, stop, running: tokio::spawn(running) }
}

impl Server {
    pub async fn stop(self) -> Result<(), ServeError> {
        self.stop.send(()).unwrap();
        self.running.await.unwrap()
    }

    pub async fn channel(&self) -> Channel {
        Channel::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap()
    }

    pub async fn decisions(&self) -> DecisionServiceClient<Channel> {
        DecisionServiceClient::new(self.channel().await)
    }

    pub async fn policies(&self) -> PolicyServiceClient<Channel> {
        PolicyServiceClient::new(self.channel().await)
    }

    /// Posts JSON; the status and the answer.
    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let body = body.to_string();
        let answer = self.http("POST", path, &[("content-type", "application/json")], body.as_bytes()).await;
        (answer.status, answer.json())
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.http("GET", path, &[], b"").await;
        (answer.status, answer.json())
    }

    /// One HTTP/1.1 exchange on a connection of its own.
    pub async fn http(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n");
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        write!(request, "content-length: {}\r\n\r\n", body.len()).unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        // A server may answer before it has read all: then the rest can't be written.
        let _ = stream.write_all(body).await;
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        Answer::read(&bytes)
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn read(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("an HTTP head");
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        let headers: Vec<_> = lines.filter_map(header).collect();
        let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        let body = &bytes[end + 4..];
        Self { status, headers, body: if chunked { unchunked(body) } else { body.to_vec() } }
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            break;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 2 + size + 2..];
    }
    body
}
