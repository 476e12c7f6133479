//! Lists whose records are written one by one, or as the rows of a table.
//!
//! ```yaml
//! grants:
//!   - { id: manager, title: …, role: manager }
//!   - columns: [id, role, title, up_to]
//!     implements: [AU-13]               # what all rows have in common
//!     rows:
//!       - [agent, agent, …, 500]
//!       - [lead, team_lead, …, 2000]
//! ```
//!
//! A row becomes a record before it is read, so whatever a record may have, a column may give. Knows no record.

use std::ops::{Deref, DerefMut};

use serde_json::{Value, json};

use super::{Decode, Definitions, Spanned, any_of, wrong_form};
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, codes};
use crate::source::tree::{Key, Node, NodeKind};

/// Records of one kind, in order; where each came from a row, its place is the row's.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed<T>(Vec<T>);

/// Leaves a cell out of its row.
const LEFT_OUT: &str = "_";

/// Of these, what a row has is added to what all rows have.
const ADDED_UP: [&str; 2] = ["implements", "when"];

impl<T> Deref for Listed<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T> DerefMut for Listed<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

impl<'l, T> IntoIterator for &'l Listed<T> {
    type Item = &'l T;
    type IntoIter = std::slice::Iter<'l, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T: Decode> Decode for Listed<T> {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        let NodeKind::List(items) = &node.kind else {
            return Vec::decode(node, problems).map(Self);
        };
        let mut read: Vec<Option<T>> = Vec::with_capacity(items.len());
        for item in items {
            if item.get("columns").is_none() && item.get("rows").is_none() {
                read.push(T::decode(item, problems));
                continue;
            }
            match Table::read(item, problems) {
                Some(table) => {
                    for row in table.rows {
                        let record = table.record(row, problems);
                        read.push(record.and_then(|record| T::decode(&record, problems)));
                    }
                }
                None => read.push(None),
            }
        }
        read.into_iter().collect::<Option<_>>().map(Self)
    }

    fn absent() -> Option<Self> {
        Some(Self(Vec::new()))
    }

    fn schema(definitions: &mut Definitions) -> Value {
        let record = T::schema(definitions);
        let Some((name, of)) = definitions.defined(&record) else {
            return json!({ "type": "array", "items": record });
        };
        let table = definitions.define::<Self>(&format!("{name}Table"), |_| table_schema(&of));
        json!({ "type": "array", "items": any_of([record, table]) })
    }
}

struct Table<'n> {
    columns: Vec<Spanned<String>>,
    rows: &'n [Node],
    /// What stands beside `columns` and `rows`.
    shared: Vec<&'n (Key, Node)>,
}

impl<'n> Table<'n> {
    fn read(node: &'n Node, problems: &mut Problems) -> Option<Self> {
        let (Some(columns), Some(rows)) = (node.get("columns"), node.get("rows")) else {
            let message = both!("表格要同时有 `columns` 和 `rows`", "a table has both `columns` and `rows`");
            problems.push(Diagnostic::error(codes::MISSING_KEY, node.span.clone(), message));
            return None;
        };
        let columns = Vec::<Spanned<String>>::decode(columns, problems);
        let rows = match &rows.kind {
            NodeKind::List(rows) if !rows.is_empty() => Some(rows.as_slice()),
            NodeKind::List(_) => {
                let message = both!("表格至少要有一行", "a table has at least one row");
                problems.push(Diagnostic::error(codes::WRONG_FORM, rows.span.clone(), message));
                None
            }
            NodeKind::Scalar(_) | NodeKind::Map(_) | NodeKind::Empty => {
                problems.push(wrong_form(rows, &both!("若干行单元格 `- […]`", "rows of cells, `- […]`")));
                None
            }
        };
        let (columns, rows) = (columns?, rows?);
        for (at, column) in columns.iter().enumerate() {
            if let Some(first) = columns.iter().take(at).find(|first| first.value == column.value) {
                let word = &column.value;
                let message = both!("列 `{word}` 写了两次", "the column `{word}` is there twice");
                let label = both!("第一次写在这里", "first written here");
                let problem = Diagnostic::error(codes::DUPLICATE_KEY, column.span.clone(), message);
                problems.push(problem.related(first.span.clone(), label));
                return None;
            }
        }
        let NodeKind::Map(entries) = &node.kind else { return None };
        let shared = entries.iter().filter(|(key, _)| !matches!(&*key.text, "columns" | "rows")).collect();
        Some(Self { columns, rows, shared })
    }

    /// A row as the record that it stands for.
    fn record(&self, row: &Node, problems: &mut Problems) -> Option<Node> {
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
        let written = self.columns.iter().zip(cells).filter(|(_, cell)| !is_left_out(cell));
        let mut entries: Vec<(Key, Node)> = written
            .map(|(column, cell)| (Key { text: column.value.as_str().into(), span: column.span.clone() }, cell.clone()))
            .collect();
        for (key, value) in self.shared.iter().copied() {
            match entries.iter_mut().find(|(own, _)| own.text == key.text) {
                Some((_, own)) if ADDED_UP.contains(&&*key.text) => *own = both_of(value, own),
                Some(_) => {}
                None => entries.push((key.clone(), value.clone())),
            }
        }
        Some(Node { span: row.span.clone(), kind: NodeKind::Map(entries) })
    }
}

fn is_left_out(cell: &Node) -> bool {
    matches!(&cell.kind, NodeKind::Scalar(scalar) if !scalar.quoted && &*scalar.text == LEFT_OUT)
}

/// One list of what stands in two, either of which may be a single item without its list.
fn both_of(shared: &Node, own: &Node) -> Node {
    let items = |node: &Node| match &node.kind {
        NodeKind::List(items) => items.clone(),
        NodeKind::Scalar(_) | NodeKind::Map(_) | NodeKind::Empty => vec![node.clone()],
    };
    Node { span: own.span.clone(), kind: NodeKind::List([items(shared), items(own)].concat()) }
}

/// A table's own keys, and what its rows may have in common.
fn table_schema(of: &Value) -> Value {
    let mut properties = of.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let keys: Vec<String> = properties.keys().cloned().collect();
    properties.insert("columns".into(), json!({ "type": "array", "items": { "enum": keys }, "minItems": 1 }));
    properties.insert("rows".into(), json!({ "type": "array", "items": { "type": "array" }, "minItems": 1 }));
    json!({
        "type": "object",
        "description": "Several, one a row; what stands beside the rows all of them have — 几条写成一张表；写在表外的各行共有",
        "properties": properties,
        "required": ["columns", "rows"],
        "additionalProperties": false,
    })
}
