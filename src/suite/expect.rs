//! What an answer must be: expectations compiled against the shape of the answer, and compared with it.

use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};
use crate::expr::check::suggestion;
use crate::policy::Bundle;
use crate::policy::decode::wrong_form;
use crate::source::tree::{Node, NodeKind};
use crate::text::quoted;
use crate::view::shape::{Of, Shape};
use crate::view::{Content, RuleRef, View};

mod matching;
mod wanted;

pub use matching::Difference;
use wanted::Wanted;

/// One place of the answer and what must be there.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// The keys that lead to the place.
    steps: Vec<String>,
    matcher: Matcher,
    /// Where the expectation is written.
    pub span: Span,
}

/// What must be at a place.
#[derive(Debug, Clone)]
enum Matcher {
    Is(Wanted),
    /// Nothing.
    Absent,
    /// Anything.
    Present,
    /// Exactly these names, in any order.
    Names(Vec<String>),
    /// Exactly these items, in any order.
    Exactly(Vec<Wanted>),
    /// These items among others; or this text within the text.
    Contains(Vec<Wanted>),
    /// None of these items.
    Lacks(Vec<Wanted>),
}

/// Reads the expectations of one kind of answer.
#[derive(Clone, Copy)]
pub struct Expecting<'b> {
    pub bundle: &'b Bundle,
    pub shape: &'static Shape,
    /// The shape of the other kind of answer, for those who mix them up.
    pub other: &'static Shape,
    /// What this kind of answer is an answer to.
    pub authorizes: bool,
}

