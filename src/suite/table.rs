//! A table of tests: a column for each fact given and each expectation, a row for each test.

use chrono::{DateTime, FixedOffset};

use super::expect::{Expectation, Expecting};
use super::file::TestEntry;
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};
use crate::plain::{Facts, Part, Stated, moment};
use crate::policy::decode::{Decode, Spanned, wrong_form};
use crate::source::tree::{Node, NodeKind};
use crate::value::Instant;

/// What begins the name of a column that expects.
const EXPECT: &str = "expect.";

/// Leaves the cell out of its row.
const LEFT_OUT: &str = "_";

/// Takes the fact back: the front end does not know it.
const UNKNOWN: &str = "unknown";

/// The columns of a table, resolved.
pub struct Columns<'f> {
    columns: Vec<(Column, &'f Spanned<String>)>,
    expecting: Expecting<'f>,
}

enum Column {
    Name,
    Now,
    Fact { part: Part, pattern: Stated },
    Expect,
}

/// What one row says.
pub struct Row {
    /// The row's own name, or its cells.
    pub name: String,
    pub line_of: Span,
    pub now: Option<Spanned<Instant>>,
    pub case: Given,
    pub actor: Given,
    pub action: Given,
    pub expectations: Vec<Expectation>,
}

/// Facts of one part that a row states or takes back.
#[derive(Default)]
pub struct Given {
    pub stated: Facts,
    pub dropped: Vec<String>,
}

impl Given {
    /// These on top of what the table has in common.
    pub fn over(&self, base: &Facts) -> Facts {
        let mut base = base.clone();
        for path in &self.dropped {
            base.drop(path);
        }
        self.stated.over(&base)
    }
}

impl<'f> Columns<'f> {
    pub fn read(columns: &'f [Spanned<String>], expecting: Expecting<'f>, problems: &mut Problems) -> Option<Self> {
        let mut read: Vec<(Column, &Spanned<String>)> = Vec::with_capacity(columns.len());
        let mut sound = true;
        for written in columns {
            if let Some((_, first)) = read.iter().find(|(_, known)| known.value == written.value) {
                let (span, written) = (written.span.clone(), &written.value);
                let message = both!("列 `{written}` 写了两次", "the column `{written}` is there twice");
                let label = both!("第一次写在这里", "first written here");
                let problem = Diagnostic::error(codes::DUPLICATE_KEY, span, message);
                problems.push(problem.related(first.span.clone(), label));
                sound = false;
                continue;
            }
            match column(written, &expecting, problems) {
                Some(column) => read.push((column, written)),
                None => sound = false,
            }
        }
        if sound && !read.iter().any(|(column, _)| matches!(column, Column::Expect)) {
            if let Some(first) = columns.first() {
                let message = both!("表里没有一列期望", "no column of the table expects anything");
                let help = both!("加上 `expect.effect` 这样的列", "add a column such as `expect.effect`");
                problems.push(Diagnostic::error(codes::BAD_SUITE, first.span.clone(), message).help(help));
            }
            sound = false;
        }
        sound.then_some(Self { columns: read, expecting })
    }

    /// Reads one row, whose cells stand under the columns.
    pub fn row(&self, row: &Node, problems: &mut Problems) -> Option<Row> {
        let NodeKind::List(cells) = &row.kind else {
            problems.push(wrong_form(row, &both!("一行单元格 `[…]`", "a row of cells, `[…]`")));
            return None;
        };
        let (have, want) = (cells.len(), self.columns.len());
        if have != want {
            let message =
                both!("这一行有 {have} 格，表有 {want} 列", "the row has {have} cells, and the table {want} columns");
            problems.push(Diagnostic::error(codes::BAD_ROW, row.span.clone(), message));
            return None;
        }
        let mut read = Row {
            name: String::new(),
            line_of: row.span.clone(),
            now: None,
            case: Given::default(),
            actor: Given::default(),
            action: Given::default(),
            expectations: Vec::new(),
        };
        let mut sound = true;
        for (cell, (column, written)) in cells.iter().zip(&self.columns) {
            sound &= self.cell(cell, (column, written), &mut read, problems).is_some();
        }
        if sound && read.expectations.is_empty() {
            let message = both!("这一行没有期望任何结果", "the row expects nothing");
            problems.push(Diagnostic::error(codes::BAD_SUITE, row.span.clone(), message));
            return None;
        }
        if read.name.is_empty() {
            read.name = cells.iter().map(written_cell).collect::<Vec<_>>().join(", ");
        }
        sound.then_some(read)
    }

