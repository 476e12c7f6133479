//! What the architecture promises, held: imports run downwards, the core does no I/O and reads no clock, one module
//! knows the script engine, and no file is too long to be read in one sitting.

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;

/// The parts of the library, the lowest first: what stands in a line may import what stands in the lines above it.
/// A longer path is a part of its own.
const LAYERS: [&[&str]; 19] = [
    &["text", "value"],
    &["diagnostic"],
    &["source"],
    &["diagnostic/render", "calendar", "clock"],
    &["signing"],
    &["record", "grant"],
    &["facts"],
    &["expr"],
    &["script"],
    &["policy"],
    &["decide", "embedded", "disk", "live"],
    &["journal"],
    &["rpc"],
    &["view"],
    &["plain"],
    &["suite"],
    &["business_rules", "reload"],
    &["serve"],
    &["cli"],
];

/// What decides, and what it is made of: the same question has the same answer, wherever and whenever it is asked.
const PURE: [&str; 14] = [
    "text",
    "value",
    "calendar",
    "facts",
    "expr",
    "policy",
    "decide",
    "diagnostic",
    "source",
    "plain",
    "view",
    "record",
    "grant",
    "signing",
];

/// Who may know what time it is.
const CLOCK_READERS: [&str; 8] = ["clock", "script", "rpc", "live", "journal", "reload", "serve", "cli"];

const LINES_MAX: usize = 550;

/// A source file of the package.
struct Code {
    /// From the package on: `src/policy/load.rs`.
    path: String,
    text: String,
}

impl Code {
    /// The module below `src/` that it belongs to: `policy/load`.
    fn module(&self) -> Option<&str> {
        self.path.strip_prefix("src/")?.strip_suffix(".rs")
    }

    fn is_of(&self, part: &str) -> bool {
        self.module().is_some_and(|module| is_at_or_below(module, part))
    }

    /// What is compiled into the program: without comments, and without its tests.
    fn program(&self) -> String {
        if self.path.ends_with("/tests.rs") {
            return String::new();
        }
        // They stand last.
        let text = self.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }

    /// What it takes from other parts of the library, as paths: `policy/rules`.
    fn imports(&self) -> BTreeSet<String> {
        let paths = Regex::new(r"\b(?:crate|redress)::(?:\{([^;]*?)\}|([a-z_]+(?:::[a-z_]+)?))").unwrap();
        let name = Regex::new(r"^\s*([a-z_]+(?:::[a-z_]+)?)").unwrap();
        let program = self.program();
        let mut found = BTreeSet::new();
        for taken in paths.captures_iter(&program) {
            let all = taken.get(1).or(taken.get(2)).unwrap().as_str();
            let each = all.split(',').filter_map(|part| name.captures(part));
            found.extend(each.map(|part| part[1].replace("::", "/")));
        }
        found
    }
}

