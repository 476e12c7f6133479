//! From files to suites that can be run: fixtures resolved, calls made, expectations compiled, and all that is wrong
//! with any of it reported.

use super::expect::{Expectation, Expecting};
use super::file::{SuiteFile, TestEntry};
use super::fixtures::{Fixtures, laid_over};
use super::table::{Columns, Row, is_table};
use super::{Suite, Suites, Test};
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};
use crate::plain::{Facts, Part, Question, moment};
use crate::policy::decode::{Decode, Spanned};
use crate::policy::{Bundle, Rejected};
use crate::source::{Sources, tree};
use crate::view::shape::{AUTHORIZATION, DECISION};

pub fn suites<P, B>(bundle: &Bundle, files: impl IntoIterator<Item = (P, B)>) -> Result<Suites, Rejected>
where
    P: Into<String>,
    B: Into<Vec<u8>>,
{
    let mut problems = Problems::default();
    let sources = Sources::new(files, &mut problems);
    let mut suites: Vec<Suite> = Vec::new();
    let mut names: Vec<Spanned<String>> = Vec::new();
    for source in sources.iter().filter(|source| source.is_sound()) {
        let file = tree::parse(source, &mut problems).and_then(|tree| SuiteFile::decode(&tree, &mut problems));
        let Some(file) = file else { continue };
        if let Some(first) = names.iter().find(|name| name.value == file.name.value) {
            problems.push(twice(&file.name, &first.span));
        }
        let checking = Checking { bundle, sources: &sources, file: &file, problems: &mut problems };
        suites.push(checking.suite(source.path()));
        names.push(file.name.clone());
    }
    if problems.has_errors() {
        return Err(Rejected { sources, problems: problems.into_sorted() });
    }
    Ok(Suites { suites, sources })
}

fn twice(name: &Spanned<String>, first: &Span) -> Diagnostic {
    let theirs = crate::text::quoted(&name.value);
    let message = both!("名称 {theirs} 重复了", "the name {theirs} is used twice");
    let problem = Diagnostic::error(codes::DUPLICATE_ID, name.span.clone(), message);
    problem.related(first.clone(), both!("第一次在这里", "first used here"))
}

/// One suite being checked.
struct Checking<'c> {
    bundle: &'c Bundle,
    sources: &'c Sources,
    file: &'c SuiteFile,
    problems: &'c mut Problems,
}

/// What a test, or all rows of a table, ask.
struct Base {
    question: Question,
    expectations: Vec<Expectation>,
}

impl<'c> Checking<'c> {
    fn suite(mut self, path: &str) -> Suite {
        let mut fixtures = Fixtures::new(self.file, self.bundle, self.problems);
        if self.file.tests.items.is_empty() && self.file.tests.all {
            let message = both!("这个测试集没有测试", "the suite has no tests");
            self.problems.push(Diagnostic::error(codes::BAD_SUITE, self.file.name.span.clone(), message));
        }
        if let Some(locale) = self.file.locale.as_ref().filter(|locale| self.bundle.locale(&locale.value).is_none()) {
            let theirs = crate::text::quoted(&locale.value);
            let message = both!("规则包没有 {theirs} 这种语言", "the bundle has no language {theirs}");
            self.problems.push(Diagnostic::error(codes::UNKNOWN_LOCALE, locale.span.clone(), message));
        }
        let mut tests: Vec<Test> = Vec::new();
        for (position, entry) in self.file.tests.items.iter().enumerate() {
            let earlier =
                self.file.tests.items.iter().take(position).find(|earlier| earlier.name.value == entry.name.value);
            if let Some(earlier) = earlier {
                self.problems.push(twice(&entry.name, &earlier.name.span));
            }
            tests.extend(self.tests(entry, &mut fixtures).unwrap_or_default());
        }
        if self.file.tests.all {
            fixtures.report_unused(self.problems);
        }
        Suite { name: self.file.name.value.clone(), file: path.to_owned(), tests }
    }