impl Expecting<'_> {
    /// Everything that a whole `expect` says.
    pub fn all(&self, node: &Node, problems: &mut Problems) -> Option<Vec<Expectation>> {
        if let NodeKind::Map(entries) = &node.kind
            && entries.is_empty()
        {
            let message = both!("这里没有期望任何结果", "nothing is expected here");
            problems.push(Diagnostic::error(codes::BAD_SUITE, node.span.clone(), message));
            return None;
        }
        let mut found = Vec::new();
        self.group(node, self.shape, &mut Vec::new(), &mut found, problems).then_some(found)
    }

    /// What is expected at one place.
    pub fn at(&self, path: &str, span: &Span, node: &Node, problems: &mut Problems) -> Option<Vec<Expectation>> {
        let mut steps = Vec::new();
        let shape = self.follow(path, span, self.shape, &mut steps, problems)?;
        let mut found = Vec::new();
        self.place(node, &shape, &mut steps, &mut found, problems).then_some(found)
    }

    /// Whether there is such a place; what is wrong with it goes to `problems`.
    pub fn is_place(&self, path: &str, span: &Span, problems: &mut Problems) -> bool {
        self.follow(path, span, self.shape, &mut Vec::new(), problems).is_some()
    }

    pub fn knows(&self, path: &str) -> bool {
        self.is_place(path, &Span::new(0, 0..0), &mut Problems::default())
    }

    /// Everything under the keys of a map.
    fn group(
        &self,
        node: &Node,
        shape: &Shape,
        steps: &mut Vec<String>,
        found: &mut Vec<Expectation>,
        problems: &mut Problems,
    ) -> bool {
        let NodeKind::Map(entries) = &node.kind else {
            problems.push(wrong_form(node, &both!("一组“键: 值”", "a group of `key: value`")));
            return false;
        };
        let mut sound = true;
        for (key, value) in entries {
            let depth = steps.len();
            let shape = self.follow(&key.text, &key.span, shape, steps, problems);
            sound &= shape.is_some_and(|shape| self.place(value, &shape, steps, found, problems));
            steps.truncate(depth);
        }
        sound
    }

    /// What is expected of one place.
    fn place(
        &self,
        node: &Node,
        shape: &Shape,
        steps: &mut Vec<String>,
        found: &mut Vec<Expectation>,
        problems: &mut Problems,
    ) -> bool {
        let matcher = match (shape, &node.kind) {
            (_, NodeKind::Scalar(scalar)) if !scalar.quoted && matches!(&*scalar.text, "none" | "any") => {
                Some(if &*scalar.text == "none" { Matcher::Absent } else { Matcher::Present })
            }
            (Shape::Group(_) | Shape::Keyed(..), NodeKind::Map(entries)) if !entries.is_empty() => {
                return self.group(node, shape, steps, found, problems);
            }
            (Shape::Keyed(of, _), NodeKind::List(names)) => self.names(*of, names, problems).map(Matcher::Names),
            (Shape::List(of), NodeKind::List(items)) => self.wanted(*of, items, problems).map(Matcher::Exactly),
            (Shape::Value(of @ Of::Anything), NodeKind::List(items)) => {
                self.wanted(*of, items, problems).map(Matcher::Exactly)
            }
            (Shape::List(of) | Shape::Value(of), NodeKind::Map(entries)) => self.matcher(*of, node, entries, problems),
            (Shape::Value(of), _) => Wanted::read(node, *of, self.bundle, problems).map(Matcher::Is),
            (Shape::Group(_) | Shape::Keyed(..) | Shape::List(_), _) => {
                problems.push(self.misshapen(node, shape));
                None
            }
        };
        let Some(matcher) = matcher else { return false };
        found.push(Expectation { steps: steps.clone(), matcher, span: node.span.clone() });
        true
    }

    /// `{ contains: … }` and its kind.
    fn matcher(
        &self,
        of: Of,
        node: &Node,
        entries: &[(crate::source::tree::Key, Node)],
        problems: &mut Problems,
    ) -> Option<Matcher> {
        let help = both!(
            "可用 `{{ contains: … }}`、`{{ lacks: … }}`、`{{ is: … }}`",
            "write `{{ contains: … }}`, `{{ lacks: … }}` or `{{ is: … }}`"
        );
        let [(key, value)] = entries else {
            problems.push(wrong_form(node, &both!("一个比较方式", "one way to compare")).help(help));
            return None;
        };
        let one_or_many = || match &value.kind {
            NodeKind::List(items) => items.as_slice(),
            NodeKind::Scalar(_) | NodeKind::Map(_) | NodeKind::Empty => std::slice::from_ref(value),
        };
        match &*key.text {
            "contains" => self.wanted(of, one_or_many(), problems).map(Matcher::Contains),
            "lacks" => self.wanted(of, one_or_many(), problems).map(Matcher::Lacks),
            "is" => Wanted::read(value, of, self.bundle, problems).map(Matcher::Is),
            other => {
                let theirs = quoted(other);
                let message = both!("没有 {theirs} 这种比较方式", "there is no way to compare called {theirs}");
                problems.push(Diagnostic::error(codes::UNKNOWN_KEY, key.span.clone(), message).help(help));
                None
            }
        }
    }

    fn wanted(&self, of: Of, items: &[Node], problems: &mut Problems) -> Option<Vec<Wanted>> {
        let read: Vec<Option<Wanted>> =
            items.iter().map(|item| Wanted::read(item, of, self.bundle, problems)).collect();
        read.into_iter().collect()
    }

    fn names(&self, of: Of, names: &[Node], problems: &mut Problems) -> Option<Vec<String>> {
        let wanted = self.wanted(of, names, problems)?;
        Some(wanted.into_iter().map(|wanted| wanted.text).collect())
    }

    fn misshapen(&self, node: &Node, shape: &Shape) -> Diagnostic {
        let (wanted, help) = match shape {
            Shape::List(_) => (both!("一个列表", "a list"), both!("例如 `[order.amount]`", "such as `[order.amount]`")),
            Shape::Group(_) | Shape::Keyed(..) | Shape::Value(_) => {
                let names = self.keys(shape);
                let (zh, en) = (names.join("、"), names.join(", "));
                let wanted = both!("一组“键: 值”", "a group of `key: value`");
                (wanted, both!("可用的键有：{zh}", "the keys are: {en}"))
            }
        };
        wrong_form(node, &wanted).help(help)
    }

    /// Follows a dotted path from a shape to the shape of its place.
    fn follow(
        &self,
        path: &str,
        span: &Span,
        from: &Shape,
        steps: &mut Vec<String>,
        problems: &mut Problems,
    ) -> Option<Shape> {
        let (mut shape, mut rest) = (*from, path);
        while !rest.is_empty() {
            let (step, inner) = match shape {
                Shape::Group(fields) => {
                    let first = rest.split('.').next().unwrap_or(rest);
                    let field = fields.iter().find(|field| field.key == first);
                    (field.map(|field| field.key.to_owned()), field.map(|field| field.shape))
                }
                Shape::Keyed(of, inner) => (self.longest_name(of, rest), Some(*inner)),
                Shape::Value(_) | Shape::List(_) => (None, None),
            };
            let (Some(step), Some(inner)) = (step, inner) else {
                problems.push(self.no_place(path, rest, &shape, span));
                return None;
            };
            rest = rest.get(step.len()..).unwrap_or("").trim_start_matches('.');
            steps.push(step);
            shape = inner;
        }
        Some(shape)
    }

    /// The known name that a path begins with; names may have dots in them.
    fn longest_name(&self, of: Of, path: &str) -> Option<String> {
        let begins = |name: &String| {
            path.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        of.names(self.bundle)?.into_iter().filter(begins).max_by_key(String::len)
    }

    fn keys(&self, shape: &Shape) -> Vec<String> {
        match shape {
            Shape::Group(fields) => fields.iter().map(|field| field.key.to_owned()).collect(),
            Shape::Keyed(of, _) => of.names(self.bundle).unwrap_or_default(),
            Shape::Value(_) | Shape::List(_) => Vec::new(),
        }
    }

    fn no_place(&self, path: &str, rest: &str, shape: &Shape, span: &Span) -> Diagnostic {
        let theirs = quoted(path);
        let message = both!("答复里没有 {theirs}", "there is no {theirs} in the answer");
        let problem = Diagnostic::error(codes::UNKNOWN_KEY, span.clone(), message);
        let elsewhere = Expecting { shape: self.other, other: self.shape, ..*self };
        let first = rest.split('.').next().unwrap_or(rest);
        let of_other = matches!(self.other, Shape::Group(fields) if fields.iter().any(|field| field.key == first));
        if rest == path && of_other && !elsewhere.keys(self.shape).iter().any(|key| key == first) {
            return problem.help(if self.authorizes {
                both!("它属于对案件的决定；去掉 `authorize`", "it belongs to the answer to a case: delete `authorize`")
            } else {
                both!(
                    "它属于对操作的答复；写上 `authorize`",
                    "it belongs to the answer to an action: write `authorize`"
                )
            });
        }
        let keys = self.keys(shape);
        let known = keys.iter().map(String::as_str);
        let help = suggestion(rest, known.clone()).filter(|_| !keys.is_empty());
        let near = crate::expr::check::nearest(first, known)
            .map(|near| both!("是否想写 `{near}`？", "did you mean `{near}`?"));
        near.or(help).into_iter().fold(problem, Diagnostic::help)
    }
}

