//! The table of business rules: the IDs that policies name in `implements`, what each asks for in both languages and
//! where it comes from; and beside a run of suites, which rules carry each out and how many tests show it.
//!
//! Reads no files, and does not know what any of them means.

use std::collections::BTreeMap;

use crate::diagnostic::Problems;
use crate::policy::Rejected;
use crate::policy::decode::Decode as _;
use crate::record;
use crate::source::{Sources, tree};
use crate::suite::Coverage;
use crate::text::Language;

record! {
    /// The table of business rules.
    /// zh: 业务条目总表。
    pub struct Table {
        /// Its name.
        /// zh: 总表的名字。
        #[key = "business_rules"]
        pub name: String,
        /// The documents that rules come from.
        /// zh: 条目出自哪些文件。
        pub sources: Vec<SourceEntry>,
        /// The rules, in groups.
        /// zh: 分组的条目。
        pub groups: Vec<GroupEntry>,
    }
}

record! {
    /// A document that rules come from.
    /// zh: 条目出自的文件。
    pub struct SourceEntry {
        /// Its name.
        /// zh: 名字。
        pub id: String,
        /// How people read it.
        /// zh: 给人看的名称。
        pub title: Wording,
    }
}

record! {
    /// Rules about one matter.
    /// zh: 同一方面的条目。
    pub struct GroupEntry {
        /// What its rules' IDs begin with.
        /// zh: 本组条目编号的开头。
        pub id: String,
        /// How people read it.
        /// zh: 给人看的名称。
        pub title: Wording,
        /// The rules.
        /// zh: 各条。
        pub rules: Vec<BusinessRule>,
    }
}

record! {
    /// One business rule.
    /// zh: 一条业务条目。
    pub struct BusinessRule {
        /// What `implements` names.
        /// zh: `implements` 里写的编号。
        pub id: String,
        /// The documents that it comes from.
        /// zh: 出自哪些文件。
        pub source: Vec<String>,
        /// What it asks for, in Chinese.
        /// zh: 中文说法。
        #[key = "zh-CN"]
        pub zh: String,
        /// What it asks for, in English.
        /// zh: 英文说法。
        pub en: String,
    }
}

record! {
    /// A title in both languages.
    /// zh: 两种语言的名称。
    pub struct Wording {
        /// In Chinese.
        /// zh: 中文。
        #[key = "zh-CN"]
        pub zh: String,
        /// In English.
        /// zh: 英文。
        pub en: String,
    }
}

/// What carries a business rule out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    /// `authority.compensation/agent-half-up-to-500`
    pub rule: String,
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In how many tests it applied.
    pub tests: usize,
    /// Whether tests saw it apply, and not apply.
    pub made_a_difference: bool,
    /// Whether answers tell of it; a fact that only other rules use shows in these.
    pub told: bool,
}

/// Reads a table; what is wrong with it is told with its place.
pub fn table(path: &str, text: &str) -> Result<Table, Rejected> {
    let mut problems = Problems::default();
    let sources = Sources::new([(path, text.as_bytes())], &mut problems);
    let node = sources.iter().next().and_then(|source| tree::parse(source, &mut problems));
    let read = node.and_then(|node| Table::decode(&node, &mut problems));
    match read {
        Some(table) if !problems.has_errors() => Ok(table),
        _ => Err(Rejected { sources, problems: problems.into_sorted() }),
    }
}

/// What carries out each business rule that policies name, by its ID.
pub fn carriers(coverage: &Coverage) -> BTreeMap<&str, Vec<Carrier>> {
    let mut carriers: BTreeMap<&str, Vec<Carrier>> = BTreeMap::new();
    let rules = coverage.rules.iter().map(|rule| {
        let made_a_difference = rule.made_a_difference();
        (&rule.implements, (&rule.id, &rule.file, rule.line, rule.tests), made_a_difference, true)
    });
    let facts = coverage.facts.iter().map(|fact| {
        let made_a_difference = fact.made_a_difference();
        (&fact.implements, (&fact.id, &fact.file, fact.line, fact.tests), made_a_difference, fact.told())
    });
    for (ids, (rule, file, line, tests), made_a_difference, told) in rules.chain(facts) {
        for id in ids {
            let (rule, file) = (rule.clone(), file.clone());
            carriers.entry(id).or_default().push(Carrier { rule, file, line, tests, made_a_difference, told });
        }
    }
    carriers
}

impl Table {
    /// Every rule, in the table's order.
    pub fn rules(&self) -> impl Iterator<Item = &BusinessRule> {
        self.groups.iter().flat_map(|group| &group.rules)
    }
}

impl BusinessRule {
    pub fn wording(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.zh,
            Language::English => &self.en,
        }
    }
}

impl Wording {
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.zh,
            Language::English => &self.en,
        }
    }
}
