//! The word an author probably meant.

/// Longer words than this are nobody's slip, and comparing them costs.
const WORD_LENGTH_MAX: usize = 64;

/// The candidate that `word` is most likely a slip of, if any comes near. Of equals the first.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if length > WORD_LENGTH_MAX {
        return None;
    }
    let slips_max = length.saturating_add(2).checked_div(3)?;
    let word: String = folded(word).collect();
    let folded_length = word.chars().count();
    candidates
        .into_iter()
        // So many characters too many or too few are so many slips at least; most candidates need no closer look.
        .filter(|candidate| folded(candidate).count().abs_diff(folded_length) <= slips_max)
        .map(|candidate| (strsim::osa_distance(&word, &folded(candidate).collect::<String>()), candidate))
        // A word that shares nothing with the candidate is no slip of it, however short both are.
        .filter(|(slips, candidate)| *slips <= slips_max && *slips < candidate.chars().count())
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, candidate)| candidate)
}

/// How words are compared: case and the choice between `-`, `_` and nothing count for little.
fn folded(word: &str) -> impl Iterator<Item = char> {
    word.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_their_word_and_other_words_find_none() {
        let words = ["amount", "order.amount", "role", "roles", "up_to", "when", "if", "金额", "订单金额"];
        for (word, expected) in [
            ("amout", Some("amount")),
            ("order.amout", Some("order.amount")),
            ("Role", Some("role")),
            ("upTo", Some("up_to")),
            ("up-to", Some("up_to")),
            ("wehn", Some("when")),
            ("订单金客", Some("订单金额")),
            ("订单", None),
            ("of", Some("if")),
            ("x", None),
            ("", None),
            ("customer", None),
        ] {
            assert_eq!(closest(word, words), expected, "{word}");
        }
        assert_eq!(closest(&"a".repeat(1 << 20), words), None);
    }
}
