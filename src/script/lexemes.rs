//! Rhai's own tokens, each with the bytes it spans. Rhai tells only a token's start, in lines and characters; this
//! module feeds its tokenizer character by character, and so knows the bytes. What a token means is not known here.

use std::ops::Range;

use rhai::{InputStream, Position, Token, TokenizeState, get_next_token};
use rust_decimal::Decimal;

/// One token of a text.
#[derive(Debug, Clone)]
pub(super) struct Lexeme<'t> {
    pub token: Token,
    /// Where Rhai says that it starts; its syntax tree repeats these positions.
    pub position: Position,
    pub bytes: Range<usize>,
    /// The token as written.
    pub text: &'t str,
}

/// The tokens of one text, with their brackets paired.
#[derive(Debug)]
pub(super) struct Lexemes<'t> {
    pub text: &'t str,
    pub all: Vec<Lexeme<'t>>,
    /// The comments, which are not among `all`.
    pub comments: Vec<Lexeme<'t>>,
    /// The opening of a text literal or comment that runs to the end of the text.
    pub unclosed: Option<Range<usize>>,
    /// For each bracket in `all`, the one that belongs to it.
    partners: Vec<Option<usize>>,
}

impl<'t> Lexemes<'t> {
    /// Splits `text`. What Rhai can't read comes as [`Token::LexError`], and splitting goes on after it; it ends inside a
    /// broken text and at an interpolated one, which only a parser could split.
    pub fn of(text: &'t str) -> Self {
        let mut stream = Characters { text, at: 0 };
        let mut state = TokenizeState { include_comments: true, ..TokenizeState::default() };
        let mut position = Position::START;
        let (mut all, mut comments, mut unclosed) = (Vec::new(), Vec::new(), None);
        loop {
            let rest = text.get(stream.at..).unwrap_or_default();
            let blank = rest.len().saturating_sub(rest.trim_start_matches(|c: char| c.is_ascii_whitespace()).len());
            let start = stream.at.saturating_add(blank);
            let (token, at) = get_next_token(&mut stream, &mut state, &mut position);
            let bytes = start..stream.at.max(start);
            let open = state.comment_level > 0 || state.is_within_text_terminated_by.is_some();
            if open && !matches!(token, Token::LexError(_)) {
                unclosed = Some(start..end_of_first_character(text, start));
            }
            if token == Token::EOF {
                break;
            }
            let written = text.get(bytes.clone()).unwrap_or_default();
            // A text that is not closed runs to the end of its line, and takes the line break with it.
            let written =
                if matches!(token, Token::LexError(_)) { written.trim_end_matches(['\n', '\r']) } else { written };
            let bytes = start..start.saturating_add(written.len());
            let lexeme = Lexeme { position: at, text: written, bytes, token };
            match lexeme.token {
                Token::Comment(_) => comments.push(lexeme),
                Token::InterpolatedString(_) => {
                    all.push(lexeme);
                    break;
                }
                _ => all.push(lexeme),
            }
            if open {
                break;
            }
        }
        let partners = pair(&all);
        Self { text, all, comments, unclosed, partners }
    }

    pub fn get(&self, index: usize) -> Option<&Lexeme<'t>> {
        self.all.get(index)
    }

    pub fn token(&self, index: usize) -> Option<&Token> {
        self.all.get(index).map(|lexeme| &lexeme.token)
    }

    /// The token before `index`.
    pub fn before(&self, index: usize) -> Option<&Token> {
        self.token(index.checked_sub(1)?)
    }

    /// The token after `index`.
    pub fn after(&self, index: usize) -> Option<&Token> {
        self.token(index.checked_add(1)?)
    }

    /// The bracket that belongs to the one at `index`.
    pub fn partner(&self, index: usize) -> Option<usize> {
        self.partners.get(index).copied().flatten()
    }

    /// The token that starts at Rhai's `position`.
    pub fn at(&self, position: Position) -> Option<usize> {
        self.all.binary_search_by(|lexeme| lexeme.position.cmp(&position)).ok()
    }

    /// The bytes of the token at `position`; of the last token, if the position lies past the end.
    pub fn bytes_at(&self, position: Position) -> Range<usize> {
        let lexeme = self.at(position).and_then(|index| self.get(index)).or(self.all.last());
        lexeme.map_or(0..0, |lexeme| lexeme.bytes.clone())
    }

    /// Whether the token at `index` follows the one before it without a blank.
    pub fn adjoins(&self, index: usize) -> bool {
        let before = index.checked_sub(1).and_then(|before| self.get(before));
        before.zip(self.get(index)).is_some_and(|(before, this)| before.bytes.end == this.bytes.start)
    }

    /// Brackets without a partner.
    pub fn unpaired(&self) -> impl Iterator<Item = &Lexeme<'t>> {
        let brackets = self.all.iter().zip(&self.partners);
        brackets
            .filter(|(lexeme, partner)| partner.is_none() && side(&lexeme.token).is_some())
            .map(|(lexeme, _)| lexeme)
    }
}

fn end_of_first_character(text: &str, start: usize) -> usize {
    let width = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    start.saturating_add(width)
}

#[derive(PartialEq)]
enum Side {
    Open(char),
    Close(char),
}

