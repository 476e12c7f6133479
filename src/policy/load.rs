//! The line from sources to a bundle: read → parse → check → compile. All or nothing, every problem at once.

use std::sync::Arc;

use super::bundle::{Bundle, Manifest, Overlay, PolicyInfo};
use super::compile::functions::{Scripts, functions};
use super::compile::{Compiler, Texts, calendars, facts, parameters};
use super::decode::Decode as _;
use super::files::{BundleFile, PolicyFile};
use super::hidden::Hidden;
use super::overlay::{self, Layer, Placed};
use super::rules::{AmountUse, Authority, Grant, Ladder, Ruled, Rules};
use super::{listing, names};
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Severity, Span, codes};
use crate::expr::eval::{Derived, Functions, Program};
use crate::facts::Schema;
use crate::policy::files::AmountWord;
use crate::script;
use crate::source::{Sources, tree};
use crate::value::Symbol;

/// Sources that were refused, with everything that is wrong with them.
#[derive(Debug)]
pub struct Rejected {
    pub sources: Sources,
    /// Sorted by place.
    pub problems: Vec<Diagnostic>,
}

/// Loads a bundle from its files, in any order; paths are relative to the bundle's directory. Files that no bundle is
/// made of, suites above all, are left out: they change no answer, hence no digest.
pub fn load<P, B>(files: impl IntoIterator<Item = (P, B)>) -> Result<Bundle, Rejected>
where
    P: Into<String>,
    B: Into<Vec<u8>>,
{
    let mut problems = Problems::default();
    let files = files.into_iter().map(|(path, bytes)| (path.into(), bytes));
    let sources = Sources::new(files.filter(|(path, _): &(String, B)| is_source(path)), &mut problems);
    let (placed, mut hidden) = parse(&sources, &mut problems);
    let parts = build(&sources, &placed, &mut hidden, &mut problems);
    hidden.leave_out(&mut problems);
    match parts {
        Some(parts) if !problems.has_errors() => {
            let warnings = problems.into_sorted();
            Ok(Bundle {
                manifest: parts.manifest,
                digest: sources.digest().into(),
                base: parts.base,
                overlays: parts.overlays,
                policies: parts.policies,
                sources,
                warnings,
            })
        }
        _ => {
            let problems = problems.into_sorted();
            debug_assert!(problems.iter().any(|problem| problem.severity == Severity::Error));
            Err(Rejected { sources, problems })
        }
    }
}

/// Whether a path is a policy test, which no bundle is made of.
pub fn is_suite(path: &str) -> bool {
    path.ends_with("_test.yaml") || path.ends_with("_test.yml")
}

/// Whether a path is part of a bundle: a policy, or a script that policies call.
pub fn is_source(path: &str) -> bool {
    is_policy(path) || is_script(path)
}

fn is_policy(path: &str) -> bool {
    matches!(extension(path), Some("yaml" | "yml")) && !is_suite(path)
}

fn is_script(path: &str) -> bool {
    extension(path) == Some("rhai")
}

fn extension(path: &str) -> Option<&str> {
    path.rsplit_once('.').map(|(_, extension)| extension)
}

/// Reads every policy file that can be read, and notes what the others hide.
fn parse(sources: &Sources, problems: &mut Problems) -> (Vec<Placed>, Hidden) {
    let (mut placed, mut hidden) = (Vec::new(), Hidden::default());
    for source in sources.iter().filter(|source| is_policy(source.path())) {
        let layer = Layer::of(source.path()).map_err(|wrong| problems.push(wrong.diagnostic(source.number())));
        let tree = if source.is_sound() { tree::parse(source, problems) } else { None };
        let file = tree.and_then(|tree| PolicyFile::decode(&tree, problems));
        match file {
            Some(file) => placed.extend(layer.ok().map(|layer| Placed { source: source.number(), layer, file })),
            None => hidden.note(source),
        }
    }
    (placed, hidden)
}

struct Parts {
    manifest: Manifest,
    base: Rules,
    overlays: Vec<Overlay>,
    policies: Vec<PolicyInfo>,
}

