//! What the pages on grants say is so: they name what there is, and their Python refuses what the program refuses.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use redress::grant::{Binding, Claims};
use redress::rpc::proto::redress::v1::AuthorizeRequest;
use redress::signing::{SigningKey, generate, jws};
use regex::Regex;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

use super::server::{Desk, question};
use super::{out, run};

const PAGES: [&str; 2] = ["docs/grants.md", "docs/grants.zh-CN.md"];

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn they_name_every_option_claim_and_field_and_none_that_is_not_there() {
    let help = |command: &[&str]| {
        let help = run("en_US.UTF-8", &[command, &["--help"]].concat(), "");
        assert!(help.status.success());
        let wide: Vec<&str> = out(&help).lines().filter(|line| line.width() > 80).collect();
        assert!(wide.is_empty(), "{command:?}: {wide:#?}");
        out(&help).to_owned()
    };
    let option = Regex::new(r"--[a-z][a-z-]+").unwrap();
    let options = |text: &str| option.find_iter(text).map(|found| found.as_str().to_owned()).collect::<Vec<_>>();
    let verify = options(&help(&["grant", "verify"]));
    let serve: Vec<String> = options(&help(&["serve"]));
    let others = [help(&["grant", "key"]), help(&["authorize"])].concat();
    let desk = Desk::open(&[]);
    let grant = desk.ask(&question()).grant.unwrap();
    let said = jws::take_apart(&grant.token).unwrap().payload;
    serde_json::from_slice::<Claims>(&said).unwrap();
    let claims: Value = serde_json::from_slice(&said).unwrap();
    for name in PAGES {
        let text = page(name);
        let known = [&verify[..], &serve[..], &options(&others)].concat();
        for named in options(&text).iter().filter(|named| !["--locale"].contains(&named.as_str())) {
            assert!(known.contains(named), "{name}: there is no `{named}`");
        }
        let ours =
            verify.iter().filter(|option| !["--help", "--color", "--locale", "--jwks"].contains(&option.as_str()));
        for option in ours.chain(serve.iter().filter(|option| option.starts_with("--grant-"))) {
            assert!(text.contains(&format!("`{option}")) || text.contains(&format!("{option} ")), "{name}: `{option}`");
        }
        for claim in claims.as_object().unwrap().keys() {
            assert!(text.contains(&format!("`{claim}`")), "{name} does not name the claim `{claim}`");
        }
        for binding in Binding::ALL {
            assert!(text.contains(&format!("`{}`", binding.as_str())), "{name} does not name `{}`", binding.as_str());
        }
        // Its request asks for a grant, and every field of it exists.
        let sent = text.split_once("-d '").unwrap().1.split_once('\'').unwrap().0;
        assert!(serde_json::from_str::<AuthorizeRequest>(sent).unwrap().grant, "{name}");
    }
}

/// The program that a page shows.
fn program(name: &str) -> String {
    let text = page(name);
    let (_, rest) = text.split_once("cat > pay.py <<'EOF'\n").unwrap();
    rest.split_once("\nEOF\n").unwrap().0.to_owned()
}

