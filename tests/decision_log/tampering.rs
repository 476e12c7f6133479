//! Whoever changes the files of a log is found out.

use std::fs;
use std::path::{Path, PathBuf};

use super::server::{Server, authorize, runtime};
use super::{log, notes, run};

/// A log of a few answers with its checkpoints, kept by the real program and ended in good order.
struct Kept {
    root: tempfile::TempDir,
}

impl Kept {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let kept = Self { root };
        let key = kept.path("log.key");
        assert_eq!(log(&["key", &key]).0, Some(0));
        let server = kept.serve();
        runtime().block_on(async {
            let mut client = server.client().await;
            for number in 0..6 {
                client.authorize(authorize(&format!("T{number}"), "100")).await.unwrap();
            }
        });
        server.stop();
        kept
    }

    fn serve(&self) -> Server {
        let (checkpoints, key) = (self.path("checkpoints"), self.path("log.key"));
        let arguments = ["--log-checkpoints", &checkpoints, "--log-signing-key", &key];
        Server::start(&self.root.path().join("log"), &arguments)
    }

    fn path(&self, name: &str) -> String {
        self.root.path().join(name).to_str().unwrap().to_owned()
    }

    fn segment(&self) -> PathBuf {
        self.root.path().join("log/segment-00000001.jsonl")
    }

    fn lines(&self) -> Vec<String> {
        fs::read_to_string(self.segment()).unwrap().lines().map(str::to_owned).collect()
    }

    fn write(&self, lines: &[String]) {
        fs::write(self.segment(), lines.join("\n") + "\n").unwrap();
    }

    fn verify(&self) -> (Option<i32>, String) {
        log(&["verify", &self.path("log")])
    }

    fn verify_with_checkpoints(&self) -> (Option<i32>, String) {
        let (checkpoints, key) = (self.path("checkpoints"), self.path("log.key.pub"));
        log(&["verify", &self.path("log"), "--checkpoints", &checkpoints, "--key", &key])
    }
}

#[test]
fn a_log_that_nobody_touched_is_sound() {
    let kept = Kept::new();
    let (code, said) = kept.verify();
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("9 entries, 6 answers, 0 checkpoints") && said.contains("whether the end was cut off"),
        "{said}"
    );
    let (code, said) = kept.verify_with_checkpoints();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.ends_with("no flaw found\n") && !said.contains(" 0 checkpoints"), "{said}");
}

#[test]
fn whatever_is_done_to_it_is_named_by_file_and_line() {
    type Tamper = fn(&mut Vec<String>);
    let cases: [(Tamper, &str); 5] = [
        (|lines| lines[4] = lines[4].replace("compensate", "compensatE"), "segment-00000001.jsonl:5: this line"),
        (|lines| drop(lines.remove(4)), "segment-00000001.jsonl:5: entries 5 to 5 are missing"),
        (|lines| lines.swap(4, 5), "segment-00000001.jsonl:6: entries 5 to 5 are out of their place"),
        (|lines| lines.insert(6, lines[4].clone()), "segment-00000001.jsonl:7: there is a second entry 5"),
        (|lines| lines[3].clear(), "segment-00000001.jsonl:4: this line is no entry"),
    ];
    let kept = Kept::new();
    let sound = kept.lines();
    for (tamper, named) in cases {
        let mut lines = sound.clone();
        tamper(&mut lines);
        kept.write(&lines);
        let (code, said) = kept.verify();
        assert_eq!(code, Some(1), "{named}");
        assert!(said.starts_with(named) && said.ends_with("1 flaws found\n"), "{named}: {said}");
    }
}

#[test]
fn a_cut_end_is_named_by_checkpoints_and_the_service_does_not_go_on_from_there() {
    let kept = Kept::new();
    let lines = kept.lines();
    kept.write(&lines[..6]);
    assert_eq!(kept.verify().0, Some(0), "nobody can tell without a checkpoint");
    let (code, said) = kept.verify_with_checkpoints();
    assert_eq!(code, Some(1));
    assert!(said.starts_with("segment-00000001.jsonl:6: at least entries 7 to 9 are missing"), "{said}");
    let (checkpoints, key) = (kept.path("checkpoints"), kept.path("log.key"));
    let (directory, listen) = (kept.path("log"), "127.0.0.1:0");
    let output = run(&[
        "serve",
        "--listen",
        listen,
        "--log",
        &directory,
        "--log-checkpoints",
        &checkpoints,
        "--log-signing-key",
        &key,
    ]);
    assert_eq!(output.status.code(), Some(3));
    assert!(notes(&output).contains("the decision log ends at entry 6"), "{}", notes(&output));
}

#[test]
fn checkpoints_that_the_key_did_not_sign_are_named() {
    let kept = Kept::new();
    let file = Path::new(&kept.path("checkpoints")).join("checkpoints.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("\"seq\":", "\"seq\":1", 1)).unwrap();
    let (code, said) = kept.verify_with_checkpoints();
    assert_eq!(code, Some(1));
    assert!(said.starts_with("checkpoints.jsonl:1: the key did not sign this checkpoint"), "{said}");
}

#[test]
fn a_torn_end_is_put_aside_and_told_and_the_log_goes_on() {
    let kept = Kept::new();
    let mut text = fs::read(kept.segment()).unwrap();
    let whole = text.len();
    text.extend_from_slice(b"{\"kind\":\"answer\",\"id\":\"01");
    fs::write(kept.segment(), text).unwrap();
    let (code, said) = kept.verify();
    assert!(code == Some(0) && said.contains("has 25 bytes of an unfinished entry"), "{said}");
    kept.serve().stop();
    let (code, said) = kept.verify_with_checkpoints();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("25 bytes with 0 whole entries were put aside"), "{said}");
    let aside = Path::new(&kept.path("log")).join(format!("torn-00000001-{whole}.bin"));
    assert_eq!(fs::read(aside).unwrap(), b"{\"kind\":\"answer\",\"id\":\"01");
}
