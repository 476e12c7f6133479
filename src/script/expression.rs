//! From the text of a condition to its [`Syntax`], by way of Rhai's own parser: split, refuse, parse, translate.
//! Whether its names and types make sense is not asked here.

use std::sync::OnceLock;

use rhai::{Engine, OptimizationLevel, Token};

use super::lexemes::Lexemes;
use super::room::with_room;
use super::{parse_error, refusal, translation};
use crate::both;
use crate::diagnostic::codes;
use crate::expr::syntax::Syntax;

pub use crate::expr::problem::ExpressionProblem;

/// The longest condition, in characters.
pub const MAX_CHARACTERS: usize = 4096;
/// The deepest nesting; each operator of a chain such as `a + b + c` counts as one level.
pub const MAX_DEPTH: usize = 128;
/// The longest list written out in a condition.
const MAX_LIST: usize = 1000;

/// Reads one condition. All that can be found in one pass is reported at once.
pub fn parse_expression(text: &str) -> Result<Syntax, Vec<ExpressionProblem>> {
    if text.chars().nth(MAX_CHARACTERS).is_some() {
        return Err(vec![too_long(text)]);
    }
    let lexemes = Lexemes::of(text);
    let problems = refusal::of_expression(&lexemes, text);
    if !problems.is_empty() {
        return Err(problems);
    }
    let spelled = spell_parameters(&lexemes, text);
    let lexemes = if spelled.parameters.is_empty() { lexemes } else { Lexemes::of(&spelled.text) };
    let parsed = with_room(lexemes.all.len(), || match parser().compile_expression(&spelled.text) {
        Ok(ast) => translation::translate(&ast, &lexemes, &spelled.parameters),
        Err(error) => Err(vec![parse_error::in_expression(&error, &lexemes)]),
    });
    parsed.unwrap_or_else(|| Err(vec![unreadable(text)]))
}

/// A text in which every `$name` is spelled `_name`, for Rhai reads no `$`. Positions stay the same.
pub(super) struct Spelled {
    pub text: String,
    /// The bytes at which parameters start, ascending.
    pub parameters: Vec<usize>,
}

pub(super) fn spell_parameters(lexemes: &Lexemes<'_>, text: &str) -> Spelled {
    let dollars = lexemes.all.iter().filter(|lexeme| lexeme.text == "$" && matches!(lexeme.token, Token::Reserved(_)));
    let parameters: Vec<usize> = dollars.map(|lexeme| lexeme.bytes.start).collect();
    let respell = |(at, c)| if parameters.binary_search(&at).is_ok() { '_' } else { c };
    Spelled { text: text.char_indices().map(respell).collect(), parameters }
}

fn too_long(text: &str) -> ExpressionProblem {
    let end = text.char_indices().nth(1).map_or(text.len(), |(at, _)| at);
    ExpressionProblem::new(
        0..end,
        codes::BAD_EXPRESSION,
        both!("条件超过 {MAX_CHARACTERS} 个字符", "the condition is longer than {MAX_CHARACTERS} characters"),
    )
    .help(both!("拆成几条条件，或先定义中间事实", "split it into several conditions, or define facts for its parts"))
}

fn unreadable(text: &str) -> ExpressionProblem {
    let message = both!("无法读取这个条件", "this condition can't be read");
    ExpressionProblem::new(0..text.len(), codes::BAD_EXPRESSION, message)
}

/// The engine that only parses: it knows no function and runs nothing.
fn parser() -> &'static Engine {
    static PARSER: OnceLock<Engine> = OnceLock::new();
    PARSER.get_or_init(|| {
        let mut engine = Engine::new_raw();
        engine
            .set_optimization_level(OptimizationLevel::None)
            .set_max_expr_depths(MAX_DEPTH, MAX_DEPTH)
            .set_max_string_size(MAX_CHARACTERS * 4)
            .set_max_array_size(MAX_LIST)
            .set_max_map_size(1)
            .set_max_functions(0)
            .set_max_variables(0)
            .set_max_call_levels(0)
            .set_max_operations(1)
            .set_max_strings_interned(0)
            .set_allow_anonymous_fn(false)
            .set_allow_looping(false)
            .set_allow_switch_expression(false)
            .set_allow_statement_expression(false);
        engine
    })
}

#[cfg(test)]
mod tests;
