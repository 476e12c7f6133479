use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::signing::{SigningKey, generate, jws};

const NOW: Instant = Instant(1_795_330_000 * SECOND + 500_000_000);
const FROM: i64 = 1_795_330_000;

/// Somebody who signs, and somebody who trusts them.
struct Desk {
    pem: String,
    issuer: Issuer,
    trusted: Trusted,
}

fn desk() -> Desk {
    let pem = generate().unwrap().0;
    let keys = Arc::new(Keys::read(&pem).unwrap());
    let trusted = Trusted::read(keys.written().as_bytes()).unwrap();
    Desk { pem, issuer: Issuer::new(Terms::new(ISSUER, AUDIENCE, 300).unwrap(), keys), trusted }
}

fn allowed() -> Allowed<'static> {
    Allowed {
        decision_id: "d1",
        case_id: "C-1",
        case_version: "7",
        action: "compensate",
        amount: amount("300"),
        currency: "CNY",
        actor: "a17",
        role: "agent",
        role_origin: "token",
        caller: "token:a17",
        bundle: "b1",
        now: NOW,
        next_change_at: None,
    }
}

fn expected() -> Expected {
    Expected {
        issuer: ISSUER.into(),
        audience: AUDIENCE.into(),
        case_id: "C-1".into(),
        case_version: Some("7".into()),
        action: "compensate".into(),
        payment: paid("300.00", "CNY"),
        actor: Some("a17".into()),
        caller: Some("token:a17".into()),
        bundle: Some("b1".into()),
        unchecked_roles: false,
        at: NOW,
    }
}

fn paid(text: &str, currency: &str) -> Payment {
    Payment::Of { amount: amount(text).unwrap(), currency: currency.into() }
}

fn broken(trusted: &Trusted, token: &str, expected: &Expected) -> Vec<&'static str> {
    let refused = trusted.check(token, expected);
    refused.err().into_iter().flat_map(|refused| refused.because).map(|refusal| refusal.binding.as_str()).collect()
}

#[test]
fn a_grant_holds_for_what_it_was_given_for_and_nothing_else() {
    let desk = desk();
    let grant = desk.issuer.issue(&allowed()).unwrap();
    assert_eq!(grant.expires_at, Instant((FROM + 300) * SECOND));
    let claims = desk.trusted.check(&grant.token, &expected()).unwrap();
    assert_eq!((claims.amount.as_deref(), claims.iat, claims.nbf), (Some("300.00"), FROM, FROM));
    let e = expected;
    let at = |seconds: i64, nanos: i64| Instant(seconds * SECOND + nanos);
    for (expected, wrong) in [
        (Expected { payment: paid("299.99", "CNY"), ..e() }, &[][..]),
        (Expected { payment: paid("0.01", "CNY"), ..e() }, &[]),
        (Expected { payment: Payment::Nothing, ..e() }, &[]),
        (Expected { payment: paid("300.01", "CNY"), ..e() }, &["amount"]),
        (Expected { payment: paid("300.0000001", "CNY"), ..e() }, &["amount"]),
        (Expected { payment: paid("300", "USD"), ..e() }, &["currency"]),
        (Expected { payment: paid("300", "cny"), ..e() }, &["currency"]),
        (Expected { case_id: "C-2".into(), ..e() }, &["case"]),
        (Expected { case_id: "c-1".into(), ..e() }, &["case"]),
        (Expected { case_version: Some("8".into()), ..e() }, &["case_version"]),
        (Expected { case_version: None, ..e() }, &[]),
        (Expected { action: "refund".into(), ..e() }, &["action"]),
        (Expected { actor: Some("a18".into()), ..e() }, &["actor"]),
        (Expected { actor: None, ..e() }, &[]),
        (Expected { caller: Some("token:a18".into()), ..e() }, &["caller"]),
        (Expected { caller: None, ..e() }, &[]),
        (Expected { bundle: Some("b2".into()), ..e() }, &["bundle"]),
        (Expected { bundle: None, ..e() }, &[]),
        (Expected { issuer: "other".into(), ..e() }, &["issuer"]),
        (Expected { audience: "other".into(), ..e() }, &["audience"]),
        (Expected { at: at(FROM, 0), ..e() }, &[]),
        (Expected { at: at(FROM, -1), ..e() }, &["time"]),
        (Expected { at: at(FROM + 300, -1), ..e() }, &[]),
        (Expected { at: at(FROM + 300, 0), ..e() }, &["time"]),
        (
            Expected { case_id: "C-2".into(), payment: paid("999", "USD"), at: at(FROM + 999, 0), ..e() },
            &["case", "currency", "amount", "time"],
        ),
    ] {
        assert_eq!(broken(&desk.trusted, &grant.token, &expected), wrong, "{expected:?}");
    }
}

