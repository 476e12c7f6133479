//! A run for CI: `JUnit`'s XML.

use quick_junit::{NonSuccessKind, Report as JUnit, TestCase, TestCaseStatus, TestSuite};

use super::super::run::{Report, TestResult};

/// The whole of a run as a document.
pub fn junit(report: &Report) -> Result<String, quick_junit::SerializeError> {
    let mut document = JUnit::new("redress test");
    for result in &report.suites {
        let mut suite = TestSuite::new(result.name.clone());
        suite.extra.insert("file".into(), result.file.clone().into());
        suite.add_test_cases(result.tests.iter().map(|test| case(test, &result.file)));
        document.add_test_suite(suite);
    }
    document.to_string()
}

fn case(test: &TestResult, file: &str) -> TestCase {
    let mut status = TestCaseStatus::success();
    if let Some(first) = test.differences.first() {
        status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(format!("{}: expected {}, actual {}", first.path, first.expected, first.actual));
        let lines = test.differences.iter().map(|difference| {
            let rules: Vec<String> =
                difference.because.iter().map(|rule| format!("{} ({})", rule.id, rule.place())).collect();
            let decided = if rules.is_empty() { "no rule".to_owned() } else { rules.join(", ") };
            let (path, expected, actual) = (&difference.path, &difference.expected, &difference.actual);
            format!("{path}\n  expected {expected}\n  actual   {actual}\n  decided by {decided}")
        });
        status.set_description(lines.collect::<Vec<_>>().join("\n"));
    }
    let mut case = TestCase::new(test.name.clone(), status);
    case.set_classname(file.to_owned());
    case.extra.insert("file".into(), file.to_owned().into());
    case.extra.insert("line".into(), test.line.to_string().into());
    case
}
