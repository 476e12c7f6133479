//! Records: groups of `key: value` with a fixed set of keys, from one declaration.

use serde_json::{Map, Value, json};

use super::schema::{described, languages};
use super::{Decode, Definitions, wrong_form_help};
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, closest, codes};
use crate::source::tree::{Key, Node, NodeKind};
use crate::text::{Bilingual, quoted, quoted_list};

/// Declares a record: the struct, how it is read, and its JSON Schema.
///
/// Each field is a key of the same name, or of the name given by `#[key = "…"]`. A field of type `Option` or `Vec` may
/// be left out; every other is required. The struct has one field more, `span`: where the whole record is written. Wrap a field
/// in [`Spanned`](crate::policy::decode::Spanned) to know where its value is.
///
/// The documentation comments become the schema's descriptions and the help of a missing key; a line `zh: …` begins
/// their Chinese part.
///
/// ```
/// use redress::policy::decode::{ExpressionText, Id, LocalizedText, OneOrMany, Spanned};
/// use redress::record;
///
/// record! {
///     /// Who may do how much.
///     /// zh: 谁可以做到什么程度。
///     pub struct Grant {
///         /// Its name, unique in the policy.
///         /// zh: 名称，在策略中唯一。
///         pub id: Spanned<Id>,
///         /// What people read.
///         /// zh: 给人看的标题。
///         pub title: Option<LocalizedText>,
///         /// Conditions that must all hold.
///         /// zh: 必须全部成立的条件。
///         #[key = "when"]
///         pub conditions: Option<OneOrMany<ExpressionText>>,
///     }
/// }
///
/// assert_eq!(Grant::KEYS, ["id", "title", "when"]);
/// ```
#[macro_export]
macro_rules! record {
    (
        $(#[doc = $doc:expr])*
        $visibility:vis struct $name:ident {
            $(
                $(#[doc = $field_doc:expr])*
                $(#[key = $key:literal])?
                $field_visibility:vis $field:ident: $type:ty
            ),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq)]
        $visibility struct $name {
            /// Where the whole of it is written.
            pub span: $crate::diagnostic::Span,
            $(
                $(#[doc = $field_doc])*
                $field_visibility $field: $type,
            )*
        }

        impl $name {
            /// The keys that it may have.
            pub const KEYS: &'static [&'static str] = &[$($crate::record!(@key $field $($key)?)),*];
        }

        impl $crate::policy::decode::Decode for $name {
            fn decode(
                node: &$crate::source::tree::Node,
                problems: &mut $crate::diagnostic::Problems,
            ) -> Option<Self> {
                let fields = $crate::policy::decode::record::Fields::open(node, Self::KEYS, problems)?;
                // All of them are read before the first that is wrong ends it.
                $(
                    let $field = fields.take::<$type>(
                        $crate::record!(@key $field $($key)?),
                        &[$($field_doc),*],
                        problems,
                    );
                )*
                fields.are_known().then_some(())?;
                Some(Self { span: node.span.clone(), $($field: $field?),* })
            }

            fn schema(definitions: &mut $crate::policy::decode::Definitions) -> $crate::policy::decode::record::Schema {
                definitions.define::<Self>(stringify!($name), |definitions| {
                    let mut schema = $crate::policy::decode::record::RecordSchema::new(&[$($doc),*]);
                    $(
                        schema.add::<$type>(
                            $crate::record!(@key $field $($key)?),
                            &[$($field_doc),*],
                            definitions,
                        );
                    )*
                    schema.finish()
                })
            }
        }
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
}

pub use serde_json::Value as Schema;

/// In a record of more keys than this the unknown ones are nobody's slips, and guessing at each would cost.
const GUESSED_MAX: usize = 200;

/// The keys of a record as they are written, while it is read.
pub struct Fields<'n> {
    node: &'n Node,
    entries: &'n [(Key, Node)],
    /// Which unknown keys are slips of which known ones.
    slips: Vec<(&'n Node, &'static str)>,
    known: bool,
}

impl<'n> Fields<'n> {
    /// Takes a record apart, and reports keys that it can't have.
    pub fn open(node: &'n Node, keys: &'static [&'static str], problems: &mut Problems) -> Option<Self> {
        let NodeKind::Map(entries) = &node.kind else {
            problems.push(no_record(node, keys));
            return None;
        };
        let mut fields = Self { node, entries, slips: Vec::new(), known: true };
        let mut free: Vec<&'static str> = keys.iter().copied().filter(|key| !fields.is_written(key)).collect();
        for (key, value) in entries.iter().filter(|(key, _)| !keys.contains(&&*key.text)) {
            fields.known = false;
            let guess = |words: &[&'static str]| {
                (entries.len() <= GUESSED_MAX).then(|| closest(&key.text, words.iter().copied())).flatten()
            };
            // Rather a key that is not written yet.
            let slip = guess(&free);
            let meant = slip.or_else(|| guess(keys));
            if let Some(slip) = slip {
                free.retain(|key| *key != slip);
                fields.slips.push((value, slip));
            }
            problems.push(unknown_key(key, meant, keys));
        }
        Some(fields)
    }

    /// The value of `key`, or what its absence means.
    ///
    /// Behind a slip of the key the value is read too, so that its own problems come out at once.
    pub fn take<T: Decode>(&self, key: &str, docs: &[&str], problems: &mut Problems) -> Option<T> {
        let written = self.entries.iter().find(|(k, _)| &*k.text == key).map(|(_, value)| value);
        let meant = || self.slips.iter().find(|(_, meant)| *meant == key).map(|(value, _)| *value);
        match written.or_else(meant) {
            Some(value) => T::decode(value, problems),
            None => T::absent().or_else(|| {
                problems.push(self.missing(key, docs));
                None
            }),
        }
    }

    /// Whether the record has only keys that it may have.
    pub fn are_known(&self) -> bool {
        self.known
    }

    fn is_written(&self, key: &str) -> bool {
        self.entries.iter().any(|(k, _)| &*k.text == key)
    }

    fn missing(&self, key: &str, docs: &[&str]) -> Diagnostic {
        let span = self.entries.first().map_or(&self.node.span, |(first, _)| &first.span);
        let key = quoted(key);
        let message = both!("这里缺少键 {key}", "the key {key} is missing here");
        let diagnostic = Diagnostic::error(codes::MISSING_KEY, span.clone(), message);
        let (en, zh) = languages(docs);
        if en.is_empty() && zh.is_empty() {
            return diagnostic;
        }
        let zh = if zh.is_empty() { &en } else { &zh };
        diagnostic.help(both!("{key}：{zh}", "{key}: {en}"))
    }
}

fn unknown_key(key: &Key, meant: Option<&str>, keys: &[&str]) -> Diagnostic {
    let word = quoted(&key.text);
    let message = both!("这里没有 {word} 这个键", "there is no key {word} here");
    Diagnostic::error(codes::UNKNOWN_KEY, key.span.clone(), message).help(did_you_mean(meant, keys))
}

/// The word that was probably meant, and all that there are.
pub(super) fn did_you_mean(meant: Option<&str>, words: &[&str]) -> Bilingual {
    let Bilingual { zh, en } = quoted_list(words.iter().copied());
    match meant.map(quoted) {
        Some(meant) => both!("是不是 {meant}？可用的有：{zh}", "did you mean {meant}? allowed here: {en}"),
        None => both!("可用的有：{zh}", "allowed here: {en}"),
    }
}

fn no_record(node: &Node, keys: &[&str]) -> Diagnostic {
    let wanted = both!("一组“键: 值”", "a group of `key: value`");
    let help = match &node.kind {
        NodeKind::Scalar(scalar) if scalar.text.contains('：') => {
            both!(
                "全角冒号 `：` 要改为半角冒号加空格 `: `",
                "write a plain colon and a space, `: `, for the full-width `：`"
            )
        }
        NodeKind::Scalar(scalar) if scalar.text.contains(':') && !scalar.quoted => {
            both!("冒号后面要有空格", "write a space after the colon")
        }
        NodeKind::Scalar(_) | NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => did_you_mean(None, keys),
    };
    wrong_form_help(node, &wanted, help)
}

/// The schema of a record, while it is made.
pub struct RecordSchema {
    docs: &'static [&'static str],
    properties: Map<String, Value>,
    required: Vec<Value>,
}

impl RecordSchema {
    pub fn new(docs: &'static [&'static str]) -> Self {
        Self { docs, properties: Map::new(), required: Vec::new() }
    }

    pub fn add<T: Decode>(&mut self, key: &str, docs: &[&str], definitions: &mut Definitions) {
        let schema = described(T::schema(definitions), docs);
        self.properties.insert(key.into(), schema);
        if T::absent().is_none() {
            self.required.push(key.into());
        }
    }

    pub fn finish(self) -> Value {
        let schema = json!({
            "type": "object",
            "properties": self.properties,
            "required": self.required,
            "additionalProperties": false,
        });
        described(schema, self.docs)
    }
}
