//! What is written as one word: texts, truths, numbers, names.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Decode, Definitions, wrong_form, wrong_form_help};
use crate::both;
use crate::diagnostic::Problems;
use crate::source::tree::{Node, NodeKind};
use crate::text::{Bilingual, quoted};

/// A decimal holds this many digits of any value exactly.
const DIGITS_MAX: usize = 28;

/// How long a name may be.
const ID_LENGTH_MAX: usize = 64;

/// How long a name of several parts may be.
const DOTTED_ID_LENGTH_MAX: usize = 128;

/// Reads a word; `read` says how to write it where it fails.
pub(super) fn word<T>(
    node: &Node,
    wanted: &Bilingual,
    problems: &mut Problems,
    read: impl FnOnce(&str) -> Result<T, Bilingual>,
) -> Option<T> {
    let diagnostic = match &node.kind {
        NodeKind::Scalar(scalar) => match read(&scalar.text) {
            Ok(value) => return Some(value),
            Err(help) => wrong_form_help(node, wanted, help),
        },
        NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => wrong_form(node, wanted),
    };
    problems.push(diagnostic);
    None
}

/// Any text but a blank one.
impl Decode for String {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        word(node, &both!("文字", "a text"), problems, |text| match text.trim() {
            "" => Err(both!("写上文字", "write a text")),
            _ => Ok(text.to_string()),
        })
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": ["string", "number", "boolean"], "minLength": 1 })
    }
}

/// `true` or `false`, and no other way of saying so.
impl Decode for bool {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        word(node, &both!(" `true` 或 `false`", "`true` or `false`"), problems, |text| {
            match text.to_ascii_lowercase().as_str() {
                "true" if text == "true" => Ok(true),
                "false" if text == "false" => Ok(false),
                "true" | "yes" | "y" | "on" | "1" | "是" => Err(write_it("true")),
                "false" | "no" | "n" | "off" | "0" | "否" => Err(write_it("false")),
                _ => Err(both!("只能写 `true`（是）或 `false`（否）", "write `true` for yes or `false` for no")),
            }
        })
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "boolean" })
    }
}

/// An exact number: digits and perhaps a point. It never goes through a float.
impl Decode for Decimal {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        word(node, &both!("一个数", "a number"), problems, |text| decimal(text).ok_or_else(|| decimal_help(text)))
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": ["number", "string"], "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$" })
    }
}

fn decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, part)| (whole, Some(part)));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let plain = all_digits(whole) && fraction.is_none_or(all_digits) && (whole == "0" || !whole.starts_with('0'));
    if !plain || digit_count(whole.trim_start_matches('0')).saturating_add(fraction.map_or(0, digit_count)) > DIGITS_MAX
    {
        return None;
    }
    // A negative zero would be equal to zero and written differently.
    Decimal::from_str_exact(text).ok().filter(|value| !(value.is_zero() && text.starts_with('-')))
}

fn digit_count(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

fn decimal_help(text: &str) -> Bilingual {
    if digit_count(text) > DIGITS_MAX {
        return both!("最多 {DIGITS_MAX} 位数字", "it may have at most {DIGITS_MAX} digits");
    }
    // What many mean by currency signs, separators, full-width digits, exponents and leading zeros.
    let plain: String = text
        .chars()
        .map(half_width)
        .filter(|c| !matches!(c, ',' | '_' | ' ' | '+' | '%' | '¥' | '￥' | '元'))
        .collect();
    let plain = match plain.trim_start_matches('0') {
        "" => "0".to_string(),
        rest if rest.starts_with(|c: char| c.is_ascii_digit()) => rest.to_string(),
        rest => format!("0{rest}"),
    };
    let meant = decimal(&plain).or_else(|| Decimal::from_scientific(&plain).ok().filter(|_| plain.len() < DIGITS_MAX));
    match meant {
        Some(number) if text != "-0" => write_it(&number.to_string()),
        _ => both!(
            "用半角数字写，小数用点号，如 `500` 或 `12.50`",
            "write digits, with a point before the fraction, like `500` or `12.50`"
        ),
    }
}

/// A whole number, not negative.
impl Decode for u32 {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        word(node, &both!("一个不带小数的数", "a whole number"), problems, |text| {
            let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
            text.parse().ok().filter(|_| plain).ok_or_else(|| {
                let most = u32::MAX;
                both!("写 0 到 {most} 的整数，只用半角数字", "write a whole number from 0 to {most}, in digits only")
            })
        })
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX })
    }
}

/// A name: lower-case letters, digits, `-` and `_`, beginning with a letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(Arc<str>);

/// A name of one or more parts with points between, each like an [`Id`]: `product.quality.blemish`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DottedId(Arc<str>);

impl Id {
    /// `None` if the text is no name.
    pub fn new(text: &str) -> Option<Self> {
        (text.len() <= ID_LENGTH_MAX && is_name(text)).then(|| Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl DottedId {
    /// `None` if the text is no name of parts.
    pub fn new(text: &str) -> Option<Self> {
        (text.len() <= DOTTED_ID_LENGTH_MAX && text.split('.').all(is_name)).then(|| Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Decode for Id {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        word(node, &both!("一个名称", "a name"), problems, |text| {
            Self::new(text).ok_or_else(|| {
                name_help(text, |text| Self::new(text).is_some()).unwrap_or_else(|| {
                    both!(
                        "用小写字母开头，只含小写字母、数字、`-` 和 `_`，最多 {ID_LENGTH_MAX} 个，如 `agent-half`",
                        "begin with a lower-case letter; use lower-case letters, digits, `-` and `_`, at most {ID_LENGTH_MAX}: `agent-half`"
                    )
                })
            })
        })
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "string", "pattern": "^[a-z][a-z0-9_-]*$", "maxLength": ID_LENGTH_MAX })
    }
}

impl Decode for DottedId {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        word(node, &both!("一个名称", "a name"), problems, |text| {
            Self::new(text).ok_or_else(|| {
                name_help(text, |text| Self::new(text).is_some()).unwrap_or_else(|| {
                    both!(
                        "各段之间用 `.`，每段用小写字母开头，只含小写字母、数字、`-` 和 `_`，如 `product.quality`",
                        "write parts with `.` between; each begins with a lower-case letter and has lower-case letters, digits, `-` and `_`: `product.quality`"
                    )
                })
            })
        })
    }

    fn schema(_: &mut Definitions) -> Value {
        let pattern = r"^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*$";
        json!({ "type": "string", "pattern": pattern, "maxLength": DOTTED_ID_LENGTH_MAX })
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
}

fn name_help(text: &str, is_name: impl FnOnce(&str) -> bool) -> Option<Bilingual> {
    let plain: String = text.chars().map(half_width).map(|c| if c == ' ' { '-' } else { c }).collect();
    let plain = plain.to_ascii_lowercase();
    is_name(&plain).then(|| write_it(&plain))
}

pub(super) fn write_it(word: &str) -> Bilingual {
    let word = quoted(word);
    both!("请写成 {word}", "write {word}")
}

/// The plain form of a full-width digit, letter or sign.
pub(super) fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
        '\u{3000}' => ' ',
        '。' => '.',
        _ => c,
    }
}

macro_rules! name_traits {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        /// Maps keyed by it can be asked with a plain text.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                &*self.0 == *other
            }
        }
    )*};
}

name_traits!(Id, DottedId);
