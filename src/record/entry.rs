//! What the lines of a log hold: the answers, and what happened to the log itself.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What one line may hold: an object with at least one field.
pub trait Body: Serialize {
    /// The word by which lines of this kind begin.
    const KIND: &'static str;
}

macro_rules! body {
    ($word:literal $(#[$doc:meta])* pub struct $name:ident { $($fields:tt)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Deserialize)]
        pub struct $name { $($fields)* }

        impl Body for $name {
            const KIND: &'static str = $word;
        }
    };
}

body! { "segment"
    /// A segment begins.
    pub struct Segment {
        /// The log's own name, from its first segment on.
        pub log: String,
        /// As in the file's name.
        pub number: u64,
        pub at: String,
        /// How lines are written: 1.
        pub format: u32,
    }
}

body! { "started"
    /// A service began to write.
    pub struct Started {
        pub at: String,
        /// The program and its version: another one may answer otherwise.
        pub program: String,
        /// What an answer waits for: `fsync`, `os` or `none`.
        pub durability: String,
    }
}

body! { "stopped"
    /// A service stopped in good order.
    pub struct Stopped {
        pub at: String,
    }
}

body! { "repaired"
    /// The end of a segment was no whole entry, as after a loss of power, and was put aside.
    pub struct Repaired {
        pub at: String,
        pub segment: u64,
        pub cut_bytes: u64,
        /// Whole entries among them, which nobody had been given.
        pub whole_entries: u64,
        /// The file that holds the bytes now, and their digest.
        pub kept: String,
        pub digest: String,
    }
}

body! { "resumed"
    /// Entries could not be kept for a while; calls in that time had no answer.
    pub struct Resumed {
        pub at: String,
        /// What was wrong.
        pub after: String,
    }
}

body! { "retired"
    /// Segments had been kept long enough and were deleted.
    pub struct Retired {
        pub at: String,
        pub first: u64,
        pub last: u64,
        /// The last entry in them, by number and hash.
        pub through: u64,
        pub through_hash: String,
    }
}

body! { "answer"
    /// An answer was given.
    pub struct Answer {
        /// The decision id.
        pub id: String,
        pub call: Call,
        /// The service's clock: the moment of the answer, unless the request names another.
        pub received_at: String,
        /// Microseconds from the request to the answer, without the time to record it.
        pub took_us: u64,
        pub bundle: String,
        /// Who called, as the service identified the caller; empty where nobody has to show it.
        pub caller: String,
        /// Why the role of the actor was believed.
        pub role_origin: String,
        /// Facts of the request that are not as they were sent, with what became of them.
        pub withheld: Vec<Withheld>,
        /// The answer for people, and what logs are searched by.
        pub shown: Box<RawValue>,
        /// The grant that went with it; its token is nowhere: whoever has it may be paid.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub grant: Option<Granted>,
        /// The request as protobuf, in base64.
        pub request: String,
        /// The answer as protobuf, in base64.
        pub answer: String,
    }
}

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Call {
    Authorize,
    Decide,
}

/// What is kept of a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// From when it was refused.
    pub expires_at: String,
    /// Name of the key that signed it.
    pub key: String,
}

/// A fact that a record does not hold as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    pub path: String,
    #[serde(rename = "as")]
    pub how: Withholding,
}

/// What becomes of a personal fact in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Withholding {
    /// A token stands for it: the same for the same text.
    Hash,
    /// It is left out.
    Drop,
}

/// Whether a line is of this kind.
pub fn is<B: Body>(line: &[u8]) -> bool {
    let word = line.strip_prefix(b"{\"kind\":\"").and_then(|rest| rest.strip_prefix(B::KIND.as_bytes()));
    word.is_some_and(|rest| rest.starts_with(b"\""))
}

/// What a line holds, if it is of this kind.
pub fn read<B: Body + DeserializeOwned>(line: &[u8]) -> Option<B> {
    if is::<B>(line) { serde_json::from_slice(line).ok() } else { None }
}

/// The first line of a segment.
pub fn written_segment(log: &str, number: u64, at: &str) -> Segment {
    Segment { log: log.into(), number, at: at.into(), format: 1 }
}
