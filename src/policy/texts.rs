//! What authors write for people, in every locale of the bundle: which passages there are, and which are missing.

use super::decode::{LocalizedText, Passage};
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, codes};
use crate::expr::check::suggestion;
use crate::text::{Language, Localized};

/// Texts in the bundle's locales.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    pub locales: &'a [Box<str>],
}

impl Texts<'_> {
    /// An author's text, with an error for each locale that it lacks or that the bundle does not declare.
    pub fn localized(&self, text: &LocalizedText, problems: &mut Problems) -> Localized {
        self.passages(text, problems).into_iter().map(|passage| passage.map_or("", Passage::text).into()).collect()
    }

    /// The passage of each locale.
    pub fn passages<'t>(&self, text: &'t LocalizedText, problems: &mut Problems) -> Vec<Option<&'t Passage>> {
        for (locale, _) in text.texts.iter() {
            if !self.locales.iter().any(|known| **known == *locale.value) {
                let word = &locale.value;
                let message = both!("规则包没有 `{word}` 这种语言", "the bundle has no locale `{word}`");
                let problem = Diagnostic::error(codes::UNKNOWN_LOCALE, locale.span.clone(), message);
                let help = suggestion(word, self.locales.iter().map(|locale| &**locale));
                problems.push(help.into_iter().fold(problem, Diagnostic::help));
            }
        }
        let found = self.locales.iter().map(|locale| {
            let passage = text.texts.get(locale);
            if passage.is_none() {
                let message = both!("缺少 `{locale}` 的文字", "the text for `{locale}` is missing");
                let help = both!("加上 `{locale}: …`", "add `{locale}: …`");
                problems.push(Diagnostic::error(codes::MISSING_LOCALE, text.span.clone(), message).help(help));
            }
            passage
        });
        found.collect()
    }

    /// A text of the engine's own.
    pub fn bilingual(&self, zh: &str, en: &str) -> Localized {
        let text = |tag: &str| match Language::of(tag) {
            Language::Chinese => zh.into(),
            Language::English => en.into(),
        };
        self.locales.iter().map(|tag| text(tag)).collect()
    }

    /// The engine's language for each locale.
    pub fn languages(&self) -> Vec<Language> {
        self.locales.iter().map(|tag| Language::of(tag)).collect()
    }

    /// The same text in every locale.
    pub fn same(&self, text: &str) -> Localized {
        self.locales.iter().map(|_| text.into()).collect()
    }
}

impl FromIterator<Box<str>> for Localized {
    fn from_iter<T: IntoIterator<Item = Box<str>>>(texts: T) -> Self {
        Localized(texts.into_iter().collect())
    }
}
