//! Calls to the server, and its answers of either kind.

use redress::plain::Call;
use redress::policy::Bundle;
use redress::rpc::decision_service;
use redress::rpc::proto::redress::v1 as wire;
use redress::rpc::proto::redress::v1::decision_service_client::DecisionServiceClient;
use redress::view::{self, View};
use serde_json::{Value, json};
use tonic::transport::Channel;

use crate::server::Server;

pub struct Asker(DecisionServiceClient<Channel>);

#[derive(Debug, Clone)]
pub enum Answer {
    Decision(Box<wire::Decision>),
    Authorization(Box<wire::Authorization>),
}

impl Asker {
    pub async fn new(server: &Server) -> Self {
        Self(server.decisions().await)
    }

    pub async fn ask(&mut self, call: Call) -> Answer {
        match call {
            Call::Decide(request) => {
                let answer = self.0.decide(*request).await.unwrap().into_inner();
                Answer::Decision(Box::new(answer.decision.unwrap()))
            }
            Call::Authorize(request) => {
                let answer = self.0.authorize(*request).await.unwrap().into_inner();
                Answer::Authorization(Box::new(answer.authorization.unwrap()))
            }
        }
    }
}

impl Answer {
    pub fn view(&self, bundle: &Bundle, locale: &str) -> View {
        let language = decision_service::language(bundle, locale);
        match self {
            Answer::Decision(answer) => view::decision(answer, language),
            Answer::Authorization(answer) => view::authorization(answer, language),
        }
    }

    /// The field of a response that holds it.
    pub fn kind(&self) -> &'static str {
        match self {
            Answer::Decision(_) => "decision",
            Answer::Authorization(_) => "authorization",
        }
    }

    /// All of it but its number, which is its own.
    pub fn json(&self) -> Value {
        without_number(match self {
            Answer::Decision(answer) => serde_json::to_value(answer).unwrap(),
            Answer::Authorization(answer) => serde_json::to_value(answer).unwrap(),
        })
    }
}

pub fn without_number(mut answer: Value) -> Value {
    let number = answer.as_object_mut().and_then(|answer| answer.remove("decisionId"));
    assert_eq!(number.unwrap_or_default().as_str().map(str::len), Some(36), "every answer has a number: {answer}");
    answer
}

/// The call as a browser posts it.
pub fn posted(call: &Call) -> (&'static str, Value) {
    match call {
        Call::Decide(request) => ("/v1/decide", json!(request)),
        Call::Authorize(request) => ("/v1/authorize", json!(request)),
    }
}
