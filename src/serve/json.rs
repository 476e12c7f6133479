//! The same calls as plain JSON over HTTP: protobuf's own JSON mapping in and out, errors as `google.rpc.Status`.
//!
//! An explicitly empty list in JSON says that there is nothing; protobuf alone can't tell that from silence.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{Extensions, HeaderMap, StatusCode, Uri, header};
use hyper::body::Incoming;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tonic::body::Body;
use tonic::metadata::MetadataMap;
use tonic::{Code, Request, Status};
use tower::ServiceExt as _;

use super::call::{Fault, Watch};
use super::grpc::within;
use super::{ServeOptions, readiness};
use crate::clock::Stopwatch;
use crate::grant::Issuer;
use crate::live::Live;
use crate::rpc::admission::Admission;
use crate::rpc::decision_service::{Decisions, language};
use crate::rpc::policy_service::Policies;
use crate::rpc::proto::redress::v1 as wire;
use crate::rpc::proto::redress::v1::decision_service_server::DecisionService;
use crate::rpc::proto::redress::v1::policy_service_server::PolicyService;
use crate::rpc::recording::Recorder;
use crate::rpc::tally::Tally;
use crate::rpc::violation;

mod empty_lists;
mod nulls;
mod query;
mod shape;
mod status;

use empty_lists::EmptyLists;
use status::{error, is_json, too_late};

/// Whether the process lives, whether calls should come here: probes ask without showing who they are.
const LIVES: [&str; 2] = ["/livez", "/healthz"];
const READY: &str = "/readyz";

/// The public keys of grants: whoever pays asks without showing who they are.
const KEYS: &str = "/.well-known/jwks.json";

/// How long others may go by keys that they have.
const JWK_SET: &str = "application/jwk-set+json";
const KEYS_HOLD: &str = "public, max-age=60";

/// Calls that bring many cases at once.
const MANY: [&str; 3] = ["/v1/batch-decide", "/v1/batch-authorize", "/v1/triage"];

/// Whether anyone may ask for a path.
pub fn is_open(path: &str) -> bool {
    path == READY || path == KEYS || LIVES.contains(&path)
}

/// Answers plain HTTP.
#[derive(Debug, Clone)]
pub struct Json {
    router: Router,
    state: Arc<State>,
    admission: Arc<Admission>,
    watch: Arc<Watch>,
    time_max: Duration,
}

#[derive(Debug)]
struct State {
    live: Arc<Live>,
    decisions: Decisions,
    policies: Policies,
    recorder: Option<Recorder>,
    issuer: Option<Arc<Issuer>>,
    stopping: AtomicBool,
}

impl Json {
    pub fn new(live: &Arc<Live>, tally: &Arc<Tally>, options: &ServeOptions) -> Self {
        let callers = options.identity.callers();
        let state = Arc::new(State {
            live: Arc::clone(live),
            decisions: Decisions::new(Arc::clone(live), callers)
                .recorded(options.recorder.clone())
                .granting(options.issuer())
                .tallied(tally),
            policies: Policies::new(Arc::clone(live), callers),
            recorder: options.recorder.clone(),
            issuer: options.issuer(),
            stopping: AtomicBool::new(false),
        });
        let router = routes(&state).layer(DefaultBodyLimit::max(options.message_bytes_max));
        let admission = Arc::new(Admission::new(usize::MAX));
        Self { router, state, admission, watch: Arc::default(), time_max: options.request_time_max }
    }

    /// The same, with the calls of a thread of its own.
    pub fn of_thread(&self, admission: &Arc<Admission>, watch: &Arc<Watch>) -> Self {
        Self { admission: Arc::clone(admission), watch: Arc::clone(watch), ..self.clone() }
    }

    /// Whether calls should come here, and of what policies they would be answered.
    pub fn readiness(&self) -> (StatusCode, String) {
        is_ready(&self.state)
    }

    pub fn stop(&self) {
        self.state.stopping.store(true, Ordering::Relaxed);
    }

    /// Answers a request that arrived then.
    pub async fn answer(self, mut request: http::Request<Incoming>, arrived: Stopwatch) -> http::Response<Body> {
        let call = self.watch.begin(&mut request, arrived);
        let answer = self.admitted(request, arrived).await;
        let code = answer.extensions().get::<Code>().copied().unwrap_or(Code::Ok);
        call.end(code, answer)
    }

