//! ZEN: the grants are rows of one decision table, of which every row counts that holds.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use serde_json::json;
use zen_engine::model::DecisionContent;
use zen_engine::{Decision, DecisionEngine};

use super::Engine;
use crate::question::{Answer, Limits, Question, rank};
use crate::support::grants::Grant;

pub struct Zen(Decision);

impl Zen {
    pub fn new(grants: &[Grant]) -> Self {
        let row = |(number, &Grant { class, kind, role, order_max, cap }): (usize, &Grant)| {
            json!({
                "_id": format!("r{number}"),
                "class": format!("'{class}'"), "kind": format!("'{kind}'"), "amount": format!("<= {order_max}00"),
                "proven": "true",
                "role": format!("'{role}'"), "limit": format!("floor(min([order_amount / 2, {cap}00]))"),
            })
        };
        let table = json!({
            "hitPolicy": "collect",
            "inputs": [
                { "id": "class", "name": "class", "field": "issue_class" },
                { "id": "kind", "name": "kind", "field": "request_type" },
                { "id": "amount", "name": "amount", "field": "order_amount" },
                { "id": "proven", "name": "proven", "field": "proven" },
            ],
            "outputs": [
                { "id": "role", "name": "role", "field": "role" },
                { "id": "limit", "name": "limit", "field": "limit" },
            ],
            "rules": grants.iter().enumerate().map(row).collect::<Vec<_>>(),
        });
        let graph = json!({
            "nodes": [
                { "id": "in", "name": "in", "type": "inputNode", "content": {} },
                { "id": "grants", "name": "grants", "type": "decisionTableNode", "content": table },
                { "id": "out", "name": "out", "type": "outputNode", "content": {} },
            ],
            "edges": [
                { "id": "to", "sourceId": "in", "targetId": "grants" },
                { "id": "from", "sourceId": "grants", "targetId": "out" },
            ],
        });
        let content: DecisionContent = serde_json::from_value(graph).expect("a graph");
        let mut decision = DecisionEngine::default().create_decision(Arc::new(content)).expect("a decision");
        decision.compile();
        Self(decision)
    }
}

impl Engine for Zen {
    type Input = Question;

    fn input(&mut self, question: &Question) -> Question {
        *question
    }

    fn answer(&mut self, question: &Question) -> Answer {
        let asked = json!({
            "issue_class": question.class,
            "request_type": question.kind,
            "order_amount": question.amount,
            "proven": question.proven,
        });
        let answer = at_once(self.0.evaluate(asked.into())).expect("an answer");
        let mut limits = Limits::default();
        let rows = answer.result.as_array().expect("rows");
        for row in rows.borrow().iter() {
            let (role, limit) = (row.dot("role").expect("a role"), row.dot("limit").expect("a limit"));
            let limit = limit.as_number().and_then(|limit| i64::try_from(limit).ok()).expect("fen");
            limits.grant(rank(role.as_str().expect("a name")), limit);
        }
        limits.answer(question)
    }
}

/// Nothing in a table has to be waited for.
fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}
