//! Whether a customer's words mention a trigger word (LA-13): full-width and spaced forms count, digits inside a longer
//! number or code, such as a waybill's, do not.

use unicode_normalization::UnicodeNormalization;

/// Whether `text` mentions `word`.
///
/// A word of letters and digits (`12315`) must be a whole run of them, or several whole runs written apart (`123 15`).
/// Any other word (`投诉`) may be spaced or punctuated inside (`投 诉`, `投·诉`).
pub fn mentions(text: &str, word: &str) -> bool {
    let word = squeezed(word);
    if word.is_empty() {
        return false;
    }
    if word.chars().all(|c| c.is_ascii_alphanumeric()) {
        mentions_code(text, &word)
    } else {
        squeezed(text).contains(&word)
    }
}

/// Folded to one width and case, without anything that is not a letter or a digit.
fn squeezed(text: &str) -> String {
    folded(text).filter(|c| c.is_alphanumeric()).collect()
}

/// In one width and case: `Ａ` is `a`.
pub fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfkc().flat_map(char::to_lowercase)
}

/// Runs of ASCII letters and digits, with nothing but spaces and punctuation between one and the next of a group.
fn mentions_code(text: &str, word: &str) -> bool {
    let mut groups: Vec<Vec<String>> = vec![vec![String::new()]];
    for c in folded(text) {
        let Some(group) = groups.last_mut() else { return false };
        if c.is_ascii_alphanumeric() {
            if let Some(run) = group.last_mut() {
                run.push(c);
            }
        } else if c.is_alphanumeric() {
            groups.push(vec![String::new()]);
        } else if group.last().is_some_and(|run| !run.is_empty()) {
            group.push(String::new());
        }
    }
    groups.iter().any(|group| runs_spell(group, word))
}

/// Whether consecutive whole runs spell the word.
fn runs_spell(runs: &[String], word: &str) -> bool {
    (0..runs.len()).any(|start| {
        let mut rest = word;
        for run in runs.iter().skip(start).filter(|run| !run.is_empty()) {
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
    use super::mentions;

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
