//! What Rhai's parser says, in plain words. Most slips are caught in `refusal` before; what is left is mostly
//! something missing or something too much at one token.

use rhai::{LexError, ParseError, ParseErrorType, Token};

use super::expression::ExpressionProblem;
use super::lexemes::{Lexemes, ends_operand, starts_operand};
use crate::both;
use crate::diagnostic::{Code, codes};
use crate::text::Bilingual;

/// What kept a condition from being parsed.
pub(super) fn in_expression(error: &ParseError, lexemes: &Lexemes<'_>) -> ExpressionProblem {
    let Explained { code, message, help } = explain(error, lexemes);
    let code = code.unwrap_or(codes::BAD_EXPRESSION);
    ExpressionProblem { span: lexemes.bytes_at(error.position()), code, message, help }
}

pub(super) struct Explained {
    /// A more telling code than "can't be parsed".
    pub code: Option<Code>,
    pub message: Bilingual,
    pub help: Option<Bilingual>,
}

impl From<Bilingual> for Explained {
    fn from(message: Bilingual) -> Self {
        Self { code: None, message, help: None }
    }
}

/// The sentence for a parse error, of a condition or of a script.
pub(super) fn explain(error: &ParseError, lexemes: &Lexemes<'_>) -> Explained {
    match error.err_type() {
        ParseErrorType::ExprTooDeep => Explained {
            help: Some(both!("拆成几部分", "split it into parts")),
            ..both!("这里太长或嵌套太深", "this is too long or nested too deeply").into()
        },
        ParseErrorType::LiteralTooLarge(_, most) => {
            both!("这里超过了 {most} 的上限", "this is larger than the limit of {most}").into()
        }
        ParseErrorType::MismatchedType(wanted, _) => Explained {
            code: Some(codes::TYPE_MISMATCH),
            ..match wanted.as_str() {
                "a boolean expression" => both!("这里要有真假值", "true or false is wanted here").into(),
                _ => both!("这里要有列表或范围", "a list or a range is wanted here").into(),
            }
        },
        ParseErrorType::MalformedIndexExpr(_) => Explained {
            code: Some(codes::TYPE_MISMATCH),
            ..both!("方括号中的值不适合这里", "what stands in these brackets does not fit").into()
        },
        ParseErrorType::AssignmentToConstant(name) if !name.is_empty() => {
            both!("常量 `{name}` 不能改变", "the constant `{name}` can't be changed").into()
        }
        ParseErrorType::AssignmentToConstant(_) | ParseErrorType::AssignmentToInvalidLHS(_) => {
            both!("不能给这里赋值", "nothing can be assigned to this").into()
        }
        ParseErrorType::LoopBreak => both!("这里不在循环中", "this is not inside a loop").into(),
        ParseErrorType::WrongFnDefinition => {
            both!("函数不能定义在别处之内", "a function can't be defined inside something else").into()
        }
        ParseErrorType::FnMissingName | ParseErrorType::VariableExpected => {
            both!("这里缺少名称", "a name is missing here").into()
        }
        ParseErrorType::FnMissingParams(_) => both!("这里缺少 `(…)`", "`(…)` is missing here").into(),
        ParseErrorType::FnMissingBody(_) => both!("这里缺少 `{{ … }}`", "`{{ … }}` is missing here").into(),
        ParseErrorType::FnDuplicatedParam(_, name) => {
            both!("参数 `{name}` 重复", "the parameter `{name}` is there twice").into()
        }
        ParseErrorType::PropertyExpected => both!("`.` 后面要有名称", "a name must follow the `.`").into(),
        ParseErrorType::Reserved(word) => {
            both!("`{word}` 是脚本语言的保留字", "`{word}` is a reserved word of the script language").into()
        }
        ParseErrorType::BadInput(LexError::ImproperSymbol(symbol, _)) => {
            both!("这里不能用 `{symbol}`", "`{symbol}` can't be used here").into()
        }
        ParseErrorType::MissingToken(symbol, _) if symbol == "{" => Explained {
            help: Some(both!("写 `if … {{ … }} else {{ … }}`", "write `if … {{ … }} else {{ … }}`")),
            ..both!("这里缺少 `{symbol}`", "`{symbol}` is missing here").into()
        },
        ParseErrorType::MissingToken(symbol, _) if symbol == ";" => {
            both!("这里之前缺少 `;`", "a `;` is missing before this").into()
        }
        ParseErrorType::UnknownOperator(symbol) => {
            both!("`{symbol}` 不是运算符", "`{symbol}` is not an operator").into()
        }
        _ => unexpected(error, lexemes),
    }
}

/// A token where none fits, or none where one is wanted.
fn unexpected(error: &ParseError, lexemes: &Lexemes<'_>) -> Explained {
    let Some(index) = lexemes.at(error.position()) else {
        let last = lexemes.all.last().map_or("", |lexeme| lexeme.text);
        return both!("`{last}` 之后还缺内容", "something is missing after `{last}`").into();
    };
    let text = lexemes.get(index).map_or("", |lexeme| lexeme.text);
    let message = both!("这里不应出现 `{text}`", "`{text}` is not expected here");
    let help = match (lexemes.before(index), lexemes.token(index)) {
        (Some(before), Some(this)) if ends_value(before) && starts_value(this) => {
            let before = index.checked_sub(1).and_then(|before| lexemes.get(before)).map_or("", |lexeme| lexeme.text);
            Some(both!(
                "`{before}` 和 `{text}` 之间缺少运算符或逗号",
                "an operator or a comma is missing between `{before}` and `{text}`"
            ))
        }
        (Some(Token::If), _) => None,
        (Some(before), _) if !ends_value(before) => {
            let before = index.checked_sub(1).and_then(|before| lexemes.get(before)).map_or("", |lexeme| lexeme.text);
            Some(both!("`{before}` 后面缺少一个值", "a value is missing after `{before}`"))
        }
        (None, _) => Some(both!("`{text}` 前面缺少一个值", "a value is missing before `{text}`")),
        _ => None,
    };
    Explained { code: None, message, help }
}

fn ends_value(token: &Token) -> bool {
    ends_operand(token) || *token == Token::RightBrace
}

fn starts_value(token: &Token) -> bool {
    starts_operand(token) && !matches!(token, Token::Minus | Token::LeftBracket | Token::LeftParen)
}
