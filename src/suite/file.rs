//! Suites as their authors write them: records, nothing resolved yet.

use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};

use crate::both;
use crate::diagnostic::{Problems, Span};
use crate::policy::decode::{Decode, Definitions, Entries, Id, Spanned, wrong_form};
use crate::record;
use crate::source::tree::{Node, NodeKind};

record! {
    /// Tests of policies.
    /// zh: 规则测试。
    pub struct SuiteFile {
        /// The suite's name, unique in the bundle.
        /// zh: 测试集的名称，在规则包内唯一。
        #[key = "suite"]
        pub name: Spanned<String>,
        /// The moment all tests are answered for, unless they name their own.
        /// zh: 所有测试按哪个时刻答复；单个测试可以另写。
        pub now: Spanned<DateTime<FixedOffset>>,
        /// The language of answers; the bundle's first, if this is not written.
        /// zh: 答复用哪种语言；不写就用规则包的第一种。
        pub locale: Option<Spanned<String>>,
        /// Who asks, unless a test says otherwise: a name of `actors`, a role, or `{ id, role }`.
        /// zh: 谁在问；单个测试可以另写。写 `actors` 里的名字、角色，或 `{ id, role }`。
        pub actor: Option<Node>,
        /// Actors by name.
        /// zh: 各个操作人，按名字。
        pub actors: Option<Entries<Node, Id>>,
        /// Cases by name.
        /// zh: 各个案件，按名字。
        pub cases: Option<Entries<FixtureEntry, Id>>,
        /// The tests.
        /// zh: 各项测试。
        pub tests: Kept<TestEntry>,
    }
}

record! {
    /// One test, or a table of tests.
    /// zh: 一项测试，或一张测试表。
    pub struct TestEntry {
        /// What it shows; unique in the suite.
        /// zh: 测试的名称，在本测试集内唯一。
        pub name: Spanned<String>,
        /// The case asked about, by name; none is a case of which nothing is known.
        /// zh: 问哪个案件；不写就是一无所知的案件。
        pub case: Option<Spanned<Id>>,
        /// What is different in this test.
        /// zh: 本测试中不同的地方。
        pub with: Option<FixtureEntry>,
        /// Who asks.
        /// zh: 谁在问。
        pub actor: Option<Node>,
        /// The moment to answer for.
        /// zh: 按哪个时刻答复。
        pub now: Option<Spanned<DateTime<FixedOffset>>>,
        /// The action to authorise, by name or as `{ name, amount }`; without it the case is decided.
        /// zh: 要授权的操作：操作名或 `{ name, amount }`；不写就是对案件作出决定。
        pub authorize: Option<Node>,
        /// What the answer must be; only what is written is looked at.
        /// zh: 答复应当是什么；只核对写出来的部分。
        pub expect: Option<Node>,
        /// Of a table: facts by their paths, and expectations as `expect.<path>`; `name` and `now` too.
        /// zh: 测试表的列：事实写路径，期望写 `expect.<路径>`；也可以有 `name` 和 `now`。
        pub columns: Option<Vec<Spanned<String>>>,
        /// Of a table: one test each. `_` leaves a cell out, `unknown` takes a fact back.
        /// zh: 测试表的行，每行一项测试。`_` 表示不管，`unknown` 表示这个事实未知。
        pub rows: Option<Vec<Node>>,
    }
}

/// The items of a list that can be read. Those that can't are reported and left out, so that one slip does not hide
/// what is wrong with the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept<T> {
    pub items: Vec<T>,
    /// Whether none was left out.
    pub all: bool,
}

impl<T: Decode> Decode for Kept<T> {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        let nodes = Vec::<Node>::decode(node, problems)?;
        let items: Vec<T> = nodes.iter().filter_map(|node| T::decode(node, problems)).collect();
        let all = items.len() == nodes.len();
        Some(Self { items, all })
    }

    fn schema(definitions: &mut Definitions) -> Value {
        Vec::<T>::schema(definitions)
    }
}

/// Facts, on top of another fixture's perhaps.
#[derive(Debug, Clone, PartialEq)]
pub struct FixtureEntry {
    pub span: Span,
    pub extends: Option<Spanned<Id>>,
    /// Paths of facts to take back.
    pub drop: Vec<Spanned<String>>,
    /// What is left: facts.
    pub facts: Node,
}

/// The words that a fixture has beside facts.
const EXTENDS: &str = "extends";
const DROP: &str = "drop";

impl Decode for FixtureEntry {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        let NodeKind::Map(entries) = &node.kind else {
            problems.push(wrong_form(node, &both!("一组事实", "a group of facts")));
            return None;
        };
        let written = |key: &str| node.get(key);
        let extends = written(EXTENDS).map_or(Some(None), |node| Spanned::decode(node, problems).map(Some));
        let drop = written(DROP).map_or(Some(Vec::new()), |node| Vec::decode(node, problems));
        let rest = entries.iter().filter(|(key, _)| !matches!(&*key.text, EXTENDS | DROP));
        let facts = Node { span: node.span.clone(), kind: NodeKind::Map(rest.cloned().collect()) };
        Some(Self { span: node.span.clone(), extends: extends?, drop: drop?, facts })
    }

    fn schema(definitions: &mut Definitions) -> Value {
        definitions.define::<Self>("Fixture", |definitions| {
            json!({
                "type": "object",
                "description": "facts by their paths, nested or with dots — 事实，按路径嵌套书写，或用点号连写",
                "properties": {
                    EXTENDS: Id::schema(definitions),
                    DROP: Vec::<Spanned<String>>::schema(definitions),
                },
            })
        })
    }
}

/// The JSON Schema of a suite, for editors.
pub fn schema() -> Value {
    Definitions::document::<SuiteFile>()
}
