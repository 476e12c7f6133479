//! YAML → bundle: what comes of the files is a bundle, which then decides, or what is wrong with them, each problem with
//! a place inside a file that can be drawn in both languages.
//!
//! A line `#= PATH` begins a file; a bundle without a manifest is given a small one.

use std::sync::LazyLock;

use redress::decide::{Asked, Case, authorize, decide};
use redress::diagnostic::render::{self, Style};
use redress::diagnostic::{Diagnostic, Severity, Span};
use redress::facts::Origin;
use redress::policy::{self, Bundle, Rejected};
use redress::source::Sources;
use redress::text::Language;
use redress::value::{Instant, Value};

use super::slips::{self, index};
use crate::fuzz::Target;
use crate::support::random::{self, Dice, NOW};

pub const TARGET: Target = Target { name: "bundle", hold, slip };

const MANIFEST: &str = include_str!("shop.yaml");

/// Problems that are drawn whole; all of them are listed.
const DRAWN: usize = 4;

type Files = Vec<(String, Vec<u8>)>;

fn hold(bytes: &[u8]) {
    let files = files(bytes);
    match policy::load(files.clone()) {
        Ok(bundle) => {
            let mark = slips::mark(bytes);
            told(bundle.warnings(), bundle.sources());
            if mark.is_multiple_of(8) {
                let again = policy::load(files.into_iter().rev()).expect("the order of files says nothing");
                assert_eq!(again.digest(), bundle.digest());
            }
            decides(&bundle, mark);
        }
        Err(Rejected { sources, problems }) => {
            let refused = problems.iter().any(|problem| problem.severity == Severity::Error);
            assert!(refused, "refused without a word");
            told(&problems, &sources);
        }
    }
}

fn files(bytes: &[u8]) -> Files {
    let mut files = Files::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if let Some(path) = line.strip_prefix(b"#= ") {
            files.push((String::from_utf8_lossy(path.trim_ascii()).into_owned(), Vec::new()));
        } else if let Some((_, text)) = files.last_mut() {
            text.extend_from_slice(line);
        } else {
            files.push(("a.yaml".to_owned(), line.to_vec()));
        }
    }
    if files.iter().all(|(path, _)| path != "bundle.yaml") {
        files.push(("bundle.yaml".to_owned(), MANIFEST.into()));
    }
    files
}

fn told(problems: &[Diagnostic], sources: &Sources) {
    for problem in problems {
        inside(&problem.span, sources);
        problem.related.iter().for_each(|(span, _)| inside(span, sources));
        for said in [Some(&problem.message), problem.help.as_ref()].into_iter().flatten() {
            assert!(!said.zh.is_empty() && !said.en.is_empty(), "{problem:?}");
        }
    }
    let drawn = &problems[..problems.len().min(DRAWN)];
    for language in [Language::Chinese, Language::English] {
        assert_eq!(render::full(drawn, sources, Style::plain(language)).is_empty(), drawn.is_empty());
        assert_eq!(render::short(problems, sources, language).lines().count(), problems.len());
    }
    render::json(problems, sources);
}

fn inside(span: &Span, sources: &Sources) {
    // A directory without any file has no place to show.
    let Some(source) = sources.get(span.source) else { return assert!(sources.is_empty(), "{span:?}") };
    assert!(source.text().get(span.bytes.clone()).is_some(), "{span:?} in {:?}", source.text());
    let position = source.position(span.bytes.start);
    assert!(position.line >= 1 && position.column >= 1 && position.line <= source.text().split('\n').count());
}

/// A bundle that was accepted answers, whatever it says.
fn decides(bundle: &Bundle, mark: u64) {
    static UNKNOWN: LazyLock<Value> = LazyLock::new(Value::default);
    let stated = bundle.schema().facts().iter().filter(|fact| fact.origin != Origin::Derived).count();
    let nothing = Case { facts: vec![UNKNOWN.clone(); stated] };
    for case in [nothing, random::case(bundle, &mut Dice::new(mark))] {
        let rules = bundle.rules_for(Some("taobao"), None);
        let asked = Asked { explain: mark.is_multiple_of(2), ..Asked::default() };
        let decision = decide(rules, &case, Instant(NOW), asked);
        let authorization = authorize(rules, &case, Instant(NOW), asked);
        for change in [decision.common.next_change_at, authorization.common.next_change_at].into_iter().flatten() {
            assert!(change.0 > NOW, "the next change lies behind");
        }
        for offer in decision.ladder.iter().filter_map(|rung| rung.offer.as_ref()) {
            assert!(offer.opening < offer.ceiling, "{offer:?}");
        }
    }
}

/// What policies are made of.
const WORDS: &[&[u8]] = &[
    b"#= a.yaml\n",
    b"#= b.rhai\n",
    b"#= overlays/taobao/c.yaml\n",
    b"#= overlays/taobao/shops/s/d.yaml\n",
    b"authority: a\n",
    b"guards: a\n",
    b"evidence: a\n",
    b"timers: a\n",
    b"duties: a\n",
    b"ladder: a\n",
    b"facts: a\n",
    b"attributes: a\n",
    b"parameters: a\n",
    b"calendar: a\n",
    b"action: ",
    b"grants:\n",
    b"rules:\n",
    b"tables:\n",
    b"define:\n",
    b"columns: [",
    b"rows:\n",
    b"when: ",
    b"any: ",
    b"up_to: ",
    b"until: ",
    b"length: ",
    b"off: [",
    b"override: {",
    b"override:\n",
    b"- id: a\n",
    b"  title: { en: A }\n",
    b"order.amount",
    b"issue.class",
    b"\"quality.damage\"",
    b"quality.*",
    b"$p",
    b"agent",
    b"lead",
    b"compensate",
    b"exchange",
    b"1..5",
    b"> 100",
    b"_",
    b"48h",
    b"{ working_days: 3 }",
    b"2026-11-22",
    b"{order.amount}",
    b"/// fn f(a: money) -> money\nfn f(a) { a }\n",
    b"true",
    b"~",
    b": ",
    b"- ",
    b"[",
    b"]",
    b"{",
    b"}",
    b", ",
    b"\"",
    b"'",
    b"|\n",
    b">-\n",
    b"\n",
    b"\n  ",
    b"\r\n",
    b"\t",
    b"&x ",
    b"*x",
    b"!t ",
    b"---\n",
    b"#",
    b"\\u4e2d",
    "金额".as_bytes(),
    "：".as_bytes(),
    "\u{feff}".as_bytes(),
    "\u{200b}".as_bytes(),
    b"\xff",
    b"\0",
];

fn slip(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    if index(dice, 3) == 0 { slips::lines(bytes, dice) } else { slips::slip(bytes, WORDS, dice) }
}
