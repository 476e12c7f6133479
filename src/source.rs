//! The sources of a bundle: texts by path, in one fixed order, with positions in them and a digest over all of them.
//!
//! Pure: whoever reads a disk or a wire hands the bytes in. Knows nothing of what the texts mean; `source/tree.rs`
//! reads one of them as YAML.

use std::sync::Arc;

use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};
use crate::text::quoted;

mod malformed;
mod positions;
pub mod tree;

/// How large one file may be. A policy of a thousand rules has a tenth of that.
pub const FILE_BYTES_MAX: usize = 1 << 20;

/// How many files a bundle may have.
pub const FILES_MAX: usize = 4096;

/// How long a path may be, in bytes.
pub const PATH_BYTES_MAX: usize = 512;

/// A file full of them is named a few times, not thousands.
const INVISIBLE_REPORTED_MAX: usize = 20;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// The texts of one bundle, sorted by path. A [`Span`] names one of them by its position here.
#[derive(Debug, Clone)]
pub struct Sources {
    sources: Vec<Source>,
    digest: String,
}

/// One text of a bundle.
#[derive(Debug, Clone)]
pub struct Source {
    number: u32,
    path: String,
    text: Arc<str>,
    /// Where each line begins, the first at 0. Only `\n` ends a line; a `\r` before it belongs to the line's end.
    lines: Box<[usize]>,
    sound: bool,
}

/// A place as people name it: both count from 1, and columns count characters, not bytes. A byte order mark has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

impl Sources {
    /// Takes the files of a bundle as they were read, in any order.
    ///
    /// A file that can't be used (not UTF-8, too large, a path that leaves the bundle, a path given twice) is reported
    /// and stays in the list, so that its problem can be drawn.
    pub fn new<P, B>(files: impl IntoIterator<Item = (P, B)>, problems: &mut Problems) -> Self
    where
        P: Into<String>,
        B: Into<Vec<u8>>,
    {
        let mut files: Vec<(String, Vec<u8>)> = files.into_iter().map(|(p, b)| (p.into(), b.into())).collect();
        files.sort();
        let too_many = files.len() > FILES_MAX;
        files.truncate(FILES_MAX);
        let digest = digest(&files);

        let mut sources: Vec<Source> = Vec::with_capacity(files.len());
        for (number, (path, bytes)) in (0..).zip(files) {
            let again = sources.last().is_some_and(|previous| previous.path == path);
            let mut source = Source::new(number, path, bytes, problems);
            if again {
                source.sound = false;
                let path = quoted(&source.path);
                let message = both!("路径 {path} 出现了两次", "the path {path} is given twice");
                problems.push(Diagnostic::error(codes::DUPLICATE_PATH, source.start(), message));
            }
            sources.push(source);
        }
        if too_many {
            let message = both!("文件超过 {FILES_MAX} 个", "there are more than {FILES_MAX} files");
            problems.push(Diagnostic::error(codes::TOO_LARGE, Span::new(0, 0..0), message));
        }
        Self { sources, digest }
    }

    /// Names the contents: the same paths with the same bytes have the same digest, and no others.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// All of them, in the order of their paths.
    pub fn iter(&self) -> std::slice::Iter<'_, Source> {
        self.sources.iter()
    }

    pub fn len(&self) -> usize {
        self.sources.len()
    }

    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The source that a span's number names.
    pub fn get(&self, number: u32) -> Option<&Source> {
        self.sources.get(usize::try_from(number).ok()?)
    }

    /// The source at `path`.
    pub fn at(&self, path: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.path == path)
    }

    /// The text that `span` covers; empty where there is none.
    pub fn text(&self, span: &Span) -> &str {
        self.get(span.source).and_then(|source| source.text.get(span.bytes.clone())).unwrap_or("")
    }
}

