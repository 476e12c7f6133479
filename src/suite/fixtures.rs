//! Named cases and actors of a suite: each resolved on top of what it extends, none misspelt, none unused.

use std::collections::{BTreeMap, BTreeSet};

use super::file::{FixtureEntry, SuiteFile};
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};
use crate::expr::check::suggestion;
use crate::plain::{Facts, Part};
use crate::policy::Bundle;
use crate::policy::decode::{Id, Spanned};
use crate::source::tree::{Node, NodeKind};
use crate::text::quoted;

/// The fixtures of one suite.
pub struct Fixtures<'f> {
    bundle: &'f Bundle,
    cases: BTreeMap<&'f str, Named<'f>>,
    actors: BTreeMap<&'f str, (&'f Span, Option<Facts>)>,
    used: BTreeSet<(&'static str, &'f str)>,
}

struct Named<'f> {
    span: &'f Span,
    extends: Option<&'f str>,
    facts: Option<Facts>,
}

const CASES: &str = "cases";
const ACTORS: &str = "actors";

impl<'f> Fixtures<'f> {
    pub fn new(file: &'f SuiteFile, bundle: &'f Bundle, problems: &mut Problems) -> Self {
        let mut fixtures = Self { bundle, cases: BTreeMap::new(), actors: BTreeMap::new(), used: BTreeSet::new() };
        let entries = file.cases.as_deref().unwrap_or_default();
        let by_name: BTreeMap<&str, &FixtureEntry> =
            entries.iter().map(|(name, entry)| (name.value.as_str(), entry)).collect();
        for (name, entry) in entries {
            let facts = resolve(name, entry, &by_name, bundle, problems);
            let extends = entry.extends.as_ref().map(|of| of.value.as_str());
            fixtures.cases.insert(name.value.as_str(), Named { span: &name.span, extends, facts });
        }
        for (name, node) in file.actors.as_deref().unwrap_or_default() {
            let facts = Facts::decode(node, Part::Actor, bundle, problems);
            fixtures.actors.insert(name.value.as_str(), (&name.span, facts));
        }
        fixtures
    }

    /// The case of that name.
    pub fn case(&mut self, name: &Spanned<Id>, problems: &mut Problems) -> Option<Facts> {
        let Some((known, named)) = self.cases.get_key_value(name.value.as_str()) else {
            problems.push(unknown(&name.value, &name.span, self.cases.keys().copied()));
            return None;
        };
        let (facts, mut next) = (named.facts.clone(), Some(*known));
        while let Some(used) = next.filter(|used| self.used.insert((CASES, used))) {
            next = self.cases.get(used).and_then(|named| named.extends);
        }
        facts
    }

    /// The actor that a node names or describes.
    pub fn actor(&mut self, node: &Node, problems: &mut Problems) -> Option<Facts> {
        if let NodeKind::Scalar(scalar) = &node.kind {
            if let Some((name, (_, facts))) = self.actors.get_key_value(&*scalar.text) {
                self.used.insert((ACTORS, name));
                return facts.clone();
            }
            let schema = self.bundle.schema();
            let roles = schema.enum_named("role").and_then(|of| schema.enumeration(of));
            let roles = || roles.into_iter().flat_map(|of| &of.members).map(|member| &*member.id);
            if !roles().any(|role| role == &*scalar.text) {
                let names: Vec<&str> = self.actors.keys().copied().chain(roles()).collect();
                problems.push(unknown(&scalar.text, &node.span, names.into_iter()));
                return None;
            }
        }
        Facts::decode(node, Part::Actor, self.bundle, problems)
    }

    /// What no test asks about is a slip: a test meant to use it.
    pub fn report_unused(&self, problems: &mut Problems) {
        let cases = self.cases.iter().map(|(name, named)| (CASES, *name, named.span));
        let actors = self.actors.iter().map(|(name, (span, _))| (ACTORS, *name, *span));
        for (_, name, span) in cases.chain(actors).filter(|(of, name, _)| !self.used.contains(&(*of, *name))) {
            let message = both!("没有测试用到 `{name}`", "no test uses `{name}`");
            let help = both!("删掉它，或写上要用它的测试", "delete it, or write the test that it is for");
            problems.push(Diagnostic::error(codes::BAD_SUITE, span.clone(), message).help(help));
        }
    }
}

/// A fixture's facts on top of those it extends.
fn resolve(
    name: &Spanned<Id>,
    entry: &FixtureEntry,
    by_name: &BTreeMap<&str, &FixtureEntry>,
    bundle: &Bundle,
    problems: &mut Problems,
) -> Option<Facts> {
    let mut chain = vec![(name.value.as_str(), entry)];
    let mut at = entry;
    while let Some(of) = &at.extends {
        let base = of.value.as_str();
        let Some(next) = by_name.get(base) else {
            problems.push(unknown(base, &of.span, by_name.keys().copied()));
            return None;
        };
        if chain.iter().any(|(seen, _)| *seen == base) {
            let message = both!("`{base}` 绕了一圈又扩展自己", "`{base}` extends itself in a circle");
            problems.push(Diagnostic::error(codes::CYCLE, of.span.clone(), message));
            return None;
        }
        chain.push((base, next));
        at = next;
    }
    let mut facts = Facts::default();
    for (_, entry) in chain.iter().rev() {
        facts = laid_over(&facts, entry, bundle, problems)?;
    }
    Some(facts)
}

/// What an entry drops from, and says on top of, `base`.
pub fn laid_over(base: &Facts, entry: &FixtureEntry, bundle: &Bundle, problems: &mut Problems) -> Option<Facts> {
    let mut base = base.clone();
    let own = Facts::decode(&entry.facts, Part::Case, bundle, problems);
    let mut sound = true;
    for path in &entry.drop {
        let known: Vec<String> = base.iter().map(|stated| stated.path.to_string()).collect();
        if !base.drop(&path.value) {
            let theirs = quoted(&path.value);
            let message = both!("没有 {theirs} 可去掉：原来就没有写", "{theirs} can't be dropped: it was not there");
            let problem = Diagnostic::error(codes::BAD_SUITE, path.span.clone(), message);
            let help = suggestion(&path.value, known.iter().map(String::as_str));
            problems.push(help.into_iter().fold(problem, Diagnostic::help));
            sound = false;
        }
    }
    sound.then_some(own?.over(&base))
}

fn unknown<'a>(name: impl std::fmt::Display, span: &Span, known: impl Iterator<Item = &'a str> + Clone) -> Diagnostic {
    let name = name.to_string();
    let theirs = quoted(&name);
    let message = both!("没有名为 {theirs} 的", "there is none named {theirs}");
    let problem = Diagnostic::error(codes::UNKNOWN_NAME, span.clone(), message);
    suggestion(&name, known).into_iter().fold(problem, Diagnostic::help)
}