fn build(sources: &Sources, placed: &[Placed], hidden: &mut Hidden, problems: &mut Problems) -> Option<Parts> {
    let file = manifest_file(sources, placed, problems)?;
    let locales: Vec<Box<str>> = file.locales.iter().map(|locale| locale.value.as_str().into()).collect();
    let texts = Texts { locales: &locales };
    let mut manifest = manifest(file, &texts, problems)?;
    overlay::check(placed, file, problems);

    let attributes: Vec<_> = of_base(placed)
        .filter_map(|file| if let PolicyFile::Attributes(file) = file { Some(file) } else { None })
        .collect();
    let (mut schema, untyped) = names::schema(file, &attributes, &texts, problems);
    for path in &untyped {
        hidden.note_fact(path);
    }
    manifest.privacy = names::privacy(file, &mut schema, problems);
    let scripts = Arc::new(Scripts(library(sources, problems)));
    let shared = Shared { sources, file, manifest: &manifest, schema: &schema, texts, scripts };

    let base_files: Vec<&PolicyFile> = of_base(placed).collect();
    let mut readings = parameters::Readings::default();
    let mut of_base = Problems::default();
    let base = shared.variant(&base_files, &[], &mut readings, &mut of_base);
    let mut overlays = Vec::new();
    // Platforms first: what is wrong with one is not told again of its shops.
    let mut known = of_base.clone();
    for layer in overlay::layers(placed).into_iter().rev() {
        let mut found = Problems::default();
        let (files, parameters) = overlay::merged(placed, &layer, &mut found);
        let files: Vec<&PolicyFile> = files.iter().collect();
        let rules = shared.variant(&files, &parameters, &mut readings, &mut found);
        problems.extend(overlay::apart(&found, &known, &layer, placed));
        known.extend(found);
        if let (Some(platform), Some(rules)) = (layer.platform.clone(), rules) {
            overlays.push(Overlay { platform, shop: layer.shop.clone(), rules });
        }
    }
    overlays.reverse();
    problems.extend(of_base);
    let policies = listing::policies(sources, placed, &texts, problems);
    // Where something could not be read, what would have read a parameter may be just that.
    if !problems.has_errors() {
        readings.warn(problems);
    }
    Some(Parts { base: base?, manifest, overlays, policies })
}

fn of_base(placed: &[Placed]) -> impl Iterator<Item = &PolicyFile> {
    placed.iter().filter(|placed| placed.layer.is_base()).map(|placed| &placed.file)
}

/// The one file of kind `bundle`.
fn manifest_file<'p>(sources: &Sources, placed: &'p [Placed], problems: &mut Problems) -> Option<&'p BundleFile> {
    let mut found =
        of_base(placed).filter_map(|file| if let PolicyFile::Bundle(file) = file { Some(file) } else { None });
    let first = found.next();
    for again in found {
        let message = both!("规则包只能有一个总表", "a bundle has one manifest only");
        let problem = Diagnostic::error(codes::MANIFEST, again.name.span.clone(), message);
        let place = first.map(|first| (first.name.span.clone(), both!("第一个在这里", "the first is here")));
        problems.push(place.into_iter().fold(problem, |problem, (span, label)| problem.related(span, label)));
    }
    let broken = sources.iter().any(|source| is_policy(source.path()) && source.path().contains("bundle"));
    if first.is_none() && !(broken && problems.has_errors()) {
        let message =
            both!("没有总表：缺少以 `bundle:` 开头的文件", "there is no manifest: no file begins with `bundle:`");
        let help = both!(
            "新建 `bundle.yaml`，写明角色、操作、币种、时区和语言",
            "add a `bundle.yaml` with roles, actions, currency, zone and locales"
        );
        problems.push(Diagnostic::error(codes::MANIFEST, Span::new(0, 0..0), message).help(help));
    }
    first
}

