//! A loaded bundle: one immutable snapshot that every answer is given from, and names by its digest.

use super::files::ParameterSource;
use super::files::Withhold;
use super::rules::{AmountUse, Rules};
use crate::diagnostic::Severity;
use crate::facts::{Schema, Type};
use crate::source::Sources;
use crate::text::{Language, Locale, Localized};
use crate::value::{Duration, Symbol, Value};

/// Policies that passed every check, ready to be asked.
#[derive(Debug)]
pub struct Bundle {
    pub(super) manifest: Manifest,
    pub(super) digest: Box<str>,
    /// For cases that no overlay concerns.
    pub(super) base: Rules,
    /// The narrowest first: a shop's before its platform's.
    pub(super) overlays: Vec<Overlay>,
    pub(super) sources: Sources,
    pub(super) policies: Vec<PolicyInfo>,
    pub(super) warnings: Vec<crate::diagnostic::Diagnostic>,
}

/// What the `bundle` policy declares.
#[derive(Debug, Clone)]
pub struct Manifest {
    pub name: Box<str>,
    pub title: Localized,
    /// ISO 4217.
    pub currency: Box<str>,
    pub zone: chrono_tz::Tz,
    /// BCP 47 tags; the first is the default.
    pub locales: Vec<Box<str>>,
    /// What records don't hold as it was sent.
    pub privacy: Vec<Private>,
}

/// A personal fact, which no rule reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Private {
    pub path: Box<str>,
    pub record: Withhold,
}

/// Rules for one platform, or for one shop on it.
#[derive(Debug)]
pub struct Overlay {
    pub platform: Box<str>,
    pub shop: Option<Box<str>>,
    pub rules: Rules,
}

/// One policy file, as callers list it.
#[derive(Debug, Clone)]
pub struct PolicyInfo {
    /// Its kind: `authority`, `guards`, …
    pub kind: Box<str>,
    pub name: Box<str>,
    pub file: Box<str>,
    /// Platform and shop of the overlay it belongs to, as `platform` or `platform/shop`; empty for the bundle's own.
    pub overlay: Box<str>,
    pub rules: Vec<RuleInfo>,
    /// Of a file of facts: what it defines.
    pub facts: Vec<FactInfo>,
    /// Those it declares.
    pub parameters: Vec<ParameterInfo>,
}

/// One parameter of a policy file.
#[derive(Debug, Clone)]
pub struct ParameterInfo {
    pub name: Box<str>,
    pub title: Localized,
    pub ty: Type,
    pub value: Value,
    pub source: ParameterSource,
    /// Its line, from 1.
    pub line: usize,
}

/// One rule of a policy file.
#[derive(Debug, Clone)]
pub struct RuleInfo {
    /// `kind.policy/id`
    pub id: Box<str>,
    pub title: Localized,
    pub implements: Box<[Box<str>]>,
    /// First and last line, from 1.
    pub lines: (usize, usize),
}

/// A definition or a table of a file of facts.
#[derive(Debug, Clone)]
pub struct FactInfo {
    /// `facts.name/id`
    pub id: Box<str>,
    pub implements: Box<[Box<str>]>,
    /// What expressions and answers call what it gives: `name.id`.
    pub gives: Box<[Box<str>]>,
    /// Where it begins, from 1.
    pub line: usize,
}

impl Bundle {
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Names the exact contents of every source.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The facts that a case may state. Overlays never change them.
    pub fn schema(&self) -> &Schema {
        &self.base.program.schema
    }

    /// The rules for a case of this shop.
    pub fn rules_for(&self, platform: Option<&str>, shop: Option<&str>) -> &Rules {
        let concerned = self.overlays.iter().find(|overlay| {
            Some(&*overlay.platform) == platform && overlay.shop.as_deref().is_none_or(|of| Some(of) == shop)
        });
        concerned.map_or(&self.base, |overlay| &overlay.rules)
    }

    /// Cases of a queue that time out this close together count as timing out at the same time; a nanosecond where the
    /// policies do not say. It is the same for all shops, whose cases stand in one queue.
    pub fn queue_span(&self) -> Duration {
        self.base.queue.map_or(Duration(1), |queue| queue.within)
    }

    /// Its own rules, and those of each overlay.
    pub fn variants(&self) -> impl Iterator<Item = &Rules> {
        std::iter::once(&self.base).chain(self.overlays.iter().map(|overlay| &overlay.rules))
    }

    /// How the amount of an action is treated, by the action's name. Overlays never change it.
    pub fn amount_use(&self, action: &str) -> Option<AmountUse> {
        let schema = self.schema();
        let actions = schema.enum_named("action").and_then(|actions| schema.enumeration(actions))?;
        self.base.amount_uses.get(usize::from(actions.find(action)?.0)).copied()
    }

    /// The names of the results that answers carry, overlays' own included.
    pub fn outputs(&self) -> impl Iterator<Item = &str> {
        self.variants().flat_map(|rules| {
            let facts = rules.outputs.iter().filter_map(|output| rules.program.schema.fact(output.fact));
            facts.map(|fact| &*fact.path)
        })
    }

    /// The bundle's locale for a BCP 47 tag: the same tag, or else one of the same language; `None` if it has neither.
    pub fn locale(&self, tag: &str) -> Option<Locale> {
        let language = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        let locales = &self.manifest.locales;
        let exact = locales.iter().position(|locale| locale.eq_ignore_ascii_case(tag));
        exact.or_else(|| locales.iter().position(|locale| language(locale) == language(tag))).map(Locale)
    }

    /// The engine's language for one of the bundle's locales.
    pub fn language(&self, locale: Locale) -> Language {
        self.manifest.locales.get(locale.0).map_or_else(Language::default, |tag| Language::of(tag))
    }

    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    pub fn policies(&self) -> &[PolicyInfo] {
        &self.policies
    }

    /// What the checker found strange but not wrong.
    pub fn warnings(&self) -> &[crate::diagnostic::Diagnostic] {
        debug_assert!(self.warnings.iter().all(|warning| warning.severity == Severity::Warning));
        &self.warnings
    }

    /// The id of one value of an enumeration that the bundle or the engine declares.
    pub fn id_of(&self, enumeration: &str, symbol: Symbol) -> &str {
        let schema = self.schema();
        let of = schema.enum_named(enumeration).and_then(|id| schema.enumeration(id));
        of.map_or("", |of| of.id_of(symbol))
    }

    /// The title of one value of an enumeration.
    pub fn title_of(&self, enumeration: &str, symbol: Symbol, locale: Locale) -> &str {
        let schema = self.schema();
        let of = schema.enum_named(enumeration).and_then(|id| schema.enumeration(id));
        of.and_then(|of| of.member(symbol)).map_or("", |member| member.title.get(locale))
    }
}
