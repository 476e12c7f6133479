//! A run for people: a line for each suite, and all of what went wrong.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::super::coverage::Coverage;
use super::super::run::{Report, SuiteResult, TestResult};
use crate::both;
use crate::source::Sources;
use crate::text::page::{padded, width, wrapped};
use crate::text::{Bilingual, Language, quoted};

/// How a run is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub language: Language,
    /// Columns of a line.
    pub width: usize,
    pub colour: bool,
    /// Whether tests that passed are named too.
    pub all: bool,
}

/// How many rules or conditions are listed before the rest is only counted.
const LISTED_MAX: usize = 40;

/// Draws the whole of a run; `sources` are those of the suites.
pub fn tree(report: &Report, sources: &Sources, look: Look) -> String {
    let mut drawing = Drawing { look, text: String::new() };
    for suite in &report.suites {
        drawing.suite(suite, sources);
    }
    if let Some(coverage) = &report.coverage {
        drawing.coverage(coverage);
    }
    drawing.summary(report);
    drawing.text
}

struct Drawing {
    look: Look,
    text: String,
}

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const DIM: Style = Style::new().dimmed();

impl Drawing {
    fn suite(&mut self, suite: &SuiteResult, sources: &Sources) {
        let failed = suite.failed();
        let passed = suite.tests.len().saturating_sub(failed);
        let total = suite.tests.len();
        let mark = self.mark(failed == 0);
        let count = if failed == 0 { format!("{passed}") } else { format!("{passed}/{total}") };
        let head = format!("{}  {}", suite.name, count);
        self.hanging(&mark, 2, &head);
        let file = self.styled(DIM, &suite.file);
        let _ = writeln!(self.text, "  {file}");
        let all = self.look.all;
        for test in suite.tests.iter().filter(|test| all || !test.passed()) {
            self.test(suite, test, sources);
        }
    }

    fn test(&mut self, suite: &SuiteResult, test: &TestResult, sources: &Sources) {
        let mark = self.mark(test.passed());
        self.hanging(&format!("  {mark}"), 4, &test.name);
        for difference in &test.differences {
            let position =
                sources.get(difference.span.source).map(|source| source.position(difference.span.bytes.start));
            let place = position.map_or_else(
                || format!("{}:{}", suite.file, test.line),
                |at| format!("{}:{}:{}", suite.file, at.line, at.column),
            );
            self.hanging("      ", 6, &difference.path);
            let rules: Vec<String> =
                difference.because.iter().map(|rule| format!("{}  {}", rule.id, rule.place())).collect();
            let decided = if rules.is_empty() { vec![self.say(&both!("没有规则", "no rule"))] } else { rules };
            let labels = [
                (both!("期望", "expected"), vec![difference.expected.clone()]),
                (both!("实际", "actual"), vec![difference.actual.clone()]),
                (both!("依据", "decided by"), decided),
                (both!("写在", "written at"), vec![place]),
            ];
            let column = labels.iter().map(|(label, _)| width(&self.say(label))).max().unwrap_or(0).saturating_add(2);
            for (label, texts) in labels {
                for (position, text) in texts.iter().enumerate() {
                    let label = if position == 0 { self.say(&label) } else { String::new() };
                    self.hanging(&format!("        {}", padded(&label, column)), column.saturating_add(8), text);
                }
            }
        }
    }

