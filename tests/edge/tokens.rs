//! Callers that show tokens: a good one says whose it is and in which role, and nothing else opens the door.

use std::sync::Arc;

use prost::Message as _;
use redress::rpc::proto::redress::v1 as wire;
use redress::serve::ServeOptions;
use redress::serve::identity::{Identity, IdentityError, IdentityOptions, TokenOptions};
use ring::hmac;
use serde_json::{Value, json};
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use crate::papers::{AUDIENCE, Desk, ISSUER, Signer, claims, encoded, in_seconds, unsigned};
use crate::server::{Server, options, start_with};

/// An action that an agent may do.
fn question() -> Value {
    let yuan = |units: u32| json!({ "currencyCode": "CNY", "units": units.to_string() });
    json!({
        "case": { "order": { "amount": yuan(100), "compensated": yuan(0) } },
        "actor": { "role": "agent" },
        "action": { "name": "compensate", "amount": yuan(10) },
        "locale": "en",
    })
}

fn loaded(keys: std::path::PathBuf, trusted: &[&str]) -> Result<Identity, IdentityError> {
    let tokens = TokenOptions { keys, issuer: ISSUER.into(), audience: AUDIENCE.into(), role_claim: "role".to_owned() };
    let trusted = trusted.iter().map(|name| (*name).to_owned()).collect();
    Identity::load(IdentityOptions { tokens: Some(tokens), trusted, ..IdentityOptions::default() })
}

async fn server(identity: &Arc<Identity>) -> Server {
    start_with(ServeOptions { identity: Arc::clone(identity), ..options() }).await
}

/// What gRPC answers to somebody who shows this.
async fn grpc(server: &Server, shown: Option<&str>, question: &Value) -> Result<wire::Effect, tonic::Status> {
    let message: wire::AuthorizeRequest = serde_json::from_value(question.clone()).unwrap();
    let mut request = Request::new(message);
    if let Some(shown) = shown {
        request.metadata_mut().insert("authorization", shown.parse().unwrap());
    }
    let answer = server.decisions().await.authorize(request).await?;
    Ok(answer.into_inner().authorization.unwrap().effect())
}

/// What JSON answers: the status and the effect.
async fn json_says(server: &Server, shown: Option<&str>, question: &Value) -> (u16, Value) {
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(shown.map(|shown| ("authorization", shown)));
    let answer = server.http("POST", "/v1/authorize", &headers, question.to_string().as_bytes()).await;
    (answer.status, answer.json()["authorization"]["effect"].clone())
}

