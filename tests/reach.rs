//! Another shop's policies, written from nothing (`tests/cases/reach/`): what the language must be able to say, said,
//! and held by a suite as its author would write it.

mod support;

use std::path::Path;

use redress::diagnostic::render::{self, Style};
use redress::policy::is_suite;
use redress::suite::report::{Look, tree};
use redress::suite::{self, Options, Status};
use redress::text::Language;

#[test]
fn the_refund_desk_of_an_airline_answers_as_its_suite_says() {
    let style = Style::plain(Language::English);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/reach");
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
    assert!(report.run() > 30, "the tests are missing");
}
