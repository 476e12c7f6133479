//! The functions that a `.rhai` file defines, read from its tokens: names, parameters, and the signatures that their
//! comments declare. The bodies are judged in `inspection`.

use std::ops::Range;

use rhai::Token;

use super::lexemes::Lexemes;
use super::signature::{self, Declared, Signature};
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};
use crate::text::Bilingual;

/// A function as its file defines it.
#[derive(Debug)]
pub(super) struct Declaration {
    pub name: String,
    /// The function's name where it is defined.
    pub span: Span,
    /// The line and the character of the line at which that stands.
    pub place: (usize, usize),
    pub parameters: Vec<String>,
    /// What its comment declares; a private function needs none.
    pub signature: Option<Signature>,
}

/// Finds the functions of source number `source`, with all that is wrong with their signatures.
pub(super) fn declarations(lexemes: &Lexemes<'_>, source: u32, problems: &mut Problems) -> Vec<Declaration> {
    let mut found = Vec::new();
    for (index, lexeme) in lexemes.all.iter().enumerate() {
        let name = index.checked_add(1).and_then(|next| lexemes.get(next));
        let (Token::Fn, Some(name)) = (&lexeme.token, name) else { continue };
        let method = lexemes.token(index.saturating_add(2)) == Some(&Token::Period);
        if method {
            let span = Span::new(source, name.bytes.clone());
            let message = both!("函数名不能带 `.`", "a function's name has no `.`");
            problems.push(Diagnostic::error(codes::FORBIDDEN_SCRIPT, span, message));
        }
        if method || !matches!(name.token, Token::Identifier(_)) {
            continue;
        }
        let private = lexemes.before(index) == Some(&Token::Private);
        let first = if private { index.checked_sub(1).and_then(|before| lexemes.get(before)) } else { Some(lexeme) };
        let above = first.map_or(0, |first| first.bytes.start);
        let mut declaration = Declaration {
            name: name.text.to_owned(),
            span: Span::new(source, name.bytes.clone()),
            place: (name.position.line().unwrap_or(0), name.position.position().unwrap_or(0)),
            parameters: parameters(lexemes, index),
            signature: None,
        };
        if !private {
            declaration.signature = declared(lexemes, above, &declaration, problems);
        }
        found.push(declaration);
    }
    found
}

/// The names between the parentheses after the `fn` at `index`.
fn parameters(lexemes: &Lexemes<'_>, index: usize) -> Vec<String> {
    let open = index.saturating_add(2);
    let Some(close) = lexemes.partner(open) else { return Vec::new() };
    let between = lexemes.all.get(open..close).unwrap_or_default();
    let names = between.iter().filter(|lexeme| matches!(lexeme.token, Token::Identifier(_)));
    names.map(|lexeme| lexeme.text.to_owned()).collect()
}

/// The signature in the comment that ends right above byte `above`.
fn declared(lexemes: &Lexemes<'_>, above: usize, function: &Declaration, problems: &mut Problems) -> Option<Signature> {
    let Some((line, start)) = signature_line(lexemes, above) else {
        let name = &function.name;
        let message = both!("函数 `{name}` 没有签名", "the function `{name}` has no signature");
        return refuse(function, function.span.bytes.clone(), message, problems);
    };
    let declared = match signature::read(line, start) {
        Ok(declared) => declared,
        Err(unreadable) => return refuse(function, unreadable.bytes, unreadable.message, problems),
    };
    let Declared { name, parameters, list, returns } = declared;
    if name.0 != function.name {
        let (declared, defined) = (&name.0, &function.name);
        let message = both!(
            "签名写的是 `{declared}`，函数是 `{defined}`",
            "the signature says `{declared}`, the function is `{defined}`"
        );
        return refuse(function, name.1, message, problems);
    }
    if !parameters.iter().map(|(name, _)| name).eq(&function.parameters) {
        let message = both!("签名的参数与函数的不一致", "the signature's parameters are not those of the function");
        return refuse(function, list, message, problems);
    }
    if returns.0.holds_record() {
        let message = both!("函数不能返回 `record`", "a function can't return a `record`");
        return refuse(function, returns.1, message, problems);
    }
    Some(Signature { name: name.0, parameters, returns: returns.0, span: function.span.clone() })
}

/// The text from `fn` on of the nearest comment line above byte `above` that declares a signature, and its byte. Only
/// the comment that adjoins the function counts.
fn signature_line<'t>(lexemes: &Lexemes<'t>, above: usize) -> Option<(&'t str, usize)> {
    let mut upper = above;
    for comment in lexemes.comments.iter().rev().filter(|comment| comment.bytes.start < above) {
        let between = lexemes.text.get(comment.bytes.end..upper)?;
        let text = comment.text.strip_prefix("///").filter(|_| between.trim().is_empty())?;
        let line = text.trim();
        if line.starts_with("fn ") {
            let indent = text.len().saturating_sub(text.trim_start().len());
            return Some((line, comment.bytes.start.saturating_add("///".len()).saturating_add(indent)));
        }
        upper = comment.bytes.start;
    }
    None
}

fn refuse(
    function: &Declaration,
    bytes: Range<usize>,
    message: Bilingual,
    problems: &mut Problems,
) -> Option<Signature> {
    let (name, list) = (&function.name, function.parameters.iter().map(|name| format!("{name}: …")));
    let list = list.collect::<Vec<_>>().join(", ");
    let line = format!("/// fn {name}({list}) -> …");
    let types = ["bool", "number", "money", "text", "instant", "date", "duration", "list<…>"].join(", ");
    problems.push(Diagnostic::error(codes::BAD_SIGNATURE, Span::new(function.span.source, bytes), message).help(
        both!(
            "在函数上方写 `{line}`，`…` 处是类型：{types}",
            "write `{line}` above the function, with a type for each `…`: {types}"
        ),
    ));
    None
}
