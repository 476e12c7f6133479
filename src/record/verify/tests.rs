use super::*;
use crate::record::chain::append;
use crate::record::checkpoint::Checkpoint;
use crate::record::entry::{Stopped, written_segment};
use crate::signing::{SigningKey, generate};

/// A log of three segments of a header and four entries each.
struct Log {
    segments: Vec<Vec<Vec<u8>>>,
}

const AT: &str = "2026-11-22T07:00:00Z";

impl Log {
    fn new() -> Self {
        Self::after(Head::default(), 1, 3, AT)
    }

    fn after(mut head: Head, first: u64, last: u64, at: &str) -> Self {
        let mut segments = Vec::new();
        for number in first..=last {
            let mut lines = Vec::new();
            let mut line = Vec::new();
            head = append(&mut line, head, &written_segment("log", number, AT)).unwrap();
            lines.push(line);
            for _ in 0..4 {
                let mut line = Vec::new();
                head = append(&mut line, head, &Stopped { at: at.into() }).unwrap();
                lines.push(line);
            }
            segments.push(lines);
        }
        Self { segments }
    }

    fn head(&self, segment: usize, line: usize) -> Head {
        chain::read(self.segments[segment][line].strip_suffix(b"\n").unwrap()).unwrap().head()
    }

    fn verify(&self, checkpoints: &[Checkpoint]) -> Report {
        let all: Vec<_> = self.segments.iter().enumerate().map(|(at, lines)| (at as u64 + 1, lines.concat())).collect();
        verify(&all, checkpoints)
    }
}

fn verify(segments: &[(u64, Vec<u8>)], checkpoints: &[Checkpoint]) -> Report {
    let mut verifier = Verifier::new(checkpoints);
    for (at, (number, bytes)) in segments.iter().enumerate() {
        verifier.segment(*number, &format!("segment-{number}"), bytes, at + 1 == segments.len());
    }
    verifier.finish()
}

fn found(report: &Report) -> Vec<(Flaw, &str, u64)> {
    report.findings.iter().map(|finding| (finding.flaw, finding.segment.as_str(), finding.line)).collect()
}

fn checkpoint(head: Head) -> Checkpoint {
    let key = SigningKey::from_pem(&generate().unwrap().0).unwrap();
    Checkpoint::signed(&key, "log", head, AT.into())
}

#[test]
fn a_log_as_it_was_written_has_no_flaw() {
    let log = Log::new();
    let report = log.verify(&[checkpoint(log.head(1, 2)), checkpoint(log.head(2, 4))]);
    assert_eq!(found(&report), []);
    assert_eq!((report.segments, report.entries, report.span, report.checkpoints), (3, 15, Some((1, 15)), 2));
    assert_eq!(found(&verify(&[], &[])), []);
}

#[test]
fn a_changed_byte_is_found_wherever_it_is() {
    for (segment, line) in [(0, 0), (0, 3), (1, 0), (1, 4), (2, 4)] {
        let log = Log::new();
        for at in 0..log.segments[segment][line].len() - 1 {
            let mut log = Log::new();
            let byte = &mut log.segments[segment][line][at];
            *byte = if *byte == b'1' { b'2' } else { b'1' };
            let report = log.verify(&[]);
            let name = format!("segment-{}", segment + 1);
            assert_eq!(found(&report), [(Flaw::Changed, name.as_str(), line as u64 + 1)], "byte {at}");
        }
    }
}

#[test]
fn a_line_written_anew_with_its_hash_is_found_by_the_next() {
    let mut log = Log::new();
    let before = log.head(1, 1);
    let mut line = Vec::new();
    append(&mut line, before, &Stopped { at: "2026-11-22T07:00:01Z".into() }).unwrap();
    log.segments[1][2] = line;
    assert_eq!(found(&log.verify(&[])), [(Flaw::Changed, "segment-2", 3)]);
}

#[test]
fn deleted_lines_are_found() {
    for (segment, line, flaw, named) in [
        (0, 2, Flaw::Deleted, ("segment-1", 3)),
        (1, 0, Flaw::Cut, ("segment-1", 5)),
        (1, 4, Flaw::Cut, ("segment-2", 4)),
        (0, 0, Flaw::Deleted, ("segment-1", 1)),
    ] {
        let mut log = Log::new();
        log.segments[segment].remove(line);
        assert_eq!(found(&log.verify(&[])), [(flaw, named.0, named.1)]);
    }
    let mut log = Log::new();
    log.segments[1].drain(1..4);
    let report = log.verify(&[]);
    assert_eq!(found(&report), [(Flaw::Deleted, "segment-2", 2)]);
    assert_eq!(report.findings[0].said.en, "entries 7 to 9 are missing");
}

#[test]
fn swapped_lines_are_found() {
    let mut log = Log::new();
    log.segments[1].swap(1, 2);
    assert_eq!(found(&log.verify(&[])), [(Flaw::Swapped, "segment-2", 3)]);
    let mut log = Log::new();
    log.segments[1].swap(1, 4);
    let report = log.verify(&[]);
    assert!(report.findings.iter().all(|finding| finding.flaw == Flaw::Swapped && finding.segment == "segment-2"));
    assert!(!report.findings.is_empty());
    let mut log = Log::new();
    log.segments.swap(0, 1);
    let flaws = found(&log.verify(&[])).into_iter().map(|(flaw, ..)| flaw).collect::<Vec<_>>();
    assert!(flaws.contains(&Flaw::Swapped), "{flaws:?}");
}

