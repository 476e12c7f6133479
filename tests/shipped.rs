//! The shipped policies, loaded as the server loads them.

use std::path::Path;

use redress::diagnostic::render::{self, Style};
use redress::text::Language;

fn files(root: &Path, at: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(root, &path, found);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            found.push((name, std::fs::read(&path).unwrap()));
        }
    }
}

#[test]
fn the_shipped_policies_load_without_a_word() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let mut found = Vec::new();
    files(&root, &root, &mut found);
    match redress::policy::load(found) {
        Ok(bundle) => {
            let warnings = render::full(bundle.warnings(), bundle.sources(), Style::plain(Language::English));
            assert!(bundle.warnings().is_empty(), "{warnings}");
        }
        Err(rejected) => {
            panic!("{}", render::full(&rejected.problems, &rejected.sources, Style::plain(Language::English)));
        }
    }
}
