//! Markdown pages: their blocks, what they say, and whether an output is what they show.
//!
//! A block whose first line names a file (`# guards/a.yaml`, `// functions/a.rhai`) is that file; a `diff` block, whose
//! first line is `--- guards/a.yaml`, is an edit of it, in whose lines `…` stands for any text. A kind with `mistake`
//! behind it shows what not to do.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

/// Stands for whatever is there.
const ANYTHING: char = '…';

/// A page with its fenced blocks.
pub struct Page {
    pub name: String,
    pub blocks: Vec<Block>,
    prose: Vec<String>,
}

/// A fenced block.
pub struct Block {
    /// Its first line in the page.
    pub line: usize,
    pub kind: String,
    pub text: String,
}

impl Block {
    /// The file that it is, or that it edits.
    pub fn file(&self) -> Option<&str> {
        let (mark, path) = self.text.lines().next()?.split_once(' ')?;
        let names = matches!(mark, "#" | "//" | "---") && path.contains('.') && !path.contains(char::is_whitespace);
        (names && ["yaml", "rhai", "diff"].iter().any(|kind| self.is_a(kind))).then_some(path)
    }

    pub fn is_a(&self, kind: &str) -> bool {
        self.kind.split_whitespace().next() == Some(kind)
    }

    pub fn is_a_mistake(&self) -> bool {
        self.kind.ends_with(" mistake")
    }

    /// The file as it is after the block, from what it was before.
    pub fn applied(&self, before: Option<&str>) -> Result<String, String> {
        if !self.is_a("diff") {
            return Ok(self.text.clone());
        }
        let lines: Vec<&str> = before.unwrap_or_default().lines().collect();
        let shown: Vec<(&str, &str)> = self.text.lines().skip(1).filter_map(|line| line.split_at_checked(1)).collect();
        let old: Vec<&str> = shown.iter().filter(|(sign, _)| *sign != "+").map(|(_, line)| *line).collect();
        let fits = |at: &usize| {
            let there = lines.get(*at..*at + old.len());
            there.is_some_and(|there| there.iter().zip(&old).all(|(have, wanted)| line_fits(wanted, have)))
        };
        let places: Vec<usize> = (0..=lines.len()).filter(fits).collect();
        let [place] = places[..] else {
            return Err(format!("these lines stand in it {} times: {old:#?}", places.len()));
        };
        let (mut kept, mut after) = (lines[place..].iter(), lines[..place].to_vec());
        for (sign, line) in shown {
            match sign {
                "+" => after.push(line),
                "-" => drop(kept.next()),
                _ => after.extend(kept.next()),
            }
        }
        after.extend(kept);
        Ok(after.join("\n") + "\n")
    }
}

impl Page {
    pub fn read(name: &str) -> Self {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
        let mut page = Self { name: name.to_owned(), blocks: Vec::new(), prose: Vec::new() };
        let mut open: Option<Block> = None;
        for (at, line) in text.lines().enumerate() {
            match (open.take(), line.strip_prefix("```")) {
                (None, Some(kind)) => {
                    open = Some(Block { line: at + 2, kind: kind.to_owned(), text: String::new() });
                }
                (None, None) => page.prose.push(line.to_owned()),
                (Some(block), Some("")) => page.blocks.push(block),
                (Some(block), _) => open = Some(Block { text: format!("{}{line}\n", block.text), ..block }),
            }
        }
        assert!(open.is_none(), "{name}: a block is not closed");
        page
    }

    /// What a translation has in common with its original: headings, tables, blocks, in order and by number.
    pub fn outline(&self) -> Vec<String> {
        let level = |line: &String| line.chars().take_while(|c| *c == '#').count();
        let headings = self.prose.iter().map(level).filter(|level| *level > 0);
        let rows = self.prose.iter().filter(|line| line.starts_with('|')).count();
        let points = self.prose.iter().filter(|line| line.starts_with("- ")).count();
        let mut outline: Vec<String> = headings.map(|level| "#".repeat(level)).collect();
        outline.extend([format!("{rows} rows"), format!("{points} points")]);
        outline.extend(self.blocks.iter().map(|block| block.kind.clone()));
        outline
    }

    pub fn wider_than(&self, columns: usize) -> Vec<String> {
        let blocks = self.blocks.iter().flat_map(|block| block.text.lines());
        let lines = self.prose.iter().map(String::as_str).chain(blocks);
        lines.filter(|line| line.width() > columns).map(str::to_owned).collect()
    }
}