    /// The test of an entry, or those of its rows.
    fn tests(&mut self, entry: &TestEntry, fixtures: &mut Fixtures<'_>) -> Option<Vec<Test>> {
        let expecting = self.expecting(entry);
        let base = self.base(entry, &expecting, fixtures);
        if !is_table(entry, self.problems)? {
            let base = base?;
            if base.expectations.is_empty() {
                let message = both!("这个测试没有期望任何结果", "the test expects nothing");
                let help = both!("写上 `expect`", "write `expect`");
                let problem = Diagnostic::error(codes::BAD_SUITE, entry.name.span.clone(), message);
                self.problems.push(problem.help(help));
                return None;
            }
            let test = self.test(entry.name.value.clone(), &entry.name.span, &base.question, base.expectations)?;
            return Some(vec![test]);
        }
        let columns = entry.columns.as_deref().unwrap_or_default();
        let columns = Columns::read(columns, expecting, self.problems);
        let (base, columns) = (base?, columns?);
        let mut tests: Vec<Test> = Vec::new();
        let rows = entry.rows.as_deref().unwrap_or_default();
        for (at, written) in rows.iter().enumerate() {
            let row = columns.row(written, self.problems);
            let Some(row) = row else { continue };
            if let Some(first) = rows.iter().take(at).find(|earlier| earlier.says_the_same(written)) {
                let message = both!("这一行与前面的一行相同", "the row is the same as one before it");
                let problem = Diagnostic::error(codes::DUPLICATE_ID, row.line_of.clone(), message);
                self.problems.push(problem.related(first.span.clone(), both!("前面的一行", "the one before it")));
                continue;
            }
            let mut name = format!("{} [{}]", entry.name.value, row.name);
            // Records are not told in full; rows that differ inside one are told apart by number.
            if tests.iter().any(|test| test.name == name) {
                name = format!("{name} #{}", at.saturating_add(1));
            }
            tests.extend(self.row(name, &base, row));
        }
        Some(tests)
    }

    /// An entry with an action, or a table with a column for one, is answered by an authorisation.
    fn expecting(&self, entry: &TestEntry) -> Expecting<'c> {
        let columns = entry.columns.as_deref().unwrap_or_default();
        let authorizes =
            entry.authorize.is_some() || columns.iter().any(|column| Part::of(&column.value) == Part::Action);
        let (shape, other) = if authorizes { (&AUTHORIZATION, &DECISION) } else { (&DECISION, &AUTHORIZATION) };
        Expecting { bundle: self.bundle, shape, other, authorizes }
    }

    fn base(&mut self, entry: &TestEntry, expecting: &Expecting<'_>, fixtures: &mut Fixtures<'_>) -> Option<Base> {
        let case = match &entry.case {
            Some(name) => fixtures.case(name, self.problems),
            None => Some(Facts::default()),
        };
        if let Some(extends) = entry.with.as_ref().and_then(|with| with.extends.as_ref()) {
            let message = both!("`with` 不能扩展", "`with` extends nothing");
            let help = both!("用 `case` 指明案件", "name the case with `case`");
            self.problems.push(Diagnostic::error(codes::BAD_SUITE, extends.span.clone(), message).help(help));
        }
        let case = match (&entry.with, case) {
            (None, case) => case,
            (Some(with), Some(case)) => laid_over(&case, with, self.bundle, self.problems),
            (Some(with), None) => laid_over(&Facts::default(), with, self.bundle, self.problems).and(None),
        };
        let actor = match entry.actor.as_ref().or(self.file.actor.as_ref()) {
            Some(node) => fixtures.actor(node, self.problems),
            None => Some(Facts::default()),
        };
        let action = match &entry.authorize {
            Some(node) => Facts::decode(node, Part::Action, self.bundle, self.problems).map(Some),
            None => Some(expecting.authorizes.then(Facts::default)),
        };
        let expectations = match &entry.expect {
            Some(node) => expecting.all(node, self.problems),
            None => Some(Vec::new()),
        };
        let now = moment(entry.now.as_ref().unwrap_or(&self.file.now));
        let span = entry.name.span.clone();
        let question = Question { as_of: Some(now), actor: actor?, action: action?, case: case?, span };
        Some(Base { question, expectations: expectations? })
    }

    fn row(&mut self, name: String, base: &Base, row: Row) -> Option<Test> {
        let question = &base.question;
        let action = question.action.as_ref().map(|action| row.action.over(action));
        let question = Question {
            as_of: row.now.or_else(|| question.as_of.clone()),
            actor: row.actor.over(&question.actor),
            action,
            case: row.case.over(&question.case),
            span: row.line_of.clone(),
        };
        let expectations = base.expectations.iter().cloned().chain(row.expectations).collect();
        self.test(name, &row.line_of, &question, expectations)
    }

    fn test(&mut self, name: String, at: &Span, question: &Question, expectations: Vec<Expectation>) -> Option<Test> {
        let locale = self.file.locale.as_ref().map_or("", |locale| &locale.value);
        let call = question.call(self.bundle, locale, false, self.problems)?;
        let line = self.sources.get(at.source).map_or(0, |source| source.position(at.bytes.start).line);
        Some(Test { name, line, call, expectations })
    }
}
