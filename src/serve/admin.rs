//! A door of its own for those who run the service: metrics and probes, over plain HTTP, away from its callers.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};

use super::json::Json;
use super::metrics::Metrics;

/// Connections at once; probes and one or two collectors are a handful.
const CONNECTIONS_MAX: usize = 64;

/// How long a request's head may take to come in, and a connection may stand idle.
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers on `listener` until dropped.
pub async fn serve(listener: std::net::TcpListener, metrics: Arc<Metrics>, json: Json) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let connections = Arc::new(AtomicUsize::new(0));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(super::ACCEPT_PAUSE).await;
            continue;
        };
        let (metrics, json, connections) = (Arc::clone(&metrics), json.clone(), Arc::clone(&connections));
        if connections.fetch_add(1, Ordering::Relaxed) >= CONNECTIONS_MAX {
            connections.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        tokio::spawn(async move {
            let service = service_fn(|request: Request<Incoming>| {
                let answer = answer(request.uri().path(), &metrics, &json);
                async { Ok::<_, Infallible>(answer) }
            });
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
            // A collector that goes away is none of our concern.
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
            connections.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

fn answer(path: &str, metrics: &Metrics, json: &Json) -> Response<Full<Bytes>> {
    let (code, kind, text) = match path {
        "/metrics" => (StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", metrics.page()),
        "/livez" | "/healthz" => (StatusCode::OK, "text/plain", "ok\n".to_owned()),
        "/readyz" => {
            let (code, said) = json.readiness();
            (code, "application/json; charset=utf-8", said)
        }
        _ => (StatusCode::NOT_FOUND, "text/plain", "try /metrics, /livez or /readyz\n".to_owned()),
    };
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = code;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Logs where it is.
pub fn tell(address: SocketAddr) {
    if address.ip().is_loopback() {
        tracing::info!(%address, "metrics and probes");
    } else {
        tracing::warn!(%address, "metrics and probes, for whoever reaches this address");
    }
}