fn is_at_or_below(path: &str, part: &str) -> bool {
    path.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn code() -> Vec<Code> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for directory in ["src", "tests", "benches"] {
        for (path, bytes) in support::files_below(&root.join(directory)) {
            if Path::new(&path).extension().is_some_and(|is| is == "rs") {
                let text = String::from_utf8(bytes).unwrap();
                all.push(Code { path: format!("{directory}/{path}"), text });
            }
        }
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(all.len() > 100, "the sources are missing");
    all
}

fn library() -> Vec<Code> {
    let mut code = code();
    code.retain(|file| file.path.starts_with("src/") && file.path != "src/lib.rs" && file.path != "src/main.rs");
    code
}

/// How high a module stands, and the part of [`LAYERS`] that says so.
fn layer(module: &str) -> Option<(usize, &'static str)> {
    let all = LAYERS.iter().enumerate().flat_map(|(height, parts)| parts.iter().map(move |part| (height, *part)));
    all.filter(|(_, part)| is_at_or_below(module, part)).max_by_key(|(_, part)| part.len())
}

fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Every line of the program's files that `pattern` finds, but in files of these parts.
fn found(pattern: &str, but_in: &[&str]) -> Vec<String> {
    let pattern = Regex::new(pattern).unwrap();
    let mut found = Vec::new();
    for file in library().iter().filter(|file| !but_in.iter().any(|part| file.is_of(part))) {
        let program = file.program();
        let lines = program.lines().filter(|line| pattern.is_match(line));
        found.extend(lines.map(|line| format!("{}: {}", file.path, line.trim())));
    }
    found
}

#[test]
fn imports_run_downwards() {
    let mut wrong = Vec::new();
    for file in library() {
        let module = file.module().unwrap();
        let Some((height, part)) = layer(module) else {
            wrong.push(format!("{}: no layer has `{module}`; add it to LAYERS", file.path));
            continue;
        };
        for import in file.imports() {
            if let Some((of, other)) = layer(&import)
                && other != part
                && of >= height
            {
                wrong.push(format!("{}: `{part}` may not import `{other}`", file.path));
            }
        }
    }
    none(&wrong);
}

#[test]
fn the_core_does_no_input_or_output() {
    let others: Vec<&str> = LAYERS.iter().copied().flatten().copied().filter(|part| !PURE.contains(part)).collect();
    let others: Vec<&str> = others.into_iter().filter(|part| *part != "diagnostic/render").collect();
    none(&found(r"\bstd::(fs|net|io|env|process|thread)\b|\btokio\b|\b(e?print(ln)?|dbg)!|\btracing\b", &others));
}

#[test]
fn files_are_read_and_text_is_printed_in_one_place_each() {
    none(&found(r"\bstd::fs\b|\bFile::(open|create|options)\b", &["disk", "journal/directory", "cli"]));
    none(&found(r"\b(stdout|stderr)\b|\be?print(ln)?!", &["cli"]));
}

#[test]
fn one_module_reads_the_clock() {
    none(&found(r"\b(SystemTime|Instant|Utc|Local)::now\b", &["clock"]));
    none(&found(r"\bcrate::clock\b|\bredress::clock\b|\bclock::", &CLOCK_READERS));
}

#[test]
fn one_module_knows_the_script_engine() {
    none(&found(r"\brhai::", &["script"]));
}

#[test]
fn deciding_knows_of_policies_their_rules_alone() {
    let decide = library().into_iter().filter(|file| file.is_of("decide"));
    let of_policy = decide.flat_map(|file| {
        let policy = file.imports().into_iter().filter(|import| is_at_or_below(import, "policy"));
        policy.map(|import| format!("{}: {import}", file.path)).collect::<Vec<_>>()
    });
    none(&of_policy.filter(|import| !import.ends_with("policy/rules")).collect::<Vec<_>>());
}

#[test]
fn a_file_can_be_read_in_one_sitting_and_says_first_what_it_is() {
    let mut wrong = Vec::new();
    for file in code() {
        let lines = file.text.lines().count();
        if lines > LINES_MAX {
            wrong.push(format!("{}: {lines} lines; split it", file.path));
        }
        if file.path.ends_with("/mod.rs") && file.path.starts_with("src/") {
            wrong.push(format!("{}: name it after its folder, beside it", file.path));
        }
        let begins = file.text.lines().take_while(|line| line.starts_with("//!")).count();
        if begins == 0 && !file.path.ends_with("tests.rs") {
            wrong.push(format!("{}: say in the first line what it is, with `//!`", file.path));
        }
    }
    none(&wrong);
}

#[test]
fn nothing_is_called_by_a_name_that_says_nothing() {
    none(&found(r"\b\w*(Manager|Helper|Utils?)\b|\bmod (utils?|helpers?|misc|common)\b", &[]));
}

#[test]
fn nothing_is_left_unfinished() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let marks = Regex::new(&format!(r"\b(TO{0}|FIX{1}|X{2}X)\b|\btodo!|\bunimplemented!", "DO", "ME", "X")).unwrap();
    let mut wrong = Vec::new();
    for directory in ["src", "tests", "benches", "proto", "policies"] {
        for (path, bytes) in support::files_below(&root.join(directory)) {
            let text = String::from_utf8_lossy(&bytes);
            let lines = text.lines().filter(|line| marks.is_match(line) && !line.contains("let marks ="));
            wrong.extend(lines.map(|line| format!("{directory}/{path}: {}", line.trim())));
        }
    }
    none(&wrong);
}
