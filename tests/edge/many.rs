//! Many in one call: each answered or refused on its own, and put in order by what times out first.

use serde_json::{Value, json};

use crate::server::start;

fn case(signed_at: &str) -> Value {
    json!({ "order": { "amount": { "currencyCode": "CNY", "units": "100" }, "signedAt": signed_at } })
}

#[tokio::test]
async fn each_of_a_batch_stands_alone_under_one_clock() {
    let server = start().await;
    let actor = json!({ "role": "agent" });
    let requests = json!({ "requests": [
        { "case": {}, "actor": actor },
        { "case": { "order": { "itemCount": -1 } }, "actor": actor, "locale": "en" },
        { "case": {}, "actor": actor },
    ] });
    let (status, answer) = server.post("/v1/batch-decide", &requests).await;
    assert_eq!(status, 200, "{answer}");
    let results = &answer["results"];
    assert_eq!(results[0]["decision"]["evaluatedAt"], results[2]["decision"]["evaluatedAt"]);
    assert_eq!(
        results[1]["problem"],
        json!({
            "code": "PROBLEM_CODE_INVALID_ARGUMENT",
            "message": "the request is wrong: `case.order.item_count`: it can't be negative",
            "violations": [{
                "field": "case.order.item_count", "description": "it can't be negative", "reason": "NEGATIVE_NUMBER",
            }],
        })
    );
    server.stop().await.unwrap();
}

#[tokio::test]
async fn an_empty_list_counts_in_each_of_a_batch() {
    let server = start().await;
    let request = |evidence: Value| {
        let case = json!({ "order": { "crossBorder": false }, "evidence": evidence });
        json!({ "case": case, "actor": { "role": "agent" }, "action": { "name": "refund" } })
    };
    let body = json!({ "requests": [request(Value::Null), request(json!([]))] });
    let (_, answer) = server.post("/v1/batch-authorize", &body).await;
    let state = |at: usize| answer["results"][at]["authorization"]["evidence"][0]["state"].clone();
    assert_eq!((state(0), state(1)), (json!("EVIDENCE_STATE_UNKNOWN"), json!("EVIDENCE_STATE_MISSING")));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn too_many_are_refused_together() {
    let server = start().await;
    for (path, list) in [("/v1/batch-decide", "requests"), ("/v1/batch-authorize", "requests"), ("/v1/triage", "items")]
    {
        let (status, answer) = server.post(path, &json!({ list: vec![json!({}); 1_001] })).await;
        let violation = &answer["details"][0]["fieldViolations"][0];
        assert_eq!(
            (status, &violation["field"], &violation["reason"]),
            (400, &json!(list), &json!("TOO_MANY_REQUESTS"))
        );
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn triage_puts_first_what_times_out_first() {
    let server = start().await;
    let request = json!({
        "actor": { "role": "agent" },
        "asOf": "2026-11-22T07:00:00Z",
        "locale": "en",
        "items": [
            { "key": "no deadline", "case": {} },
            { "key": "wrong", "case": { "order": { "amount": { "units": "1" } } } },
            { "key": "later", "case": case("2026-11-20T00:00:00Z") },
            { "key": "soon", "case": case("2026-11-16T00:00:00Z") },
            { "key": "absent" },
        ],
    });
    let (status, answer) = server.post("/v1/triage", &request).await;
    assert_eq!(status, 200, "{answer}");
    let cases = answer["cases"].as_array().unwrap();
    let order: Vec<_> = cases.iter().map(|case| case["key"].as_str().unwrap()).collect();
    assert_eq!(order, ["soon", "later", "no deadline", "wrong", "absent"]);
    assert_eq!(cases[0]["position"], 3);
    let entry = &cases[0]["entry"];
    assert_eq!(entry["dueAt"], "2026-11-23T00:00:00+00:00");
    assert_eq!((&entry["nextStep"]["id"], &entry["nextStep"]["due"]), (&json!("remind"), &json!(true)));
    assert_eq!(cases[1]["entry"]["nextStep"]["id"], "remind");
    assert_eq!(cases[3]["problem"]["violations"][0]["reason"], "CURRENCY_MISSING");
    assert_eq!(cases[4]["problem"]["violations"][0]["reason"], "REQUIRED");
    assert_eq!(answer["evaluatedAt"], "2026-11-22T07:00:00+00:00");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_triage_without_an_actor_is_refused_whole() {
    let server = start().await;
    let (status, answer) = server.post("/v1/triage", &json!({ "items": [{ "case": {} }] })).await;
    assert_eq!((status, &answer["details"][0]["fieldViolations"][0]["field"]), (400, &json!("actor")));
    server.stop().await.unwrap();
}
