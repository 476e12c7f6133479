//! Whether a log is as it was written: every change, deletion, swap, fork and cut, named by segment and line.
//!
//! Takes the segments one after another. A line that breaks the chain is told once; what follows from it is not.

use super::chain::{self, Digest, Head, Link};
use super::checkpoint::Checkpoint;
use super::entry::{self, Answer, Repaired, Retired, Segment};
use crate::both;
use crate::text::Bilingual;

/// What is wrong with a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flaw {
    /// A line is not the one that was written.
    Changed,
    /// Entries are missing within.
    Deleted,
    /// Entries stand in another place.
    Swapped,
    /// There are two histories.
    Forked,
    /// Entries are missing at the end.
    Cut,
    /// A whole segment is missing.
    MissingSegment,
    /// The log is sound in itself, but not the one that a checkpoint vouches for.
    Rewritten,
    /// A checkpoint that the key did not sign, or of another log.
    BadCheckpoint,
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub flaw: Flaw,
    /// The file.
    pub segment: String,
    /// Its line, from 1.
    pub line: u64,
    pub said: Bilingual,
}

/// What a log came to.
#[derive(Debug, Default)]
pub struct Report {
    pub segments: u64,
    pub entries: u64,
    pub answers: u64,
    /// The first and the last entry's number.
    pub span: Option<(u64, u64)>,
    /// Checkpoints that the log bears out.
    pub checkpoints: u64,
    /// In the order of the log.
    pub findings: Vec<Finding>,
    /// What an auditor wants to know and nobody has to answer for.
    pub notes: Vec<Bilingual>,
}

/// Where a line stands.
#[derive(Debug, Clone, Default)]
struct Place {
    segment: String,
    number: u64,
    line: u64,
}

/// Entries that should stand before `at`, and do not.
#[derive(Debug)]
struct Gap {
    from: u64,
    to: u64,
    after: Place,
    at: Place,
}

/// Entries in a row, numbered as others before them.
#[derive(Debug)]
struct Stray {
    from: u64,
    to: u64,
    hash: Digest,
    at: Place,
    until: Place,
}

/// Reads a log and finds what is wrong with it.
#[derive(Debug, Default)]
pub struct Verifier {
    report: Report,
    /// By number; the signatures have been looked at.
    checkpoints: Vec<(Head, String)>,
    next_checkpoint: usize,
    log: Option<String>,
    /// Where the chain ends so far; the hash is not known after a line that is not sound.
    end: Option<(u64, Option<Digest>)>,
    /// Lines since that can't be read, each of which may have been an entry.
    unreadable: u64,
    place: Place,
    gaps: Vec<Gap>,
    strays: Vec<Stray>,
    retired: Vec<Retired>,
    /// What the first line follows, and where it stands.
    base: Option<(Head, Place)>,
    rewritten: bool,
}

impl Verifier {
    /// `checkpoints` are those of this log that the key signed.
    pub fn new(checkpoints: &[Checkpoint]) -> Self {
        let mut known: Vec<_> =
            checkpoints.iter().filter_map(|checkpoint| Some((checkpoint.head()?, checkpoint.at.clone()))).collect();
        known.sort_by_key(|(head, _)| head.seq);
        Self { checkpoints: known, ..Self::default() }
    }

