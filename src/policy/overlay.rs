//! Overlays: what one platform or one shop does differently. `overlays/<platform>/` and
//! `overlays/<platform>/shops/<shop>/` hold policy files that override parameters, and replace, add or switch off rules
//! by id, for those cases alone.

use std::collections::BTreeSet;

use super::files::{BundleFile, HasHead, Kind, ParametersFile, PolicyFile};
use super::rules::Rules;
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};
use crate::expr::check::suggestion;
use crate::policy::decode::{DurationText, Id, Spanned};

/// The kinds that may be laid over in an overlay; the manifest, attributes and calendars are the bundle's alone.
const LAYERED: [Kind; 8] = [
    Kind::Parameters,
    Kind::Facts,
    Kind::Authority,
    Kind::Ladder,
    Kind::Guards,
    Kind::Evidence,
    Kind::Timers,
    Kind::Duties,
];

/// Where in the bundle a file stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Layer {
    /// `None` for the bundle's own files.
    pub platform: Option<Box<str>>,
    pub shop: Option<Box<str>>,
}

impl Layer {
    /// The layer of a file, or why it can't be told whose it is.
    pub fn of(path: &str) -> Result<Self, Misplaced> {
        let parts: Vec<&str> = path.split('/').collect();
        let (platform, shop, inside): (&str, Option<&str>, &[&str]) = match parts.as_slice() {
            ["overlays", platform, SHOPS, shop, inside @ .., _] => (platform, Some(shop), inside),
            ["overlays", _, SHOPS, _] | ["overlays", _] => return Err(Misplaced::of(&parts)),
            ["overlays", platform, inside @ .., _] => (platform, None, inside),
            _ => return Ok(Self { platform: None, shop: None }),
        };
        // A directory that is named like a kind is for people; any other may be meant for a shop.
        let kinds = || Kind::ALL.iter().map(|kind| kind.word());
        if !inside
            .iter()
            .all(|directory| kinds().any(|kind| *directory == kind || directory.strip_suffix('s') == Some(kind)))
        {
            return Err(Misplaced::of(&parts));
        }
        Ok(Self { platform: Some(platform.into()), shop: shop.map(Into::into) })
    }

    pub fn is_base(&self) -> bool {
        self.platform.is_none()
    }

    /// Whether a file of `self` counts for the cases of `other`.
    fn reaches(&self, other: &Layer) -> bool {
        self.is_base() || (self.platform == other.platform && (self.shop.is_none() || self.shop == other.shop))
    }

    /// `platform`, `platform/shop`, or nothing.
    pub fn label(&self) -> String {
        [self.platform.as_deref(), self.shop.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("/")
    }
}

/// The directory of a platform's overlay that holds those of its shops.
const SHOPS: &str = "shops";

/// A file below `overlays/` of which it can't be told for which platform or shop it counts.
#[derive(Debug, PartialEq, Eq)]
pub struct Misplaced {
    directory: String,
    /// Where it would count for a shop, if that was meant.
    meant: Option<String>,
}

impl Misplaced {
    fn of(parts: &[&str]) -> Self {
        let directory = parts.get(..parts.len().saturating_sub(1)).unwrap_or_default();
        let meant = match directory {
            [overlays, platform, "shop", shop, ..] => Some(format!("{overlays}/{platform}/{SHOPS}/{shop}")),
            [overlays, platform, shop, ..] if *shop != SHOPS => Some(format!("{overlays}/{platform}/{SHOPS}/{shop}")),
            _ => None,
        };
        Self { directory: directory.join("/"), meant }
    }