#[test]
fn their_python_has_twenty_lines_and_pays_on_nothing_but_the_grant_s_own_payment() {
    let desk = Desk::open(&[]);
    let token = desk.ask(&question()).grant.unwrap().token;
    let keys = desk.fetch_keys();
    let parts = jws::take_apart(&token).unwrap();
    let key = SigningKey::from_pem(&fs::read_to_string(desk.file("grants.key")).unwrap()).unwrap();
    let stranger = SigningKey::from_pem(&generate().unwrap().0).unwrap();
    let changed = |bytes: &[u8], name: &str, value: Value| {
        let mut of: Value = serde_json::from_slice(bytes).unwrap();
        match value {
            Value::Null => drop(of.as_object_mut().unwrap().remove(name)),
            value => of[name] = value,
        }
        of.to_string().into_bytes()
    };
    let now = serde_json::from_slice::<Claims>(&parts.payload).unwrap().iat;
    let saying = |name: &str, value: Value| jws::sign(&parts.head, &changed(&parts.payload, name, value), &key);
    let headed = |name: &str, value: Value| jws::sign(&changed(&parts.head, name, value), &parts.payload, &key);
    let [head, _, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
    let richer = jws::encoded(&changed(&parts.payload, "amount", json!("30000.00")));
    let none = jws::encoded(&changed(&parts.head, "alg", json!("none")));
    let payment = "case_id=C-1 case_version=7 action=compensate amount=300.00 currency=CNY actor=a17 origins=unchecked";
    let replays = [
        ("its own", payment.to_owned(), token.clone(), true),
        ("less", payment.replace("300.00", "0.01"), token.clone(), true),
        ("another case", payment.replace("C-1", "C-2"), token.clone(), false),
        ("another version", payment.replace("=7", "=8"), token.clone(), false),
        ("another action", payment.replace("compensate", "refund"), token.clone(), false),
        ("a fen more", payment.replace("300.00", "300.01"), token.clone(), false),
        ("nothing", payment.replace("300.00", "0"), token.clone(), false),
        ("less than nothing", payment.replace("300.00", "-1"), token.clone(), false),
        ("dollars", payment.replace("CNY", "USD"), token.clone(), false),
        ("another actor", payment.replace("a17", "a18"), token.clone(), false),
        ("a role nobody showed", payment.replace(" origins=unchecked", ""), token.clone(), false),
        ("expired just now", payment.into(), saying("exp", json!(now)), false),
        ("not yet", payment.into(), saying("nbf", json!(now + 250)), false),
        ("another issuer", payment.into(), saying("iss", json!("other")), false),
        ("another audience", payment.into(), saying("aud", json!("other")), false),
        ("no money", payment.into(), saying("amount", Value::Null), false),
        ("no end", payment.into(), saying("exp", Value::Null), false),
        ("a restriction it does not know", payment.into(), saying("only_on", json!("Monday")), false),
        ("another type", payment.into(), headed("typ", json!("JWT")), false),
        ("another kid", payment.into(), headed("kid", json!("other")), false),
        ("no kid", payment.into(), headed("kid", Value::Null), false),
        ("a raised amount", payment.into(), format!("{head}.{richer}.{signature}"), false),
        ("another key", payment.into(), jws::sign(&parts.head, &parts.payload, &stranger), false),
        ("alg none", payment.into(), format!("{none}.{}.", jws::encoded(&parts.payload)), false),
        ("garbage", payment.into(), "garbage".into(), false),
    ];
    for name in PAGES {
        let program = program(name);
        let check = program.split_once("def check").unwrap().1.split_once("\n\n\n").unwrap().0;
        let setting_up = program.split_once("\n\n\ndef").unwrap().0;
        let lines = [setting_up, check].join("\n").lines().filter(|line| !line.is_empty()).count();
        assert!(lines <= 22, "{name}: {lines} lines");
        let file = desk.file("pay.py");
        fs::write(&file, &program).unwrap();
        let importable =
            Command::new("python3").args(["-c", "import jwt, cryptography"]).stderr(Stdio::null()).status();
        if !importable.is_ok_and(|status| status.success()) {
            // Not by a macro, whose output a test that passes keeps to itself.
            let said = format!("{name}: python3 can't import jwt and cryptography here; its example is not run\n");
            std::io::stderr().write_all(said.as_bytes()).unwrap();
            continue;
        }
        for (what, payment, token, pays) in &replays {
            let output = put_forward(&file, &keys, payment, token);
            let notes = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.success(), *pays, "{name}: {what}: {notes}");
            assert!(!notes.contains("Traceback"), "{name}: {what}: {notes}");
        }
    }
}

/// Asks the page's program whether it pays.
fn put_forward(program: &Path, keys: &Path, payment: &str, token: &str) -> Output {
    let mut python = Command::new("python3");
    python.arg(program).arg(keys).args(payment.split(' ')).env("PYTHONIOENCODING", "utf-8");
    python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = python.spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{token}\n").as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}
