//! One source as a tree of texts, lists and maps, each with its place.
//!
//! Nothing is interpreted: `150`, `true` and `2026-11-22` are texts until somebody asks for a number, a truth or a
//! date. What a policy may not use (anchors, aliases, tags, several documents, a key twice) is refused here, and so is
//! what is too large; hence whoever walks a tree needs no guards.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

use super::positions::{self, Positions};
use super::{Source, malformed};
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};
use crate::text::{Bilingual, quoted};

/// How many texts, lists and maps one file may have.
pub const NODES_MAX: usize = 100_000;

/// How deep lists and maps may lie in each other.
pub const DEPTH_MAX: usize = 32;

/// A value of a YAML file and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// From the first to the last byte of what is written; where nothing is written, the `:` that promised it.
    pub span: Span,
    pub kind: NodeKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    Scalar(Scalar),
    List(Vec<Node>),
    /// In the order written; no key occurs twice.
    Map(Vec<(Key, Node)>),
    /// Nothing written, or `~` or `null`. Never the same as a key that is not there.
    Empty,
}

/// A text, a number, a date: whatever is written as one word or passage.
#[derive(Debug, Clone, PartialEq)]
pub struct Scalar {
    /// Without quotes, escapes resolved, lines folded.
    pub text: Arc<str>,
    /// Whether it is in quotes or a block (`|`, `>`), so that its author surely meant a text.
    pub quoted: bool,
    positions: Positions,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    pub text: Arc<str>,
    pub span: Span,
}

impl Node {
    /// The place in the file of a part of this scalar's text, given in bytes of the text. Exact through quotes,
    /// escapes, folds and blocks; the whole scalar where that can't be told, and for anything that is no scalar.
    pub fn position_in(&self, range: Range<usize>) -> Span {
        match &self.kind {
            NodeKind::Scalar(scalar) => scalar.place(range, &self.span),
            NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => self.span.clone(),
        }
    }

    /// What is written here, to finish the sentence "this is not wanted here, but …".
    pub fn found(&self) -> Bilingual {
        match &self.kind {
            NodeKind::Scalar(scalar) => {
                let text = quoted(&scalar.text);
                both!(" {text}", "{text}")
            }
            NodeKind::List(_) => both!("一个列表", "a list"),
            NodeKind::Map(_) => both!("一组“键: 值”", "a group of `key: value`"),
            NodeKind::Empty => both!("空白", "nothing"),
        }
    }

    /// The first key of a map, which names the kind of a policy.
    pub fn first_key(&self) -> Option<&Key> {
        match &self.kind {
            NodeKind::Map(entries) => entries.first().map(|(key, _)| key),
            NodeKind::Scalar(_) | NodeKind::List(_) | NodeKind::Empty => None,
        }
    }

    /// Whether both say the same, wherever they stand.
    pub fn says_the_same(&self, other: &Node) -> bool {
        match (&self.kind, &other.kind) {
            (NodeKind::Scalar(a), NodeKind::Scalar(b)) => a.text == b.text && a.quoted == b.quoted,
            (NodeKind::List(a), NodeKind::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.says_the_same(b))
            }
            (NodeKind::Map(a), NodeKind::Map(b)) => {
                a.len() == b.len()
                    && a.iter().zip(b).all(|((key, a), (other, b))| key.text == other.text && a.says_the_same(b))
            }
            (NodeKind::Empty, NodeKind::Empty) => true,
            (NodeKind::Scalar(_) | NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty, _) => false,
        }
    }

    /// The value of a map's key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.kind {
            NodeKind::Map(entries) => entries.iter().find(|(k, _)| &*k.text == key).map(|(_, value)| value),
            NodeKind::Scalar(_) | NodeKind::List(_) | NodeKind::Empty => None,
        }
    }
}

impl Scalar {
    /// See [`Node::position_in`]; `whole` is the scalar's own span.
    pub(crate) fn place(&self, range: Range<usize>, whole: &Span) -> Span {
        let start = positions::floor(&self.text, range.start);
        let end = positions::floor(&self.text, range.end).max(start);
        match self.positions.locate(start..end) {
            Some(bytes) => Span::new(whole.source, bytes),
            None => whole.clone(),
        }
    }
}

impl Key {
    /// The key as a value, for keys that are names or texts of their own.
    pub fn to_node(&self) -> Node {
        let scalar = Scalar { text: self.text.clone(), quoted: true, positions: Positions::Unknown };
        Node { span: self.span.clone(), kind: NodeKind::Scalar(scalar) }
    }
}

