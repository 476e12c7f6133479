//! TI-7: the queue is worked in the order of what times out first.

mod support;

#[path = "triage/queue.rs"]
mod queue;

use std::fmt::Write as _;
use std::path::Path;

use chrono::TimeZone as _;
use redress::diagnostic::Problems;
use redress::plain::{Call, Question};
use redress::policy::Bundle;
use redress::rpc::proto::redress::v1 as wire;
use redress::rpc::proto::redress::v1::decision_service_server::DecisionService as _;
use redress::rpc::proto::redress::v1::triaged_case::Result as Placed;
use redress::source::{Sources, tree};
use tonic::Request;

fn case(bundle: &Bundle, text: &str) -> wire::Case {
    let mut problems = Problems::default();
    let sources = Sources::new([("case.yaml", text)], &mut problems);
    let node = tree::parse(sources.get(0).unwrap(), &mut problems).unwrap();
    let call = Question::decode(&node, bundle, &mut problems).and_then(|q| q.call(bundle, "", false, &mut problems));
    let Some(Call::Decide(request)) = call else { panic!("{:?}", problems.into_sorted()) };
    request.case.unwrap()
}

/// A refund-only request for a parcel under way, which falls due 48 hours after the application.
fn applied(bundle: &Bundle, at: &str) -> wire::Case {
    case(
        bundle,
        &format!(
            "as_of: 2026-11-22T15:00:00+08:00\nactor: agent\ncase:\n  request: {{ type: refund_only, received: false, \
             applied_at: {at} }}\n  outbound: {{ status: in_transit, last_movement_at: 2026-11-22T14:59:00+08:00 }}\n  \
             order.status: shipped\n"
        ),
    )
}

/// The cases in order, as of 15:00.
async fn triage(bundle: Bundle, items: Vec<(String, wire::Case)>) -> wire::TriageResponse {
    let items = items.into_iter().map(|(key, case)| wire::TriageItem { key, case: Some(case) });
    let as_of = pbjson_types::Timestamp { seconds: 1_795_330_800, nanos: 0 };
    let request = wire::TriageRequest {
        items: items.collect(),
        actor: Some(wire::Actor { role: Some("agent".into()), ..wire::Actor::default() }),
        as_of: Some(as_of),
        locale: "en".into(),
    };
    let live = std::sync::Arc::new(redress::live::Live::new(bundle));
    let service = redress::rpc::decision_service::Decisions::new(live, redress::rpc::caller::Callers::Anyone);
    service.triage(Request::new(request)).await.unwrap().into_inner()
}

fn entry(placed: &wire::TriagedCase) -> &wire::TriageEntry {
    match placed.result.as_ref().unwrap() {
        Placed::Entry(entry) => entry,
        Placed::Problem(problem) => panic!("{}: {problem:?}", placed.key),
    }
}

#[tokio::test]
async fn what_times_out_first_comes_first() {
    let bundle = support::shipped();
    let none = case(
        &bundle,
        "as_of: 2026-11-22T15:00:00+08:00\nactor: agent\ncase:\n  order.amount: 1.00\n  outbound.status: not_sent\n  order.made_to_order: true\n",
    );
    let items = vec![
        ("no deadline", none),
        ("late", applied(&bundle, "2026-11-22T14:00:00+08:00")),
        ("first of two", applied(&bundle, "2026-11-21T10:00:00+08:00")),
        ("second of two", applied(&bundle, "2026-11-21T10:00:00+08:00")),
        ("overdue", applied(&bundle, "2026-11-20T14:59:59+08:00")),
        ("soon", applied(&bundle, "2026-11-20T15:00:00+08:00")),
    ];
    let answer = triage(bundle, items.into_iter().map(|(key, case)| (key.to_owned(), case)).collect()).await;
    let keys: Vec<&str> = answer.cases.iter().map(|placed| &*placed.key).collect();
    assert_eq!(keys, ["overdue", "soon", "first of two", "second of two", "late", "no deadline"]);
    let entry = |at: usize| entry(&answer.cases[at]);
    assert_eq!(entry(0).timer.as_ref().unwrap().state(), wire::TimerState::Overdue);
    assert_eq!(entry(1).timer.as_ref().unwrap().state(), wire::TimerState::Running);
    assert_eq!(entry(0).next_step.as_ref().unwrap().id, "settle", "what an overdue one still needs");
    assert!(entry(5).timer.is_none() && entry(5).due_at.is_none());
}

/// The open cases of a day: how many, and from which seed.
const QUEUE: (u64, usize) = (20_261_122, 1_000);

fn opened(bundle: &Bundle) -> Vec<(String, wire::Case)> {
    let (seed, count) = QUEUE;
    let head = "as_of: 2026-11-22T15:00:00+08:00\nactor: agent\ncase:\n";
    let cases = queue::queue(seed, count).into_iter();
    cases.map(|open| (open.key, case(bundle, &format!("{head}{}", open.yaml)))).collect()
}

/// Why a case stands where it does: the timer, when it is due and who says so, and what to do now.
fn why(placed: &wire::TriagedCase) -> String {
    let entry = entry(placed);
    let Some(timer) = &entry.timer else { return format!("{}: nothing is due", placed.key) };
    let due = chrono_tz::Asia::Shanghai.timestamp_opt(timer.due_at.unwrap().seconds, 0).unwrap();
    let (state, source) = (timer.state().as_str_name(), timer.source().as_str_name());
    let word = |name: &str| name.rsplit('_').next().unwrap().to_lowercase();
    let step = entry.next_step.as_ref().map_or("", |step| &step.id);
    let (due, state, source) = (due.format("%m-%d %H:%M:%S"), word(state), word(source));
    format!("{}: {} {state}, due {due} by the {source}; do {step}", placed.key, timer.id)
}