    /// Takes the next segment, in the order of their numbers; `is_last` if it is the one being written.
    pub fn segment(&mut self, number: u64, name: &str, bytes: &[u8], is_last: bool) {
        let before = self.place.number;
        if before > 0 && before.checked_add(1) != Some(number) {
            let (first, last) = (before.saturating_add(1), number.saturating_sub(1));
            let at = Place { segment: name.into(), number, line: 1 };
            self.missing_segments(first, last, &at);
        }
        self.report.segments = self.report.segments.saturating_add(1);
        let mut line_number = 0_u64;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            line_number = line_number.saturating_add(1);
            let before = std::mem::replace(&mut self.place, Place { segment: name.into(), number, line: line_number });
            let Some(whole) = line.strip_suffix(b"\n") else {
                self.torn(line.len(), is_last);
                self.place = before;
                return;
            };
            self.line(whole, &before);
        }
        if line_number == 0 {
            self.place = Place { segment: name.into(), number, line: 0 };
        }
    }

    /// Says what is wrong with the log as a whole.
    pub fn finish(mut self) -> Report {
        self.check_begin();
        self.check_gaps();
        self.check_end();
        let from = self.base.as_ref().map_or(0, |(base, _)| base.seq.saturating_add(1));
        self.report.span = self.end.map(|(end, _)| (from, end));
        self.report
    }

    fn find(&mut self, flaw: Flaw, at: &Place, said: Bilingual) {
        self.report.findings.push(Finding { flaw, segment: at.segment.clone(), line: at.line, said });
    }

    fn line(&mut self, line: &[u8], before: &Place) {
        let Some(link) = chain::read(line).filter(|link| link.sound) else {
            return self.unsound(chain::read(line));
        };
        self.entry(line, &link);
        let Some((end, hash)) = self.end else {
            let base = Head { seq: link.seq.saturating_sub(1), hash: link.prev };
            self.base = Some((base, self.place.clone()));
            return self.advance(&link);
        };
        let next = end.saturating_add(1);
        let follows_stray = self.strays.last().is_some_and(|stray| {
            stray.to.checked_add(1) == Some(link.seq) && stray.hash == link.prev && follows(&stray.until, &self.place)
        });
        let latest = next.saturating_add(self.unreadable);
        if link.seq < next || (follows_stray && hash != Some(link.prev)) {
            self.stray(&link, follows_stray);
            if link.seq >= next {
                self.advance(&link);
            }
        } else if link.seq > latest {
            self.gaps.push(Gap {
                from: next,
                to: link.seq.saturating_sub(1),
                after: before.clone(),
                at: self.place.clone(),
            });
            self.advance(&link);
        } else {
            if self.unreadable == 0 && hash.is_some_and(|hash| hash != link.prev) {
                let said = both!(
                    "第 {end} 条不是当初写下的那一条：下一条记着另一个散列值",
                    "entry {end} is not the one that was written: the next one follows from another"
                );
                self.find(Flaw::Changed, before, said);
            }
            self.advance(&link);
        }
    }

    fn advance(&mut self, link: &Link) {
        self.end = Some((link.seq, Some(link.hash)));
        self.unreadable = 0;
        self.check_checkpoints(link);
    }

    /// A line whose bytes are not those that its hash was made of.
    fn unsound(&mut self, link: Option<Link>) {
        let said = match link {
            Some(link) => {
                let seq = link.seq;
                both!(
                    "这一行（第 {seq} 条）被改动过：内容与它的散列值不符",
                    "this line, entry {seq}, has been changed: its hash does not fit it"
                )
            }
            None => both!("这一行不是记录", "this line is no entry"),
        };
        self.find(Flaw::Changed, &self.place.clone(), said);
        if self.end.is_none() {
            let first = self.place.number <= 1;
            let stated = link.map(|link| Head { seq: link.seq.saturating_sub(1), hash: link.prev });
            let base = if first { Head::default() } else { stated.unwrap_or_default() };
            self.base = Some((base, self.place.clone()));
            self.end = Some((base.seq, None));
        }
        let next = self.end.map_or(1, |(end, _)| end.saturating_add(1));
        if link.is_some_and(|link| link.seq == next) {
            self.end = Some((next, None));
            self.unreadable = 0;
        } else {
            self.end = self.end.map(|(end, _)| (end, None));
            self.unreadable = self.unreadable.saturating_add(1);
        }
    }

    fn stray(&mut self, link: &Link, follows: bool) {
        let at = self.place.clone();
        match self.strays.last_mut() {
            Some(stray) if follows => (stray.to, stray.hash, stray.until) = (link.seq, link.hash, at),
            _ => {
                let until = at.clone();
                self.strays.push(Stray { from: link.seq, to: link.seq, hash: link.hash, at, until });
            }
        }
    }

    fn entry(&mut self, line: &[u8], link: &Link) {
        self.report.entries = self.report.entries.saturating_add(1);
        if entry::is::<Answer>(line) {
            self.report.answers = self.report.answers.saturating_add(1);
        } else if let Some(segment) = entry::read::<Segment>(line) {
            self.begins(&segment);
        } else if let Some(retired) = entry::read::<Retired>(line) {
            self.retired.push(retired);
        } else if let Some(repaired) = entry::read::<Repaired>(line) {
            let Repaired { at, segment, cut_bytes, whole_entries, kept, digest: _ } = repaired;
            let seq = link.seq;
            self.report.notes.push(both!(
                "第 {seq} 条（{at}）：第 {segment} 段末尾有 {cut_bytes} 字节不完整（其中完整的记录 {whole_entries} 条），已移到 `{kept}`",
                "entry {seq} ({at}): the end of segment {segment} was torn; {cut_bytes} bytes with {whole_entries} whole \
                 entries were put aside in `{kept}`"
            ));
        }
    }

    /// A segment's first line names the log and the segment.
    fn begins(&mut self, segment: &Segment) {
        let at = self.place.clone();
        let number = segment.number;
        if number != at.number {
            let said = both!(
                "这个文件里是第 {number} 段：文件被换过名字",
                "this file holds segment {number}: files have changed their names"
            );
            self.find(Flaw::Swapped, &at, said);
        }
        let log = self.log.get_or_insert_with(|| segment.log.clone());
        if *log != segment.log {
            let other = crate::text::quoted(&segment.log);
            let said = both!("这一段属于另一份日志 {other}", "this segment is of another log, {other}");
            self.find(Flaw::Forked, &at, said);
        }
    }

    /// The end of a line is missing.
    fn torn(&mut self, bytes: usize, is_last: bool) {
        let at = self.place.clone();
        let (segment, line) = (&at.segment, at.line);
        if is_last {
            self.report.notes.push(both!(
                "`{segment}` 第 {line} 行有 {bytes} 字节没有写完：正在写入，或服务中断",
                "`{segment}` line {line} has {bytes} bytes of an unfinished entry: it is being written, or the service \
                 broke off"
            ));
        } else {
            let said = both!("这一段在行中间被截断", "the segment was cut within this line");
            self.find(Flaw::Cut, &at, said);
            self.end = self.end.map(|(end, _)| (end, None));
            self.unreadable = self.unreadable.saturating_add(1);
        }
    }

    fn missing_segments(&mut self, first: u64, last: u64, at: &Place) {
        let said = if first == last {
            both!("缺少第 {first} 段", "segment {first} is missing")
        } else {
            both!("缺少第 {first} 段到第 {last} 段", "segments {first} to {last} are missing")
        };
        self.find(Flaw::MissingSegment, at, said);
    }

    /// A log begins at its first entry, or where segments before were retired.
    fn check_begin(&mut self) {
        let Some((base, at)) = self.base.clone() else { return };
        if at.number <= 1 {
            if base != Head::default() {
                let seq = base.seq;
                let said = both!("开头缺少第 1 条到第 {seq} 条", "entries 1 to {seq} are missing at the beginning");
                self.find(Flaw::Deleted, &at, said);
            }
            return;
        }
        let before = at.number.saturating_sub(1);
        let told = self.retired.iter().find(|retired| {
            retired.last == before
                && retired.through == base.seq
                && Digest::parse(&retired.through_hash) == Some(base.hash)
        });
        match told {
            Some(Retired { at, last, .. }) => self.report.notes.push(both!(
                "第 1 段到第 {last} 段保存期满，{at} 已删除",
                "segments 1 to {last} had been kept long enough and were deleted on {at}"
            )),
            None => self.missing_segments(1, before, &at),
        }
    }

    /// Entries that are missing in one place and stand in another have been moved.
    fn check_gaps(&mut self) {
        let (gaps, strays) = (std::mem::take(&mut self.gaps), std::mem::take(&mut self.strays));
        // Gaps follow each other as the entries do, so the one that may hold a stray is found by its end.
        let inside = |stray: &Stray| {
            let after = gaps.partition_point(|gap| gap.to < stray.to);
            gaps.get(after).is_some_and(|gap| gap.from <= stray.from)
        };
        for stray in &strays {
            let (from, to) = (stray.from, stray.to);
            let (flaw, said) = if inside(stray) {
                (
                    Flaw::Swapped,
                    both!("第 {from} 条到第 {to} 条不在自己的位置上", "entries {from} to {to} are out of their place"),
                )
            } else {
                let said = both!(
                    "第 {from} 条到第 {to} 条出现了第二次：历史在这里分叉",
                    "there is a second entry {from}, up to {to}: here the history forks"
                );
                (Flaw::Forked, said)
            };
            self.find(flaw, &stray.at, said);
        }
        let moved = joined(&strays);
        for gap in &gaps {
            let Some(from) = first_outside(&moved, gap) else { continue };
            let to = gap.to;
            let said = both!("缺少第 {from} 条到第 {to} 条", "entries {from} to {to} are missing");
            if gap.after.number == gap.at.number {
                self.find(Flaw::Deleted, &gap.at, said);
            } else if gap.after.number.checked_add(1) == Some(gap.at.number) {
                self.find(Flaw::Cut, &gap.after, said);
            }
        }
        let order = |finding: &Finding| (finding.segment.clone(), finding.line);
        self.report.findings.sort_by_cached_key(order);
    }

    fn check_checkpoints(&mut self, link: &Link) {
        while let Some((known, at)) = self.checkpoints.get(self.next_checkpoint) {
            if known.seq > link.seq {
                return;
            }
            self.next_checkpoint = self.next_checkpoint.saturating_add(1);
            if known.seq == link.seq && known.hash == link.hash {
                self.report.checkpoints = self.report.checkpoints.saturating_add(1);
            } else if known.seq == link.seq && !self.rewritten {
                self.rewritten = true;
                let seq = known.seq;
                let said = both!(
                    "第 {seq} 条不是 {at} 的检查点签名时的那一条：日志在此之前被重写过",
                    "entry {seq} is not the one that the checkpoint of {at} vouches for: the log was written anew before \
                     here"
                );
                self.find(Flaw::Rewritten, &self.place.clone(), said);
            }
        }
    }

    fn check_end(&mut self) {
        let end = self.end.map_or(0, |(end, _)| end);
        let Some((known, at)) = self.checkpoints.last().filter(|(known, _)| known.seq > end).cloned() else { return };
        let (seq, from) = (known.seq, end.saturating_add(1));
        let said = both!(
            "末尾至少缺少第 {from} 条到第 {seq} 条：{at} 的检查点知道它们",
            "at least entries {from} to {seq} are missing at the end: the checkpoint of {at} knows them"
        );
        self.find(Flaw::Cut, &self.place.clone(), said);
    }
}

/// What the strays cover, in order, those that touch as one.
fn joined(strays: &[Stray]) -> Vec<(u64, u64)> {
    let mut spans: Vec<(u64, u64)> = strays.iter().map(|stray| (stray.from, stray.to)).collect();
    spans.sort_unstable();
    let mut joined: Vec<(u64, u64)> = Vec::new();
    for (from, to) in spans {
        match joined.last_mut() {
            Some((_, end)) if from <= end.saturating_add(1) => *end = to.max(*end),
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// The first entry of a gap that no span holds.
fn first_outside(spans: &[(u64, u64)], gap: &Gap) -> Option<u64> {
    let after = spans.partition_point(|(_, to)| *to < gap.from);
    let first = match spans.get(after) {
        Some((from, to)) if *from <= gap.from => to.checked_add(1)?,
        _ => gap.from,
    };
    (first <= gap.to).then_some(first)
}

/// Whether `next` is the line after `place`, or the first of the next segment.
fn follows(place: &Place, next: &Place) -> bool {
    let line_after = place.number == next.number && place.line.checked_add(1) == Some(next.line);
    line_after || (place.number.checked_add(1) == Some(next.number) && next.line == 1)
}

#[cfg(test)]
mod tests;
