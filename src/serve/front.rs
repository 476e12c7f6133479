//! The door: tells gRPC, gRPC-Web and plain HTTP apart, and lets browsers of the allowed origins in.

use std::future::ready;
use std::sync::Arc;

use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use tonic::Status;
use tonic::body::Body;
use tonic_health::server::HealthReporter;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower::{Layer as _, Service as _};

use super::admin;
use super::call::{Telling, Watch};
use super::grpc::{self, Answer, Grpc};
use super::identity::{Identity, Peer};
use super::json::{self, Json};
use super::metrics::Metrics;
use super::{ServeError, ServeOptions};
use crate::clock::Stopwatch;
use crate::live::Live;
use crate::rpc::admission::Admission;

/// Headers of ours that a browser may read, and of its own that it may send.
const READABLE: HeaderValue =
    HeaderValue::from_static("grpc-status, grpc-message, grpc-status-details-bin, x-request-id, traceresponse");
const SENDABLE: HeaderValue = HeaderValue::from_static(
    "content-type, x-grpc-web, x-user-agent, grpc-timeout, authorization, x-request-id, traceparent, tracestate",
);
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
/// Two hours: the longest that browsers remember.
const REMEMBERED_SECONDS: HeaderValue = HeaderValue::from_static("7200");

/// Answers every request.
#[derive(Debug, Clone)]
pub struct Front {
    grpc: Grpc,
    web: GrpcWebService<Grpc>,
    json: Json,
    identity: Arc<Identity>,
    watch: Arc<Watch>,
    telling: Telling,
    metrics: Arc<Metrics>,
    allowed_origins: Arc<[HeaderValue]>,
}

/// How a request speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speech {
    Grpc,
    GrpcWeb,
    Http,
}

impl Front {
    /// The same for one more thread, which may have so many calls under way.
    pub fn for_thread(&self, under_way_max: usize) -> Self {
        let admission = Arc::new(Admission::new(under_way_max));
        let watch = Arc::new(Watch { calls: self.metrics.thread(&admission), telling: self.telling.clone() });
        let grpc = self.grpc.of_thread(&admission, &watch);
        Self {
            web: GrpcWebLayer::new().layer(grpc.clone()),
            grpc,
            json: self.json.of_thread(&admission, &watch),
            watch,
            ..self.clone()
        }
    }

    pub fn new(live: &Arc<Live>, health: &HealthReporter, options: &ServeOptions) -> Result<Self, ServeError> {
        let telling = options.telling.clone();
        let metrics = Metrics::new(live, &options.identity, options.recorder.clone(), telling.clone());
        let metrics = Arc::new(metrics);
        let grpc = Grpc::new(live, health, &metrics.tally, options)?;
        Ok(Self {
            web: GrpcWebLayer::new().layer(grpc.clone()),
            grpc,
            json: Json::new(live, &metrics.tally, options),
            identity: Arc::clone(&options.identity),
            watch: Arc::default(),
            telling,
            metrics,
            allowed_origins: options.allowed_origins.clone().into(),
        })
    }

    /// From now on we are no longer ready.
    pub fn stop(&self) {
        self.json.stop();
    }

    /// Answers those who run the service.
    pub async fn administer(self, listener: std::net::TcpListener) {
        admin::serve(listener, self.metrics, self.json).await;
    }

    /// Who we are, and who may ask.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Answers a request of the connection to `peer`.
    pub fn answer(&self, mut request: Request<Incoming>, peer: &Peer) -> Answer {
        let speech = speech(request.headers());
        let admitted = match self.identity.identify(request.headers(), peer) {
            Ok(None) => Ok(()),
            Ok(Some(caller)) => {
                request.extensions_mut().insert(caller);
                Ok(())
            }
            Err(_) if is_open(speech, request.uri().path()) => Ok(()),
            Err(refused) => Err(refused),
        };
        let arrived = Stopwatch::start();
        if speech == Speech::Grpc && request.version() == Version::HTTP_2 {
            return match admitted {
                Ok(()) => self.grpc.answer(request),
                Err(refused) => {
                    let call = self.watch.begin(&mut request, arrived);
                    Box::pin(ready(Ok(call.end(refused.code(), refused.into_http()))))
                }
            };
        }
        let origin = self.allowed(request.headers());
        let front = self.clone();
        Box::pin(async move {
            let mut response = match (speech, admitted) {
                // Without HTTP/2 there is no gRPC.
                (Speech::Grpc, _) => bare(StatusCode::HTTP_VERSION_NOT_SUPPORTED),
                (Speech::GrpcWeb, Ok(())) => front.web.clone().call(request).await?,
                (Speech::GrpcWeb, Err(refused)) => {
                    front.watch.begin(&mut request, arrived).end(refused.code(), web(refused))
                }
                // Browsers ask beforehand without showing who they are.
                (Speech::Http, _) if origin.is_some() && is_preflight(&request) => bare(StatusCode::NO_CONTENT),
                (Speech::Http, Ok(())) => front.json.answer(request, arrived).await,
                (Speech::Http, Err(refused)) => {
                    front.watch.begin(&mut request, arrived).end(refused.code(), json::refusal(&refused))
                }
            };
            if let Some(origin) = origin {
                admit(response.headers_mut(), origin);
            }
            Ok(response)
        })
    }

    /// The request's origin, if browsers of it may call.
    fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        if self.allowed_origins.is_empty() {
            return None;
        }
        headers.get(header::ORIGIN).filter(|origin| self.allowed_origins.contains(origin)).cloned()
    }
}

fn speech(headers: &HeaderMap) -> Speech {
    let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    match kind.strip_prefix(b"application/grpc") {
        None => Speech::Http,
        Some(rest) if rest.starts_with(b"-web") => Speech::GrpcWeb,
        Some(_) => Speech::Grpc,
    }
}

/// Whether anyone may ask: probes do.
fn is_open(speech: Speech, path: &str) -> bool {
    match speech {
        Speech::Grpc | Speech::GrpcWeb => path.starts_with(grpc::HEALTH),
        Speech::Http => json::is_open(path),
    }
}

/// A refusal as gRPC-Web has it.
fn web(refused: Status) -> Response<Body> {
    let mut response: Response<Body> = refused.into_http();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc-web+proto"));
    response
}

fn is_preflight(request: &Request<Incoming>) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn admit(headers: &mut HeaderMap, origin: HeaderValue) {
    let admission: [(HeaderName, HeaderValue); 6] = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, origin),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, READABLE),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, SENDABLE),
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_MAX_AGE, REMEMBERED_SECONDS),
        (header::VARY, HeaderValue::from_static("origin")),
    ];
    headers.extend(admission);
}

fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
