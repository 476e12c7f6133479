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

use crate::clock::Stopwatch;
use crate::grant::Issuer;
use crate::live::Live;
use crate::rpc::caller::Callers;
use crate::rpc::recording::Recorder;

mod admin;
mod call;
mod connection;
mod front;
pub mod grants;
mod grpc;
pub mod identity;
mod json;
mod lent;
mod line;
mod methods;
mod metrics;
mod readiness;
mod rotating;
mod traces;
mod worker;

pub use call::{CallLines, Telling};
pub use traces::{Handed, Traces, TracesError, TracesOptions};

use connection::Shared;
use front::Front;
use grants::Grants;
use identity::Identity;
use worker::Worker;

/// Connections that wait to be accepted.
const BACKLOG: i32 = 1_024;

/// After a failed accept, as when the process has no file left to open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How often the files of [`Identity`] are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

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
    /// Where metrics and probes are answered; nowhere by default.
    pub admin: Option<SocketAddr>,
    /// Who we are, and who may ask.
    pub identity: Arc<Identity>,
    /// What may be reached from other machines all the same.
    pub exposed: Exposed,
    /// How long a new connection may take to agree on TLS, and how many may be at it at once.
    pub handshake_time_max: Duration,
    pub handshakes_max: usize,
    /// Connections in all; more are closed as they come.
    pub connections_max: usize,
    /// Calls under way in all; more are sent away.
    pub calls_max: usize,
    /// Calls under way on one connection.
    pub streams_max: u32,
    /// Bytes of one request.
    pub message_bytes_max: usize,
    /// Bytes of one request's headers.
    pub header_bytes_max: u32,
    /// How long a new connection may take to make its first call.
    pub greeting_time_max: Duration,
    /// How long a connection may be without a call.
    pub idle_time_max: Duration,
    /// How long a connection lives before its caller is asked to open another.
    pub connection_age_max: Duration,
    /// How often a silent connection is asked whether it still lives, and how long it may take to answer.
    pub keep_alive: (Duration, Duration),
    /// Web origins whose browsers may call; none by default.
    pub allowed_origins: Vec<HeaderValue>,
    /// Where answers are recorded before they are given; nowhere by default.
    pub recorder: Option<Recorder>,
    /// Who signs grants; nobody by default.
    pub grants: Option<Arc<Grants>>,
    /// How calls are told of, in lines and traces; not at all by default.
    pub telling: Telling,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 50_051)),
            threads: None,
            drain: Duration::from_secs(10),
            request_time_max: Duration::from_secs(10),
            admin: None,
            identity: Arc::new(Identity::none()),
            exposed: Exposed::default(),
            handshake_time_max: Duration::from_secs(5),
            handshakes_max: 1_000,
            connections_max: 10_000,
            calls_max: 16_384,
            streams_max: 256,
            message_bytes_max: 4 << 20,
            header_bytes_max: 16 << 10,
            greeting_time_max: Duration::from_secs(10),
            idle_time_max: Duration::from_secs(900),
            connection_age_max: Duration::from_secs(3_600),
            keep_alive: (Duration::from_secs(60), Duration::from_secs(20)),
            allowed_origins: Vec::new(),
            recorder: None,
            grants: None,
            telling: Telling::default(),
        }
    }
}

/// What is served to other machines although it should not be, because somebody said so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exposed {
    /// Without TLS: on a network where something else encrypts.
    pub plaintext: bool,
    /// To callers that show nothing: where something else keeps strangers out.
    pub anonymous: bool,
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
    #[error(
        "other machines reach {0}: give the server a certificate and its key (`--tls-cert`, `--tls-key`), or say that \
         something else encrypts (`--insecure-plaintext`)"
    )]
    Plaintext(SocketAddr),
    #[error(
        "other machines reach {0}, and nobody has to show who they are: verify client certificates (`--client-ca`) or \
         tokens (`--token-keys`), or say that something else keeps strangers out (`--insecure-anonymous`)"
    )]
    Anonymous(SocketAddr),
    #[error("can't start a thread to serve with: {0}")]
    Thread(#[source] io::Error),
    #[error("can't describe the services for reflection: {0}")]
    Reflection(String),
}

impl ServeOptions {
    fn issuer(&self) -> Option<Arc<Issuer>> {
        self.grants.as_ref().map(|grants| Arc::clone(grants.issuer()))
    }

