//! What several tests share.

#![allow(dead_code, reason = "each test uses its part")]

pub mod random;

use std::path::Path;

use redress::diagnostic::render::{self, Style};
use redress::facts::Origin;
use redress::policy::Bundle;
use redress::text::Language;
use redress::value::Value;

/// Every file below a directory, by its path from there.
pub fn files_below(root: &Path) -> Vec<(String, Vec<u8>)> {
    fn walk(root: &Path, at: &Path, found: &mut Vec<(String, Vec<u8>)>) {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                found.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(root, root, &mut found);
    found
}

/// The shipped policies.
pub fn shipped() -> Bundle {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    redress::policy::load(files_below(&root)).unwrap_or_else(|rejected| {
        panic!("{}", render::full(&rejected.problems, &rejected.sources, Style::plain(Language::English)))
    })
}

/// A case of which nothing is known.
pub fn unknown_case(bundle: &Bundle) -> Vec<Value> {
    let stated = bundle.schema().facts().iter().filter(|fact| fact.origin != Origin::Derived);
    stated.map(|_| Value::Unknown).collect()
}
