//! One place for numbers: whatever a shop may tune is a parameter, with a range and a reason. A number that stands in a
//! condition, a table, a step, an offer or a function of the shipped policies is found here, by file and line.

mod support;

use std::ops::Range;

use redress::source::Source;
use redress::source::tree::{self, Node, NodeKind};

/// The numbers that are no choice of anybody's: nothing and one. They bound (`max(x, 0)`), count (`== 1`), begin at once
/// (`after: 0h`) and stand for what was not sent (`?? 0`). Any other is a parameter: `$name`, see `policies/parameters/`.
const STRUCTURAL: [&str; 3] = ["0", "1", "0h"];

/// Kinds of file that have no expressions: where numbers are at home, and where dates are.
const AT_HOME: [&str; 4] = ["bundle", "attributes", "parameters", "calendar"];

/// Keys and columns that name things, and types.
const NAMES: [&str; 7] = ["id", "implements", "type", "values", "columns", "effective", "off"];

/// What makes a number in a text one that a parameter has: `48 小时`, `300 %`.
const UNITS: [&str; 14] = [
    "小时",
    "天",
    "分钟",
    "秒",
    "元",
    "%",
    "个工作日",
    "日",
    "hour",
    "day",
    "minute",
    "second",
    "working day",
    "per cent",
];

#[test]
fn every_number_that_may_be_tuned_is_a_parameter() {
    let bundle = support::shipped();
    let found: Vec<String> = bundle.sources().iter().flat_map(literals).collect();
    assert!(found.is_empty(), "numbers that want to be a parameter (`$name`):\n{}", found.join("\n"));
}

#[test]
fn a_number_anywhere_in_a_policy_is_found() {
    let policies = [
        (
            "a.yaml",
            "facts: a\ndefine:\n  - id: x2\n    value: |\n      order.amount > 0\n        && order.paid < 150.5\n",
            "a.yaml:6: 150.5",
        ),
        ("b.yaml", "timers: b\nrules:\n  - { id: t, length: 48h, steps: [{ id: s, after: 0h }] }\n", "b.yaml:3: 48h"),
        (
            "c.yaml",
            "authority: c\ngrants:\n  - columns: [id, up_to]\n    rows:\n      - [up-to-500, 500.00]\n",
            "c.yaml:5: 500.00",
        ),
        ("d.yaml", "facts: d\ntables:\n  - rows:\n      - { when: ['<= 3', '\"A 7\"'], then: '-' }\n", "d.yaml:4: 3"),
        (
            "e.yaml",
            "guards: e\nrules:\n  - id: g\n    message: { en: 'Within {days(7)} please', zh-CN: 请稍等 }\n",
            "e.yaml:4: 7",
        ),
        ("f.yaml", "guards: f\nrules:\n  - { id: g, title: { zh-CN: 剩余 24 小时, en: Soon } }\n", "f.yaml:3: 24 小时"),
        ("g.yaml", "ladder: g\nrungs:\n  - steps:\n      - { zh-CN: 请稍等, en: Wait 2 days }\n", "g.yaml:4: 2 day"),
        ("h.rhai", "/// fn half(x: money) -> money\nfn half(x) { x / 2 } // of 100\n", "h.rhai:2: 2"),
    ];
    for (path, text, wanted) in policies {
        let mut problems = redress::diagnostic::Problems::default();
        let sources = redress::source::Sources::new([(path, text)], &mut problems);
        let found: Vec<String> = sources.iter().flat_map(literals).collect();
        assert_eq!(found, [wanted], "{text}");
    }
}

#[test]
fn every_number_that_may_be_tuned_has_a_range_and_a_reason() {
    let bundle = support::shipped();
    for source in bundle.sources() {
        let Some(file) = tree_of(source).filter(|file| file.first_key().is_some_and(|key| &*key.text == "parameters"))
        else {
            continue;
        };
        for parameter in file.get("values").map(elements).unwrap_or_default() {
            let word = |key: &str| parameter.get(key).map(text).unwrap_or_default();
            let place = place(source, &parameter.span);
            assert!(parameter.get("why").is_some(), "{place}: `{}` has no reason", word("id"));
            let is_number = ["number", "percent", "money", "duration"].contains(&word("type"));
            assert!(!is_number || parameter.get("range").is_some(), "{place}: `{}` has no range", word("id"));
        }
    }
}

