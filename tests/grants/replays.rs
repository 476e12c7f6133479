//! A grant is replayed for whatever it was not given for, and whatever is no grant is put forward as one.

use std::fs;
use std::process::Output;
use std::time::Duration;

use redress::grant::Claims;
use redress::record;
use redress::rpc::proto::redress::v1::Effect;
use redress::signing::{SigningKey, generate, jws};
use redress::value::{Instant, SECOND};
use serde_json::{Value, json};

use super::server::{Desk, question};
use super::{notes, out, run};

/// What whoever pays gives, by option; `None` after one that takes nothing.
type Payer<'a> = Vec<(&'a str, Option<&'a str>)>;

/// A payment that the grant is for.
fn payer<'a>(jwks: &'a str, bundle: &'a str) -> Payer<'a> {
    vec![
        ("--jwks", Some(jwks)),
        ("--case", Some("C-1")),
        ("--case-version", Some("7")),
        ("--action", Some("compensate")),
        ("--amount", Some("300.00")),
        ("--currency", Some("CNY")),
        ("--actor", Some("a17")),
        ("--bundle", Some(bundle)),
        // The service answers this machine alone.
        ("--accept-unchecked-role", None),
    ]
}

/// The same payment with other words behind options, and with other options for some.
fn other<'a>(payer: &Payer<'a>, changes: &[(&'a str, Option<&'a str>)], without: &[&str]) -> Payer<'a> {
    let mut other: Payer = payer.iter().copied().filter(|(option, _)| !without.contains(option)).collect();
    for (option, word) in changes {
        other.retain(|(known, _)| known != option);
        other.push((option, *word));
    }
    other
}

fn verify(language: &str, payer: &Payer<'_>, token: &str, more: &[&str]) -> Output {
    let options = payer.iter().flat_map(|(option, word)| [Some(*option), *word]).flatten();
    let arguments: Vec<&str> = ["grant", "verify"].into_iter().chain(options).chain(more.iter().copied()).collect();
    run(language, &[&arguments[..], &["-"]].concat(), token)
}

/// The bindings that don't hold, and how the program ended.
fn broken(payer: &Payer<'_>, token: &str) -> (Option<i32>, Vec<String>) {
    let output = verify("en_US.UTF-8", payer, token, &["--json"]);
    let said: Value = serde_json::from_str(out(&output)).unwrap_or_else(|_| panic!("{}", notes(&output)));
    let refused = said["refused"].as_array().cloned().unwrap_or_default();
    assert_eq!(said["holds"], refused.is_empty(), "{said}");
    (output.status.code(), refused.iter().map(|one| one["binding"].as_str().unwrap().to_owned()).collect())
}

fn signed_by(desk: &Desk) -> SigningKey {
    SigningKey::from_pem(&fs::read_to_string(desk.file("grants.key")).unwrap()).unwrap()
}

#[test]
fn a_grant_is_good_for_its_own_payment_and_for_no_other() {
    let desk = Desk::open(&[]);
    let answer = desk.ask(&question());
    let token = &answer.grant.as_ref().unwrap().token;
    let keys = desk.fetch_keys();
    let good = payer(keys.to_str().unwrap(), &answer.bundle_digest);
    let claims: Claims = serde_json::from_slice(&jws::take_apart(token).unwrap().payload).unwrap();
    let at = |seconds: i64| record::written(Instant(seconds * SECOND));
    let (from, early) = (at(claims.nbf), at(claims.nbf - 1));
    let (last, expired) = (at(claims.exp - 1), at(claims.exp));
    let long_after = at(claims.exp + 86_400);

    let holds = |changes: &[(&str, Option<&str>)], without: &[&str]| {
        assert_eq!(broken(&other(&good, changes, without), token), (Some(0), vec![]), "{changes:?}");
    };
    holds(&[], &[]);
    holds(&[("--amount", Some("299.99"))], &[]);
    holds(&[("--amount", Some("0.01"))], &[]);
    holds(&[("--amount", Some("300"))], &[]);
    holds(&[("--no-amount", None)], &["--amount", "--currency"]);
    holds(&[("--any-case-version", None)], &["--case-version"]);
    holds(&[("--any-actor", None)], &["--actor"]);
    holds(&[("--any-bundle", None)], &["--bundle"]);
    holds(&[("--at", Some(&from))], &[]);
    holds(&[("--at", Some(&last))], &[]);

    let stale = format!("blake3:{}", "0".repeat(64));
    for (what, changes, without, bindings) in [
        ("another case", &[("--case", Some("C-2"))][..], &[][..], &["case"][..]),
        ("the order's number", &[("--case", Some("C-1 "))], &[], &["case"]),
        ("the case as it is now", &[("--case-version", Some("8"))], &[], &["case_version"]),
        ("a fen more", &[("--amount", Some("300.01"))], &[], &["amount"]),
        ("ten times as much", &[("--amount", Some("3000"))], &[], &["amount"]),
        ("dollars", &[("--currency", Some("USD"))], &[], &["currency"]),
        ("another actor", &[("--actor", Some("a18"))], &[], &["actor"]),
        ("another action", &[("--action", Some("refund"))], &[], &["action"]),
        ("other policies", &[("--bundle", Some(&stale))], &[], &["bundle"]),
        ("expired just now", &[("--at", Some(&expired))], &[], &["time"]),
        ("expired yesterday", &[("--at", Some(&long_after))], &[], &["time"]),
        ("not yet", &[("--at", Some(&early))], &[], &["time"]),
        ("another issuer", &[("--issuer", Some("elsewhere"))], &[], &["issuer"]),
        ("another audience", &[("--audience", Some("warehouse"))], &[], &["audience"]),
        ("another caller", &[("--caller", Some("token:a17"))], &[], &["caller"]),
        ("a role that somebody has to show", &[], &["--accept-unchecked-role"], &["role_origin"]),
        (
            "another case, more, and by somebody else",
            &[("--case", Some("C-2")), ("--amount", Some("301")), ("--actor", Some("a18"))],
            &[],
            &["case", "actor", "amount"],
        ),
    ] {
        let (code, mut found) = broken(&other(&good, changes, without), token);
        let mut bindings: Vec<&str> = bindings.to_vec();
        bindings.sort_unstable();
        found.sort_unstable();
        assert_eq!((code, found.iter().map(String::as_str).collect()), (Some(1), bindings), "{what}");
    }
}

