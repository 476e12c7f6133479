//! The program is killed under load, again and again: no answer that was given is lost, and none is made up.
//!
//! A few times by default; `REDRESS_KILLS=200` for the full run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use redress::journal::reading::Log;

use super::server::{Server, authorize, runtime};

const CONNECTIONS: usize = 4;
const CALLS_EACH: usize = 16;

#[derive(Default)]
struct Told {
    /// Orders that were asked about.
    asked: Mutex<BTreeSet<String>>,
    /// Answers that came, with their orders.
    answered: Mutex<BTreeMap<String, String>>,
    next: AtomicUsize,
}

#[test]
fn an_answer_that_was_given_outlives_the_program() {
    let kills: u64 = std::env::var("REDRESS_KILLS").ok().map_or(4, |kills| kills.parse().unwrap());
    let root = tempfile::tempdir().unwrap();
    let log = root.path().join("log");
    let told = Arc::new(Told::default());
    for round in 0..kills {
        let server = Server::start(&log, &["--log-segment-mib", "1"]);
        runtime().block_on(async {
            for _ in 0..CONNECTIONS {
                let client = server.client().await;
                for _ in 0..CALLS_EACH {
                    tokio::spawn(call(client.clone(), Arc::clone(&told)));
                }
            }
            // Not always at the same place of what goes on.
            tokio::time::sleep(Duration::from_millis(250 + round * 37 % 250)).await;
            server.kill();
            tokio::time::sleep(Duration::from_millis(20)).await;
        });
    }
    Server::start(&log, &[]).stop();

    let (asked, answered) = (told.asked.lock().unwrap(), told.answered.lock().unwrap());
    let read = Log::open(&log).unwrap();
    let mut recorded = BTreeMap::new();
    read.answers(|_, _, answer| {
        let shown: serde_json::Value = serde_json::from_str(answer.shown.get()).unwrap();
        let order = shown["order"].as_str().unwrap().to_owned();
        assert!(asked.contains(&order), "nobody asked about `{order}`");
        assert!(recorded.insert(answer.id, order).is_none(), "an answer is recorded twice");
        true
    })
    .unwrap();
    for (id, order) in answered.iter() {
        assert_eq!(recorded.get(id), Some(order), "an answer that was given is lost");
    }
    let report = read.verify(&[], None).unwrap();
    assert_eq!(report.findings, []);
    assert!(answered.len() as u64 > kills * 20, "{} answers are no load", answered.len());
    let (given, more, torn) = (answered.len(), recorded.len() - answered.len(), report.notes.len());
    println!("{kills} kills, {given} answers given, all recorded; {more} more recorded; {torn} torn ends put aside");
}

type Client =
    redress::rpc::proto::redress::v1::decision_service_client::DecisionServiceClient<tonic::transport::Channel>;

async fn call(mut client: Client, told: Arc<Told>) {
    loop {
        let order = format!("T{}", told.next.fetch_add(1, Ordering::Relaxed));
        told.asked.lock().unwrap().insert(order.clone());
        let Ok(answer) = client.authorize(authorize(&order, "100")).await else { return };
        let id = answer.into_inner().authorization.unwrap().decision_id;
        told.answered.lock().unwrap().insert(id, order);
    }
}
