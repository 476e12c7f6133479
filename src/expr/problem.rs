//! What is wrong with an expression, wherever it is found: by the parser or by the checker.

use std::ops::Range;

use crate::diagnostic::Code;
use crate::text::Bilingual;

/// Something wrong with the text of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionProblem {
    /// Bytes of the expression's text.
    pub span: Range<usize>,
    pub code: Code,
    pub message: Bilingual,
    pub help: Option<Bilingual>,
}

impl ExpressionProblem {
    pub fn new(span: Range<usize>, code: Code, message: Bilingual) -> Self {
        Self { span, code, message, help: None }
    }

    #[must_use]
    pub fn help(mut self, help: Bilingual) -> Self {
        self.help = Some(help);
        self
    }
}
