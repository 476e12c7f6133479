//! The gRPC calls: by service to its handler, each under a deadline.
//!
//! A call that runs out of time is answered `DEADLINE_EXCEEDED`; tonic's own timeout would answer `CANCELLED`.

use std::convert::Infallible;
use std::future::{Future, poll_fn, ready};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use http::{HeaderMap, Request, Response};
use tonic::body::Body;
use tonic::codec::CompressionEncoding;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::{Code, Status};
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};
use tower::{Service, ServiceExt as _};

use super::call::Watch;
use super::{ServeError, ServeOptions};
use crate::clock::Stopwatch;
use crate::live::Live;
use crate::rpc::admission::Admission;
use crate::rpc::decision_service::Decisions;
use crate::rpc::policy_service::Policies;
use crate::rpc::proto::DESCRIPTORS;
use crate::rpc::proto::redress::v1::decision_service_server::DecisionServiceServer;
use crate::rpc::proto::redress::v1::policy_service_server::PolicyServiceServer;
use crate::rpc::tally::Tally;

/// Full names of the services.
pub const DECISIONS: &str = <DecisionServiceServer<Decisions> as NamedService>::NAME;
pub const POLICIES: &str = <PolicyServiceServer<Policies> as NamedService>::NAME;

/// Probes are always answered.
pub const HEALTH: &str = "/grpc.health.v1.Health/";

/// Calls that bring many cases at once.
const MANY: [&str; 3] = [
    "/redress.v1.DecisionService/BatchDecide",
    "/redress.v1.DecisionService/BatchAuthorize",
    "/redress.v1.DecisionService/Triage",
];

/// Every gRPC call.
#[derive(Debug, Clone)]
pub struct Grpc {
    decisions: DecisionServiceServer<Decisions>,
    policies: PolicyServiceServer<Policies>,
    /// Health and reflection; unknown services end here too.
    others: axum::Router,
    admission: Arc<Admission>,
    watch: Arc<Watch>,
    time_max: Duration,
}

/// An answer to come.
pub type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

