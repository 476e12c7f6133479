//! Broken files in, the report that their author sees out: `tests/cases/diagnostics/<case>/`, loaded as the server
//! loads them, beside a small manifest where the case brings none. `REDRESS_BLESS=1` rewrites the expected reports;
//! review the difference.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use redress::diagnostic::render::{self, Style};
use redress::diagnostic::{Diagnostic, codes};
use redress::source::Sources;
use redress::text::Language;

mod support;

const EXPECTED: &str = "expected.txt";
const MANIFEST: &str = include_str!("support/minimal.yaml");

#[test]
fn every_case_is_reported_as_expected() {
    let bless = env::var_os("REDRESS_BLESS").is_some();
    let cases = cases();
    assert!(cases.len() > 10, "the cases are missing");
    let mut differing = String::new();
    for case in cases {
        let report = report(&case);
        let path = case.join(EXPECTED);
        if bless {
            fs::write(&path, &report).unwrap();
        } else if fs::read_to_string(&path).unwrap_or_default() != report {
            writeln!(differing, "{}:\n{report}", case.display()).unwrap();
        }
    }
    assert!(differing.is_empty(), "reports differ (REDRESS_BLESS=1 rewrites them):\n{differing}");
}

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/diagnostics");
    let mut cases: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.is_dir());
    cases.sort();
    cases
}

/// What the author of a case's files is told, in both languages.
fn report(case: &Path) -> String {
    let mut files = support::files_below(case);
    files.retain(|(path, _)| path != EXPECTED);
    let name = case.file_name().unwrap().to_str().unwrap();
    if !name.starts_with("manifest-") {
        files.push(("bundle.yaml".to_owned(), MANIFEST.into()));
    }
    let mut report = String::new();
    let mut tell = |diagnostics: &[Diagnostic], sources: &Sources| {
        for language in [Language::English, Language::Chinese] {
            report.push_str(&render::full(diagnostics, sources, Style::plain(language)));
            writeln!(report, "\n{}\n", render::summary(diagnostics, language)).unwrap();
        }
        check_places(diagnostics, sources);
    };
    match redress::policy::load(files) {
        Ok(bundle) => tell(bundle.warnings(), bundle.sources()),
        Err(rejected) => {
            assert!(!rejected.problems.is_empty(), "{} is refused without a word", case.display());
            tell(&rejected.problems, &rejected.sources);
        }
    }
    report
}

/// Every span lies in its file, on boundaries of characters.
fn check_places(diagnostics: &[Diagnostic], sources: &Sources) {
    let related = diagnostics.iter().flat_map(|d| d.related.iter().map(|(span, _)| span));
    for span in diagnostics.iter().map(|d| &d.span).chain(related) {
        let Some(source) = sources.get(span.source) else { continue };
        assert!(source.text().get(span.bytes.clone()).is_some(), "{span:?}");
    }
}

/// Names of the codes with what they stand for, as `codes.rs` writes them.
fn named_codes() -> Vec<(String, String)> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnostic/codes.rs")).unwrap();
    let named = text.lines().filter_map(|line| line.trim().strip_suffix("\";")?.split_once(" = \""));
    named.map(|(name, code)| (name.to_owned(), code.to_owned())).collect()
}

#[test]
fn every_code_is_told_by_some_case_and_used_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let below = |directory: &str| support::files_below(&root.join(directory)).into_iter();
    let told: String = below("tests").map(|(_, bytes)| text(bytes)).collect();
    let (mut library, mut unit_tests) = (String::new(), String::new());
    for (path, bytes) in below("src").filter(|(path, _)| path != "diagnostic/codes.rs") {
        let source = text(bytes);
        let (code, tests) = source.split_once("#[cfg(test)]\nmod tests {").unwrap_or((&source, ""));
        if path.contains("tests") {
            unit_tests.push_str(&source);
        } else {
            library.push_str(code);
            unit_tests.push_str(tests);
        }
    }
    let named = named_codes();
    assert_eq!(named.len(), codes::ALL.len());
    let mut untold = BTreeSet::new();
    for (name, code) in named {
        let used = format!("codes::{name}");
        assert!(library.contains(&used), "{code} is never used");
        if !(told.contains(&code) || unit_tests.contains(&used) || unit_tests.contains(&code)) {
            untold.insert(code);
        }
    }
    assert!(untold.is_empty(), "no case tells {untold:?}");
}
