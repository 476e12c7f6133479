//! Facts as they were written, each under its path and in its place.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::form::{self, Wire};
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};
use crate::expr::check::suggestion;
use crate::facts::{Fact, FactId, Origin, Schema, Type};
use crate::policy::Bundle;
use crate::policy::decode::wrong_form;
use crate::source::tree::{Key, Node, NodeKind};
use crate::text::quoted;

/// Which message facts belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Case,
    Actor,
    Action,
}

/// Facts of a case, an actor or an action, in the order written; each once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts(Vec<Stated>);

/// One fact that was written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    pub target: Target,
    /// As expressions name it: `order.amount`.
    pub path: Box<str>,
    pub key: Span,
    pub value: Node,
}

/// What a path stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Fact(FactId),
    /// Carried and read by no rule: `helpdesk.tags`.
    Tags,
    /// Carried and read by no rule: `native_codes`.
    NativeCodes,
    /// Carried and read by no rule: `id` and `version` of the case.
    Name,
}

impl Part {
    /// What the paths of its facts begin with.
    fn prefix(self) -> &'static str {
        match self {
            Part::Case => "",
            Part::Actor => "actor.",
            Part::Action => "action.",
        }
    }

    /// The part that a fact is sent in.
    pub fn of(path: &str) -> Self {
        let begins = |part: &Part| path.starts_with(part.prefix());
        [Part::Actor, Part::Action].into_iter().find(begins).unwrap_or(Part::Case)
    }

    fn holds(self, fact: &Fact) -> bool {
        fact.origin != Origin::Derived && Self::of(&fact.path) == self
    }

    fn target(self, path: &str, schema: &Schema) -> Option<Target> {
        match (path, self) {
            ("helpdesk.tags", Part::Case) => Some(Target::Tags),
            ("native_codes", Part::Case) => Some(Target::NativeCodes),
            ("id" | "version", Part::Case) => Some(Target::Name),
            _ => {
                let id = schema.find(path)?;
                schema.fact(id).filter(|fact| self.holds(fact)).map(|_| Target::Fact(id))
            }
        }
    }

    /// The fact that a single word stands for: an actor is known by the role, an action by its name.
    fn main_fact(self) -> Option<&'static str> {
        match self {
            Part::Case => None,
            Part::Actor => Some("actor.role"),
            Part::Action => Some("action.name"),
        }
    }
}

impl Stated {
    /// A fact whose value is still to be written; `None` if a case, an actor and an action have no such fact.
    pub fn at(path: &str, key: &Span, bundle: &Bundle) -> Option<Self> {
        let target = Part::of(path).target(path, bundle.schema())?;
        let value = Node { span: key.clone(), kind: NodeKind::Empty };
        Some(Self { target, path: path.into(), key: key.clone(), value })
    }

    /// Reports what is wrong with the value, if anything is.
    pub fn check(&self, bundle: &Bundle, problems: &mut Problems) -> Option<()> {
        self.target.json(form_of(bundle), &self.value, problems).map(drop)
    }
}

/// The paths of all facts that can be stated.
pub fn stated_paths(bundle: &Bundle) -> impl Iterator<Item = &str> + Clone {
    let stated = bundle.schema().facts().iter().filter(|fact| fact.origin != Origin::Derived);
    stated.map(|fact| &*fact.path)
}

impl Facts {
    /// Reads groups of facts, nested by their paths or with dots between.
    pub fn decode(node: &Node, part: Part, bundle: &Bundle, problems: &mut Problems) -> Option<Self> {
        let mut reading = Reading { part, form: form_of(bundle), facts: Self::default(), sound: true, problems };
        match (&node.kind, part.main_fact()) {
            (NodeKind::Scalar(_), Some(path)) => reading.leaf(path, &node.span, node),
            _ => reading.group("", node),
        }
        reading.sound.then_some(reading.facts)
    }

    /// These, and what `base` says beside them.
    #[must_use]
    pub fn over(&self, base: &Facts) -> Facts {
        let mut all = base.clone();
        for stated in &self.0 {
            all.state(stated.clone());
        }
        all
    }

    /// Adds a fact, in the place of what was said of it before.
    pub fn state(&mut self, stated: Stated) {
        match self.0.iter_mut().find(|known| known.path == stated.path) {
            Some(known) => *known = stated,
            None => self.0.push(stated),
        }
    }

