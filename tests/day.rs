//! A day at the desk: two hundred cases made from a seed, and the hand-written ones, asked of a real server on the
//! shipped policies. Every answer is complete in both languages, and `tests/cases/day/expected.txt` sums them up:
//! `REDRESS_BLESS=1` writes it anew; read the difference as a desk lead would.

mod support;

#[path = "desk/answers.rs"]
#[allow(dead_code, reason = "the tests of the desk need more of it")]
mod answers;
#[path = "desk/cases.rs"]
#[allow(dead_code, reason = "the tests of the desk need more of it")]
mod cases;
#[path = "desk/complete.rs"]
mod complete;
#[path = "day/scenes.rs"]
mod scenes;
#[path = "edge/server.rs"]
#[allow(dead_code, reason = "the tests of the edge need more of it")]
mod server;

/// The policies that the server starts on.
mod bundle {
    pub fn bundle() -> redress::policy::Bundle {
        crate::support::shipped()
    }
}

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use redress::rpc::proto::redress::v1 as wire;

use answers::{Answer, Asker};
use cases::{Case, LOCALES, Verb, cases};
use server::start;

const SEED: u64 = 20_261_122;
const CASES: usize = 200;
const EXPECTED: &str = "tests/cases/day/expected.txt";

/// How often each answer came, by heading.
#[derive(Default)]
struct Summary(BTreeMap<&'static str, BTreeMap<String, usize>>);

impl Summary {
    fn count(&mut self, heading: &'static str, line: impl Into<String>) {
        *self.0.entry(heading).or_default().entry(line.into()).or_default() += 1;
    }

    fn decision(&mut self, answer: &wire::Decision) {
        let class = output(answer, "classification.level2");
        let recommended = if answer.recommended.is_empty() { "(none)" } else { &answer.recommended };
        self.count("recommended, by class", format!("{class} → {recommended}"));
        let state = answer.ladder.iter().find(|rung| rung.remedy == answer.recommended);
        self.count("state of what is recommended", state.map_or("(none)", |rung| rung.state().as_str_name()));
        let route = answer.route.as_ref().map_or("(none)", |route| &route.name);
        let because = answer.route.as_ref().and_then(|route| route.because.as_ref());
        self.count("route", format!("{route}  {}", because.map_or("", |reason| &reason.rule)));
        for timer in &answer.timers {
            self.count("timers", format!("{} {}", timer.id, timer.state().as_str_name()));
        }
        for duty in &answer.duties {
            self.count("duties of cases", &duty.id);
        }
        for forbidden in &answer.forbidden {
            let rule = forbidden.because.as_ref().map_or("", |reason| &reason.rule);
            self.count("forbidden", format!("{} by {rule}", forbidden.action));
        }
        for missing in &answer.missing {
            self.count("asked for", &missing.path);
        }
        self.count("suggested reason", output(answer, "reasons.suggested"));
    }

    fn authorization(&mut self, action: &str, answer: &wire::Authorization) {
        let effect = answer.effect().as_str_name();
        let approver = if answer.approver.is_empty() { String::new() } else { format!(" by {}", answer.approver) };
        self.count("authorize", format!("{action} → {effect}{approver}"));
        for duty in &answer.duties {
            self.count("duties of actions", &duty.id);
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (heading, lines) in &self.0 {
            writeln!(text, "# {heading}").unwrap();
            for (line, count) in lines {
                writeln!(text, "{count:>5}  {line}").unwrap();
            }
            text.push('\n');
        }
        text
    }
}

/// A named result that is a word; `(none)` where it is undecided.
fn output(answer: &wire::Decision, name: &str) -> String {
    let value = answer.outputs.iter().find(|output| output.name == name).and_then(|output| output.value.as_ref());
    match value.and_then(|value| value.kind.as_ref()) {
        Some(wire::value::Kind::TextValue(text)) => text.clone(),
        Some(wire::value::Kind::NameValue(name)) => name.clone(),
        _ => "(none)".to_owned(),
    }
}

#[tokio::test]
async fn a_day_is_answered_completely_and_as_summed_up() {
    let server = start().await;
    let bundle = server.live.snapshot();
    let mut asker = Asker::new(&server).await;
    let made = scenes::day(SEED, CASES);
    let made = made.into_iter().map(|scene| Case::parsed(&scene.name, &scene.text, &bundle));
    let all: Vec<Case> = made.chain(cases(&bundle)).collect();
    let (mut wrong, mut summary) = (String::new(), Summary::default());
    for case in &all {
        for verb in case.verbs() {
            for locale in LOCALES {
                let answer = asker.ask(case.call(&bundle, verb, locale)).await;
                for fault in complete::faults(&answer, locale, &case.text, case.as_of, bundle.digest()) {
                    writeln!(wrong, "{} {verb:?} {locale}: {fault}\n{}", case.name, case.text).unwrap();
                }
                match (&answer, locale) {
                    (Answer::Decision(answer), "en") => summary.decision(answer),
                    (Answer::Authorization(answer), "en") => summary.authorization(case.action(), answer),
                    _ => {}
                }
            }
            assert!(verb == Verb::Decide || !case.action().is_empty());
        }
    }
    server.stop().await.unwrap();
    assert!(wrong.is_empty(), "\n{wrong}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(EXPECTED);
    let text = summary.text();
    if std::env::var_os("REDRESS_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    let changed: Vec<&str> = text.lines().filter(|line| !expected.lines().any(|known| known == *line)).collect();
    assert!(expected == text, "{EXPECTED} differs; REDRESS_BLESS=1 writes it anew\n{}", changed.join("\n"));
}