    fn coverage(&mut self, coverage: &Coverage) {
        self.text.push('\n');
        let (held, decided, all) = (
            coverage.rules.iter().filter(|rule| rule.held).count(),
            coverage.rules.iter().filter(|rule| rule.decided).count(),
            coverage.rules.len(),
        );
        let rules = both!(
            "规则：{all} 条中 {held} 条生效过，{decided} 条决定过答复",
            "rules: {held} of {all} held, {decided} shaped an answer"
        );
        self.line(&rules);
        let (seen, sides) = coverage.sides();
        let conditions = both!(
            "条件：{sides} 面中见过 {seen} 面（每条真假各一面）",
            "conditions: {seen} of {sides} sides seen, true and false of each"
        );
        self.line(&conditions);
        let implemented = coverage.implemented();
        let (carried, ids) = (implemented.values().filter(|held| **held).count(), implemented.len());
        self.line(&both!("业务条目：{ids} 条中测到 {carried} 条", "business rules: {carried} of {ids} carried out"));

        let never = coverage.never_held().map(|rule| format!("{}  {}:{}", rule.id, rule.file, rule.line));
        self.listing(&both!("从未生效的规则", "rules that never held"), &never.collect::<Vec<_>>());
        let lines = coverage.one_sided().map(|(rule, line)| {
            let lacks = match (line.seen_true, line.seen_false) {
                (true, _) => both!("没见过假", "never false"),
                (false, true) => both!("没见过真", "never true"),
                (false, false) => both!("真假都没见过", "never decided"),
            };
            let (text, file, at) = (&line.text, &rule.file, line.line);
            format!(
                "{}: `{}`  {file}:{at}",
                lacks.get(self.look.language),
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            )
        });
        let lines: Vec<String> = lines.collect();
        self.listing(&both!("只见过一面的条件", "conditions seen on one side only"), &lines);
        let missing: Vec<&str> = implemented.iter().filter(|(_, held)| !**held).map(|(id, _)| *id).collect();
        if !missing.is_empty() {
            self.listing(&both!("没测到的业务条目", "business rules not carried out"), &[missing.join(" ")]);
        }
    }

    fn listing(&mut self, title: &Bilingual, items: &[String]) {
        if items.is_empty() {
            return;
        }
        let count = items.len();
        let _ = writeln!(self.text, "{} ({count})", self.say(title));
        for item in items.iter().take(LISTED_MAX) {
            self.hanging("  · ", 4, item);
        }
        let more = count.saturating_sub(LISTED_MAX);
        if more > 0 {
            let said = self.say(&both!("还有 {more} 条", "{more} more"));
            let _ = writeln!(self.text, "  · {said}");
        }
    }

    fn summary(&mut self, report: &Report) {
        let (run, failed, suites) = (report.run(), report.failed(), report.suites.len());
        self.text.push('\n');
        for filter in &report.unmatched {
            let filter = quoted(filter);
            self.line(&both!("没有测试的名称含有 {filter}", "no test has {filter} in its name"));
        }
        let said = match (run, failed) {
            (0, _) => both!("没有测试可运行", "there was no test to run"),
            (_, 0) => both!("{suites} 个测试集、{run} 项测试全部通过", "all {run} tests of {suites} suites passed"),
            _ => both!("{run} 项测试中有 {failed} 项不符", "{failed} of {run} tests failed"),
        };
        let said = self.say(&said);
        let said = self.styled(if run > 0 && failed == 0 { GOOD } else { BAD }, &said);
        let _ = writeln!(self.text, "{said}");
    }

    /// A mark or label, and beside it a text in a column of its own.
    fn hanging(&mut self, label: &str, column: usize, text: &str) {
        let room = self.look.width.saturating_sub(column).max(20);
        for (position, line) in wrapped(text, room).into_iter().enumerate() {
            let _ = if position == 0 {
                writeln!(self.text, "{label}{line}")
            } else {
                writeln!(self.text, "{}{line}", " ".repeat(column))
            };
        }
    }

    fn line(&mut self, text: &Bilingual) {
        let text = self.say(text);
        self.hanging("", 0, &text);
    }

    fn mark(&self, good: bool) -> String {
        if good { self.styled(GOOD, "✓ ") } else { self.styled(BAD, "✗ ") }
    }

    fn styled(&self, style: Style, text: &str) -> String {
        if self.look.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn say(&self, text: &Bilingual) -> String {
        text.get(self.look.language).to_owned()
    }
}
