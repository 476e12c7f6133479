//! Whole cases of an after-sales desk, asked of a real server on the shipped policies, and the whole answers.
//!
//! `tests/cases/desk/NN-name/case.yaml` is what a helpdesk sends; beside it stands the answer as people read it, in
//! Chinese, and where `*.en.expected.yaml` stands, in English. `REDRESS_BLESS=1` writes the answers anew: read the diff
//! as a desk lead would.

mod support;

#[path = "desk/answers.rs"]
mod answers;
#[path = "desk/cases.rs"]
#[allow(dead_code, reason = "the tests of a day need more of it")]
mod cases;
#[path = "desk/complete.rs"]
mod complete;
#[path = "edge/server.rs"]
#[allow(dead_code, reason = "the tests of the edge need more of it")]
mod server;
#[path = "desk/written.rs"]
mod written;

/// The policies that the server starts on.
mod bundle {
    pub fn bundle() -> redress::policy::Bundle {
        crate::support::shipped()
    }
}

use std::fmt::Write as _;
use std::process::Command;

use serde_json::Value;

use answers::{Answer, Asker};
use cases::{Case, LOCALES, cases};
use server::start;
use written::{differences, written};

/// One of so many cases is asked in JSON as well.
const JSON_EVERY: usize = 4;

#[tokio::test]
async fn cases_are_answered_as_a_desk_lead_would() {
    let server = start().await;
    let bundle = server.live.snapshot();
    let mut asker = Asker::new(&server).await;
    let bless = std::env::var_os("REDRESS_BLESS").is_some();
    let (mut wrong, mut asked) = (String::new(), 0);
    for case in cases(&bundle) {
        for file in case.expected_files() {
            let answer = asker.ask(case.call(&bundle, file.verb, file.locale)).await;
            let actual = written(&answer.view(&bundle, file.locale), &bundle);
            asked += 1;
            if bless {
                std::fs::write(&file.path, &actual).unwrap();
            }
            let expected = std::fs::read_to_string(&file.path).unwrap_or_default();
            for difference in differences(&expected, &actual) {
                writeln!(wrong, "{}\n{difference}", file.shown).unwrap();
            }
        }
    }
    server.stop().await.unwrap();
    assert!(asked >= 90, "only {asked} answers were looked at");
    assert!(wrong.is_empty(), "\n{wrong}\nREDRESS_BLESS=1 writes the answers anew");
}

#[tokio::test]
async fn every_answer_is_complete_in_both_languages() {
    let server = start().await;
    let bundle = server.live.snapshot();
    let mut asker = Asker::new(&server).await;
    let mut wrong = String::new();
    for case in cases(&bundle) {
        for verb in case.verbs() {
            let mut bare = Vec::new();
            for locale in LOCALES {
                let answer = asker.ask(case.call(&bundle, verb, locale)).await;
                for fault in complete::faults(&answer, locale, &case.text, case.as_of, bundle.digest()) {
                    writeln!(wrong, "{} {verb:?} {locale}: {fault}", case.name).unwrap();
                }
                bare.push(written::bare(&answer.view(&bundle, locale), &bundle));
            }
            for difference in differences(&bare[0], &bare[1]) {
                writeln!(wrong, "{} {verb:?}: the languages differ\n{difference}", case.name).unwrap();
            }
        }
    }
    server.stop().await.unwrap();
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[tokio::test]
async fn the_program_answers_offline_as_the_server_does() {
    let server = start().await;
    let bundle = server.live.snapshot();
    let mut asker = Asker::new(&server).await;
    // Each loads the policies anew; both ways end in the same functions, so some of the cases are enough.
    for case in cases(&bundle).into_iter().step_by(8) {
        for verb in case.verbs() {
            let served = asker.ask(case.call(&bundle, verb, "zh-CN")).await;
            assert_eq!(offline(&case, verb), served.json(), "{} {verb:?}", case.name);
        }
    }
    server.stop().await.unwrap();
}

/// What `redress decide case.yaml` or `redress authorize case.yaml` prints, without the answer's own number.
fn offline(case: &Case, verb: cases::Verb) -> Value {
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
    let output = Command::new(env!("CARGO_BIN_EXE_redress"))
        .arg(verb.word())
        .arg(&case.path)
        .args(["--json", "--locale", "zh-CN", "--policies", policies])
        .env_clear()
        .output()
        .unwrap();
    assert!(output.status.success(), "{}: {}", case.name, String::from_utf8_lossy(&output.stderr));
    answers::without_number(serde_json::from_slice(&output.stdout).unwrap())
}

#[tokio::test]
async fn json_over_http_gives_the_same() {
    let server = start().await;
    let bundle = server.live.snapshot();
    let mut asker = Asker::new(&server).await;
    for case in cases(&bundle).iter().step_by(JSON_EVERY) {
        for verb in case.verbs() {
            let call = case.call(&bundle, verb, "en");
            let (path, body) = answers::posted(&call);
            let (status, answer) = server.post(path, &body).await;
            assert_eq!(status, 200, "{}: {answer}", case.name);
            let served: Answer = asker.ask(call).await;
            assert_eq!(answers::without_number(answer[served.kind()].clone()), served.json(), "{} {verb:?}", case.name);
        }
    }
    server.stop().await.unwrap();
}
