//! The policy service: the live bundle, its rules with their sources, and refused sources with their places.

use redress::rpc::proto::redress::v1 as wire;
use serde_json::json;
use tonic::Code;

use crate::bundle::{files, loaded};
use crate::server::start;

#[tokio::test]
async fn the_bundle_tells_what_it_declares() {
    let server = start().await;
    for (status, answer) in
        [server.get("/v1/bundle?locale=en").await, server.post("/v1/get-bundle", &json!({ "locale": "en" })).await]
    {
        let bundle = &answer["bundle"];
        assert_eq!(status, 200, "{answer}");
        assert_eq!(bundle["digest"], server.live.current().digest());
        assert_eq!((&bundle["origin"], &bundle["timeZone"]), (&json!("policies"), &json!("Asia/Shanghai")));
        assert_eq!((&bundle["currencyCode"], &bundle["locales"]), (&json!("CNY"), &json!(["zh-CN", "en"])));
        assert_eq!(bundle["roles"][1], json!({ "name": "senior_agent", "title": "Senior agent" }));
        assert_eq!(bundle["remedies"][2]["name"], "refund");
        assert_eq!(bundle.get("reloadError"), None);
        assert!(bundle["ruleCount"].as_u64().unwrap() > 10, "{bundle}");
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn policies_come_in_pages_by_name() {
    let server = start().await;
    let mut client = server.policies().await;
    let (mut names, mut token) = (Vec::new(), String::new());
    loop {
        let request = wire::ListPoliciesRequest { page_size: 2, page_token: token, ..Default::default() };
        let page = client.list_policies(request).await.unwrap().into_inner();
        assert!(page.policies.len() <= 2);
        names.extend(page.policies.into_iter().map(|policy| (policy.name, policy.overlay)));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert!(names.is_sorted(), "{names:?}");
    assert!(names.contains(&("authority.compensation".into(), "douyin".into())), "{names:?}");
    let all = client.list_policies(wire::ListPoliciesRequest::default()).await.unwrap().into_inner();
    assert_eq!(all.policies.len(), names.len());
    let only = wire::ListPoliciesRequest { kind: "guards".into(), ..Default::default() };
    let only = client.list_policies(only).await.unwrap().into_inner();
    assert_eq!(only.policies.iter().map(|policy| policy.name.as_str()).collect::<Vec<_>>(), ["guards.refunds"]);

    for (page_token, page_size) in [("2@another", 0), ("x", 0), ("", -1)] {
        let request = wire::ListPoliciesRequest { page_token: page_token.into(), page_size, ..Default::default() };
        assert_eq!(client.list_policies(request).await.unwrap_err().code(), Code::InvalidArgument);
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_rule_is_shown_as_it_stands_in_its_file() {
    let server = start().await;
    let (status, answer) = server.get("/v1/policy?name=guards.refunds%2Fcross-border&locale=en").await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["rule"]["title"], "No refunds across borders");
    assert_eq!(answer["firstLine"], 3);
    let source = answer["source"].as_str().unwrap();
    assert!(source.starts_with("  - id: cross-border\n") && source.contains("not refunded"), "{source}");
    assert!(!source.contains("dear-items"), "{source}");

    let (_, answer) = server.get("/v1/policy?name=authority.compensation").await;
    assert!(answer["source"].as_str().unwrap().starts_with("authority: compensation\n"), "{answer}");
    assert_eq!(answer.get("rule"), None);
    let (_, answer) = server.get("/v1/policy?name=authority.compensation%2Fagent-half&overlay=douyin").await;
    assert!(answer["source"].as_str().unwrap().contains("200"), "{answer}");

    let (status, answer) = server.get("/v1/policy?name=guards.refunds%2Fcross-boarder&locale=en").await;
    assert_eq!((status, &answer["code"]), (404, &json!(5)));
    assert!(answer["message"].as_str().unwrap().contains("did you mean `guards.refunds/cross-border`?"), "{answer}");
    let (status, answer) = server.get("/v1/policy").await;
    assert_eq!((status, &answer["details"][0]["fieldViolations"][0]["field"]), (400, &json!("name")));
    let (status, answer) = server.get("/v1/policy?nmae=x&locale=en").await;
    assert_eq!((status, &answer["details"][0]["fieldViolations"][0]["field"]), (400, &json!("nmae")));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_parameter_is_shown_with_its_value_and_where_that_comes_from() {
    let server = start().await;
    let (_, answer) = server.get("/v1/policy?name=parameters.limits&locale=en").await;
    let parameters = answer["policy"]["parameters"].as_array().unwrap();
    assert_eq!(
        parameters[0],
        json!({
            "name": "dear",
            "title": "Unit price of dear items",
            "value": { "moneyValue": { "currencyCode": "CNY", "units": "900" } },
            "source": "PARAMETER_SOURCE_DOCUMENT",
            "location": { "file": "parameters/limits.yaml", "line": 3 },
        })
    );
    assert_eq!(
        (&parameters[1]["name"], &parameters[1]["source"]),
        (&json!("senior_cap"), &json!("PARAMETER_SOURCE_SHOP"))
    );
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_new_bundle_is_live_at_once_and_a_refused_one_is_told() {
    let server = start().await;
    let ask = json!({ "case": {}, "actor": { "role": "agent" } });
    let before = server.post("/v1/decide", &ask).await.1["decision"]["bundleDigest"].clone();

    let mut broken = files();
    let guards = broken.iter_mut().find(|(path, _)| path == "guards/refunds.yaml").unwrap();
    guards.1 = String::from_utf8(guards.1.clone()).unwrap().replace("order.cross_border", "order.cros_border").into();
    let rejected = loaded(broken).unwrap_err();
    server.live.reload_failed(rejected.sources, rejected.problems);
    let told = server.get("/v1/bundle?locale=en").await.1["bundle"].clone();
    assert_eq!(told["digest"], before, "the last good policies stay live");
    let diagnostic = &told["reloadError"]["diagnostics"][0];
    assert_eq!(diagnostic["location"], json!({ "file": "guards/refunds.yaml", "line": 7, "column": 11 }), "{told}");
    assert!(diagnostic["help"].as_str().unwrap().contains("order.cross_border"), "{diagnostic}");
    assert_eq!(server.get("/readyz").await.1["reloadFailed"], true);

    let mut changed = files();
    changed[0].1.extend_from_slice(b"# another\n");
    server.live.replace(loaded(changed).unwrap());
    let after = server.post("/v1/decide", &ask).await.1["decision"]["bundleDigest"].clone();
    assert_ne!(after, before);
    let told = server.get("/v1/bundle").await.1["bundle"].clone();
    assert_eq!((&told["digest"], told.get("reloadError")), (&after, None));
    server.stop().await.unwrap();
}
