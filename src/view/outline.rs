//! An answer as an outline: every place with its label, in the reader's language, at the width of the page.

use std::fmt::Write as _;

use super::shape::{Field, Of, Shape};
use super::{Content, Plain, RuleRef, View};
use crate::calendar;
use crate::text::Language;
use crate::text::page::{padded, width, wrapped};
use crate::value::{Duration, SECOND};

mod trace;

pub use trace::trace;

/// How an outline is written.
#[derive(Debug, Clone, Copy)]
pub struct Page<'p> {
    pub language: Language,
    /// Times are shown in this zone.
    pub zone: chrono_tz::Tz,
    pub currency: &'p str,
    /// Columns of a line.
    pub width: usize,
}

/// Spaces before what belongs to the line above.
const INDENT: usize = 2;

/// Between a label and its value.
const GAP: usize = 2;

/// Writes a whole answer.
pub fn outline(view: &View, shape: &Shape, page: Page<'_>) -> String {
    let mut lines = Vec::new();
    page.members(view, shape, 0, &mut lines);
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

impl Page<'_> {
    /// The places of a group, values before what has places of its own.
    fn members(&self, view: &View, shape: &Shape, indent: usize, lines: &mut Vec<String>) {
        let (Shape::Group(fields), Content::Group(_)) = (shape, &view.content) else { return };
        let present: Vec<(&Field, &View)> =
            fields.iter().filter_map(|field| Some((field, view.get(field.key)?))).collect();
        let beside = present.iter().filter(|(field, _)| !matches!(field.shape, Shape::Keyed(..)));
        let labels = beside.map(|(field, _)| width(field.label(self.language)));
        let column = labels.max().unwrap_or(0).saturating_add(GAP);
        for (field, member) in present {
            let label = field.label(self.language);
            match (&field.shape, &member.content) {
                (Shape::Value(of), _) => {
                    self.hanging(&padded(label, column), &self.words_of(*of, member), indent, lines);
                }
                (Shape::Group(inner), Content::Group(_)) => {
                    self.hanging(&padded(label, column), &self.in_line(member, inner), indent, lines);
                }
                (Shape::List(_), Content::List(items)) => self.list(&padded(label, column), items, indent, lines),
                (Shape::Keyed(_, of), Content::Group(entries)) => {
                    if indent == 0 {
                        lines.push(String::new());
                    }
                    lines.push(format!("{}{label}", " ".repeat(indent)));
                    let indent = indent.saturating_add(INDENT);
                    for (name, entry) in entries.iter().filter(|(_, entry)| !is_idle(entry)) {
                        self.entry(name, entry, of, indent, lines);
                    }
                    self.idle(entries, indent, lines);
                }
                _ => {}
            }
        }
    }

    /// `不适用：补发、返修`: what has no part in this case is named in one line, so that the rest can be seen.
    fn idle(&self, entries: &[(String, View)], indent: usize, lines: &mut Vec<String>) {
        let idle: Vec<&(String, View)> = entries.iter().filter(|(_, entry)| is_idle(entry)).collect();
        let Some(said) = idle.first().and_then(|(_, entry)| entry.get("state")?.title.as_deref()) else { return };
        let names: Vec<&str> = idle.iter().map(|(name, entry)| entry.title.as_deref().unwrap_or(name)).collect();
        let (colon, comma) = if self.is_chinese() { ("：", "、") } else { (": ", ", ") };
        self.hanging("· ", &format!("{said}{colon}{}", names.join(comma)), indent, lines);
    }

    /// `小额补偿 (compensate): 可作备选`, and below it what else it holds.
    fn entry(&self, name: &str, view: &View, shape: &Shape, indent: usize, lines: &mut Vec<String>) {
        let state = view.get("state");
        let title = view.title.as_deref().filter(|title| *title != name);
        let head = title.map_or_else(|| name.to_owned(), |title| format!("{title} ({name})"));
        match &view.content {
            // One of our own words is said by its title, which is in the head already.
            Content::Value(_) if title.is_some() && matches!(shape, Shape::Value(Of::Word(_))) => {
                self.hanging("· ", &head, indent, lines);
            }
            Content::Value(_) => {
                self.hanging("· ", &format!("{head}: {}", self.plain_words(view)), indent, lines);
            }
            Content::List(items) => {
                self.hanging("· ", &head, indent, lines);
                for item in items {
                    self.hanging("- ", &self.words(item), indent.saturating_add(INDENT), lines);
                }
            }
            Content::Group(members) => {
                let said = state.and_then(|state| state.title.as_deref());
                let said = said.map_or_else(String::new, |said| format!(": {said}"));
                self.hanging("· ", &format!("{head}{said}"), indent, lines);
                let rest = members.iter().filter(|(key, _)| key != "state").cloned().collect();
                let rest = View { content: Content::Group(rest), ..view.clone() };
                match shape {
                    Shape::Group(_) => self.members(&rest, shape, indent.saturating_add(INDENT), lines),
                    Shape::Value(_) | Shape::List(_) | Shape::Keyed(..) => {
                        let inner = members.iter().map(|(key, of)| format!("{key} {}", self.words(of)));
                        let inner = inner.collect::<Vec<_>>().join("; ");
                        self.hanging("", &inner, indent.saturating_add(INDENT), lines);
                    }
                }
            }
        }
    }

    fn list(&self, label: &str, items: &[View], indent: usize, lines: &mut Vec<String>) {
        for (position, item) in items.iter().enumerate() {
            let label = if position == 0 { label.to_owned() } else { " ".repeat(width(label)) };
            self.hanging(&label, &self.words(item), indent, lines);
        }
    }

    /// The places of a small group on one line: `首次报价 56.00 元；最高 280.00 元`.
    fn in_line(&self, view: &View, fields: &[Field]) -> String {
        let parts = fields.iter().filter_map(|field| {
            let (member, label) = (view.get(field.key)?, field.label(self.language));
            let words = match (&field.shape, &member.content) {
                (Shape::Value(of), _) => self.words_of(*of, member),
                (Shape::List(_), Content::List(items)) => {
                    let items: Vec<String> = items.iter().map(|item| self.words(item)).collect();
                    items.join(if self.is_chinese() { "、" } else { ", " })
                }
                _ => return None,
            };
            Some(if self.is_chinese() { format!("{label}：{words}") } else { format!("{label}: {words}") })
        });
        parts.collect::<Vec<_>>().join(if self.is_chinese() { "；" } else { "; " })
    }

    /// A label, and its text in a column of its own beside it.
    fn hanging(&self, label: &str, text: &str, indent: usize, lines: &mut Vec<String>) {
        let column = indent.saturating_add(width(label));
        let room = self.width.saturating_sub(column).max(self.width.checked_div(3).unwrap_or(1));
        for (position, line) in wrapped(text, room).into_iter().enumerate() {
            let before = if position == 0 { format!("{}{label}", " ".repeat(indent)) } else { " ".repeat(column) };
            lines.push(format!("{before}{line}").trim_end().to_owned());
        }
    }

    /// Of our own words only what people read; the bundle's names beside it.
    fn words_of(&self, of: Of, view: &View) -> String {
        match (of, &view.title) {
            (Of::Word(_) | Of::Payer, Some(title)) => title.clone(),
            _ => self.words(view),
        }
    }

    /// What a value is called, and what it is where that is something else; a rule with its place.
    fn words(&self, view: &View) -> String {
        let plain = self.plain_words(view);
        let said = match &view.title {
            Some(title) if *title != plain => format!("{title} ({plain})"),
            _ => plain,
        };
        match view.because.as_slice() {
            [rule] if Some(&rule.text) == view.title.as_ref() => rule_words(rule),
            _ => said,
        }
    }

    fn plain_words(&self, view: &View) -> String {
        match &view.content {
            Content::Value(value) => self.value(value),
            Content::List(items) => {
                let items: Vec<String> = items.iter().map(|item| self.words(item)).collect();
                items.join(if self.is_chinese() { "、" } else { ", " })
            }
            Content::Group(members) => {
                let members = members.iter().map(|(key, member)| format!("{key}: {}", self.words(member)));
                members.collect::<Vec<_>>().join(if self.is_chinese() { "；" } else { "; " })
            }
        }
    }

    fn value(&self, value: &Plain) -> String {
        let zh = self.is_chinese();
        match value {
            Plain::Bool(true) => if zh { "是" } else { "yes" }.to_owned(),
            Plain::Bool(false) => if zh { "否" } else { "no" }.to_owned(),
            Plain::Money(amount) if zh && self.currency == "CNY" => format!("{amount} 元"),
            Plain::Money(amount) => format!("{} {amount}", self.currency),
            Plain::Number(number) => number.to_string(),
            Plain::Text(text) | Plain::Word(text) => text.clone(),
            Plain::Instant(at) => calendar::local(*at, self.zone)
                .map_or_else(String::new, |at| at.format("%Y-%m-%d %H:%M:%S").to_string()),
            Plain::Date(date) => date.to_string(),
            Plain::Duration(length) => written_duration(*length),
        }
    }

    fn is_chinese(&self) -> bool {
        self.language == Language::Chinese
    }
}

/// Whether an entry is a rung that does not apply.
fn is_idle(entry: &View) -> bool {
    let state = entry.get("state").map(|state| &state.content);
    matches!(state, Some(Content::Value(Plain::Word(word))) if word == "not_applicable")
}

/// A rule with its place.
fn rule_words(rule: &RuleRef) -> String {
    let place = rule.place();
    let between = if place.is_empty() { "" } else { " " };
    format!("{} [{}{between}{place}]", rule.text, rule.id)
}

/// A length of time as policies write it: `1d12h`.
pub fn written_duration(length: Duration) -> String {
    let mut seconds = length.0.checked_div(SECOND).unwrap_or_default().unsigned_abs();
    let mut written = String::new();
    for (unit, size) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1_u64)] {
        let count = seconds.checked_div(size).unwrap_or_default();
        seconds = seconds.checked_rem(size).unwrap_or_default();
        if count > 0 {
            // Writing to a string can't fail.
            let _ = write!(written, "{count}{unit}");
        }
    }
    if written.is_empty() {
        written.push_str("0s");
    }
    let sign = if length.0 < 0 { "-" } else { "" };
    format!("{sign}{written}")
}