    fn cell(
        &self,
        cell: &Node,
        (column, written): (&Column, &Spanned<String>),
        row: &mut Row,
        problems: &mut Problems,
    ) -> Option<()> {
        if cell.kind == NodeKind::Empty {
            let message = both!("这一格是空的", "this cell is empty");
            let help = both!("不管就写 `_`", "write `_` to leave it out");
            problems.push(Diagnostic::error(codes::BAD_ROW, cell.span.clone(), message).help(help));
            return None;
        }
        if is_word(cell, LEFT_OUT) {
            return Some(());
        }
        match column {
            Column::Name => row.name = String::decode(cell, problems)?,
            Column::Now => row.now = Some(moment(&Spanned::<DateTime<FixedOffset>>::decode(cell, problems)?)),
            Column::Fact { part, pattern } => {
                let given = match part {
                    Part::Case => &mut row.case,
                    Part::Actor => &mut row.actor,
                    Part::Action => &mut row.action,
                };
                if is_word(cell, UNKNOWN) {
                    given.dropped.push(pattern.path.to_string());
                } else {
                    let stated = Stated { value: cell.clone(), ..pattern.clone() };
                    stated.check(self.expecting.bundle, problems)?;
                    given.stated.state(stated);
                }
            }
            Column::Expect => {
                let path = written.value.strip_prefix(EXPECT)?;
                row.expectations.extend(self.expecting.at(path, &written.span, cell, problems)?);
            }
        }
        Some(())
    }
}

fn column(written: &Spanned<String>, expecting: &Expecting<'_>, problems: &mut Problems) -> Option<Column> {
    let bundle = expecting.bundle;
    let path = written.value.as_str();
    match path {
        "name" => return Some(Column::Name),
        "now" => return Some(Column::Now),
        _ => {}
    }
    if let Some(path) = path.strip_prefix(EXPECT) {
        return expecting.is_place(path, &written.span, problems).then_some(Column::Expect);
    }
    let part = Part::of(path);
    let pattern = Stated::at(path, &written.span, bundle);
    if pattern.is_none() && expecting.knows(path) {
        let message = both!("`{path}` 不是事实，是答复的一部分", "`{path}` is no fact but a part of the answer");
        let help = both!("写成 `expect.{path}`", "write `expect.{path}`");
        problems.push(Diagnostic::error(codes::UNKNOWN_FACT, written.span.clone(), message).help(help));
        return None;
    }
    if pattern.is_none() {
        problems.push(crate::plain::unknown_fact(path, &written.span, crate::plain::stated_paths(bundle)));
    }
    pattern.map(|pattern| Column::Fact { part, pattern })
}

/// Whether a cell is this word, not in quotes.
fn is_word(cell: &Node, word: &str) -> bool {
    matches!(&cell.kind, NodeKind::Scalar(scalar) if !scalar.quoted && &*scalar.text == word)
}

fn written_cell(cell: &Node) -> String {
    match &cell.kind {
        NodeKind::Scalar(scalar) => scalar.text.to_string(),
        NodeKind::List(items) => format!("[{}]", items.iter().map(written_cell).collect::<Vec<_>>().join(", ")),
        NodeKind::Map(entries) => {
            let entries = entries.iter().map(|(key, of)| format!("{}: {}", key.text, written_cell(of)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        NodeKind::Empty => String::new(),
    }
}

/// Whether a test is a table; one that is half a table is refused.
pub fn is_table(test: &TestEntry, problems: &mut Problems) -> Option<bool> {
    match (&test.columns, &test.rows) {
        (None, None) => Some(false),
        (Some(columns), Some(rows)) if !columns.is_empty() && !rows.is_empty() => Some(true),
        _ => {
            let message =
                both!("测试表要有 `columns` 和 `rows`，都不能为空", "a table has `columns` and `rows`, neither empty");
            problems.push(Diagnostic::error(codes::BAD_SUITE, test.name.span.clone(), message));
            None
        }
    }
}