fn manifest(file: &BundleFile, texts: &Texts<'_>, problems: &mut Problems) -> Option<Manifest> {
    if file.locales.is_empty() {
        let message = both!("至少要有一种语言", "at least one locale is needed");
        problems.push(Diagnostic::error(codes::MANIFEST, file.name.span.clone(), message));
    }
    if file.roles.is_empty() || file.actions.is_empty() || file.remedies.is_empty() {
        let message = both!(
            "`roles`、`actions`、`remedies` 都要有内容",
            "`roles`, `actions` and `remedies` must all have entries"
        );
        problems.push(Diagnostic::error(codes::MANIFEST, file.name.span.clone(), message));
    }
    let currency = file.currency.value.as_str();
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        let message = both!("`{currency}` 不是币种代码", "`{currency}` is not a currency code");
        let help = both!("写三个大写字母，例如 `CNY`", "write three capital letters, such as `CNY`");
        problems.push(Diagnostic::error(codes::WRONG_FORM, file.currency.span.clone(), message).help(help));
    }
    let zone = file.zone.value.parse::<chrono_tz::Tz>();
    if zone.is_err() {
        let word = &file.zone.value;
        let message = both!("没有 `{word}` 这个时区", "there is no time zone `{word}`");
        let help = both!("例如 `Asia/Shanghai`", "such as `Asia/Shanghai`");
        problems.push(Diagnostic::error(codes::UNKNOWN_NAME, file.zone.span.clone(), message).help(help));
    }
    Some(Manifest {
        name: file.name.value.as_ref().into(),
        title: texts.localized(&file.title, problems),
        currency: currency.into(),
        zone: zone.ok()?,
        locales: texts.locales.to_vec(),
        privacy: Vec::new(),
    })
}

/// The functions of all `.rhai` files.
fn library(sources: &Sources, problems: &mut Problems) -> script::Library {
    let scripts: Vec<(u32, &str)> = sources
        .iter()
        .filter(|source| is_script(source.path()) && source.is_sound())
        .map(|source| (source.number(), source.text()))
        .collect();
    script::Library::compile(&scripts, problems)
}

/// What all variants of a bundle have in common.
struct Shared<'a> {
    sources: &'a Sources,
    file: &'a BundleFile,
    manifest: &'a Manifest,
    schema: &'a Schema,
    texts: Texts<'a>,
    scripts: Arc<Scripts>,
}

impl Shared<'_> {
    /// Compiles the rules of the bundle itself or of one overlay.
    fn variant(
        &self,
        files: &[&PolicyFile],
        overrides: &[&super::files::ParametersFile],
        readings: &mut parameters::Readings,
        problems: &mut Problems,
    ) -> Option<Rules> {
        let mut schema = self.schema.clone();
        let by_kind = ByKind::of(files);
        let declared = parameters::declared(&by_kind.parameters, &self.texts, problems);
        let values = parameters::values(&declared, overrides, problems);
        let zone = self.manifest.zone;
        let calendars: Vec<_> =
            by_kind.calendars.iter().map(|file| calendars::calendar(file, zone, &self.texts, problems)).collect();
        let calendar_names: Vec<Box<str>> = calendars.iter().map(|calendar| calendar.name.clone()).collect();
        let functions = functions(&self.scripts.0);
        let derived = facts::declare(&by_kind.facts, &mut schema, &self.texts, problems);

        let mut definitions = vec![None; derived.facts.len()];
        for at in facts::order(&derived, problems) {
            let Some(declaration) = derived.facts.get(at) else { continue };
            let mut compiler = Compiler {
                sources: self.sources,
                texts: self.texts,
                schema: &schema,
                parameters: &declared,
                values: &values,
                functions: &functions,
                calendars: &calendar_names,
                problems,
            };
            let (term, slope) = facts::define(declaration, &mut compiler);
            schema.set_slope(declaration.id, slope);
            if let Some(place) = definitions.get_mut(at) {
                *place = Some(Derived { term });
            }
        }
        let mut compiler = Compiler {
            sources: self.sources,
            texts: self.texts,
            schema: &schema,
            parameters: &declared,
            values: &values,
            functions: &functions,
            calendars: &calendar_names,
            problems,
        };
        let tables = facts::tables(&derived, &definitions, &mut compiler);
        let outputs = facts::outputs(&derived, &mut compiler);
        let urgency = facts::urgency(&derived, compiler.problems);
        let parts = self.rules(&by_kind, &mut compiler);
        readings.note(&declared, &values);
        let program = Program {
            derived: definitions.into_iter().collect::<Option<_>>()?,
            tables,
            calendars,
            zone,
            currency: self.manifest.currency.clone(),
            languages: names::languages(self.texts.locales),
            functions: Arc::<Scripts>::clone(&self.scripts) as Arc<dyn Functions>,
            schema,
        };
        Some(Rules {
            program,
            authority: parts.authority,
            amount_uses: parts.amount_uses,
            guards: Ruled::new(parts.guards),
            ladder: parts.ladder,
            evidence: Ruled::new(parts.evidence),
            timers: Ruled::new(parts.timers),
            duties: Ruled::new(parts.duties),
            routes: Ruled::new(parts.routes),
            outputs,
            urgency,
        })
    }

    fn rules(&self, files: &ByKind<'_>, compiler: &mut Compiler<'_>) -> RuleParts {
        let mut grants: Vec<Vec<Grant>> = self.file.actions.iter().map(|_| Vec::new()).collect();
        for file in &files.authority {
            for (actions, grant) in compiler.authority(file) {
                for action in &actions {
                    if let Some(of_action) = grants.get_mut(usize::from(action.0)) {
                        of_action.push(grant.clone());
                    }
                }
            }
        }
        let amount_uses = self.file.actions.iter().map(|action| match action.amount {
            AmountWord::Required => AmountUse::Required,
            AmountWord::Optional => AmountUse::Optional,
            AmountWord::None => AmountUse::None,
        });
        let actions = self.remedy_actions(compiler);
        let ladder = match files.ladders.as_slice() {
            [] => Ladder::default(),
            [file, rest @ ..] => {
                for again in rest {
                    let message = both!("规则包只能有一个阶梯", "a bundle has one ladder only");
                    compiler.problems.push(Diagnostic::error(codes::DUPLICATE_ID, again.name.span.clone(), message));
                }
                compiler.ladder(file, &actions)
            }
        };
        let (mut duties, mut routes) = (Vec::new(), Vec::new());
        for file in &files.duties {
            let (more_duties, more_routes) = compiler.duties(file);
            duties.extend(more_duties);
            routes.extend(more_routes);
        }
        RuleParts {
            authority: grants.into_iter().map(Authority::new).collect(),
            amount_uses: amount_uses.collect(),
            guards: files.guards.iter().flat_map(|file| compiler.guards(file)).collect(),
            ladder,
            evidence: files.evidence.iter().flat_map(|file| compiler.evidence(file)).collect(),
            timers: files.timers.iter().flat_map(|file| compiler.timers(file)).collect(),
            duties,
            routes,
        }
    }

    /// Remedy by remedy, the action that carries it out.
    fn remedy_actions(&self, compiler: &mut Compiler<'_>) -> Vec<Option<Symbol>> {
        let action = |remedy: &super::files::RemedyEntry| {
            let action = remedy.action.as_ref()?;
            super::compile::named(compiler.schema, "action", action.value.as_ref(), &action.span, compiler.problems)
        };
        self.file.remedies.iter().map(action).collect()
    }
}

