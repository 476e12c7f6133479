//! Runs suites: every test's question goes to the service's own functions, and its answer is compared.

use super::coverage::Coverage;
use super::expect::Difference;
use super::{Suite, Suites, Test};
use crate::plain::Call;
use crate::policy::Bundle;
use crate::rpc::decision_service;
use crate::rpc::proto::redress::v1 as wire;
use crate::rpc::violation::Violation;
use crate::text::Language;
use crate::value::Instant;
use crate::view::{self, View};

/// What came of a run.
#[derive(Debug)]
pub struct Report {
    pub suites: Vec<SuiteResult>,
    /// Filters that chose no test: misspelt, most likely.
    pub unmatched: Vec<String>,
    /// Only where it was asked for.
    pub coverage: Option<Coverage>,
}

/// What came of one suite.
#[derive(Debug)]
pub struct SuiteResult {
    pub name: String,
    pub file: String,
    pub tests: Vec<TestResult>,
}

/// What came of one test.
#[derive(Debug)]
pub struct TestResult {
    pub name: String,
    /// From 1.
    pub line: usize,
    /// None, if the test passed.
    pub differences: Vec<Difference>,
}

/// What a run comes to, for whoever started it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// There were tests, and all passed.
    Passed,
    /// Some answers are not as expected.
    Failed,
    /// Nothing was run, or a filter chose nothing.
    Empty,
}

/// Which tests to run, and what to note of them.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Tests whose suite or name contains one of these; all, if there are none.
    pub filters: Vec<String>,
    pub coverage: bool,
}

/// Runs the tests that the options choose.
pub fn run(suites: &Suites, bundle: &Bundle, options: &Options) -> Report {
    let mut coverage = options.coverage.then(|| Coverage::new(bundle));
    let mut results = Vec::new();
    for suite in &suites.suites {
        let chosen = suite.tests.iter().filter(|test| options.choose(suite, test));
        let tests: Vec<TestResult> = chosen.map(|test| run_test(test, bundle, coverage.as_mut())).collect();
        if !tests.is_empty() {
            results.push(SuiteResult { name: suite.name.clone(), file: suite.file.clone(), tests });
        }
    }
    Report { suites: results, unmatched: options.unmatched(suites), coverage }
}

impl Options {
    fn choose(&self, suite: &Suite, test: &Test) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| names(filter, suite, test))
    }

    fn unmatched(&self, suites: &Suites) -> Vec<String> {
        let chosen = |filter: &&String| {
            suites.suites.iter().any(|suite| suite.tests.iter().any(|test| names(filter, suite, test)))
        };
        self.filters.iter().filter(|filter| !chosen(filter)).cloned().collect()
    }
}

fn names(filter: &str, suite: &Suite, test: &Test) -> bool {
    [&suite.name, &suite.file, &test.name].iter().any(|name| name.contains(filter))
}

fn run_test(test: &Test, bundle: &Bundle, coverage: Option<&mut Coverage>) -> TestResult {
    let differences = match answer(&test.call, bundle, coverage.is_some()) {
        Ok((view, trace)) => {
            if let Some(coverage) = coverage {
                coverage.note(&view, &trace);
            }
            test.expectations.iter().filter_map(|expected| expected.compare(&view, bundle)).collect()
        }
        // The call was tried as the suite was checked, so that this is not met.
        Err(violations) => test.expectations.iter().map(|expected| expected.refused(&violations)).collect(),
    };
    TestResult { name: test.name.clone(), line: test.line, differences }
}

fn answer(call: &Call, bundle: &Bundle, explain: bool) -> Result<(View, Vec<wire::RuleTrace>), Vec<Violation>> {
    match call {
        Call::Decide(request) => {
            let request = wire::DecideRequest { explain, ..(**request).clone() };
            let answer = decision_service::decide(bundle, &request, NEVER)?;
            Ok((view::decision(&answer, language(bundle, &request.locale)), answer.trace))
        }
        Call::Authorize(request) => {
            let request = wire::AuthorizeRequest { explain, ..(**request).clone() };
            let answer = decision_service::authorize(bundle, &request, NEVER)?;
            Ok((view::authorization(&answer, language(bundle, &request.locale)), answer.trace))
        }
    }
}

/// Every test pins its own moment, so the clock's does not matter.
const NEVER: Instant = Instant(0);

fn language(bundle: &Bundle, locale: &str) -> Language {
    bundle.language(bundle.locale(locale).unwrap_or_default())
}

impl Report {
    pub fn status(&self) -> Status {
        if self.suites.is_empty() || !self.unmatched.is_empty() {
            Status::Empty
        } else if self.failed() > 0 {
            Status::Failed
        } else {
            Status::Passed
        }
    }

    /// How many tests were run.
    pub fn run(&self) -> usize {
        self.suites.iter().map(|suite| suite.tests.len()).sum()
    }

    pub fn failed(&self) -> usize {
        self.suites.iter().map(SuiteResult::failed).sum()
    }
}

impl SuiteResult {
    pub fn failed(&self) -> usize {
        self.tests.iter().filter(|test| !test.passed()).count()
    }
}

impl TestResult {
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}
