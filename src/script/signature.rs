//! The signature that a function declares in the comment above it: names and types of its parameters and the type of
//! its result. Rhai itself knows no types; conditions that call the function are checked against these.
//!
//! ```rhai
//! /// fn concession(amount: money, words: list<text>) -> money
//! ```

use std::fmt;
use std::ops::Range;

use crate::both;
use crate::diagnostic::Span;
use crate::text::Bilingual;

/// A type that a script's function takes or gives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ScriptType {
    Bool,
    Number,
    Money,
    Text,
    Instant,
    Date,
    Duration,
    /// Named fields, as a map; only a parameter can be one.
    Record,
    List(Box<ScriptType>),
}

/// The types that are written as one word.
const SIMPLE: &[(&str, ScriptType)] = &[
    ("bool", ScriptType::Bool),
    ("number", ScriptType::Number),
    ("money", ScriptType::Money),
    ("text", ScriptType::Text),
    ("instant", ScriptType::Instant),
    ("date", ScriptType::Date),
    ("duration", ScriptType::Duration),
    ("record", ScriptType::Record),
];

impl fmt::Display for ScriptType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScriptType::List(item) => write!(f, "list<{item}>"),
            simple => f.write_str(SIMPLE.iter().find(|(_, other)| other == simple).map_or("", |(name, _)| name)),
        }
    }
}

impl ScriptType {
    pub(super) fn holds_record(&self) -> bool {
        match self {
            ScriptType::Record => true,
            ScriptType::List(item) => item.holds_record(),
            _ => false,
        }
    }
}

/// What a public function of a `.rhai` file takes and gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub name: String,
    pub parameters: Vec<(String, ScriptType)>,
    pub returns: ScriptType,
    /// The function's name where it is defined.
    pub span: Span,
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters: Vec<String> = self.parameters.iter().map(|(name, of)| format!("{name}: {of}")).collect();
        write!(f, "fn {}({}) -> {}", self.name, parameters.join(", "), self.returns)
    }
}

/// A signature as it stands in a comment.
#[derive(Debug, PartialEq)]
pub(super) struct Declared {
    pub name: (String, Range<usize>),
    pub parameters: Vec<(String, ScriptType)>,
    /// From the first parameter to the last; the place between the parentheses if there is none.
    pub list: Range<usize>,
    pub returns: (ScriptType, Range<usize>),
}

/// What can't be read in a signature, and where.
#[derive(Debug, PartialEq)]
pub(super) struct Unreadable {
    pub bytes: Range<usize>,
    pub message: Bilingual,
}

/// Reads `fn name(a: type, …) -> type` from a line that starts at byte `start` of its file.
pub(super) fn read(line: &str, start: usize) -> Result<Declared, Unreadable> {
    let mut cursor = Cursor { line, start, at: 0 };
    cursor.expect("fn")?;
    let name = cursor.word()?;
    cursor.expect("(")?;
    let mut list = cursor.place()..cursor.place();
    let mut parameters = Vec::new();
    while !cursor.accept(")") {
        if !parameters.is_empty() {
            cursor.expect(",")?;
        }
        let (parameter, _) = cursor.word()?;
        cursor.expect(":")?;
        let (of, _) = cursor.script_type()?;
        parameters.push((parameter, of));
        list.end = cursor.start.saturating_add(cursor.at);
    }
    cursor.expect("->")?;
    let returns = cursor.script_type()?;
    cursor.end()?;
    Ok(Declared { name, parameters, list, returns })
}

struct Cursor<'l> {
    line: &'l str,
    start: usize,
    at: usize,
}

