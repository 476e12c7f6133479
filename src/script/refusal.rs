//! What a condition may not contain, seen token by token, before Rhai parses it: this is where a slip of the pen gets
//! its plain sentence and its remedy. What only the structure shows is refused in `translation`. Of a `.rhai` file only
//! what makes it unreadable is refused here; the rest is for `inspection`.

mod characters;
mod words;

use rhai::{LexError, Token};

use super::expression::ExpressionProblem;
use super::lexemes::{Lexeme, Lexemes, ends_operand, is_name, is_number, number, starts_operand};
use crate::both;
use crate::diagnostic::{Code, codes};
use crate::text::Bilingual;

/// What keeps a `.rhai` file from being parsed with any sense.
pub(super) fn of_script(lexemes: &Lexemes<'_>) -> Vec<ExpressionProblem> {
    let mut problems = unsound(lexemes);
    for lexeme in &lexemes.all {
        let refusal = match &lexeme.token {
            Token::LexError(error) => unreadable(error, lexeme.text),
            Token::IntegerConstant(_) | Token::DecimalConstant(_) => refuse_number(lexeme.text),
            Token::InterpolatedString(_) => Some(forbidden(
                both!("文本中不能用 `${{…}}`", "`${{…}}` may not be used in a text"),
                both!("用 `+` 连接文本", "join texts with `+`"),
            )),
            _ => None,
        };
        problems.extend(refusal.map(|Refusal { code, message, help }| ExpressionProblem {
            span: lexeme.bytes.clone(),
            code,
            message,
            help,
        }));
    }
    for problem in &mut problems {
        problem.code = if problem.code == codes::BAD_EXPRESSION { codes::BAD_SCRIPT } else { codes::FORBIDDEN_SCRIPT };
    }
    problems
}

/// Every problem that the tokens of a condition show, in their order.
pub(super) fn of_expression(lexemes: &Lexemes<'_>, text: &str) -> Vec<ExpressionProblem> {
    if lexemes.all.is_empty() && lexemes.unclosed.is_none() {
        return vec![ExpressionProblem::new(
            0..text.len(),
            codes::BAD_EXPRESSION,
            both!("条件是空的", "the condition is empty"),
        )];
    }
    let mut problems = unsound(lexemes);
    for (index, lexeme) in lexemes.all.iter().enumerate() {
        if let Some(Refusal { code, message, help }) = refuse(lexemes, index, lexeme) {
            problems.push(ExpressionProblem { span: lexeme.bytes.clone(), code, message, help });
            if starts_other_language(lexemes, index, lexeme) {
                break;
            }
        }
    }
    problems.sort_by_key(|problem| problem.span.start);
    problems
}

/// Characters that are none of ASCII's, texts and comments that never end, brackets that stand alone.
fn unsound(lexemes: &Lexemes<'_>) -> Vec<ExpressionProblem> {
    let mut problems = characters::full_width(lexemes);
    if let Some(span) = &lexemes.unclosed {
        problems.push(ExpressionProblem::new(
            span.clone(),
            codes::BAD_EXPRESSION,
            both!("从这里开始的文本或注释没有结束", "the text or comment that starts here never ends"),
        ));
    } else if !lexemes.all.last().is_some_and(|last| matches!(last.token, Token::InterpolatedString(_))) {
        problems.extend(lexemes.unpaired().map(unpaired));
    }
    problems
}

struct Refusal {
    code: Code,
    message: Bilingual,
    help: Option<Bilingual>,
}

fn bad(message: Bilingual, help: impl Into<Option<Bilingual>>) -> Refusal {
    Refusal { code: codes::BAD_EXPRESSION, message, help: help.into() }
}

fn forbidden(message: Bilingual, help: impl Into<Option<Bilingual>>) -> Refusal {
    Refusal { code: codes::FORBIDDEN_EXPRESSION, message, help: help.into() }
}

/// A part of the language that conditions do without.
fn not_here(text: &str, help: impl Into<Option<Bilingual>>) -> Refusal {
    forbidden(both!("条件中不能使用 `{text}`", "`{text}` may not be used in a condition"), help)
}

/// Whether what follows the token is meant as something else than a condition, so that its symbols say nothing.
fn starts_other_language(lexemes: &Lexemes<'_>, index: usize, lexeme: &Lexeme<'_>) -> bool {
    (words::is_keyword(&lexeme.token) && lexemes.before(index) != Some(&Token::Period))
        || matches!(lexeme.token, Token::MapStart | Token::Pipe)
        || lexeme.text == "?"
}

fn unpaired(bracket: &Lexeme<'_>) -> ExpressionProblem {
    let text = bracket.text;
    let message = if matches!(text, ")" | "]" | "}") {
        both!("`{text}` 没有对应的左括号", "`{text}` closes nothing")
    } else {
        both!("`{text}` 没有闭合", "`{text}` is never closed")
    };
    ExpressionProblem::new(bracket.bytes.clone(), codes::BAD_EXPRESSION, message)
}

