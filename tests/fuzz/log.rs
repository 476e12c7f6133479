//! Log → verdict: a log that something was done to is never called sound, and whatever stands in its files, reading
//! them ends well.
//!
//! The first byte says what the rest is: a segment as it comes, a compressed one, or things done to a sound log of three
//! segments, the second of them compressed; and whether the hashes are made to fit afterwards.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message as _;
use redress::journal::pack;
use redress::record::checkpoint::Checkpoint;
use redress::record::entry::{self, Answer, Call, Repaired, Resumed, Retired, Started, Stopped};
use redress::record::{Head, Report, Verifier, chain};
use redress::rpc::proto::redress::v1 as wire;
use redress::rpc::recording;

use super::slips::{self, index};
use crate::fuzz::Target;
use crate::support::random::Dice;

pub const TARGET: Target = Target { name: "log", hold, slip };

const AS_IT_COMES: u8 = 0;
const COMPRESSED: u8 = 1;
const RESEALED: u8 = 3;

/// No segment of these inputs is larger when it is unpacked: a kilobyte of gzip holds a megabyte at most.
const UNPACKED_MAX: usize = 8 << 20;

fn hold(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    match first % 4 {
        AS_IT_COMES => segment(rest),
        COMPRESSED => {
            if let Ok(plain) = pack::uncompressed(rest) {
                assert!(plain.len() <= UNPACKED_MAX);
                segment(&plain);
            }
        }
        way => tampered(rest, way == RESEALED),
    }
}

/// One segment by itself.
fn segment(bytes: &[u8]) {
    let whole = chain::whole(bytes);
    assert!(whole.bytes <= bytes.len() && (whole.lines == 0) == whole.head.is_none());
    assert_eq!(chain::whole(&bytes[..whole.bytes]), whole, "what is whole is whole by itself");
    let report = report(&[bytes.to_vec()], &[]);
    assert!(report.entries >= whole.lines);
    entries(bytes);
}

/// What the lines of a segment say, whoever wrote them.
fn entries(bytes: &[u8]) {
    for line in bytes.split(|byte| *byte == b'\n') {
        entry::read::<entry::Segment>(line);
        entry::read::<Started>(line);
        entry::read::<Repaired>(line);
        entry::read::<Retired>(line);
        if let Some(answer) = entry::read::<Answer>(line) {
            recording::request_of(&answer);
        }
        if let Ok(checkpoint) = serde_json::from_slice::<Checkpoint>(line) {
            checkpoint.head();
        }
    }
}

/// A sound log.
struct Log {
    segments: [Vec<u8>; 3],
    /// The second segment, compressed.
    packed: Vec<u8>,
    end: Checkpoint,
}

static SOUND: LazyLock<Log> = LazyLock::new(|| {
    let mut head = Head::default();
    let segments = [1, 2, 3].map(|number| {
        let mut bytes = Vec::new();
        let at = format!("2026-11-2{number}T07:00:00Z");
        head = chain::append(&mut bytes, head, &entry::written_segment("log", number, &at)).unwrap();
        let started = Started { at: at.clone(), program: "redress 0.1.0".into(), durability: "fsync".into() };
        head = chain::append(&mut bytes, head, &started).unwrap();
        for id in ["a", "b"] {
            head = chain::append(&mut bytes, head, &answer(id, &at)).unwrap();
        }
        head = chain::append(&mut bytes, head, &Resumed { at: at.clone(), after: "no space".into() }).unwrap();
        head = chain::append(&mut bytes, head, &Stopped { at }).unwrap();
        bytes
    });
    let end = Checkpoint {
        log: "log".into(),
        seq: head.seq,
        hash: head.hash.to_string(),
        at: "2026-11-23T07:00:00Z".into(),
        key: String::new(),
        signature: String::new(),
    };
    Log { packed: pack::compressed(&segments[1]).unwrap(), segments, end }
});

fn answer(id: &str, at: &str) -> Answer {
    let request = wire::AuthorizeRequest { locale: "en".into(), ..wire::AuthorizeRequest::default() };
    Answer {
        id: id.into(),
        call: Call::Authorize,
        received_at: at.into(),
        took_us: 5,
        bundle: "blake3:00".into(),
        caller: String::new(),
        role_origin: "unchecked".into(),
        withheld: Vec::new(),
        shown: serde_json::value::to_raw_value(&["甲"]).unwrap(),
        grant: None,
        request: STANDARD.encode(request.encode_to_vec()),
        answer: String::new(),
    }
}

/// Does `deeds` to the sound log, and holds the verdict to what became of it.
fn tampered(deeds: &[u8], resealed: bool) {
    let mut files = [SOUND.segments[0].clone(), SOUND.packed.clone(), SOUND.segments[2].clone()];
    for deed in deeds.chunks(DEED_BYTES).take(DEEDS_MAX) {
        perform(deed, &mut files);
    }
    let [first, packed, last] = files;
    let Ok(second) = pack::uncompressed(&packed) else { return };
    assert!(second.len() <= UNPACKED_MAX);
    let mut segments = vec![first, second, last];
    if resealed {
        seal(&mut segments);
    }
    let changed = segments != SOUND.segments;
    let without = report(&segments, &[]);
    let with = report(&segments, std::slice::from_ref(&SOUND.end));
    for bytes in &segments {
        entries(bytes);
    }
    if !changed {
        assert!(without.findings.is_empty() && with.findings.is_empty(), "{:?}", with.findings);
        assert_eq!(with.checkpoints, 1);
    } else if resealed {
        assert!(holds_all(&segments) || !with.findings.is_empty(), "written anew, and borne out by its checkpoint");
    } else {
        assert!(holds_all(&segments) || !with.findings.is_empty(), "changed, and called sound");
        assert!(is_a_beginning(&segments) || !without.findings.is_empty(), "changed, and called sound");
    }
}

