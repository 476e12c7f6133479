//! Grants: who is given one, for what, and what is refused by name.

use std::sync::Arc;
use std::time::Duration;

use redress::grant::{AUDIENCE, Claims, ISSUER, TYPE};
use redress::rpc::proto::redress::v1 as wire;
use redress::serve::ServeOptions;
use redress::serve::grants::{GrantError, GrantOptions, Grants};
use redress::serve::identity::{Identity, IdentityOptions, TokenOptions};
use redress::signing::{generate, jws};
use serde_json::{Value, json};
use tonic::{Code, Request};
use tonic_types::StatusExt as _;

use crate::bundle;
use crate::papers::{self, Desk, Signer, claims};
use crate::server::{Server, options, start, start_with};

fn yuan(units: &str) -> Value {
    json!({ "currencyCode": "CNY", "units": units })
}

/// An action that an agent may do, with a grant asked for.
fn question() -> Value {
    json!({
        "case": { "id": "C-1", "version": "7", "order": { "amount": yuan("100"), "compensated": yuan("0") } },
        "actor": { "id": "a17", "role": "agent" },
        "action": { "name": "compensate", "amount": yuan("50"), "executing": true },
        "locale": "en",
        "grant": true,
    })
}

/// The same with what stands at other places; `null` leaves out.
fn changed(changes: &[(&str, Value)]) -> Value {
    let mut question = question();
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = question.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match value {
            Value::Null => drop(parent.remove(name)),
            value => drop(parent.insert(name.to_owned(), value.clone())),
        }
    }
    question
}

fn message(question: &Value) -> wire::AuthorizeRequest {
    serde_json::from_value(question.clone()).unwrap()
}

fn grants_of(desk: &Desk, pem: &str) -> Result<Grants, GrantError> {
    let (issuer, audience) = (ISSUER.to_owned(), AUDIENCE.to_owned());
    let keys = desk.write("grants.key", pem);
    Grants::load(GrantOptions { keys, issuer, audience, lifetime: Duration::from_secs(300) })
}

async fn signing(desk: &Desk, identity: Identity) -> (Server, Arc<Grants>) {
    let grants = Arc::new(grants_of(desk, &generate().unwrap().0).unwrap());
    let options = ServeOptions { grants: Some(Arc::clone(&grants)), identity: Arc::new(identity), ..options() };
    (start_with(options).await, grants)
}

/// What a grant says, and the head it says it under.
fn read(token: &str) -> (Value, Claims) {
    let parts = jws::take_apart(token).unwrap();
    (serde_json::from_slice(&parts.head).unwrap(), serde_json::from_slice(&parts.payload).unwrap())
}

async fn authorized(server: &Server, question: &Value) -> wire::Authorization {
    let answer = server.decisions().await.authorize(message(question)).await;
    answer.unwrap().into_inner().authorization.unwrap()
}

