//! The life of one connection: TLS where we have it, a deadline for its first call, an age at which its caller is sent
//! elsewhere, and a graceful end.

use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use super::ServeOptions;
use super::front::Front;
use super::identity::Peer;
use super::lent;

/// Calls that are under way when a connection has reached its age get this long.
const FAREWELL: Duration = Duration::from_secs(30);

/// A connection that was opened just before we were told to stop may still make its first call: it is looked at so
/// often. Closed before that, its caller could not tell whether it was heard.
const LAST_CHANCES: u32 = 50;
const LAST_CHANCE_EVERY: Duration = Duration::from_millis(20);

/// The smallest buffer that hyper allows for HTTP/1.
const BUFFER_MIN: usize = 8_192;

const HTTP1_HEADERS_MAX: usize = 100;

/// What the connection's one timer waits for.
enum Stage {
    /// The first call.
    Greeting,
    /// The connection's age.
    Serving,
    /// The first call, although we are stopping; for so many looks more.
    LastChance(u32),
    /// The end of calls under way.
    Closing,
}

/// What all connections share.
#[derive(Clone)]
pub struct Shared {
    pub front: Front,
    pub options: Arc<ServeOptions>,
    /// Room for connections that have not agreed on TLS yet.
    pub handshakes: Arc<Semaphore>,
}

/// Serves one connection to its end.
pub async fn serve(stream: TcpStream, shared: Shared, mut stopping: watch::Receiver<bool>) {
    let Ok(stream) = prepared(stream) else { return };
    match shared.front.identity().acceptor() {
        None => to_the_end(stream, Peer::default(), &shared, stopping).await,
        Some(acceptor) => {
            let agreed = tokio::select! {
                biased;
                agreed = agree(stream, &acceptor, &shared) => agreed,
                _ = stopping.changed() => None,
            };
            let Some(stream) = agreed else { return };
            let peer = Peer::new(shared.front.identity(), stream.get_ref().1.peer_certificates());
            to_the_end(stream, peer, &shared, stopping).await;
        }
    }
}

/// Agrees on TLS, in time and not with too many at once.
async fn agree(
    stream: tokio::net::TcpStream,
    acceptor: &TlsAcceptor,
    shared: &Shared,
) -> Option<tokio_rustls::server::TlsStream<tokio::net::TcpStream>> {
    let Shared { options, handshakes, .. } = shared;
    let Ok(_place) = handshakes.try_acquire() else {
        tracing::debug!("a connection is refused: too many are agreeing on TLS");
        return None;
    };
    match tokio::time::timeout(options.handshake_time_max, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err(problem)) => {
            tracing::debug!(%problem, "a connection did not agree on TLS");
            None
        }
        Err(_) => {
            tracing::debug!("a connection took too long to agree on TLS");
            None
        }
    }
}

/// Answers the calls of one connection, and closes it so that the last answer arrives.
async fn to_the_end<S>(stream: S, peer: Peer, shared: &Shared, stopping: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (stream, owner) = lent::lend(stream);
    converse(stream, peer, shared, stopping).await;
    owner.linger().await;
}

/// Answers the calls of one connection.
async fn converse<S>(stream: S, peer: Peer, shared: &Shared, mut stopping: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Shared { front, options, .. } = shared;
    let called = AtomicBool::new(false);
    let service = service_fn(|request: http::Request<Incoming>| {
        called.store(true, Ordering::Relaxed);
        front.answer(request, &peer)
    });
    let builder = builder(options);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let mut stage = Stage::Greeting;
    let mut timer = std::pin::pin!(tokio::time::sleep(options.greeting_time_max));
    let mut idle = std::pin::pin!(tokio::time::sleep(options.idle_time_max));
    loop {
        tokio::select! {
            // The calls come first; and no dice are thrown for each.
            biased;
            ended = connection.as_mut() => {
                if let Err(problem) = ended {
                    tracing::debug!(%problem, "a connection broke");
                }
                return;
            }
            () = timer.as_mut() => match stage {
                Stage::Greeting if called.load(Ordering::Relaxed) => {
                    stage = Stage::Serving;
                    timer.set(tokio::time::sleep(options.connection_age_max));
                }
                Stage::Serving => {
                    stage = Stage::Closing;
                    connection.as_mut().graceful_shutdown();
                    timer.set(tokio::time::sleep(FAREWELL));
                }
                Stage::LastChance(more @ 1..) if !called.load(Ordering::Relaxed) => {
                    stage = Stage::LastChance(more.saturating_sub(1));
                    timer.set(tokio::time::sleep(LAST_CHANCE_EVERY));
                }
                Stage::LastChance(_) => {
                    stage = Stage::Closing;
                    connection.as_mut().graceful_shutdown();
                    timer.set(tokio::time::sleep(options.drain));
                }
                Stage::Greeting | Stage::Closing => return,
            },
            () = idle.as_mut(), if matches!(stage, Stage::Serving) => {
                if called.swap(false, Ordering::Relaxed) {
                    idle.set(tokio::time::sleep(options.idle_time_max));
                } else {
                    stage = Stage::Closing;
                    connection.as_mut().graceful_shutdown();
                    timer.set(tokio::time::sleep(FAREWELL));
                }
            }
            // Once closing, only the worker's own deadline counts.
            Ok(()) = stopping.changed(), if matches!(stage, Stage::Greeting | Stage::Serving) => {
                if matches!(stage, Stage::Greeting) && !called.load(Ordering::Relaxed) {
                    stage = Stage::LastChance(LAST_CHANCES);
                    timer.set(tokio::time::sleep(LAST_CHANCE_EVERY));
                } else {
                    stage = Stage::Closing;
                    connection.as_mut().graceful_shutdown();
                    timer.set(tokio::time::sleep(options.drain));
                }
            }
        }
    }
}

fn prepared(stream: TcpStream) -> std::io::Result<tokio::net::TcpStream> {
    stream.set_nodelay(true)?;
    tokio::net::TcpStream::from_std(stream)
}

fn builder(options: &ServeOptions) -> Builder<TokioExecutor> {
    let (interval, patience) = options.keep_alive;
    let mut builder = Builder::new(TokioExecutor::new());
    let header_bytes = usize::try_from(options.header_bytes_max).unwrap_or(BUFFER_MIN);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(interval)
        .max_headers(HTTP1_HEADERS_MAX)
        .max_buf_size(header_bytes.max(BUFFER_MIN))
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(options.streams_max)
        .max_header_list_size(options.header_bytes_max)
        .keep_alive_interval(interval)
        .keep_alive_timeout(patience);
    builder
}