#[test]
fn two_histories_are_found_even_where_each_is_sound() {
    // Another continuation after the eighth entry, in a segment of its own.
    let log = Log::new();
    let other = Log::after(log.head(1, 2), 3, 3, "2026-11-22T07:00:01Z");
    let forked = [(1, log.segments[0].concat()), (2, log.segments[1].concat()), (3, other.segments[0].concat())];
    assert_eq!(found(&verify(&forked, &[])), [(Flaw::Forked, "segment-3", 1)]);
    // The same within a segment.
    let mut log = Log::new();
    let mut line = Vec::new();
    append(&mut line, log.head(1, 2), &Stopped { at: "2026-11-22T07:00:01Z".into() }).unwrap();
    log.segments[1].insert(4, line);
    assert_eq!(found(&log.verify(&[])), [(Flaw::Forked, "segment-2", 5)]);
    // A line twice.
    let mut log = Log::new();
    let line = log.segments[1][2].clone();
    log.segments[1].insert(3, line);
    assert_eq!(found(&log.verify(&[])), [(Flaw::Forked, "segment-2", 4)]);
}

#[test]
fn a_history_written_anew_as_a_whole_is_found_by_a_checkpoint() {
    let log = Log::new();
    let known = checkpoint(log.head(1, 4));
    let mut anew = Log::new();
    let tail = Log::after(log.head(0, 4), 2, 3, "2026-11-22T07:00:01Z");
    anew.segments.truncate(1);
    anew.segments.extend(tail.segments);
    assert_eq!(found(&anew.verify(&[])), [], "sound in itself");
    assert_eq!(found(&anew.verify(&[checkpoint(log.head(0, 3)), known])), [(Flaw::Rewritten, "segment-2", 5)]);
}

#[test]
fn a_cut_end_is_found_by_a_checkpoint() {
    let log = Log::new();
    let known = [checkpoint(log.head(2, 4))];
    for (segments, lines, named) in [(3, 4, ("segment-3", 4)), (3, 1, ("segment-3", 1)), (2, 5, ("segment-2", 5))] {
        let mut log = Log::new();
        log.segments.truncate(segments);
        log.segments[segments - 1].truncate(lines);
        assert_eq!(found(&log.verify(&[])), [], "nobody can tell without a checkpoint");
        assert_eq!(found(&log.verify(&known)), [(Flaw::Cut, named.0, named.1)]);
    }
    assert_eq!(found(&verify(&[], &known)), [(Flaw::Cut, "", 0)]);
}

#[test]
fn a_segment_cut_within_a_line_is_found_unless_it_is_the_one_being_written() {
    let mut log = Log::new();
    let length = log.segments[1][4].len();
    log.segments[1][4].truncate(length - 1);
    assert_eq!(found(&log.verify(&[]))[0], (Flaw::Cut, "segment-2", 5));
    let mut log = Log::new();
    log.segments[2][4].truncate(length - 1);
    let report = log.verify(&[]);
    assert_eq!((found(&report), report.notes.len()), (vec![], 1));
}

#[test]
fn a_missing_segment_is_found_and_a_retired_one_is_told() {
    let log = Log::new();
    let without = |gone: u64| {
        let all = (1..=3).zip(&log.segments).filter(|(number, _)| *number != gone);
        all.map(|(number, lines)| (number, lines.concat())).collect::<Vec<_>>()
    };
    assert_eq!(found(&verify(&without(2), &[])), [(Flaw::MissingSegment, "segment-3", 1)]);
    assert_eq!(found(&verify(&without(1), &[])), [(Flaw::MissingSegment, "segment-2", 1)]);
    let last = log.head(0, 4);
    let retired = Retired { at: AT.into(), first: 1, last: 1, through: last.seq, through_hash: last.hash.to_string() };
    for (retired, flaws) in [
        (retired.clone(), 0),
        (Retired { through_hash: log.head(0, 3).hash.to_string(), ..retired.clone() }, 1),
        (Retired { last: 2, ..retired }, 1),
    ] {
        let mut segments = without(1);
        append(&mut segments[1].1, log.head(2, 4), &retired).unwrap();
        let report = verify(&segments, &[]);
        assert_eq!((report.findings.len(), report.notes.len()), (flaws, 1 - flaws), "{retired:?}");
    }
}

#[test]
fn files_that_changed_their_names_and_files_of_other_logs_are_found() {
    let log = Log::new();
    let renamed = [(1, log.segments[0].concat()), (2, log.segments[1].concat()), (4, log.segments[2].concat())];
    let flaws: Vec<_> = verify(&renamed, &[]).findings.iter().map(|finding| finding.flaw).collect();
    assert_eq!(flaws, [Flaw::MissingSegment, Flaw::Swapped]);
    let mut line = Vec::new();
    append(&mut line, log.head(2, 4), &written_segment("other", 4, AT)).unwrap();
    let mut all: Vec<_> = (1..).zip(log.segments.iter().map(|lines| lines.concat())).collect();
    all.push((4, line));
    assert_eq!(found(&verify(&all, &[])), [(Flaw::Forked, "segment-4", 1)]);
}

#[test]
fn a_log_full_of_gaps_and_strays_is_told_in_time() {
    // Every other entry is missing in its place, and stands at the end. Each with each compared would take minutes.
    const ENTRIES: usize = 60_000;
    let mut head = Head::default();
    let lines: Vec<Vec<u8>> = (0..ENTRIES)
        .map(|_| {
            let mut line = Vec::new();
            head = append(&mut line, head, &Stopped { at: AT.into() }).unwrap();
            line
        })
        .collect();
    let (odd, even): (Vec<_>, Vec<_>) = lines.chunks(2).map(|two| (two[0].clone(), two[1].clone())).unzip();
    let report = verify(&[(1, [odd, even].concat().concat())], &[]);
    let swapped = report.findings.iter().filter(|finding| finding.flaw == Flaw::Swapped).count();
    assert_eq!((report.findings.len(), swapped), (ENTRIES / 2 - 1, ENTRIES / 2 - 1));
}