/// Reads a source as YAML. `None` if it can't be used; the reasons are in `problems` then.
///
/// A key written twice, or one that is no word, is reported and left out of the tree, so that whatever else is wrong is
/// found too.
pub fn parse(source: &Source, problems: &mut Problems) -> Option<Node> {
    if !source.is_sound() {
        return None;
    }
    let options = granit_parser::options! {
        emit_comments: false,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        disallow_directives: true,
        flow_nesting_limit: DEPTH_MAX,
        block_nesting_limit: DEPTH_MAX
    };
    let mut builder = Builder { source, problems, open: Vec::new(), root: None, nodes: 0, usable: true };
    let mut documents = 0_u8;
    for event in Parser::new_from_str_with_options(source.text(), options) {
        let (event, span) = match event {
            Ok((event, span)) => (event, span),
            Err(error) => {
                let diagnostic = builder.with_open_bracket(malformed::explain(source, &error));
                builder.problems.push(diagnostic);
                return None;
            }
        };
        if matches!(event, Event::DocumentStart(..)) {
            documents = documents.saturating_add(1);
            if documents > 1 {
                let message = both!("这里开始了第二份文档", "a second document begins here");
                let help =
                    both!("一个文件只写一份策略；另建一个文件", "a file holds one policy; put this into another");
                builder.forbid(builder.place(&span), message, help);
                return None;
            }
        }
        builder.take(event, &span)?;
    }
    builder.finish()
}

/// A list or map whose end has not come yet.
struct Open {
    start: usize,
    flow: bool,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Vec<(Key, Node)>, seen: HashMap<Arc<str>, Span>, pending: Pending },
}

/// Where a map stands between a key and its value.
enum Pending {
    Nothing,
    Key(Key),
    /// Already reported; its value is dropped.
    Unusable,
}

struct Builder<'a> {
    source: &'a Source,
    problems: &'a mut Problems,
    open: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    usable: bool,
}

impl Builder<'_> {
    /// `None` stops the reading.
    fn take(&mut self, event: Event<'_>, span: &granit_parser::Span) -> Option<()> {
        let place = self.place(span);
        if let Some(tag) = span.tag_span() {
            self.forbid_tag(self.place(&tag));
        }
        match event {
            Event::Scalar(text, style, ..) => {
                let node = self.scalar(&text, style, place);
                self.add(node)
            }
            Event::SequenceStart(style, ..) => self.begin(&place, style, Content::List(Vec::new())),
            Event::MappingStart(style, ..) => {
                let content = Content::Map { entries: Vec::new(), seen: HashMap::new(), pending: Pending::Nothing };
                self.begin(&place, style, content)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let open = self.open.pop()?;
                let node = self.close(open, &place);
                self.add(node)
            }
            Event::Anchor(..) => {
                let help = both!(
                    "把内容写出来；要写以 `&` 开头的文字，请加引号",
                    "write the value out; put a text that begins with `&` in quotes"
                );
                self.forbid(place, both!("不能用锚点 `&`", "anchors (`&`) are not allowed"), help);
                Some(())
            }
            Event::Alias(..) | Event::UnresolvedAlias(..) => {
                let help = both!(
                    "把内容写出来；要写以 `*` 开头的文字，请加引号",
                    "write the value out; put a text that begins with `*` in quotes"
                );
                self.forbid(place.clone(), both!("不能用别名 `*`", "aliases (`*`) are not allowed"), help);
                self.add(Node { span: place, kind: NodeKind::Empty })
            }
            // Carry no value; and the reader may grow events that we never switched on, as with comments.
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd
            | Event::Comment(..)
            | _ => Some(()),
        }
    }

    fn finish(self) -> Option<Node> {
        match self.root {
            Some(root) if root.kind != NodeKind::Empty => self.usable.then_some(root),
            _ if self.usable => {
                let message = both!("文件里没有内容", "the file says nothing");
                let help = both!("写上策略，或删掉这个文件", "write a policy, or delete the file");
                self.problems.push(Diagnostic::error(codes::EMPTY_FILE, self.source.start(), message).help(help));
                None
            }
            _ => None,
        }
    }

    fn scalar(&self, text: &str, style: ScalarStyle, mut place: Span) -> Node {
        let plain = style == ScalarStyle::Plain;
        if plain && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
            // The parser gives the place before the colon where nothing is written.
            if place.bytes.is_empty() && self.source.text().get(place.bytes.start..).is_some_and(|t| t.starts_with(':'))
            {
                place.bytes.end = place.bytes.end.saturating_add(1);
            }
            return Node { span: place, kind: NodeKind::Empty };
        }
        let positions = Positions::trace(text, self.source.text(), &place.bytes, style);
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            let written = self.source.text().get(place.bytes.clone()).unwrap_or("").trim_end();
            place.bytes.end = place.bytes.start.saturating_add(written.len());
        }
        Node { span: place, kind: NodeKind::Scalar(Scalar { text: text.into(), quoted: !plain, positions }) }
    }

    fn begin(&mut self, place: &Span, style: StructureStyle, content: Content) -> Option<()> {
        if self.open.len() >= DEPTH_MAX {
            self.problems.push(too_deep(place.clone()));
            return None;
        }
        self.open.push(Open { start: place.bytes.start, flow: style == StructureStyle::Flow, content });
        Some(())
    }

    fn close(&self, open: Open, end: &Span) -> Node {
        let (kind, last) = match open.content {
            Content::List(items) => {
                let last = items.last().map(|item| item.span.bytes.end);
                (NodeKind::List(items), last)
            }
            Content::Map { entries, .. } => {
                let last = entries.last().map(|(key, value)| value.span.bytes.end.max(key.span.bytes.end));
                (NodeKind::Map(entries), last)
            }
        };
        // The end of a block comes only with the next token, lines further down perhaps.
        let end = if open.flow { end.bytes.end } else { last.unwrap_or(open.start) };
        Node { span: Span::new(self.source.number(), open.start..end.max(open.start)), kind }
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, node: Node) -> Option<()> {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > NODES_MAX {
            let message = both!("文件里的值超过 {NODES_MAX} 个", "the file has more than {NODES_MAX} values");
            let help = both!("把它拆成几个文件", "split it into several files");
            self.problems.push(Diagnostic::error(codes::TOO_LARGE, node.span, message).help(help));
            return None;
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { entries, seen, pending }) => match std::mem::replace(pending, Pending::Nothing) {
                Pending::Nothing => *pending = key(node, seen, self.problems),
                Pending::Key(key) => entries.push((key, node)),
                Pending::Unusable => {}
            },
        }
        Some(())
    }

    /// A bracket left open is often the cause of an error lines further down.
    fn with_open_bracket(&self, diagnostic: Diagnostic) -> Diagnostic {
        let line = |at: usize| self.source.position(at).line;
        match self.open.last() {
            Some(open) if open.flow && line(open.start) < line(diagnostic.span.bytes.start) => {
                let bracket = open.start..self.source.ceil(open.start.saturating_add(1));
                let label = both!("这个括号还没有结束", "this bracket is still open");
                diagnostic.related(Span::new(self.source.number(), bracket), label)
            }
            _ => diagnostic,
        }
    }

    fn forbid_tag(&mut self, place: Span) {
        let tag = quoted(self.source.text().get(place.bytes.clone()).unwrap_or("!"));
        let message = both!("不能用标签 {tag}", "tags such as {tag} are not allowed");
        let help = both!(
            "要写以 `!` 开头的表达式或文字，请把整个值放进引号：`'!known(order.amount)'`",
            "put an expression or a text that begins with `!` in quotes as a whole: `'!known(order.amount)'`"
        );
        self.forbid(place, message, help);
    }

    fn forbid(&mut self, place: Span, message: Bilingual, help: Bilingual) {
        self.usable = false;
        self.problems.push(Diagnostic::error(codes::FORBIDDEN_YAML, place, message).help(help));
    }

    fn place(&self, span: &granit_parser::Span) -> Span {
        let bytes = span.byte_range().unwrap_or(0..0);
        let start = self.source.floor(bytes.start);
        Span::new(self.source.number(), start..self.source.ceil(bytes.end).max(start))
    }
}