    /// Told at the file's beginning.
    pub fn diagnostic(&self, source: u32) -> Diagnostic {
        let Self { directory, meant } = self;
        let message = both!(
            "看不出 `{directory}/` 里的文件对哪个平台或店铺有效",
            "it can't be told for which platform or shop a file in `{directory}/` counts"
        );
        let help = match meant {
            Some(meant) => both!(
                "店铺的文件放在 `{meant}/`；平台的文件放在平台目录下，子目录只能以规则种类命名，如 `authority/`",
                "a shop's files stand in `{meant}/`; a platform's in its own directory, or below in one named like a kind: `authority/`"
            ),
            None => both!(
                "平台的文件放在 `overlays/<平台>/`，店铺的放在 `overlays/<平台>/shops/<店铺>/`",
                "a platform's files stand in `overlays/<platform>/`, a shop's in `overlays/<platform>/shops/<shop>/`"
            ),
        };
        Diagnostic::error(codes::MISPLACED, Span::new(source, 0..0), message).help(help)
    }
}

/// A decoded file with its place.
#[derive(Debug)]
pub struct Placed {
    pub source: u32,
    pub layer: Layer,
    pub file: PolicyFile,
}

/// The overlays there are: shops before platforms, so that the narrowest is found first.
pub fn layers(placed: &[Placed]) -> Vec<Layer> {
    let layers: BTreeSet<&Layer> = placed.iter().map(|placed| &placed.layer).filter(|layer| !layer.is_base()).collect();
    let mut layers: Vec<Layer> = layers.into_iter().cloned().collect();
    layers.sort_by_key(|layer| layer.shop.is_none());
    layers
}

/// Refuses overlays for platforms that the bundle does not know, and kinds that can't be laid over.
pub fn check(placed: &[Placed], manifest: &BundleFile, problems: &mut Problems) {
    let mut seen: Vec<(&Layer, &PolicyFile)> = Vec::new();
    for Placed { layer, file, .. } in placed {
        let (kind, name) = (file.kind(), file.name());
        let twin = seen
            .iter()
            .find(|(other, known)| *other == layer && known.kind() == kind && known.name().value == name.value);
        if let Some((_, first)) = twin {
            let (kind, word) = (kind.word(), &name.value);
            let message = both!("`{kind}: {word}` 出现了两次", "there are two policies `{kind}: {word}`");
            let problem = Diagnostic::error(codes::DUPLICATE_ID, name.span.clone(), message);
            problems.push(problem.related(first.name().span.clone(), both!("第一个在这里", "the first is here")));
        }
        seen.push((layer, file));
        let Some(platform) = layer.platform.as_deref() else { continue };
        if !LAYERED.contains(&kind) {
            let kind = kind.word();
            let message = both!("`{kind}` 不能放在覆盖目录里", "`{kind}` can't stand in an overlay");
            problems.push(Diagnostic::error(codes::NOTHING_TO_OVERRIDE, name.span.clone(), message));
        }
        let known = || manifest.platforms.iter().map(|entry| entry.id.value.as_ref());
        if !known().any(|id: &str| id == platform) {
            let message = both!("总表里没有 `{platform}` 这个平台", "the bundle declares no platform `{platform}`");
            let problem = Diagnostic::error(codes::UNKNOWN_NAME, name.span.clone(), message);
            let names: Vec<&str> = known().collect();
            problems.push(suggestion(platform, names.iter().copied()).into_iter().fold(problem, Diagnostic::help));
        }
    }
}

/// The files that count for one overlay, its rules laid over the bundle's; and the files that override parameters.
pub fn merged<'p>(
    placed: &'p [Placed],
    layer: &Layer,
    problems: &mut Problems,
) -> (Vec<PolicyFile>, Vec<&'p ParametersFile>) {
    let mut files: Vec<PolicyFile> = placed.iter().filter(|p| p.layer.is_base()).map(|p| p.file.clone()).collect();
    let mut parameters = Vec::new();
    let mut over: Vec<&Placed> = placed.iter().filter(|p| !p.layer.is_base() && p.layer.reaches(layer)).collect();
    over.sort_by_key(|placed| placed.layer.shop.is_some());
    for placed in over {
        if let PolicyFile::Parameters(file) = &placed.file {
            parameters.push(file);
        }
        let twin =
            files.iter_mut().find(|f| f.kind() == placed.file.kind() && f.name().value == placed.file.name().value);
        match twin {
            Some(base) => lay(base, &placed.file, problems),
            None => files.push(placed.file.clone()),
        }
    }
    (files, parameters)
}

/// Lays one file over another of the same kind and name.
fn lay(base: &mut PolicyFile, over: &PolicyFile, problems: &mut Problems) {
    match (base, over) {
        (PolicyFile::Parameters(base), PolicyFile::Parameters(over)) => {
            base.values.extend(over.values.iter().cloned());
        }
        (PolicyFile::Facts(base), PolicyFile::Facts(over)) => {
            replace(&mut base.define, &over.define, |entry| entry.id.value.as_ref());
            replace(&mut base.tables, &over.tables, |entry| entry.id.value.as_ref());
        }
        (PolicyFile::Authority(base), PolicyFile::Authority(over)) => {
            let mut grants = over.grants.clone();
            // A grant takes its actions from its own file's head.
            for grant in grants.iter_mut() {
                grant.action = grant.action.clone().or_else(|| over.action.clone());
            }
            lay_rules(&mut base.grants, &grants, &over.off, problems);
            base.already_given = over.already_given.clone().or_else(|| base.already_given.take());
        }
        (PolicyFile::Guards(base), PolicyFile::Guards(over)) => {
            lay_rules(&mut base.rules, &over.rules, &over.off, problems);
        }
        (PolicyFile::Evidence(base), PolicyFile::Evidence(over)) => {
            lay_rules(&mut base.requirements, &over.requirements, &over.off, problems);
        }
        (PolicyFile::Timers(base), PolicyFile::Timers(over)) => {
            lay_rules(&mut base.rules, &over.rules, &over.off, problems);
        }
        (PolicyFile::Ladder(base), PolicyFile::Ladder(over)) => {
            let (entries, rungs): (Vec<_>, Vec<_>) =
                over.off.iter().cloned().partition(|id| base.entries.iter().any(|entry| entry.id.value == id.value));
            lay_rules(&mut base.entries, &over.entries, &entries, problems);
            lay_rules(&mut base.rungs, &over.rungs, &rungs, problems);
        }
        (PolicyFile::Duties(base), PolicyFile::Duties(over)) => {
            let (routes, duties): (Vec<_>, Vec<_>) =
                over.off.iter().cloned().partition(|id| base.routes.iter().any(|route| route.id.value == id.value));
            lay_rules(&mut base.rules, &over.rules, &duties, problems);
            lay_rules(&mut base.routes, &over.routes, &routes, problems);
        }
        // Other kinds were refused by `check`.
        _ => {}
    }
}

