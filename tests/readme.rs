//! What the READMEs show is so: their `sh` blocks are run from top to bottom with the real program and a real server,
//! and the `text` or `json` block after one is what it prints. A line `…` there stands for any lines, `…` within a line
//! for any text. Files and edits that a page shows are made, a mistake is unmade after the commands that tell of it.
//!
//! `curl` and `jq` are run where they are installed; a client of ours puts the same requests everywhere. Python is run
//! where it can import what an example does, or else only compiled, which is said on the standard error.

#![cfg(unix)]

#[path = "readme/client.rs"]
mod client;
#[path = "readme/page.rs"]
mod page;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use page::{Block, Page};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The reference of the policy language, in both languages.
const REFERENCE: [&str; 2] = ["docs/policy-language.md", "docs/policy-language.zh-CN.md"];

/// Where the pages say that the server is.
const SHOWN_ADDRESS: &str = "localhost:50051";

/// How long an edited policy may take to go live, and a server to start.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn the_english_page_is_so() {
    Reader::new("en_US.UTF-8").follow("README.md");
}

#[test]
fn the_chinese_page_is_so() {
    Reader::new("zh_CN.UTF-8").follow("README.zh-CN.md");
}

#[test]
fn the_english_guide_is_so() {
    Reader::new("en_US.UTF-8").follow("docs/policy-guide.md");
}

#[test]
fn the_chinese_guide_is_so() {
    Reader::new("zh_CN.UTF-8").follow("docs/policy-guide.zh-CN.md");
}

#[test]
fn the_english_page_on_grants_is_so() {
    Reader::new("en_US.UTF-8").follow("docs/grants.md");
}

#[test]
fn the_chinese_page_on_grants_is_so() {
    Reader::new("zh_CN.UTF-8").follow("docs/grants.zh-CN.md");
}

#[test]
fn both_languages_tell_the_same() {
    for (english, chinese) in [
        ("README.md", "README.zh-CN.md"),
        ("docs/policy-language.md", "docs/policy-language.zh-CN.md"),
        ("docs/policy-guide.md", "docs/policy-guide.zh-CN.md"),
        ("docs/operations.md", "docs/operations.zh-CN.md"),
        ("docs/grants.md", "docs/grants.zh-CN.md"),
        ("docs/performance.md", "docs/performance.zh-CN.md"),
    ] {
        let (english, chinese) = (Page::read(english), Page::read(chinese));
        assert_eq!(english.outline(), chinese.outline(), "{} and {} differ", english.name, chinese.name);
        for page in [&english, &chinese, &Page::read("ARCHITECTURE.md")] {
            let wide = page.wider_than(80);
            assert!(wide.is_empty(), "{} has lines wider than 80 columns: {wide:#?}", page.name);
        }
    }
}

/// What this machine has of what the pages use.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each is one thing that may be installed")]
struct Machine {
    curl_and_jq: bool,
    python: bool,
    grpc: bool,
    jwt: bool,
}

impl Machine {
    fn look() -> Self {
        let runs = |program: &str, arguments: &[&str]| {
            let mut command = Command::new(program);
            command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        Self {
            curl_and_jq: runs("curl", &["--version"]) && runs("jq", &["--version"]),
            python: runs("python3", &["--version"]),
            grpc: runs("python3", &["-c", "import grpc, grpc_tools"]),
            jwt: runs("python3", &["-c", "import jwt, cryptography"]),
        }
    }

    /// What an example in Python has to import, and whether it can.
    fn imports(self, script: &str) -> (&'static str, bool) {
        if script.contains("import jwt") { ("jwt", self.jwt) } else { ("grpc", self.grpc) }
    }
}

/// Somebody who does what a page says, in a directory of their own.
struct Reader {
    machine: Machine,
    language: &'static str,
    home: tempfile::TempDir,
    server: Option<Server>,
}

impl Reader {
    fn new(language: &'static str) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("bin")).unwrap();
        fs::create_dir(home.path().join("desk")).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_redress"), home.path().join("bin/redress")).unwrap();
        Self { machine: Machine::look(), language, home, server: None }
    }

    fn follow(mut self, name: &str) {
        let page = Page::read(name);
        let mut compared = 0;
        let mut mistakes = Vec::new();
        for (position, block) in page.blocks.iter().enumerate() {
            let shown = page.blocks.get(position + 1).filter(|next| matches!(&*next.kind, "text" | "json"));
            if let Some(file) = block.file() {
                let before = Self::lay(name, block, &self.desk().join(file));
                mistakes.extend(block.is_a_mistake().then(|| (self.desk().join(file), before)));
            } else if !block.is_a("sh") {
                // What is shown is compared with the block before it.
            } else if let Some(command) = serving(&block.text) {
                // The one before has to go first, as for whoever reads the page.
                self.server = None;
                self.server = Some(self.serve(command));
            } else if !is_about_the_machine(&block.text) {
                compared += usize::from(self.carry_out(name, block, shown));
                for (path, before) in mistakes.drain(..) {
                    before.map_or_else(|| fs::remove_file(&path), |text| fs::write(&path, text)).unwrap();
                }
            }
        }
        assert!(mistakes.is_empty(), "{name}: nothing tells of a mistake");
        let least = if name.contains("grants") { 4 } else { 10 };
        assert!(compared >= least, "{name}: only {compared} blocks with an output were found");
    }

    /// Makes the file or the edit that a block shows; what the file was before.
    fn lay(name: &str, block: &Block, path: &Path) -> Option<String> {
        let before = fs::read_to_string(path).ok();
        let after = block.applied(before.as_deref());
        let after = after.unwrap_or_else(|problem| panic!("{name}:{}: {problem}", block.line));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, after).unwrap();
        before
    }

