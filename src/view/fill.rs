//! Fills the places of an answer, those alone that have something to hold.

use pbjson_types::Timestamp;

use super::shape::Word;
use super::{Content, Plain, RuleRef, View, values};
use crate::rpc::proto::google::r#type::Money;
use crate::rpc::proto::redress::v1 as wire;
use crate::text::Language;

/// The members of a group, while they are gathered.
#[derive(Debug)]
pub struct Fill {
    language: Language,
    members: Vec<(String, View)>,
}

impl Fill {
    pub fn new(language: Language) -> Self {
        Self { language, members: Vec::new() }
    }

    pub fn finish(self) -> View {
        View::group(self.members)
    }

    pub fn put(&mut self, key: &str, view: View) {
        self.members.push((key.to_owned(), view));
    }

    pub fn money(&mut self, key: &str, money: Option<&Money>) {
        if let Some(money) = money {
            self.put(key, View::value(Plain::Money(values::money(money))));
        }
    }

    pub fn instant(&mut self, key: &str, at: Option<&Timestamp>) {
        if let Some(at) = at {
            self.put(key, View::value(Plain::Instant(values::instant(at))));
        }
    }

    pub fn text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.put(key, View::value(Plain::Text(text.to_owned())));
        }
    }

    /// A name of the bundle's.
    pub fn name(&mut self, key: &str, name: &str, title: &str) {
        if !name.is_empty() {
            self.put(key, View::word(name, title));
        }
    }

    /// A member of one of the wire's enumerations, which spells it `RUNG_STATE_OFFERED`.
    pub fn word(&mut self, key: &str, wire_name: &str, prefix: &str, words: &[Word]) {
        if let Some(view) = self.word_of(wire_name, prefix, words) {
            self.put(key, view);
        }
    }

    pub fn word_of(&self, wire_name: &str, prefix: &str, words: &[Word]) -> Option<View> {
        let word = wire_name.strip_prefix(prefix)?.to_ascii_lowercase();
        let known = words.iter().find(|known| known.word == word)?;
        Some(View::word(&word, known.title(self.language)))
    }

    pub fn list(&mut self, key: &str, items: Vec<View>) {
        if !items.is_empty() {
            self.put(key, View { content: Content::List(items), title: None, because: Vec::new() });
        }
    }

    pub fn texts<'t>(&mut self, key: &str, texts: impl IntoIterator<Item = &'t str>) {
        self.list(key, texts.into_iter().map(|text| View::value(Plain::Text(text.to_owned()))).collect());
    }

    pub fn rules<'w>(&mut self, key: &str, reasons: impl IntoIterator<Item = &'w wire::Reason>) {
        self.list(key, reasons.into_iter().map(rule).collect());
    }

    pub fn keyed(&mut self, key: &str, entries: Vec<(String, View)>) {
        if !entries.is_empty() {
            self.put(key, View::group(entries));
        }
    }

    pub fn missing(&mut self, missing: &[wire::MissingFact]) {
        let view = |missing: &wire::MissingFact| View::word(&missing.path, &missing.title);
        self.list("missing", missing.iter().map(view).collect());
    }

    pub fn paths(&mut self, paths: &[String]) {
        self.list("missing", paths.iter().map(|path| View::word(path, "")).collect());
    }

    pub fn evidence(&mut self, evidence: &[wire::EvidenceRequirement]) {
        let entries = evidence.iter().filter_map(|needed| {
            let state = self.word_of(needed.state().as_str_name(), "EVIDENCE_STATE_", super::shape::EVIDENCE_STATES)?;
            // The requirement's title heads the entry, so the state's is kept in the value.
            let state = View { because: reasons(needed.because.as_ref()), ..state };
            Some((needed.id.clone(), Entry { title: &needed.title, view: state }.view()))
        });
        let entries: Vec<_> = entries.collect();
        self.keyed("evidence", entries);
    }

    pub fn duties(&mut self, duties: &[wire::Duty]) {
        let entries = duties.iter().map(|duty| (duty.id.clone(), self.duty(duty)));
        let entries: Vec<_> = entries.collect();
        self.keyed("duties", entries);
    }

    fn duty(&self, duty: &wire::Duty) -> View {
        let wire::Duty { id: _, title, channel, due_at, fields, because, notify } = duty;
        let mut fill = Fill::new(self.language);
        fill.name("channel", channel, "");
        fill.name("notify", notify, "");
        fill.instant("due", due_at.as_ref());
        fill.keyed("fields", fields.iter().filter_map(|(name, of)| Some((name.clone(), values::value(of)?))).collect());
        fill.finish().titled(title).because(reasons(because.as_ref()))
    }

    pub fn failures(&mut self, failures: &[wire::Failure]) {
        let failed = failures.iter().map(|failure| {
            let (file, line) = failure.location.as_ref().map_or(("", 0), |at| (at.file.as_str(), at.line));
            let rule = RuleRef { id: failure.rule.clone(), text: failure.message.clone(), file: file.to_owned(), line };
            View::word(&failure.rule, &failure.message).because(vec![rule])
        });
        let failed = failed.collect();
        self.list("failures", failed);
    }

    pub fn warnings(&mut self, warnings: &[wire::Warning]) {
        let view = |warning: &wire::Warning| View::value(Plain::Text(warning.code.clone())).titled(&warning.message);
        self.list("warnings", warnings.iter().map(view).collect());
    }
}

/// A value under a name that has a title of its own.
struct Entry<'t> {
    title: &'t str,
    view: View,
}

impl Entry<'_> {
    fn view(self) -> View {
        let state = self.view.title.unwrap_or_default();
        let between = if self.title.is_empty() || state.is_empty() { "" } else { " – " };
        View { title: Some(format!("{}{between}{state}", self.title)), ..self.view }
    }
}

pub fn rule(reason: &wire::Reason) -> View {
    let rule = RuleRef::of(reason);
    View::word(&reason.rule, &rule.text).because(vec![rule])
}

pub fn reasons<'w>(because: impl IntoIterator<Item = &'w wire::Reason>) -> Vec<RuleRef> {
    because.into_iter().map(RuleRef::of).collect()
}
