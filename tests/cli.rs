//! The program as people run it: what it prints, where, in which language, and how it ends.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

const COMMANDS: [&str; 13] = [
    "serve",
    "check",
    "test",
    "rules",
    "decide",
    "authorize",
    "schema",
    "init",
    "healthcheck",
    "log",
    "grant",
    "completions",
    "version",
];

/// The program, in English and without any colour the environment may ask for.
fn redress(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(arguments).env_clear().env("LANG", "en_US.UTF-8").stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    redress(arguments).output().unwrap()
}

fn out(output: &Output) -> &str {
    str::from_utf8(&output.stdout).unwrap()
}

fn notes(output: &Output) -> &str {
    str::from_utf8(&output.stderr).unwrap()
}

/// A directory with the shipped policies, written by the program.
fn initialised() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let output = run(&["init", path(root.path())]);
    assert_eq!(output.status.code(), Some(0), "{}", notes(&output));
    root
}

/// The same with a slip in one file.
fn broken() -> tempfile::TempDir {
    let root = initialised();
    let file = root.path().join("authority/compensation.yaml");
    let text = fs::read_to_string(&file).unwrap().replacen("order.amount", "order.amout", 1);
    fs::write(&file, text).unwrap();
    root
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn help_fits_a_narrow_terminal_and_tells_the_exit_codes() {
    let mut pages = vec![vec!["--help"], vec!["-h"]];
    pages.extend(COMMANDS.map(|command| vec![command, "--help"]));
    for page in pages {
        let output = run(&page);
        assert_eq!(output.status.code(), Some(0), "{page:?}");
        let wide: Vec<&str> = out(&output).lines().filter(|line| line.width() > 80).collect();
        assert!(wide.is_empty(), "{page:?}: {wide:#?}");
    }
    let help = run(&["--help"]);
    for command in COMMANDS {
        assert!(out(&help).contains(&format!("\n  {command} ")), "{command}");
    }
    assert!(out(&help).contains("Exit codes:\n  0 "));
}

#[test]
fn what_is_not_understood_ends_with_2() {
    for arguments in [&["chek"][..], &[], &["check", "--nope"], &["serve", "--drain", "soon"], &["schema", "grants"]] {
        assert_eq!(run(arguments).status.code(), Some(2), "{arguments:?}");
    }
    assert!(notes(&run(&["chek"])).contains("'check'"), "the slip is mended");
}

#[test]
fn sound_policies_are_counted_and_named_by_their_digest() {
    let root = initialised();
    let (own, shipped) = (run(&["check", path(root.path())]), run(&["check"]));
    for output in [&own, &shipped] {
        assert_eq!(output.status.code(), Some(0));
        assert!(out(output).contains("no problems") && out(output).contains("blake3:"), "{}", out(output));
    }
    let digest = |output: &Output| out(output).lines().last().unwrap().to_owned();
    assert_eq!(digest(&own), digest(&shipped), "what is written is what is built in");
    assert!(out(&run(&["version"])).contains(&digest(&own)));
}

#[test]
fn a_slip_is_drawn_in_the_reader_s_language_and_ends_with_1() {
    let root = broken();
    let english = run(&["check", path(root.path())]);
    assert_eq!(english.status.code(), Some(1));
    assert!(out(&english).contains("order.amout") && out(&english).contains("did you mean"), "{}", out(&english));
    assert!(out(&english).contains(" --> authority/compensation.yaml:"), "{}", out(&english));

    let chinese = redress(&["check", path(root.path())]).env("LANG", "zh_CN.UTF-8").output().unwrap();
    assert!(out(&chinese).contains("错误[E") && out(&chinese).contains("个错误"), "{}", out(&chinese));
    let asked = run(&["check", path(root.path()), "--locale", "zh-CN"]);
    assert_eq!(out(&asked), out(&chinese));
}

#[test]
fn a_slip_is_one_line_for_lists_and_an_object_for_programs() {
    let root = broken();
    let short = run(&["check", path(root.path()), "--short"]);
    assert_eq!(short.status.code(), Some(1));
    assert!(out(&short).starts_with("authority/compensation.yaml:"), "{}", out(&short));

    let json = run(&["check", path(root.path()), "--json"]);
    assert_eq!(json.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&report["ok"], &report["bundle"]), (&Value::Bool(false), &Value::Null));
    let first = &report["diagnostics"][0];
    assert_eq!(first["file"], "authority/compensation.yaml");
    assert!(first["line"].is_u64() && first["message"]["zh"].is_string() && first["message"]["en"].is_string());

    let sound: Value = serde_json::from_slice(&run(&["check", "--json"]).stdout).unwrap();
    assert_eq!(sound["ok"], true);
    assert!(sound["bundle"]["rules"].as_u64() > Some(0), "{sound}");
}

