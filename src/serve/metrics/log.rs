//! The decision log in numbers.

use super::page::{Kind, Page, seconds, timestamp};
use crate::clock;
use crate::journal::figures::BOUNDS;
use crate::rpc::recording::Recorder;
use crate::serve::readiness;

/// Writes them.
pub fn write(page: &mut Page, recorder: &Recorder) {
    let figures = recorder.figures();
    let failing = readiness::trouble(Some(recorder)).is_some();
    let help = "Whether answers can't be recorded, and so are not given.";
    page.one("redress_log_failing", Kind::Gauge, help, u8::from(failing));
    let lag = figures.lag(clock::now());
    let help = "Answers handed to the log that the disk does not have yet.";
    page.one("redress_log_lag_answers", Kind::Gauge, help, lag.answers);
    let help = "Age of the oldest answer that the disk does not have yet.";
    page.one("redress_log_lag_seconds", Kind::Gauge, help, seconds(lag.age));
    let name = "redress_log_sync_duration_seconds";
    page.metric(name, Kind::Histogram, "How long the disk took to keep what was written.");
    let (at_most, count) = figures.syncs().at_most();
    page.times(name, None, &BOUNDS, &at_most, (count, figures.syncs().sum()));
    let (entries, bytes) = figures.kept();
    page.one("redress_log_entries_total", Kind::Counter, "Entries of any kind that were kept.", entries);
    page.one("redress_log_written_bytes_total", Kind::Counter, "Bytes of the entries that were kept.", bytes);
    let (troubles, last) = figures.troubles();
    let help = "How often the log came to a state in which answers can't be recorded.";
    page.one("redress_log_errors_total", Kind::Counter, help, troubles);
    if let Some(last) = last {
        let help = "When that was last so.";
        page.one("redress_log_last_error_timestamp_seconds", Kind::Gauge, help, timestamp(last));
    }
    let name = "redress_log_chores_total";
    let help = "Work beside the writing: segments packed, checkpoints handed out, old segments found and removed.";
    page.metric(name, Kind::Counter, help);
    for (work, done, failed) in figures.chores() {
        for (result, count) in [("done", done), ("failed", failed)] {
            page.value(name, &[("chore", work.word()), ("result", result)], count);
        }
    }
}
