//! From YAML trees to typed values, every problem reported at once.
//!
//! A type that can be written in a policy implements [`Decode`]: how it is read, and the JSON Schema that tells an
//! editor the same. Records come from one declaration, [`record!`](crate::record), closed sets of words from
//! [`enumeration!`](crate::enumeration). Knows the forms of values, and nothing of what any policy means.
//!
//! The rule for all of them: `Some` means that nothing was wrong at or below the node; what was wrong is in the
//! problems. A record reads all of its fields before it gives up, a list all of its items.
//!
//! A value of one of several forms is told apart by its node:
//!
//! ```
//! use redress::diagnostic::Problems;
//! use redress::policy::decode::{Decode, Definitions, ExpressionText, any_of, wrong_form};
//! use redress::source::tree::{Node, NodeKind};
//! use redress::{both, record};
//!
//! record! {
//!     /// A share of an amount.
//!     /// zh: 金额的一部分。
//!     pub struct Share {
//!         /// How many hundredths.
//!         /// zh: 百分之几。
//!         pub percent: ExpressionText,
//!         /// Of what.
//!         /// zh: 占什么的百分之几。
//!         pub of: ExpressionText,
//!     }
//! }
//!
//! /// A bound: an amount, or a share of one.
//! #[derive(Debug)]
//! pub enum Bound {
//!     Amount(ExpressionText),
//!     Share(Share),
//! }
//!
//! impl Decode for Bound {
//!     fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
//!         match &node.kind {
//!             NodeKind::Scalar(_) => ExpressionText::decode(node, problems).map(Bound::Amount),
//!             NodeKind::Map(_) => Share::decode(node, problems).map(Bound::Share),
//!             NodeKind::List(_) | NodeKind::Empty => {
//!                 let wanted = both!("金额或 `{{ percent, of }}`", "an amount or `{{ percent, of }}`");
//!                 problems.push(wrong_form(node, &wanted));
//!                 None
//!             }
//!         }
//!     }
//!
//!     fn schema(definitions: &mut Definitions) -> serde_json::Value {
//!         any_of([ExpressionText::schema(definitions), Share::schema(definitions)])
//!     }
//! }
//! ```

use std::ops::Deref;

use serde_json::{Value, json};

use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};
use crate::source::tree::{Node, NodeKind};
use crate::text::Bilingual;

mod collections;
pub mod enumeration;
mod listed;
pub mod record;
mod schema;
mod texts;
mod times;
mod words;

pub use collections::{Entries, OneOrMany};
pub use listed::Listed;
pub use schema::{Definitions, any_of};
pub use texts::{ExpressionText, LocalizedText, Passage};
pub use times::{DurationText, parse_duration};
pub use words::{DottedId, Id};

/// Something that can be written in a policy.
pub trait Decode: Sized {
    /// Reads it; reports all that is wrong with it, and is `None` then.
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self>;

    /// What it is when its key is not there; `None` if the key is required.
    ///
    /// Only about the key: a key with nothing behind it is a mistake, whatever the type.
    fn absent() -> Option<Self> {
        None
    }

    /// Its JSON Schema (2020-12); records and enumerations put themselves into `definitions`.
    fn schema(definitions: &mut Definitions) -> Value;
}

/// A value and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

impl<T> Spanned<T> {
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Decode> Decode for Spanned<T> {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        T::decode(node, problems).map(|value| Self::new(value, node.span.clone()))
    }

    fn schema(definitions: &mut Definitions) -> Value {
        T::schema(definitions)
    }
}

/// What may be left out, key and all.
impl<T: Decode> Decode for Option<T> {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        T::decode(node, problems).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn schema(definitions: &mut Definitions) -> Value {
        T::schema(definitions)
    }
}

/// A list; empty if it is left out.
impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.kind {
            NodeKind::List(items) => all(items, problems),
            NodeKind::Scalar(_) | NodeKind::Map(_) | NodeKind::Empty => {
                let help =
                    both!("每一项另起一行，以 `- ` 开头", "write each item on a line of its own, beginning with `- `");
                problems.push(wrong_form_help(node, &both!("一个列表", "a list"), help));
                None
            }
        }
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "type": "array", "items": T::schema(definitions) })
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        T::decode(node, problems).map(Self::new)
    }

    fn absent() -> Option<Self> {
        T::absent().map(Self::new)
    }

    fn schema(definitions: &mut Definitions) -> Value {
        T::schema(definitions)
    }
}

/// Anything at all, for what can be read only once more is known, such as the cells of a table. Not nothing.
impl Decode for Node {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        if node.kind == NodeKind::Empty {
            problems.push(wrong_form(node, &both!("一个值", "a value")));
            return None;
        }
        Some(node.clone())
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "not": { "type": "null" } })
    }
}

/// Every item, or none if one was wrong; all of them are read.
fn all<T: Decode>(items: &[Node], problems: &mut Problems) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = items.iter().map(|item| T::decode(item, problems)).collect();
    read.into_iter().collect()
}

/// That something else is wanted than what is written: `wanted` completes "… is wanted here".
pub fn wrong_form(node: &Node, wanted: &Bilingual) -> Diagnostic {
    let blank = match &node.kind {
        NodeKind::Empty => true,
        NodeKind::Scalar(scalar) => scalar.text.trim().is_empty(),
        NodeKind::List(_) | NodeKind::Map(_) => false,
    };
    let Bilingual { zh, en } = wanted;
    let message = if blank {
        both!("这里要写{zh}，但什么都没有写", "{en} is wanted here, but nothing is written")
    } else {
        let found = node.found();
        Bilingual::new(format!("这里要写{zh}，不能是{}", found.zh), format!("{en} is wanted here, not {}", found.en))
    };
    let diagnostic = Diagnostic::error(codes::WRONG_FORM, node.span.clone(), message);
    if blank {
        diagnostic.help(both!("写上值，或删去这个键", "write a value, or delete the key"))
    } else {
        diagnostic
    }
}

/// The same, with how to write it; where nothing is written, that comes first.
fn wrong_form_help(node: &Node, wanted: &Bilingual, help: Bilingual) -> Diagnostic {
    let diagnostic = wrong_form(node, wanted);
    if diagnostic.help.is_some() { diagnostic } else { diagnostic.help(help) }
}

#[cfg(test)]
mod tests;
