//! Whether a customer's words mention a trigger word (LA-13): full-width and spaced forms count, digits inside a longer
//! number or code, such as a waybill's, do not.

use unicode_normalization::UnicodeNormalization;

use crate::value::Value;

/// A word to listen for.
///
/// One of letters and digits (`12315`) must be a whole run of them, or several whole runs written apart (`123 15`).
/// Any other (`投诉`) may be spaced or punctuated inside (`投 诉`, `投·诉`).
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    squeezed: Box<str>,
    is_code: bool,
}

impl Word {
    pub fn new(word: &str) -> Self {
        let squeezed = squeezed(word);
        Self { is_code: squeezed.chars().all(|c| c.is_ascii_alphanumeric()), squeezed: squeezed.into() }
    }
}

/// A list of words made ready, unknown ones as none.
pub fn ready(words: &Value) -> Option<Box<[Option<Word>]>> {
    let Value::List(words) = words else { return None };
    Some(words.iter().map(|word| if let Value::Text(word) = word { Some(Word::new(word)) } else { None }).collect())
}

/// What somebody said, made ready to be searched for words.
pub struct Heard {
    squeezed: String,
    /// Groups of runs of ASCII letters and digits, with nothing but spaces and punctuation inside a group.
    groups: Vec<Vec<String>>,
}

impl Heard {
    pub fn new(text: &str) -> Self {
        Self { squeezed: squeezed(text), groups: groups(text) }
    }

    /// Whether it mentions the word. An empty one is never mentioned.
    pub fn mentions(&self, word: &Word) -> bool {
        if word.squeezed.is_empty() {
            return false;
        }
        if word.is_code {
            self.groups.iter().any(|group| runs_spell(group, &word.squeezed))
        } else {
            self.squeezed.contains(&*word.squeezed)
        }
    }
}

/// Folded to one width and case, without anything that is not a letter or a digit.
fn squeezed(text: &str) -> String {
    folded(text).filter(|c| is_chinese(*c) || c.is_alphanumeric()).collect()
}

/// In one width and case: `Ａ` is `a`.
pub fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    let plain = text.chars().all(|c| plain(c).is_some());
    let quick = text.chars().filter(move |_| plain).filter_map(self::plain);
    let whole = if plain { "" } else { text };
    quick.chain(whole.nfkc().flat_map(char::to_lowercase))
}

/// The folded form of the characters that nearly all is written in: each folds by itself, whatever stands beside it.
fn plain(c: char) -> Option<char> {
    match c {
        '\0'..='\x7f' => Some(c.to_ascii_lowercase()),
        _ if is_chinese(c) => Some(c),
        // 、 and 。; the full-width forms of ASCII, which stand in its order.
        '、' | '。' => Some(c),
        '！'..='～' => char::from_u32(u32::from(c).wrapping_sub(FULL_WIDTH)).map(|c| c.to_ascii_lowercase()),
        _ => None,
    }
}

/// From a character of ASCII to its full-width form.
const FULL_WIDTH: u32 = 0xfee0;

/// The common Chinese characters.
fn is_chinese(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

fn groups(text: &str) -> Vec<Vec<String>> {
    let mut groups: Vec<Vec<String>> = Vec::new();
    // Whether what comes next begins a group, or a run.
    let (mut new_group, mut new_run) = (true, true);
    for c in folded(text) {
        if c.is_ascii_alphanumeric() {
            if std::mem::take(&mut new_group) {
                groups.push(Vec::new());
                new_run = true;
            }
            let Some(group) = groups.last_mut() else { return groups };
            if std::mem::take(&mut new_run) {
                group.push(String::new());
            }
            if let Some(run) = group.last_mut() {
                run.push(c);
            }
        } else if is_chinese(c) || c.is_alphanumeric() {
            new_group = true;
        } else {
            new_run = true;
        }
    }
    groups
}

/// Whether consecutive whole runs spell the word.
fn runs_spell(runs: &[String], word: &str) -> bool {
    (0..runs.len()).any(|start| {
        let mut rest = word;
        for run in runs.iter().skip(start) {
            match rest.strip_prefix(run.as_str()) {
                Some("") => return true,
                Some(after) => rest = after,
                None => return false,
            }
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mentions(text: &str, word: &str) -> bool {
        Heard::new(text).mentions(&Word::new(word))
    }

    proptest! {
        #[test]
        fn the_quick_folding_is_the_whole_one(text in "[ -~！-～、。一-龥\\PC]{0,12}", plain in "[ -~！-～、。一-龥]{0,12}") {
            for text in [text, plain] {
                let whole: String = text.nfkc().flat_map(char::to_lowercase).collect();
                prop_assert_eq!(folded(&text).collect::<String>(), whole);
            }
        }
    }

    #[test]
    fn trigger_words_in_all_their_spellings() {
        let cases = [
            ("不给退就12315见", "12315", true),
            ("不给退就１２３１５见", "12315", true),
            ("1 2 3 1 5", "12315", true),
            ("打123-15投诉", "12315", true),
            ("运单 SF1231512345", "12315", false),
            ("单号7712315", "12315", false),
            ("SF12315", "12315", false),
            ("我要投 诉你们", "投诉", true),
            ("我要投·诉你们", "投诉", true),
            ("没投, 没诉", "投诉", false),
            ("给个差評", "差評", true),
            ("", "差评", false),
            ("差评", "", false),
        ];
        for (text, word, expected) in cases {
            assert_eq!(mentions(text, word), expected, "{text} / {word}");
        }
    }
}
