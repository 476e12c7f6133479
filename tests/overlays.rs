//! Overlays of the shipped policies: each changes the cases of its own platform or shop, and no other's.

mod support;

#[path = "desk/cases.rs"]
#[allow(dead_code, reason = "the tests of the desk need more of it")]
mod cases;
#[path = "day/scenes.rs"]
mod scenes;

use std::path::Path;

use redress::plain::Call;
use redress::policy::Bundle;
use redress::rpc::decision_service::{authorize, decide};
use redress::value::Instant;

use cases::Case;

/// Platforms and shops that cases come from; each overlay is for some of them.
const SHOPS: [(&str, &str); 8] = [
    ("taobao", "tb-1"),
    ("taobao", "sample-shop"),
    ("tmall", "tm-1"),
    ("tmall", "sample-shop"),
    ("douyin", "dy-1"),
    ("jd", "jd-1"),
    ("pinduoduo", "sample-shop"),
    ("wechat", "wx-1"),
];

/// The shipped policies without the files that `left_out` names by their paths.
fn bundle(left_out: impl Fn(&str) -> bool) -> Bundle {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    redress::policy::load(support::files_below(&root).into_iter().filter(|(path, _)| !left_out(path))).unwrap()
}

/// The directories of overlays, each with the platform and the shop it is for.
fn overlays() -> Vec<(String, String, Option<String>)> {
    let full = bundle(|_| false);
    let mut labels: Vec<String> = full.policies().iter().map(|policy| policy.overlay.to_string()).collect();
    labels.retain(|label| !label.is_empty());
    labels.sort();
    labels.dedup();
    let split = |label: &String| label.split_once('/').map(|(platform, shop)| (platform.to_owned(), shop.to_owned()));
    labels
        .iter()
        .map(|label| match split(label) {
            Some((platform, shop)) => (format!("overlays/{platform}/shops/{shop}/"), platform, Some(shop)),
            None => (format!("overlays/{label}/"), label.clone(), None),
        })
        .collect()
}

/// What the policies answer, without the answer's own number and the policies' digest.
fn answers(bundle: &Bundle, case: &Case) -> Vec<String> {
    let mut answers = Vec::new();
    for verb in case.verbs() {
        answers.push(match case.call(bundle, verb, "en") {
            Call::Decide(request) => {
                let mut answer = decide(bundle, &request, Instant(0)).unwrap();
                (answer.decision_id, answer.bundle_digest) = (String::new(), String::new());
                format!("{answer:?}")
            }
            Call::Authorize(request) => {
                let mut answer = authorize(bundle, &request, Instant(0)).unwrap();
                (answer.decision_id, answer.bundle_digest) = (String::new(), String::new());
                format!("{answer:?}")
            }
        });
    }
    answers
}

/// Half a hundred cases, each told of every shop.
fn told_of_every_shop(bundle: &Bundle) -> Vec<(&'static str, &'static str, Case)> {
    let mut all = Vec::new();
    for scene in scenes::day(7, 48) {
        let (before, rest) = scene.text.split_once("  shop:\n").unwrap();
        // The two lines that name the shop, and what is known of it besides.
        let rest: Vec<&str> = rest
            .lines()
            .filter(|line| !line.starts_with("    platform:") && !line.starts_with("    id: shop-"))
            .collect();
        for (platform, shop) in SHOPS {
            let text = format!("{before}  shop:\n    platform: {platform}\n    id: {shop}\n{}\n", rest.join("\n"));
            all.push((platform, shop, Case::parsed(&scene.name, &text, bundle)));
        }
    }
    all
}

#[test]
fn an_overlay_changes_its_own_cases_and_no_others() {
    let full = bundle(|_| false);
    let cases = told_of_every_shop(&full);
    let overlays = overlays();
    assert!(overlays.len() >= 4, "{overlays:?}");
    for (directory, platform, shop) in &overlays {
        let without = bundle(|path| {
            let inner = |other: &String| other.len() > directory.len() && path.starts_with(other.as_str());
            path.starts_with(directory.as_str()) && !overlays.iter().any(|(other, ..)| inner(other))
        });
        let mut changed = 0;
        for (of_platform, of_shop, case) in &cases {
            let concerned = of_platform == platform && shop.as_ref().is_none_or(|shop| shop == of_shop);
            let same = answers(&full, case) == answers(&without, case);
            assert!(concerned || same, "{directory} changes {} of {of_platform}/{of_shop}", case.name);
            changed += usize::from(!same);
        }
        assert!(changed > 0, "{directory} changes nothing");
    }
}

#[test]
fn platforms_without_an_overlay_are_answered_by_the_bundle_alone() {
    let (full, base) = (bundle(|_| false), bundle(|path| path.starts_with("overlays/")));
    let concerned = overlays();
    for (platform, shop, case) in &told_of_every_shop(&full) {
        if concerned.iter().all(|(_, of, _)| of != platform) {
            assert_eq!(answers(&full, case), answers(&base, case), "{} of {platform}/{shop}", case.name);
        }
    }
}
