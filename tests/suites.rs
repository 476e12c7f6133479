//! Policy tests as their authors meet them.
//!
//! `tests/cases/suites/<case>/` are suites over the shipped policies, with something wrong in them or in what they
//! expect; `expected.txt` is what their author is told. `REDRESS_BLESS=1` rewrites it; review the difference.

mod support;

use std::path::{Path, PathBuf};
use std::{env, fs};

use redress::diagnostic::render::{self, Style};
use redress::plain::Call;
use redress::policy::{Bundle, is_suite};
use redress::rpc::decision_service::{authorize, decide};
use redress::suite::report::{Look, json, junit, tree};
use redress::suite::{self, Options, Report, Status, Suites};
use redress::text::Language;
use redress::text::page;
use redress::value::Instant;
use redress::view::shape::{AUTHORIZATION, DECISION, Shape};
use redress::view::{self, Content, View};

const EXPECTED: &str = "expected.txt";

fn shipped_suites(bundle: &Bundle) -> Suites {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let files = support::files_below(&root).into_iter().filter(|(path, _)| is_suite(path));
    suite::load(bundle, files).unwrap_or_else(|rejected| {
        panic!("{}", render::full(&rejected.problems, &rejected.sources, Style::plain(Language::English)))
    })
}

fn drawn(report: &Report, suites: &Suites, language: Language) -> String {
    tree(report, &suites.sources, Look { language, width: 80, colour: false, all: false })
}

#[test]
fn the_shipped_policies_answer_as_their_suites_say() {
    let bundle = support::shipped();
    let suites = shipped_suites(&bundle);
    let report = suite::run(&suites, &bundle, &Options::default());
    assert_eq!(report.status(), Status::Passed, "{}", drawn(&report, &suites, Language::English));
    assert!(report.run() > 250, "the suites are missing");
}

#[test]
fn the_shipped_suites_see_every_rule_hold_and_both_sides_of_every_condition() {
    let bundle = support::shipped();
    let suites = shipped_suites(&bundle);
    let report = suite::run(&suites, &bundle, &Options { coverage: true, ..Options::default() });
    let coverage = report.coverage.as_ref().unwrap();
    assert_eq!(report.status(), Status::Passed, "a trace changes no answer");
    let never: Vec<&str> = coverage.never_held().map(|rule| rule.id.as_str()).collect();
    let one_sided: Vec<_> = coverage.one_sided().map(|(rule, line)| (&rule.id, &line.text)).collect();
    assert!(never.is_empty() && one_sided.is_empty(), "{never:?} {one_sided:?}");
    assert!(coverage.implemented().values().all(|held| *held));
}

/// An answer without what names this one answer, and without its trace.
fn answer(bundle: &Bundle, call: &Call, explain: bool) -> (String, View) {
    match call.clone() {
        Call::Decide(mut request) => {
            request.explain = explain;
            let mut answer = decide(bundle, &request, Instant(0)).unwrap();
            assert_eq!(answer.trace.is_empty(), !explain);
            (answer.decision_id, answer.trace) = (String::new(), Vec::new());
            (format!("{answer:?}"), view::decision(&answer, Language::English))
        }
        Call::Authorize(mut request) => {
            request.explain = explain;
            let mut answer = authorize(bundle, &request, Instant(0)).unwrap();
            assert_eq!(answer.trace.is_empty(), !explain);
            (answer.decision_id, answer.trace) = (String::new(), Vec::new());
            (format!("{answer:?}"), view::authorization(&answer, Language::English))
        }
    }
}

#[test]
fn a_trace_is_told_beside_the_answer_and_changes_nothing_in_it() {
    let bundle = support::shipped();
    for test in shipped_suites(&bundle).suites.iter().flat_map(|suite| &suite.tests) {
        let [plain, explained] = [false, true].map(|explain| answer(&bundle, &test.call, explain));
        assert_eq!(plain.0, explained.0, "{}", test.name);
    }
}

/// Every place of an answer is one of the shape's, and every word one that an expectation could name.
fn check_shape(view: &View, shape: &Shape, path: &str, bundle: &Bundle) {
    match (shape, &view.content) {
        (Shape::Group(fields), Content::Group(members)) => {
            for (key, member) in members {
                let field = fields.iter().find(|field| field.key == key);
                let field = field.unwrap_or_else(|| panic!("`{path}.{key}` is not in the shape"));
                check_shape(member, &field.shape, &format!("{path}.{key}"), bundle);
            }
        }
        (Shape::Keyed(of, inner), Content::Group(members)) => {
            let names = of.names(bundle);
            for (key, member) in members {
                assert!(names.as_ref().is_none_or(|names| names.contains(key)), "{path}: {key}");
                check_shape(member, inner, &format!("{path}.{key}"), bundle);
            }
        }
        (Shape::List(of), Content::List(items)) => {
            for item in items {
                check_shape(item, &Shape::Value(*of), path, bundle);
            }
        }
        (Shape::Value(of), content) => {
            if let (Some(names), Content::Value(view::Plain::Word(word))) = (of.names(bundle), content) {
                assert!(names.contains(word), "{path}: {word}");
            }
        }
        (shape, content) => panic!("{path}: {content:?} is no {shape:?}"),
    }
}