    async fn admitted(self, mut request: http::Request<Incoming>, arrived: Stopwatch) -> http::Response<Body> {
        let path = request.uri().path();
        let many = MANY.contains(&path);
        let place = if is_open(path) {
            None
        } else if many {
            request.extensions_mut().insert(Arc::clone(&self.admission));
            Some(self.admission.enter_with_many())
        } else {
            Some(self.admission.enter())
        };
        let begun = place.transpose().and_then(|place| {
            let work = place.as_ref().filter(|_| !many).map(|_| self.admission.begin(&arrived)).transpose();
            work.map(|work| (place, work))
        });
        let _under_way = match begun {
            Ok(under_way) => under_way,
            Err(overloaded) => return refusal(&overloaded),
        };
        let response = match within(self.time_max, arrived, self.router.oneshot(request)).await {
            Some(Ok(response)) => response,
            Some(Err(never)) => match never {},
            None => too_late(),
        };
        response.map(Body::new)
    }
}

/// A route that posts a message to a method, or gets it with the message in the query.
macro_rules! method {
    ($route:ident, $state:ident, $service:ident.$method:ident, $($message:tt)+) => {{
        let state = Arc::clone($state);
        $route(move |extensions: Extensions, headers: HeaderMap, uri: Uri, body: Result<Bytes, BytesRejection>| async move {
            let _ = (&headers, &uri, &body);
            let asked = Asked { message: stringify!($($message)+), live: &state.live };
            let message = method!(@read $route asked headers uri body);
            asked.call(message, extensions, |request: Request<wire::$($message)+>| state.$service.$method(request)).await
        })
    }};
    (@read post $asked:ident $headers:ident $uri:ident $body:ident) => { $asked.body(&$headers, $body) };
    (@read get $asked:ident $headers:ident $uri:ident $body:ident) => { $asked.query($uri.query()) };
}

fn routes(state: &Arc<State>) -> Router {
    let (ready, grants) = (Arc::clone(state), Arc::clone(state));
    Router::new()
        .route("/v1/decide", method!(post, state, decisions.decide, DecideRequest))
        .route("/v1/authorize", method!(post, state, decisions.authorize, AuthorizeRequest))
        .route("/v1/batch-decide", method!(post, state, decisions.batch_decide, BatchDecideRequest))
        .route("/v1/batch-authorize", method!(post, state, decisions.batch_authorize, BatchAuthorizeRequest))
        .route("/v1/triage", method!(post, state, decisions.triage, TriageRequest))
        .route("/v1/bundle", method!(get, state, policies.get_bundle, GetBundleRequest))
        .route("/v1/policies", method!(get, state, policies.list_policies, ListPoliciesRequest))
        .route("/v1/policy", method!(get, state, policies.get_policy, GetPolicyRequest))
        .route("/v1/get-bundle", method!(post, state, policies.get_bundle, GetBundleRequest))
        .route("/v1/list-policies", method!(post, state, policies.list_policies, ListPoliciesRequest))
        .route("/v1/get-policy", method!(post, state, policies.get_policy, GetPolicyRequest))
        .route(KEYS, get(async move || keys(&grants)))
        .route(LIVES[0], get(async || "ok\n"))
        .route(LIVES[1], get(async || "ok\n"))
        .route(
            READY,
            get(move || async move {
                let (code, said) = is_ready(&ready);
                (code, [(header::CONTENT_TYPE, status::JSON)], said)
            }),
        )
        .method_not_allowed_fallback(async || {
            error(StatusCode::METHOD_NOT_ALLOWED, &Status::unimplemented("this path is called by another method"))
        })
        .fallback(async |uri: Uri| {
            let path = crate::text::quoted(uri.path());
            error(StatusCode::NOT_FOUND, &Status::not_found(format!("there is nothing at {path}; try `/v1/decide`")))
        })
}

/// Why a question is not put.
type Refused = (StatusCode, Status);

/// One question as JSON.
#[derive(Clone, Copy)]
struct Asked<'s> {
    /// Name of the message it has to be.
    message: &'static str,
    live: &'s Live,
}