fn lay_rules<R: HasHead + Clone>(base: &mut Vec<R>, over: &[R], off: &[Spanned<Id>], problems: &mut Problems) {
    for id in off {
        if !base.iter().any(|rule| rule.head().id.value == id.value) {
            let word = &id.value;
            let message = both!("没有 `{word}` 这条规则可以停用", "there is no rule `{word}` to switch off");
            let problem = Diagnostic::error(codes::NOTHING_TO_OVERRIDE, id.span.clone(), message);
            let names: Vec<&str> = base.iter().map(|rule| rule.head().id.value.as_ref()).collect();
            problems.push(suggestion(word.as_ref(), names.iter().copied()).into_iter().fold(problem, Diagnostic::help));
        }
    }
    base.retain(|rule| !off.iter().any(|id| id.value == rule.head().id.value));
    replace(base, over, |rule| rule.head().id.value.as_ref());
}

/// Puts each of `over` in the place of the one it is named like, or behind all others.
fn replace<T: Clone>(base: &mut Vec<T>, over: &[T], id: impl Fn(&T) -> &str) {
    for entry in over {
        match base.iter_mut().find(|known| id(known) == id(entry)) {
            Some(known) => *known = entry.clone(),
            None => base.push(entry.clone()),
        }
    }
}

/// Refuses an overlay by which times count as the same that don't elsewhere: one queue holds the cases of all shops, and
/// has one order only if their times are told apart alike.
pub fn check_queue(
    (base, own): (&Rules, &Rules),
    files: &[&PolicyFile],
    overrides: &[&ParametersFile],
    problems: &mut Problems,
) {
    if base.queue.map(|queue| queue.within) == own.queue.map(|queue| queue.within) {
        return;
    }
    let definitions =
        files.iter().filter_map(|file| if let PolicyFile::Facts(file) = file { Some(file) } else { None });
    let mut entries = definitions.flat_map(|file| &file.define).filter_map(|entry| entry.orders_queue.as_ref());
    let Some(entry) = entries.next() else { return };
    let overridden = overrides.iter().filter_map(|file| file.overrides.as_ref()).flat_map(|entries| entries.iter());
    let reads = |name: &str| match &entry.within.value {
        DurationText::Computed(text) => parameters(text.text()).any(|read| read == name),
        DurationText::Written(_) => false,
    };
    let parameter = overridden.map(|(id, _)| id).find(|id| reads(id.value.as_ref()));
    let message = both!(
        "各店的案件排在同一个队里，算作同时到期的间隔处处都要一样",
        "one queue holds the cases of all shops, so times within which cases are due together are the same everywhere"
    );
    let help = both!("只在通用规则里改", "change it in the bundle's own files only");
    let at = parameter.map_or(&entry.within.span, |id| &id.span);
    problems.push(Diagnostic::error(codes::NOTHING_TO_OVERRIDE, at.clone(), message).help(help));
}

/// The parameters that an expression names.
fn parameters(text: &str) -> impl Iterator<Item = &str> {
    let after = text.split('$').skip(1);
    after.map(|rest| rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default())
}

/// What only this overlay brings about: problems of the bundle's own are told already, and one in a file that counts for
/// others too says under which overlay it is one.
pub fn apart(found: &Problems, known: &Problems, layer: &Layer, placed: &[Placed]) -> Problems {
    let own = |span: &Span| placed.iter().any(|placed| placed.source == span.source && placed.layer == *layer);
    found.clone().without(known).mapped(|mut problem| {
        if !own(&problem.span) {
            let (label, message) = (layer.label(), &problem.message);
            let (zh, en) = (&message.zh, &message.en);
            problem.message = both!("{zh}（在 `{label}` 的规则里）", "{en} (in the rules of `{label}`)");
        }
        problem
    })
}
