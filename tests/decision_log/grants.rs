//! A grant leaves a trace in the log, and is not in it; where its answer can't be recorded there is none.

use std::fs;
use std::path::Path;
use std::time::Duration;

use redress::rpc::proto::redress::v1 as wire;
use redress::signing::generate;
use serde_json::Value;
use tonic::Code;

use super::server::{Server, authorize, runtime};
use super::{log, run};

/// An action that is carried out, for a case that a grant can be bound to.
fn wanting(order: &str, amount: &str) -> wire::AuthorizeRequest {
    let mut request = wire::AuthorizeRequest { grant: true, ..authorize(order, amount) };
    let case = request.case.get_or_insert_default();
    (case.id, case.version) = (Some(format!("C-{order}")), Some("7".into()));
    request.action.get_or_insert_default().executing = Some(true);
    // The shipped policies ask for it when money is given at discretion.
    request.action.get_or_insert_default().reason = Some("stained".into());
    request
}

/// Every byte of a log that is not packed.
fn bytes(directory: &Path) -> String {
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.is_file())
        .map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned())
        .collect()
}

#[test]
fn what_is_kept_of_a_grant_pays_nobody_and_its_answer_is_given_again() {
    let root = tempfile::tempdir().unwrap();
    let (directory, policies) = (root.path().join("log"), root.path().join("policies"));
    let (log_path, policies_path) = (directory.to_str().unwrap(), policies.to_str().unwrap());
    assert!(run(&["init", policies_path]).status.success());
    // Even where what a grant is bound to is not recorded, which no rule may read then.
    for duties in fs::read_dir(policies.join("duties")).unwrap() {
        let path = duties.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let kept: Vec<&str> = text.lines().filter(|line| !line.ends_with(": actor.id")).collect();
        fs::write(&path, kept.join("\n") + "\n").unwrap();
    }
    let manifest = policies.join("bundle.yaml");
    let text = fs::read_to_string(&manifest).unwrap();
    let private = "privacy:\n  - { fact: actor.id, record: drop }\n";
    fs::write(&manifest, text.replacen("privacy:\n", private, 1)).unwrap();
    let key = root.path().join("grants.key");
    fs::write(&key, generate().unwrap().0).unwrap();
    let server = Server::start(&directory, &["--policies", policies_path, "--grant-key", key.to_str().unwrap()]);
    let (granted, others) = runtime().block_on(async {
        let mut client = server.client().await;
        let one = client.authorize(wanting("T1", "300")).await.unwrap().into_inner().authorization.unwrap();
        let requests = vec![wanting("T2", "300"), wanting("T3", "500"), authorize("T4", "300")];
        let batch = client.batch_authorize(wire::BatchAuthorizeRequest { requests }).await.unwrap().into_inner();
        let answers = batch.results.into_iter().map(|result| match result.result.unwrap() {
            wire::batch_authorize_result::Result::Authorization(answer) => answer,
            wire::batch_authorize_result::Result::Problem(problem) => panic!("{problem:?}"),
        });
        [one].into_iter().chain(answers).partition::<Vec<_>, _>(|answer| answer.grant.is_some())
    });
    server.stop();
    assert_eq!((granted.len(), others.len()), (2, 2), "{others:#?}");

    let kept = bytes(&directory);
    let (_, said) = log(&["query", log_path, "--json"]);
    for answer in &granted {
        let grant = answer.grant.as_ref().unwrap();
        for part in grant.token.split('.').skip(1) {
            assert!(!kept.contains(part) && !said.contains(part), "{part} is in the log");
        }
        let record = said.lines().find(|line| line.contains(&answer.decision_id)).unwrap();
        let record: Value = serde_json::from_str(record).unwrap();
        assert_eq!(record["grant"]["key"], Value::from(grant.key_id.as_str()));
        let until = chrono::DateTime::parse_from_rfc3339(record["grant"]["expires_at"].as_str().unwrap()).unwrap();
        assert_eq!(until.timestamp(), grant.expires_at.unwrap().seconds);
    }
    for answer in &others {
        let record = said.lines().find(|line| line.contains(&answer.decision_id)).unwrap();
        assert!(!record.contains("\"expires_at\""), "{record}");
    }
    assert!(!kept.contains("\"a17\""), "it was declared personal");
    assert_eq!(log(&["verify", log_path]).0, Some(0));
    let (code, said) = log(&["replay", log_path]);
    assert_eq!((code, said.as_str()), (Some(0), "4 answers were given again byte for byte, 0 were not\n"));
}

#[test]
fn without_a_record_there_is_no_grant() {
    let root = tempfile::tempdir().unwrap();
    let (directory, away) = (root.path().join("log"), root.path().join("away"));
    let key = root.path().join("grants.key");
    fs::write(&key, generate().unwrap().0).unwrap();
    let server = Server::start(&directory, &["--grant-key", key.to_str().unwrap()]);
    runtime().block_on(async {
        let mut client = server.client().await;
        let granted = client.authorize(wanting("T1", "300")).await.unwrap().into_inner();
        assert!(granted.authorization.unwrap().grant.is_some());
        fs::rename(&directory, &away).unwrap();
        for _ in 0..3 {
            assert_eq!(client.authorize(wanting("T2", "300")).await.unwrap_err().code(), Code::Unavailable);
            let requests = vec![wanting("T2", "300")];
            let batch = client.batch_authorize(wire::BatchAuthorizeRequest { requests }).await;
            assert_eq!(batch.unwrap_err().code(), Code::Unavailable);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        fs::rename(&away, &directory).unwrap();
    });
    server.kill();
    assert!(!bytes(&directory).contains("C-T2"));
}
