//! The schemas that editors check policies by: current, named by every shipped file, and true of all of them.

mod support;
#[path = "schemas/validator.rs"]
mod validator;

use std::collections::BTreeMap;
use std::path::Path;

use redress::diagnostic::Problems;
use redress::policy::files::Kind;
use redress::policy::{is_source, is_suite, schemas};
use redress::source::Sources;
use redress::source::tree::{self, Node, NodeKind, Scalar};
use redress::suite;
use serde_json::{Value, json};

/// Every schema by the name of its file.
fn current() -> BTreeMap<String, Value> {
    let kinds = Kind::ALL.iter().map(|kind| (kind.word(), schemas::of(*kind)));
    let all = kinds.chain([("policy", schemas::any()), ("suite", suite::file::schema())]);
    all.map(|(name, schema)| (format!("{name}.json"), schema)).collect()
}

fn policies() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let mut files = support::files_below(&root);
    files.sort();
    files
}

/// Every shipped YAML file with what its first key is.
fn shipped() -> Vec<(String, String, Value)> {
    let yaml = policies().into_iter().filter(|(path, _)| is_source(path) || is_suite(path));
    let yaml: Vec<_> = yaml.filter(|(path, _)| Path::new(path).extension().is_some_and(|is| is == "yaml")).collect();
    assert!(yaml.len() > 10, "the shipped policies are missing");
    yaml.into_iter()
        .map(|(path, bytes)| {
            let text = String::from_utf8(bytes).unwrap();
            let value = parsed(&text);
            (path, text, value)
        })
        .collect()
}

fn parsed(text: &str) -> Value {
    let mut problems = Problems::default();
    let sources = Sources::new([("a.yaml", text)], &mut problems);
    let tree = tree::parse(sources.get(0).unwrap(), &mut problems);
    json_of(&tree.unwrap_or_else(|| panic!("{:?}", problems.into_sorted())))
}

/// As an editor reads YAML: words without quotes may be numbers or truths.
fn json_of(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Empty => Value::Null,
        NodeKind::List(items) => items.iter().map(json_of).collect(),
        NodeKind::Map(entries) => {
            Value::Object(entries.iter().map(|(key, value)| (key.text.to_string(), json_of(value))).collect())
        }
        NodeKind::Scalar(Scalar { text, quoted: false, .. }) if matches!(&**text, "true" | "false") => {
            json!(&**text == "true")
        }
        NodeKind::Scalar(Scalar { text, quoted: false, .. }) => match text.parse::<serde_json::Number>() {
            Ok(number) => Value::Number(number),
            Err(_) => json!(&**text),
        },
        NodeKind::Scalar(scalar) => json!(&*scalar.text),
    }
}

fn schema_of(path: &str, value: &Value) -> String {
    if is_suite(path) { "suite".into() } else { value.as_object().unwrap().keys().next().unwrap().clone() }
}

#[test]
fn the_schemas_beside_the_policies_are_current() {
    let written: BTreeMap<String, Value> = policies()
        .into_iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix(".schema/")?.to_owned(), bytes)))
        .map(|(name, bytes)| (name, serde_json::from_slice(&bytes).unwrap()))
        .collect();
    assert!(written == current(), "run: redress schema --out policies/.schema");
}

#[test]
fn every_shipped_file_names_its_schema() {
    let mut wrong = Vec::new();
    for (path, text, value) in shipped() {
        let up = "../".repeat(path.matches('/').count());
        let here = if up.is_empty() { "./" } else { "" };
        let line = format!("# yaml-language-server: $schema={here}{up}.schema/{}.json", schema_of(&path, &value));
        if text.lines().next() != Some(&line) {
            wrong.push(format!("policies/{path}: {line}"));
        }
    }
    assert!(wrong.is_empty(), "these first lines are missing:\n{}", wrong.join("\n"));
}

#[test]
fn every_shipped_file_is_as_its_schema_says() {
    let schemas = current();
    let mut wrong = Vec::new();
    for (path, _, value) in shipped() {
        let mut against = vec![schema_of(&path, &value)];
        if !is_suite(&path) {
            against.push("policy".into());
        }
        for name in against {
            let faults = validator::faults(&schemas[&format!("{name}.json")], &value);
            wrong.extend(faults.into_iter().map(|fault| format!("{path} as {name}: {fault}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_the_loader_refuses_for_its_form_the_schema_refuses_too() {
    let grant = "id: a, title: { zh-CN: 甲, en: A }, role: agent, up_to: 5";
    let cases = [
        (format!("authority: a\ngrants: [{{ {grant} }}]"), true),
        (format!("authority: a\naction: x\ngrants: [{{ {grant}, when: [a > 1, b] }}]"), true),
        (format!("authority: a\ngrant: [{{ {grant} }}]"), false),
        (format!("authority: A\ngrants: [{{ {grant} }}]"), false),
        (format!("authority: a\ngrants: {{ {grant} }}"), false),
        (format!("authority: a\ngrants: [{{ {grant}, off: true }}]"), false),
        ("authority: a\ngrants: [{ id: a, role: agent }]".into(), false),
        ("authority: a\ngrants:".into(), false),
        ("authority: a\ngrants: [~]".into(), false),
        ("authorities: a".into(), false),
        ("grants: []".into(), false),
    ];
    let schema = schemas::any();
    for (text, sound) in cases {
        let faults = validator::faults(&schema, &parsed(&text));
        assert_eq!(faults.is_empty(), sound, "{text}\n{faults:?}");
    }
}
