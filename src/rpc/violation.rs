//! What is wrong with a request, field by field: the path of the field, a stable name of the kind of fault, and a
//! sentence that says how to mend it.

use std::fmt::Write as _;

use tonic::{Code, Status};
use tonic_types::{BadRequest, ErrorDetails, FieldViolation, StatusExt};

use super::proto::redress::v1 as wire;
use crate::both;
use crate::text::{Bilingual, Language};

/// One thing wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field from the request: `case.order.amount`.
    pub field: String,
    pub reason: Reason,
    /// What is wrong, and how to mend it.
    pub description: Bilingual,
}

/// A stable name for each kind of fault. A name is never reused for another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reason(pub &'static str);

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        impl Reason {
            $($(#[$doc])* pub const $name: Reason = Reason(stringify!($name));)*
        }
    };
}

reasons! {
    /// The field has to be there.
    REQUIRED;
    /// The body is no JSON.
    MALFORMED_JSON;
    /// The message has no such field.
    UNKNOWN_FIELD;
    /// The JSON holds another kind of thing than the field does.
    WRONG_TYPE;
    /// A word that the bundle does not know.
    UNKNOWN_NAME;
    /// A number that stands for no member of the enumeration.
    UNKNOWN_ENUM_VALUE;
    CURRENCY_MISSING;
    FOREIGN_CURRENCY;
    MALFORMED_AMOUNT;
    NEGATIVE_AMOUNT;
    AMOUNT_TOO_PRECISE;
    AMOUNT_TOO_LARGE;
    MALFORMED_NUMBER;
    /// A binary fraction, which holds no exact number: to be sent as text.
    INEXACT_NUMBER;
    NEGATIVE_NUMBER;
    NUMBER_TOO_LARGE;
    MALFORMED_TIME;
    TIME_OUT_OF_RANGE;
    MALFORMED_DATE;
    DATE_OUT_OF_RANGE;
    MALFORMED_DURATION;
    NEGATIVE_DURATION;
    DURATION_TOO_LONG;
    TEXT_TOO_LONG;
    LIST_TOO_LONG;
    TOO_DEEP;
    TOO_MANY_VALUES;
    UNKNOWN_ATTRIBUTE;
    /// The same thing is said twice.
    DUPLICATE;
    /// Named as an empty list, and it is no list of facts.
    NOT_A_LIST;
    /// Two fields contradict each other.
    CONTRADICTION;
    /// Something happened before it could.
    IMPOSSIBLE_TIME;
    MALFORMED_LOCALE;
    TOO_MANY_REQUESTS;
    NOT_FOUND;
    MALFORMED_PAGE;
}

impl Violation {
    pub fn new(field: impl Into<String>, reason: Reason, description: Bilingual) -> Self {
        Self { field: field.into(), reason, description }
    }

    pub fn required(field: &str) -> Self {
        Self::new(field, Reason::REQUIRED, both!("必须填写", "it has to be there"))
    }
}

/// A refused request, as gRPC tells it: a sentence over all violations, and each in a `google.rpc.BadRequest`.
pub fn refusal(violations: &[Violation], language: Language) -> Status {
    let fields = violations.iter().map(|violation| FieldViolation {
        field: violation.field.clone(),
        description: violation.description.get(language).to_owned(),
        reason: violation.reason.0.to_owned(),
        localized_message: None,
    });
    let details = ErrorDetails::with_bad_request(BadRequest::new(fields.collect::<Vec<_>>()).field_violations);
    Status::with_error_details(Code::InvalidArgument, summary(violations, language), details)
}

/// A refused item among many.
pub fn problem(violations: &[Violation], language: Language) -> wire::Problem {
    let fields = violations.iter().map(|violation| wire::FieldViolation {
        field: violation.field.clone(),
        description: violation.description.get(language).to_owned(),
        reason: violation.reason.0.to_owned(),
    });
    wire::Problem {
        code: wire::ProblemCode::InvalidArgument.into(),
        message: summary(violations, language),
        violations: fields.collect(),
    }
}

/// The first few in one sentence: many callers show nothing else.
fn summary(violations: &[Violation], language: Language) -> String {
    const NAMED_MAX: usize = 3;
    let zh = language == Language::Chinese;
    let mut said = if zh { "请求有误：" } else { "the request is wrong: " }.to_owned();
    for (at, violation) in violations.iter().take(NAMED_MAX).enumerate() {
        if at > 0 {
            said.push_str(if zh { "；" } else { "; " });
        }
        let description = violation.description.get(language);
        // Writing to a string can't fail.
        let between = if zh { " " } else { ": " };
        let _ = write!(said, "`{}`{between}{description}", violation.field);
    }
    let more = violations.len().saturating_sub(NAMED_MAX);
    if more > 0 {
        let _ = if zh { write!(said, "；另有 {more} 处") } else { write!(said, "; and {more} more") };
    }
    said
}
