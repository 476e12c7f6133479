//! Texts whose insides matter: expressions, and what people read.

use std::ops::{Deref, Range};

use serde_json::{Value, json};

use super::collections::Entries;
use super::{Decode, Definitions, wrong_form, wrong_form_help};
use crate::both;
use crate::diagnostic::{Problems, Span};
use crate::source::tree::{Node, NodeKind, Scalar};
use crate::text::Bilingual;

/// A text that knows where each of its characters is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    scalar: Scalar,
    span: Span,
}

impl Passage {
    pub fn text(&self) -> &str {
        &self.scalar.text
    }

    /// Where the whole of it is written, quotes included.
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// Where a part of it is written, given in bytes of the text.
    pub fn place(&self, range: Range<usize>) -> Span {
        self.scalar.place(range, &self.span)
    }

    fn read(node: &Node, wanted: &Bilingual, problems: &mut Problems) -> Option<Self> {
        match &node.kind {
            NodeKind::Scalar(scalar) if !scalar.text.trim().is_empty() => {
                Some(Self { scalar: scalar.clone(), span: node.span.clone() })
            }
            NodeKind::Scalar(_) | NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => {
                problems.push(wrong_form(node, wanted));
                None
            }
        }
    }
}

impl Decode for Passage {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        Self::read(node, &both!("文字", "a text"), problems)
    }

    fn schema(definitions: &mut Definitions) -> Value {
        String::schema(definitions)
    }
}

/// A condition or a formula over the facts of a case, as it is written; not parsed yet.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpressionText(Passage);

impl Deref for ExpressionText {
    type Target = Passage;

    fn deref(&self) -> &Passage {
        &self.0
    }
}

impl Decode for ExpressionText {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        let diagnostic = match &node.kind {
            NodeKind::Map(_) => {
                let help = both!(
                    "表达式里有 `: ` 或以 `{{` 开头时，要把整个表达式放进引号",
                    "put the whole expression in quotes if it has `: ` in it or begins with `{{`"
                );
                wrong_form_help(node, &both!("一个表达式", "an expression"), help)
            }
            NodeKind::Scalar(_) | NodeKind::List(_) | NodeKind::Empty => {
                return Passage::read(node, &both!("一个表达式", "an expression"), problems).map(Self);
            }
        };
        problems.push(diagnostic);
        None
    }

    fn schema(definitions: &mut Definitions) -> Value {
        String::schema(definitions)
    }
}

/// A text in several languages, as it is written: which of them the bundle declares is not known yet.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalizedText {
    pub span: Span,
    /// Language tag → text.
    pub texts: Entries<Passage>,
}

impl Decode for LocalizedText {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.kind {
            NodeKind::Map(entries) if !entries.is_empty() => {
                let texts = Entries::decode(node, problems)?;
                Some(Self { span: node.span.clone(), texts })
            }
            NodeKind::Scalar(_) | NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => {
                let wanted = both!("各语言的文字", "a text in each language");
                let help = both!("写成 `{{ zh-CN: 文字, en: text }}`", "write `{{ zh-CN: 文字, en: text }}`");
                problems.push(wrong_form_help(node, &wanted, help));
                None
            }
        }
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "type": "object", "additionalProperties": Passage::schema(definitions), "minProperties": 1 })
    }
}
