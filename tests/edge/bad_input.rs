//! Every fault of a request is named by its field, its kind and a sentence in both languages.

use serde_json::{Map, Value, json};

use crate::server::{Server, start};

/// A request that is right.
fn good() -> Value {
    json!({
        "case": {
            "order": { "amount": { "currencyCode": "CNY", "units": "800" }, "createdAt": "2026-11-10T08:00:00Z" },
            "shop": { "platform": "taobao" },
        },
        "actor": { "id": "a17", "role": "agent" },
        "action": { "name": "compensate", "amount": { "currencyCode": "CNY", "units": "10" } },
        "asOf": "2026-11-22T07:00:00Z",
    })
}

/// Sets the value at a dotted path; `null` takes it away.
fn with(mut message: Value, path: &str, value: Value) -> Value {
    let mut place = &mut message;
    for step in path.split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = place.as_object_mut().unwrap().entry(step).or_insert(Value::Null);
    }
    *place = value;
    message
}

fn violations(answer: &Value) -> Vec<(String, String)> {
    let fields = answer["details"][0]["fieldViolations"].as_array().cloned().unwrap_or_default();
    let pair = |v: &Value| (v["field"].as_str().unwrap().to_owned(), v["reason"].as_str().unwrap().to_owned());
    fields.iter().map(pair).collect()
}

