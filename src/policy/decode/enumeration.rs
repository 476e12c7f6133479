//! Closed sets of words, from one declaration.

use serde_json::{Value, json};

use super::record::did_you_mean;
use super::schema::described;
use super::{Definitions, wrong_form_help};
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, closest, codes};
use crate::source::tree::{Node, NodeKind};
use crate::text::quoted;

/// Declares a closed set of words: the enum, how it is read, and its JSON Schema.
///
/// ```
/// use redress::enumeration;
///
/// enumeration! {
///     /// Which rows of a table count.
///     /// zh: 决策表取哪些行。
///     pub enum HitPolicy {
///         /// The first that matches.
///         /// zh: 第一个匹配的行。
///         First = "first",
///         /// The only one that matches.
///         /// zh: 唯一匹配的行。
///         Unique = "unique",
///     }
/// }
///
/// assert_eq!(HitPolicy::Unique.word(), "unique");
/// assert_eq!(HitPolicy::ALL.len(), 2);
/// ```
#[macro_export]
macro_rules! enumeration {
    (
        $(#[doc = $doc:expr])*
        $visibility:vis enum $name:ident {
            $(
                $(#[doc = $variant_doc:expr])*
                $variant:ident = $word:literal
            ),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $name {
            $(
                $(#[doc = $variant_doc])*
                $variant,
            )*
        }

        impl $name {
            /// All of them, in the order declared.
            #[allow(dead_code, reason = "not every set is listed")]
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),*];

            /// How it is written.
            #[allow(dead_code, reason = "not every set is written back")]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        impl $crate::policy::decode::Decode for $name {
            fn decode(
                node: &$crate::source::tree::Node,
                problems: &mut $crate::diagnostic::Problems,
            ) -> Option<Self> {
                $crate::policy::decode::enumeration::decode(node, Self::WORDS, problems)
            }

            fn schema(definitions: &mut $crate::policy::decode::Definitions) -> $crate::policy::decode::record::Schema {
                let words: &[(&str, &[&str])] = &[$(($word, &[$($variant_doc),*])),*];
                $crate::policy::decode::enumeration::schema::<Self>(stringify!($name), words, &[$($doc),*], definitions)
            }
        }
    };
}

/// Reads one of `words`.
pub fn decode<T: Copy>(node: &Node, words: &[(&'static str, T)], problems: &mut Problems) -> Option<T> {
    let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let text = match &node.kind {
        NodeKind::Scalar(scalar) if !scalar.text.trim().is_empty() => &*scalar.text,
        NodeKind::Scalar(_) | NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => {
            let wanted = both!("一个词", "a word");
            problems.push(wrong_form_help(node, &wanted, did_you_mean(None, &list)));
            return None;
        }
    };
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Some(*value);
    }
    let word = quoted(text);
    let message = both!("这里不能写 {word}", "{word} can't be written here");
    let help = did_you_mean(closest(text, list.iter().copied()), &list);
    problems.push(Diagnostic::error(codes::UNKNOWN_WORD, node.span.clone(), message).help(help));
    None
}

/// The schema of a closed set of words, each with its description.
pub fn schema<T>(name: &str, words: &[(&str, &[&str])], docs: &[&str], definitions: &mut Definitions) -> Value {
    definitions.define::<T>(name, |_| {
        let words: Vec<Value> = words.iter().map(|(word, docs)| described(json!({ "const": word }), docs)).collect();
        described(json!({ "oneOf": words }), docs)
    })
}
