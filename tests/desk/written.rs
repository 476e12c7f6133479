//! Answers as YAML that a desk lead reads, one line a place, what people read for it beside it; and where two differ.

use std::collections::BTreeMap;

use redress::calendar;
use redress::policy::Bundle;
use redress::view::outline::written_duration;
use redress::view::{Content, Plain, View};

/// How much is written.
#[derive(Clone, Copy)]
struct Hand<'b> {
    bundle: &'b Bundle,
    /// Whether titles and sentences are written, or only what has no language.
    words: bool,
}

pub fn written(view: &View, bundle: &Bundle) -> String {
    Hand { bundle, words: true }.all(view)
}

/// What holds in every language.
pub fn bare(view: &View, bundle: &Bundle) -> String {
    Hand { bundle, words: false }.all(view)
}

impl Hand<'_> {
    fn all(self, view: &View) -> String {
        let mut lines = Vec::new();
        self.members(view, 0, &mut lines);
        lines.push(String::new());
        lines.join("\n")
    }

    fn members(self, view: &View, indent: usize, lines: &mut Vec<String>) {
        let space = " ".repeat(indent);
        match &view.content {
            Content::Value(_) => {}
            Content::Group(members) => {
                for (key, member) in members {
                    lines.push(format!("{space}{key}:{}{}", self.value(member), self.comment(member)));
                    self.members(member, indent + 2, lines);
                }
            }
            Content::List(items) => {
                let items = items.iter().map(|item| format!("{space}-{}{}", self.value(item), self.comment(item)));
                lines.extend(items);
            }
        }
    }

    /// What stands behind the colon; nothing where the lines below hold it.
    fn value(self, view: &View) -> String {
        let Content::Value(value) = &view.content else { return String::new() };
        let value = match value {
            Plain::Bool(flag) => flag.to_string(),
            Plain::Number(number) | Plain::Money(number) => number.to_string(),
            Plain::Text(_) if !self.words => "\"…\"".to_owned(),
            Plain::Text(text) => serde_json::to_string(text).unwrap(),
            Plain::Word(word) => word.clone(),
            Plain::Instant(at) => calendar::local(*at, self.bundle.manifest().zone).unwrap().to_rfc3339(),
            Plain::Date(day) => day.to_string(),
            Plain::Duration(length) => written_duration(*length),
        };
        format!(" {value}")
    }

    /// What people read for it, and the rules that made it so where no place of its own names them.
    fn comment(self, view: &View) -> String {
        let named = ["because", "reasons"].iter().any(|key| view.get(key).is_some());
        let is_rule = matches!(&view.content, Content::Value(Plain::Word(word))
            if view.because.iter().any(|rule| rule.id == *word));
        let lists_rules = matches!(view.content, Content::List(_));
        let mut said: Vec<String> = view.title.iter().filter(|_| self.words).cloned().collect();
        if !named && !is_rule && !lists_rules {
            said.extend(view.because.iter().map(|rule| format!("[{}]", rule.id)));
        }
        if said.is_empty() { String::new() } else { format!("  # {}", said.join(" ").replace('\n', " ")) }
    }
}

/// Every place that differs: where, what was expected, what came.
pub fn differences(expected: &str, actual: &str) -> Vec<String> {
    let (expected, actual) = (places(expected), places(actual));
    let mut paths: Vec<&String> = expected.keys().chain(actual.keys()).collect();
    paths.sort();
    paths.dedup();
    let differing = paths.into_iter().filter(|path| expected.get(*path) != actual.get(*path));
    let shown = |of: Option<&String>| {
        of.map_or("(nothing)", |said| if said.is_empty() { "(a group)" } else { said }).to_owned()
    };
    differing
        .map(|path| {
            format!("  {path}\n    expected: {}\n    actual:   {}", shown(expected.get(path)), shown(actual.get(path)))
        })
        .collect()
}

/// What stands at each path of a text that [`written`] wrote.
fn places(text: &str) -> BTreeMap<String, String> {
    let mut places = BTreeMap::new();
    let mut path: Vec<(usize, String)> = Vec::new();
    let mut position = 0;
    for line in text.lines() {
        let rest = line.trim_start();
        let indent = line.len() - rest.len();
        path.retain(|(outer, _)| *outer < indent);
        let (key, said) = match rest.strip_prefix('-') {
            Some(said) => (position.to_string(), said),
            None => rest.split_once(':').map_or((rest.to_owned(), ""), |(key, said)| (key.to_owned(), said)),
        };
        position = if rest.starts_with('-') { position + 1 } else { 0 };
        path.push((indent, key));
        let names: Vec<&str> = path.iter().map(|(_, name)| name.as_str()).collect();
        places.insert(names.join("."), said.trim().to_owned());
    }
    places
}

#[cfg(test)]
mod tests {
    use super::differences;

    #[test]
    fn differences_are_told_by_path() {
        let one = "route: agent  # 客服\nladder:\n  exchange:\n    state: later\n    because:\n      - a/b\n      - a/c\nmissing:\n  - x\n";
        let two = one.replace("later", "offered").replace("      - a/c\n", "");
        assert_eq!(differences(one, one), Vec::<String>::new());
        assert_eq!(
            differences(one, &two),
            [
                "  ladder.exchange.because.1\n    expected: a/c\n    actual:   (nothing)",
                "  ladder.exchange.state\n    expected: later\n    actual:   offered",
            ]
        );
    }
}
