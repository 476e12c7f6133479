//! Protobuf (or JSON) → answer, all five calls, on the shipped policies: whatever comes in is answered soundly or
//! refused with the fields that are wrong.
//!
//! The first byte names the call and the form; the rest is the message.

mod promises;
mod wires;

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};

use prost::Message;
use redress::live::Live;
use redress::policy::Bundle;
use redress::rpc::caller::Callers;
use redress::rpc::decision_service::{Decisions, authorize_as, decide_as};
use redress::rpc::proto::redress::v1 as wire;
use redress::rpc::proto::redress::v1::decision_service_server::DecisionService as _;
use redress::rpc::violation::{self, Violation};
use redress::text::Language;
use redress::value::Instant;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tonic::{Code, Request, Response, Status};

use super::slips::{self, index};
use crate::fuzz::Target;
use crate::support::random::{Dice, NOW};

pub const TARGET: Target = Target { name: "answer", hold, slip };

static LIVE: LazyLock<Arc<Live>> = LazyLock::new(|| {
    let bundle = redress::policy::load(redress::embedded::policies()).expect("the shipped policies load");
    Arc::new(Live::new(bundle))
});

/// The calls, as the first byte counts them.
const CALLS: u8 = 5;
/// Set in the first byte where JSON follows.
const AS_JSON: u8 = 8;

const ID: &str = "0199f9a2-0000-7000-8000-000000000000";

fn hold(bytes: &[u8]) {
    let Some((first, message)) = bytes.split_first() else { return };
    let form = if first & AS_JSON == 0 { Form::Protobuf } else { Form::Json };
    let bundle = LIVE.snapshot();
    let deep = slips::mark(bytes).is_multiple_of(8);
    match (first & 7) % CALLS {
        0 => decide(&bundle, form.read(message), deep),
        1 => authorize(&bundle, form.read(message), deep),
        2 => batch_decide(form.read(message)),
        3 => batch_authorize(form.read(message)),
        _ => triage(form.read(message)),
    }
}

#[derive(Clone, Copy)]
enum Form {
    Protobuf,
    Json,
}

impl Form {
    fn read<Q: Message + Default + DeserializeOwned>(self, bytes: &[u8]) -> Option<Q> {
        match self {
            Form::Protobuf => Q::decode(bytes).ok(),
            Form::Json => serde_json::from_slice(bytes).ok(),
        }
    }
}

fn decide(bundle: &Bundle, request: Option<wire::DecideRequest>, deep: bool) {
    let Some(request) = request else { return };
    let answer = |request: &wire::DecideRequest| decide_as(bundle, request, Instant(NOW), ID.into());
    match answer(&request) {
        Err(violations) => refused(&violations),
        Ok(decision) => {
            promises::of_decision(&decision);
            written(&decision);
            if deep {
                assert_eq!(answer(&request).unwrap().encode_to_vec(), decision.encode_to_vec(), "another answer");
                if let Some(later) = promises::last_moment(decision.next_change_at.as_ref()) {
                    let then = wire::DecideRequest { as_of: Some(later), ..request };
                    promises::same_decision(&decision, &answer(&then).unwrap());
                }
            }
        }
    }
}

fn authorize(bundle: &Bundle, request: Option<wire::AuthorizeRequest>, deep: bool) {
    let Some(request) = request else { return };
    let answer = |request: &wire::AuthorizeRequest| authorize_as(bundle, request, Instant(NOW), ID.into());
    match answer(&request) {
        Err(violations) => refused(&violations),
        Ok(authorization) => {
            promises::of_authorization(&authorization, request.action.as_ref().unwrap());
            written(&authorization);
            if deep {
                let again = answer(&request).unwrap();
                assert_eq!(again.encode_to_vec(), authorization.encode_to_vec(), "another answer");
                if let Some(later) = promises::last_moment(authorization.next_change_at.as_ref()) {
                    let then = wire::AuthorizeRequest { as_of: Some(later), ..request };
                    promises::same_authorization(&authorization, &answer(&then).unwrap());
                }
            }
        }
    }
}

