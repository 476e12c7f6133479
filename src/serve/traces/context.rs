//! The trace that a caller says its call is part of, as W3C's Trace Context has it. What is malformed is as if it were
//! not there: the call begins a trace of its own.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry_sdk::propagation::TraceContextPropagator;

pub const PARENT: HeaderName = HeaderName::from_static("traceparent");

/// The lengths of a version, a trace's id, a span's id, and flags.
const PARTS: [usize; 4] = [2, 32, 16, 2];

/// The caller's context.
pub fn parent(headers: &HeaderMap) -> Context {
    match headers.get(PARENT) {
        Some(parent) if is_well_formed(parent) => {
            TraceContextPropagator::new().extract_with_context(&Context::new(), &Headers(headers))
        }
        _ => Context::new(),
    }
}

/// The id of the trace that a header names.
pub fn trace_id(parent: &HeaderValue) -> Option<String> {
    let id = parent.to_str().ok().filter(|_| is_well_formed(parent))?.split('-').nth(1)?;
    Some(id.to_owned()).filter(|id| id.bytes().any(|byte| byte != b'0'))
}

/// The library reads numbers; it does not see whether they have the digits that they must have.
fn is_well_formed(parent: &HeaderValue) -> bool {
    let Ok(text) = parent.to_str() else { return false };
    let mut parts = text.split('-');
    let fits = PARTS.iter().all(|length| {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        parts.next().is_some_and(|part| part.len() == *length && part.bytes().all(digit))
    });
    // A later version may say more; this one may not, and `ff` is none.
    fits && !text.starts_with("ff") && (parts.next().is_none() || !text.starts_with("00"))
}

struct Headers<'h>(&'h HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry::trace::TraceContextExt as _;

    #[test]
    fn a_malformed_parent_is_as_none() {
        let (trace, span) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
        for (said, counts) in [
            (format!("00-{trace}-{span}-01"), true),
            (format!("00-{trace}-{span}-00"), true),
            (format!("cc-{trace}-{span}-01-more"), true),
            (format!("00-{trace}-{span}-01-more"), false),
            (format!("ff-{trace}-{span}-01"), false),
            (format!("00-{}-{span}-01", trace.to_uppercase()), false),
            (format!("00-{}-{span}-01", "0".repeat(32)), false),
            (format!("00-{trace}-{}-01", "0".repeat(16)), false),
            (format!("00-{}-{span}-01", &trace[1..]), false),
            (format!("00-+{}-{span}-01", &trace[1..]), false),
            (format!("00-{trace}-{span}"), false),
            (format!("00-{trace}-{span}-1"), false),
            (format!("0-{trace}-{span}-01"), false),
            (String::new(), false),
            ("13800138000".into(), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(PARENT, HeaderValue::from_str(&said).unwrap());
            // A state that can't be read does not take the parent along.
            headers.insert("tracestate", HeaderValue::from_static("=,=,="));
            let context = parent(&headers);
            let found = context.span().span_context().clone();
            assert_eq!(found.is_valid(), counts, "{said}");
            if counts {
                assert_eq!((found.trace_id().to_string(), found.span_id().to_string()), (trace.into(), span.into()));
                assert_eq!(found.is_sampled(), said.contains("-01"));
            }
        }
    }
}