#[test]
fn what_is_no_grant_of_this_service_is_none() {
    let desk = Desk::open(&[]);
    let answer = desk.ask(&question());
    let token = answer.grant.unwrap().token;
    let keys = desk.fetch_keys();
    let good = payer(keys.to_str().unwrap(), &answer.bundle_digest);
    let parts = jws::take_apart(&token).unwrap();
    let [head, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
    let changed = |bytes: &[u8], name: &str, value: Value| {
        let mut of: Value = serde_json::from_slice(bytes).unwrap();
        of[name] = value;
        of.to_string().into_bytes()
    };
    let headed =
        |name: &str, value: Value| jws::sign(&changed(&parts.head, name, value), &parts.payload, &signed_by(&desk));
    let stranger = SigningKey::from_pem(&generate().unwrap().0).unwrap();
    let richer = jws::encoded(&changed(&parts.payload, "amount", json!("30000.00")));
    let none = jws::encoded(&changed(&parts.head, "alg", json!("none")));
    let twice = [parts.payload.strip_suffix(b"}").unwrap(), b",\"amount\":\"30000.00\"}"].concat();
    assert_eq!(broken(&good, &format!("{token}\r\n")).0, Some(0), "the end of a line is not of the grant");
    for (what, token, binding) in [
        ("nothing", String::new(), "form"),
        ("garbage", "\u{0}许可".into(), "form"),
        ("a raised amount", format!("{head}.{richer}.{signature}"), "signature"),
        ("another key's signature", jws::sign(&parts.head, &parts.payload, &stranger), "signature"),
        ("alg none", format!("{none}.{claims}."), "form"),
        ("alg none with the signature", format!("{none}.{claims}.{signature}"), "form"),
        ("no signature", format!("{head}.{claims}."), "signature"),
        ("another kid", headed("kid", json!("other")), "key"),
        ("another type", headed("typ", json!("JWT")), "form"),
        ("another header", headed("crit", json!(["exp"])), "form"),
        ("a claim twice", jws::sign(&parts.head, &twice, &signed_by(&desk)), "form"),
        ("padding", format!("{head}=.{claims}.{signature}"), "form"),
        ("two line breaks", format!("{token}\n\n"), "form"),
        ("two grants", format!("{token}\n{token}"), "form"),
        ("megabytes", format!("{head}.{}.{signature}", "A".repeat(3 << 20)), "form"),
    ] {
        assert_eq!(broken(&good, &token), (Some(1), vec![binding.to_owned()]), "{what}");
    }
}

#[test]
fn what_is_wrong_is_said_in_both_languages_and_what_is_not_given_is_asked_for() {
    let desk = Desk::open(&[]);
    let answer = desk.ask(&question());
    let token = answer.grant.unwrap().token;
    let keys = desk.fetch_keys();
    let good = payer(keys.to_str().unwrap(), &answer.bundle_digest);
    let wrong = other(&good, &[("--case", Some("C-2")), ("--amount", Some("301"))], &[]);
    for (language, said) in [
        (
            "en_US.UTF-8",
            "the grant is refused\n  case: its case is `C-1`, not `C-2`\n  amount: it allows 300.00 at most, and 301 is to be paid\n",
        ),
        ("zh_CN.UTF-8", "许可被拒绝\n  case: 许可的案件是 `C-1`，不是 `C-2`\n  amount: 许可最多 300.00，要付 301\n"),
    ] {
        assert_eq!(out(&verify(language, &wrong, &token, &[])), said);
    }
    for (language, said) in
        [("en_US.UTF-8", "the grant holds; its decision is "), ("zh_CN.UTF-8", "许可有效，决定编号 ")]
    {
        let output = verify(language, &good, &token, &[]);
        assert!(out(&output).starts_with(&format!("{said}{}", answer.decision_id)), "{}", out(&output));
    }
    for without in ["--jwks", "--case", "--case-version", "--action", "--amount", "--currency", "--actor", "--bundle"] {
        let output = verify("en_US.UTF-8", &other(&good, &[], &[without]), &token, &[]);
        assert_eq!((output.status.code(), out(&output)), (Some(2), ""), "{without}");
        assert!(notes(&output).contains(without), "{without}: {}", notes(&output));
    }
    for both in ["--any-case-version", "--no-amount", "--any-actor", "--any-bundle"] {
        assert_eq!(verify("en_US.UTF-8", &good, &token, &[both]).status.code(), Some(2), "{both}");
    }
    for sum in ["0", "-1", "1e3", "300,00", "", "三百"] {
        let output = verify("en_US.UTF-8", &other(&good, &[("--amount", Some(sum))], &[]), &token, &[]);
        assert_eq!(output.status.code(), Some(2), "{sum}: {}", out(&output));
    }
    for (file, said) in [
        ("no such file", "can't be read"),
        ("grants.key", "is no JSON Web Key Set"),
        ("empty.json", "holds no Ed25519 key that signs"),
    ] {
        fs::write(desk.file("empty.json"), "{\"keys\":[]}").unwrap();
        let file = desk.file(file);
        let output = verify("en_US.UTF-8", &other(&good, &[("--jwks", file.to_str())], &[]), &token, &[]);
        assert_eq!((output.status.code(), out(&output)), (Some(3), ""));
        assert!(notes(&output).contains(said), "{said}: {}", notes(&output));
    }
}

#[test]
fn a_key_that_was_replaced_is_good_until_it_is_withdrawn() {
    let desk = Desk::open(&["--grant-lifetime", "1h"]);
    let old_key = fs::read_to_string(desk.file("grants.key")).unwrap();
    let before = desk.ask(&question());
    let (old, bundle) = (before.grant.unwrap(), before.bundle_digest);
    let replace = |keys: &str| {
        fs::write(desk.file("beside"), keys).unwrap();
        fs::rename(desk.file("beside"), desk.file("grants.key")).unwrap();
        desk.signal("-HUP");
        let printed = desk.printed_keys();
        for _ in 0..200 {
            if fs::read_to_string(desk.fetch_keys()).unwrap() == printed {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the service does not publish {printed}");
    };
    let (new_key, _) = generate().unwrap();
    replace(&format!("{new_key}{old_key}"));
    let new = desk.ask(&question()).grant.unwrap();
    assert_ne!(new.key_id, old.key_id);
    let keys = desk.file("jwks.json");
    let good = payer(keys.to_str().unwrap(), &bundle);
    assert_eq!(broken(&good, &old.token), (Some(0), vec![]));
    assert_eq!(broken(&good, &new.token), (Some(0), vec![]));
    replace(&new_key);
    assert_eq!(broken(&good, &old.token), (Some(1), vec!["key".to_owned()]));
    assert_eq!(broken(&good, &new.token), (Some(0), vec![]));
}

#[test]
fn the_command_line_asks_for_one_too() {
    let desk = Desk::open(&[]);
    let case = "case: { id: C-1, version: '7', order: { amount: 800, compensated: 0 } }\n\
                actor: { id: a17, role: agent }\naction: { name: compensate, executing: true }\n";
    let file = desk.file("case.yaml");
    fs::write(&file, case).unwrap();
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/edge/policies");
    let asked = ["authorize", file.to_str().unwrap(), "--policies", policies, "--amount", "300"];
    let alone = run("en_US.UTF-8", &[&asked[..], &["--grant"]].concat(), "");
    assert_eq!(alone.status.code(), Some(2), "nobody signs here");
    let url = desk.url();
    let output = run("en_US.UTF-8", &[&asked[..], &["--server", &url, "--grant"]].concat(), "");
    let token = out(&output).lines().last().unwrap_or_default();
    let bundle = desk.ask(&question()).bundle_digest;
    let keys = desk.fetch_keys();
    assert_eq!(broken(&payer(keys.to_str().unwrap(), &bundle), token), (Some(0), vec![]), "{}", notes(&output));
    let without = run("en_US.UTF-8", &[&asked[..], &["--server", &url]].concat(), "");
    assert!(without.status.success() && !out(&without).contains("eyJ"), "{}", out(&without));
}

#[test]
fn what_is_not_allowed_is_not_proved() {
    let desk = Desk::open(&[]);
    let yuan = |units: &str| json!({ "currencyCode": "CNY", "units": units });
    for (pointer, value, effect) in [
        ("/action/amount", yuan("401"), Effect::NeedsApproval),
        ("/action/name", json!("depreciate"), Effect::Deny),
        ("/case/order", json!({ "amount": yuan("800") }), Effect::NeedsInput),
    ] {
        let mut question = question();
        *question.pointer_mut(pointer).unwrap() = value;
        let answer = desk.ask(&question);
        assert_eq!((answer.effect(), answer.grant), (effect, None), "{pointer}");
    }
}
