//! Full-width and typographic characters: what a Chinese keyboard writes where the language wants ASCII.

use rhai::Token;

use crate::both;
use crate::diagnostic::codes;
use crate::script::expression::ExpressionProblem;
use crate::script::lexemes::{Lexeme, Lexemes};

/// The ASCII that `c` stands for, if it is a full-width or typographic form of it.
pub(super) fn ascii_for(c: char) -> Option<String> {
    let spelled = match c {
        '\u{ff01}'..='\u{ff5e}' => {
            return u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).map(String::from);
        }
        '\u{3000}' | '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' => " ",
        '“' | '”' | '„' | '‟' | '‘' | '’' | '「' | '」' | '『' | '』' => "\"",
        '。' => ".",
        '、' => ",",
        '《' | '〈' => "<",
        '》' | '〉' => ">",
        '【' => "[",
        '】' => "]",
        '≤' | '≦' => "<=",
        '≥' | '≧' => ">=",
        '≠' => "!=",
        '×' => "*",
        '÷' => "/",
        '−' | '–' | '—' => "-",
        '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{feff}' => "",
        _ => return None,
    };
    Some(spelled.to_owned())
}

/// One problem for each run of such characters outside texts and comments.
pub(super) fn full_width(lexemes: &Lexemes<'_>) -> Vec<ExpressionProblem> {
    let mut runs: Vec<Run> = Vec::new();
    for lexeme in lexemes.all.iter().filter(|lexeme| is_code(lexeme)) {
        for (offset, c) in lexeme.text.char_indices() {
            let Some(ascii) = ascii_for(c) else { continue };
            let start = lexeme.bytes.start.saturating_add(offset);
            if runs.last().is_none_or(|run| run.end != start) {
                runs.push(Run { start, end: start, written: String::new(), ascii: String::new() });
            }
            if let Some(run) = runs.last_mut() {
                run.extend(c, &ascii);
            }
        }
    }
    runs.into_iter().map(Run::problem).collect()
}

fn is_code(lexeme: &Lexeme<'_>) -> bool {
    matches!(lexeme.token, Token::Identifier(_) | Token::LexError(_)) && !lexeme.text.starts_with(['"', '\''])
}

struct Run {
    start: usize,
    end: usize,
    written: String,
    ascii: String,
}

impl Run {
    fn extend(&mut self, c: char, ascii: &str) {
        self.end = self.end.saturating_add(c.len_utf8());
        self.written.push(c);
        self.ascii.push_str(ascii);
    }

    fn problem(self) -> ExpressionProblem {
        let Self { start, end, written, ascii } = self;
        let problem = ExpressionProblem::new(
            start..end,
            codes::BAD_EXPRESSION,
            both!("`{written}` 不是半角字符", "`{written}` is not an ASCII character"),
        );
        problem.help(match ascii.trim() {
            "" => both!("换成半角空格，或删掉", "put a plain blank there, or nothing"),
            ascii => both!("写 `{ascii}`", "write `{ascii}`"),
        })
    }
}