#[test]
fn a_grant_ends_with_the_answer_it_proves() {
    let desk = desk();
    let until = |change: i64| {
        let next_change_at = Some(Instant(NOW.0 + change));
        let grant = desk.issuer.issue(&Allowed { next_change_at, ..allowed() }).unwrap();
        grant.expires_at.0 / SECOND - FROM
    };
    for (change, seconds) in
        [(86_400 * SECOND, 300), (300 * SECOND, 300), (299 * SECOND, 299), (60 * SECOND, 60), (SECOND, 1), (1, 1)]
    {
        assert_eq!(until(change), seconds, "{change}");
    }
}

#[test]
fn where_no_money_may_be_paid_none_is() {
    let desk = desk();
    let grant = desk.issuer.issue(&Allowed { amount: None, ..allowed() }).unwrap();
    assert_eq!(broken(&desk.trusted, &grant.token, &expected()), ["amount"]);
    assert_eq!(broken(&desk.trusted, &grant.token, &Expected { payment: paid("0", "CNY"), ..expected() }), ["amount"]);
    let nothing = Expected { payment: Payment::Nothing, ..expected() };
    let claims = desk.trusted.check(&grant.token, &nothing).unwrap();
    assert_eq!((claims.amount, claims.currency), (None, None));
}

#[test]
fn a_role_that_nobody_showed_is_taken_only_where_somebody_says_so() {
    let desk = desk();
    for (origin, wrong) in
        [("token", &[][..]), ("trusted", &[]), ("unchecked", &["role_origin"]), ("", &["role_origin"])]
    {
        let grant = desk.issuer.issue(&Allowed { role_origin: origin, ..allowed() }).unwrap();
        assert_eq!(broken(&desk.trusted, &grant.token, &expected()), wrong, "{origin}");
        let lenient = Expected { unchecked_roles: true, ..expected() };
        assert!(broken(&desk.trusted, &grant.token, &lenient).is_empty(), "{origin}");
    }
}

/// Whatever its key signs as a grant is believed: so what is no grant must not be read as one, whoever signed it.
#[test]
fn what_is_no_grant_is_refused_before_it_is_compared() {
    let desk = desk();
    let key = SigningKey::from_pem(&desk.pem).unwrap();
    let token = desk.issuer.issue(&allowed()).unwrap().token;
    let parts = jws::take_apart(&token).unwrap();
    let (head, claims): (Value, Value) =
        (serde_json::from_slice(&parts.head).unwrap(), serde_json::from_slice(&parts.payload).unwrap());
    let [first, second, third] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let changed = |value: &Value, changes: Value| {
        let mut value = value.clone();
        for (name, change) in changes.as_object().unwrap() {
            match change {
                Value::Null => drop(value.as_object_mut().unwrap().remove(name)),
                change => value[name] = change.clone(),
            }
        }
        value.to_string().into_bytes()
    };
    let with_head = |changes| jws::sign(&changed(&head, changes), &parts.payload, &key);
    let with_claims = |changes| jws::sign(&parts.head, &changed(&claims, changes), &key);
    let said = |text: &str| jws::sign(&parts.head, text.as_bytes(), &key);
    let claims_text = claims.to_string();
    let inside = claims_text.strip_suffix('}').unwrap();
    let stranger = SigningKey::from_pem(&generate().unwrap().0).unwrap();
    let unsigned = |head: Value| format!("{}.{second}.", jws::encoded(head.to_string().as_bytes()));
    let raised = jws::encoded(&changed(&claims, json!({ "amount": "3000.00" })));
    let mut bits = parts.signature.clone();
    bits[63] |= 0x80;
    assert!(broken(&desk.trusted, &with_claims(json!({})), &expected()).is_empty(), "the key can sign");
    for (what, token, wrong) in [
        ("nothing", String::new(), "form"),
        ("garbage", "许可".into(), "form"),
        ("no JSON", "YQ.YQ.YQ".into(), "form"),
        ("huge", format!("{first}.{}.{third}", "A".repeat(1 << 20)), "form"),
        ("cut", token[..token.len() - 2].into(), "signature"),
        ("without a signature", format!("{first}.{second}."), "signature"),
        ("without its last part", format!("{first}.{second}"), "form"),
        ("with a part more", format!("{token}.{third}"), "form"),
        ("padded", format!("{token}=="), "form"),
        ("with a blank", format!(" {token}"), "form"),
        ("with a line break", format!("{token}\n"), "form"),
        ("raised under an old signature", format!("{first}.{raised}.{third}"), "signature"),
        ("another's signature", jws::sign(&parts.head, &parts.payload, &stranger), "signature"),
        ("a signature out of its range", format!("{first}.{second}.{}", jws::encoded(&bits)), "signature"),
        ("alg none", unsigned(json!({ "alg": "none", "typ": TYPE, "kid": head["kid"] })), "form"),
        ("alg None, signed", with_head(json!({ "alg": "None" })), "form"),
        ("alg HS256", with_head(json!({ "alg": "HS256" })), "form"),
        ("alg Ed25519", with_head(json!({ "alg": "Ed25519" })), "form"),
        ("no alg", with_head(json!({ "alg": null })), "form"),
        ("another type", with_head(json!({ "typ": "JWT" })), "form"),
        ("no type", with_head(json!({ "typ": null })), "form"),
        ("another kid", with_head(json!({ "kid": "other" })), "key"),
        ("no kid", with_head(json!({ "kid": null })), "form"),
        ("a key of its own", with_head(json!({ "jwk": { "kty": "OKP" } })), "form"),
        ("an extension", with_head(json!({ "crit": ["b64"], "b64": false })), "form"),
        ("a restriction we don't know", with_claims(json!({ "only_on": "Monday" })), "form"),
        ("no end", with_claims(json!({ "exp": null })), "form"),
        ("an end that is no whole number", with_claims(json!({ "exp": 1e10 })), "form"),
        ("an end as text", with_claims(json!({ "exp": "1795330300" })), "form"),
        ("too long a life", with_claims(json!({ "exp": FROM + LIFETIME_MAX + 1 })), "form"),
        ("an end before its beginning", with_claims(json!({ "exp": FROM })), "form"),
        ("no case", with_claims(json!({ "case_id": null })), "form"),
        ("no actor", with_claims(json!({ "actor": null })), "form"),
        ("an amount that is a number", with_claims(json!({ "amount": 300 })), "form"),
        ("an amount that is none", with_claims(json!({ "amount": "1e9" })), "form"),
        ("an amount below nothing", with_claims(json!({ "amount": "-1" })), "form"),
        ("an amount without a currency", with_claims(json!({ "currency": null })), "form"),
        ("a claim twice", said(&format!("{inside},\"amount\":\"3000.00\"}}")), "form"),
        ("something behind", said(&format!("{claims_text}{{}}")), "form"),
        ("a list", said("[]"), "form"),
    ] {
        assert_eq!(broken(&desk.trusted, &token, &expected()), [wrong], "{what}");
    }
}

