//! Answers on the wire: effects, limits, sentences in both languages, ladders, timers, what is missing, what failed.

use redress::rpc::proto::redress::v1 as wire;
use serde_json::{Value, json};

use crate::server::{Server, start};

fn question(action: &str, extra: &Value) -> Value {
    let mut case = json!({
        "order": { "amount": yuan(800), "compensated": yuan(120), "signedAt": "2026-11-17T07:00:01Z" },
        "request": { "version": "v7" },
    });
    merge(&mut case, extra);
    json!({
        "case": case,
        "actor": { "role": "agent" },
        "action": { "name": action },
        "asOf": "2026-11-22T07:00:00Z",
        "locale": "en",
    })
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

fn yuan(units: i64) -> Value {
    json!({ "currencyCode": "CNY", "units": units.to_string() })
}

/// Asks to compensate `units` yuan.
fn compensate(units: i64) -> Value {
    let mut question = question("compensate", &json!({}));
    question["action"]["amount"] = yuan(units);
    question
}

async fn authorize(server: &Server, question: &Value) -> Value {
    let (status, answer) = server.post("/v1/authorize", question).await;
    assert_eq!(status, 200, "{question}\n{answer}");
    answer["authorization"].clone()
}

#[tokio::test]
async fn the_example_of_the_design() {
    let server = start().await;
    let answer = authorize(&server, &compensate(300)).await;
    assert_eq!(answer["effect"], "EFFECT_NEEDS_APPROVAL");
    assert_eq!((&answer["approver"], &answer["approverTitle"]), (&json!("senior_agent"), &json!("Senior agent")));
    assert_eq!(answer["whyNot"], "280.00 would be allowed; 20.00 too much");
    assert_eq!(answer["blockedBy"], "LAYER_AUTHORITY");
    assert_eq!(answer["limit"]["total"], yuan(400));
    assert_eq!(answer["limit"]["used"], yuan(120));
    assert_eq!(answer["limit"]["remaining"], yuan(280));
    let because = &answer["limit"]["because"];
    assert_eq!(because["rule"], "authority.compensation/agent-half");
    assert_eq!(because["location"], json!({ "file": "authority/compensation.yaml", "line": 5 }));
    assert_eq!(because["implements"], json!(["AU-1"]));
    assert_eq!(answer["requestVersion"], "v7");
    assert_eq!(answer["evaluatedAt"], "2026-11-22T07:00:00+00:00");
    assert_eq!(answer["bundleDigest"], server.live.current().digest());
    assert_eq!(answer["decisionId"].as_str().unwrap().len(), 36);

    let mut chinese = compensate(300);
    chinese["locale"] = json!("zh");
    let answer = authorize(&server, &chinese).await;
    assert_eq!(answer["whyNot"], "可以给 280.00，超出 20.00");
    assert_eq!(answer["approverTitle"], "资深客服");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn an_allowed_action_brings_its_duties_with_every_kind_of_value() {
    let server = start().await;
    let mut question = compensate(280);
    question["case"]["attributes"] = json!({
        "flag": true,
        "points": 12,
        "balance": "12.50",
        "note": "老客户",
        "joined_at": "2026-11-22T15:00:00+08:00",
        "birthday": "2001-02-03",
        "patience": "1d12h",
        "colour": "blue",
        "colours": ["red", "blue"],
        "cards": [{ "code": "A", "points": "0.5" }, { "code": "B" }],
        "stock": { "a": 1, "b": "2.25" },
    });
    let answer = authorize(&server, &question).await;
    assert_eq!(answer["effect"], "EFFECT_ALLOW", "{answer}");
    assert_eq!(answer.get("whyNot"), None);
    let duty = &answer["duties"][0];
    assert_eq!(
        (&duty["id"], &duty["title"], &duty["channel"], &duty["notify"], &duty["dueAt"]),
        (
            &json!("entry"),
            &json!("Enter it in the ledger"),
            &json!("ledger"),
            &json!("manager"),
            &json!("2026-11-22T08:00:00+00:00")
        )
    );
    let number = |text: &str| json!({ "numberValue": { "value": text } });
    assert_eq!(
        duty["fields"],
        json!({
            "flag": { "boolValue": true },
            "points": number("12"),
            "balance": { "moneyValue": { "currencyCode": "CNY", "units": "12", "nanos": 500_000_000 } },
            "note": { "textValue": "老客户" },
            "joined_at": { "instantValue": "2026-11-22T07:00:00+00:00" },
            "birthday": { "dateValue": { "year": 2001, "month": 2, "day": 3 } },
            "patience": { "durationValue": "129600s" },
            "colour": { "nameValue": "blue" },
            "colours": { "listValue": { "values": [{ "nameValue": "red" }, { "nameValue": "blue" }] } },
            "cards": { "listValue": { "values": [
                { "mapValue": { "fields": { "code": { "textValue": "A" }, "points": number("0.5") } } },
                { "mapValue": { "fields": { "code": { "textValue": "B" }, "points": {} } } },
            ] } },
            "stock": { "mapValue": { "fields": { "a": number("1"), "b": number("2.25") } } },
        })
    );
    server.stop().await.unwrap();
}

#[tokio::test]
async fn why_not_in_each_case() {
    let server = start().await;
    let platform = json!({ "request": { "platformDenied": [{ "action": "refund", "reason": "售后关闭" }] } });
    #[rustfmt::skip]
    let rows = [
        (question("refund", &json!({ "order": { "crossBorder": true } })), "EFFECT_DENY", "LAYER_POLICY", "Cross-border orders are not refunded."),
        (question("refund", &json!({ "order": { "crossBorder": false }, "evidence": [] })), "EFFECT_NEEDS_INPUT", "LAYER_POLICY", "evidence is missing: Pictures"),
        (question("refund", &json!({ "order": { "crossBorder": false } })), "EFFECT_NEEDS_INPUT", "LAYER_POLICY", "evidence is missing: Pictures"),
        (question("refund", &json!({})), "EFFECT_NEEDS_INPUT", "LAYER_POLICY", "it can't be told yet whether this forbids it: Cross-border orders are not refunded."),
        (question("refund", &platform), "EFFECT_DENY", "LAYER_PLATFORM", "the platform does not allow it now: 售后关闭"),
        (question("compensate", &json!({})), "EFFECT_NEEDS_INPUT", "LAYER_AUTHORITY", "facts are missing: amount of the action"),
        (question("depreciate", &json!({})), "EFFECT_DENY", "LAYER_AUTHORITY", "no role may do it"),
    ];
    for (question, effect, layer, why) in rows {
        let answer = authorize(&server, &question).await;
        assert_eq!(
            (&answer["effect"], &answer["blockedBy"], &answer["whyNot"]),
            (&json!(effect), &json!(layer), &json!(why)),
            "{question}\n{answer}"
        );
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn evidence_is_present_missing_or_unknown() {
    let server = start().await;
    let domestic = json!({ "order": { "crossBorder": false } });
    for (evidence, state) in [
        (json!({ "evidence": [{ "kind": "EVIDENCE_KIND_PHOTO" }] }), "EVIDENCE_STATE_PRESENT"),
        (json!({ "evidence": [] }), "EVIDENCE_STATE_MISSING"),
        (json!({ "emptyLists": ["evidence"] }), "EVIDENCE_STATE_MISSING"),
        (json!({}), "EVIDENCE_STATE_UNKNOWN"),
    ] {
        let mut question = question("refund", &domestic);
        merge(&mut question["case"], &evidence);
        let answer = authorize(&server, &question).await;
        assert_eq!(answer["evidence"][0]["state"], state, "{evidence}");
        assert_eq!(answer["evidence"][0]["id"], "pictures");
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_missing_fact_is_named_with_its_path_title_rules_and_values() {
    let server = start().await;
    // The price of one of two pieces is unknown.
    let items = json!({ "order": { "items": [{ "unitPrice": yuan(5) }, { "sku": "b" }] } });
    let answer = authorize(&server, &question("exchange", &items)).await;
    assert_eq!(
        answer["missing"],
        json!([{
            "path": "order.items[].unit_price",
            "title": "items ordered: unit price",
            "why": "needed for: Dear items are not exchanged",
            "rules": ["guards.refunds/dear-items"],
        }])
    );
    let (_, answer) = server.post("/v1/decide", &json!({ "case": {}, "actor": { "role": "agent" } })).await;
    let rung = &answer["decision"]["ladder"][1];
    assert_eq!((&rung["state"], &rung["missing"]), (&json!("RUNG_STATE_NEEDS_FACTS"), &json!(["customer.tier"])));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_failed_function_fails_closed_and_is_shown_with_its_place() {
    let server = start().await;
    let answer = authorize(&server, &question("early_refund", &json!({}))).await;
    assert_eq!(answer["effect"], "EFFECT_NEEDS_INPUT", "{answer}");
    let failure = &answer["failures"][0];
    assert_eq!(failure["rule"], "guards.refunds/risky");
    assert_eq!(
        (&failure["location"]["file"], &failure["location"]["line"]),
        (&json!("functions/risk.rhai"), &json!(3))
    );
    assert!(failure["message"].as_str().unwrap().contains("`risky`"), "{failure}");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_decision_has_all_of_its_parts() {
    let server = start().await;
    let extra = json!({
        "order": { "crossBorder": true, "items": [{ "unitPrice": yuan(800) }] },
        "customer": { "tier": "vip" },
        "request": { "appliedAt": "2026-11-22T00:00:00Z", "platformDeadline": { "at": "2026-11-23T00:00:00Z" } },
    });
    let mut request = question("", &extra);
    request.as_object_mut().unwrap().remove("action");
    let (status, answer) = server.post("/v1/decide", &request).await;
    assert_eq!(status, 200, "{answer}");
    let decision = &answer["decision"];
    assert_eq!(decision["recommended"], "compensate");
    let [compensate, exchange, refund] = [0, 1, 2].map(|at| &decision["ladder"][at]);
    assert_eq!((&compensate["state"], &compensate["title"]), (&json!("RUNG_STATE_OFFERED"), &json!("Compensation")));
    assert_eq!(compensate["offer"], json!({ "opening": yuan(56), "ceiling": yuan(280) }));
    assert_eq!(compensate["steps"], json!([{ "title": "Apologise first" }]));
    let freight = &exchange["freight"];
    assert_eq!(freight["outbound"], json!({ "name": "seller", "title": "shop" }));
    assert_eq!(freight["returnLeg"], json!({ "name": "insurance", "title": "insurance" }));
    assert_eq!(freight["because"]["rule"], "ladder.retention/seller-pays");
    assert_eq!(refund["state"], "RUNG_STATE_BLOCKED");
    assert_eq!(decision["forbidden"][0]["action"], "refund");
    assert_eq!(decision["forbidden"][0]["because"]["message"], "Cross-border orders are not refunded.");
    assert_eq!((&decision["route"]["name"], &decision["route"]["title"]), (&json!("agent"), &json!("Agent")));
    let [first, second] = [0, 1].map(|at| &decision["timers"][at]);
    assert_eq!((&first["id"], &first["source"]), (&json!("platform-answer"), &json!("TIMER_SOURCE_PLATFORM")));
    assert_eq!((&second["id"], &second["source"]), (&json!("no-reason"), &json!("TIMER_SOURCE_POLICY")));
    assert_eq!(second["dueAt"], "2026-11-24T07:00:01+00:00");
    assert_eq!(second["state"], "TIMER_STATE_RUNNING");
    assert_eq!(
        second["nextStep"],
        json!({ "id": "remind", "title": "Remind the customer", "dueAt": "2026-11-23T07:00:01+00:00", "role": "agent", "channel": "phone" })
    );
    assert_eq!(
        decision["outputs"],
        json!([{ "name": "signs.big", "title": "A big order", "value": { "boolValue": false } }])
    );
    assert_eq!(decision.get("trace"), None);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn an_undecided_output_names_what_it_lacks() {
    let server = start().await;
    let (_, answer) = server.post("/v1/decide", &json!({ "case": {}, "actor": { "role": "agent" } })).await;
    let output = &answer["decision"]["outputs"][0];
    assert_eq!((&output["value"], &output["missing"]), (&json!({}), &json!(["order.amount"])));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_trace_shows_conditions_with_the_values_they_saw() {
    let server = start().await;
    let mut question = question("refund", &json!({ "order": { "crossBorder": true } }));
    question["explain"] = json!(true);
    let answer = authorize(&server, &question).await;
    let traced = answer["trace"].as_array().unwrap();
    let guard = traced.iter().find(|traced| traced["rule"] == "guards.refunds/cross-border").unwrap();
    assert_eq!((&guard["outcome"], &guard["inForce"]), (&json!("OUTCOME_TRUE"), &json!(true)));
    assert_eq!(
        guard["conditions"],
        json!([{
            "text": "order.cross_border",
            "outcome": "OUTCOME_TRUE",
            "facts": [{ "path": "order.cross_border", "title": "crosses a customs border", "value": { "boolValue": true } }],
            "location": { "file": "guards/refunds.yaml", "line": 7 },
        }])
    );
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_shop_is_answered_by_its_overlay() {
    let server = start().await;
    let mut question = compensate(250);
    assert_eq!(authorize(&server, &question).await["effect"], "EFFECT_ALLOW");
    question["case"]["shop"] = json!({ "platform": "douyin", "id": "s42" });
    let answer = authorize(&server, &question).await;
    assert_eq!((&answer["effect"], &answer["limit"]["total"]), (&json!("EFFECT_NEEDS_APPROVAL"), &yuan(200)));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn an_unknown_language_is_answered_in_the_first_with_a_warning() {
    let server = start().await;
    let mut question = compensate(10);
    question["locale"] = json!("ja");
    let answer = authorize(&server, &question).await;
    assert_eq!(answer["warnings"][0]["code"], "UNKNOWN_LOCALE");
    assert_eq!(answer["limit"]["because"]["title"], "客服最多一半");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_same_question_has_the_same_answer_but_for_its_name() {
    let server = start().await;
    let mut client = server.decisions().await;
    let request: wire::AuthorizeRequest = serde_json::from_value(compensate(300)).unwrap();
    let [mut first, second] = [client.authorize(request.clone()).await, client.authorize(request).await]
        .map(|answer| answer.unwrap().into_inner().authorization.unwrap());
    assert_ne!(first.decision_id, second.decision_id);
    first.decision_id.clone_from(&second.decision_id);
    assert_eq!(first, second);
    server.stop().await.unwrap();
}