impl<'s> IntoIterator for &'s Sources {
    type Item = &'s Source;
    type IntoIter = std::slice::Iter<'s, Source>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Source {
    fn new(number: u32, path: String, bytes: Vec<u8>, problems: &mut Problems) -> Self {
        let size = bytes.len();
        let (text, not_utf8) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            // The valid part before the offending byte is kept byte for byte, so that the problem can be shown there.
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(at))
            }
        };
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at.saturating_add(1))).collect();
        let mut source = Self { number, path, text: text.into(), lines, sound: true };

        if let Some(at) = not_utf8 {
            let end = source.ceil(at.saturating_add(1));
            let message = both!(
                "文件不是 UTF-8 编码：第 {at} 字节处开始读不出文字",
                "the file is not UTF-8: it can't be read from byte {at} on"
            );
            let help = both!("用编辑器把文件另存为 UTF-8 编码", "save the file as UTF-8 in your editor");
            source.refuse(Diagnostic::error(codes::NOT_UTF8, Span::new(number, at..end), message).help(help), problems);
        }
        if size > FILE_BYTES_MAX {
            let message = both!(
                "文件有 {size} 字节，最多只能有 {FILE_BYTES_MAX} 字节",
                "the file has {size} bytes; at most {FILE_BYTES_MAX} are allowed"
            );
            let help = both!("把它拆成几个文件", "split it into several files");
            source.refuse(Diagnostic::error(codes::TOO_LARGE, source.start(), message).help(help), problems);
        }
        if !is_inside(&source.path) {
            let path = quoted(&source.path);
            let message = both!("{path} 不是规则包内的路径", "{path} is not a path inside the bundle");
            let help = both!(
                "路径从规则包的目录写起，用 `/` 分隔，如 `authority/compensation.yaml`",
                "write it from the bundle's directory on, with `/` between its parts: `authority/compensation.yaml`"
            );
            source.refuse(Diagnostic::error(codes::BAD_PATH, source.start(), message).help(help), problems);
        }
        source.report_invisible(problems);
        source
    }

    /// Characters without a shape of their own make what is read differ from what is meant.
    fn report_invisible(&self, problems: &mut Problems) {
        let lone = |at: usize| self.text.get(at..).is_some_and(|rest| !rest.starts_with("\r\n"));
        let invisible =
            self.text.char_indices().filter(|(at, c)| (is_invisible(*c) && *at > 0) || (*c == '\r' && lone(*at)));
        for (at, c) in invisible.take(INVISIBLE_REPORTED_MAX) {
            let span = Span::new(self.number, at..at.saturating_add(c.len_utf8()));
            let code = u32::from(c);
            let message =
                both!("这里有一个看不见的字符（U+{code:04X}）", "there is an invisible character here (U+{code:04X})");
            let help = both!("把它删掉", "delete it");
            problems.push(Diagnostic::error(codes::INVISIBLE_CHARACTER, span, message).help(help));
        }
    }

    fn refuse(&mut self, diagnostic: Diagnostic, problems: &mut Problems) {
        self.sound = false;
        problems.push(diagnostic);
    }

    /// Its position in [`Sources`], as spans give it.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Relative to the bundle's directory, with `/` between its parts.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Byte for byte as in the file, byte order mark and carriage returns included.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the text may be read further: it is UTF-8, of a sane size and at a sane path.
    pub fn is_sound(&self) -> bool {
        self.sound
    }

    /// The place of what concerns the file as a whole.
    pub fn start(&self) -> Span {
        Span::new(self.number, 0..0)
    }

    /// The line and column of a byte; of the last one where the text is shorter.
    pub fn position(&self, byte: usize) -> Position {
        let byte = self.floor(byte);
        let line = self.lines.partition_point(|start| *start <= byte).max(1);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let before = self.text.get(start..byte).unwrap_or("");
        let column = before.trim_start_matches(BYTE_ORDER_MARK).chars().count().saturating_add(1);
        Position { line, column }
    }

    /// The bytes of a line, counted from 1, without its end and without a byte order mark.
    pub fn line(&self, line: usize) -> std::ops::Range<usize> {
        let index = line.saturating_sub(1);
        let Some(&start) = self.lines.get(index) else { return self.text.len()..self.text.len() };
        let end = self.lines.get(index.saturating_add(1)).copied().unwrap_or(self.text.len());
        let text = self.text.get(start..end).unwrap_or("");
        let start = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { start };
        let text = text.trim_start_matches(BYTE_ORDER_MARK);
        let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
        start..start.saturating_add(text.len())
    }

    /// The nearest character boundary at or before `byte`.
    pub(crate) fn floor(&self, byte: usize) -> usize {
        positions::floor(&self.text, byte)
    }

    /// The nearest character boundary at or after `byte`.
    pub(crate) fn ceil(&self, byte: usize) -> usize {
        (byte..self.text.len()).find(|at| self.text.is_char_boundary(*at)).unwrap_or(self.text.len())
    }
}

/// Names the contents of files that are sorted by path.
///
/// Lengths go in too, so that no two bundles differ only in where a path ends and a content begins.
pub fn digest(files: &[(String, Vec<u8>)]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in files.iter().flat_map(|(path, bytes)| [path.as_bytes(), bytes]) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    format!("blake3:{}", hasher.finalize().to_hex())
}

