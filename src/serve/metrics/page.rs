//! A page of numbers in Prometheus' text form: each metric with what it means and its type, then its values.

use std::fmt::{Display, Write as _};
use std::time::Duration;

use crate::value::{Instant, SECOND};

/// What a metric's values may do.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Only rise, from zero at the start.
    Counter,
    Gauge,
    Histogram,
}

/// A page that is being written. Writing to a string can't fail, here and below.
#[derive(Default)]
pub struct Page(String);

impl Page {
    pub fn into_text(self) -> String {
        self.0
    }

    /// Says what the values that follow are. `help` has no line breaks and no backslashes.
    pub fn metric(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    pub fn value(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (at, (label, value)) in labels.iter().enumerate() {
            self.0.push(if at == 0 { '{' } else { ',' });
            let _ =
                write!(self.0, "{label}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"));
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }

    /// A metric with one value.
    pub fn one(&mut self, name: &str, kind: Kind, help: &str, value: impl Display) {
        self.metric(name, kind, help);
        self.value(name, &[], value);
    }

    /// The values of a histogram under one label: how many took at most as long as each bound (in microseconds), how
    /// many there are, and how long they took together.
    pub fn times(
        &mut self,
        name: &str,
        label: Option<(&str, &str)>,
        bounds: &[u64],
        at_most: &[u64],
        (count, sum): (u64, Duration),
    ) {
        let bucket = format!("{name}_bucket");
        let (own, mut labels) = (label.as_slice(), label.as_slice().to_vec());
        labels.push(("le", "+Inf"));
        for (bound, below) in bounds.iter().zip(at_most) {
            let bound = seconds(Duration::from_micros(*bound));
            let labels: Vec<_> = own.iter().copied().chain([("le", bound.as_str())]).collect();
            self.value(&bucket, &labels, below);
        }
        self.value(&bucket, &labels, count);
        self.value(&format!("{name}_sum"), own, seconds(sum));
        self.value(&format!("{name}_count"), own, count);
    }
}

/// A length of time as Prometheus has it.
pub fn seconds(time: Duration) -> String {
    let text = format!("{}.{:09}", time.as_secs(), time.subsec_nanos());
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A moment as Prometheus has it.
pub fn timestamp(at: Instant) -> i64 {
    at.0.checked_div(SECOND).unwrap_or_default()
}
