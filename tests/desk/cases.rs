//! The cases: what a helpdesk sends, and where the answers to it stand.

use std::fs;
use std::path::{Path, PathBuf};

use redress::diagnostic::Problems;
use redress::diagnostic::render::{self, Style};
use redress::plain::{Call, Question};
use redress::policy::Bundle;
use redress::source::{Sources, tree};
use redress::text::Language;
use redress::value::Instant;

/// Chinese first: a case's answer stands in it; in English where the case has a file for it.
pub const LOCALES: [&str; 2] = ["zh-CN", "en"];

#[derive(Debug)]
pub struct Case {
    /// `03-socks-one-missing`
    pub name: String,
    pub path: PathBuf,
    pub text: String,
    pub as_of: Instant,
    question: Question,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Decide,
    Authorize,
}

/// Where an answer stands.
#[derive(Debug)]
pub struct Expected {
    pub verb: Verb,
    pub locale: &'static str,
    pub path: PathBuf,
    /// As it is named to the reader.
    pub shown: String,
}

impl Verb {
    pub fn word(self) -> &'static str {
        match self {
            Verb::Decide => "decide",
            Verb::Authorize => "authorize",
        }
    }
}

/// Every case, by name.
pub fn cases(bundle: &Bundle) -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/desk");
    let mut folders: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let cases: Vec<Case> = folders.iter().map(|folder| Case::read(folder, bundle)).collect();
    assert!(cases.len() >= 45, "only {} cases were found", cases.len());
    cases
}

impl Case {
    fn read(folder: &Path, bundle: &Bundle) -> Self {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let path = folder.join("case.yaml");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (line, chinese) in text.lines().zip([true, false]) {
            let why = line.strip_prefix("# why: ").unwrap_or_else(|| panic!("{name}: `# why:` comes first, twice"));
            assert_eq!(has_chinese(why), chinese, "{name}: why in Chinese, then in English");
        }
        Self { path, ..Self::parsed(&name, &text, bundle) }
    }

    /// A case as a front end writes it, that stands in no file.
    pub fn parsed(name: &str, text: &str, bundle: &Bundle) -> Self {
        let mut problems = Problems::default();
        let sources = Sources::new([(format!("{name}/case.yaml"), text.as_bytes())], &mut problems);
        let node = sources.iter().next().and_then(|source| tree::parse(source, &mut problems));
        let question = node.and_then(|node| Question::decode(&node, bundle, &mut problems));
        // Sent once here, so that a case no front end could send is shown with its place.
        let call = question.as_ref().and_then(|question| question.call(bundle, "", false, &mut problems));
        let problems = problems.into_sorted();
        let told = render::full(&problems, &sources, Style::plain(Language::English));
        assert!(call.is_some() && problems.is_empty(), "{told}");
        let question = question.unwrap();
        let as_of = question.as_of.as_ref().unwrap_or_else(|| panic!("{name} has no `as_of`")).value;
        Self { name: name.to_owned(), path: PathBuf::new(), text: text.to_owned(), as_of, question }
    }

    /// A case is always decided; where it names an action, that is authorised too.
    pub fn verbs(&self) -> Vec<Verb> {
        let action = self.question.action.as_ref().map(|_| Verb::Authorize);
        [Verb::Decide].into_iter().chain(action).collect()
    }

    /// The action's name as the case writes it; empty where none is asked about.
    pub fn action(&self) -> &str {
        let rest = self.text.split("\naction: { name: ").nth(1).unwrap_or_default();
        rest.split([',', ' ', '}']).next().unwrap_or_default()
    }

    pub fn call(&self, bundle: &Bundle, verb: Verb, locale: &str) -> Call {
        let mut question = self.question.clone();
        if verb == Verb::Decide {
            question.action = None;
        }
        question.call(bundle, locale, false, &mut Problems::default()).expect("it was sent before")
    }

    /// Where the answers stand.
    pub fn expected_files(&self) -> Vec<Expected> {
        let mut files = Vec::new();
        for verb in self.verbs() {
            for locale in LOCALES {
                let suffix = if locale == "en" { ".en" } else { "" };
                let file = format!("{}{suffix}.expected.yaml", verb.word());
                let path = self.path.with_file_name(&file);
                if locale != "en" || path.exists() {
                    files.push(Expected { verb, locale, path, shown: format!("{}/{file}", self.name) });
                }
            }
        }
        files
    }
}

pub fn has_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}