#[test]
fn what_a_key_signed_holds_as_long_as_the_key_is_published() {
    let ((old, old_public), (new, _)) = (generate().unwrap(), generate().unwrap());
    let issuer = Issuer::new(Terms::new(ISSUER, AUDIENCE, 300).unwrap(), Arc::new(Keys::read(&old).unwrap()));
    let before = issuer.issue(&allowed()).unwrap();
    for (file, signs, old_holds) in [
        (format!("{old}{new}"), &before.key, true),
        (format!("{new}{old}"), &Keys::read(&new).unwrap().name, true),
        (format!("{old_public}{new}"), &Keys::read(&new).unwrap().name, true),
        (format!("{new}{new}"), &Keys::read(&new).unwrap().name, false),
    ] {
        issuer.replace(Arc::new(Keys::read(&file).unwrap()));
        let trusted = Trusted::read(issuer.keys().written().as_bytes()).unwrap();
        let now = issuer.issue(&allowed()).unwrap();
        assert_eq!(now.key, *signs);
        assert!(broken(&trusted, &now.token, &expected()).is_empty());
        let wrong = broken(&trusted, &before.token, &expected());
        assert_eq!(wrong, if old_holds { &[][..] } else { &["key"] });
    }
    for (file, fault) in [
        (String::new(), Fault::NoKey),
        (old_public.clone(), Fault::NoKey),
        (format!("{new}-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n"), Fault::Foreign),
        (format!("{new}-----BEGIN PRIVATE KEY-----\nYQ==\n-----END PRIVATE KEY-----\n"), Fault::Foreign),
        (format!("{new}-----BEGIN PRIVATE KEY-----\nYQ=="), Fault::Foreign),
        (old_public.repeat(21), Fault::TooMany),
    ] {
        assert_eq!(Keys::read(&file).unwrap_err(), fault, "{file}");
    }
}

#[test]
fn terms_are_bounded_and_amounts_plain() {
    for (issuer, audience, lifetime, fits) in [
        ("i", "a", 1, true),
        ("i", "a", LIFETIME_MAX, true),
        ("i", "a", 0, false),
        ("i", "a", LIFETIME_MAX + 1, false),
        ("", "a", 1, false),
        ("i", "", 1, false),
    ] {
        assert_eq!(Terms::new(issuer, audience, lifetime).is_ok(), fits, "{issuer} {audience} {lifetime}");
    }
    for text in ["300", "300.00", "0.01", "0"] {
        assert!(amount(text).is_some(), "{text}");
    }
    for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1_000", "1,000", " 1", "１", "1.2.3", "999999999999999999999"]
    {
        assert!(amount(text).is_none(), "{text}");
    }
}

#[test]
fn a_grant_is_not_in_what_is_logged_of_it() {
    let grant = desk().issuer.issue(&allowed()).unwrap();
    assert!(!format!("{grant:?}").contains(&grant.token[..20]));
}