impl Grpc {
    pub fn new(
        live: &Arc<Live>,
        health: &HealthReporter,
        tally: &Arc<Tally>,
        options: &ServeOptions,
    ) -> Result<Self, ServeError> {
        let callers = options.identity.callers();
        let decisions = DecisionServiceServer::new(
            Decisions::new(Arc::clone(live), callers)
                .recorded(options.recorder.clone())
                .granting(options.issuer())
                .tallied(tally),
        )
        .max_decoding_message_size(options.message_bytes_max)
        .accept_compressed(CompressionEncoding::Gzip)
        .send_compressed(CompressionEncoding::Gzip);
        let policies = PolicyServiceServer::new(Policies::new(Arc::clone(live), callers))
            .max_decoding_message_size(options.message_bytes_max)
            .accept_compressed(CompressionEncoding::Gzip)
            .send_compressed(CompressionEncoding::Gzip);
        let describe = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(DESCRIPTORS)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        };
        let failed = |problem: tonic_reflection::server::Error| ServeError::Reflection(problem.to_string());
        let others = Routes::new(HealthServer::new(HealthService::from_health_reporter(health.clone())))
            .add_service(describe().build_v1().map_err(failed)?)
            .add_service(describe().build_v1alpha().map_err(failed)?)
            .prepare()
            .into_axum_router();
        let admission = Arc::new(Admission::new(usize::MAX));
        let watch = Arc::default();
        Ok(Self { decisions, policies, others, admission, watch, time_max: options.request_time_max })
    }

    /// The same, with the calls of a thread of its own.
    pub fn of_thread(&self, admission: &Arc<Admission>, watch: &Arc<Watch>) -> Self {
        Self { admission: Arc::clone(admission), watch: Arc::clone(watch), ..self.clone() }
    }

    /// Answers a call.
    pub fn answer<B>(&self, mut request: Request<B>) -> Answer
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<tonic::codegen::StdError> + Send,
    {
        let arrived = Stopwatch::start();
        let call = self.watch.begin(&mut request, arrived);
        let path = request.uri().path();
        let many = MANY.contains(&path);
        let place = if path.starts_with(HEALTH) {
            None
        } else if many {
            request.extensions_mut().insert(Arc::clone(&self.admission));
            Some(self.admission.enter_with_many())
        } else {
            Some(self.admission.enter())
        };
        let place = match place.transpose() {
            Ok(place) => place,
            Err(overloaded) => return Box::pin(ready(Ok(call.end(overloaded.code(), overloaded.into_http())))),
        };
        let time = asked_for(request.headers()).map_or(self.time_max, |time| time.min(self.time_max));
        let (answer, admission) = (self.route(request), Arc::clone(&self.admission));
        Box::pin(async move {
            // Calls with many cases have a queue of their own, and wait for their turn once they have come in.
            let short = place.as_ref().filter(|_| !many);
            let _work = match short.map(|_| admission.begin(&arrived)).transpose() {
                Ok(work) => work,
                Err(overloaded) => return Ok(call.end(overloaded.code(), overloaded.into_http())),
            };
            let Some(answer) = within(time, arrived, answer).await else {
                let late = Status::deadline_exceeded("the call took too long");
                return Ok(call.end(late.code(), late.into_http()));
            };
            let Ok(answer) = answer;
            // What is refused says so at once; an answer says that it is one after its message.
            let refused = answer.headers().get(Status::GRPC_STATUS).map(|code| Code::from_bytes(code.as_bytes()));
            Ok(call.end(refused.unwrap_or(Code::Ok), answer))
        })
    }

    fn route<B>(&self, request: Request<B>) -> Answer
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<tonic::codegen::StdError> + Send,
    {
        let service = request.uri().path().get(1..).and_then(|path| path.split_once('/')).map(|(service, _)| service);
        // Only the service that answers is copied, which is a count of its owners.
        match service {
            Some(DECISIONS) => self.decisions.clone().call(request),
            Some(POLICIES) => self.policies.clone().call(request),
            _ => {
                let answer = self.others.clone().oneshot(request.map(Body::new));
                Box::pin(async move { answer.await.map(|response| response.map(Body::new)) })
            }
        }
    }
}

impl<B> Service<Request<B>> for Grpc
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<tonic::codegen::StdError> + Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Answer {
        self.answer(request)
    }
}

/// Works on something for so long since then: what is late is not begun, and not gone on with.
pub async fn within<T>(time: Duration, since: Stopwatch, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut end) = (pin!(work), pin!(tokio::time::sleep(time.saturating_sub(since.elapsed()))));
    poll_fn(|context| {
        if since.elapsed() >= time || end.as_mut().poll(context).is_ready() {
            return Poll::Ready(None);
        }
        work.as_mut().poll(context).map(Some)
    })
    .await
}

/// The time that the caller gives the call: at most eight digits and a unit.
fn asked_for(headers: &HeaderMap) -> Option<Duration> {
    let said = headers.get("grpc-timeout")?.to_str().ok()?;
    let (count, unit) = said.split_at_checked(said.len().checked_sub(1)?)?;
    if count.is_empty() || count.len() > 8 || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = count.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(count.saturating_mul(3_600))),
        "M" => Some(Duration::from_secs(count.saturating_mul(60))),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_say_how_long_a_call_may_take() {
        for (said, meant) in [
            ("1H", Some(Duration::from_secs(3_600))),
            ("2M", Some(Duration::from_secs(120))),
            ("3S", Some(Duration::from_secs(3))),
            ("250m", Some(Duration::from_millis(250))),
            ("7u", Some(Duration::from_micros(7))),
            ("99999999n", Some(Duration::from_nanos(99_999_999))),
            ("123456789m", None),
            ("m", None),
            ("", None),
            ("5", None),
            ("-5S", None),
            ("5秒", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-timeout", http::HeaderValue::from_bytes(said.as_bytes()).unwrap());
            assert_eq!(asked_for(&headers), meant, "{said}");
        }
    }
}
