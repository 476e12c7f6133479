//! Asking and testing from the command line: what an agent, a tester and a program get to see, and how it ends.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use redress::rpc::proto::redress::v1 as wire;
use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

const COAT: &str = r#"as_of: 2026-11-22T15:00:00+08:00
actor: { id: a17, role: agent }
case:
  order: { id: T1, amount: 800.00, item_count: 1, free_shipping: true, signed_at: 2026-11-17T15:00:01+08:00, compensated: 120.00 }
  issue: { class: product.quality.blemish, proven: true, responsible: seller }
  request: { type: return_refund, applied_at: 2026-11-22T14:10:00+08:00, received: true }
  customer: { words: ["不给退就１２３１５见"] }
"#;

fn redress(arguments: &[&str], locale: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(arguments).args(["--locale", locale]).env_clear().stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    redress(arguments, "en").output().unwrap()
}

fn out(output: &Output) -> &str {
    str::from_utf8(&output.stdout).unwrap()
}

/// A directory with the case in it.
struct Case(tempfile::TempDir);

impl Case {
    fn new(text: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("case.yaml"), text).unwrap();
        Self(directory)
    }

    fn path(&self) -> String {
        self.0.path().join("case.yaml").to_str().unwrap().to_owned()
    }
}

#[test]
fn an_answer_is_told_in_the_readers_language_within_80_columns() {
    let case = Case::new(COAT);
    for (locale, words) in [
        ("zh-CN", ["建议方案  换货 (exchange)", "首次报价：56.00 元；最高：280.00 元", "2026-11-24 15:00:01"]),
        (
            "en",
            ["recommended  Exchange (exchange)", "open with: CNY 56.00; at most: CNY 280.00", "2026-11-24 15:00:01"],
        ),
    ] {
        for explain in [&[][..], &["--explain"]] {
            let output = redress(&[&["decide", &case.path()][..], explain].concat(), locale).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
            let text = out(&output);
            assert!(words.iter().all(|word| text.contains(word)), "{text}");
            let wide: Vec<&str> = text.lines().filter(|line| line.width() > 80).collect();
            assert!(wide.is_empty(), "{wide:#?}");
            assert_eq!(text.contains("request.type = return_refund"), !explain.is_empty());
        }
    }
}

#[test]
fn an_action_and_an_actor_may_be_named_on_the_command_line() {
    let case = Case::new(COAT);
    let ask = |arguments: &[&str]| {
        let output = run(&[&["authorize", &case.path()][..], arguments].concat());
        (output.status.code(), out(&output).to_owned())
    };
    let (code, text) = ask(&["compensate", "--amount", "300"]);
    assert_eq!(code, Some(0), "a denial is an answer: {text}");
    assert!(text.contains("needs approval") && text.contains("Senior agent (senior_agent)"), "{text}");
    assert!(text.contains("280.00 would be allowed; 20.00 too much"), "{text}");
    let (_, text) = ask(&["compensate", "--amount", "300", "--actor", "team_lead"]);
    assert!(text.lines().next().unwrap().ends_with("allowed"), "{text}");
    for (arguments, slip) in [
        (&["compensat"][..], "did you mean `compensate`?"),
        (&["compensate", "--amount", "many"], "a number is wanted here, not `many`"),
        (&["compensate", "--actor", "agnet"], "did you mean `agent`?"),
        (&[], "no action is named"),
    ] {
        let (code, text) = ask(arguments);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(slip), "{text}");
    }
}

#[test]
fn the_moment_may_be_named_on_the_command_line() {
    let case = Case::new(COAT);
    let at = |moment| out(&run(&["decide", &case.path(), "--as-of", moment])).to_owned();
    let window = "No-reason return window (no-reason-window): running";
    assert!(at("2026-11-24T15:00:01+08:00").contains(window), "its last moment");
    assert!(!at("2026-11-24T15:00:02+08:00").contains("no-reason-window"), "it is over");
    assert_eq!(run(&["decide", &case.path(), "--as-of", "yesterday"]).status.code(), Some(2));
}

#[test]
fn programs_get_protobuf_json_from_the_standard_input_too() {
    let mut child =
        redress(&["decide", "-", "--json"], "en").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(COAT.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let answer: wire::Decision = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer.recommended, "exchange");
    assert!(answer.trace.is_empty());
}

#[test]
fn slips_are_shown_in_the_case() {
    let case = Case::new(&COAT.replace("amount", "amout"));
    let output = run(&["decide", &case.path()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("case.yaml:4:20") && out(&output).contains("did you mean `order.amount`?"));
    assert_eq!(run(&["decide", "no-such-file.yaml"]).status.code(), Some(3));
}

/// A server of the shipped policies, ended with the test.
struct Server(Child, String);

impl Server {
    fn start() -> Self {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--threads", "1"];
        let mut child = redress(&arguments, "en").stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let entries = log.lines().map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
        let serving = entries.into_iter().find(|entry| entry["message"] == "serving").unwrap();
        Self(child, format!("http://{}", serving["address"].as_str().unwrap()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_server_gives_the_answer_that_is_given_here() {
    let server = Server::start();
    let case = Case::new(COAT);
    for question in [&["decide", &case.path()][..], &["authorize", &case.path(), "compensate", "--amount", "300"]] {
        let here = run(question);
        let there = run(&[question, &["--server", &server.1]].concat());
        assert_eq!(there.status.code(), Some(0), "{}", String::from_utf8_lossy(&there.stderr));
        assert_eq!(out(&here), out(&there));
    }
    let nobody = run(&["decide", &case.path(), "--server", "http://127.0.0.1:1"]);
    assert_eq!(nobody.status.code(), Some(3), "nobody is there");
}

#[test]
fn tests_end_as_they_went() {
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
    let passed = run(&["test", policies]);
    assert_eq!(passed.status.code(), Some(0), "{}", out(&passed));
    assert_eq!(run(&["test"]).status.code(), Some(0), "those built in");
    let nothing = run(&["test", policies, "--filter", "no such test"]);
    assert_eq!(nothing.status.code(), Some(1));
    assert!(out(&nothing).contains("no test has `no such test` in its name"), "{}", out(&nothing));

    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    assert_eq!(run(&["init", root.to_str().unwrap()]).status.code(), Some(0));
    let suite: PathBuf = root.join("authority/compensation_test.yaml");
    let text = fs::read_to_string(&suite).unwrap();
    let ask = |text: String, arguments: &[&str]| {
        fs::write(&suite, text).unwrap();
        let output = run(&[&["test", root.to_str().unwrap()][..], arguments].concat());
        (output.status.code(), out(&output).to_owned())
    };
    let junit = root.join("report.xml");
    let (code, told) =
        ask(text.replace("needs_approval, 400.00", "allow, 400.00"), &["--junit", junit.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    assert!(told.contains("expected    allow") && told.contains("actual      needs_approval"), "{told}");
    assert!(told.lines().all(|line| line.width() <= 80), "{told}");
    assert!(fs::read_to_string(junit).unwrap().contains("effect: expected allow, actual needs_approval"));
    let (code, told) = ask(text.replace("effect: allow", "efect: allow"), &["--json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((code, told["status"].as_str()), (Some(1), Some("broken")));
    assert_eq!(told["diagnostics"][0]["file"], "authority/compensation_test.yaml");
}
