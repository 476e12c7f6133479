//! Why a journal can't be kept, in words for those who can mend it.

use std::io;

use crate::both;
use crate::text::Bilingual;

/// Why entries can't be kept now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{said}")]
pub struct Trouble {
    pub said: Bilingual,
}

impl Trouble {
    pub fn new(said: Bilingual) -> Self {
        Self { said }
    }

    /// What the system says, where it is known in our own words.
    pub fn of(error: &io::Error) -> Self {
        use io::ErrorKind as Kind;
        let kind = error.kind();
        Self::new(if kind == Kind::StorageFull || kind == Kind::QuotaExceeded {
            both!("决策日志所在的磁盘已满", "the disk of the decision log is full")
        } else if kind == Kind::ReadOnlyFilesystem {
            both!("决策日志所在的磁盘是只读的", "the disk of the decision log is read-only")
        } else if kind == Kind::PermissionDenied {
            both!("没有权限写决策日志的目录", "the directory of the decision log may not be written")
        } else if kind == Kind::NotFound {
            both!("决策日志的目录或文件不见了", "the directory of the decision log, or a file in it, is gone")
        } else {
            both!("决策日志的磁盘出错：{error}", "the disk of the decision log fails: {error}")
        })
    }

    /// A file was deleted, or its directory moved, while it was written.
    pub fn gone() -> Self {
        Self::of(&io::ErrorKind::NotFound.into())
    }

    pub fn slow() -> Self {
        Self::new(both!("决策日志的磁盘没有应答", "the disk of the decision log does not answer"))
    }

    pub fn stopped() -> Self {
        Self::new(both!("决策日志已经停止", "the decision log has stopped"))
    }
}

/// Why a journal can't be begun.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("another service writes to `{0}`; give each its own directory")]
    Taken(String),
    #[error("`{path}` can't be used for the decision log: {source}")]
    Unusable { path: String, source: io::Error },
    #[error("the decision log can't be begun: {0}")]
    Trouble(#[from] Trouble),
    #[error(
        "the decision log ends at entry {end}, and the checkpoint of {at} knows entry {known}: its end has been cut off \
         or written anew. `redress log verify` tells more; to begin another log, name an empty directory"
    )]
    BehindCheckpoint { end: u64, known: u64, at: String },
    #[error("can't start the thread that writes the decision log: {0}")]
    Thread(#[source] io::Error),
}
