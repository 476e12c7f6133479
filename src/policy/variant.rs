//! A variant of a bundle's rules: the bundle's own, or those of one overlay laid over them. Each is compiled as a whole
//! from decoded files, so that at run time nothing knows of overlays; it must not know where files come from.

use std::sync::Arc;

use super::bundle::Manifest;
use super::compile::functions::{Scripts, functions};
use super::compile::{Compiler, calendars, facts, named, parameters};
use super::files::{
    AmountWord, AuthorityFile, BundleFile, CalendarFile, DutiesFile, EvidenceFile, FactsFile, GuardsFile, LadderFile,
    ParametersFile, PolicyFile, RemedyEntry, TimersFile,
};
use super::rules::{AmountUse, Authority, Duty, Grant, Guard, Ladder, Requirement, Route, Ruled, Rules, Timer};
use super::texts::Texts;
use crate::diagnostic::Problems;
use crate::expr::eval::{Derived, Functions, Program};
use crate::facts::Schema;
use crate::source::Sources;
use crate::value::Symbol;

/// What all variants of a bundle have in common.
pub struct Shared<'a> {
    pub sources: &'a Sources,
    pub file: &'a BundleFile,
    pub manifest: &'a Manifest,
    pub schema: &'a Schema,
    pub texts: Texts<'a>,
    pub scripts: Arc<Scripts>,
}

impl Shared<'_> {
    /// Compiles the rules of the bundle itself or of one overlay.
    pub fn variant(
        &self,
        files: &[&PolicyFile],
        overrides: &[&ParametersFile],
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
        let queue = facts::queue(&derived, &mut compiler);
        let parts = self.rules(&by_kind, &mut compiler);
        readings.note(&declared, &values);
        let program = Program {
            derived: definitions.into_iter().collect::<Option<_>>()?,
            tables,
            calendars,
            zone,
            currency: self.manifest.currency.clone(),
            languages: self.texts.languages(),
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
            queue,
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
        let ladder = compiler.ladder(&files.ladders, &actions);
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
        let action = |remedy: &RemedyEntry| {
            let action = remedy.action.as_ref()?;
            named(compiler.schema, "action", action.value.as_ref(), &action.span, compiler.problems)
        };
        self.file.remedies.iter().map(action).collect()
    }
}

struct RuleParts {
    authority: Vec<Authority>,
    amount_uses: Vec<AmountUse>,
    guards: Vec<Guard>,
    ladder: Ladder,
    evidence: Vec<Requirement>,
    timers: Vec<Timer>,
    duties: Vec<Duty>,
    routes: Vec<Route>,
}

/// Files sorted by kind, in the order of their paths.
#[derive(Default)]
struct ByKind<'f> {
    parameters: Vec<&'f ParametersFile>,
    calendars: Vec<&'f CalendarFile>,
    facts: Vec<&'f FactsFile>,
    authority: Vec<&'f AuthorityFile>,
    ladders: Vec<&'f LadderFile>,
    guards: Vec<&'f GuardsFile>,
    evidence: Vec<&'f EvidenceFile>,
    timers: Vec<&'f TimersFile>,
    duties: Vec<&'f DutiesFile>,
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