    /// Whether what is served to other machines is encrypted, and to callers that are known, or else meant not to be.
    pub fn check_exposure(&self) -> Result<(), ServeError> {
        let Self { address, identity, exposed, .. } = self;
        if address.ip().is_loopback() {
            Ok(())
        } else if !identity.has_tls() && !exposed.plaintext {
            Err(ServeError::Plaintext(*address))
        } else if identity.callers() == Callers::Anyone && !exposed.anonymous {
            Err(ServeError::Anonymous(*address))
        } else {
            Ok(())
        }
    }
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
    let options = ServeOptions { address, ..options };
    options.check_exposure()?;
    let failed = |source| ServeError::Listen { address, source };
    listener.set_nonblocking(true).map_err(failed)?;
    let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
    let health = HealthReporter::new();
    report(&health, ServingStatus::Serving).await;
    let front = Front::new(&live, &health, &options)?;
    let options = Arc::new(options);
    let threads = options.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let handshakes = Arc::new(Semaphore::new(options.handshakes_max));
    let calls_max = options.calls_max.div_ceil(threads.max(1));
    let shared = || Shared {
        front: front.for_thread(calls_max),
        options: Arc::clone(&options),
        handshakes: Arc::clone(&handshakes),
    };
    let workers = (0..threads)
        .map(|number| Worker::start(number, shared()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(ServeError::Thread)?;
    let admin = options.admin.map(listen).transpose()?;
    tell(&options);
    let admin = admin.map(|listener| {
        admin::tell(listener.local_addr().unwrap_or(address));
        tokio::spawn(front.clone().administer(listener))
    });
    tracing::info!(%address, threads, bundle = live.current().digest(), "serving");
    let rotation = tokio::spawn(rotate(Arc::clone(&options.identity), options.grants.clone()));
    let readiness = tokio::spawn(readiness::follow(options.recorder.clone(), health.clone()));
    let room = Arc::new(Semaphore::new(options.connections_max));
    accept(&listener, &workers, &room, shutdown).await;
    readiness.abort();
    tracing::info!("stopping");
    let stopping = Stopwatch::start();
    front.stop();
    report(&health, ServingStatus::NotServing).await;
    take_last(&listener, &workers, &room).await;
    drop(listener);
    rotation.abort();
    // All of them at once: the limit is one for all.
    let closing: Vec<_> = workers.into_iter().map(Worker::close).collect();
    for worker in closing {
        worker.ended().await;
    }
    if let Some(traces) = options.telling.traces.clone() {
        let left = options.drain.saturating_sub(stopping.elapsed());
        // It waits for a thread.
        let _ = tokio::task::spawn_blocking(move || traces.stop(left)).await;
    }
    // Until then probes are told that we are stopping.
    if let Some(admin) = admin {
        admin.abort();
    }
    tracing::info!("stopped");
    Ok(())
}

/// Takes new connections until told to stop.
async fn accept(
    listener: &tokio::net::TcpListener,
    workers: &[Worker],
    room: &Arc<Semaphore>,
    shutdown: impl Future<Output = ()>,
) {
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
        hand_on(stream, workers, room);
    }
}

/// Takes the connections that had come in before we were told to stop: closing the socket would break them.
async fn take_last(listener: &tokio::net::TcpListener, workers: &[Worker], room: &Arc<Semaphore>) {
    while let Ok(Ok((stream, _))) = tokio::time::timeout(Duration::ZERO, listener.accept()).await {
        if let Ok(stream) = stream.into_std() {
            hand_on(stream, workers, room);
        }
    }
}

/// Hands a connection to the worker that has the fewest, if there is room for it.
fn hand_on(stream: std::net::TcpStream, workers: &[Worker], room: &Arc<Semaphore>) {
    let Ok(place) = Arc::clone(room).try_acquire_owned() else {
        tracing::warn!("a connection is refused: there are too many");
        return;
    };
    if let Some(worker) = workers.iter().min_by_key(|worker| worker.connections()) {
        worker.take(stream, place);
    }
}

/// Logs who may ask, and what is believed.
fn tell(options: &ServeOptions) {
    let ServeOptions { identity, grants, .. } = options;
    let (tls, known) = (identity.has_tls(), identity.callers() == Callers::Known);
    match (tls, known) {
        (_, false) => {
            tracing::warn!(tls, "anyone who reaches this address may ask, and the role they state is believed");
        }
        (false, true) => tracing::warn!(tls, "callers have to show who they are, by tokens that travel in plaintext"),
        (true, true) => tracing::info!(tls, "callers have to show who they are"),
    }
    if let Some(grants) = grants {
        let key = grants.issuer().keys().name().to_owned();
        if known {
            tracing::info!(key, "grants are signed");
        } else {
            tracing::warn!(key, "grants are signed for roles that nobody has to show; they say so");
        }
    }
}

/// Takes up new certificates and keys as their files change.
async fn rotate(identity: Arc<Identity>, grants: Option<Arc<Grants>>) {
    while identity.rotates() || grants.is_some() {
        tokio::time::sleep(LOOK_EVERY).await;
        let (identity, grants) = (Arc::clone(&identity), grants.clone());
        // Files may lie on something slow.
        let look = move || (identity.look(), grants.map(|grants| grants.look()));
        let _ = tokio::task::spawn_blocking(look).await;
    }
}

/// Tells the health service how we are.
async fn report(health: &HealthReporter, status: ServingStatus) {
    for name in ["", grpc::DECISIONS, grpc::POLICIES] {
        health.set_service_status(name, status).await;
    }
}
