//! What is recorded, how it is found and given again, and what happens while it can't be.

use std::fs;
use std::time::Duration;

use redress::rpc::proto::redress::v1 as wire;
use serde_json::Value;
use tonic::Code;
use tonic_types::StatusExt as _;

use super::server::{Server, authorize, decide, runtime};
use super::{log, notes, redress, run};

fn ask(server: &Server, orders: &[&str]) {
    runtime().block_on(async {
        let mut client = server.client().await;
        for order in orders {
            client.authorize(authorize(order, "300")).await.unwrap();
        }
    });
}

#[test]
fn answers_of_every_call_are_found_and_given_again_byte_for_byte() {
    let root = tempfile::tempdir().unwrap();
    let (directory, policies) = (root.path().join("log"), root.path().join("policies"));
    let (log_path, policies_path) = (directory.to_str().unwrap(), policies.to_str().unwrap());
    assert!(run(&["init", policies_path]).status.success());
    let server = Server::start(&directory, &["--policies", policies_path]);
    runtime().block_on(async {
        let mut client = server.client().await;
        client.authorize(authorize("T1", "300")).await.unwrap();
        client.authorize(authorize("T2", "500")).await.unwrap();
        client.decide(decide("T3")).await.unwrap();
        let requests = vec![authorize("T4", "1"), wire::AuthorizeRequest::default(), authorize("T5", "2")];
        client.batch_authorize(wire::BatchAuthorizeRequest { requests }).await.unwrap();
        let requests = vec![decide("T6"), wire::DecideRequest { locale: "en".into(), ..decide("T7") }];
        client.batch_decide(wire::BatchDecideRequest { requests }).await.unwrap();
        let refused = client.authorize(wire::AuthorizeRequest::default()).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "and no answer, hence no record");
    });
    // Other policies from here on: the answers before are given again by those that gave them.
    let before = server.digest();
    let file = policies.join("parameters/compensation.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("value: 50", "value: 40", 1)).unwrap();
    for _ in 0..400 {
        if server.digest() != before {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    ask(&server, &["T8"]);
    server.stop();

    let (code, said) = log(&["replay", log_path]);
    assert_eq!((code, said.as_str()), (Some(0), "8 answers were given again byte for byte, 0 were not\n"));
    let bundles = fs::read_dir(directory.join("bundles")).unwrap().count();
    assert_eq!(bundles, 2, "the policies did not change");
    fs::remove_dir_all(directory.join("bundles")).unwrap();
    let (code, said) = log(&["replay", log_path, "--policies", policies_path]);
    assert_eq!(code, Some(1));
    assert!(said.contains("is neither kept beside the log") && said.contains("\n1 answers were given again"), "{said}");

    for (filter, found) in [
        (&["--order", "T3"][..], 1),
        (&["--agent", "a17"], 8),
        (&["--agent", "a18"], 0),
        (&["--effect", "allow"], 4),
        (&["--effect", "NEEDS_APPROVAL"], 1),
        (&["--rule", "authority.compensation"], 5),
        (&["--rule", "authority.comp"], 0),
        (&["--since", "2020-01-01T00:00:00Z"], 8),
        (&["--until", "2020-01-01T00:00:00Z"], 0),
        (&["--order", "T1", "--effect", "deny"], 0),
    ] {
        let (code, said) = log(&[&["query", log_path, "--json"], filter].concat());
        assert_eq!(said.lines().count(), found, "{filter:?}: {said}");
        assert_eq!(code, Some(i32::from(found == 0)), "{filter:?}");
    }
    let (_, said) = log(&["query", log_path]);
    let row = said.lines().nth(2).unwrap();
    for cell in ["T2", "a17", "agent", "compensate 500.00 CNY", "NEEDS_APPROVAL"] {
        assert!(row.contains(cell), "{said}");
    }
}

#[test]
fn personal_facts_are_not_in_the_record_and_their_tokens_only_with_a_key() {
    let root = tempfile::tempdir().unwrap();
    let key = root.path().join("token.key");
    fs::write(&key, "0123456789abcdef0123456789abcdef\n").unwrap();
    for (name, arguments, hashed) in
        [("without", &[][..], false), ("with", &["--log-token-key", key.to_str().unwrap()][..], true)]
    {
        let directory = root.path().join(name);
        let server = Server::start(&directory, arguments);
        ask(&server, &["T1", "T2"]);
        server.stop();
        let (_, said) = log(&["query", directory.to_str().unwrap(), "--json"]);
        let records: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(!said.contains("my secret note") && !said.contains("tb_secret"));
        let customers: Vec<_> = records.iter().map(|record| &record["question"]["case"]["customer"]).collect();
        assert_eq!(customers[0]["words"][0], "不给退就１２３１５见", "a rule reads it");
        let token = customers[0]["id"].as_str().unwrap_or_default();
        assert_eq!(token.starts_with("hash:"), hashed, "{said}");
        assert_eq!(customers[0]["id"], customers[1]["id"], "the same customer has the same token");
        let how = if hashed { "hash" } else { "drop" };
        let withheld = &records[0]["withheld"];
        assert_eq!(
            *withheld,
            serde_json::json!([{ "path": "customer.id", "as": how }, { "path": "request.note", "as": "drop" }])
        );
        assert_eq!(log(&["replay", directory.to_str().unwrap()]).0, Some(0));
    }
}

#[test]
fn without_a_place_to_record_there_is_no_answer_and_with_it_there_is_again() {
    let root = tempfile::tempdir().unwrap();
    let (directory, away) = (root.path().join("log"), root.path().join("away"));
    let server = Server::start(&directory, &[]);
    ask(&server, &["T1"]);
    fs::rename(&directory, &away).unwrap();
    runtime().block_on(async {
        let mut client = server.client().await;
        let refused = client.authorize(wire::AuthorizeRequest { locale: "en".into(), ..authorize("T2", "1") }).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable);
        assert!(refused.message().contains("the directory of the decision log, or a file in it, is gone"), "{refused}");
        let details = refused.get_error_details();
        assert_eq!(details.error_info().unwrap().reason, "DECISION_LOG_UNAVAILABLE");
        assert!(details.retry_info().unwrap().retry_delay.is_some());
        assert_eq!(client.decide(decide("T2")).await.unwrap_err().code(), Code::Unavailable);
        assert_eq!(serving(&server).await, 2, "not serving");

        fs::rename(&away, &directory).unwrap();
        let mut answered = client.authorize(authorize("T3", "1")).await;
        for _ in 0..100 {
            if answered.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            answered = client.authorize(authorize("T3", "1")).await;
        }
        answered.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(serving(&server).await, 1, "serving");
    });
    server.stop();
    let path = directory.to_str().unwrap();
    assert_eq!(log(&["verify", path]).0, Some(0));
    let (_, said) = log(&["query", path]);
    // Not `T2` alone: that is in every time from eight in the evening on.
    assert!(said.contains(" T1 ") && !said.contains(" T2 ") && said.contains(" T3 "), "{said}");
}

/// What the health service says.
async fn serving(server: &Server) -> i32 {
    let channel = tonic::transport::Channel::from_shared(server.url.clone()).unwrap().connect().await.unwrap();
    let mut client = tonic_health::pb::health_client::HealthClient::new(channel);
    let asked = tonic_health::pb::HealthCheckRequest { service: String::new() };
    client.check(asked).await.unwrap().into_inner().status
}

#[test]
fn two_services_don_t_write_one_log() {
    let root = tempfile::tempdir().unwrap();
    let server = Server::start(root.path(), &[]);
    let second = run(&["serve", "--listen", "127.0.0.1:0", "--log", root.path().to_str().unwrap()]);
    assert_eq!(second.status.code(), Some(3));
    assert!(notes(&second).contains("another service writes to"), "{}", notes(&second));
    server.kill();
    Server::start(root.path(), &[]).stop();
}

#[test]
fn segments_that_are_closed_are_packed_and_read_all_the_same() {
    let root = tempfile::tempdir().unwrap();
    let server = Server::start(root.path(), &["--log-segment-age", "1s", "--log-calls", "authorize"]);
    for order in ["T1", "T2", "T3"] {
        ask(&server, &[order]);
        runtime().block_on(async { server.client().await.decide(decide("T9")).await.unwrap() });
        std::thread::sleep(Duration::from_millis(1_050));
    }
    server.stop();
    assert!(root.path().join("segment-00000001.jsonl.gz").exists());
    assert!(!root.path().join("segment-00000001.jsonl").exists());
    let path = root.path().to_str().unwrap();
    let (code, said) = log(&["verify", path]);
    assert!(code == Some(0) && said.contains(" 3 answers"), "decisions are not recorded if that is not wanted: {said}");
    assert_eq!(log(&["replay", path]).0, Some(0));
    fs::remove_file(root.path().join("segment-00000002.jsonl.gz")).unwrap();
    let (code, said) = log(&["verify", path]);
    assert!(code == Some(1) && said.contains("segment 2 is missing"), "{said}");
}

#[test]
fn the_form_of_messages_is_not_taken_for_a_directory() {
    let root = tempfile::tempdir().unwrap();
    let output = redress(&["serve", "--log", "json"]).current_dir(root.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(notes(&output).contains("--log-format json"), "{}", notes(&output));
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}
