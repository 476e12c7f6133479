//! A run for programs.

use serde_json::{Value, json};

use super::super::coverage::{Coverage, RuleCoverage};
use super::super::expect::Difference;
use super::super::run::{Report, Status, SuiteResult, TestResult};
use crate::source::Sources;

/// The whole of a run; `sources` are those of the suites.
pub fn json(report: &Report, sources: &Sources) -> Value {
    let status = match report.status() {
        Status::Passed => "passed",
        Status::Failed => "failed",
        Status::Empty => "empty",
    };
    json!({
        "status": status,
        "tests": report.run(),
        "failed": report.failed(),
        "unmatched_filters": report.unmatched,
        "suites": report.suites.iter().map(|result| suite(result, sources)).collect::<Vec<_>>(),
        "coverage": report.coverage.as_ref().map(coverage),
    })
}

fn suite(suite: &SuiteResult, sources: &Sources) -> Value {
    json!({
        "name": suite.name,
        "file": suite.file,
        "tests": suite.tests.iter().map(|result| test(result, sources)).collect::<Vec<_>>(),
    })
}

fn test(test: &TestResult, sources: &Sources) -> Value {
    json!({
        "name": test.name,
        "line": test.line,
        "passed": test.passed(),
        "differences": test.differences.iter().map(|found| difference(found, sources)).collect::<Vec<_>>(),
    })
}

fn difference(difference: &Difference, sources: &Sources) -> Value {
    let at = sources.get(difference.span.source).map(|source| source.position(difference.span.bytes.start));
    let because = difference.because.iter();
    json!({
        "path": difference.path,
        "expected": difference.expected,
        "actual": difference.actual,
        "line": at.map(|at| at.line),
        "column": at.map(|at| at.column),
        "because": because.map(|rule| json!({ "rule": rule.id, "file": rule.file, "line": rule.line })).collect::<Vec<_>>(),
    })
}

fn coverage(coverage: &Coverage) -> Value {
    let (seen, sides) = coverage.sides();
    json!({
        "rules": coverage.rules.iter().map(rule).collect::<Vec<_>>(),
        "condition_sides": { "seen": seen, "all": sides },
        "implements": coverage.implemented(),
    })
}

fn rule(rule: &RuleCoverage) -> Value {
    let conditions = rule.conditions.iter().map(|line| {
        json!({ "text": line.text, "line": line.line, "seen_true": line.seen_true, "seen_false": line.seen_false })
    });
    json!({
        "rule": rule.id,
        "file": rule.file,
        "line": rule.line,
        "implements": rule.implements,
        "held": rule.held,
        "failed": rule.failed,
        "decided": rule.decided,
        "conditions": conditions.collect::<Vec<_>>(),
    })
}
