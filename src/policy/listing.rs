//! What policies and rules there are, for callers who list them; and that no two rules of a file share an id.

use super::bundle::{FactInfo, ParameterInfo, PolicyInfo, RuleInfo};
use super::compile::parameters;
use super::files::{FactsFile, HasHead, Head, ParameterEntry, PolicyFile};
use super::overlay::Placed;
use super::texts::Texts;
use crate::both;
use crate::diagnostic::Span;
use crate::diagnostic::{Diagnostic, Problems, codes};
use crate::policy::decode::Spanned;
use crate::source::Sources;

/// Lists every file with its rules, and reports ids that are used twice in one.
pub fn policies(sources: &Sources, placed: &[Placed], texts: &Texts<'_>, problems: &mut Problems) -> Vec<PolicyInfo> {
    placed.iter().map(|placed| policy(sources, placed, texts, problems)).collect()
}

fn policy(sources: &Sources, placed: &Placed, texts: &Texts<'_>, problems: &mut Problems) -> PolicyInfo {
    let kind = placed.file.kind().word();
    let name = &placed.file.name().value;
    let heads = heads(&placed.file);
    let source = sources.get(placed.source);
    let line = |at: usize| source.map_or(0, |source| source.position(at).line);
    let mut rules = Vec::with_capacity(heads.len());
    for (position, head) in heads.iter().enumerate() {
        let twin = heads.iter().take(position).find(|earlier| earlier.id.value == head.id.value);
        if let Some(first) = twin {
            let id = &head.id.value;
            let message = both!("编号 `{id}` 重复了", "the id `{id}` is used twice");
            let problem = Diagnostic::error(codes::DUPLICATE_ID, head.id.span.clone(), message);
            problems.push(problem.related(first.id.span.clone(), both!("第一次在这里", "first used here")));
        }
        // Titles were checked when the rules were compiled; here their problems would be told twice.
        let title = texts.localized(head.title, &mut Problems::default());
        rules.push(RuleInfo {
            id: format!("{kind}.{name}/{}", head.id.value).into(),
            title,
            implements: head.implements.iter().map(|id| id.value.as_str().into()).collect(),
            lines: (line(head.span.bytes.start), line(head.span.bytes.end.saturating_sub(1))),
        });
    }
    PolicyInfo {
        kind: kind.into(),
        name: name.as_ref().into(),
        file: sources.get(placed.source).map_or("", |source| source.path()).into(),
        overlay: placed.layer.label().into(),
        rules,
        facts: if let PolicyFile::Facts(file) = &placed.file {
            facts(sources, placed.source, file)
        } else {
            Vec::new()
        },
        parameters: parameters_of(&placed.file, texts, line),
    }
}

fn parameters_of(file: &PolicyFile, texts: &Texts<'_>, line: impl Fn(usize) -> usize) -> Vec<ParameterInfo> {
    let PolicyFile::Parameters(file) = file else { return Vec::new() };
    // As with rules, what is wrong with them has been told.
    let told = &mut Problems::default();
    let info = |entry: &ParameterEntry| ParameterInfo {
        name: entry.id.value.as_ref().into(),
        title: texts.localized(&entry.title, told),
        ty: parameters::type_of(entry.ty),
        value: parameters::read(entry.ty, &entry.value, told).unwrap_or_default(),
        source: entry.source,
        line: line(entry.id.span.bytes.start),
    };
    file.values.iter().map(info).collect()
}

/// What a file of facts defines, in order.
fn facts(sources: &Sources, source: u32, file: &FactsFile) -> Vec<FactInfo> {
    let name: &str = file.name.value.as_ref();
    let info = |id: &str, span: &Span, implements: &[Spanned<String>], gives: Vec<&str>| FactInfo {
        id: format!("facts.{name}/{id}").into(),
        implements: implements.iter().map(|id| id.value.as_str().into()).collect(),
        gives: gives.into_iter().map(|given| format!("{name}.{given}").into()).collect(),
        line: sources.get(source).map_or(0, |source| source.position(span.bytes.start).line),
    };
    let definitions = file.define.iter().map(|entry| {
        let id: &str = entry.id.value.as_ref();
        info(id, &entry.span, &entry.implements, vec![id])
    });
    let tables = file.tables.iter().map(|entry| {
        let gives = entry.outputs.iter().map(|output| output.id.value.as_ref()).collect();
        info(entry.id.value.as_ref(), &entry.span, &entry.implements, gives)
    });
    definitions.chain(tables).collect()
}

/// The heads of all rules of a file, in order.
fn heads(file: &PolicyFile) -> Vec<Head<'_>> {
    match file {
        PolicyFile::Bundle(_)
        | PolicyFile::Attributes(_)
        | PolicyFile::Parameters(_)
        | PolicyFile::Calendar(_)
        | PolicyFile::Facts(_) => Vec::new(),
        PolicyFile::Authority(file) => file.grants.iter().map(HasHead::head).collect(),
        PolicyFile::Guards(file) => file.rules.iter().map(HasHead::head).collect(),
        PolicyFile::Evidence(file) => file.requirements.iter().map(HasHead::head).collect(),
        PolicyFile::Timers(file) => file.rules.iter().map(HasHead::head).collect(),
        PolicyFile::Ladder(file) => {
            let mut heads: Vec<Head<'_>> = file.entries.iter().map(HasHead::head).collect();
            for rung in &file.rungs {
                heads.push(rung.head());
                heads.extend(rung.offer.iter().flat_map(|offer| &offer.concessions).map(HasHead::head));
                heads.extend(rung.freight.iter().map(HasHead::head));
                heads.extend(rung.alternatives.iter().map(HasHead::head));
            }
            heads
        }
        PolicyFile::Duties(file) => {
            let duties = file.rules.iter().map(HasHead::head);
            duties.chain(file.routes.iter().map(HasHead::head)).collect()
        }
    }
}
