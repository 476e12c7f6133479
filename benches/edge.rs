//! The edge in process: from the bytes of a request to the bytes of its answer.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use prost::Message as _;
use redress::policy::Bundle;
use redress::rpc::decision_service::{authorize, decide};
use redress::rpc::from_proto::case_from;
use redress::rpc::proto::redress::v1 as wire;
use serde_json::json;

mod support;

/// As the service runs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn edge(c: &mut Criterion) {
    let action = json!({ "action": { "name": "compensate", "amount": { "currencyCode": "CNY", "units": "100" } } });
    let asked: wire::AuthorizeRequest = serde_json::from_value(support::asked(&action)).expect("a request");
    let deciding: wire::DecideRequest = serde_json::from_value(support::asked(&json!({}))).expect("a request");
    let (asked_bytes, deciding_bytes) = (asked.encode_to_vec(), deciding.encode_to_vec());
    let mut group = c.benchmark_group("edge");
    let answer = |bundle: &Bundle, bytes: &[u8]| {
        let request = wire::AuthorizeRequest::decode(bytes).expect("a message");
        let authorization = authorize(bundle, &request, support::NOW).expect("a right request");
        wire::AuthorizeResponse { authorization: Some(authorization) }.encode_to_vec()
    };
    for (name, rules) in support::SIZES {
        let bundle = support::load(support::generated_files(rules));
        group.bench_function(format!("authorize, {name}"), |b| b.iter(|| answer(&bundle, black_box(&asked_bytes))));
    }
    let bundle = support::load(support::shipped_files());
    group.bench_function("authorize, shipped", |b| b.iter(|| answer(&bundle, black_box(&asked_bytes))));
    group.bench_function("read the message", |b| {
        b.iter(|| wire::AuthorizeRequest::decode(black_box(&asked_bytes[..])));
    });
    let (case, actor) = (asked.case.as_ref().expect("a case"), asked.actor.as_ref().expect("an actor"));
    group.bench_function("take the case apart", |b| {
        b.iter(|| case_from(&bundle, black_box(case), black_box(actor), asked.action.as_ref()));
    });
    group.bench_function("answer without reading or writing", |b| {
        b.iter(|| authorize(&bundle, black_box(&asked), support::NOW));
    });
    group.bench_function("decide, shipped", |b| {
        b.iter(|| {
            let request = wire::DecideRequest::decode(black_box(&deciding_bytes[..])).expect("a message");
            let decision = decide(&bundle, &request, support::NOW).expect("a right request");
            wire::DecideResponse { decision: Some(decision) }.encode_to_vec()
        });
    });
    group.finish();
}

criterion_group!(benches, edge);
criterion_main!(benches);
