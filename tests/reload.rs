//! A policy directory is changed in every way people and programs change one; what is live follows.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::sleep;
use std::time::{Duration, Instant};

use redress::live::Live;
use redress::policy::{self, Rejected};
use redress::reload::{self, Directory, Look, Watch};
use redress::text::Language;
use redress::{disk, embedded};

/// How long a change may take to be live, on a machine that has other things to do as well; alone it takes 250 ms.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait before something is believed not to happen.
const QUIET: Duration = Duration::from_millis(600);

const CAP: &str = "parameters/compensation.yaml";

struct Desk {
    root: tempfile::TempDir,
    policies: PathBuf,
    live: Arc<Live>,
    _watch: Watch,
}

impl Desk {
    /// A server that follows a copy of the shipped policies.
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let policies = root.path().join("policies");
        write(&policies, &shipped());
        Self::following(root, policies)
    }

    fn following(root: tempfile::TempDir, policies: PathBuf) -> Self {
        let mut directory = Directory::new(&policies);
        let live = Arc::new(Live::new(directory.load().unwrap()));
        let watch = reload::follow(directory, Arc::clone(&live), Language::English).unwrap();
        Self { root, policies, live, _watch: watch }
    }

    fn digest(&self) -> String {
        self.live.current().digest().to_owned()
    }

    /// Codes of the problems that keep the newest policies from being live.
    fn refused(&self) -> Vec<&'static str> {
        let status = self.live.status();
        status.refused.iter().flat_map(|refused| &refused.diagnostics).map(|problem| problem.code.0).collect()
    }

    /// Changes something, and waits until another bundle is live.
    fn changes(&self, change: impl FnOnce()) {
        let before = self.digest();
        change();
        self.becomes("live", || self.digest() != before && self.refused().is_empty());
    }

    /// Changes something, and waits until it is refused; what was live stays.
    fn refuses(&self, change: impl FnOnce()) -> Vec<&'static str> {
        let before = self.digest();
        change();
        self.becomes("refused", || !self.refused().is_empty());
        assert_eq!(self.digest(), before, "the last good policies stay");
        self.refused()
    }

    fn becomes(&self, what: &str, is: impl Fn() -> bool) {
        let begun = Instant::now();
        while !is() {
            assert!(begun.elapsed() < PATIENCE, "the change is not {what}; problems: {:?}", self.refused());
            sleep(Duration::from_millis(5));
        }
    }
}

fn shipped() -> Vec<(String, Vec<u8>)> {
    embedded::policies()
}

/// The shipped policies with one number changed.
fn edited(cap: &str) -> Vec<(String, Vec<u8>)> {
    let mut files = shipped();
    let (_, bytes) = files.iter_mut().find(|(path, _)| path == CAP).unwrap();
    *bytes = with_comment(bytes, cap);
    files
}

fn with_comment(bytes: &[u8], comment: &str) -> Vec<u8> {
    [bytes, b"\n# ", comment.as_bytes(), b"\n"].concat()
}

fn write(root: &Path, files: &[(String, Vec<u8>)]) {
    disk::write(root, files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))).unwrap();
}

#[test]
fn an_edit_is_live_and_the_one_after_it_too() {
    let desk = Desk::new();
    let file = desk.policies.join(CAP);
    let first = desk.digest();
    let text = fs::read(&file).unwrap();
    desk.changes(|| fs::write(&file, with_comment(&text, "one")).unwrap());
    desk.changes(|| fs::write(&file, with_comment(&text, "two")).unwrap());
    desk.changes(|| fs::write(&file, &text).unwrap());
    assert_eq!(desk.digest(), first, "the same contents are the same bundle");
}

#[test]
fn a_file_put_in_the_place_of_another_is_live() {
    let desk = Desk::new();
    let (file, fresh) = (desk.policies.join(CAP), desk.policies.join(".fresh"));
    fs::write(&fresh, with_comment(&fs::read(&file).unwrap(), "renamed over")).unwrap();
    desk.changes(|| fs::rename(&fresh, &file).unwrap());
}