/// Whether gRPC-Web answers anything.
async fn web_answers(server: &Server, shown: Option<&str>, question: &Value) -> bool {
    let message: wire::AuthorizeRequest = serde_json::from_value(question.clone()).unwrap();
    let bytes = message.encode_to_vec();
    let mut frame = vec![0];
    frame.extend_from_slice(&u32::try_from(bytes.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(&bytes);
    let mut headers = vec![("content-type", "application/grpc-web+proto"), ("x-grpc-web", "1")];
    headers.extend(shown.map(|shown| ("authorization", shown)));
    let answer = server.http("POST", "/redress.v1.DecisionService/Authorize", &headers, &frame).await;
    let refused = answer.header("grpc-status").is_some_and(|status| status != "0");
    assert_eq!(answer.header("content-type"), Some("application/grpc-web+proto"));
    !refused && answer.body.windows(13).any(|window| window == b"grpc-status:0")
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// Everything that must not pass as the agent `a17`, by what is wrong with it.
fn bad(signer: &Signer) -> Vec<(&'static str, Option<String>)> {
    let shown = |token: &str| Some(bearer(token));
    let signed = |changes: Value| shown(&signer.sign(&claims(&changes)));
    let as_said = |head: Value| shown(&signer.sign_as(&head, &claims(&json!({}))));
    let none = |alg: &str| shown(&format!("{}.", unsigned(&json!({ "alg": alg }), &claims(&json!({})))));
    let by_public_key = |secret: &[u8]| {
        let signed = unsigned(&json!({ "alg": "HS256", "kid": signer.id }), &claims(&json!({})));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
        shown(&format!("{signed}.{}", encoded(tag.as_ref())))
    };
    let good = signer.sign(&claims(&json!({})));
    let (head, rest) = good.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let raised = encoded(claims(&json!({ "role": "manager" })).to_string().as_bytes());
    vec![
        ("nothing", None),
        ("nothing in it", Some("Bearer ".into())),
        ("another scheme", Some("Basic YTE3OmE=".into())),
        ("no scheme", Some(good.clone())),
        ("no token", shown("a17")),
        ("no JSON", shown("YQ.YQ.YQ")),
        ("expired", signed(json!({ "exp": in_seconds(-60) }))),
        ("without an end", signed(json!({ "exp": null }))),
        ("an end that is no moment", signed(json!({ "exp": "tomorrow" }))),
        ("not good yet", signed(json!({ "nbf": in_seconds(60) }))),
        ("a beginning that is no moment", signed(json!({ "nbf": [] }))),
        ("another audience", signed(json!({ "aud": "another" }))),
        ("another audience in a list", signed(json!({ "aud": ["another", "Redress"] }))),
        ("no audience", signed(json!({ "aud": null }))),
        ("another issuer", signed(json!({ "iss": "https://login.example.evil" }))),
        ("no issuer", signed(json!({ "iss": null }))),
        ("nobody's", signed(json!({ "sub": null }))),
        ("somebody's with a line break", signed(json!({ "sub": "a17\nlevel=INFO" }))),
        ("alg none", none("none")),
        ("alg None", none("None")),
        ("alg of another key", as_said(json!({ "alg": "ES384", "kid": signer.id }))),
        ("alg of an RSA key", as_said(json!({ "alg": "RS256", "kid": signer.id }))),
        ("an extension", as_said(json!({ "alg": "ES256", "kid": signer.id, "crit": ["b64"], "b64": false }))),
        ("an unknown key", as_said(json!({ "alg": "ES256", "kid": "other" }))),
        ("another's signature", shown(&Signer::new(&signer.id).sign(&claims(&json!({}))))),
        ("HS256 by the point of the public key", by_public_key(signer.public())),
        ("HS256 by the text of the public key", by_public_key(signer.keys().as_bytes())),
        ("a raised role under an old signature", shown(&format!("{head}.{raised}.{signature}"))),
        ("no signature", shown(&format!("{head}.{raised}."))),
        ("half a token", shown(&good[..good.len() / 2])),
    ]
}

#[tokio::test]
async fn a_good_token_is_answered_on_every_protocol() {
    let (desk, signer) = (Desk::new(), Signer::new("first"));
    let identity = Arc::new(loaded(desk.write("keys.json", &signer.keys()), &[]).unwrap());
    let server = server(&identity).await;
    for changes in [
        json!({}),
        json!({ "role": ["team_lead", "agent"] }),
        json!({ "aud": ["another", AUDIENCE] }),
        json!({ "nbf": null, "iat": null }),
        // Within what clocks may differ.
        json!({ "exp": in_seconds(-20) }),
        json!({ "nbf": in_seconds(20) }),
    ] {
        let shown = bearer(&signer.sign(&claims(&changes)));
        let effect = grpc(&server, Some(&shown), &question()).await.unwrap();
        assert_eq!(effect, wire::Effect::Allow, "{changes}");
        assert_eq!(json_says(&server, Some(&shown), &question()).await, (200, json!("EFFECT_ALLOW")), "{changes}");
        assert!(web_answers(&server, Some(&shown), &question()).await, "{changes}");
    }
    // The token's role is taken where none is stated.
    let shown = bearer(&signer.sign(&claims(&json!({}))));
    let mut silent = question();
    silent["actor"] = json!({ "id": "a17" });
    assert_eq!(grpc(&server, Some(&shown), &silent).await.unwrap(), wire::Effect::Allow);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn nothing_else_is_answered_on_any_protocol() {
    let (desk, signer) = (Desk::new(), Signer::new("first"));
    let identity = Arc::new(loaded(desk.write("keys.json", &signer.keys()), &[]).unwrap());
    let server = server(&identity).await;
    for (what, shown) in bad(&signer) {
        let shown = shown.as_deref();
        let refused = grpc(&server, shown, &question()).await.expect_err(what);
        assert_eq!(refused.code(), Code::Unauthenticated, "{what}: {refused}");
        assert_eq!(json_says(&server, shown, &question()).await, (401, Value::Null), "{what}");
        assert!(!web_answers(&server, shown, &question()).await, "{what}");
    }
    // Nor any other call than a probe.
    for path in ["/v1/bundle", "/v1/policies", "/v1/nothing", "/"] {
        assert_eq!(server.http("GET", path, &[], b"").await.status, 401, "{path}");
    }
    let answer = server.http("GET", "/v1/bundle", &[], b"").await;
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    for path in ["/healthz", "/livez", "/readyz"] {
        assert_eq!(server.http("GET", path, &[], b"").await.status, 200, "{path}");
    }
    let refused = server.policies().await.get_bundle(wire::GetBundleRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    let mut health = HealthClient::new(server.channel().await);
    health.check(HealthCheckRequest::default()).await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_role_that_is_not_shown_allows_nothing() {
    let (desk, signer) = (Desk::new(), Signer::new("first"));
    let identity = Arc::new(loaded(desk.write("keys.json", &signer.keys()), &["token:helpdesk"]).unwrap());
    let server = server(&identity).await;
    let mut manager = question();
    manager["actor"]["role"] = json!("manager");
    for (changes, asked, passes) in [
        (json!({}), question(), true),
        (json!({}), manager.clone(), false),
        (json!({ "role": null }), question(), false),
        (json!({ "role": [] }), question(), false),
        (json!({ "role": { "is": "agent" } }), question(), false),
        (json!({ "role": "manager" }), question(), false),
        (json!({ "role": "manager" }), manager.clone(), true),
        (json!({ "sub": "helpdesk", "role": null }), manager.clone(), true),
        (json!({ "sub": "Helpdesk", "role": null }), manager.clone(), false),
    ] {
        let shown = bearer(&signer.sign(&claims(&changes)));
        let answer = grpc(&server, Some(&shown), &asked).await;
        let (status, _) = json_says(&server, Some(&shown), &asked).await;
        if passes {
            assert_eq!((answer.unwrap(), status), (wire::Effect::Allow, 200), "{changes}");
        } else {
            let refused = answer.expect_err("it allows nothing");
            assert_eq!((refused.code(), status), (Code::PermissionDenied, 403), "{changes}");
            assert_eq!(refused.get_details_error_info().unwrap().reason, "ROLE_NOT_SHOWN");
            assert!(refused.message().starts_with("`actor.role`: `token:"), "{refused}");
        }
    }
    let shown = bearer(&signer.sign(&claims(&json!({}))));
    let headers = [("content-type", "application/json"), ("authorization", shown.as_str())];
    for (path, body) in [
        ("/v1/decide", json!({ "case": {}, "actor": { "role": "manager" } })),
        ("/v1/triage", json!({ "items": [], "actor": { "role": "manager" } })),
        ("/v1/batch-decide", json!({ "requests": [{ "actor": { "role": "agent" } }, { "actor": { "role": "x" } }] })),
        ("/v1/batch-authorize", json!({ "requests": [question(), manager] })),
    ] {
        let answer = server.http("POST", path, &headers, body.to_string().as_bytes()).await;
        assert_eq!(answer.status, 403, "{path}");
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn keys_rotate_and_bad_ones_change_nothing() {
    let (desk, old, new) = (Desk::new(), Signer::new("old"), Signer::new("new"));
    let file = desk.write("keys.json", &old.keys());
    let identity = Arc::new(loaded(file.clone(), &[]).unwrap());
    let server = server(&identity).await;
    let (by_old, by_new) = (bearer(&old.sign(&claims(&json!({})))), bearer(&new.sign(&claims(&json!({})))));
    // One connection, so that a token that was found good is remembered.
    let mut client = server.decisions().await;
    let mut codes = async || {
        let mut codes = Vec::new();
        for shown in [&by_old, &by_new] {
            let message: wire::AuthorizeRequest = serde_json::from_value(question()).unwrap();
            let mut request = Request::new(message);
            request.metadata_mut().insert("authorization", shown.parse().unwrap());
            codes.push(client.authorize(request).await.map_or_else(|refused| refused.code(), |_| Code::Ok));
        }
        codes
    };
    assert_eq!(codes().await, [Code::Ok, Code::Unauthenticated]);
    for broken in ["", "{", "{\"keys\":[]}", r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#] {
        desk.write("keys.json", broken);
        assert_eq!(identity.look(), 1, "{broken}");
        assert_eq!(codes().await, [Code::Ok, Code::Unauthenticated], "{broken}");
    }
    std::fs::remove_file(&file).unwrap();
    assert_eq!(identity.look(), 1);
    desk.write("keys.json", &json!({ "keys": [old.jwk(), new.jwk()] }).to_string());
    assert_eq!(identity.look(), 0);
    assert_eq!(codes().await, [Code::Ok, Code::Ok]);
    desk.write("keys.json", &new.keys());
    assert_eq!(identity.look(), 0);
    assert_eq!(codes().await, [Code::Unauthenticated, Code::Ok]);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn tokens_by_rsa_keys_are_verified() {
    let rsa: Value = serde_json::from_str(include_str!("identity/rsa.json")).unwrap();
    let desk = Desk::new();
    for (pinned, passing) in [(None, &["RS256", "RS512", "PS256"][..]), (Some("RS256"), &["RS256"])] {
        let mut key = rsa["jwk"].clone();
        key["alg"] = json!(pinned);
        let keys = desk.write("keys.json", &json!({ "keys": [key, { "kty": "EC", "crv": "P-521" }] }).to_string());
        let server = server(&Arc::new(loaded(keys, &[]).unwrap())).await;
        for algorithm in ["RS256", "RS512", "PS256"] {
            let shown = bearer(rsa[algorithm].as_str().unwrap());
            let answer = grpc(&server, Some(&shown), &question()).await;
            assert_eq!(answer.is_ok(), passing.contains(&algorithm), "{pinned:?} {algorithm}: {answer:?}");
        }
        server.stop().await.unwrap();
    }
}

#[test]
fn keys_that_verify_nothing_or_are_no_secret_anymore_are_refused() {
    let (desk, signer) = (Desk::new(), Signer::new("first"));
    let with = |change: &str, value: Value| {
        let mut key = signer.jwk();
        key[change] = value;
        json!({ "keys": [key] }).to_string()
    };
    for (keys, said) in [
        (String::new(), "is no JSON Web Key Set"),
        ("[]".into(), "is no JSON Web Key Set"),
        (json!({ "keys": [] }).to_string(), "holds no RSA, P-256"),
        (with("use", json!("enc")), "holds no RSA, P-256"),
        (with("crv", json!("P-521")), "holds no RSA, P-256"),
        (with("x", json!("AA")), "holds no RSA, P-256"),
        (with("d", json!("AA")), "holds a secret key"),
        (with("kty", json!("oct")), "holds a secret key"),
    ] {
        let refused = loaded(desk.write("keys.json", &keys), &[]).unwrap_err().to_string();
        assert!(refused.contains(said), "{keys}: {refused}");
    }
    let refused = loaded(desk.file("nowhere.json"), &[]).unwrap_err().to_string();
    assert!(refused.contains("it is not there"), "{refused}");
    let keys = desk.write("keys.json", &signer.keys());
    for trusted in ["helpdesk", "token:", "certificate:helpdesk"] {
        assert!(loaded(keys.clone(), &[trusted]).is_err(), "{trusted}");
    }
}

#[tokio::test]
async fn a_role_may_lie_deep_in_a_token() {
    let (desk, signer) = (Desk::new(), Signer::new("first"));
    let keys = desk.write("keys.json", &signer.keys());
    let tokens = |role_claim: &str| TokenOptions {
        keys: keys.clone(),
        issuer: ISSUER.into(),
        audience: AUDIENCE.into(),
        role_claim: role_claim.into(),
    };
    let deep = json!({ "role": null, "realm_access": { "roles": ["agent"] }, "https://shop.example/role": "agent" });
    let shown = bearer(&signer.sign(&claims(&deep)));
    for (claim, code) in
        [("role", Code::PermissionDenied), ("/realm_access/roles", Code::Ok), ("https://shop.example/role", Code::Ok)]
    {
        let options = IdentityOptions { tokens: Some(tokens(claim)), ..IdentityOptions::default() };
        let server = server(&Arc::new(Identity::load(options).unwrap())).await;
        let answer = grpc(&server, Some(&shown), &question()).await;
        assert_eq!(answer.map_or_else(|refused| refused.code(), |_| Code::Ok), code, "{claim}");
        server.stop().await.unwrap();
    }
    for (issuer, audience, claim) in [("", AUDIENCE, "role"), (ISSUER, "", "role"), (ISSUER, AUDIENCE, "")] {
        let (issuer, audience) = (issuer.to_owned(), audience.to_owned());
        let tokens = TokenOptions { keys: keys.clone(), issuer, audience, role_claim: claim.into() };
        let refused = Identity::load(IdentityOptions { tokens: Some(tokens), ..IdentityOptions::default() });
        assert_eq!(refused.unwrap_err(), IdentityError::TokenUnpinned);
    }
}
