//! Lines of a page: measured in columns, where a Chinese character takes two, and broken where a line may end.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// How many columns a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text, and spaces after it up to `columns`.
pub fn padded(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// Breaks a text into lines of at most `columns`: between words, or beside a wide character. A word longer than a line
/// is broken anywhere. Line ends of the text's own stay.
pub fn wrapped(text: &str, columns: usize) -> Vec<String> {
    // Room for a wide character and a mark.
    let columns = columns.max(4);
    text.lines().flat_map(|line| wrapped_line(line, columns)).collect()
}

fn wrapped_line(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        let fits = width(&line).saturating_add(width(piece.trim_end())) <= columns;
        if !fits && !line.trim_end().is_empty() && !piece.starts_with(clings) {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        for c in piece.chars() {
            let full = width(&line).saturating_add(c.width().unwrap_or(0)) > columns;
            if full && c == ' ' {
                continue;
            }
            if full {
                // A mark takes the character before it along.
                let before = if clings(c) { line.pop() } else { None };
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                line.extend(before);
            }
            line.push(c);
        }
    }
    let rest = line.trim_end();
    if !rest.is_empty() || lines.is_empty() {
        lines.push(rest.to_owned());
    }
    lines.retain(|line| !line.is_empty() || text.trim().is_empty());
    lines
}

/// Marks that do not begin a line.
fn clings(c: char) -> bool {
    "，。、；：）！？”》,.;:)!?".contains(c)
}

/// Words with the spaces after them, and wide characters one by one.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut previous: Option<char> = None;
    for (at, c) in text.char_indices() {
        let wide = |c: char| c.width().unwrap_or(0) > 1;
        let breaks = previous.is_some_and(|previous| (previous == ' ' && c != ' ') || wide(previous) || wide(c));
        if breaks && let Some(piece) = text.get(start..at) {
            pieces.push(piece);
            start = at;
        }
        previous = Some(c);
    }
    pieces.extend(text.get(start..).filter(|piece| !piece.is_empty()));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_their_columns_and_lose_nothing() {
        let texts = [
            "致歉安抚后给出首次报价，不要直接给到上限",
            "Apologise, then make the opening offer, never the ceiling",
            "mixed 中英文 text 有 authority.compensation/agent-half-up-to-500 一条",
            "",
            "averyveryveryveryverylongwordwithoutanyspace",
        ];
        for text in texts {
            for columns in [2, 7, 20, 40, 80] {
                let lines = wrapped(text, columns);
                assert!(lines.iter().all(|line| width(line) <= columns.max(4)), "{columns}: {lines:?}");
                let joined: String = lines.concat().split_whitespace().collect();
                assert_eq!(joined, text.split_whitespace().collect::<String>(), "{columns}");
            }
        }
        assert_eq!(wrapped("aa bb cc", 5), ["aa bb", "cc"]);
        assert_eq!(wrapped("金额不够，请批准", 10), ["金额不够，", "请批准"]);
        assert_eq!(padded("金额", 6), "金额  ");
    }
}
