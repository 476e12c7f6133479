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

/// The case of the other benches, as a front end sends it.
fn request(extra: &serde_json::Value) -> serde_json::Value {
    let yuan = |units: u32| json!({ "currencyCode": "CNY", "units": units.to_string() });
    let mut request = json!({
        "case": {
            "order": {
                "amount": yuan(800), "compensated": yuan(120), "itemCount": 1, "isSet": false, "freeShipping": true,
                "signedAt": "2026-11-17T07:00:00Z",
            },
            "issue": {
                "class": "product.quality.blemish", "proven": true, "confirmed": true, "majorLoss": false,
                "responsible": "PARTY_SELLER",
            },
            "request": { "type": "REQUEST_TYPE_RETURN_REFUND", "appliedAt": "2026-11-22T06:00:00Z", "received": true },
            "outbound": { "status": "PARCEL_STATUS_SIGNED" },
            "customer": { "words": ["不给退就１２３１５见"] },
            "shop": { "platform": "taobao" },
        },
        "actor": { "id": "a17", "role": "agent" },
        "asOf": "2026-11-22T07:00:00Z",
        "locale": "en",
    });
    let fields = request.as_object_mut().expect("an object");
    fields.extend(extra.as_object().expect("an object").clone());
    request
}

fn edge(c: &mut Criterion) {
    let action = json!({ "action": { "name": "compensate", "amount": { "currencyCode": "CNY", "units": "100" } } });
    let asked: wire::AuthorizeRequest = serde_json::from_value(request(&action)).expect("a request");
    let deciding: wire::DecideRequest = serde_json::from_value(request(&json!({}))).expect("a request");
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
