//! Keeps up with a policy directory: every change of its contents becomes the live bundle, or is refused and told.
//!
//! The contents decide. What the system tells of files says when to look, its events only say it sooner: they miss a
//! directory that is put in another's place and the swap of a mounted volume. A set is read once it has come to rest,
//! on a thread of its own, and tried once. What is live is told by `live`; knows nothing of the wire.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{io, iter, panic};

use tracing::{error, info, warn};

use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes, render};
use crate::disk::{self, Files, Fingerprint, Unreadable};
use crate::live::Live;
use crate::policy::{self, Bundle, Rejected};
use crate::source::{self, Sources};
use crate::text::Language;

mod events;

use events::Events;

/// How long a directory is left alone after a look at it, when no event says otherwise…
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// …and how much longer for each of its files, so that looking stays cheap however many there are.
const LOOK_EVERY_FILE: Duration = Duration::from_micros(25);

/// How long events are gathered before a look: a directory beside a busy one must not cost a core.
const GATHER: Duration = Duration::from_millis(10);

/// How long the files must not have changed before they are read. A file written in two goes is read after the second,
/// and no later change can carry the time of one that was read: the clocks of file systems tick faster.
const REST: Duration = Duration::from_millis(40);

/// After how many looks the contents are read although nothing seems to have changed: some file systems tell little.
const READ_EVERY: u32 = 30;

/// How many looks in a row at a directory that does not come to rest before that is logged.
const RESTLESS: u32 = 50;

/// How often, and how many times, to see whether the last call on a replaced bundle has ended.
const LAST_CALLS_EVERY: Duration = Duration::from_millis(5);
const LAST_CALLS_LOOKS: u32 = 100;

/// The stack of the thread that loads: a nested expression needs more of it than a server's threads have to spare.
const STACK_BYTES: usize = 8 << 20;

/// A policy directory as it was last read.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
    seen: Fingerprint,
    /// Whether what was seen was also read.
    read: bool,
    /// The contents that were last tried, by digest; the same are not tried again.
    tried: Option<Result<String, Unreadable>>,
    looks: u32,
}

/// What a look at a directory came to.
#[derive(Debug)]
pub enum Look {
    /// As it was.
    Same,
    /// It is being changed: look again soon.
    Restless,
    /// Other contents than before, and what they came to.
    Changed(Box<Result<Bundle, Rejected>>),
}

impl Directory {
    /// A directory that was not looked at yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let seen = disk::fingerprint(&root, policy::is_source);
        Self { root, seen, read: false, tried: None, looks: 0 }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Loads it as it is, whether or not it has changed: the first load of a server.
    pub fn load(&mut self) -> Result<Bundle, Rejected> {
        let files = disk::read(&self.root, policy::is_source);
        self.tried = Some(contents(&files));
        load(files)
    }

    /// Looks whether it has changed, and loads it if it has and has come to rest.
    pub fn look(&mut self) -> Look {
        self.looks = self.looks.wrapping_add(1);
        let seen = disk::fingerprint(&self.root, policy::is_source);
        if seen != self.seen {
            self.seen = seen;
            self.read = false;
            return Look::Restless;
        }
        if self.read && !self.looks.is_multiple_of(READ_EVERY) {
            return Look::Same;
        }
        let files = disk::read(&self.root, policy::is_source);
        let after = disk::fingerprint(&self.root, policy::is_source);
        if after != self.seen {
            self.seen = after;
            self.read = false;
            return Look::Restless;
        }
        self.read = true;
        let tried = Some(contents(&files));
        if self.tried == tried {
            return Look::Same;
        }
        self.tried = tried;
        Look::Changed(Box::new(load(files)))
    }

    /// Lets the next look load what is there, although it was tried before.
    fn forget(&mut self) {
        self.read = false;
        self.tried = None;
    }

    /// How long to leave it alone.
    fn pause(&self) -> Duration {
        let files = u32::try_from(self.seen.count).unwrap_or(u32::MAX);
        LOOK_EVERY.saturating_add(LOOK_EVERY_FILE.saturating_mul(files))
    }
}

fn contents(files: &Result<Files, Unreadable>) -> Result<String, Unreadable> {
    files.as_ref().map(|files| source::digest(&files.files)).map_err(Clone::clone)
}

/// Loads what was read. A loader that panics must not end the watch without a word.
fn load(files: Result<Files, Unreadable>) -> Result<Bundle, Rejected> {
    let files = files.map_err(Unreadable::into_rejected)?.files;
    guarded(|| policy::load(files))
}

fn guarded(load: impl FnOnce() -> Result<Bundle, Rejected> + panic::UnwindSafe) -> Result<Bundle, Rejected> {
    panic::catch_unwind(load).unwrap_or_else(|_| Err(failed()))
}

