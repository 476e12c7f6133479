//! Whatever bytes come in, reading and drawing them ends well: no panic, every place inside its file and between
//! characters, and every character of a value found where it was written.

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use redress::diagnostic::render::{self, Style};
use redress::diagnostic::{Problems, Span};
use redress::policy::decode::Decode;
use redress::policy::decode::{DottedId, Entries, ExpressionText, Id, LocalizedText, OneOrMany, Spanned};
use redress::record;
use redress::source::Sources;
use redress::source::tree::{self, Node, NodeKind};
use redress::text::Language;

record! {
    /// One key for each form of value.
    struct Everything {
        a: Option<Spanned<Id>>,
        b: Vec<Everything>,
        c: Option<OneOrMany<ExpressionText>>,
        d: Option<Box<Everything>>,
        e: Option<rust_decimal::Decimal>,
        f: Option<chrono::NaiveDate>,
        g: Option<chrono::DateTime<chrono::FixedOffset>>,
        h: Option<redress::value::Duration>,
        i: Option<LocalizedText>,
        j: Option<Entries<u32, DottedId>>,
        k: Option<bool>,
        l: Option<String>,
        m: Option<Node>,
    }
}

/// Reads the bytes through all stages and draws what is wrong with them.
fn survive(bytes: &[u8]) {
    let mut problems = Problems::default();
    let sources = Sources::new([("a.yaml", bytes)], &mut problems);
    let source = sources.get(0).unwrap();
    if let Some(tree) = tree::parse(source, &mut problems) {
        let decoded = Everything::decode(&tree, &mut problems);
        assert!(decoded.is_some() || problems.has_errors(), "refused without a word");
        inspect(&tree, &sources);
    } else {
        assert!(problems.has_errors(), "refused without a word");
    }
    let diagnostics = problems.into_sorted();
    for diagnostic in &diagnostics {
        for span in std::iter::once(&diagnostic.span).chain(diagnostic.related.iter().map(|(span, _)| span)) {
            assert_inside(span, &sources);
        }
        let position = source.position(diagnostic.span.bytes.start);
        assert!(position.line >= 1 && position.column >= 1);
    }
    for language in [Language::Chinese, Language::English] {
        let drawn = render::full(&diagnostics, &sources, Style::plain(language));
        assert_eq!(drawn.is_empty(), diagnostics.is_empty());
        assert_eq!(render::short(&diagnostics, &sources, language).lines().count(), diagnostics.len());
    }
    render::full(&diagnostics, &sources, Style { colour: true, width: 20, ..Style::plain(Language::English) });
    render::json(&diagnostics, &sources);
}

fn assert_inside(span: &Span, sources: &Sources) {
    let text = sources.get(span.source).unwrap().text();
    assert!(text.get(span.bytes.clone()).is_some(), "{span:?} in {text:?}");
}

/// Every span lies inside its parent's; every character of a scalar comes from where the file has it.
fn inspect(node: &Node, sources: &Sources) {
    assert_inside(&node.span, sources);
    let inside = |child: &Span| {
        let (child, parent) = (&child.bytes, &node.span.bytes);
        assert!(parent.start <= child.start && child.end <= parent.end, "{child:?} outside {parent:?} in {sources:?}");
    };
    match &node.kind {
        NodeKind::Scalar(scalar) => {
            let written = sources.text(&node.span);
            for (at, c) in scalar.text.char_indices() {
                let span = node.position_in(at..at + c.len_utf8());
                assert_inside(&span, sources);
                let here = sources.text(&span);
                let itself = here == c.encode_utf8(&mut [0; 4]);
                let escape = (written.starts_with('"') && here.starts_with('\\')) || here == "''";
                assert!(itself || escape || matches!(c, ' ' | '\n'), "{c:?} at {at} of {written:?} is {here:?}");
            }
        }
        NodeKind::List(items) => {
            for item in items {
                inside(&item.span);
                inspect(item, sources);
            }
        }
        NodeKind::Map(entries) => {
            for (key, value) in entries {
                inside(&key.span);
                inside(&value.span);
                inspect(value, sources);
            }
        }
        NodeKind::Empty => {}
    }
}

/// What YAML is made of, and what breaks it.
const TOKENS: &[&str] = &[
    "a",
    "b",
    "c",
    "d: ",
    "e: ",
    "i: ",
    "j: ",
    "金额",
    "😀",
    "x y",
    "1",
    "true",
    "~",
    "null",
    "2026-11-22",
    "48h",
    ": ",
    ":",
    ",",
    ", ",
    "- ",
    "-",
    "? ",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "''",
    "|",
    ">",
    "|2\n",
    ">-\n",
    "|+\n",
    "#",
    " # ",
    "&x ",
    "*x",
    "!t ",
    "!",
    "%",
    "@",
    "`",
    "\\",
    "\\n",
    "\\u4e2d",
    "\\ud83d\\ude00",
    "\\\n",
    "---",
    "...",
    "\n",
    "\n",
    "\n",
    "\n  ",
    "\n    ",
    "\r\n",
    "\r",
    " ",
    "  ",
    "\t",
    "\u{feff}",
    "\u{200b}",
    "\u{0}",
    "\u{85}",
    "\u{2028}",
    "：",
    "，",
];

/// A value in every style, its content of such parts.
fn styled() -> impl Strategy<Value = String> {
    let words = &[
        "a", "金", "b c", " ", "  ", "\n", "\n", "\n\n", "''", "\\n", "\\u91d1", "\\\"", "\\\n", "😀", "-", ".", "\t",
    ];
    (select(&["", "'", "\"", "|", ">", "|1", ">2", "|+", ">-"]), vec(select(words.as_slice()), 1..12), 0_usize..4)
        .prop_map(|(style, words, indent)| {
            let indent = " ".repeat(indent + 1);
            let content = words.concat().replace('\n', &format!("\n{indent}"));
            match style {
                "" | "'" | "\"" => format!("l: {style}x{content}{style}\na: b\n"),
                block => format!("l: {block}\n{indent}{content}\na: b\n"),
            }
        })
}

fn sound() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/diagnostics/sound/authority/compensation.yaml"))
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..300)) {
        survive(&bytes);
    }

    #[test]
    fn any_text(text in "\\PC{0,200}") {
        survive(text.as_bytes());
    }

    #[test]
    fn anything_made_of_what_yaml_is_made_of(tokens in vec(select(TOKENS), 0..50)) {
        survive(tokens.concat().as_bytes());
    }

    #[test]
    fn a_sound_file_after_any_slips(slips in vec((any::<Index>(), 0_usize..6, select(TOKENS)), 1..6)) {
        let mut bytes = sound();
        for (index, length, token) in slips {
            let at = index.index(bytes.len() + 1);
            let end = (at + length).min(bytes.len());
            bytes.splice(at..end, token.bytes());
        }
        survive(&bytes);
    }

    #[test]
    fn values_in_every_style(text in styled()) {
        survive(text.as_bytes());
    }
}
