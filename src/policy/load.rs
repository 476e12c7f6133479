//! The line from sources to a bundle: read → parse → check → compile. All or nothing, every problem at once.

use std::sync::Arc;

use super::bundle::{Bundle, Manifest, Overlay, PolicyInfo};
use super::compile::functions::Scripts;
use super::compile::parameters;
use super::decode::Decode as _;
use super::files::PolicyFile;
use super::hidden::Hidden;
use super::overlay::{self, Layer, Placed};
use super::rules::Rules;
use super::texts::Texts;
use super::variant::Shared;
use super::{listing, manifest, names};
use crate::diagnostic::{Diagnostic, Problems, Severity};
use crate::script;
use crate::source::{Sources, tree};

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

pub fn is_policy(path: &str) -> bool {
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
    let file = manifest::file(sources, placed, problems)?;
    let locales: Vec<Box<str>> = file.locales.iter().map(|locale| locale.value.as_str().into()).collect();
    let texts = Texts { locales: &locales };
    let mut manifest = manifest::manifest(file, &texts, problems)?;
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
        if let (Some(base), Some(rules)) = (&base, &rules) {
            overlay::check_queue((base, rules), &files, &parameters, &mut found);
        }
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

/// The functions of all `.rhai` files.
fn library(sources: &Sources, problems: &mut Problems) -> script::Library {
    let scripts: Vec<(u32, &str)> = sources
        .iter()
        .filter(|source| is_script(source.path()) && source.is_sound())
        .map(|source| (source.number(), source.text()))
        .collect();
    script::Library::compile(&scripts, problems)
}
