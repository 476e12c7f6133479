use super::*;

use crate::text::Language;

fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), files.iter().map(|(path, text)| (*path, text.as_bytes()))).unwrap();
    root
}

fn paths(root: &Path) -> Vec<String> {
    read(root, policy::is_source).unwrap().files.into_iter().map(|(path, _)| path).collect()
}

/// Path and message of every reason.
fn faults(root: &Path) -> Vec<(String, String)> {
    let Err(unreadable) = read(root, policy::is_source) else { panic!("{} is read", root.display()) };
    let rejected = unreadable.into_rejected();
    let place = |d: &Diagnostic| rejected.sources.get(d.span.source).unwrap().path().to_owned();
    rejected.problems.iter().map(|d| (place(d), d.message.get(Language::English).to_owned())).collect()
}

#[test]
fn policies_are_read_and_what_lies_beside_them_is_not() {
    let root = directory(&[
        ("bundle.yaml", "a: 1"),
        ("authority/compensation.yml", "b: 2"),
        ("facts/parcels.rhai", "fn c() {}"),
        ("authority/compensation_test.yaml", "suite"),
        ("ladder.ymal", "slip"),
        ("bundle.yaml~", "backup"),
        ("#bundle.yaml#", "backup"),
        (".bundle.yaml.swp", "swap"),
        (".git/config.yaml", "hidden"),
    ]);
    let read = read(root.path(), policy::is_source).unwrap();
    let files: Vec<(&str, &[u8])> = read.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    assert_eq!(
        files,
        [("authority/compensation.yml", &b"b: 2"[..]), ("bundle.yaml", b"a: 1"), ("facts/parcels.rhai", b"fn c() {}"),]
    );
    assert_eq!(read.others, ["#bundle.yaml#", "authority/compensation_test.yaml", "bundle.yaml~", "ladder.ymal"]);
}

#[test]
fn every_reason_is_told_at_once() {
    let long = "#".repeat(FILE_BYTES_MAX + 1);
    let root = directory(&[("large.yaml", &long), ("sound.yaml", "a: 1")]);
    assert_eq!(
        faults(root.path()),
        [("large.yaml".into(), "the file has 1048577 bytes; at most 1048576 are allowed".into())]
    );
    let nowhere = root.path().join("nowhere");
    assert_eq!(faults(&nowhere), [(nowhere.display().to_string(), "can't be read: it is not there".into())]);
    let file = root.path().join("sound.yaml");
    assert_eq!(faults(&file), [(file.display().to_string(), "can't be read: it is no directory".into())]);
    let unreadable = read(&nowhere, policy::is_source).unwrap_err().to_string();
    assert_eq!(unreadable, format!("`{}` can't be read: can't be read: it is not there", nowhere.display()));
}

#[test]
fn too_many_files_and_too_many_bytes_are_refused() {
    let names: Vec<String> = (0..=FILES_MAX).map(|n| format!("{n}.yaml")).collect();
    let root = directory(&names.iter().map(|name| (name.as_str(), "")).collect::<Vec<_>>());
    let told = faults(root.path());
    assert!(told.len() == 1 && told[0].1.contains("too much in the directory"), "{told:?}");

    let half = "#".repeat(FILE_BYTES_MAX);
    let names: Vec<String> = (0..=TOTAL_BYTES_MAX / FILE_BYTES_MAX).map(|n| format!("{n:03}.yaml")).collect();
    let root = directory(&names.iter().map(|name| (name.as_str(), half.as_str())).collect::<Vec<_>>());
    let told = faults(root.path());
    assert!(told.len() == 1 && told[0].0 == "064.yaml" && told[0].1.contains("together"), "{told:?}");
}

#[test]
fn any_change_of_a_policy_changes_the_fingerprint_and_nothing_else_does() {
    let root = directory(&[("a.yaml", "a: 1"), ("b/c.yaml", "c: 1")]);
    let print = || fingerprint(root.path(), policy::is_source);
    let first = print();
    assert_eq!(first, print());
    std::fs::write(root.path().join("README.md"), "words").unwrap();
    std::fs::write(root.path().join("a_test.yaml"), "suite").unwrap();
    assert_eq!(first, print());
    std::fs::write(root.path().join("b/c.yaml"), "c: 22").unwrap();
    let second = print();
    assert_ne!(first, second);
    std::fs::rename(root.path().join("a.yaml"), root.path().join("d.yaml")).unwrap();
    assert_ne!(second, print());
}

#[cfg(unix)]
mod unix {
    use super::*;

    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    /// As a cluster mounts a config map: visible names are links into `..data`, itself a link.
    #[test]
    fn a_mounted_volume_is_read_through_its_links() {
        let root = directory(&[("..2026_11/bundle.yaml", "a: 1"), ("..2026_11/authority/x.yaml", "x: 1")]);
        symlink("..2026_11", root.path().join("..data")).unwrap();
        symlink("..data/bundle.yaml", root.path().join("bundle.yaml")).unwrap();
        symlink("..data/authority", root.path().join("authority")).unwrap();
        assert_eq!(paths(root.path()), ["authority/x.yaml", "bundle.yaml"]);
    }

    #[test]
    fn links_that_lead_back_or_nowhere_are_named() {
        let root = directory(&[("a/b.yaml", "b: 1")]);
        symlink("..", root.path().join("a/up")).unwrap();
        symlink("gone", root.path().join("c.yaml")).unwrap();
        // An editor's lock; nobody asked for it.
        symlink("user@host", root.path().join(".#b.yaml")).unwrap();
        let back = "the link leads back to a directory it lies in".to_owned();
        let gone = "can't be read: it is not there".to_owned();
        assert_eq!(faults(root.path()), [("a/up".into(), back), ("c.yaml".into(), gone)]);
    }

    #[test]
    fn what_is_no_file_is_not_opened() {
        let root = directory(&[]);
        let made = std::process::Command::new("mkfifo").arg(root.path().join("pipe.yaml")).status();
        assert!(made.unwrap().success());
        let message = "it is no ordinary file and can't be read".to_owned();
        assert_eq!(faults(root.path()), [("pipe.yaml".into(), message)]);
    }

    #[test]
    fn a_name_that_is_no_text_is_told() {
        let root = directory(&[]);
        std::fs::write(root.path().join(std::ffi::OsStr::from_bytes(b"\xbd\xf0.yaml")), "a: 1").unwrap();
        let told = faults(root.path());
        assert!(told.len() == 1 && policy::is_source(&told[0].0), "{told:?}");
    }
}