fn side(token: &Token) -> Option<Side> {
    Some(match token {
        Token::LeftParen => Side::Open(')'),
        Token::LeftBracket | Token::QuestionBracket => Side::Open(']'),
        Token::LeftBrace | Token::MapStart => Side::Open('}'),
        Token::RightParen => Side::Close(')'),
        Token::RightBracket => Side::Close(']'),
        Token::RightBrace => Side::Close('}'),
        _ => return None,
    })
}

/// Pairs the brackets. A closing one belongs to the nearest open one of its kind; those opened since then stay alone.
fn pair(all: &[Lexeme<'_>]) -> Vec<Option<usize>> {
    let mut partners = vec![None; all.len()];
    let mut open: Vec<(usize, char)> = Vec::new();
    for (index, lexeme) in all.iter().enumerate() {
        match side(&lexeme.token) {
            Some(Side::Open(closing)) => open.push((index, closing)),
            Some(Side::Close(closing)) => {
                let Some(at) = open.iter().rposition(|(_, wanted)| *wanted == closing) else { continue };
                if let Some((opening, _)) = open.drain(at..).next() {
                    for (here, there) in [(opening, index), (index, opening)] {
                        if let Some(partner) = partners.get_mut(here) {
                            *partner = Some(there);
                        }
                    }
                }
            }
            None => {}
        }
    }
    partners
}

/// A text as Rhai's tokenizer reads it, with the byte it has come to.
struct Characters<'t> {
    text: &'t str,
    at: usize,
}

impl InputStream for Characters<'_> {
    fn unget(&mut self, ch: char) {
        self.at = self.at.saturating_sub(ch.len_utf8());
    }

    fn get_next(&mut self) -> Option<char> {
        let next = self.peek_next()?;
        self.at = self.at.saturating_add(next.len_utf8());
        Some(next)
    }

    fn peek_next(&mut self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }
}

/// The exact value of a number as written.
pub(super) fn number(text: &str) -> Option<Decimal> {
    let digits: String = text.chars().filter(|c| *c != '_').collect();
    Decimal::from_str_exact(&digits).ok()
}

pub(super) fn is_number(token: &Token) -> bool {
    matches!(token, Token::IntegerConstant(_) | Token::DecimalConstant(_))
}

/// Whether `token` can be the name of what is called.
pub(super) fn is_name(token: Option<&Token>) -> bool {
    matches!(token, Some(Token::Identifier(_) | Token::Reserved(_)))
}

pub(super) fn starts_operand(token: &Token) -> bool {
    is_number(token)
        || matches!(
            token,
            Token::Identifier(_)
                | Token::Reserved(_)
                | Token::StringConstant(_)
                | Token::LeftParen
                | Token::LeftBracket
                | Token::Bang
                | Token::Minus
                | Token::UnaryMinus
                | Token::True
                | Token::False
                | Token::If
        )
}

/// Whether `token` can end a value, so that an operator may follow.
pub(super) fn ends_operand(token: &Token) -> bool {
    is_number(token)
        || is_name(Some(token))
        || matches!(
            token,
            Token::StringConstant(_)
                | Token::True
                | Token::False
                | Token::RightParen
                | Token::RightBracket
                | Token::Unit
        )
}

#[cfg(test)]
mod tests {
    use super::Lexemes;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let lexemes = Lexemes::of(text);
        let found: Vec<_> = lexemes.all.iter().map(|lexeme| lexeme.text).collect();
        assert_eq!(found, expected);
        for lexeme in &lexemes.all {
            assert_eq!(&text[lexeme.bytes.clone()], lexeme.text);
            assert_eq!(lexemes.get(lexemes.at(lexeme.position).unwrap()).unwrap().bytes, lexeme.bytes);
        }
    }

    #[test]
    fn every_token_knows_its_bytes() {
        check("a.b<=500", &["a", ".", "b", "<=", "500"]);
        check("  订单.金额\n  == \"退货\" // 说明\n && x", &["订单", ".", "金额", "==", "\"退货\"", "&&", "x"]);
        check("x !in [-1.50, 5.0]", &["x", "!in", "[", "-1.50", ",", "5.0", "]"]);
        check("!is_x - 1 -1", &["!", "is_x", "-", "1", "-", "1"]);
        check(r#"f() + "a\"\u4e2d\n""#, &["f", "()", "+", r#""a\"\u4e2d\n""#]);
        check("/* 一 */ a /* b */\r\n?? 5.x", &["a", "??", "5", ".", "x"]);
        check("a ，b", &["a", "，", "b"]);
        check("1_000.5 ..= 0x1F", &["1_000.5", "..=", "0x1F"]);
    }

    #[test]
    fn brackets_are_paired() {
        let lexemes = Lexemes::of("(a[b(c)] + {d)");
        let pairs: Vec<_> = (0..lexemes.all.len()).filter_map(|index| Some((index, lexemes.partner(index)?))).collect();
        assert_eq!(pairs, [(0, 11), (2, 7), (4, 6), (6, 4), (7, 2), (11, 0)]);
        let alone: Vec<_> = lexemes.unpaired().map(|lexeme| lexeme.bytes.start).collect();
        assert_eq!(alone, [11]);
    }

    #[test]
    fn what_never_ends_is_found() {
        for (text, start) in [("a == \"b\\", 5), ("a /* b", 2), ("a == #\"b", 5), ("a == `b", 5)] {
            assert_eq!(Lexemes::of(text).unclosed.map(|bytes| bytes.start), Some(start), "{text}");
        }
    }
}