/// Whether `actual` is what a page shows; JSON however it is laid out, and columns however wide they are.
pub fn compare(shown: &str, actual: &str) -> Result<(), String> {
    let laid_out = match serde_json::from_str::<Value>(actual) {
        Ok(value) => serde_json::to_string_pretty(&value).unwrap(),
        Err(_) => actual.to_owned(),
    };
    let (wanted, got) = (squeezed(shown), squeezed(&laid_out));
    if lines_fit(&wanted, &got) {
        return Ok(());
    }
    let mut said = String::from("the page shows\n\n");
    write!(said, "{shown}\nbut what comes out is\n\n{laid_out}\n").unwrap();
    Err(said)
}

/// The lines, with one blank for several.
fn squeezed(text: &str) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_end().lines().map(words).collect()
}

fn lines_fit(wanted: &[String], got: &[String]) -> bool {
    match (wanted.split_first(), got.split_first()) {
        (None, None) => true,
        (Some((line, rest)), _) if line.chars().eq([ANYTHING]) => {
            (0..=got.len()).any(|skipped| lines_fit(rest, &got[skipped..]))
        }
        (Some((line, rest)), Some((have, left))) => line_fits(line, have) && lines_fit(rest, left),
        _ => false,
    }
}

fn line_fits(wanted: &str, have: &str) -> bool {
    let (begins, rest) = wanted.split_once(ANYTHING).map_or((wanted, None), |(begins, rest)| (begins, Some(rest)));
    match (have.strip_prefix(begins), rest) {
        (Some(left), Some(rest)) => {
            left.char_indices().map(|(at, _)| at).chain([left.len()]).any(|at| line_fits(rest, &left[at..]))
        }
        (Some(left), None) => left.is_empty(),
        (None, _) => false,
    }
}

/// Every key and every word of a closed set that a schema knows.
pub fn words(schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = vec![schema];
    while let Some(value) = rest.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(Value::Object(properties)) = fields.get("properties") {
                    found.extend(properties.keys().cloned());
                }
                let closed = fields.get("enum").and_then(Value::as_array).into_iter().flatten();
                found.extend(closed.chain(fields.get("const")).filter_map(Value::as_str).map(str::to_owned));
                rest.extend(fields.values());
            }
            Value::Array(items) => rest.extend(items),
            _ => {}
        }
    }
    found
}

/// Whether `word` stands in `text` by itself.
pub fn mentions(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(part);
        let after = word.ends_with(part) && text[at + word.len()..].chars().next().is_some_and(part);
        !before && !after
    })
}

#[test]
fn what_is_shown_may_leave_out_and_nothing_else() {
    for (shown, actual, fits) in [
        ("a\n", "a\n", true),
        ("a\n…\nd\n", "a\nb\nc\nd\n", true),
        ("a\n…\n", "a\n", true),
        ("…1 error\n", "in all 1 error\n", true),
        ("\"id\": \"…\",\n", "\"id\": \"0198\",\n", true),
        ("{\n  \"a\": 1\n}\n", "{\"a\":1}", true),
        ("a  b\n", "a     b\n", true),
        ("a b\n", "ab\n", false),
        ("a\n…\nd\n", "a\nb\nc\n", false),
        ("a\n", "a\nb\n", false),
        ("\"id\": \"…\",\n", "\"id\": \"0198\"\n", false),
    ] {
        assert_eq!(compare(shown, actual).is_ok(), fits, "{shown:?} and {actual:?}");
    }
}

#[test]
fn an_edit_changes_the_lines_it_shows_and_nothing_else() {
    let edit = |text: &str| Block { line: 1, kind: "diff".into(), text: format!("--- a.yaml\n{text}") };
    let file = Some("a: 1\nb: 1\nc: 1\n");
    for (shown, after) in [
        (" b: 1\n-c: 1\n+c: 2\n", Some("a: 1\nb: 1\nc: 2\n")),
        ("-a: 1\n", Some("b: 1\nc: 1\n")),
        (" a: …\n+d: 4\n", Some("a: 1\nd: 4\nb: 1\nc: 1\n")),
        ("-d: 1\n", None),
        ("-c: 1\n-d: 1\n", None),
        ("-: 1\n", None),
    ] {
        assert_eq!(edit(shown).applied(file).ok().as_deref(), after, "{shown:?}");
    }
    assert!(edit("-a: 1\n").applied(Some("a: 1\na: 1\n")).is_err());
    assert_eq!(edit("").file(), Some("a.yaml"));
}