/// Zero-width spaces, stray byte order marks and what turns the direction of writing. Beside them a carriage return
/// alone, which ends a line for YAML and for nobody else.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{2060}' | BYTE_ORDER_MARK | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_inside(path: &str) -> bool {
    path.len() <= PATH_BYTES_MAX
        && !path.contains(|c: char| c == '\\' || c.is_control())
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(files: &[(&str, &[u8])]) -> (Sources, Vec<Diagnostic>) {
        let mut problems = Problems::default();
        let sources = Sources::new(files.iter().copied(), &mut problems);
        (sources, problems.into_sorted())
    }

    #[test]
    fn positions_count_characters_and_survive_byte_order_marks_and_carriage_returns() {
        let (sources, problems) = sources(&[("a.yaml", "\u{feff}金额: 1\r\n\r\n理由: x".as_bytes())]);
        assert!(problems.is_empty());
        let source = sources.get(0).unwrap();
        let at = |needle: &str| source.position(source.text().find(needle).unwrap());
        assert_eq!(at("金"), Position { line: 1, column: 1 });
        assert_eq!(at("额"), Position { line: 1, column: 2 });
        assert_eq!(at("\r\n\r\n"), Position { line: 1, column: 6 });
        assert_eq!(at("由"), Position { line: 3, column: 2 });
        assert_eq!(source.position(usize::MAX), Position { line: 3, column: 6 });
        assert_eq!(source.position(4), Position { line: 1, column: 1 }, "inside a character: its beginning");
        assert_eq!(&source.text()[source.line(1)], "金额: 1");
        assert_eq!(&source.text()[source.line(2)], "");
        assert_eq!(&source.text()[source.line(3)], "理由: x");
        assert_eq!(&source.text()[source.line(4)], "");
    }

    #[test]
    fn the_digest_names_paths_and_contents_in_any_order() {
        let (one, _) = sources(&[("a", b"1"), ("b", b"2")]);
        let (same, _) = sources(&[("b", b"2"), ("a", b"1")]);
        assert_eq!(one.digest(), same.digest());
        assert!(one.digest().starts_with("blake3:") && one.digest().len() == "blake3:".len() + 64);
        for other in [&[("a", &b"1b"[..]), ("", b"2")][..], &[("a1", b""), ("b", b"2")], &[("a", b"2"), ("b", b"1")]] {
            assert_ne!(one.digest(), sources(other).0.digest());
        }
    }

    #[test]
    fn files_that_cannot_be_used_are_reported_and_kept() {
        let large = vec![b'#'; FILE_BYTES_MAX + 1];
        let (sources, problems) = sources(&[
            ("ok.yaml", b"a: 1"),
            ("large.yaml", &large),
            ("gbk.yaml", b"a: \xbd\xf0"),
            ("../out.yaml", b""),
            ("/abs.yaml", b""),
            ("a\\b.yaml", b""),
            ("twice.yaml", b""),
            ("twice.yaml", b"x"),
        ]);
        let found: Vec<_> =
            problems.iter().map(|d| (sources.get(d.span.source).unwrap().path(), d.code, d.span.bytes.start)).collect();
        assert_eq!(
            found,
            [
                ("../out.yaml", codes::BAD_PATH, 0),
                ("/abs.yaml", codes::BAD_PATH, 0),
                ("a\\b.yaml", codes::BAD_PATH, 0),
                ("gbk.yaml", codes::NOT_UTF8, 3),
                ("large.yaml", codes::TOO_LARGE, 0),
                ("twice.yaml", codes::DUPLICATE_PATH, 0),
            ]
        );
        assert_eq!(sources.iter().filter(|s| s.is_sound()).count(), 2, "ok.yaml and the first of the two");
    }

    #[test]
    fn invisible_characters_are_named() {
        let (sources, problems) = sources(&[("a.yaml", "\u{feff}a: 金\u{200b}额\u{202e}\rx\r\n".as_bytes())]);
        let at: Vec<_> = problems.iter().map(|d| sources.get(0).unwrap().position(d.span.bytes.start).column).collect();
        assert_eq!(at, [5, 7, 8]);
        assert!(problems.iter().all(|d| d.code == codes::INVISIBLE_CHARACTER));
    }

    #[test]
    fn a_bundle_of_too_many_files_is_refused() {
        let mut problems = Problems::default();
        let sources = Sources::new((0..=FILES_MAX).map(|n| (format!("{n}.yaml"), "a: 1")), &mut problems);
        assert_eq!(sources.len(), FILES_MAX);
        assert_eq!(problems.into_sorted()[0].code, codes::TOO_LARGE);
    }
}
