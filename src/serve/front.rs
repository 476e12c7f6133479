//! The door: tells gRPC, gRPC-Web and plain HTTP apart, and lets browsers of the allowed origins in.

use std::convert::Infallible;
use std::sync::Arc;

use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use tonic::body::Body;
use tonic_health::server::HealthReporter;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower::{Layer as _, Service as _};

use super::grpc::Grpc;
use super::json::Json;
use super::{ServeError, ServeOptions};
use crate::live::Live;

/// Headers of ours that a browser may read, and of its own that it may send.
const READABLE: HeaderValue = HeaderValue::from_static("grpc-status, grpc-message, grpc-status-details-bin");
const SENDABLE: HeaderValue =
    HeaderValue::from_static("content-type, x-grpc-web, x-user-agent, grpc-timeout, authorization");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
/// Two hours: the longest that browsers remember.
const REMEMBERED_SECONDS: HeaderValue = HeaderValue::from_static("7200");

/// Answers every request.
#[derive(Debug, Clone)]
pub struct Front {
    grpc: Grpc,
    web: GrpcWebService<Grpc>,
    json: Json,
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
    pub fn new(live: &Arc<Live>, health: &HealthReporter, options: &ServeOptions) -> Result<Self, ServeError> {
        let grpc = Grpc::new(live, health, options)?;
        Ok(Self {
            web: GrpcWebLayer::new().layer(grpc.clone()),
            grpc,
            json: Json::new(live, options),
            allowed_origins: options.allowed_origins.clone().into(),
        })
    }

    /// From now on we are no longer ready.
    pub fn stop(&self) {
        self.json.stop();
    }

    pub fn answer(
        &self,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<Body>, Infallible>> + Send + use<> {
        let origin = self.allowed(request.headers());
        let speech = speech(request.headers());
        // Only the part that answers is copied; copies share everything.
        let part = match speech {
            Speech::Grpc if request.version() == Version::HTTP_2 => Part::Grpc(self.grpc.clone()),
            Speech::Grpc => Part::Refused(StatusCode::HTTP_VERSION_NOT_SUPPORTED),
            Speech::GrpcWeb => Part::Web(self.web.clone()),
            Speech::Http if origin.is_some() && is_preflight(&request) => Part::Preflight,
            Speech::Http => Part::Json(self.json.clone()),
        };
        async move {
            let mut response = match part {
                Part::Grpc(mut grpc) => return grpc.call(request).await,
                Part::Web(mut web) => web.call(request).await?,
                Part::Json(json) => json.answer(request).await,
                Part::Preflight => bare(StatusCode::NO_CONTENT),
                Part::Refused(status) => bare(status),
            };
            if let Some(origin) = origin {
                admit(response.headers_mut(), origin);
            }
            Ok(response)
        }
    }

    /// The request's origin, if browsers of it may call.
    fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        if self.allowed_origins.is_empty() {
            return None;
        }
        headers.get(header::ORIGIN).filter(|origin| self.allowed_origins.contains(origin)).cloned()
    }
}

enum Part {
    Grpc(Grpc),
    Web(GrpcWebService<Grpc>),
    Json(Json),
    Preflight,
    Refused(StatusCode),
}

fn speech(headers: &HeaderMap) -> Speech {
    let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    match kind.strip_prefix(b"application/grpc") {
        None => Speech::Http,
        Some(rest) if rest.starts_with(b"-web") => Speech::GrpcWeb,
        Some(_) => Speech::Grpc,
    }
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