async fn check(server: &Server, request: Value, expected: &[(&str, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(field, reason)| ((*field).to_owned(), (*reason).to_owned())).collect();
    for (locale, chinese) in [("zh-CN", true), ("en", false)] {
        let (status, answer) = server.post("/v1/authorize", &with(request.clone(), "locale", json!(locale))).await;
        assert_eq!((status, &answer["code"]), (400, &json!(3)), "{request}\n{answer}");
        assert_eq!(violations(&answer), expected, "{request}\n{answer}");
        assert_eq!(answer["details"][0]["@type"], "type.googleapis.com/google.rpc.BadRequest");
        for violation in answer["details"][0]["fieldViolations"].as_array().unwrap() {
            let description = violation["description"].as_str().unwrap();
            assert_eq!(!description.is_ascii(), chinese, "{description}");
            assert!(!description.is_empty());
        }
        assert!(answer["message"].as_str().unwrap().contains(&expected[0].0), "{answer}");
    }
}

fn yuan(units: i64, nanos: i64) -> Value {
    json!({ "currencyCode": "CNY", "units": units.to_string(), "nanos": nanos })
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "a table of cases is as long as it is")]
async fn one_violation_a_row() {
    let server = start().await;
    assert_eq!(server.post("/v1/authorize", &good()).await.0, 200);
    let long = "长".repeat(4_001);
    let deep = (0..9).fold(json!("x"), |inner, _| json!([inner]));
    #[rustfmt::skip]
    let rows: Vec<(&str, Value, &str, &str)> = vec![
        // What has to be there.
        ("case", Value::Null, "case", "REQUIRED"),
        ("actor", Value::Null, "actor", "REQUIRED"),
        ("action", Value::Null, "action", "REQUIRED"),
        ("actor.role", Value::Null, "actor.role", "REQUIRED"),
        ("action.name", Value::Null, "action.name", "REQUIRED"),
        // JSON that is no message.
        ("case.order.amout", yuan(1, 0), "case.order.amout", "UNKNOWN_FIELD"),
        ("case.order.item_count", json!("many"), "case.order.item_count", "WRONG_TYPE"),
        ("case.order.itemCount", json!(4_000_000_000_i64), "case.order.item_count", "WRONG_TYPE"),
        ("case.order.isSet", json!("yes"), "case.order.is_set", "WRONG_TYPE"),
        ("case.order.id", json!(17), "case.order.id", "WRONG_TYPE"),
        ("case.order.items", json!({}), "case.order.items", "WRONG_TYPE"),
        ("case.order.items", json!([{ "sku": "a" }, { "quantty": 1 }]), "case.order.items[1].quantty", "UNKNOWN_FIELD"),
        ("case.order.createdAt", json!("yesterday"), "case.order.created_at", "WRONG_TYPE"),
        ("case.order.signedAt", json!("2026-02-30T00:00:00Z"), "case.order.signed_at", "WRONG_TYPE"),
        ("case.order", json!([]), "case.order", "WRONG_TYPE"),
        ("action.extension", json!("a day"), "action.extension", "WRONG_TYPE"),
        ("case.issue.severity", json!("SEVERITY_HUGE"), "case.issue.severity", "UNKNOWN_ENUM_VALUE"),
        ("as_of", json!("2026-11-22T07:00:00Z"), "as_of", "DUPLICATE"),
        // Words.
        ("actor.role", json!("aggent"), "actor.role", "UNKNOWN_NAME"),
        ("action.name", json!("compensation"), "action.name", "UNKNOWN_NAME"),
        ("case.shop.platform", json!(""), "case.shop.platform", "UNKNOWN_NAME"),
        ("case.issue.class", json!("blemish"), "case.issue.class", "UNKNOWN_NAME"),
        ("case.request.refused", json!(["exchange", "exchnge"]), "case.request.refused[1]", "UNKNOWN_NAME"),
        ("case.issue.severity", json!(9), "case.issue.severity", "UNKNOWN_ENUM_VALUE"),
        ("case.issue.severity", json!(-1), "case.issue.severity", "UNKNOWN_ENUM_VALUE"),
        ("case.evidence", json!([{ "shows": [1, 77] }]), "case.evidence[0].shows[1]", "UNKNOWN_ENUM_VALUE"),
        // Money.
        ("case.order.amount", json!({ "units": "800" }), "case.order.amount", "CURRENCY_MISSING"),
        ("case.order.amount", json!({ "currencyCode": "USD", "units": "800" }), "case.order.amount", "FOREIGN_CURRENCY"),
        ("case.order.amount", json!({ "currencyCode": "cny", "units": "800" }), "case.order.amount", "FOREIGN_CURRENCY"),
        ("action.amount", yuan(-1, 0), "action.amount", "NEGATIVE_AMOUNT"),
        ("action.amount", yuan(0, -10_000_000), "action.amount", "NEGATIVE_AMOUNT"),
        ("action.amount", yuan(1, -10_000_000), "action.amount", "MALFORMED_AMOUNT"),
        ("action.amount", yuan(1, 1_000_000_000), "action.amount", "MALFORMED_AMOUNT"),
        ("action.amount", yuan(1, 1_000_000), "action.amount", "AMOUNT_TOO_PRECISE"),
        ("action.amount", yuan(1_000_000_000_001, 0), "action.amount", "AMOUNT_TOO_LARGE"),
        ("case.order.items", json!([{ "unitPrice": yuan(-3, 0) }]), "case.order.items[0].unit_price", "NEGATIVE_AMOUNT"),
        ("case.given", json!([{ "role": "king" }]), "case.given[0].role", "UNKNOWN_NAME"),
        // Numbers.
        ("case.order.itemCount", json!(-1), "case.order.item_count", "NEGATIVE_NUMBER"),
        ("case.shop.metrics.refundRate", json!({ "value": "1e3" }), "case.shop.metrics.refund_rate", "MALFORMED_NUMBER"),
        ("case.shop.metrics.refundRate", json!({ "value": "NaN" }), "case.shop.metrics.refund_rate", "MALFORMED_NUMBER"),
        ("case.shop.metrics.refundRate", json!({ "value": "" }), "case.shop.metrics.refund_rate", "MALFORMED_NUMBER"),
        ("case.shop.metrics.refundRate", json!({ "value": "1." }), "case.shop.metrics.refund_rate", "MALFORMED_NUMBER"),
        ("case.shop.metrics.refundRate", json!({ "value": "0.00000000000000000000000000001" }), "case.shop.metrics.refund_rate", "MALFORMED_NUMBER"),
        ("case.shop.metrics.refundRate", json!({ "value": "-0.1" }), "case.shop.metrics.refund_rate", "NEGATIVE_NUMBER"),
        ("case.shop.metrics.refundRate", json!({ "value": "1000000000001" }), "case.shop.metrics.refund_rate", "NUMBER_TOO_LARGE"),
        // Times.
        ("asOf", json!("1989-12-31T23:59:59Z"), "as_of", "TIME_OUT_OF_RANGE"),
        ("case.order.promisedShippingAt", json!("2200-01-01T00:00:00Z"), "case.order.promised_shipping_at", "TIME_OUT_OF_RANGE"),
        ("case.order.signedOn", json!({ "year": 2026, "month": 2, "day": 29 }), "case.order.signed_on", "MALFORMED_DATE"),
        ("case.order.signedOn", json!({ "year": 2026, "month": 11 }), "case.order.signed_on", "MALFORMED_DATE"),
        ("case.order.signedOn", json!({ "year": 1989, "month": 1, "day": 1 }), "case.order.signed_on", "DATE_OUT_OF_RANGE"),
        ("action.extension", json!("-3s"), "action.extension", "NEGATIVE_DURATION"),
        ("action.extension", json!("400000000s"), "action.extension", "DURATION_TOO_LONG"),
        // Sizes.
        ("case.order.id", json!(long), "case.order.id", "TEXT_TOO_LONG"),
        ("case.customer.words", json!(["长".repeat(20_001)]), "case.customer.words[0]", "TEXT_TOO_LONG"),
        ("case.customer.words", json!(vec!["a"; 1_001]), "case.customer.words", "LIST_TOO_LONG"),
        ("case.evidence", json!(vec![json!({}); 1_001]), "case.evidence", "LIST_TOO_LONG"),
        ("case.helpdesk.tags", json!([long]), "case.helpdesk.tags[0]", "TEXT_TOO_LONG"),
        ("case.nativeCodes", json!({ "request.status": long }), "case.native_codes[\"request.status\"]", "TEXT_TOO_LONG"),
        // Empty lists.
        ("case.emptyLists", json!(["evidense"]), "case.empty_lists[0]", "NOT_A_LIST"),
        ("case.emptyLists", json!(["order.amount"]), "case.empty_lists[0]", "NOT_A_LIST"),
        ("case.emptyLists", json!(["evidence", "evidence"]), "case.empty_lists[1]", "DUPLICATE"),
        ("case.order.items", json!([]), "case.empty_lists[0]", "CONTRADICTION"),
        ("case", json!({ "evidence": [{}], "emptyLists": ["evidence"] }), "case.empty_lists[0]", "CONTRADICTION"),
        // Attributes.
        ("case.attributes.pionts", json!("3"), "case.attributes.pionts", "UNKNOWN_ATTRIBUTE"),
        ("case.attributes.cards", json!([{ "cod": "a" }]), "case.attributes.cards[0].cod", "UNKNOWN_ATTRIBUTE"),
        ("case.attributes.points", json!(1.5), "case.attributes.points", "INEXACT_NUMBER"),
        ("case.attributes.points", json!(9_007_199_254_740_993_i64), "case.attributes.points", "INEXACT_NUMBER"),
        ("case.attributes.points", json!("1e3"), "case.attributes.points", "MALFORMED_NUMBER"),
        ("case.attributes.points", json!(true), "case.attributes.points", "WRONG_TYPE"),
        ("case.attributes.balance", json!(5), "case.attributes.balance", "INEXACT_NUMBER"),
        ("case.attributes.balance", json!("-5"), "case.attributes.balance", "NEGATIVE_AMOUNT"),
        ("case.attributes.balance", json!("5.001"), "case.attributes.balance", "AMOUNT_TOO_PRECISE"),
        ("case.attributes.flag", json!("true"), "case.attributes.flag", "WRONG_TYPE"),
        ("case.attributes.joined_at", json!("2026-11-22"), "case.attributes.joined_at", "MALFORMED_TIME"),
        ("case.attributes.joined_at", json!("1970-01-01T00:00:00Z"), "case.attributes.joined_at", "TIME_OUT_OF_RANGE"),
        ("case.attributes.birthday", json!("22.11.2026"), "case.attributes.birthday", "MALFORMED_DATE"),
        ("case.attributes.patience", json!("h36"), "case.attributes.patience", "MALFORMED_DURATION"),
        ("case.attributes.patience", json!("3660d"), "case.attributes.patience", "DURATION_TOO_LONG"),
        ("case.attributes.patience", json!("12m1h"), "case.attributes.patience", "MALFORMED_DURATION"),
        ("case.attributes.colour", json!("reed"), "case.attributes.colour", "UNKNOWN_NAME"),
        ("case.attributes.colours", json!(["red", "gren"]), "case.attributes.colours[1]", "UNKNOWN_NAME"),
        ("case.attributes.stock", json!({ "a": "1", "b": "x" }), "case.attributes.stock.b", "MALFORMED_NUMBER"),
        ("case.attributes.note", deep, "case.attributes.note", "WRONG_TYPE"),
        ("case.attributes.cards", json!(vec![json!({ "code": "a", "points": 1 }); 900]), "case.attributes", "TOO_MANY_VALUES"),
        // What can't have happened.
        ("case.order.paidAt", json!("2026-11-10T07:59:59Z"), "case.order.paid_at", "IMPOSSIBLE_TIME"),
        ("case.order.shippedAt", json!("2026-11-09T00:00:00Z"), "case.order.shipped_at", "IMPOSSIBLE_TIME"),
        ("case.order.completedAt", json!("2026-11-09T00:00:00Z"), "case.order.completed_at", "IMPOSSIBLE_TIME"),
        ("case.request.appliedAt", json!("2026-11-09T00:00:00Z"), "case.request.applied_at", "IMPOSSIBLE_TIME"),
        ("asOf", json!("2026-11-10T07:59:59Z"), "as_of", "IMPOSSIBLE_TIME"),
        ("case.order", json!({ "shippedAt": "2026-11-12T00:00:00Z", "signedAt": "2026-11-11T00:00:00Z" }), "case.order.signed_at", "IMPOSSIBLE_TIME"),
        ("case.order", json!({ "paidAt": "2026-11-12T00:00:00Z", "shippedAt": "2026-11-11T00:00:00Z" }), "case.order.shipped_at", "IMPOSSIBLE_TIME"),
        // 2026-11-12T00:00+08:00 is a day later in the bundle's zone than in UTC.
        ("case.order", json!({ "signedAt": "2026-11-11T16:00:00Z", "signedOn": { "year": 2026, "month": 11, "day": 11 } }), "case.order.signed_on", "CONTRADICTION"),
        ("case.order", json!({ "shippedAt": "2026-11-11T16:00:00Z", "signedOn": { "year": 2026, "month": 11, "day": 11 } }), "case.order.signed_on", "IMPOSSIBLE_TIME"),
        ("case.returnParcel", json!({ "pickupScannedAt": "2026-11-12T00:00:00Z", "signedAt": "2026-11-11T00:00:00Z" }), "case.return_parcel.signed_at", "IMPOSSIBLE_TIME"),
        ("case.replacementParcel", json!({ "pickupScannedAt": "2026-11-12T00:00:00Z", "signedOn": { "year": 2026, "month": 11, "day": 11 } }), "case.replacement_parcel.signed_on", "IMPOSSIBLE_TIME"),
    ];
    for (path, value, field, reason) in rows {
        check(&server, with(good(), path, value), &[(field, reason)]).await;
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_locale_that_is_none_is_refused() {
    let server = start().await;
    let (status, answer) = server.post("/v1/authorize", &with(good(), "locale", json!("en; DROP"))).await;
    assert_eq!((status, violations(&answer)), (400, vec![("locale".into(), "MALFORMED_LOCALE".into())]));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn all_violations_come_at_once_with_what_was_meant() {
    let server = start().await;
    let mut request = with(good(), "case.order.amount", json!({ "currencyCode": "USD", "units": "-5" }));
    request = with(request, "actor.role", json!("aggent"));
    request = with(request, "case.order.itemCount", json!(-2));
    request = with(request, "case.issue.class", json!("blemish"));
    check(
        &server,
        request.clone(),
        &[
            ("case.order.amount", "FOREIGN_CURRENCY"),
            ("case.order.item_count", "NEGATIVE_NUMBER"),
            ("case.issue.class", "UNKNOWN_NAME"),
            ("actor.role", "UNKNOWN_NAME"),
        ],
    )
    .await;
    let (_, answer) = server.post("/v1/authorize", &with(request, "locale", json!("en"))).await;
    let said = answer["details"][0]["fieldViolations"].to_string();
    assert!(
        said.contains("did you mean `agent`?") && said.contains("did you mean `product.quality.blemish`?"),
        "{said}"
    );
    assert!(answer["message"].as_str().unwrap().ends_with("and 1 more"), "{answer}");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn what_is_odd_but_possible_is_taken() {
    let server = start().await;
    #[rustfmt::skip]
    let rows = [
        // Cash on delivery is paid last.
        ("case.order", json!({ "paymentKind": "PAYMENT_KIND_CASH_ON_DELIVERY", "paidAt": "2026-11-12T00:00:00Z", "shippedAt": "2026-11-11T00:00:00Z" })),
        ("case.order", json!({ "signedAt": "2026-11-11T16:00:00Z", "signedOn": { "year": 2026, "month": 11, "day": 12 } })),
        ("case.order", json!({ "paid_at": "2026-11-12T00:00:00Z", "shippedAt": "2026-11-12T00:00:00Z" })),
        ("case.order.signedAt", json!("2026-12-24T00:00:00Z")),
        ("case.order.amount", yuan(1_000_000_000_000, 990_000_000)),
        ("case.issue.severity", json!(0)),
        ("case.issue.severity", json!("SEVERITY_MINOR")),
        ("case.order.itemCount", json!("3")),
        ("case.evidence", json!([])),
        ("case.order.id", Value::Null),
        ("case.attributes", json!({ "points": null, "cards": [] })),
        ("case.nativeCodes", json!({ "request.status": "WAIT_SELLER_AGREE" })),
        ("asOf", Value::Null),
    ];
    for (path, value) in rows {
        let request = with(good(), path, value);
        let (status, answer) = server.post("/v1/authorize", &request).await;
        assert_eq!(status, 200, "{request}\n{answer}");
    }
    server.stop().await.unwrap();
}
