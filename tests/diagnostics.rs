//! Broken files in, the report that their author sees out: `tests/cases/diagnostics/<case>/`, one case for each problem
//! of the stages before a policy's meaning. `REDRESS_BLESS=1` rewrites the expected reports; review the difference.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use redress::diagnostic::render::{self, Style};
use redress::diagnostic::{Diagnostic, Problems};
use redress::policy::decode::{
    Decode, Definitions, Entries, ExpressionText, Id, LocalizedText, OneOrMany, Spanned, any_of, wrong_form,
};
use redress::source::Sources;
use redress::source::tree::{self, Node, NodeKind};
use redress::text::Language;
use redress::value::Duration;
use redress::{both, enumeration, record};
use rust_decimal::Decimal;

const EXPECTED: &str = "expected.txt";

record! {
    /// A policy as the cases of this test write it.
    struct Policy {
        /// The policy's name.
        /// zh: 策略的名称。
        authority: Spanned<Id>,
        /// Its grants.
        /// zh: 各条授权。
        grants: Vec<Grant>,
        /// Whether it is in force.
        active: Option<bool>,
        /// From which day.
        from: Option<chrono::NaiveDate>,
        /// From which moment.
        since: Option<chrono::DateTime<chrono::FixedOffset>>,
    }
}

record! {
    /// Who may do how much.
    struct Grant {
        /// Its name, unique in the policy.
        /// zh: 名称，在策略中唯一。
        id: Spanned<Id>,
        title: LocalizedText,
        /// The least role that may.
        /// zh: 至少是什么角色。
        role: Role,
        /// Conditions that must all hold.
        #[key = "when"]
        conditions: Option<OneOrMany<ExpressionText>>,
        /// The least of these is the limit.
        up_to: Option<OneOrMany<Bound>>,
        within: Option<Duration>,
        times: Option<u32>,
        labels: Option<Entries<String>>,
    }
}

enumeration! {
    enum Role {
        Agent = "agent",
        TeamLead = "team_lead",
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Bound {
    Amount(Decimal),
    Share(Share),
}

record! {
    /// A share of an amount.
    struct Share {
        percent: Decimal,
        of: ExpressionText,
    }
}

impl Decode for Bound {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.kind {
            NodeKind::Scalar(_) => Decimal::decode(node, problems).map(Self::Amount),
            NodeKind::Map(_) => Share::decode(node, problems).map(Self::Share),
            NodeKind::List(_) | NodeKind::Empty => {
                problems.push(wrong_form(node, &both!("金额或比例", "an amount or a share")));
                None
            }
        }
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        any_of([Decimal::schema(definitions), Share::schema(definitions)])
    }
}

#[test]
fn every_case_is_reported_as_expected() {
    let bless = env::var_os("REDRESS_BLESS").is_some();
    let mut cases: Vec<PathBuf> = entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/diagnostics"));
    cases.retain(|path| path.is_dir());
    assert!(cases.len() > 10, "the cases are missing");
    let mut differing = String::new();
    for case in cases {
        let report = report(&case);
        let path = case.join(EXPECTED);
        if bless {
            fs::write(&path, &report).unwrap();
        } else if fs::read_to_string(&path).unwrap_or_default() != report {
            writeln!(differing, "{}:\n{report}", case.display()).unwrap();
        }
    }
    assert!(differing.is_empty(), "reports differ (REDRESS_BLESS=1 rewrites them):\n{differing}");
}

/// What the author of a case's files is told, in both languages.
fn report(case: &Path) -> String {
    let mut files = Vec::new();
    collect(case, case, &mut files);
    let mut problems = Problems::default();
    let sources = Sources::new(files, &mut problems);
    let policies = sources.iter().filter_map(|source| {
        let tree = tree::parse(source, &mut problems)?;
        Policy::decode(&tree, &mut problems)
    });
    let sound = policies.count();
    let diagnostics = problems.into_sorted();
    assert!(!diagnostics.is_empty() || sound == sources.len(), "{} is refused without a word", case.display());

    let mut report = String::new();
    for language in [Language::English, Language::Chinese] {
        report.push_str(&render::full(&diagnostics, &sources, Style::plain(language)));
        writeln!(report, "\n{}\n", render::summary(&diagnostics, language)).unwrap();
    }
    check_places(&diagnostics, &sources);
    report
}

/// Every span lies in its file, on boundaries of characters.
fn check_places(diagnostics: &[Diagnostic], sources: &Sources) {
    let related = diagnostics.iter().flat_map(|d| d.related.iter().map(|(span, _)| span));
    for span in diagnostics.iter().map(|d| &d.span).chain(related) {
        let text = sources.get(span.source).unwrap().text();
        assert!(text.get(span.bytes.clone()).is_some(), "{span:?}");
    }
}

fn collect(root: &Path, directory: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for path in entries(directory) {
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.file_name().unwrap() != EXPECTED {
            let name = path.strip_prefix(root).unwrap().components().map(|part| part.as_os_str().to_str().unwrap());
            files.push((name.collect::<Vec<_>>().join("/"), fs::read(&path).unwrap()));
        }
    }
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}