/// The numbers of one source, each with its place.
fn literals(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    if source.path().rsplit_once('.').is_some_and(|(_, extension)| extension == "rhai") {
        for (at, line) in source.text().lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            found.extend(numbers(code).map(|range| format!("{}:{}: {}", source.path(), at + 1, &code[range])));
        }
    } else if let Some(file) = tree_of(source) {
        let kind = file.first_key().map(|key| key.text.to_string()).unwrap_or_default();
        if !AT_HOME.contains(&&*kind) {
            walk(source, &file, &mut found);
        }
    }
    found
}

fn tree_of(source: &Source) -> Option<Node> {
    tree::parse(source, &mut redress::diagnostic::Problems::default())
}

fn walk(source: &Source, node: &Node, found: &mut Vec<String>) {
    match &node.kind {
        NodeKind::Scalar(scalar) => {
            for range in numbers(&scalar.text) {
                let place = place(source, &node.position_in(range.clone()));
                found.push(format!("{place}: {}", &scalar.text[range]));
            }
        }
        NodeKind::List(list) => list.iter().for_each(|node| walk(source, node, found)),
        NodeKind::Map(entries) => {
            for (key, value) in entries {
                match &*key.text {
                    "zh-CN" | "en" => told(source, value, found),
                    "rows" if node.get("columns").is_some() => rows(source, node, found),
                    name if NAMES.contains(&name) => {}
                    _ => walk(source, value, found),
                }
            }
        }
        NodeKind::Empty => {}
    }
}

/// Rules written as a table: cells of columns that name things are left out.
fn rows(source: &Source, table: &Node, found: &mut Vec<String>) {
    let columns: Vec<&str> = table.get("columns").map(elements).unwrap_or_default().iter().map(text).collect();
    for row in table.get("rows").map(elements).unwrap_or_default() {
        let cells = columns.iter().zip(elements(row)).filter(|(column, _)| !NAMES.contains(column));
        cells.for_each(|(_, cell)| walk(source, cell, found));
    }
}

/// A text for people: expressions in braces, and numbers with a unit outside of them.
fn told(source: &Source, node: &Node, found: &mut Vec<String>) {
    let text = text(node);
    let mut outside = 0;
    for piece in text.split_inclusive(['{', '}']) {
        let is_expression = piece.ends_with('}');
        for range in if is_expression { numbers(piece).collect() } else { with_unit(piece) } {
            let range = outside + range.start..outside + range.end;
            found.push(format!("{}: {}", place(source, &node.position_in(range.clone())), &text[range]));
        }
        outside += piece.len();
    }
}

/// Numbers as expressions write them, outside of quotes and names, that are not structural.
fn numbers(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut found = Vec::new();
    let (mut quoted, mut in_name) = (false, false);
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        let end = at + next.len_utf8();
        if next == '"' {
            quoted = !quoted;
        } else if !quoted && !in_name && next.is_ascii_digit() {
            let length = text[at..].find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(text.len() - at);
            // `150..500` are two.
            let length = text[at..at + length].find("..").unwrap_or(length);
            found.push(at..at + length);
            at += length;
            continue;
        }
        in_name = next.is_alphanumeric() || next == '_' || next == '$';
        at = end;
    }
    found.into_iter().filter(|range| !STRUCTURAL.contains(&&text[range.clone()]))
}

/// Numbers with a unit behind them.
fn with_unit(text: &str) -> Vec<Range<usize>> {
    let with = |range: Range<usize>| {
        let rest = &text[range.end..];
        let after = rest.trim_start();
        let unit = UNITS.iter().find(|unit| after.starts_with(**unit))?;
        Some(range.start..range.end + rest.len() - after.len() + unit.len())
    };
    numbers(text).filter_map(with).collect()
}

fn elements(node: &Node) -> &[Node] {
    if let NodeKind::List(list) = &node.kind { list } else { &[] }
}

fn text(node: &Node) -> &str {
    if let NodeKind::Scalar(scalar) = &node.kind { &scalar.text } else { "" }
}

fn place(source: &Source, span: &redress::diagnostic::Span) -> String {
    format!("{}:{}", source.path(), source.position(span.bytes.start).line)
}
