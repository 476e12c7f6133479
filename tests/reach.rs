//! Policies of other shops, written from nothing: what the language must be able to say, said, and held by suites as
//! their authors would write them. `tests/cases/reach/` is the refund desk of an airline, `tests/cases/repairs/` a
//! workshop.

mod support;

use std::path::Path;

use redress::diagnostic::render::{self, Style};
use redress::policy::is_suite;
use redress::suite::report::{Look, tree};
use redress::suite::{self, Options, Status};
use redress::text::Language;

#[test]
fn the_refund_desk_of_an_airline_answers_as_its_suite_says() {
    holds("reach", 30);
}

#[test]
fn the_workshop_answers_as_its_suites_say() {
    holds("repairs", 10);
}

/// The policies of a shop load without a word, and at least so many tests of its suites pass.
fn holds(shop: &str, tests: usize) {
    let style = Style::plain(Language::English);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(shop);
    let (suites, policies): (Vec<_>, Vec<_>) =
        support::files_below(&root).into_iter().partition(|(path, _)| is_suite(path));
    let bundle = redress::policy::load(policies)
        .unwrap_or_else(|rejected| panic!("{}", render::full(&rejected.problems, &rejected.sources, style)));
    assert!(bundle.warnings().is_empty(), "{}", render::full(bundle.warnings(), bundle.sources(), style));
    let suites = suite::load(&bundle, suites)
        .unwrap_or_else(|rejected| panic!("{}", render::full(&rejected.problems, &rejected.sources, style)));
    let report = suite::run(&suites, &bundle, &Options::default());
    let look = Look { language: Language::English, width: 120, colour: false, all: false };
    assert_eq!(report.status(), Status::Passed, "{}", tree(&report, &suites.sources, look));
    assert!(report.run() >= tests, "the tests are missing");
}
