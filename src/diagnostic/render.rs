//! Draws diagnostics: for people with the source line underlined, for lists one line each, for programs as JSON.
//!
//! Total over any diagnostic and any sources: a place that is not there is left out, and a span of several lines is
//! drawn on its first. Decides nothing about where the drawing goes.

use std::fmt::Write as _;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Group, Level, Renderer, normalize_untrusted_str};
use serde_json::{Value, json};

use super::{Diagnostic, Severity, Span};
use crate::source::Sources;
use crate::text::page::wrapped;
use crate::text::{Bilingual, Language};

mod window;

use window::Window;

/// How diagnostics are drawn for people.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    pub language: Language,
    /// Whether the drawing may hold terminal colours.
    pub colour: bool,
    /// How many columns a line may take.
    pub width: usize,
}

impl Style {
    /// For a page of text: no colours, of a usual width.
    pub fn plain(language: Language) -> Self {
        Self { language, colour: false, width: 120 }
    }
}

/// A help is prose, and no wider than a page of it.
const HELP_WIDTH: usize = 80;

/// What stands before the text of a help: the gutter of a file of 9,999 lines, `= help: `.
const HELP_MARGIN: usize = 14;

/// Draws each with its source lines, what is wrong underlined, and how to mend it; a blank line between two.
pub fn full(diagnostics: &[Diagnostic], sources: &Sources, style: Style) -> String {
    let renderer = if style.colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(style.width).decor_style(DecorStyle::Ascii);
    let mut drawing = String::new();
    for diagnostic in diagnostics {
        if !drawing.is_empty() {
            drawing.push('\n');
        }
        drawing.push_str(&renderer.render(&[group(diagnostic, sources, style)]));
        drawing.push('\n');
    }
    drawing
}

/// Draws each on one line: `path:line:column: error[E0104]: …`.
pub fn short(diagnostics: &[Diagnostic], sources: &Sources, language: Language) -> String {
    let mut lines = String::new();
    for diagnostic in diagnostics {
        if let Some(source) = sources.get(diagnostic.span.source) {
            let position = source.position(diagnostic.span.bytes.start);
            let path = normalize_untrusted_str(source.path());
            // Writing to a string can't fail.
            let _ = write!(lines, "{path}:{}:{}: ", position.line, position.column);
        }
        let severity = severity(diagnostic.severity).get(language).to_string();
        let message = normalize_untrusted_str(diagnostic.message.get(language));
        let _ = writeln!(lines, "{severity}[{}]: {message}", diagnostic.code);
    }
    lines
}

/// How many there are of each severity, for a last line: `2 errors, 1 warning`.
pub fn summary(diagnostics: &[Diagnostic], language: Language) -> String {
    let (errors, warnings) = count(diagnostics);
    let english = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    };
    let parts = [
        (errors, Bilingual::new(format!("{errors} 个错误"), english(errors, "error"))),
        (warnings, Bilingual::new(format!("{warnings} 个警告"), english(warnings, "warning"))),
    ];
    let parts: Vec<&str> = parts.iter().filter(|(count, _)| *count > 0).map(|(_, text)| text.get(language)).collect();
    match (parts.is_empty(), language) {
        (true, Language::Chinese) => "没有问题".into(),
        (true, Language::English) => "no problems".into(),
        (false, Language::Chinese) => parts.join("，"),
        (false, Language::English) => parts.join(", "),
    }
}

/// All of them for a program, in both languages.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> Value {
    let (errors, warnings) = count(diagnostics);
    let diagnostics: Vec<Value> = diagnostics
        .iter()
        .map(|diagnostic| {
            let related = diagnostic.related.iter().map(|(span, label)| {
                let mut related = place(span, sources);
                extend(&mut related, json!({ "message": both(label) }));
                related
            });
            let mut object = json!({
                "code": diagnostic.code.0,
                "severity": severity(diagnostic.severity).en,
            });
            extend(&mut object, place(&diagnostic.span, sources));
            extend(
                &mut object,
                json!({
                    "message": both(&diagnostic.message),
                    "help": diagnostic.help.as_ref().map(both),
                    "related": related.collect::<Vec<_>>(),
                }),
            );
            object
        })
        .collect();
    json!({ "errors": errors, "warnings": warnings, "diagnostics": diagnostics })
}

fn place(span: &Span, sources: &Sources) -> Value {
    let Some(source) = sources.get(span.source) else { return json!({ "file": null }) };
    let start = source.position(span.bytes.start);
    let end = source.position(span.bytes.end.max(span.bytes.start));
    json!({
        "file": source.path(),
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    })
}

fn both(text: &Bilingual) -> Value {
    json!({ "zh": text.zh, "en": text.en })
}

fn extend(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

fn count(diagnostics: &[Diagnostic]) -> (usize, usize) {
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
    (errors, diagnostics.len().saturating_sub(errors))
}

fn severity(severity: Severity) -> Bilingual {
    match severity {
        Severity::Error => Bilingual::new("错误", "error"),
        Severity::Warning => Bilingual::new("警告", "warning"),
    }
}

/// One diagnostic as the renderer wants it.
fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources, style: Style) -> Group<'a> {
    let language = style.language;
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let level = level.with_name(severity(diagnostic.severity).get(language).to_string());
    let title = level.primary_title(diagnostic.message.get(language)).id(diagnostic.code.0);

    let marks = std::iter::once((&diagnostic.span, None))
        .chain(diagnostic.related.iter().map(|(span, label)| (span, Some(label.get(language)))));
    let mut group = Group::with_title(title);
    for window in Window::around(marks, sources) {
        group = group.elements(window.draw());
    }
    match &diagnostic.help {
        Some(help) => {
            let name = Bilingual::new("帮助", "help");
            // The renderer breaks no line: a list of all names there are would run off the page.
            let text = normalize_untrusted_str(help.get(language));
            let columns = style.width.min(HELP_WIDTH).saturating_sub(HELP_MARGIN);
            let text = wrapped(&text, columns).join("\n");
            group.element(Level::HELP.with_name(name.get(language).to_string()).message(text))
        }
        None => group,
    }
}

#[cfg(test)]
mod tests;