#[test]
fn an_edit_that_keeps_size_and_time_is_live() {
    let desk = Desk::new();
    let file = desk.policies.join(CAP);
    let text = fs::read(&file).unwrap();
    desk.changes(|| fs::write(&file, with_comment(&text, "aaa")).unwrap());
    let time = fs::metadata(&file).unwrap().modified().unwrap();
    desk.changes(|| {
        fs::write(&file, with_comment(&text, "bbb")).unwrap();
        fs::File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
    });
}

#[test]
fn another_directory_in_its_place_is_live_and_followed() {
    let desk = Desk::new();
    let (next, old) = (desk.root.path().join("next"), desk.root.path().join("old"));
    write(&next, &edited("swapped"));
    desk.changes(|| {
        fs::rename(&desk.policies, &old).unwrap();
        fs::rename(&next, &desk.policies).unwrap();
    });
    let file = desk.policies.join(CAP);
    desk.changes(|| fs::write(&file, with_comment(&fs::read(&file).unwrap(), "after the swap")).unwrap());
}

#[test]
fn a_broken_policy_is_refused_told_and_mended() {
    let desk = Desk::new();
    let file = desk.policies.join(CAP);
    let (text, loaded) = (fs::read(&file).unwrap(), desk.live.status().loaded_at);
    let problems = desk.refuses(|| fs::write(&file, "parameters: [\n").unwrap());
    assert!(problems.contains(&"E0003"), "{problems:?}");
    assert_eq!(desk.live.status().loaded_at, loaded);
    // It is tried once: the time of the refusal stands.
    let refused_at = || desk.live.status().refused.as_ref().map(|refused| refused.at);
    let first = refused_at();
    sleep(QUIET);
    assert_eq!(refused_at(), first);
    // Back to what is live: nothing is refused any longer, and nothing was loaded anew.
    fs::write(&file, &text).unwrap();
    desk.becomes("taken back", || desk.refused().is_empty());
    assert_eq!(desk.live.status().loaded_at, loaded);
}

#[test]
fn what_is_not_there_is_broken_and_not_empty() {
    let desk = Desk::new();
    let file = desk.policies.join(CAP);
    assert!(desk.refuses(|| fs::write(&file, "").unwrap()).contains(&"E0001"));
    desk.changes(|| fs::write(&file, edited("back").iter().find(|(path, _)| path == CAP).unwrap().1.clone()).unwrap());

    // Every file gone, the directory still there.
    desk.refuses(|| {
        fs::remove_dir_all(&desk.policies).unwrap();
        fs::create_dir(&desk.policies).unwrap();
    });
    desk.changes(|| write(&desk.policies, &edited("filled again")));

    // The directory itself gone.
    assert_eq!(desk.refuses(|| fs::remove_dir_all(&desk.policies).unwrap()), ["E0007"]);
    desk.changes(|| write(&desk.policies, &edited("made again")));
}

#[test]
fn what_changes_no_policy_is_no_reload() {
    let desk = Desk::new();
    let (file, loaded) = (desk.policies.join(CAP), desk.live.status().loaded_at);
    let text = fs::read(&file).unwrap();
    fs::write(&file, &text).unwrap();
    fs::write(desk.policies.join("README.md"), "words").unwrap();
    fs::write(desk.policies.join("authority/compensation_test.yaml"), "suite: x").unwrap();
    fs::write(desk.policies.join(".bundle.yaml.swp"), "swap").unwrap();
    sleep(QUIET);
    assert_eq!(desk.live.status().loaded_at, loaded);
    assert!(desk.refused().is_empty());
}

