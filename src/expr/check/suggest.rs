//! "Did you mean": the known name nearest to an unknown one, or the first few there are.

use crate::both;
use crate::diagnostic::closest;
use crate::text::Bilingual;

/// At most this many names are listed when none is near.
const LISTED_MAX: usize = 8;

/// The candidate that is probably meant: one that ends in `name` (`blemish` for `product.quality.blemish`), or else one
/// that `name` is a slip of.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let ends_alike = |candidate: &&str| candidate.strip_suffix(name).is_some_and(|head| head.ends_with('.'));
    candidates.clone().find(ends_alike).or_else(|| closest(name, candidates))
}

/// A help line: the name that is probably meant, or the first few there are.
pub fn suggestion<'a>(name: &str, candidates: impl Iterator<Item = &'a str> + Clone) -> Option<Bilingual> {
    if let Some(near) = nearest(name, candidates.clone()) {
        return Some(both!("是否想写 `{near}`？", "did you mean `{near}`?"));
    }
    let mut names: Vec<&str> = candidates.take(LISTED_MAX.saturating_add(1)).collect();
    if names.is_empty() {
        return None;
    }
    let more = if names.len() > LISTED_MAX { "…" } else { "" };
    names.truncate(LISTED_MAX);
    let (zh, en) = (names.join("`、`"), names.join("`, `"));
    Some(both!("可用的有：`{zh}`{more}", "there are: `{en}`{more}"))
}
