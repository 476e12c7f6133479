//! The decision log: every answer is kept before it is given, in segments of a directory, each entry following from
//! the one before.
//!
//! One thread writes; calls hand it their answers and wait, so that no runtime ever waits for a disk, and many answers
//! share one `fdatasync`. While entries can't be kept there are no answers, and the service says that it is not ready;
//! it takes up again by itself. Knows neither the wire nor what an answer means.
//!
//! `Answered → thread → Writer → Storage`; what is closed, exported and retired: `chores`

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use crate::clock;
use crate::policy::Bundle;
use crate::record::entry::{Call, Granted, Retired, Withheld};
use crate::value::Instant;

mod chores;
pub mod directory;
pub mod figures;
pub mod pack;
pub mod reading;
mod storage;
mod thread;
mod trouble;
mod writer;

pub use chores::Export;
pub use directory::Directory;
pub use figures::Figures;
pub use thread::{Options, Running, start};
pub use trouble::{OpenError, Trouble};
pub use writer::Limits;

/// What an answer waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Durability {
    /// Until the disk has it: a loss of power loses no answer that was given.
    Fsync,
    /// Until the system has it: the end of the service loses no answer, a loss of power may lose the last second's.
    Os,
    /// For nothing: the end of the service may lose the last answers.
    None,
}

impl Durability {
    pub fn word(self) -> &'static str {
        match self {
            Self::Fsync => "fsync",
            Self::Os => "os",
            Self::None => "none",
        }
    }
}

/// One answer, to be kept.
#[derive(Debug)]
pub struct Answered {
    pub id: String,
    pub call: Call,
    pub received_at: Instant,
    pub took: Duration,
    pub bundle: Arc<Bundle>,
    pub caller: Box<str>,
    pub role_origin: &'static str,
    pub withheld: Vec<Withheld>,
    pub grant: Option<Granted>,
    /// As protobuf.
    pub request: Vec<u8>,
    pub answer: Vec<u8>,
}

/// Whether entries are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Well,
    Failing(Trouble),
}

/// What the writing thread is told.
#[derive(Debug)]
enum Message {
    Answers {
        answers: Vec<Answered>,
        /// `None` where nobody waits.
        done: Option<oneshot::Sender<Result<(), Trouble>>>,
    },
    Retire(Retired),
}

/// Takes answers to be kept.
#[derive(Debug, Clone)]
pub struct Journal {
    messages: mpsc::Sender<Message>,
    standing: Arc<watch::Sender<Standing>>,
    figures: Arc<Figures>,
    durability: Durability,
    patience: Duration,
}

impl Journal {
    /// Keeps answers, together or not at all, as well as was promised. They may be given once this has returned.
    pub async fn keep(&self, answers: Vec<Answered>) -> Result<(), Trouble> {
        if let Standing::Failing(trouble) = &*self.standing.borrow() {
            return Err(trouble.clone());
        }
        let kept = tokio::time::timeout(self.patience, self.hand_over(answers));
        kept.await.unwrap_or_else(|_| {
            let slow = Trouble::slow();
            let news = self.standing.send_if_modified(|standing| {
                let was_well = *standing == Standing::Well;
                if was_well {
                    *standing = Standing::Failing(slow.clone());
                }
                was_well
            });
            if news {
                self.figures.troubled(clock::now());
            }
            Err(slow)
        })
    }

    async fn hand_over(&self, answers: Vec<Answered>) -> Result<(), Trouble> {
        let stopped = || Trouble::stopped();
        let room = self.messages.reserve().await.map_err(|_| stopped())?;
        if let Some(first) = answers.first() {
            self.figures.handed(answers.len(), first.received_at);
        }
        if self.durability == Durability::None {
            room.send(Message::Answers { answers, done: None });
            return Ok(());
        }
        let (done, kept) = oneshot::channel();
        room.send(Message::Answers { answers, done: Some(done) });
        kept.await.map_err(|_| stopped())?
    }

    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    pub fn figures(&self) -> &Figures {
        &self.figures
    }
}

#[cfg(test)]
mod faulty;
#[cfg(test)]
mod tests;
