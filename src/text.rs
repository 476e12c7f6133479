//! Words for people: one text in each language the engine itself speaks, and the languages of a bundle.
//!
//! Knows nothing of policies. What the engine says (diagnostics, violations, reasons) is a [`Bilingual`]; what a
//! policy's author says is a [`Localized`], in the locales its bundle declares.

use std::fmt;

pub mod page;

/// A sentence of the engine's own, in the two languages it speaks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Bilingual {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The sentence in `language`.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.zh,
            Language::English => &self.en,
        }
    }
}

/// Makes a [`Bilingual`] from two format strings over the same variables: `both!("缺少 `{key}`", "missing `{key}`")`.
#[macro_export]
macro_rules! both {
    ($zh:literal, $en:literal) => {
        $crate::text::Bilingual { zh: format!($zh), en: format!($en) }
    };
}

/// A language the engine speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    #[default]
    Chinese,
    English,
}

impl Language {
    /// The language of a BCP 47 tag or of a POSIX locale: anything Chinese (`zh`, `zh-CN`, `zh_CN.UTF-8`) is Chinese,
    /// everything else is answered in English.
    pub fn of(tag: &str) -> Self {
        let zh = tag.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("zh"));
        if zh { Self::Chinese } else { Self::English }
    }
}

/// A text of a policy's author, one string for each locale of the bundle, in the bundle's order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Localized(pub Box<[Box<str>]>);

impl Localized {
    /// The text in the bundle's `locale`-th language; a missing one was refused when the bundle was loaded.
    pub fn get(&self, locale: Locale) -> &str {
        self.0.get(locale.0).or_else(|| self.0.first()).map_or("", |text| text)
    }
}

/// Which of the bundle's locales, by position in its list; 0 is its first, the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Locale(pub usize);

impl fmt::Display for Bilingual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

/// An author's own words for a sentence of ours: in backticks, on one line, and not longer than a sentence bears.
pub fn quoted(text: &str) -> String {
    const LENGTH_MAX: usize = 60;
    let mut words = String::from("`");
    for (count, c) in text.trim().chars().enumerate() {
        if count >= LENGTH_MAX {
            words.push('…');
            break;
        }
        match c {
            '\n' => words.push('⏎'),
            '\r' => {}
            '`' => words.push('\''),
            c if c.is_control() => words.extend(c.escape_unicode()),
            c => words.push(c),
        }
    }
    words.push('`');
    words
}

/// Several of them, for a sentence that lists them: in Chinese with `、` between, in English with `, `.
pub fn quoted_list<'a>(texts: impl IntoIterator<Item = &'a str>) -> Bilingual {
    let texts: Vec<String> = texts.into_iter().map(quoted).collect();
    Bilingual::new(texts.join("、"), texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_words_fit_a_sentence() {
        assert_eq!(quoted(" a\r\nb`c\u{7} "), "`a⏎b'c\\u{7}`");
        assert_eq!(quoted(&"金".repeat(61)), format!("`{}…`", "金".repeat(60)));
        assert_eq!(quoted_list(["a", "b"]).zh, "`a`、`b`");
    }
}