impl Cursor<'_> {
    fn rest(&mut self) -> &str {
        let rest = self.line.get(self.at..).unwrap_or_default();
        let trimmed = rest.trim_start();
        self.at = self.at.saturating_add(rest.len().saturating_sub(trimmed.len()));
        trimmed
    }

    /// The byte of the file at which the next token starts.
    fn place(&mut self) -> usize {
        self.rest();
        self.start.saturating_add(self.at)
    }

    fn accept(&mut self, symbol: &str) -> bool {
        let found = self.rest().starts_with(symbol);
        if found {
            self.at = self.at.saturating_add(symbol.len());
        }
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<(), Unreadable> {
        if self.accept(symbol) {
            Ok(())
        } else {
            Err(self.unreadable(both!("这里缺少 `{symbol}`", "`{symbol}` is missing here")))
        }
    }

    fn word(&mut self) -> Result<(String, Range<usize>), Unreadable> {
        let rest = self.rest();
        let word: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if word.is_empty() {
            return Err(self.unreadable(both!("这里缺少名称", "a name is missing here")));
        }
        let start = self.place();
        self.at = self.at.saturating_add(word.len());
        Ok((word, start..self.start.saturating_add(self.at)))
    }

    fn script_type(&mut self) -> Result<(ScriptType, Range<usize>), Unreadable> {
        let (word, bytes) = self.word()?;
        if word == "list" {
            self.expect("<")?;
            let (item, _) = self.script_type()?;
            self.expect(">")?;
            return Ok((ScriptType::List(Box::new(item)), bytes.start..self.start.saturating_add(self.at)));
        }
        match SIMPLE.iter().find(|(name, _)| *name == word) {
            Some((_, simple)) => Ok((simple.clone(), bytes)),
            None => Err(Unreadable { bytes, message: unknown_type(&word) }),
        }
    }

    fn end(&mut self) -> Result<(), Unreadable> {
        if self.rest().is_empty() {
            return Ok(());
        }
        Err(self.unreadable(both!("签名在这里应已结束", "the signature should end here")))
    }

    /// The next character, or the last one if there is none.
    fn unreadable(&mut self, message: Bilingual) -> Unreadable {
        let place = self.place();
        let width = self.rest().chars().next().map_or(0, char::len_utf8);
        Unreadable { bytes: place..place.saturating_add(width), message }
    }
}

fn unknown_type(word: &str) -> Bilingual {
    let names: Vec<&str> = SIMPLE.iter().map(|(name, _)| *name).chain(["list<…>"]).collect();
    let known = names.join(", ");
    match super::nearest(word, SIMPLE.iter().map(|(name, _)| *name)) {
        Some(near) => {
            both!("没有类型 `{word}`；是否想写 `{near}`？", "there is no type `{word}`; did you mean `{near}`?")
        }
        None => both!("没有类型 `{word}`；可用的有 {known}", "there is no type `{word}`; the types are {known}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Declared, ScriptType, read};

    #[test]
    fn a_signature_is_read_with_its_places() {
        let line = "fn 让步(amount: money, words : list<list<text>>) -> money ";
        let Declared { name, parameters, list, returns } = read(line, 100).unwrap();
        assert_eq!(name, ("让步".to_owned(), 103..109));
        let texts = ScriptType::List(Box::new(ScriptType::List(Box::new(ScriptType::Text))));
        assert_eq!(parameters, [("amount".to_owned(), ScriptType::Money), ("words".to_owned(), texts)]);
        assert_eq!(&line[list.start - 100..list.end - 100], "amount: money, words : list<list<text>>");
        assert_eq!(returns.0, ScriptType::Money);
        assert_eq!(&line[returns.1.start - 100..returns.1.end - 100], "money");
        assert_eq!(read("fn f() -> bool", 0).unwrap().parameters, []);
    }

    #[test]
    fn what_is_wrong_is_shown_at_its_place() {
        for (line, bytes, message) in [
            ("fn (a: text) -> bool", 3..4, "a name is missing here"),
            ("fn f a: text) -> bool", 5..6, "`(` is missing here"),
            ("fn f(a) -> bool", 6..7, "`:` is missing here"),
            ("fn f(a: ) -> bool", 8..9, "a name is missing here"),
            ("fn f(a: text b: text) -> bool", 13..14, "`,` is missing here"),
            ("fn f(a: text", 12..12, "`,` is missing here"),
            ("fn f(a: txt) -> bool", 8..11, "there is no type `txt`; did you mean `text`?"),
            ("fn f(a: list) -> bool", 12..13, "`<` is missing here"),
            ("fn f(a: text)", 13..13, "`->` is missing here"),
            ("fn f(a: text) -> bool {", 22..23, "the signature should end here"),
            (
                "fn f(a: wibble) -> bool",
                8..14,
                "there is no type `wibble`; the types are bool, number, money, text, instant, date, duration, record, list<…>",
            ),
        ] {
            let unreadable = read(line, 0).unwrap_err();
            assert_eq!((unreadable.bytes, unreadable.message.en.as_str()), (bytes, message), "{line}");
        }
    }
}