#[test]
fn every_place_of_an_answer_can_be_expected_and_is_outlined_within_the_page() {
    let bundle = support::shipped();
    for test in shipped_suites(&bundle).suites.iter().flat_map(|suite| &suite.tests) {
        let (_, view) = answer(&bundle, &test.call, false);
        let shape = if matches!(test.call, Call::Decide(_)) { &DECISION } else { &AUTHORIZATION };
        check_shape(&view, shape, "", &bundle);
        let manifest = bundle.manifest();
        let page = view::outline::Page { language: Language::English, zone: manifest.zone, currency: "CNY", width: 80 };
        let outline = view::outline::outline(&view, shape, page);
        let wide = outline.lines().find(|line| page::width(line) > 80);
        assert_eq!(wide, None, "{}", test.name);
    }
}

#[test]
fn every_author_is_told_what_is_wrong() {
    let bless = env::var_os("REDRESS_BLESS").is_some();
    let bundle = support::shipped();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/suites");
    let mut cases: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 6, "the cases are missing");
    for case in cases {
        let files = support::files_below(&case).into_iter().filter(|(path, _)| path != EXPECTED);
        let told = match suite::load(&bundle, files) {
            Err(rejected) => [Language::English, Language::Chinese]
                .map(|language| render::full(&rejected.problems, &rejected.sources, Style::plain(language))),
            Ok(suites) => {
                let report = suite::run(&suites, &bundle, &Options::default());
                assert_eq!(report.status(), Status::Failed, "{}", case.display());
                [Language::English, Language::Chinese].map(|language| drawn(&report, &suites, language))
            }
        };
        let told = told.join("\n");
        let expected = case.join(EXPECTED);
        if bless {
            fs::write(&expected, &told).unwrap();
        } else {
            let was = fs::read_to_string(&expected).unwrap_or_default();
            assert_eq!(told, was, "{} (REDRESS_BLESS=1 rewrites it)", case.display());
        }
    }
}

#[test]
fn a_run_of_nothing_and_a_filter_that_chooses_nothing_are_no_success() {
    let bundle = support::shipped();
    let none = suite::load(&bundle, Vec::<(String, Vec<u8>)>::new()).unwrap();
    assert_eq!(suite::run(&none, &bundle, &Options::default()).status(), Status::Empty);

    let suites = shipped_suites(&bundle);
    let run = |filters: &[&str]| {
        let filters = filters.iter().map(|filter| (*filter).to_owned()).collect();
        suite::run(&suites, &bundle, &Options { filters, coverage: false })
    };
    let chosen = run(&["AU-13"]);
    assert_eq!(chosen.status(), Status::Passed);
    assert!(chosen.run() > 5 && chosen.run() < 30);
    let some = run(&["AU-13", "AU-99"]);
    assert_eq!((some.status(), some.unmatched.as_slice()), (Status::Empty, &["AU-99".to_owned()][..]));
    assert!(drawn(&some, &suites, Language::English).contains("no test has `AU-99` in its name"));
}

#[test]
fn programs_are_told_the_same_as_people() {
    let bundle = support::shipped();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/suites/failing");
    let files = support::files_below(&case).into_iter().filter(|(path, _)| path != EXPECTED);
    let suites = suite::load(&bundle, files).unwrap();
    let report = suite::run(&suites, &bundle, &Options { coverage: true, ..Options::default() });
    let told = json(&report, &suites.sources);
    assert_eq!((told["status"].as_str(), told["failed"].as_u64()), (Some("failed"), Some(report.failed() as u64)));
    let difference = &told["suites"][0]["tests"][0]["differences"][0];
    assert_eq!(difference["path"], "limit.remaining");
    assert_eq!((&difference["expected"], &difference["actual"]), (&"300.00".into(), &"280.00".into()));
    assert_eq!(difference["because"][0]["rule"], "authority.compensation/agent-half-up-to-500");
    assert_eq!(difference["because"][0]["file"], "authority/compensation.yaml");
    assert!(told["coverage"]["rules"].as_array().unwrap().iter().any(|rule| rule["held"] == false));

    let document = junit(&report).unwrap();
    let counts = format!("tests=\"{}\" skipped=\"0\" failures=\"{}\"", report.run(), report.failed());
    assert!(document.contains(&counts), "{document}");
    assert!(document.contains("limit.remaining: expected 300.00, actual 280.00"), "{document}");
    assert!(document.contains("authority/compensation.yaml:"), "{document}");
}
