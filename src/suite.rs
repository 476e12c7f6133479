//! Policy tests: suites beside the policies, checked as strictly as the policies themselves, then run.
//!
//! `files → records → fixtures resolved → calls and expectations → answers → differences → report`. Whatever is
//! misspelt is refused with its place before anything runs: a test that asks about nothing must not pass. Reads no
//! files, no clock; every test pins its moment.

use crate::plain::Call;
use crate::policy::{Bundle, Rejected};
use crate::source::Sources;

mod check;
mod coverage;
mod expect;
pub mod file;
mod fixtures;
pub mod report;
mod run;
mod table;

pub use coverage::{ConditionCoverage, Coverage, FactCoverage, RuleCoverage};
pub use expect::{Difference, Expectation};
pub use run::{Options, Report, Status, SuiteResult, TestResult, run};

/// Suites that passed every check.
#[derive(Debug)]
pub struct Suites {
    pub suites: Vec<Suite>,
    pub sources: Sources,
}

/// One file of tests.
#[derive(Debug)]
pub struct Suite {
    pub name: String,
    pub file: String,
    pub tests: Vec<Test>,
}

/// One question with what its answer must be.
#[derive(Debug)]
pub struct Test {
    pub name: String,
    /// Where it stands in its file, from 1.
    pub line: usize,
    pub call: Call,
    pub expectations: Vec<Expectation>,
}

/// Reads and checks the suites of a bundle; every problem of every file at once.
pub fn load<P, B>(bundle: &Bundle, files: impl IntoIterator<Item = (P, B)>) -> Result<Suites, Rejected>
where
    P: Into<String>,
    B: Into<Vec<u8>>,
{
    check::suites(bundle, files)
}