fn refuse(lexemes: &Lexemes<'_>, index: usize, lexeme: &Lexeme<'_>) -> Option<Refusal> {
    let text = lexeme.text;
    match &lexeme.token {
        Token::LexError(error) => unreadable(error, text),
        Token::Identifier(_) => words::refuse_name(lexemes, index, text),
        Token::Reserved(_) => words::refuse_reserved(lexemes, index, text),
        Token::IntegerConstant(_) | Token::DecimalConstant(_) => refuse_number(text),
        Token::StringConstant(_) if !text.starts_with('"') => Some(only_double_quotes(text)),
        Token::CharConstant(_) => Some(only_double_quotes(text)),
        Token::InterpolatedString(_) => Some(Refusal { help: None, ..only_double_quotes(text) }),
        Token::Modulo => percentage(lexemes, index),
        Token::Unit if !is_name(lexemes.before(index)) => Some(not_here(
            text,
            both!("要问某个事实是否已知，写 `known(事实)`", "to ask whether a fact is known, write `known(fact)`"),
        )),
        Token::Underscore => Some(not_here(text, None)),
        Token::Pipe if !lexemes.before(index).is_some_and(ends_operand) => Some(not_here("|…| …", None)),
        token if words::is_keyword(token) => words::refuse_keyword(lexemes, index, text),
        token => refuse_symbol(token, text),
    }
}

fn unreadable(error: &LexError, text: &str) -> Option<Refusal> {
    Some(match error {
        LexError::UnexpectedInput(found) if found.chars().all(|c| characters::ascii_for(c).is_some()) => return None,
        LexError::UnexpectedInput(found) => {
            bad(both!("`{found}` 在条件中没有意义", "`{found}` has no meaning in a condition"), None)
        }
        LexError::UnterminatedString => bad(
            both!("文本没有结束的引号", "the text is never closed"),
            both!("在文本末尾加上 `\"`", "put a `\"` at its end"),
        ),
        LexError::MalformedEscapeSequence(found) => bad(
            both!("文本中的 `{found}` 无法识别", "`{found}` can't be read in this text"),
            both!("反斜杠本身写作 `\\\\`", "a backslash itself is written `\\\\`"),
        ),
        LexError::MalformedNumber(_) => not_exact(text),
        LexError::MalformedChar(_) => only_double_quotes(text),
        _ => bad(both!("`{text}` 无法识别", "`{text}` can't be read"), None),
    })
}

fn not_exact(text: &str) -> Refusal {
    bad(
        both!("`{text}` 不是可以精确表示的数", "`{text}` is not a number that can be held exactly"),
        both!("最多 28 位数字", "use at most 28 digits"),
    )
}

fn only_double_quotes(text: &str) -> Refusal {
    let bare = text.trim_matches(|c| matches!(c, '\'' | '`' | '#' | '"'));
    let help = both!("写 `\"{bare}\"`", "write `\"{bare}\"`");
    forbidden(both!("文本要用双引号", "texts are written in double quotes"), help)
}

fn refuse_number(text: &str) -> Option<Refusal> {
    let digits = text.trim_start_matches('-');
    let based = ["0x", "0X", "0o", "0O", "0b", "0B"].iter().any(|prefix| digits.starts_with(prefix));
    if based {
        return Some(forbidden(both!("`{text}` 不是十进制数", "`{text}` is not a decimal number"), None));
    }
    if let Some(whole) = text.strip_suffix('.') {
        let help = both!("写 `{whole}`", "write `{whole}`");
        return Some(bad(both!("`{text}` 小数点后没有数字", "`{text}` has no digit after its point"), help));
    }
    number(text).is_none().then(|| not_exact(text))
}

/// `order.amount * 50%`: what looks like a percentage is a remainder without its right side.
fn percentage(lexemes: &Lexemes<'_>, index: usize) -> Option<Refusal> {
    let before = index.checked_sub(1).and_then(|before| lexemes.get(before))?;
    if !is_number(&before.token) || lexemes.after(index).is_some_and(starts_operand) {
        return None;
    }
    let text = before.text;
    let share = number(text)?.checked_div(rust_decimal::Decimal::ONE_HUNDRED)?.normalize();
    Some(bad(
        both!("条件中没有百分号写法 `{text}%`", "percentages such as `{text}%` can't be written in a condition"),
        both!("写 `{share}`", "write `{share}`"),
    ))
}

fn refuse_symbol(token: &Token, text: &str) -> Option<Refusal> {
    if token.is_op_assignment() {
        let help = both!("条件只比较，不改变任何值", "a condition compares and changes nothing");
        return Some(not_here(text, help));
    }
    Some(match token {
        Token::Equals => {
            bad(both!("`=` 不是比较", "`=` does not compare"), both!("是否想写 `==`？", "did you mean `==`?"))
        }
        Token::SemiColon => not_here(
            text,
            both!(
                "多个条件各占列表的一行，或用 `&&` 连接",
                "give each condition its own list line, or join them with `&&`"
            ),
        ),
        Token::Pipe => not_here(text, both!("“或”写作 `||`", "\"or\" is written `||`")),
        Token::Ampersand => not_here(text, both!("“且”写作 `&&`", "\"and\" is written `&&`")),
        Token::PowerOf => not_here(text, both!("写成乘法 `x * x`", "multiply instead: `x * x`")),
        Token::ExclusiveRange | Token::InclusiveRange => {
            not_here(text, both!("写成两个比较：`5 <= x && x <= 500`", "compare twice: `5 <= x && x <= 500`"))
        }
        Token::Elvis | Token::QuestionBracket => not_here(
            text,
            both!(
                "直接写 `.` 或 `[`：缺失的事实本来就是未知；默认值用 `??`",
                "write `.` or `[`: what is absent is unknown anyway; give a default with `??`"
            ),
        ),
        Token::XOr
        | Token::LeftShift
        | Token::RightShift
        | Token::MapStart
        | Token::DoubleArrow
        | Token::Colon
        | Token::DoubleColon => not_here(text, None),
        Token::UnaryPlus => not_here(text, both!("去掉 `+`", "drop the `+`")),
        _ => return None,
    })
}
