//! HTTP/2 spoken by hand, as no honest client speaks it.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const CONTINUATION: u8 = 9;

pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// A frame's bytes.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// The head of a call of `Authorize`, in literals that no table is needed for.
pub fn head() -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/redress.v1.DecisionService/Authorize"),
        (":authority", "t"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ] {
        field(&mut block, name, value);
    }
    block
}

/// Adds a field to a block of headers.
pub fn field(block: &mut Vec<u8>, name: &str, value: &str) {
    block.push(0);
    for text in [name, value] {
        block.push(u8::try_from(text.len()).ok().filter(|length| *length < 127).expect("a short text"));
        block.extend_from_slice(text.as_bytes());
    }
}

/// One connection.
pub struct Raw {
    stream: TcpStream,
}

impl Raw {
    /// Opens one and says hello.
    pub async fn open(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
        stream.write_all(&frame(SETTINGS, 1, 0, &[])).await.unwrap();
        Self { stream }
    }

    /// Sends bytes; whether the server still takes them. What it says meanwhile is read and dropped.
    pub async fn send(&mut self, bytes: &[u8]) -> bool {
        let mut said = [0; 16_384];
        while let Ok(count) = self.stream.try_read(&mut said) {
            if count == 0 {
                return false;
            }
        }
        // One that neither reads nor closes holds us up, not itself.
        matches!(tokio::time::timeout(Duration::from_secs(5), self.stream.write_all(bytes)).await, Ok(Ok(())))
    }

    /// Reads until the server closes, or for so long; whether it closed.
    pub async fn is_closed_within(&mut self, patience: Duration) -> bool {
        let mut said = [0; 16_384];
        let closed = async {
            loop {
                match self.stream.read(&mut said).await {
                    Ok(0) | Err(_) => return,
                    Ok(_) => {}
                }
            }
        };
        tokio::time::timeout(patience, closed).await.is_ok()
    }

    /// Reads for so long, and gives what was said.
    pub async fn said_within(&mut self, patience: Duration) -> Vec<u8> {
        let mut bytes = Vec::new();
        let _ = tokio::time::timeout(patience, self.stream.read_to_end(&mut bytes)).await;
        bytes
    }
}

/// The kinds of the frames in what was said.
pub fn kinds(mut said: &[u8]) -> Vec<u8> {
    let mut kinds = Vec::new();
    while said.len() >= 9 {
        let length = usize::try_from(u32::from_be_bytes([0, said[0], said[1], said[2]])).unwrap();
        kinds.push(said[3]);
        said = said.get(9 + length..).unwrap_or_default();
    }
    kinds
}