#[tokio::test]
async fn a_thousand_cases_stand_in_the_order_a_desk_lead_works_them() {
    let bundle = support::shipped();
    let items = opened(&bundle);
    let answer = triage(bundle, items).await;
    let mut actual = String::new();
    for (place, placed) in answer.cases.iter().take(20).enumerate() {
        writeln!(actual, "{}. {}", place + 1, why(placed)).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/triage/first-twenty.txt");
    if std::env::var_os("REDRESS_BLESS").is_some() {
        std::fs::write(&path, &actual).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), actual, "REDRESS_BLESS=1 writes it anew");
}

#[tokio::test]
async fn the_order_of_a_thousand_cases_keeps_its_rule() {
    let answer = triage(support::shipped(), opened(&support::shipped())).await;
    assert_eq!(answer.cases.len(), QUEUE.1);
    let mut positions: Vec<i32> = answer.cases.iter().map(|placed| placed.position).collect();
    // Overdue before the platform, overdue otherwise, in time, nothing due.
    let standing = |entry: &wire::TriageEntry| match &entry.timer {
        None => 3,
        Some(timer) if timer.state() != wire::TimerState::Overdue => 2,
        Some(timer) if timer.source() == wire::TimerSource::Platform => 0,
        Some(_) => 1,
    };
    let span = |entry: &wire::TriageEntry| {
        entry.due_at.as_ref().map_or(i64::MAX, |due| (due.seconds - 1_795_330_800).div_euclid(15 * 60))
    };
    let mut counts = [0; 4];
    for pair in answer.cases.windows(2) {
        let (before, after) = (entry(&pair[0]), entry(&pair[1]));
        let order = (standing(before), span(before)).cmp(&(standing(after), span(after)));
        assert!(order.is_le(), "{}\nbefore {}", why(&pair[0]), why(&pair[1]));
        counts[standing(before)] += 1;
        // The same quarter of an hour: the platform's deadline goes first.
        let tie = order.is_eq() && standing(before) == 2;
        let by_platform =
            |of: &wire::TriageEntry| of.timer.as_ref().is_some_and(|t| t.source() == wire::TimerSource::Platform);
        assert!(!tie || by_platform(before) || !by_platform(after), "{}\nbefore {}", why(&pair[0]), why(&pair[1]));
        let asks = |timer: &wire::Timer| timer.source() == wire::TimerSource::Platform || !timer.steps.is_empty();
        assert!(before.timer.as_ref().is_none_or(asks), "{} asks nothing", why(&pair[0]));
    }
    assert!(counts.iter().all(|count| *count > 3), "too one-sided a queue to mean much: {counts:?}");
    positions.sort_unstable();
    assert!(positions.iter().copied().eq(0..1_000), "every case once");
}

#[tokio::test]
async fn at_about_the_same_time_the_platform_then_the_angrier_then_the_vip_comes_first() {
    let bundle = support::shipped();
    let open = |minutes: u32, customer: &str| {
        case(
            &bundle,
            &format!(
                "as_of: 2026-11-22T15:00:00+08:00\nactor: agent\ncase:\n  order: {{ status: paid, made_to_order: false, \
                 paid_at: 2026-11-21T15:{minutes:02}:00+08:00 }}\n  outbound.status: not_sent\n{customer}"
            ),
        )
    };
    let dispute = "  dispute: { status: awaiting_seller, opened_at: 2026-11-20T15:00:00+08:00, \
                   due_at: 2026-11-22T15:29:00+08:00 }\n";
    let items = vec![
        ("a quarter later, threatening", open(31, "  customer.words: [投诉你们]\n")),
        ("nobody", open(16, "")),
        ("vip", open(20, "  customer.tier: vip\n")),
        ("escalated", open(22, "  helpdesk.escalated: true\n")),
        ("threatening", open(29, "  customer.words: [投诉你们]\n")),
        (
            "a dispute due then",
            case(&bundle, &format!("as_of: 2026-11-22T15:00:00+08:00\nactor: agent\ncase:\n{dispute}")),
        ),
        ("a quarter earlier", open(14, "")),
    ];
    let items = items.into_iter().map(|(key, case)| (key.to_owned(), case)).collect();
    let answer = triage(bundle, items).await;
    let keys: Vec<&str> = answer.cases.iter().map(|placed| &*placed.key).collect();
    assert_eq!(
        keys,
        [
            "a quarter earlier",
            "a dispute due then",
            "threatening",
            "escalated",
            "vip",
            "nobody",
            "a quarter later, threatening"
        ]
    );
}

#[tokio::test]
async fn a_window_of_the_customers_leads_no_queue() {
    let bundle = support::shipped();
    let head = "as_of: 2026-11-22T15:00:00+08:00\nactor: agent\ncase:\n";
    let window =
        case(&bundle, &format!("{head}  order.signed_at: 2026-11-15T15:10:00+08:00\n  issue.class: other.general\n"));
    let items = vec![
        ("window ends in minutes".to_owned(), window),
        ("due tonight".to_owned(), applied(&bundle, "2026-11-20T23:00:00+08:00")),
    ];
    let answer = triage(bundle, items).await;
    assert_eq!(answer.cases[0].key, "due tonight");
    assert!(entry(&answer.cases[1]).timer.is_none());
}