/// What becomes of a change in several steps, `pause` apart: everything that was loaded or refused on the way. On a
/// machine too busy to keep the pace it is tried again.
fn outcomes(steps: &[(&str, &[u8])], pause: Duration) -> Vec<Result<String, Rejected>> {
    const IN_PACE: Duration = Duration::from_millis(30);
    for _ in 0..20 {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &shipped());
        let mut directory = Directory::new(root.path());
        directory.load().unwrap();
        let (sender, outcomes) = mpsc::channel();
        let watch = Watch::start(directory, move |loaded| {
            sender.send(loaded.map(|bundle| bundle.digest().to_owned())).unwrap();
        });
        sleep(Duration::from_millis(120));
        let mut longest = Duration::ZERO;
        for (path, bytes) in steps {
            let begun = Instant::now();
            fs::write(root.path().join(path), bytes).unwrap();
            sleep(pause);
            longest = longest.max(begun.elapsed());
        }
        let first = outcomes.recv_timeout(PATIENCE).unwrap();
        sleep(QUIET);
        drop(watch);
        if longest < IN_PACE {
            return [first].into_iter().chain(outcomes.try_iter()).collect();
        }
    }
    panic!("the machine is too busy");
}

#[test]
fn a_file_saved_in_two_goes_is_read_after_the_second() {
    let text = with_comment(&shipped().into_iter().find(|(path, _)| path == CAP).unwrap().1, "in two goes");
    // Cut within a word, so that the first half is no policy.
    let half = text.windows(6).position(|bytes| bytes == b"title:").unwrap() + 3;
    let outcomes = outcomes(&[(CAP, &text[..half]), (CAP, &text)], Duration::from_millis(15));
    assert!(matches!(outcomes.as_slice(), [Ok(_)]), "{outcomes:?}");
}

#[test]
fn a_change_of_several_files_is_live_as_one() {
    let mut files = shipped();
    for (_, bytes) in &mut files {
        *bytes = with_comment(bytes, "changed with all the others");
    }
    let steps: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let outcomes = outcomes(&steps, Duration::from_millis(2));
    let whole = policy::load(files.clone()).unwrap().digest().to_owned();
    assert!(matches!(outcomes.as_slice(), [Ok(digest)] if *digest == whole), "{outcomes:?}");
}

#[test]
fn without_events_two_looks_find_a_change() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), &shipped());
    let mut directory = Directory::new(root.path());
    directory.load().unwrap();
    assert!(matches!(directory.look(), Look::Same));
    write(root.path(), &edited("seen by looking"));
    assert!(matches!(directory.look(), Look::Restless));
    assert!(matches!(directory.look(), Look::Changed(loaded) if loaded.is_ok()));
    assert!(matches!(directory.look(), Look::Same));
    fs::remove_dir_all(root.path()).unwrap();
    assert!(matches!(directory.look(), Look::Restless));
    assert!(matches!(directory.look(), Look::Changed(loaded) if loaded.is_err()));
    assert!(matches!(directory.look(), Look::Same));
}

#[cfg(unix)]
#[test]
fn a_mounted_volume_is_followed_through_its_swap() {
    use std::os::unix::fs::symlink;

    let root = tempfile::tempdir().unwrap();
    let policies = root.path().join("policies");
    write(&policies.join("..one"), &shipped());
    symlink("..one", policies.join("..data")).unwrap();
    for entry in fs::read_dir(policies.join("..one")).unwrap() {
        let name = entry.unwrap().file_name();
        symlink(Path::new("..data").join(&name), policies.join(&name)).unwrap();
    }
    let desk = Desk::following(root, policies.clone());
    desk.changes(|| {
        write(&policies.join("..two"), &edited("mounted anew"));
        symlink("..two", policies.join("..data_tmp")).unwrap();
        fs::rename(policies.join("..data_tmp"), policies.join("..data")).unwrap();
        fs::remove_dir_all(policies.join("..one")).unwrap();
    });
}

#[cfg(unix)]
#[test]
fn a_link_to_a_release_is_followed_through_its_swap() {
    use std::os::unix::fs::symlink;

    let root = tempfile::tempdir().unwrap();
    let (one, two, policies) = (root.path().join("1"), root.path().join("2"), root.path().join("live"));
    write(&one, &shipped());
    write(&two, &edited("second release"));
    symlink(&one, &policies).unwrap();
    let fresh = root.path().join("live.new");
    symlink(&two, &fresh).unwrap();
    let desk = Desk::following(root, policies.clone());
    desk.changes(|| fs::rename(&fresh, &policies).unwrap());
}
