//! Functions made to do harm: each is refused when it is loaded, or stopped when it is called, and nobody else notices.
//! How soon is measured by `cargo bench --bench hostile`, not asserted: tests share their machine.

#[path = "hostile/scripts.rs"]
mod scripts;
#[path = "edge/server.rs"]
#[allow(dead_code, reason = "the tests of the edge need more of it")]
mod server;
mod support;

use std::time::{Duration, Instant};

use redress::decide::{Asked, Case, decide};
use redress::diagnostic::Severity;
use redress::expr::eval::Failure;
use redress::policy::{self, Bundle};
use redress::rpc::decision_service::authorize;
use redress::rpc::proto::redress::v1 as wire;
use redress::value;
use serde_json::json;

use scripts::{By, Must, Script, scripts};
use support::random::NOW;

const MANIFEST: &str = include_str!("support/minimal.yaml");

/// Nothing takes longer, on however busy a machine.
const LONGEST: Duration = Duration::from_secs(20);

/// The policies that the server starts on: those of a small shop, into which every function has got that loads.
mod bundle {
    pub fn bundle() -> redress::policy::Bundle {
        crate::infested()
    }
}

/// What became of a script: the code by which it was refused, or the sentence instead of a value.
#[derive(Debug)]
enum Outcome {
    Refused(String),
    Ended(String),
    Answered,
}

fn outcome(script: &Script) -> Outcome {
    let begun = Instant::now();
    let loaded = policy::load(scripts::bundle(script, MANIFEST));
    let outcome = match loaded {
        Ok(bundle) => called(&bundle),
        Err(rejected) => {
            let error = rejected.problems.iter().find(|problem| problem.severity == Severity::Error).unwrap();
            Outcome::Refused(error.code.to_string())
        }
    };
    assert!(begun.elapsed() < LONGEST, "{} takes {:?}", script.name, begun.elapsed());
    outcome
}

fn called(bundle: &Bundle) -> Outcome {
    let case = Case { facts: support::unknown_case(bundle) };
    let decision = decide(bundle.rules_for(None, None), &case, value::Instant(NOW), Asked::default());
    let value = decision.outputs[0].value.clone();
    match decision.common.failures.first().map(|failed| &failed.failure) {
        Some(Failure::Script(failure)) => {
            assert!(value.is_unknown(), "it failed, and has a value: {value:?}");
            Outcome::Ended(failure.message.en.clone())
        }
        other => {
            assert!(other.is_none(), "{other:?}");
            assert!(!value.is_unknown(), "it is stopped without a word");
            Outcome::Answered
        }
    }
}

fn is_as_it_must_be(script: &Script, outcome: &Outcome) -> bool {
    match (&script.must, outcome) {
        (Must::Refused(code), Outcome::Refused(by)) => code == by,
        (Must::Failed(sentence), Outcome::Ended(said)) => sentence == said,
        // Where steps take ten times as long, or another has the processor, the clock may come first.
        (Must::Stopped(limits), Outcome::Ended(said)) => {
            By::told(said).is_some_and(|by| limits.contains(&by) || by == By::Time)
        }
        _ => false,
    }
}

#[test]
fn every_one_is_refused_or_stopped() {
    // A runtime's thread has no larger stack.
    let worker = std::thread::Builder::new().stack_size(1 << 20);
    let work = || {
        let all = scripts();
        let wrong: Vec<String> = all
            .iter()
            .map(|script| (script, outcome(script)))
            .filter(|(script, outcome)| !is_as_it_must_be(script, outcome))
            .map(|(script, outcome)| format!("{}: must be {:?}, is {outcome:?}", script.name, script.must))
            .collect();
        assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
        let refused = all.iter().filter(|script| matches!(script.must, Must::Refused(_))).count();
        let stopped = all.iter().filter(|script| matches!(script.must, Must::Stopped(_))).count();
        assert!(refused >= 40 && stopped >= 40, "{refused} are refused, {stopped} are stopped");
    };
    worker.spawn(work).unwrap().join().unwrap();
}

