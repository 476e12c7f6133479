//! Several values: under keys of the author's choice, or one that stands for a list.

use std::ops::Deref;

use serde_json::{Value, json};

use super::{Decode, Definitions, Spanned, all, any_of, wrong_form};
use crate::both;
use crate::diagnostic::Problems;
use crate::source::tree::{Node, NodeKind};

/// Values under keys that the author chooses, in the order written. `K` is what a key must be.
#[derive(Debug, Clone, PartialEq)]
pub struct Entries<T, K = String>(Vec<(Spanned<K>, T)>);

impl<T, K: AsRef<str>> Entries<T, K> {
    /// The value under `key`.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.0.iter().find(|(k, _)| k.value.as_ref() == key).map(|(_, value)| value)
    }
}

impl<T, K> Deref for Entries<T, K> {
    type Target = [(Spanned<K>, T)];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T, K> IntoIterator for Entries<T, K> {
    type Item = (Spanned<K>, T);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T: Decode, K: Decode> Decode for Entries<T, K> {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        let NodeKind::Map(entries) = &node.kind else {
            problems.push(wrong_form(node, &both!("一组“键: 值”", "a group of `key: value`")));
            return None;
        };
        let read: Vec<Option<(Spanned<K>, T)>> = entries
            .iter()
            .map(|(key, value)| {
                let key = Spanned::decode(&key.to_node(), problems);
                let value = T::decode(value, problems);
                Some((key?, value?))
            })
            .collect();
        read.into_iter().collect::<Option<_>>().map(Self)
    }

    fn schema(definitions: &mut Definitions) -> Value {
        let names = K::schema(definitions);
        json!({ "type": "object", "propertyNames": names, "additionalProperties": T::schema(definitions) })
    }
}

/// A list of at least one, whose only item may be written without the list.
#[derive(Debug, Clone, PartialEq)]
pub struct OneOrMany<T>(Vec<T>);

impl<T> Deref for OneOrMany<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> IntoIterator for OneOrMany<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T: Decode> Decode for OneOrMany<T> {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.kind {
            NodeKind::List(items) if items.is_empty() => {
                problems.push(wrong_form(node, &both!("至少一项", "at least one item")));
                None
            }
            NodeKind::List(items) => all(items, problems).map(Self),
            NodeKind::Scalar(_) | NodeKind::Map(_) | NodeKind::Empty => {
                T::decode(node, problems).map(|item| Self(vec![item]))
            }
        }
    }

    fn schema(definitions: &mut Definitions) -> Value {
        let item = T::schema(definitions);
        any_of([item.clone(), json!({ "type": "array", "items": item, "minItems": 1 })])
    }
}