impl Expectation {
    /// The place, as people name it.
    pub fn path(&self) -> String {
        self.steps.join(".")
    }

    /// What to say of a question that was refused.
    pub fn refused(&self, violations: &[crate::rpc::violation::Violation]) -> Difference {
        let said = violations.iter().map(|violation| format!("{}: {}", violation.field, violation.description));
        Difference {
            path: self.path(),
            expected: self.matcher.written(),
            actual: said.collect::<Vec<_>>().join("; "),
            because: Vec::new(),
            span: self.span.clone(),
        }
    }

    /// How the answer differs from what is expected, if it does.
    pub fn compare(&self, answer: &View, bundle: &Bundle) -> Option<Difference> {
        let mut because: &[RuleRef] = &answer.because;
        let mut at = Some(answer);
        for step in &self.steps {
            at = at.and_then(|view| view.get(step));
            if let Some(view) = at.filter(|view| !view.because.is_empty()) {
                because = &view.because;
            }
        }
        if self.matcher.matches(at) {
            return None;
        }
        let zone = bundle.manifest().zone;
        Some(Difference {
            path: self.path(),
            expected: self.matcher.written(),
            actual: at.map_or_else(|| "none".to_owned(), |view| self.matcher.found(view, zone)),
            because: because.to_vec(),
            span: self.span.clone(),
        })
    }
}

impl Matcher {
    fn matches(&self, at: Option<&View>) -> bool {
        let items = || match at.map(|view| &view.content) {
            Some(Content::List(items)) => items.as_slice(),
            _ => &[],
        };
        let has = |wanted: &Wanted| items().iter().any(|item| wanted.is(item));
        let says = |wanted: &Wanted| at.is_some_and(|view| wanted.is_within(view)) || has(wanted);
        match self {
            Matcher::Absent => at.is_none(),
            Matcher::Present => at.is_some(),
            Matcher::Is(wanted) => at.is_some_and(|view| wanted.is(view)),
            Matcher::Names(names) => {
                let keys: Vec<&String> = match at.map(|view| &view.content) {
                    Some(Content::Group(members)) => members.iter().map(|(key, _)| key).collect(),
                    _ => Vec::new(),
                };
                keys.len() == names.len() && names.iter().all(|name| keys.contains(&name))
            }
            Matcher::Exactly(wanted) => {
                items().len() == wanted.len()
                    && wanted.iter().all(has)
                    && items().iter().all(|item| wanted.iter().any(|wanted| wanted.is(item)))
            }
            Matcher::Contains(wanted) => wanted.iter().all(says),
            Matcher::Lacks(wanted) => !wanted.iter().any(says),
        }
    }
}