    /// Takes back what was said of a fact, or of all facts of a group; whether anything was.
    pub fn drop(&mut self, path: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|stated| !is_at_or_below(&stated.path, path));
        self.0.len() < before
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Stated> {
        self.0.iter()
    }

    /// The list that an entry of `empty_lists` names: `empty_lists[0]` is the first that was written `[]`.
    pub(super) fn empty_list(&self, field: &str) -> Option<&Stated> {
        let position = field.strip_prefix("empty_lists[")?.strip_suffix(']')?.parse().ok()?;
        self.0.iter().filter(|stated| is_empty_list(&stated.value) && !is_attribute(&stated.path)).nth(position)
    }

    /// Where a field of the message was written: `order.amount`, `evidence[0].kind`.
    pub(super) fn place(&self, field: &str) -> Option<Span> {
        let stated = self.0.iter().find(|stated| is_at_or_below(field, &stated.path))?;
        let mut node = &stated.value;
        for step in field.get(stated.path.len()..)?.split(['.', '[', ']']).filter(|step| !step.is_empty()) {
            let inner = match &node.kind {
                NodeKind::List(items) => step.parse::<usize>().ok().and_then(|at| items.get(at)),
                NodeKind::Map(_) | NodeKind::Scalar(_) | NodeKind::Empty => node.get(step),
            };
            let Some(inner) = inner else { break };
            node = inner;
        }
        Some(node.span.clone())
    }

    /// The message that these facts make, by protobuf's own JSON.
    pub(super) fn message<M: DeserializeOwned>(
        &self,
        part: Part,
        bundle: &Bundle,
        problems: &mut Problems,
    ) -> Option<M> {
        let mut message = Map::new();
        let mut empty_lists = Vec::new();
        let mut sound = true;
        for stated in &self.0 {
            let is_fact = matches!(stated.target, Target::Fact(_));
            if is_fact && is_empty_list(&stated.value) && !is_attribute(&stated.path) {
                empty_lists.push(Value::String(stated.path.to_string()));
                continue;
            }
            match stated.target.json(form_of(bundle), &stated.value, problems) {
                Some(value) => put(&mut message, stated.path.strip_prefix(part.prefix())?, value),
                None => sound = false,
            }
        }
        if !empty_lists.is_empty() {
            message.insert("empty_lists".to_owned(), Value::Array(empty_lists));
        }
        if !sound {
            return None;
        }
        serde_json::from_value(Value::Object(message))
            .map_err(|error| {
                // Each value was checked before: what is left is a message too large to be one.
                let span = self.0.first().map_or(Span::new(0, 0..0), |stated| stated.key.clone());
                let message = both!("案件无法发送：{error}", "the case can't be sent: {error}");
                problems.push(Diagnostic::error(codes::IMPOSSIBLE_CASE, span, message));
            })
            .ok()
    }
}

impl<'f> IntoIterator for &'f Facts {
    type Item = &'f Stated;
    type IntoIter = std::slice::Iter<'f, Stated>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Target {
    fn json(self, form: form::Reading<'_>, value: &Node, problems: &mut Problems) -> Option<Value> {
        match self {
            Target::Fact(id) => form.fact(id, value, problems),
            Target::Tags => form.value(&Type::list(Type::Text), Wire::Typed, value, problems),
            Target::Name => form.value(&Type::Text, Wire::Typed, value, problems),
            Target::NativeCodes => form.value(&Type::Map(Box::new(Type::Text)), Wire::Typed, value, problems),
        }
    }
}

fn form_of(bundle: &Bundle) -> form::Reading<'_> {
    form::Reading { schema: bundle.schema(), currency: &bundle.manifest().currency }
}

