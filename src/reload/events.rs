//! The system's events about a directory: they only say sooner what a look would find.

use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tracing::warn;

/// Wakes whoever looks at a directory when something happens there.
pub(super) struct Events {
    watcher: Option<RecommendedWatcher>,
    /// What is watched, and which directory of that path it was.
    watched: Option<(Vec<PathBuf>, u64)>,
}

impl Events {
    /// No directory is watched yet. Where the system has no events to give, that is logged, and looking must do.
    pub fn new(wake: SyncSender<()>) -> Self {
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading a file is an event too: one that would never end.
            if !event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
                let _ = wake.try_send(());
            }
        });
        let watcher = watcher.inspect_err(without_events).ok();
        Self { watcher, watched: None }
    }

    /// Watches `root` and the directory it lies in, unless it does already; `identity` tells one directory at that path
    /// from another.
    pub fn follow(&mut self, root: &Path, identity: u64) {
        let Some(watcher) = &mut self.watcher else { return };
        if self.watched.as_ref().is_some_and(|(_, known)| *known == identity) {
            return;
        }
        for path in self.watched.take().into_iter().flat_map(|(paths, _)| paths) {
            // What is gone is no longer watched anyway.
            let _ = watcher.unwatch(&path);
        }
        let mut watched = Vec::new();
        if let Some(parent) = std::path::absolute(root).ok().as_deref().and_then(Path::parent)
            && watcher.watch(parent, RecursiveMode::NonRecursive).is_ok()
        {
            watched.push(parent.to_owned());
        }
        match watcher.watch(root, RecursiveMode::Recursive) {
            Ok(()) => watched.push(root.to_owned()),
            // A directory that is not there is told when it is read.
            Err(error) if root.exists() => without_events(&error),
            Err(_) => {}
        }
        self.watched = Some((watched, identity));
    }
}

fn without_events(error: &notify::Error) {
    warn!(%error, "no events about the policy directory; changes are found by looking, a little later");
}