struct RuleParts {
    authority: Vec<Authority>,
    amount_uses: Vec<AmountUse>,
    guards: Vec<super::rules::Guard>,
    ladder: Ladder,
    evidence: Vec<super::rules::Requirement>,
    timers: Vec<super::rules::Timer>,
    duties: Vec<super::rules::Duty>,
    routes: Vec<super::rules::Route>,
}

/// Files sorted by kind, in the order of their paths.
#[derive(Default)]
struct ByKind<'f> {
    parameters: Vec<&'f super::files::ParametersFile>,
    calendars: Vec<&'f super::files::CalendarFile>,
    facts: Vec<&'f super::files::FactsFile>,
    authority: Vec<&'f super::files::AuthorityFile>,
    ladders: Vec<&'f super::files::LadderFile>,
    guards: Vec<&'f super::files::GuardsFile>,
    evidence: Vec<&'f super::files::EvidenceFile>,
    timers: Vec<&'f super::files::TimersFile>,
    duties: Vec<&'f super::files::DutiesFile>,
}

impl<'f> ByKind<'f> {
    fn of(files: &[&'f PolicyFile]) -> Self {
        let mut by_kind = Self::default();
        for file in files {
            match file {
                PolicyFile::Bundle(_) | PolicyFile::Attributes(_) => {}
                PolicyFile::Parameters(file) => by_kind.parameters.push(file),
                PolicyFile::Calendar(file) => by_kind.calendars.push(file),
                PolicyFile::Facts(file) => by_kind.facts.push(file),
                PolicyFile::Authority(file) => by_kind.authority.push(file),
                PolicyFile::Ladder(file) => by_kind.ladders.push(file),
                PolicyFile::Guards(file) => by_kind.guards.push(file),
                PolicyFile::Evidence(file) => by_kind.evidence.push(file),
                PolicyFile::Timers(file) => by_kind.timers.push(file),
                PolicyFile::Duties(file) => by_kind.duties.push(file),
            }
        }
        by_kind
    }
}
