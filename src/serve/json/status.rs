//! Errors as JSON: `google.rpc.Status` with its details, under the HTTP status that says the same.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

pub const JSON: &str = "application/json; charset=utf-8";

pub fn error(code: StatusCode, status: &Status) -> Response {
    let mut details: Vec<Value> = Vec::new();
    if let Some(bad) = status.get_details_bad_request() {
        let fields = bad.field_violations.iter().map(|violation| {
            json!({
                "field": violation.field,
                "description": violation.description,
                "reason": violation.reason,
            })
        });
        details.push(json!({
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": fields.collect::<Vec<_>>(),
        }));
    }
    if let Some(info) = status.get_details_error_info() {
        details.push(json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": info.reason,
            "domain": info.domain,
        }));
    }
    let retry = status.get_details_retry_info().and_then(|retry| retry.retry_delay);
    if let Some(delay) = retry {
        details.push(json!({
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": format!("{}s", delay.as_secs()),
        }));
    }
    let number = i32::from(status.code());
    let said = json!({ "code": number, "message": status.message(), "details": details });
    let mut response = (code, [(header::CONTENT_TYPE, JSON)], said.to_string()).into_response();
    // For whoever counts.
    response.extensions_mut().insert(status.code());
    if code == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(delay) = retry {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(delay.as_secs()));
    }
    response
}

pub fn too_late() -> Response {
    error(StatusCode::GATEWAY_TIMEOUT, &Status::deadline_exceeded("the call took too long"))
}

/// The HTTP status of a gRPC one, as Google's APIs pair them.
pub fn http_status(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Cancelled => StatusCode::REQUEST_TIMEOUT,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Whether the body says to be JSON.
pub fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}