fn batch_decide(request: Option<wire::BatchDecideRequest>) {
    use wire::batch_decide_result::Result as Outcome;
    let Some(request) = request else { return };
    let asked = request.requests.len();
    let Some(answer) = answered(service().batch_decide(Request::new(request))) else { return };
    assert_eq!(answer.results.len(), asked);
    for result in &answer.results {
        match result.result.as_ref().unwrap() {
            Outcome::Decision(decision) => promises::of_decision(decision),
            Outcome::Problem(problem) => promises::of_problem(problem),
        }
    }
}

fn batch_authorize(request: Option<wire::BatchAuthorizeRequest>) {
    use wire::batch_authorize_result::Result as Outcome;
    let Some(request) = request else { return };
    let actions: Vec<_> = request.requests.iter().map(|request| request.action.clone()).collect();
    let Some(answer) = answered(service().batch_authorize(Request::new(request))) else { return };
    assert_eq!(answer.results.len(), actions.len());
    for (result, action) in answer.results.iter().zip(&actions) {
        match result.result.as_ref().unwrap() {
            Outcome::Authorization(answer) => promises::of_authorization(answer, action.as_ref().unwrap()),
            Outcome::Problem(problem) => promises::of_problem(problem),
        }
    }
}

fn triage(request: Option<wire::TriageRequest>) {
    let Some(request) = request else { return };
    let asked = request.items.len();
    let Some(answer) = answered(service().triage(Request::new(request))) else { return };
    promises::of_triage(&answer, asked);
}

fn service() -> Decisions {
    Decisions::new(Arc::clone(&LIVE), Callers::Anyone)
}

/// The answer of the service; `None` where it refused, with every wrong field named.
fn answered<A>(call: impl Future<Output = Result<Response<A>, Status>>) -> Option<A> {
    let mut call = pin!(call);
    let mut context = Context::from_waker(Waker::noop());
    let answer = loop {
        // What it waits for, if at all, are other calls of its thread, and there is none.
        if let Poll::Ready(answer) = call.as_mut().poll(&mut context) {
            break answer;
        }
    };
    match answer {
        Ok(answer) => Some(answer.into_inner()),
        Err(status) => {
            assert_eq!(status.code(), Code::InvalidArgument, "{status}");
            assert!(!status.message().is_empty() && !status.details().is_empty(), "{status}");
            None
        }
    }
}

fn refused(violations: &[Violation]) {
    assert!(!violations.is_empty(), "refused without a word");
    for Violation { field, reason, description } in violations {
        assert!(!field.is_empty() && !reason.0.is_empty(), "{violations:?}");
        assert!(!description.zh.is_empty() && !description.en.is_empty(), "{violations:?}");
    }
    for language in [Language::Chinese, Language::English] {
        promises::of_problem(&violation::problem(violations, language));
    }
}

/// An answer can be written as protobuf and as JSON.
fn written<A: Message + Serialize>(answer: &A) {
    assert_eq!(answer.encode_to_vec().len(), answer.encoded_len());
    serde_json::to_vec(answer).expect("an answer can be written as JSON");
}

/// What requests are made of.
const WORDS: &[&[u8]] = &[
    b"agent",
    b"supervisor",
    b"compensate",
    b"refund",
    b"exchange",
    b"CNY",
    b"USD",
    b"taobao",
    b"douyin",
    b"zh-CN",
    b"en",
    b"product.quality.blemish",
    b"2026-11-22T07:00:00Z",
    b"150.01",
    b"-1",
    "１２３１５".as_bytes(),
    b"null",
    b"[]",
    b"{}",
    b"true",
    b"\"",
    b"\\u0000",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
];

fn slip(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let Some((first, message)) = bytes.split_first() else { return vec![0] };
    if index(dice, 12) == 0 {
        return [&[first ^ (1 << index(dice, 4))], message].concat();
    }
    let slipped = if first & AS_JSON == 0 && index(dice, 4) > 0 {
        wires::slip(message, WORDS, dice)
    } else {
        slips::slip(message, WORDS, dice)
    };
    [&[*first], &slipped[..]].concat()
}
