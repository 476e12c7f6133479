use std::io::ErrorKind;

use super::chores::{old, pack_segment};
use super::faulty::{Fault, Faulty, Left};
use super::storage::{Storage as _, closed_name, segment_name, segment_of};
use super::writer::Writer;
use super::*;
use crate::record::chain::append;
use crate::record::checkpoint::Checkpoint;
use crate::record::entry::{self, Repaired, Resumed, Started};
use crate::record::verify::{Flaw, Report, Verifier};

const NOW: Instant = Instant(1_763_794_800_000_000_000);
/// A few entries to a segment.
const LIMITS: Limits = Limits { bytes: 900, age: Duration::from_secs(3_600) };

fn open(disk: &Faulty) -> Result<Writer<Faulty>, Trouble> {
    Writer::open(Arc::new(disk.clone()), Durability::Fsync, LIMITS, NOW)
}

/// An entry that can be told from all others.
fn entry(number: usize) -> Started {
    Started { at: String::new(), program: format!("entry {number}"), durability: String::new() }
}

/// The lines of a log, and what an auditor finds.
fn read(disk: &Faulty, known: &[Checkpoint]) -> (Vec<Vec<u8>>, Report) {
    let mut files: Vec<_> =
        disk.list().unwrap().into_iter().filter_map(|file| Some((segment_of(&file.name)?, file.name))).collect();
    files.sort();
    let last = files.last().map_or(0, |((number, _), _)| *number);
    let (mut lines, mut verifier, mut before) = (Vec::new(), Verifier::new(known), 0);
    for ((number, packed), name) in files {
        if std::mem::replace(&mut before, number) == number {
            continue;
        }
        let bytes = disk.read(&name).unwrap();
        let bytes = if packed { pack::uncompressed(&bytes).unwrap() } else { bytes };
        verifier.segment(number, &name, &bytes, number == last);
        lines.extend(bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
    }
    (lines, verifier.finish())
}

fn entries(lines: &[Vec<u8>]) -> Vec<usize> {
    let numbers = lines.iter().filter_map(|line| entry::read::<Started>(line));
    numbers.map(|entry| entry.program.strip_prefix("entry ").unwrap().parse().unwrap()).collect()
}

/// Commits groups of one to three entries; those that were acknowledged, and whether the power held.
fn work(disk: &Faulty, from: usize, groups: usize) -> (Vec<usize>, bool) {
    let mut acknowledged = Vec::new();
    let mut next = from;
    let mut opened = open(disk);
    // A service that can't begin is started again.
    while opened.is_err() && !disk.is_dead() {
        opened = open(disk);
    }
    let Ok(mut writer) = opened else { return (acknowledged, false) };
    for group in 0..groups {
        let numbers: Vec<usize> = (next..=next + group % 3).collect();
        next += 3;
        let kept = writer.commit(NOW, |out, mut head| {
            for number in &numbers {
                head = append(out, head, &entry(*number))?;
            }
            Ok(head)
        });
        match kept {
            Ok(()) => acknowledged.extend(numbers),
            Err(_) if disk.is_dead() => return (acknowledged, false),
            Err(trouble) => {
                assert!(!writer.is_well());
                assert!(writer.commit(NOW, |_, head| Ok(head)).is_err(), "nothing is taken until it has resumed");
                let resumed = writer.resume(NOW, &trouble).or_else(|_| writer.resume(NOW, &trouble));
                if resumed.is_err() {
                    return (acknowledged, false);
                }
            }
        }
        for number in writer.take_closed() {
            let _ = pack_segment(disk, number);
        }
    }
    (acknowledged, !disk.is_dead())
}

const GROUPS: usize = 14;
const LATER: usize = 1_000;

#[test]
fn what_was_acknowledged_survives_a_loss_of_power_at_every_step() {
    let whole = Faulty::default();
    let (all, _) = work(&whole, 0, GROUPS);
    assert_eq!(entries(&read(&whole, &[]).0), all);
    assert!(whole.exists(&closed_name(3)).unwrap(), "the log has several segments");
    let mut torn = 0;
    for step in 1..=whole.steps() {
        for left in [Left::Nothing, Left::Half, Left::Zeros, Left::Everything] {
            let case = format!("step {step}, {left:?}");
            let disk = Faulty::failing_at(step, Fault::PowerLoss);
            let (before, held) = work(&disk, 0, GROUPS);
            assert!(!held, "{case}");
            disk.restart(left);
            let (after, held) = work(&disk, LATER, 4);
            assert!(held, "{case}");
            disk.restart(Left::Nothing);
            let (lines, report) = read(&disk, &[]);
            assert_eq!(report.findings, [], "{case}");
            let found = entries(&lines);
            let survived: Vec<usize> = found.iter().copied().filter(|number| *number < LATER).collect();
            assert!(survived.starts_with(&before), "{case}: {before:?} were acknowledged, {survived:?} found");
            // At most the group that was under way besides; and none twice.
            assert!(survived.len() <= before.len() + 3, "{case}");
            assert!(survived.windows(2).all(|pair| pair[0] < pair[1]), "{case}");
            assert!(found.ends_with(&after), "{case}");
            for repaired in lines.iter().filter_map(|line| entry::read::<Repaired>(line)) {
                torn += 1;
                let kept = disk.read(&repaired.kept).unwrap();
                assert_eq!(kept.len() as u64, repaired.cut_bytes, "{case}");
                assert_eq!(crate::record::Digest::of(&kept).to_string(), repaired.digest, "{case}");
            }
        }
    }
    assert!(torn > 20, "ends were torn");
}

#[test]
fn an_error_at_any_step_costs_the_answers_it_met_and_no_others() {
    let whole = Faulty::default();
    work(&whole, 0, GROUPS);
    let mut resumed = 0;
    for step in 1..=whole.steps() {
        for kind in [ErrorKind::StorageFull, ErrorKind::ReadOnlyFilesystem, ErrorKind::Other] {
            let case = format!("step {step}, {kind:?}");
            let disk = Faulty::failing_at(step, Fault::Error(kind));
            let (acknowledged, held) = work(&disk, 0, GROUPS);
            assert!(held, "{case}");
            disk.restart(Left::Nothing);
            let (lines, report) = read(&disk, &[]);
            assert_eq!(report.findings, [], "{case}");
            assert_eq!(entries(&lines), acknowledged, "{case}");
            resumed += lines.iter().filter(|line| entry::is::<Resumed>(line)).count();
        }
    }
    assert!(resumed > 20, "the log says that there was trouble");
}

#[test]
fn a_log_whose_directory_was_emptied_goes_on_and_shows_what_is_missing() {
    let disk = Faulty::default();
    let mut writer = open(&disk).unwrap();
    writer.note(NOW, &entry(1)).unwrap();
    disk.wipe();
    let trouble = writer.note(NOW, &entry(2)).unwrap_err();
    assert_eq!(trouble, Trouble::gone(), "a deleted file takes bytes, and keeps none");
    writer.resume(NOW, &trouble).unwrap();
    writer.note(NOW, &entry(3)).unwrap();
    let (lines, report) = read(&disk, &[]);
    assert_eq!(entries(&lines), [3]);
    let flaws: Vec<_> = report.findings.iter().map(|finding| finding.flaw).collect();
    assert_eq!(flaws, [Flaw::MissingSegment]);
}

#[test]
fn a_segment_is_closed_when_it_is_full_or_old() {
    let disk = Faulty::default();
    let mut writer = open(&disk).unwrap();
    writer.note(NOW, &entry(1)).unwrap();
    let old = i64::try_from(LIMITS.age.as_nanos()).unwrap();
    writer.note(Instant(NOW.0 + old - 1), &entry(2)).unwrap();
    assert!(!disk.exists(&segment_name(2)).unwrap());
    writer.note(Instant(NOW.0 + old), &entry(3)).unwrap();
    assert!(disk.exists(&segment_name(2)).unwrap());
    assert_eq!(writer.take_closed(), [1]);
    assert_eq!(read(&disk, &[]).1.findings, []);
}

#[test]
fn segments_that_go_are_noted_and_their_end_is_the_next_one_s_beginning() {
    let disk = Faulty::default();
    work(&disk, 0, GROUPS);
    let retired = old(&disk, Instant(1)).unwrap().unwrap();
    let last = retired.last;
    assert!(retired.first == 1 && last >= 2);
    assert!(!disk.exists(&segment_name(last)).unwrap(), "the one being written stays");
    let mut writer = open(&disk).unwrap();
    writer.note(NOW, &retired).unwrap();
    for number in 1..=last {
        disk.remove(&closed_name(number)).unwrap();
    }
    let (_, report) = read(&disk, &[]);
    assert_eq!((report.findings, report.notes.len()), (vec![], 1));
    assert_eq!(old(&disk, Instant(0)).unwrap().map(|retired| retired.last), None, "none is that old");
}

#[test]
fn what_was_packed_when_the_service_broke_off_is_there_once() {
    let disk = Faulty::default();
    let (all, _) = work(&disk, 0, GROUPS);
    let plain = pack::uncompressed(&disk.read(&closed_name(1)).unwrap()).unwrap();
    disk.put(&segment_name(1), &plain).unwrap();
    drop(open(&disk).unwrap());
    assert!(!disk.exists(&segment_name(1)).unwrap());
    assert_eq!(entries(&read(&disk, &[]).0), all);
    // Two that differ are left to whoever looks into it.
    disk.put(&segment_name(1), b"another").unwrap();
    drop(open(&disk).unwrap());
    assert!(disk.exists(&segment_name(1)).unwrap());
}
