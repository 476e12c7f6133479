//! TI-7: the queue is worked in the order of what times out first.

mod support;

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
    let items = items.into_iter().map(|(key, case)| wire::TriageItem { key: key.into(), case: Some(case) });
    let as_of = pbjson_types::Timestamp { seconds: 1_795_330_800, nanos: 0 };
    let request = wire::TriageRequest {
        items: items.collect(),
        actor: Some(wire::Actor { role: Some("agent".into()), ..wire::Actor::default() }),
        as_of: Some(as_of),
        locale: "en".into(),
    };
    let live = std::sync::Arc::new(redress::live::Live::new(bundle));
    let service = redress::rpc::decision_service::Decisions::new(live, redress::rpc::caller::Callers::Anyone);
    let answer = service.triage(Request::new(request)).await.unwrap().into_inner();
    let keys: Vec<&str> = answer.cases.iter().map(|placed| &*placed.key).collect();
    assert_eq!(keys, ["overdue", "soon", "first of two", "second of two", "late", "no deadline"]);
    let entry = |at: usize| match answer.cases[at].result.as_ref().unwrap() {
        Placed::Entry(entry) => entry,
        Placed::Problem(problem) => panic!("{problem:?}"),
    };
    assert_eq!(entry(0).timer.as_ref().unwrap().state(), wire::TimerState::Overdue);
    assert_eq!(entry(1).timer.as_ref().unwrap().state(), wire::TimerState::Running);
    assert_eq!(entry(0).next_step.as_ref().unwrap().id, "settle", "what an overdue one still needs");
    assert!(entry(5).timer.is_none() && entry(5).due_at.is_none());
}