fn failed() -> Rejected {
    let message =
        both!("加载程序自身出错，这一版规则没有生效", "the loader itself failed; these policies did not go live");
    let help = both!("请把这份策略和日志发给维护者", "report it with these policies and the log");
    let sources = Sources::new(iter::empty::<(String, Vec<u8>)>(), &mut Problems::default());
    let problem = Diagnostic::error(codes::LOADER_FAILED, Span::new(0, 0..0), message).help(help);
    Rejected { sources, problems: vec![problem] }
}

/// A thread that keeps up with a directory; it ends when this is dropped.
#[derive(Debug)]
pub struct Watch {
    stop: Arc<AtomicBool>,
    told: Arc<AtomicBool>,
    wake: SyncSender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Looks at `directory` from now on, and hands every change to `change`, on a thread of its own.
    pub fn start(
        directory: Directory,
        change: impl FnMut(Result<Bundle, Rejected>) + Send + 'static,
    ) -> io::Result<Self> {
        // One place: any number of events is one reason to look.
        let (wake, woken) = sync_channel(1);
        let stop = Arc::new(AtomicBool::new(false));
        let events = Events::new(wake.clone());
        let told = Arc::new(AtomicBool::new(false));
        let (stopped, told_to_look) = (Arc::clone(&stop), Arc::clone(&told));
        let thread = thread::Builder::new()
            .name("policies".into())
            .stack_size(STACK_BYTES)
            .spawn(move || keep_up(directory, events, &woken, [&stopped, &told_to_look], change))?;
        Ok(Self { stop, told, wake, thread: Some(thread) })
    }

    /// Reads and loads the directory again, whether or not it seems to have changed: whoever asks for it is told in the
    /// log what it came to.
    pub fn load_again(&self) {
        self.told.store(true, Ordering::Relaxed);
        // A full place wakes it as well.
        let _ = self.wake.try_send(());
    }
}

/// Keeps `live` up with `directory`: what loads goes live at once, what is refused is logged and remembered, and the
/// bundle that is live stays.
pub fn follow(directory: Directory, live: Arc<Live>, language: Language) -> io::Result<Watch> {
    Watch::start(directory, move |loaded| match loaded {
        Ok(bundle) => take(&live, bundle, language),
        Err(Rejected { sources, problems }) => {
            let (digest, count) = (live.current().digest().to_owned(), problems.len());
            let report = render::short(&problems, &sources, language);
            // Before it is logged: whoever reads the log and asks shall be told the same.
            live.reload_failed(sources, problems);
            for line in report.lines() {
                error!("{line}");
            }
            error!(problems = count, live = digest, "the changed policies are refused; those before stay live");
        }
    })
}

fn take(live: &Live, bundle: Bundle, language: Language) {
    let before = live.snapshot();
    if before.digest() == bundle.digest() {
        info!(digest = bundle.digest(), "the policies are again the ones that are live");
        return live.unchanged();
    }
    let (digest, report) = (bundle.digest().to_owned(), render::short(bundle.warnings(), bundle.sources(), language));
    live.replace(bundle);
    for line in report.lines() {
        warn!("{line}");
    }
    info!(digest, before = before.digest(), "changed policies are live");
    // Taking a large bundle down takes a while; it shall not be a call that does it.
    for _ in 0..LAST_CALLS_LOOKS {
        if Arc::strong_count(&before) == 1 {
            break;
        }
        thread::sleep(LAST_CALLS_EVERY);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // A full place wakes it as well.
        let _ = self.wake.try_send(());
        if let Some(thread) = self.thread.take() {
            // It has logged why, if it came to a bad end.
            let _ = thread.join();
        }
    }
}

fn keep_up(
    mut directory: Directory,
    mut events: Events,
    woken: &Receiver<()>,
    [stop, told]: [&AtomicBool; 2],
    mut change: impl FnMut(Result<Bundle, Rejected>),
) {
    let mut restless: u32 = 0;
    loop {
        events.follow(&directory.root, directory.seen.root);
        if told.swap(false, Ordering::Relaxed) {
            directory.forget();
        }
        let look = directory.look();
        restless = if matches!(look, Look::Restless) { restless.saturating_add(1) } else { 0 };
        let pause = match look {
            Look::Same => directory.pause(),
            Look::Restless => REST,
            Look::Changed(loaded) => {
                change(*loaded);
                directory.pause()
            }
        };
        if restless == RESTLESS {
            let root = directory.root.display();
            warn!(directory = %root, "the policy directory keeps changing; it is read once it comes to rest");
        }
        if restless > 0 {
            // Events only say what is known: that it is being changed.
            thread::sleep(pause);
        } else {
            match woken.recv_timeout(pause) {
                Ok(()) => thread::sleep(GATHER),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    info!(directory = %directory.root.display(), "no longer watching the policy directory");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loader_that_panics_refuses_the_policies() {
        let rejected = guarded(|| panic!("a mistake of ours")).unwrap_err();
        assert_eq!(rejected.problems[0].code, codes::LOADER_FAILED);
    }
}