/// Puts a value at its path in nested objects.
fn put(object: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => drop(object.insert(path.to_owned(), value)),
        Some((head, rest)) => {
            let inner = object.entry(head).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

fn is_attribute(path: &str) -> bool {
    path.starts_with("attributes.")
}

fn is_empty_list(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::List(items) if items.is_empty())
}

/// Whether `path` is `of` or lies below it.
fn is_at_or_below(path: &str, of: &str) -> bool {
    path.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

struct Reading<'r> {
    part: Part,
    form: form::Reading<'r>,
    facts: Facts,
    sound: bool,
    problems: &'r mut Problems,
}

impl<'r> Reading<'r> {
    /// Facts whose paths begin with `prefix`; empty for all of them.
    fn group(&mut self, prefix: &str, node: &Node) {
        let NodeKind::Map(entries) = &node.kind else {
            let wanted = both!("一组“键: 值”", "a group of `key: value`");
            return self.refuse(wrong_form(node, &wanted));
        };
        for (key, value) in entries {
            let path = if prefix.is_empty() { key.text.to_string() } else { format!("{prefix}.{}", key.text) };
            self.entry(&path, key, value);
        }
    }

    fn entry(&mut self, path: &str, key: &Key, value: &Node) {
        let full = format!("{}{path}", self.part.prefix());
        if self.target(&full).is_some() {
            return self.leaf(&full, &key.span, value);
        }
        if self.known_paths().any(|known| is_at_or_below(known, &full)) {
            return self.group(path, value);
        }
        self.unknown(&full, key);
    }

    fn leaf(&mut self, path: &str, key: &Span, value: &Node) {
        let Some(target) = self.target(path) else { return };
        if let Some(first) = self.facts.0.iter().find(|stated| *stated.path == *path) {
            let message = both!("`{path}` 写了两次", "`{path}` is written twice");
            let label = both!("第一次写在这里", "first written here");
            let twice = Diagnostic::error(codes::DUPLICATE_KEY, key.clone(), message);
            return self.refuse(twice.related(first.key.clone(), label));
        }
        self.sound &= target.json(self.form, value, self.problems).is_some();
        self.facts.0.push(Stated { target, path: path.into(), key: key.clone(), value: value.clone() });
    }

    fn target(&self, path: &str) -> Option<Target> {
        self.part.target(path, self.form.schema)
    }

    fn known_paths(&self) -> impl Iterator<Item = &'r str> + Clone + use<'r> {
        let part = self.part;
        self.form.schema.facts().iter().filter(move |fact| part.holds(fact)).map(|fact| &*fact.path)
    }

    fn unknown(&mut self, path: &str, key: &Key) {
        let schema = self.form.schema;
        let derived = schema.find(path).and_then(|id| schema.fact(id));
        let theirs = quoted(path);
        let problem = match derived.map(|fact| fact.origin) {
            Some(Origin::Derived) => {
                let message = both!(
                    "{theirs} 是规则算出来的，不能填写",
                    "{theirs} is computed by the policies and can't be given"
                );
                let help = both!("填写它所依据的事实", "give the facts it follows from");
                Diagnostic::error(codes::UNKNOWN_FACT, key.span.clone(), message).help(help)
            }
            Some(Origin::BuiltIn | Origin::Attribute) => {
                let message = both!("{theirs} 不属于案件", "{theirs} is not a part of the case");
                let help = both!("写在 `actor` 或 `action` 下", "write it under `actor` or `action`");
                Diagnostic::error(codes::UNKNOWN_FACT, key.span.clone(), message).help(help)
            }
            None if path == "empty_lists" => {
                let message = both!("这里不用写 {theirs}", "{theirs} is not written here");
                let help = both!("空列表直接写 `[]`", "write `[]` for a list that is known to be empty");
                Diagnostic::error(codes::UNKNOWN_FACT, key.span.clone(), message).help(help)
            }
            None => unknown_fact(path, &key.span, self.known_paths()),
        };
        self.refuse(problem);
    }

    fn refuse(&mut self, problem: Diagnostic) {
        self.sound = false;
        self.problems.push(problem);
    }
}

/// That no fact has this path, with the one that was probably meant.
pub fn unknown_fact<'a>(path: &str, span: &Span, known: impl Iterator<Item = &'a str> + Clone) -> Diagnostic {
    let theirs = quoted(path);
    let message = both!("没有 {theirs} 这个事实", "there is no fact {theirs}");
    let problem = Diagnostic::error(codes::UNKNOWN_FACT, span.clone(), message);
    // The last word often tells: `order.platform` for `shop.platform`.
    let last = path.rsplit('.').next().unwrap_or(path);
    let near = crate::expr::check::nearest(path, known.clone());
    match near {
        Some(_) => suggestion(path, known),
        None => {
            crate::expr::check::nearest(last, known).map(|near| both!("是否想写 `{near}`？", "did you mean `{near}`?"))
        }
    }
    .into_iter()
    .fold(problem, Diagnostic::help)
}
