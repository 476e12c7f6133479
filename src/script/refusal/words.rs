//! Names, keywords and reserved words of a condition, and numbers with a tail.

use rhai::Token;
use rust_decimal::Decimal;

use super::{Refusal, bad, forbidden, not_here};
use crate::both;
use crate::script::lexemes::{Lexemes, is_number};

pub(super) fn refuse_name(lexemes: &Lexemes<'_>, index: usize, text: &str) -> Option<Refusal> {
    let before = lexemes.before(index);
    if before == Some(&Token::Period) {
        return None;
    }
    if text.starts_with('_') {
        let message = both!("名称不能以 `_` 开头：`{text}`", "a name can't start with `_`: `{text}`");
        return Some(forbidden(message, None));
    }
    if let Some(symbol) = symbol_for(text) {
        let message = both!("条件中不用单词 `{text}`", "the word `{text}` is not used in conditions");
        return Some(bad(message, both!("写 `{symbol}`", "write `{symbol}`")));
    }
    if before.is_some_and(is_number) && lexemes.adjoins(index) {
        let number = lexemes.get(index.checked_sub(1)?)?.text;
        return Some(number_with_tail(number, text));
    }
    None
}

fn symbol_for(word: &str) -> Option<&'static str> {
    Some(match word {
        "and" | "AND" | "And" | "且" | "并且" => "&&",
        "or" | "OR" | "Or" | "或" | "或者" => "||",
        "not" | "NOT" | "Not" => "!",
        _ => return None,
    })
}

/// `24h`, `1e3`, `500元`
fn number_with_tail(number: &str, tail: &str) -> Refusal {
    let function = match tail {
        "s" | "sec" | "seconds" | "秒" => Some("seconds"),
        "m" | "min" | "minutes" | "分钟" => Some("minutes"),
        "h" | "hour" | "hours" | "小时" => Some("hours"),
        "d" | "day" | "days" | "天" => Some("days"),
        _ => None,
    };
    let scientific = Decimal::from_scientific(&format!("{number}{tail}")).ok();
    let help = match (function, scientific) {
        (Some(function), _) => both!("写 `{function}({number})`", "write `{function}({number})`"),
        (None, Some(value)) => both!("写 `{value}`", "write `{value}`"),
        (None, None) => both!("只写数字：`{number}`", "write the digits alone: `{number}`"),
    };
    bad(both!("`{number}{tail}` 不是数", "`{number}{tail}` is not a number"), help)
}

pub(super) fn refuse_reserved(lexemes: &Lexemes<'_>, index: usize, text: &str) -> Option<Refusal> {
    let help = match text {
        "$" => return refuse_dollar(lexemes, index),
        "===" | "is" => both!("写 `==`", "write `==`"),
        "!==" => both!("写 `!=`", "write `!=`"),
        ":=" => both!("是否想写 `==`？", "did you mean `==`?"),
        "<-" => both!("在 `<` 和 `-` 之间加空格", "put a blank between `<` and `-`"),
        "--" => both!("在两个 `-` 之间加空格", "put a blank between the two `-`"),
        "null" | "nil" | "void" => {
            both!("要问某个事实是否已知，写 `known(事实)`", "to ask whether a fact is known, write `known(fact)`")
        }
        "?" => both!("写 `if … {{ … }} else {{ … }}`", "write `if … {{ … }} else {{ … }}`"),
        _ if text.starts_with(char::is_alphabetic) => return Some(reserved(lexemes, index, text)),
        _ => return Some(not_here(text, None)),
    };
    Some(not_here(text, help))
}

/// A `$` must start a parameter's name.
fn refuse_dollar(lexemes: &Lexemes<'_>, index: usize) -> Option<Refusal> {
    let next = index.checked_add(1)?;
    let named = matches!(lexemes.token(next), Some(Token::Identifier(_))) && lexemes.adjoins(next);
    let word_before = lexemes.get(index.saturating_sub(1)).is_some_and(|before| before.text.ends_with(is_word));
    if named && !(word_before && lexemes.adjoins(index)) && lexemes.before(index) != Some(&Token::Period) {
        return None;
    }
    if named {
        let message = both!("参数不能紧接在名称或 `.` 之后", "a parameter can't follow a name or a `.` directly");
        return Some(bad(message, None));
    }
    Some(bad(
        both!("`$` 后面要紧跟参数名", "`$` must be followed by the name of a parameter"),
        both!("例如 `$compensation_cap`", "such as `$compensation_cap`"),
    ))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A word that Rhai keeps for itself: as a name it can't be used, as a call it is not wanted.
fn reserved(lexemes: &Lexemes<'_>, index: usize, text: &str) -> Refusal {
    if matches!(lexemes.after(index), Some(Token::LeftParen | Token::Unit)) {
        return not_here(text, None);
    }
    forbidden(
        both!("`{text}` 是脚本语言的保留字，不能用作名称", "`{text}` is a reserved word and can't be a name"),
        both!("换一个名称", "use another name"),
    )
}

/// Words that start a statement or belong to one. `if` and `else` make expressions.
pub(super) fn is_keyword(token: &Token) -> bool {
    token.is_standard_keyword() || matches!(token, Token::Switch | Token::NotIn)
}

pub(super) fn refuse_keyword(lexemes: &Lexemes<'_>, index: usize, text: &str) -> Option<Refusal> {
    if lexemes.before(index) == Some(&Token::Period) && !text.starts_with('!') {
        return Some(reserved(lexemes, index, text));
    }
    match text {
        "true" | "false" | "in" | "!in" | "if" | "else" => None,
        "switch" => Some(not_here(
            text,
            both!(
                "写 `if … {{ … }} else {{ … }}`，或用决策表",
                "write `if … {{ … }} else {{ … }}`, or use a decision table"
            ),
        )),
        _ => Some(not_here(
            text,
            both!(
                "条件是一个表达式；更多步骤写进 `.rhai` 函数",
                "a condition is one expression; put more steps into a `.rhai` function"
            ),
        )),
    }
}
