//! One thread with its runtime and its connections.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::task::JoinSet;

use super::connection::{self, Shared};

/// A thread that serves the connections it is handed.
pub struct Worker {
    handed: mpsc::UnboundedSender<Handed>,
    connections: Arc<AtomicUsize>,
    thread: JoinHandle<()>,
}

/// A connection on its way to a worker.
struct Handed {
    stream: TcpStream,
    /// Counted for as long as this lives.
    places: (Counted, OwnedSemaphorePermit),
}

/// Counts a connection for as long as it lives.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Worker {
    pub fn start(number: usize, shared: Shared) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (handed, connections) = mpsc::unbounded_channel();
        let thread = std::thread::Builder::new().name(format!("serve-{number}"));
        let thread = thread.spawn(move || runtime.block_on(serve(connections, shared)))?;
        Ok(Self { handed, connections: Arc::default(), thread })
    }

    /// How many connections it has.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    pub fn take(&self, stream: TcpStream, place: OwnedSemaphorePermit) {
        self.connections.fetch_add(1, Ordering::Relaxed);
        let count = Counted(Arc::clone(&self.connections));
        // A worker that is gone takes nothing: the connection is closed.
        let _ = self.handed.send(Handed { stream, places: (count, place) });
    }

    /// Tells it to let its calls end.
    pub fn close(self) -> Closing {
        Closing(self.thread)
    }
}

/// A thread whose calls come to their end.
pub struct Closing(JoinHandle<()>);

impl Closing {
    /// Waits for it.
    pub async fn ended(self) {
        let thread = self.0;
        if !matches!(tokio::task::spawn_blocking(move || thread.join()).await, Ok(Ok(()))) {
            tracing::error!("a serving thread came to a bad end");
        }
    }
}

async fn serve(mut handed: mpsc::UnboundedReceiver<Handed>, shared: Shared) {
    let (stop, stopping) = watch::channel(false);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            next = handed.recv() => {
                let Some(Handed { stream, places }) = next else { break };
                let (shared, stopping) = (shared.clone(), stopping.clone());
                connections.spawn(async move {
                    connection::serve(stream, shared, stopping).await;
                    drop(places);
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
    let _ = stop.send(true);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(shared.options.drain, all).await.is_err() {
        tracing::warn!(left = connections.len(), "connections are closed with calls under way");
    }
}