#[test]
fn an_answer_is_not_a_thousand_stopped_calls() {
    // Each item of the list would be a call of its own, and each undecided condition would ask again.
    const FUNCTION: &str = "/// fn attack(n: number) -> number\nfn attack(n) { while 1 < 2 { n += 1; } n }\n";
    const GUARD: &str = "guards: hostile\nrules:\n  - { id: attack, title: { en: Attack }, forbid: exchange, when: \
                         'any(order.items, attack(it.quantity) > 0) || attack(7) > 0' }\n";
    let files = [("bundle.yaml", MANIFEST), ("guards.yaml", GUARD), ("attack.rhai", FUNCTION)];
    let bundle = policy::load(files).unwrap_or_else(|rejected| panic!("{:#?}", rejected.problems));
    let item = |quantity: i32| wire::Item { quantity: Some(quantity), ..wire::Item::default() };
    let order = wire::Order { items: (0..1_000).map(item).collect(), ..wire::Order::default() };
    let request = wire::AuthorizeRequest {
        case: Some(wire::Case { order: Some(Box::new(order)), ..wire::Case::default() }),
        actor: Some(wire::Actor { role: Some("lead".into()), ..wire::Actor::default() }),
        action: Some(wire::Action { name: Some("exchange".into()), ..wire::Action::default() }),
        locale: "en".into(),
        ..wire::AuthorizeRequest::default()
    };
    let begun = Instant::now();
    let answer = authorize(&bundle, &request, value::Instant(NOW)).unwrap();
    let took = begun.elapsed();
    assert_eq!(answer.effect(), wire::Effect::NeedsInput, "it fails closed");
    let said: Vec<_> = answer.failures.iter().map(|failure| failure.message.as_str()).collect();
    // On a busy machine some meet the limit on steps, and some that on time.
    let (last, stopped) = said.split_last().unwrap();
    assert!(!stopped.is_empty() && stopped.len() <= 2, "{said:?}");
    let limit = |said: &&str| said.contains("it takes more than") || said.contains("it runs longer than");
    assert!(stopped.iter().all(limit), "{said:?}");
    assert!(last.contains("it was not called: 4 calls of this answer went beyond a limit"), "{said:?}");
    // A thousand calls of ten milliseconds would be ten seconds.
    assert!(took < Duration::from_secs(5), "{took:?}");
}

fn infested() -> Bundle {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/edge/policies");
    policy::load(scripts::infested(support::files_below(&root)))
        .unwrap_or_else(|rejected| panic!("{:#?}", rejected.problems))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_them_everyone_is_answered_as_ever() {
    let server = std::sync::Arc::new(server::start().await);
    let expected = scripts::that_load().len();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let attackers = (0..2).map(|_| {
        let (server, stop) = (std::sync::Arc::clone(&server), std::sync::Arc::clone(&stop));
        tokio::spawn(async move {
            let mut answered = 0;
            while answered == 0 || !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let (status, answer) =
                    server.post("/v1/decide", &json!({ "case": {}, "actor": { "role": "agent" } })).await;
                assert_eq!(status, 200, "{answer}");
                let failures = answer["decision"]["failures"].as_array().map_or(0, Vec::len);
                assert!(failures >= expected, "{failures} of {expected} functions failed");
                answered += 1;
            }
            answered
        })
    });
    let attackers: Vec<_> = attackers.collect();
    let yuan = |units: u32| json!({ "currencyCode": "CNY", "units": units.to_string() });
    let case = json!({ "order": { "amount": yuan(300), "compensated": yuan(0) } });
    let harmless =
        json!({ "case": case, "actor": { "role": "agent" }, "action": { "name": "compensate", "amount": yuan(20) } });
    let blocked = json!({ "case": case, "actor": { "role": "manager" }, "action": { "name": "exchange" } });
    for _ in 0..40 {
        let (status, answer) = server.post("/v1/authorize", &harmless).await;
        let answer = &answer["authorization"];
        assert_eq!((status, &answer["effect"]), (200, &json!("EFFECT_ALLOW")), "{answer}");
        assert!(answer["failures"].is_null(), "{answer}");
        let (status, answer) = server.post("/v1/authorize", &blocked).await;
        let answer = &answer["authorization"];
        assert_eq!((status, &answer["effect"]), (200, &json!("EFFECT_NEEDS_INPUT")), "{answer}");
        assert_eq!(answer["failures"].as_array().map(Vec::len), Some(1), "{:#}", answer["failures"]);
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    for attacker in attackers {
        assert!(attacker.await.unwrap() > 0, "an attacker was not answered");
    }
    std::sync::Arc::into_inner(server).unwrap().stop().await.unwrap();
}
