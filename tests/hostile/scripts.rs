//! The files `tests/hostile/*.rhai`: what each attacks, and what must become of it.
//!
//! Two lines of comment say both. `«5000×text»` stands for so many copies of a text; in each, `#` is its number and
//! `#+` the next.

#![allow(dead_code, reason = "the test and the bench each use their part")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A function made to do harm.
#[derive(Debug)]
pub struct Script {
    pub name: String,
    pub attacks: String,
    pub must: Must,
    pub text: String,
}

/// What must become of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Must {
    /// The bundle does not load, and the first reason has this code.
    Refused(String),
    /// The call is ended by one of these limits.
    Stopped(Vec<By>),
    /// The call ends by itself, with this sentence instead of a value.
    Failed(String),
}

/// A limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    Steps,
    Size,
    Time,
}

impl By {
    /// The limit that a failure tells of.
    pub fn told(message: &str) -> Option<Self> {
        [
            ("it takes more than", By::Steps),
            ("a text, list or record grows too large", By::Size),
            ("it runs longer than", By::Time),
        ]
        .into_iter()
        .find_map(|(begin, by)| message.starts_with(begin).then_some(by))
    }
}

/// All of them, by name.
pub fn scripts() -> Vec<Script> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    let paths = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("readable").path());
    let mut scripts: Vec<Script> =
        paths.filter(|path| path.extension().is_some_and(|is| is == "rhai")).map(read).collect();
    scripts.sort_by(|a, b| a.name.cmp(&b.name));
    scripts
}

fn read(path: impl AsRef<Path>) -> Script {
    let text = fs::read_to_string(&path).expect("UTF-8");
    let name = path.as_ref().file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
    let said = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix("// ")?.strip_prefix(key)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("{name} does not say `{key}`")).to_owned()
    };
    let (attacks, must) = (said("attacks"), said("must be"));
    let must = match must.split_once(' ').expect("what must become of it, and how") {
        ("refused", code) => Must::Refused(code.to_owned()),
        ("failed:", sentence) => Must::Failed(sentence.to_owned()),
        ("stopped", by) => Must::Stopped(by.trim_start_matches("by ").split(" or ").map(limit).collect()),
        _ => panic!("{name} must be refused, stopped or failed"),
    };
    Script { attacks, must, text: written_out(&text), name }
}

fn limit(word: &str) -> By {
    match word {
        "steps" => By::Steps,
        "size" => By::Size,
        "time" => By::Time,
        _ => panic!("`{word}` is no limit"),
    }
}

fn written_out(text: &str) -> String {
    let Some((before, rest)) = text.split_once('«') else { return text.to_owned() };
    let (times, rest) = rest.split_once('×').expect("how often");
    let (repeated, rest) = rest.split_once('»').expect("the end of what is repeated");
    let times: usize = times.parse().expect("a number");
    let copy = |number: usize| repeated.replace("#+", &(number + 1).to_string()).replace('#', &number.to_string());
    format!("{before}{}{}", (0..times).map(copy).collect::<String>(), written_out(rest))
}

impl Script {
    /// The same with other names for its functions, so that several fit into one bundle.
    pub fn numbered(&self, number: usize) -> String {
        let mut text = self.text.clone();
        let defined = self.text.lines().filter_map(|line| line.split_once("fn ")?.1.split_once('('));
        let names: std::collections::BTreeSet<&str> = defined.map(|(name, _)| name).collect();
        for name in names {
            text = text.replace(&format!("{name}("), &format!("{name}_{number}("));
        }
        text
    }
}

/// The policies that let one function loose: a result of every decision calls it.
pub fn bundle(script: &Script, manifest: &str) -> Vec<(String, Vec<u8>)> {
    const FACT: &str = "facts: hostile
define:
  - { id: attack, title: { en: Attack }, type: number, output: true, value: attack() }
";
    [("bundle.yaml", manifest), ("facts.yaml", FACT), ("attack.rhai", &script.text)]
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
        .into()
}

/// Those that load, which a service may come to serve.
pub fn that_load() -> Vec<Script> {
    scripts().into_iter().filter(|script| !matches!(script.must, Must::Refused(_))).collect()
}

/// Policies into which every one of them has got: each is called for a result of every decision, and the first for
/// every authorisation of an exchange.
pub fn infested(mut files: Vec<(String, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    let mut facts = String::from("facts: hostile\ndefine:\n");
    for (number, script) in that_load().iter().enumerate() {
        files.push((format!("functions/{}.rhai", script.name), script.numbered(number).into_bytes()));
        writeln!(
            facts,
            "  - {{ id: a{number}, title: {{ zh-CN: 攻击, en: Attack }}, type: number, output: true, value: \
             attack_{number}() }}"
        )
        .expect("a string takes it");
    }
    files.push(("facts/hostile.yaml".to_owned(), facts.into_bytes()));
    let guard = "guards: hostile\nrules:\n  - id: attack\n    title: { zh-CN: 攻击, en: Attack }\n    forbid: exchange\n    \
                 when: attack_0() > 0\n";
    files.push(("guards/hostile.yaml".to_owned(), guard.into()));
    files
}
