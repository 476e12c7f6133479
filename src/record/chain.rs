//! Lines that follow from each other: each is one JSON object, ends with its number, the hash of the line before and
//! its own, and can't be changed, left out or moved without the next one showing it.
//!
//! The hash is over the bytes of the line itself, so nobody has to agree on how JSON is laid out.

use std::fmt;

use super::entry::Body;

/// The bytes of a digest.
pub const DIGEST_BYTES: usize = 32;

/// `,"hash":"` and 64 digits and `"}`.
const HASH_BYTES: usize = 9 + 64 + 2;
/// `,"prev":"` and 64 digits and `"`.
const PREV_BYTES: usize = 9 + 64 + 1;

/// A BLAKE3 hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Digest(pub [u8; DIGEST_BYTES]);

impl Digest {
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The digest that 64 hexadecimal digits write.
    pub fn parse(text: &str) -> Option<Self> {
        blake3::Hash::from_hex(text).ok().map(|hash| Self(*hash.as_bytes()))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from(self.0).to_hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where a chain ends: the number and the hash of its last entry. Entries count from 1; before the first the hash is
/// all zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    pub seq: u64,
    pub hash: Digest,
}

/// How a line says that it hangs together with the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    pub seq: u64,
    pub prev: Digest,
    /// As the line states it.
    pub hash: Digest,
    /// Whether the line's bytes have that hash.
    pub sound: bool,
}

impl Link {
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }

    /// Whether it is sound and the next after `head`.
    pub fn follows(&self, head: Head) -> bool {
        self.sound && head.seq.checked_add(1) == Some(self.seq) && self.prev == head.hash
    }
}

/// Writes `body` to the end of `out` as the line after `head`, and tells the new end of the chain.
pub fn append<B: Body>(out: &mut Vec<u8>, head: Head, body: &B) -> serde_json::Result<Head> {
    let begin = out.len();
    let seq = head.seq.saturating_add(1);
    out.extend_from_slice(format!("{{\"kind\":\"{}\"", B::KIND).as_bytes());
    let inside = out.len();
    let written = serde_json::to_writer(&mut *out, body);
    if let Err(problem) = written {
        out.truncate(begin);
        return Err(problem);
    }
    // The body's own braces make room for what stands before and after it.
    if let Some(brace) = out.get_mut(inside) {
        *brace = b',';
    }
    out.pop();
    out.extend_from_slice(format!(",\"seq\":{seq},\"prev\":\"{}\"", head.hash).as_bytes());
    let hash = Digest::of(out.get(begin..).unwrap_or_default());
    out.extend_from_slice(format!(",\"hash\":\"{hash}\"}}\n").as_bytes());
    Ok(Head { seq, hash })
}

/// What a line says of itself; `None` if it is no line of a chain. Without the end of the line.
pub fn read(line: &[u8]) -> Option<Link> {
    let (content, hash) = line.split_at_checked(line.len().checked_sub(HASH_BYTES)?)?;
    let hash = digest(hash.strip_prefix(b",\"hash\":\"")?.strip_suffix(b"\"}")?)?;
    let (rest, prev) = content.split_at_checked(content.len().checked_sub(PREV_BYTES)?)?;
    let prev = digest(prev.strip_prefix(b",\"prev\":\"")?.strip_suffix(b"\"")?)?;
    let digits = rest.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (rest, seq) = rest.split_at_checked(rest.len().checked_sub(digits)?)?;
    let seq = std::str::from_utf8(seq).ok()?.parse().ok()?;
    (line.starts_with(b"{\"kind\":\"") && rest.ends_with(b",\"seq\":")).then_some(())?;
    Some(Link { seq, prev, hash, sound: Digest::of(content) == hash })
}

fn digest(digits: &[u8]) -> Option<Digest> {
    Digest::parse(std::str::from_utf8(digits).ok()?)
}

/// How much of a segment is whole: up to where its lines follow from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole {
    pub bytes: usize,
    pub lines: u64,
    /// The end of the chain there; `None` where not even the first line is whole.
    pub head: Option<Head>,
}

/// Measures a segment. Its first line is taken at its word.
pub fn whole(bytes: &[u8]) -> Whole {
    let mut whole = Whole { bytes: 0, lines: 0, head: None };
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(link) = line.strip_suffix(b"\n").and_then(read) else { break };
        if !link.sound || whole.head.is_some_and(|head| !link.follows(head)) {
            break;
        }
        whole.bytes = whole.bytes.saturating_add(line.len());
        whole.lines = whole.lines.saturating_add(1);
        whole.head = Some(link.head());
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::entry::Stopped;

    fn line(head: Head) -> (Vec<u8>, Head) {
        let mut out = Vec::new();
        let head = append(&mut out, head, &Stopped { at: "2026-11-22T07:00:00Z".into() }).unwrap();
        (out, head)
    }

    #[test]
    fn a_line_says_what_it_follows_and_is_plain_json() {
        let (first, head) = line(Head::default());
        let (second, end) = line(head);
        let link = read(second.strip_suffix(b"\n").unwrap()).unwrap();
        assert!(link.follows(head) && link.head() == end && end.seq == 2);
        assert!(!link.follows(Head::default()) && !link.follows(Head { seq: 1, ..Head::default() }));
        let json: serde_json::Value = serde_json::from_slice(&first).unwrap();
        assert_eq!(json["kind"], "stopped");
        assert_eq!(json["prev"], "0".repeat(64));
        assert_eq!(json["hash"], head.hash.to_string());
    }

    #[test]
    fn no_byte_of_a_line_can_be_another() {
        let (line, _) = line(Head::default());
        let line = line.strip_suffix(b"\n").unwrap();
        for at in 0..line.len() {
            for other in [b'0', b'1', b'"', b'x', 0] {
                let mut changed = line.to_vec();
                changed[at] = other;
                let sound = read(&changed).is_some_and(|link| link.sound);
                assert_eq!(sound, changed == line, "byte {at} as {other}");
            }
        }
        for length in 0..line.len() {
            assert!(read(&line[..length]).is_none_or(|link| !link.sound), "cut at {length}");
        }
    }

    #[test]
    fn a_segment_is_whole_up_to_where_it_breaks() {
        let (first, head) = line(Head { seq: 6, ..Head::default() });
        let (second, end) = line(head);
        let both = [first.clone(), second.clone()].concat();
        let all = Whole { bytes: both.len(), lines: 2, head: Some(end) };
        assert_eq!(whole(&both), all);
        assert_eq!(whole(&[&both[..], b"{\"kind"].concat()), all);
        assert_eq!(whole(&[&both[..], &first].concat()), all, "a line again is no next line");
        let one = Whole { bytes: first.len(), lines: 1, head: Some(head) };
        for end in first.len()..both.len() {
            assert_eq!(whole(&both[..end]), one, "{end}");
        }
        assert_eq!(whole(b"\0\0\0\n"), Whole { bytes: 0, lines: 0, head: None });
    }
}
