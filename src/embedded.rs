//! The policies that ship inside the program, so that the first command works on an empty machine.
//!
//! Owns their bytes; knows nothing of what they mean.

use include_dir::{Dir, DirEntry, include_dir};

use crate::policy;

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/policies");

/// The table of business rules that the shipped policies carry out.
pub const BUSINESS_RULES: &str = include_str!("../docs/business-rules.yaml");

/// The shipped policies, by path, ready to be loaded.
pub fn policies() -> Vec<(String, Vec<u8>)> {
    files(policy::is_source)
}

/// The shipped policies and the suites that test them.
pub fn policies_and_suites() -> Vec<(String, Vec<u8>)> {
    files(|path| policy::is_source(path) || policy::is_suite(path))
}

/// Everything that ships, the editor's schemas too: what a directory of one's own begins with.
pub fn everything() -> Vec<(String, Vec<u8>)> {
    files(|_| true)
}

fn files(wanted: impl Fn(&str) -> bool) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    collect(&SHIPPED, &wanted, &mut files);
    files.sort();
    files
}

fn collect(directory: &Dir<'_>, wanted: &impl Fn(&str) -> bool, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in directory.entries() {
        match entry {
            DirEntry::Dir(directory) => collect(directory, wanted, files),
            DirEntry::File(file) => {
                let parts: Vec<_> = file.path().iter().map(|part| part.to_string_lossy()).collect();
                let path = parts.join("/");
                if wanted(&path) {
                    files.push((path, file.contents().to_vec()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_there_by_their_paths_and_nothing_else_is() {
        let paths: Vec<String> = policies().into_iter().map(|(path, _)| path).collect();
        assert!(
            paths.contains(&"bundle.yaml".to_string()) && paths.contains(&"authority/compensation.yaml".to_string())
        );
        assert!(paths.iter().all(|path| policy::is_source(path)), "{paths:?}");
        assert!(everything().len() >= policies_and_suites().len());
    }
}