#[test]
fn a_directory_that_is_not_there_ends_with_3_and_a_misnamed_file_is_told() {
    let root = initialised();
    let nowhere = root.path().join("nowhere");
    let output = run(&["check", path(&nowhere)]);
    assert_eq!(output.status.code(), Some(3));
    assert!(out(&output).contains("it is not there"), "{}", out(&output));

    fs::rename(root.path().join("timers/shipping.yaml"), root.path().join("timers/shipping.ymal")).unwrap();
    let output = run(&["check", path(root.path())]);
    assert!(notes(&output).contains("not read: `timers/shipping.ymal`"), "{}", notes(&output));
}

#[test]
fn colours_come_out_where_they_are_wanted_alone() {
    let root = broken();
    let escapes = |arguments: &[&str]| run(arguments).stdout.contains(&b'\x1b');
    assert!(!escapes(&["check", path(root.path())]), "piped");
    assert!(!escapes(&["check", path(root.path()), "--color", "never"]));
    assert!(escapes(&["check", path(root.path()), "--color", "always"]));
}

#[test]
fn init_leaves_what_is_there() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("mine.yaml"), "mine").unwrap();
    let output = run(&["init", path(root.path())]);
    assert_eq!(output.status.code(), Some(3));
    assert!(notes(&output).contains("is not empty"), "{}", notes(&output));
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
}

#[test]
fn schemas_are_written_as_they_are_printed() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(run(&["schema", "--out", path(root.path())]).status.code(), Some(0));
    for name in ["policy", "suite", "authority"] {
        let printed = run(&["schema", name]);
        assert_eq!(fs::read(root.path().join(format!("{name}.json"))).unwrap(), printed.stdout);
        let schema: Value = serde_json::from_slice(&printed.stdout).unwrap();
        assert!(schema["$defs"].is_object());
    }
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/.schema");
    assert_eq!(fs::read_dir(shipped).unwrap().count(), fs::read_dir(root.path()).unwrap().count());
}

#[test]
fn every_shell_is_given_its_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(&["completions", shell]);
        assert!(output.status.success() && out(&output).contains("check"), "{shell}");
    }
}

#[test]
fn output_that_nobody_reads_to_the_end_is_no_failure() {
    let mut child = redress(&["schema", "policy"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), notes(&output)), (Some(0), ""));
}

/// A server, stopped when dropped.
struct Server {
    child: Child,
    log: BufReader<std::process::ChildStderr>,
    address: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let common = ["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--threads", "1"];
        let mut child = redress(&[&common, arguments].concat()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let serving = entry(&mut log, |entry| entry["message"] == "serving");
        let address = serving["address"].as_str().unwrap().to_owned();
        Self { child, log, address }
    }