#[tokio::test]
async fn what_is_allowed_is_proved_and_nothing_else_is() {
    let desk = Desk::new();
    let (server, grants) = signing(&desk, Identity::none()).await;
    let answer = authorized(&server, &question()).await;
    let grant = answer.grant.unwrap();
    let (head, said) = read(&grant.token);
    let key = grants.issuer().keys().name().to_owned();
    assert_eq!(head, json!({ "alg": "EdDSA", "typ": TYPE, "kid": key }));
    assert_eq!(grant.key_id, key);
    assert_eq!(grant.expires_at.unwrap().seconds, said.exp);
    let evaluated_at = answer.evaluated_at.unwrap().seconds;
    assert_eq!(
        said,
        Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            iat: evaluated_at,
            nbf: evaluated_at,
            exp: evaluated_at + 300,
            jti: answer.decision_id,
            case_id: "C-1".into(),
            case_version: "7".into(),
            action: "compensate".into(),
            amount: Some("50.00".into()),
            currency: Some("CNY".into()),
            actor: "a17".into(),
            role: "agent".into(),
            role_origin: "unchecked".into(),
            caller: String::new(),
            bundle: answer.bundle_digest,
        }
    );
    for (what, changes, effect, amount) in [
        ("not asked for", vec![("/grant", json!(false))], wire::Effect::Allow, None),
        ("too much", vec![("/action/amount", yuan("51"))], wire::Effect::NeedsApproval, None),
        ("facts missing", vec![("/case/order/compensated", Value::Null)], wire::Effect::NeedsInput, None),
        ("a role that may not", vec![("/action/name", json!("depreciate"))], wire::Effect::Deny, None),
        (
            "fen",
            vec![("/action/amount/nanos", json!(10_000_000)), ("/action/amount/units", json!("49"))],
            wire::Effect::Allow,
            Some(Some("49.01")),
        ),
        ("in kind", vec![("/action/inKind", json!(true))], wire::Effect::Allow, Some(None)),
        (
            "an action without money, whatever it says",
            vec![
                ("/action/name", json!("exchange")),
                ("/action/amount", yuan("1000000")),
                ("/case/order/items", json!([{ "unitPrice": yuan("1") }])),
            ],
            wire::Effect::Allow,
            Some(None),
        ),
    ] {
        let answer = authorized(&server, &changed(&changes)).await;
        assert_eq!(answer.effect(), effect, "{what}");
        let proved = answer.grant.map(|grant| read(&grant.token).1.amount);
        assert_eq!(proved.as_ref().map(Option::as_deref), amount, "{what}");
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_grant_holds_no_longer_than_its_answer() {
    const GUARD: &str = "guards: promises\nrules:\n  - id: late\n    title: { zh-CN: 过了承诺, en: Past the promise }\n    \
                         forbid: [compensate]\n    when: now > order.promised_shipping_at\n";
    let desk = Desk::new();
    let (server, _) = signing(&desk, Identity::none()).await;
    let mut files = bundle::files();
    files.push(("guards/promises.yaml".into(), GUARD.into()));
    server.live.replace(bundle::loaded(files).unwrap());
    let now = papers::in_seconds(0);
    for (promised, at_most) in [(60, 60), (3_600, 300)] {
        let at = chrono::DateTime::from_timestamp(now + promised, 0).unwrap().to_rfc3339();
        let answer = authorized(&server, &changed(&[("/case/order/promisedShippingAt", json!(at))])).await;
        assert_eq!(answer.next_change_at.unwrap().seconds, now + promised);
        let said = read(&answer.grant.unwrap().token).1;
        assert_eq!(said.exp, (now + promised).min(said.iat + 300), "{at_most}");
        assert!(said.exp - said.iat <= at_most);
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn what_a_grant_is_bound_to_has_to_be_sent() {
    let desk = Desk::new();
    let (server, _) = signing(&desk, Identity::none()).await;
    for (changes, field, reason, description) in [
        (
            vec![("/case/id", Value::Null)],
            "case.id",
            "REQUIRED",
            "a grant is bound to it: send it, or ask without `grant`",
        ),
        (
            vec![("/case/id", json!(" "))],
            "case.id",
            "REQUIRED",
            "a grant is bound to it: send it, or ask without `grant`",
        ),
        (
            vec![("/case/version", Value::Null), ("/locale", json!("zh-CN"))],
            "case.version",
            "REQUIRED",
            "许可要绑定它：填写它，或不要 `grant`",
        ),
        (
            vec![("/actor/id", Value::Null)],
            "actor.id",
            "REQUIRED",
            "a grant is bound to it: send it, or ask without `grant`",
        ),
        (
            vec![("/asOf", json!("2026-11-22T07:00:00Z"))],
            "as_of",
            "CONTRADICTION",
            "a grant is for the present moment: leave it out, or ask without `grant`",
        ),
        (
            vec![("/asOf", json!("2126-11-22T07:00:00Z")), ("/locale", json!("zh-CN"))],
            "as_of",
            "CONTRADICTION",
            "许可只能给现在：去掉它，或不要 `grant`",
        ),
        (
            vec![("/action/executing", json!(false))],
            "action.executing",
            "CONTRADICTION",
            "a grant is for carrying the action out: say `true`, or ask without `grant`",
        ),
        (
            vec![("/action/executing", Value::Null), ("/locale", json!("zh-CN"))],
            "action.executing",
            "CONTRADICTION",
            "许可是用来执行操作的：写 `true`，或不要 `grant`",
        ),
    ] {
        let question = changed(&changes);
        let (status, refused) = server.post("/v1/authorize", &question).await;
        let violation = json!([{ "field": field, "reason": reason, "description": description }]);
        assert_eq!((status, &refused["details"][0]["fieldViolations"]), (400, &violation), "{changes:?}");
        let batch = json!({ "requests": [question, self::question()] });
        let (status, answer) = server.post("/v1/batch-authorize", &batch).await;
        assert_eq!((status, &answer["results"][0]["problem"]["violations"]), (200, &violation), "{changes:?}");
        assert!(answer["results"][1]["authorization"]["grant"]["token"].is_string(), "{answer}");
        let without = [&changes[..], &[("/grant", json!(false))]].concat();
        let (status, answer) = server.post("/v1/authorize", &changed(&without)).await;
        assert_eq!((status, &answer["authorization"]["grant"]), (200, &Value::Null), "{changes:?}");
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn each_of_a_batch_has_its_own() {
    let desk = Desk::new();
    let (server, _) = signing(&desk, Identity::none()).await;
    let requests = [
        question(),
        changed(&[("/case/id", json!("C-2"))]),
        changed(&[("/grant", json!(false))]),
        changed(&[("/action/amount", yuan("51"))]),
    ];
    let batch = wire::BatchAuthorizeRequest { requests: requests.iter().map(message).collect() };
    let answer = server.decisions().await.batch_authorize(batch).await.unwrap().into_inner();
    let proved = answer.results.into_iter().map(|result| match result.result.unwrap() {
        wire::batch_authorize_result::Result::Authorization(answer) => {
            let id = answer.decision_id;
            answer.grant.map(|grant| {
                let said = read(&grant.token).1;
                assert_eq!(said.jti, id);
                said.case_id
            })
        }
        wire::batch_authorize_result::Result::Problem(problem) => panic!("{problem:?}"),
    });
    let proved: Vec<_> = proved.collect();
    assert_eq!(proved, [Some("C-1".into()), Some("C-2".into()), None, None]);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn where_nobody_signs_asking_is_refused_and_says_what_to_do() {
    let server = start().await;
    for (locale, said) in [
        ("en", "this service signs no grants: give it a key with `--grant-key`, or ask without `grant`"),
        ("zh-CN", "这个服务不签发许可：用 `--grant-key` 给它一把密钥，或不要 `grant`"),
    ] {
        let question = changed(&[("/locale", json!(locale))]);
        let refused = server.decisions().await.authorize(message(&question)).await.unwrap_err();
        assert_eq!((refused.code(), refused.message()), (Code::FailedPrecondition, said));
        assert_eq!(refused.get_details_error_info().unwrap().reason, "GRANTS_NOT_SIGNED");
        let (status, refused) = server.post("/v1/authorize", &question).await;
        assert_eq!((status, &refused["message"]), (400, &json!(said)));
        let batch = json!({ "requests": [changed(&[("/grant", json!(false))]), question] });
        let (status, refused) = server.post("/v1/batch-authorize", &batch).await;
        assert_eq!((status, &refused["message"]), (400, &json!(said)));
    }
    assert_eq!(authorized(&server, &changed(&[("/grant", json!(false))])).await.grant, None);
    let (status, said) = server.get("/.well-known/jwks.json").await;
    assert_eq!((status, &said["message"]), (404, &json!("this service signs no grants, so it has no keys to show")));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_grant_says_why_the_role_was_believed_and_gives_no_other() {
    let (desk, signer) = (Desk::new(), Signer::new("first"));
    let tokens = TokenOptions {
        keys: desk.write("keys.json", &signer.keys()),
        issuer: papers::ISSUER.into(),
        audience: papers::AUDIENCE.into(),
        role_claim: "role".into(),
    };
    let trusted = vec!["token:helpdesk".to_owned()];
    let identity = Identity::load(IdentityOptions { tokens: Some(tokens), trusted, ..IdentityOptions::default() });
    let (server, _) = signing(&desk, identity.unwrap()).await;
    let ask = async |who: Option<Value>, role: Value| {
        let mut request = Request::new(message(&changed(&[("/actor/role", role)])));
        if let Some(who) = who {
            let token = format!("Bearer {}", signer.sign(&claims(&who)));
            request.metadata_mut().insert("authorization", token.parse().unwrap());
        }
        let answer = server.decisions().await.authorize(request).await?;
        let said = read(&answer.into_inner().authorization.unwrap().grant.unwrap().token).1;
        Ok::<_, tonic::Status>((said.role, said.role_origin, said.caller))
    };
    let is = |role: &str, origin: &str, caller: &str| (role.to_owned(), origin.to_owned(), caller.to_owned());
    assert_eq!(ask(Some(json!({})), json!("agent")).await.unwrap(), is("agent", "token", "token:a17"));
    assert_eq!(ask(Some(json!({})), Value::Null).await.unwrap(), is("agent", "token", "token:a17"));
    let helpdesk = Some(json!({ "sub": "helpdesk", "role": null }));
    assert_eq!(ask(helpdesk, json!("manager")).await.unwrap(), is("manager", "trusted", "token:helpdesk"));
    assert_eq!(ask(Some(json!({})), json!("manager")).await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(ask(None, json!("agent")).await.unwrap_err().code(), Code::Unauthenticated);
    // Its public keys are for everybody.
    let keys = server.http("GET", "/.well-known/jwks.json", &[], b"").await;
    assert_eq!((keys.status, keys.header("content-type")), (200, Some("application/jwk-set+json")));
    assert_eq!(keys.header("cache-control"), Some("public, max-age=60"));
    assert_eq!(keys.json()["keys"].as_array().unwrap().len(), 1);
    assert!(!String::from_utf8_lossy(&keys.body).contains("\"d\""));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_key_is_replaced_while_the_service_runs_and_a_bad_one_changes_nothing() {
    let desk = Desk::new();
    let (server, grants) = signing(&desk, Identity::none()).await;
    let first = authorized(&server, &question()).await.grant.unwrap();
    let old = std::fs::read_to_string(desk.file("grants.key")).unwrap();
    let new = generate().unwrap().0;
    desk.write("grants.key", &format!("{new}{old}"));
    let mut second = first.clone();
    for _ in 0..100 {
        if second.key_id != first.key_id {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        second = authorized(&server, &question()).await.grant.unwrap();
    }
    let published = async || {
        let (_, keys) = server.get("/.well-known/jwks.json").await;
        keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_ne!(second.key_id, first.key_id, "the file was not looked at");
    assert_eq!(published().await, [second.key_id.clone(), first.key_id.clone()]);
    for bad in ["", "garbage", &generate().unwrap().1] {
        desk.write("grants.key", bad);
        assert!(!grants.look(), "{bad}");
        assert_eq!(authorized(&server, &question()).await.grant.unwrap().key_id, second.key_id);
    }
    desk.write("grants.key", &new);
    assert!(grants.look());
    assert_eq!(published().await, [second.key_id]);
    server.stop().await.unwrap();
}

#[test]
fn what_can_t_sign_is_refused_at_the_start() {
    let desk = Desk::new();
    let (private, public) = generate().unwrap();
    for (pem, said) in [
        ("", "holds no Ed25519 private key in PEM"),
        (&*public, "holds no Ed25519 private key in PEM"),
        ("-----BEGIN PRIVATE KEY-----\nYQ==\n-----END PRIVATE KEY-----\n", "holds something that is no Ed25519 key"),
    ] {
        let refused = grants_of(&desk, pem).unwrap_err().to_string();
        assert!(refused.contains(said) && refused.contains("grants.key"), "{refused}");
    }
    let keys = desk.write("grants.key", &private);
    for (lifetime, fits) in [
        (Duration::from_secs(1), true),
        (Duration::from_secs(86_400), true),
        (Duration::ZERO, false),
        (Duration::from_millis(1_500), false),
        (Duration::from_secs(86_401), false),
        (Duration::MAX, false),
    ] {
        let (keys, issuer, audience) = (keys.clone(), ISSUER.to_owned(), AUDIENCE.to_owned());
        let loaded = Grants::load(GrantOptions { keys, issuer, audience, lifetime });
        assert_eq!(loaded.is_ok(), fits, "{lifetime:?}");
    }
}