impl Asked<'_> {
    /// The message in a posted body.
    fn body<Q: DeserializeOwned + EmptyLists>(
        self,
        headers: &HeaderMap,
        body: Result<Bytes, BytesRejection>,
    ) -> Result<Q, Refused> {
        if !is_json(headers) {
            let said = "send it as JSON, with the header `content-type: application/json`";
            return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, Status::invalid_argument(said)));
        }
        let body = body.map_err(|refused| match refused.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                (StatusCode::PAYLOAD_TOO_LARGE, Status::resource_exhausted("the request is too large"))
            }
            _ => (StatusCode::BAD_REQUEST, Status::invalid_argument("the request did not arrive whole")),
        })?;
        // No body is the empty message.
        let text = if body.is_empty() { &b"{}"[..] } else { &body };
        let mut message: Q = match serde_json::from_slice(text) {
            Ok(message) => message,
            Err(problem) => nulls::without(text).ok_or_else(|| self.refuse(text, &problem))?,
        };
        if empty_lists::may_hold_one(text)
            && let Ok(raw) = serde_json::from_slice(text)
        {
            message.note_empty_lists(&raw);
        }
        Ok(message)
    }

    /// The message in a query: `?locale=en&page_size=10`.
    fn query<Q: DeserializeOwned>(self, query: Option<&str>) -> Result<Q, Refused> {
        let raw = query::read(query.unwrap_or_default());
        serde_json::from_value(raw.clone()).map_err(|problem| self.refuse(raw.to_string().as_bytes(), &problem))
    }

    async fn call<Q, A, F>(
        self,
        message: Result<Q, Refused>,
        extensions: Extensions,
        method: impl FnOnce(Request<Q>) -> F,
    ) -> Response
    where
        A: Serialize,
        F: Future<Output = Result<tonic::Response<A>, Status>>,
    {
        let message = match message {
            Ok(message) => message,
            Err((code, status)) => return error(code, &status),
        };
        match method(Request::from_parts(MetadataMap::new(), extensions, message)).await {
            Ok(answer) => written(answer.get_ref()),
            Err(status) => error(status::http_status(status.code()), &status),
        }
    }

    /// Names every field that is not as the message has it.
    fn refuse(self, text: &[u8], problem: &serde_json::Error) -> Refused {
        let raw: Option<serde_json::Value> = serde_json::from_slice(text).ok();
        let locale = raw.as_ref().and_then(|raw| raw.get("locale")).and_then(serde_json::Value::as_str);
        let bundle = self.live.current();
        let language = language(&bundle, locale.unwrap_or_default());
        let violations = shape::violations(self.message, raw.as_ref(), problem);
        (StatusCode::BAD_REQUEST, violation::refusal(&violations, language))
    }
}

/// A call that is refused before it is read.
pub fn refusal(status: &Status) -> http::Response<Body> {
    error(status::http_status(status.code()), status).map(Body::new)
}

fn written(answer: &impl Serialize) -> Response {
    match serde_json::to_vec(answer) {
        Ok(text) => ([(header::CONTENT_TYPE, status::JSON)], text).into_response(),
        Err(problem) => {
            let said = "the answer can't be written as JSON";
            let mut failed = error(StatusCode::INTERNAL_SERVER_ERROR, &Status::internal(said));
            failed.extensions_mut().insert(Fault(format!("{said}: {problem}")));
            failed
        }
    }
}

/// The public keys of grants.
fn keys(state: &State) -> Response {
    let Some(issuer) = &state.issuer else {
        return error(
            StatusCode::NOT_FOUND,
            &Status::not_found("this service signs no grants, so it has no keys to show"),
        );
    };
    let headers = [(header::CONTENT_TYPE, JWK_SET), (header::CACHE_CONTROL, KEYS_HOLD)];
    (headers, issuer.keys().written().to_owned()).into_response()
}

/// Whether calls should come here, and of what policies they would be answered.
fn is_ready(state: &State) -> (StatusCode, String) {
    let stopping = state.stopping.load(Ordering::Relaxed);
    let status = state.live.status();
    let trouble = readiness::trouble(state.recorder.as_ref());
    let ready = !stopping && trouble.is_none();
    let mut said = serde_json::json!({
        "ready": ready,
        "bundle": state.live.current().digest(),
        "reloadFailed": status.refused.is_some(),
    });
    if let (Some(trouble), Some(said)) = (trouble, said.as_object_mut()) {
        said.insert("logFailed".into(), trouble.into());
    }
    let code = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, said.to_string())
}