    /// Asks over plain HTTP, as a browser would.
    fn bundle(&self) -> Value {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let host = &self.address;
        write!(stream, "GET /v1/bundle HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let (from, to) = (body.find('{').unwrap(), body.rfind('}').unwrap());
        serde_json::from_str::<Value>(&body[from..=to]).unwrap()["bundle"].clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The next entry of a log that is wanted.
fn entry(log: &mut impl std::io::BufRead, wanted: impl Fn(&Value) -> bool) -> Value {
    for line in log.lines() {
        let entry: Value = serde_json::from_str(&line.unwrap()).unwrap();
        if wanted(&entry) {
            return entry;
        }
    }
    panic!("the log ended");
}

#[test]
fn a_served_directory_is_followed_and_its_problems_are_logged_once() {
    let root = initialised();
    let mut server = Server::start(&["--policies", path(root.path())]);
    let first = server.bundle();
    assert_eq!(first["origin"], path(root.path()));

    let file = root.path().join("authority/compensation.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("order.amount", "order.amout", 1)).unwrap();
    let problem = entry(&mut server.log, |entry| entry["level"] == "ERROR");
    assert!(problem["message"].as_str().unwrap().starts_with("authority/compensation.yaml:"), "{problem}");
    entry(&mut server.log, |entry| entry["problems"].is_u64());
    let refused = server.bundle();
    assert_eq!(refused["digest"], first["digest"]);
    assert!(!refused["reloadError"]["diagnostics"].as_array().unwrap().is_empty(), "{refused}");

    fs::write(&file, format!("{text}\n# mended\n")).unwrap();
    let live =
        entry(&mut server.log, |entry| entry["message"] == "changed policies are live" || entry["level"] == "ERROR");
    let now = server.bundle();
    assert_eq!(live["digest"], now["digest"], "{live}");
    assert_ne!(now["digest"], first["digest"]);
    assert_eq!(now["reloadError"], Value::Null);
}

#[cfg(unix)]
#[test]
fn a_server_that_is_told_to_stop_ends_well() {
    let mut server = Server::start(&[]);
    assert_eq!(server.bundle()["origin"], "built-in");
    let told = Command::new("kill").args(["-TERM", &server.child.id().to_string()]).status().unwrap();
    assert!(told.success());
    entry(&mut server.log, |entry| entry["message"] == "stopped");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_server_is_asked_over_tls_with_whatever_shows_who_asks() {
    let home = tempfile::tempdir().unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let mut ours = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    ours.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let certificate = ours.self_signed(&key).unwrap();
    let issuer = rcgen::Issuer::new(ours, key);
    let pair = |name: &str| {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        let files = [home.path().join(format!("{name}.pem")), home.path().join(format!("{name}.key"))];
        fs::write(&files[0], params.signed_by(&key, &issuer).unwrap().pem()).unwrap();
        fs::write(&files[1], key.serialize_pem()).unwrap();
        files.map(|file| path(&file).to_owned())
    };
    let ca = home.path().join("ca.pem");
    fs::write(&ca, certificate.pem()).unwrap();
    let case = home.path().join("case.yaml");
    fs::write(&case, "actor: agent\ncase: { order: { amount: 100.00 } }\n").unwrap();
    let ([cert, key], [helpdesk, secret]) = (pair("localhost"), pair("helpdesk"));
    let (ca, case) = (path(&ca), path(&case));
    let files = ["--tls-cert", &cert, "--tls-key", &key, "--client-ca", ca];
    let server = Server::start(&[&files[..], &["--trust-roles-from", "certificate:helpdesk"]].concat());
    let url = server.address.replace("127.0.0.1", "https://localhost");
    let shown = ["--ca", ca, "--cert", &helpdesk, "--key", &secret];
    for (shown, answered) in [(&shown[..], true), (&shown[..2], false), (&[], false), (&shown[2..], false)] {
        let output = run(&[&["decide", case, "--server", &url], shown].concat());
        assert_eq!(output.status.code(), Some(if answered { 0 } else { 3 }), "{shown:?}: {}", notes(&output));
        assert_eq!(out(&output).contains("handled by"), answered, "{}", out(&output));
    }
    let plain = url.replace("https", "http");
    assert!(notes(&run(&["decide", case, "--server", &plain, "--ca", ca])).contains("without TLS"));
}

#[cfg(unix)]
#[test]
fn a_server_reloads_when_told_and_tells_how_it_is() {
    let root = initialised();
    let socket = root.path().join("manager");
    let manager = std::os::unix::net::UnixDatagram::bind(&socket).unwrap();
    manager.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
    let told = || {
        let mut said = [0; 64];
        let count = manager.recv(&mut said).unwrap();
        String::from_utf8(said[..count].to_vec()).unwrap().trim().to_owned()
    };
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--policies", path(root.path())];
    let mut command = redress(&arguments);
    let mut child = command.env("NOTIFY_SOCKET", &socket).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    assert_eq!(told(), "READY=1");
    let serving = entry(&mut log, |entry| entry["message"] == "serving");
    let url = format!("http://{}", serving["address"].as_str().unwrap());
    assert_eq!(run(&["healthcheck", "--server", &url]).status.code(), Some(0));

    let signal = |name: &str| {
        assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
    };
    signal("-HUP");
    entry(&mut log, |entry| entry["message"].as_str().unwrap().starts_with("told to reload"));
    entry(&mut log, |entry| entry["message"] == "the policies are again the ones that are live");
    assert_eq!(run(&["healthcheck", "--server", &url]).status.code(), Some(0));
    signal("-TERM");
    assert_eq!(told(), "STOPPING=1");
    entry(&mut log, |entry| entry["message"] == "stopped");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let output = run(&["healthcheck", "--server", &url]);
    assert_eq!(output.status.code(), Some(3), "{}", notes(&output));
}

#[test]
fn other_machines_are_not_served_by_accident() {
    for (arguments, said) in [
        (&["--listen", "0.0.0.0:0"][..], "--insecure-plaintext"),
        (&["--listen", "0.0.0.0:0", "--insecure-plaintext"], "--insecure-anonymous"),
        (&["--tls-cert", "a.pem"], "--tls-key"),
        (&["--tls-cert", "nowhere.pem", "--tls-key", "nowhere.key"], "`nowhere.pem` can't be read: it is not there"),
        (&["--trust-roles-from", "helpdesk"], "certificate:NAME"),
    ] {
        let output = run(&[&["serve"], arguments].concat());
        assert!(notes(&output).contains(said), "{arguments:?}: {}", notes(&output));
        assert!(matches!(output.status.code(), Some(2 | 3)), "{arguments:?}");
    }
}

#[test]
fn broken_policies_are_not_served_and_a_taken_port_is_told() {
    let root = broken();
    let output = run(&["serve", "--policies", path(root.path()), "--listen", "127.0.0.1:0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("order.amout") && notes(&output).contains("did not start"));

    let server = Server::start(&[]);
    let output = run(&["serve", "--listen", &server.address]);
    assert_eq!(output.status.code(), Some(3));
    assert!(notes(&output).contains("is listening on"), "{}", notes(&output));
}

#[test]
fn business_rules_are_listed_with_what_carries_them_out() {
    let root = initialised();
    let listed = run(&["rules", path(root.path())]);
    assert_eq!(listed.status.code(), Some(0), "{}", notes(&listed));
    let lines = ["AU-1   An agent compensates", "authority.compensation/agent-half-up-to-500", "89 business rules: "];
    assert!(lines.iter().all(|line| out(&listed).contains(line)), "{}", out(&listed));
    let wide: Vec<&str> = out(&listed).lines().filter(|line| line.width() > 80).collect();
    assert!(wide.is_empty(), "{wide:#?}");

    let told: Value = serde_json::from_slice(&run(&["rules", path(root.path()), "--json"]).stdout).unwrap();
    let first = &told["rules"][0];
    assert_eq!((&first["id"], &first["open"]), (&"AU-1".into(), &false.into()));
    assert_eq!(first["rules"][0]["file"], "authority/compensation.yaml");
    assert!(first["tests"].as_u64() > Some(10), "{first}");
    assert_eq!(told["unknown"], Value::Array(Vec::new()));

    let file = root.path().join("authority/compensation.yaml");
    let text = fs::read_to_string(&file).unwrap().replacen("[AU-1,", "[AU-99,", 1);
    fs::write(&file, text).unwrap();
    let open = run(&["rules", path(root.path()), "--open"]);
    assert!(notes(&open).contains("rules name `AU-99`, which the table does not have"), "{}", notes(&open));
    assert!(out(&open).contains("AU-1   An agent") && !out(&open).contains("AU-5 "), "{}", out(&open));
    assert_eq!(run(&["rules", path(broken().path())]).status.code(), Some(1));
}
