//! Redress itself, in process: with its reasons, whether they are read or not.

use redress::decide::{self, Asked, Case, answer};
use redress::policy::Bundle;
use redress::rpc::from_proto::{self, Sent};
use redress::rpc::proto::redress::v1 as wire;
use serde_json::json;

use super::Engine;
use crate::question::{Answer, Effect, Question};
use crate::support::{self, grants::Grant};

/// From the message of a call to its answer.
pub struct Redress(Bundle);

impl Redress {
    pub fn new(grants: &[Grant]) -> Self {
        Self(support::load(support::generated_files(grants.len())))
    }
}

fn question(bundle: &Bundle, request: &wire::AuthorizeRequest) -> from_proto::Question {
    let sent = Sent {
        case: request.case.as_ref(),
        actor: request.actor.as_ref(),
        action: Some(request.action.as_ref()),
        as_of: request.as_of.as_ref(),
        locale: &request.locale,
        explain: request.explain,
        grant: request.grant,
    };
    from_proto::question(bundle, sent, support::NOW).expect("a right request")
}

fn answer(bundle: &Bundle, case: &Case) -> Answer {
    let rules = bundle.rules_for(None, None);
    let answer = decide::authorize(rules, case, support::NOW, Asked::default());
    let effect = match answer.effect {
        answer::Effect::Allow => Effect::Allow,
        answer::Effect::NeedsApproval => Effect::NeedsApproval,
        answer::Effect::Deny => Effect::Deny,
        answer::Effect::NeedsInput => panic!("all facts are there"),
    };
    let fen = |limit: answer::Limit| {
        let fen = limit.total.checked_mul(100.into()).expect("a small amount");
        i64::try_from(fen).expect("a small amount")
    };
    Answer { effect, limit: answer.limit.map(fen) }
}

impl Engine for Redress {
    type Input = wire::AuthorizeRequest;

    fn input(&mut self, question: &Question) -> wire::AuthorizeRequest {
        let money = |fen: i64| {
            let (units, nanos) = (fen / 100, fen % 100 * 10_000_000);
            json!({ "currencyCode": "CNY", "units": units.to_string(), "nanos": nanos })
        };
        let request = json!({
            "case": {
                "order": { "amount": money(question.amount), "compensated": money(question.compensated) },
                "issue": { "class": question.class, "proven": question.proven },
                "request": { "type": format!("REQUEST_TYPE_{}", question.kind.to_uppercase()) },
            },
            "actor": { "role": question.role },
            "action": { "name": "compensate", "amount": money(question.wanted) },
        });
        serde_json::from_value(request).expect("a request")
    }

    fn answer(&mut self, request: &wire::AuthorizeRequest) -> Answer {
        let question = question(&self.0, request);
        answer(&self.0, &question.case)
    }
}

/// The decision alone: the case has been read.
pub struct Ready(Redress);

impl Ready {
    pub fn new(grants: &[Grant]) -> Self {
        Self(Redress::new(grants))
    }
}

impl Engine for Ready {
    type Input = Case;

    fn input(&mut self, asked: &Question) -> Case {
        let request = self.0.input(asked);
        Case { facts: question(&self.0.0, &request).case.facts.clone() }
    }

    fn answer(&mut self, case: &Case) -> Answer {
        answer(&self.0.0, case)
    }
}