    /// Runs a block; whether what it printed was compared.
    fn carry_out(&self, name: &str, block: &Block, shown: Option<&Block>) -> bool {
        let script = match &self.server {
            Some(server) => block.text.replace(SHOWN_ADDRESS, &server.address),
            None => block.text.clone(),
        };
        let python = script.contains("python3 ");
        let (module, can) = self.machine.imports(&script);
        if python && !can {
            let done = if self.machine.python { "only compiled" } else { "not even compiled" };
            let line = block.line;
            // Not by a macro, whose output a test that passes keeps to itself.
            let said = format!("{name}:{line}: python3 can't import {module} here; the example is {done}\n");
            std::io::stderr().write_all(said.as_bytes()).unwrap();
        }
        let Some(shown) = shown else {
            let output = self.shell(&script);
            assert!(output.status.success(), "{name}:{}: {}", block.line, String::from_utf8_lossy(&output.stderr));
            return false;
        };
        let (setting_up, request) = client::split(&script);
        if let Some(request) = request {
            assert!(self.shell(setting_up).status.success(), "{name}:{}", block.line);
            let told = |text: String| page::compare(&shown.text, &text);
            until(|| told(request.put(&self.desk())), name, shown);
            if self.machine.curl_and_jq {
                until(|| told(printed(&self.shell(&script))), name, shown);
            }
            return true;
        }
        let output = self.shell(&script);
        if !python || can {
            let said = String::from_utf8_lossy(&output.stderr);
            page::compare(&shown.text, &printed(&output))
                .unwrap_or_else(|difference| panic!("{name}:{}: {difference}{said}", shown.line));
        }
        true
    }

    fn shell(&self, script: &str) -> Output {
        let stand_in = match (self.machine.imports(script).1, self.machine.python) {
            (true, _) => "",
            (false, true) => "python3() { case $1 in -m) ;; *) command python3 -m py_compile \"$1\" ;; esac; }\n",
            (false, false) => "python3() { :; }\n",
        };
        self.command("sh").args(["-c", &format!("{stand_in}{script}")]).output().unwrap()
    }

    fn serve(&self, command: &str) -> Server {
        let arguments = command.split_whitespace();
        let mut server = self.command(env!("CARGO_BIN_EXE_redress"));
        server.args(arguments).args(["--listen", "127.0.0.1:0", "--log-format", "json"]);
        Server::start(server)
    }

    fn command(&self, program: &str) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let bin = self.home.path().join("bin");
        let mut command = Command::new(program);
        command
            .current_dir(self.desk())
            .env("PATH", format!("{}:{path}", bin.display()))
            .env("REDRESS", ROOT)
            .env("LANG", self.language)
            .env("NO_PROXY", "*")
            .env("no_proxy", "*")
            .stdin(Stdio::null());
        for name in ["LC_ALL", "LC_MESSAGES", "RUST_LOG", "COLUMNS", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        command
    }

    fn desk(&self) -> std::path::PathBuf {
        self.home.path().join("desk")
    }
}

/// An edited policy takes a moment to go live.
fn until(attempt: impl Fn() -> Result<(), String>, name: &str, shown: &Block) {
    let begun = Instant::now();
    while let Err(difference) = attempt() {
        assert!(begun.elapsed() < PATIENCE, "{name}:{}: {difference}", shown.line);
        thread::sleep(Duration::from_millis(50));
    }
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The arguments of a block that starts a server.
fn serving(script: &str) -> Option<&str> {
    let arguments = script.trim().strip_prefix("cargo run --release -- ").or(script.trim().strip_prefix("redress "))?;
    (arguments.starts_with("serve") && !arguments.contains("--help")).then_some(arguments)
}

/// What a reader does once on their machine: this very test, where the program lies, what Python needs.
fn is_about_the_machine(script: &str) -> bool {
    ["cargo test", "export PATH=", "python3 -m pip install"].iter().any(|begins| script.starts_with(begins))
}

/// The program, serving.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(mut command: Command) -> Self {
        let mut process = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut address = None;
        while address.is_none() {
            let mut line = String::new();
            assert!(log.read_line(&mut line).unwrap() > 0, "the server ended before it served");
            let Ok(entry) = serde_json::from_str::<serde_json::Value>(&line) else { panic!("the server says {line}") };
            address = entry["address"].as_str().map(str::to_owned);
        }
        // Whatever else it logs is read, so that it never waits for us.
        thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { process, address: address.unwrap() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn every_kind_and_key_and_function_is_in_the_reference() {
    let mut words = page::words(&redress::policy::schemas::any());
    words.extend(page::words(&redress::suite::file::schema()));
    words.extend(redress::expr::check::BUILT_IN.iter().map(|(function, _)| format!("{function}(")));
    for name in REFERENCE {
        let text = fs::read_to_string(Path::new(ROOT).join(name)).unwrap();
        let absent: Vec<&String> = words.iter().filter(|word| !page::mentions(&text, word)).collect();
        assert!(absent.is_empty(), "{name} does not mention {absent:?}");
    }
}

/// The files that the reference shows make policies, and their tests pass.
#[test]
fn the_reference_s_examples_are_sound() {
    for name in REFERENCE {
        let reader = Reader::new("en_US.UTF-8");
        let init = reader.shell("redress init policies");
        assert!(init.status.success(), "{name}: {}", String::from_utf8_lossy(&init.stderr));
        for block in Page::read(name).blocks {
            let file = block.file().unwrap_or_else(|| panic!("{name}:{}: which file is this?", block.line));
            Reader::lay(name, &block, &reader.desk().join("policies").join(file));
        }
        let checked = reader.shell("redress check policies && redress test policies --filter gifts");
        assert!(checked.status.success(), "{name}: {}", printed(&checked));
    }
}