/// Whether the whole sound log stands there. What was added behind is no entry of it: a line that broke off, or lines
/// that follow.
fn holds_all(segments: &[Vec<u8>]) -> bool {
    let sound = &SOUND.segments;
    segments[..2] == sound[..2] && segments[2].starts_with(&sound[2])
}

/// Whether the log is the sound one up to some entry.
fn is_a_beginning(segments: &[Vec<u8>]) -> bool {
    let lines = |segments: &[Vec<u8>]| {
        let all = segments.concat();
        let whole = all.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        all[..whole].to_vec()
    };
    lines(&SOUND.segments).starts_with(&lines(segments))
}

fn report(segments: &[Vec<u8>], checkpoints: &[Checkpoint]) -> Report {
    let mut verifier = Verifier::new(checkpoints);
    for (number, bytes) in (1..).zip(segments) {
        verifier.segment(number, &format!("segment-{number:08}.jsonl"), bytes, number == 3);
    }
    verifier.finish()
}

/// Gives every line the number and the hashes that it would have had.
fn seal(segments: &mut [Vec<u8>]) {
    /// `,"prev":"…","hash":"…"}`, and the number before it.
    const LINK_BYTES: usize = 74 + 75;
    let mut head = Head::default();
    for bytes in segments {
        let mut sealed = Vec::new();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let whole =
                line.strip_suffix(b"\n").and_then(|line| line.split_at_checked(line.len().checked_sub(LINK_BYTES)?));
            let Some((content, _)) = whole else {
                sealed.extend_from_slice(line);
                continue;
            };
            let digits = content.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
            let content = &content[..content.len() - digits];
            let begin = sealed.len();
            // A number that is there in full was meant.
            let seq = if digits == 20 { u64::MAX } else { head.seq.saturating_add(1) };
            sealed.extend_from_slice(content);
            sealed.extend_from_slice(format!("{seq},\"prev\":\"{}\"", head.hash).as_bytes());
            let hash = chain::Digest::of(&sealed[begin..]);
            sealed.extend_from_slice(format!(",\"hash\":\"{hash}\"}}\n").as_bytes());
            head = Head { seq, hash };
        }
        *bytes = sealed;
    }
}

const DEED_BYTES: usize = 6;
const DEEDS_MAX: usize = 16;

/// One thing done to one file: its kind, the file, where, how far, and a byte.
fn perform(deed: &[u8], files: &mut [Vec<u8>; 3]) {
    let byte = |at: usize| deed.get(at).copied().unwrap_or_default();
    let file = usize::from(byte(1) % 3);
    let bytes = &mut files[file];
    let place = usize::from(u16::from_le_bytes([byte(2), byte(3)]));
    let at = place % (bytes.len() + 1);
    let end = (at + usize::from(byte(4))).min(bytes.len());
    let line = |bytes: &[u8], at: usize| {
        let begin = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| at + end + 1);
        begin..end
    };
    match byte(0) % 9 {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => {
            if let Some(there) = bytes.get_mut(at) {
                *there = byte(5);
            }
        }
        3 => bytes.insert(at, byte(5)),
        4 => drop(bytes.drain(line(bytes, at))),
        5 => {
            let again = bytes[line(bytes, at)].to_vec();
            let to = (at + usize::from(byte(4)) * usize::from(byte(5))).min(bytes.len());
            let to = line(bytes, to).start;
            bytes.splice(to..to, again);
        }
        6 => {
            let other = usize::from(byte(5) % 3);
            let taken = files[file][at..end].to_vec();
            files[other].extend_from_slice(&taken);
        }
        7 => {
            let other = usize::from(byte(5) % 3);
            files.swap(file, other);
        }
        _ => bytes.extend_from_slice(&deed[2.min(deed.len())..]),
    }
}

/// What the lines of a log are made of.
const WORDS: &[&[u8]] = &[
    b"{\"kind\":\"answer\"",
    b"{\"kind\":\"segment\"",
    b"{\"kind\":\"retired\"",
    b",\"seq\":",
    b",\"prev\":\"",
    b",\"hash\":\"",
    b"\"}",
    b"\"}\n",
    b"\n",
    b"0",
    b"18446744073709551615",
    b"0000000000000000000000000000000000000000000000000000000000000000",
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
    b"\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00",
    b"\0\0\0\0\0\0\0\0\0\0\0\0",
];

fn slip(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let Some((first, rest)) = bytes.split_first() else { return vec![0] };
    match index(dice, 12) {
        0 => [&[first.wrapping_add(1)], rest].concat(),
        1 => [&[*first], &slips::lines(rest, dice)[..]].concat(),
        _ => [&[*first], &slips::slip(rest, WORDS, dice)[..]].concat(),
    }
}
