//! How every rule was evaluated, for people.

use super::Page;
use crate::both;
use crate::rpc::proto::redress::v1 as wire;
use crate::view::values;

/// Writes the trace of an answer: each rule with its place, and of those not in plain sight which line failed and why.
pub fn trace(rules: &[wire::RuleTrace], page: Page<'_>) -> String {
    let mut lines = Vec::new();
    if !rules.is_empty() {
        lines.push(String::new());
        lines.push(both!("逐条规则", "rule by rule").get(page.language).to_owned());
    }
    for traced in rules {
        let wire::RuleTrace { rule, title, location, outcome: _, conditions, in_force } = traced;
        let place = location.as_ref().map_or_else(String::new, |at| format!(" {}:{}", at.file, at.line));
        let asleep = both!("（不在有效期）", " (not in force)");
        let asleep = if *in_force { "" } else { asleep.get(page.language) };
        let head = format!("{title}{asleep} [{rule}{place}]");
        page.hanging(&format!("{} ", mark(traced.outcome())), &head, 0, &mut lines);
        for condition in conditions {
            page.condition(condition, &mut lines);
        }
    }
    let mut text = lines.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

impl Page<'_> {
    fn condition(&self, condition: &wire::ConditionTrace, lines: &mut Vec<String>) {
        let wire::ConditionTrace { text, outcome: _, facts, location: _, alternative } = condition;
        let or = if *alternative { both!("或 ", "or ") } else { both!("", "") };
        let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let words = format!("{}{one_line}", or.get(self.language));
        self.hanging(&format!("{} ", mark(condition.outcome())), &words, 4, lines);
        for fact in facts {
            let value = fact.value.as_ref().and_then(values::value);
            let unknown = both!("未知", "unknown");
            let value = value.map_or_else(|| unknown.get(self.language).to_owned(), |value| self.words(&value));
            self.hanging("", &format!("{} = {value}", fact.path), 8, lines);
        }
    }
}

fn mark(outcome: wire::Outcome) -> &'static str {
    match outcome {
        wire::Outcome::True => "✓",
        wire::Outcome::False => "✗",
        wire::Outcome::Unknown | wire::Outcome::Unspecified => "?",
    }
}
