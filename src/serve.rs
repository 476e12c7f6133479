//! Serving: gRPC, gRPC-Web, health, reflection and JSON on one port, from the live policies, until told to stop.
//!
//! One single-threaded runtime a core, each with its own connections: requests never cross threads. One listening
//! socket hands connections to the runtime that has the fewest, so that a second instance on the same address fails at
//! once, where `SO_REUSEPORT` would let it take half of the calls in silence. Prints nothing; knows no policy.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::sync::Semaphore;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::live::Live;

mod connection;
mod front;
mod grpc;
mod json;
mod worker;

use front::Front;
use worker::Worker;

/// Connections that wait to be accepted.
const BACKLOG: i32 = 1_024;

/// After a failed accept, as when the process has no file left to open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How to serve. Every limit has a default that fits one desk's load many times over.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    pub address: SocketAddr,
    /// Runtimes; `None` is one a core.
    pub threads: Option<NonZeroUsize>,
    /// How long calls under way may take to end once the service is told to stop.
    pub drain: Duration,
    /// How long one call may take; a caller may ask for less.
    pub request_time_max: Duration,
    /// Connections in all; more are closed as they come.
    pub connections_max: usize,
    /// Calls under way on one connection.
    pub streams_max: u32,
    /// Bytes of one request.
    pub message_bytes_max: usize,
    /// Bytes of one request's headers.
    pub header_bytes_max: u32,
    /// How long a new connection may take to make its first call.
    pub greeting_time_max: Duration,
    /// How long a connection lives before its caller is asked to open another.
    pub connection_age_max: Duration,
    /// How often a silent connection is asked whether it still lives, and how long it may take to answer.
    pub keep_alive: (Duration, Duration),
    /// Web origins whose browsers may call; none by default.
    pub allowed_origins: Vec<HeaderValue>,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 50_051)),
            threads: None,
            drain: Duration::from_secs(10),
            request_time_max: Duration::from_secs(10),
            connections_max: 10_000,
            streams_max: 256,
            message_bytes_max: 4 << 20,
            header_bytes_max: 16 << 10,
            greeting_time_max: Duration::from_secs(10),
            connection_age_max: Duration::from_secs(3_600),
            keep_alive: (Duration::from_secs(60), Duration::from_secs(20)),
            allowed_origins: Vec::new(),
        }
    }
}

/// Why the service can't be started, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(
        "something is listening on {0} already, perhaps another instance of this service; stop it, or choose another \
         address"
    )]
    AddressInUse(SocketAddr),
    #[error("can't listen on {address}: {source}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("can't start a thread to serve with: {0}")]
    Thread(#[source] io::Error),
    #[error("can't describe the services for reflection: {0}")]
    Reflection(String),
}

/// Opens the socket. Fails where somebody is listening on it.
pub fn listen(address: SocketAddr) -> Result<std::net::TcpListener, ServeError> {
    open(address).map_err(|source| {
        let taken = source.kind() == io::ErrorKind::AddrInUse;
        if taken { ServeError::AddressInUse(address) } else { ServeError::Listen { address, source } }
    })
}

fn open(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // On Unix: connections of an instance before that are not yet forgotten don't keep the port. Two listeners are
    // refused all the same.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// Serves on `listener` until `shutdown` comes, then lets calls under way end, for as long as `options.drain` says.
pub async fn run(
    listener: std::net::TcpListener,
    live: Arc<Live>,
    options: ServeOptions,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let address = listener.local_addr().unwrap_or(options.address);
    let failed = |source| ServeError::Listen { address, source };
    listener.set_nonblocking(true).map_err(failed)?;
    let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
    let health = HealthReporter::new();
    report(&health, ServingStatus::Serving).await;
    let front = Front::new(&live, &health, &options)?;
    let options = Arc::new(options);
    let threads = options.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let workers = (0..threads)
        .map(|number| Worker::start(number, front.clone(), Arc::clone(&options)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(ServeError::Thread)?;
    tracing::info!(%address, threads, bundle = live.current().digest(), "serving");
    accept(&listener, &workers, options.connections_max, shutdown).await;
    drop(listener);
    tracing::info!("stopping");
    front.stop();
    report(&health, ServingStatus::NotServing).await;
    for worker in workers {
        worker.stop().await;
    }
    tracing::info!("stopped");
    Ok(())
}

/// Hands each new connection to the worker that has the fewest.
async fn accept(
    listener: &tokio::net::TcpListener,
    workers: &[Worker],
    connections_max: usize,
    shutdown: impl Future<Output = ()>,
) {
    let room = Arc::new(Semaphore::new(connections_max));
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => return,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted.and_then(|(stream, _)| stream.into_std()) {
            Ok(stream) => stream,
            Err(problem) => {
                tracing::warn!(%problem, "a connection can't be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            tracing::warn!(connections_max, "a connection is refused: there are too many");
            continue;
        };
        if let Some(worker) = workers.iter().min_by_key(|worker| worker.connections()) {
            worker.take(stream, place);
        }
    }
}

/// Tells the health service how we are.
async fn report(health: &HealthReporter, status: ServingStatus) {
    for name in ["", grpc::DECISIONS, grpc::POLICIES] {
        health.set_service_status(name, status).await;
    }
}