/// Makes a key of the node in a key's place.
fn key(node: Node, seen: &mut HashMap<Arc<str>, Span>, problems: &mut Problems) -> Pending {
    let text = match node.kind {
        NodeKind::Scalar(scalar) if !scalar.text.trim().is_empty() => scalar.text,
        NodeKind::Scalar(_) | NodeKind::Empty => {
            let message = both!("冒号前缺少键名", "there is no key before the colon");
            problems.push(Diagnostic::error(codes::FORBIDDEN_YAML, node.span, message));
            return Pending::Unusable;
        }
        NodeKind::List(_) | NodeKind::Map(_) => {
            let message = both!(
                "键必须是一个词，不能是列表或一组“键: 值”",
                "a key must be a word, not a list or a group of `key: value`"
            );
            let help = both!("以 `[` 或 `{{` 开头的文字要加引号", "put a text that begins with `[` or `{{` in quotes");
            problems.push(Diagnostic::error(codes::FORBIDDEN_YAML, node.span, message).help(help));
            return Pending::Unusable;
        }
    };
    if let Some(first) = seen.get(&text) {
        let word = quoted(&text);
        let message = both!("键 {word} 写了两次", "the key {word} is written twice");
        let label = both!("第一次写在这里", "first written here");
        problems.push(Diagnostic::error(codes::DUPLICATE_KEY, node.span, message).related(first.clone(), label));
        return Pending::Unusable;
    }
    seen.insert(text.clone(), node.span.clone());
    Pending::Key(Key { text, span: node.span })
}

pub(super) fn too_deep(place: Span) -> Diagnostic {
    let message = both!("嵌套超过 {DEPTH_MAX} 层", "this is nested more than {DEPTH_MAX} levels deep");
    Diagnostic::error(codes::TOO_LARGE, place, message)
}

#[cfg(test)]
mod tests;
