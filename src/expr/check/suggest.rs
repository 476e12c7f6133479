//! "Did you mean": the known name nearest to an unknown one.

use crate::both;
use crate::text::Bilingual;

/// At most this many names are listed when none is near.
const LISTED_MAX: usize = 8;

/// The candidate nearest to `name`, if one is near enough to be meant.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (name.chars().count() / 3).max(1);
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= allowed || ends_alike(name, candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `blemish` is meant for `product.quality.blemish`.
fn ends_alike(name: &str, candidate: &str) -> bool {
    candidate.strip_suffix(name).is_some_and(|head| head.ends_with('.'))
}

/// A help line: the nearest name, or the first few there are.
pub fn suggestion<'a>(name: &str, candidates: impl Iterator<Item = &'a str> + Clone) -> Option<Bilingual> {
    if let Some(near) = nearest(name, candidates.clone()) {
        return Some(both!("是否想写 `{near}`?", "did you mean `{near}`?"));
    }
    let mut names: Vec<&str> = candidates.take(LISTED_MAX.saturating_add(1)).collect();
    if names.is_empty() {
        return None;
    }
    let more = if names.len() > LISTED_MAX { "…" } else { "" };
    names.truncate(LISTED_MAX);
    let (zh, en) = (names.join("`、`"), names.join("`, `"));
    Some(both!("可用的有:`{zh}`{more}", "there are: `{en}`{more}"))
}
