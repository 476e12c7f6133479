use chrono::{DateTime, FixedOffset, NaiveDate};
use rust_decimal::Decimal;

use super::*;
use crate::source::{Sources, tree};
use crate::value::Duration;
use crate::{enumeration, record};

type Moment = DateTime<FixedOffset>;

fn decode<T: Decode>(yaml: &str) -> (Option<T>, Sources, Vec<Diagnostic>) {
    let mut problems = Problems::default();
    let sources = Sources::new([("a.yaml", yaml)], &mut problems);
    let tree = tree::parse(sources.get(0).unwrap(), &mut problems);
    let value = tree.and_then(|tree| T::decode(&tree, &mut problems));
    (value, sources, problems.into_sorted())
}

#[track_caller]
fn good<T: Decode>(yaml: &str) -> T {
    let (value, _, problems) = decode(yaml);
    assert!(problems.is_empty(), "{yaml}: {problems:?}");
    value.unwrap()
}

/// The one problem of a value: its message and its help.
#[track_caller]
fn bad<T: Decode + std::fmt::Debug>(yaml: &str) -> String {
    let (value, _, problems) = decode::<T>(yaml);
    assert!(value.is_none(), "{yaml}: {value:?}");
    assert_eq!(problems.len(), 1, "{yaml}: {problems:?}");
    format!("{} / {}", problems[0].message.en, problems[0].help.as_ref().map_or("", |help| &help.en))
}

#[test]
fn decimals_are_exact_and_written_in_one_way() {
    for text in ["0", "-5", "12.50", "0.1", "9999999999999999999999999999", "-0.0000000000000000000000000001"] {
        assert_eq!(good::<Decimal>(text).to_string(), text);
        assert_eq!(good::<Decimal>(&format!("'{text}'")).to_string(), text);
    }
    for (text, help) in [
        ("1_000", "write `1000`"),
        ("1,000.50", "write `1000.50`"),
        ("+5", "write `5`"),
        ("007", "write `7`"),
        (".5", "write `0.5`"),
        ("1e3", "write `1000`"),
        ("1.5E-2", "write `0.015`"),
        ("50%", "write `50`"),
        ("¥500", "write `500`"),
        ("500元", "write `500`"),
        ("５００．５", "write `500.5`"),
        ("-0", "write digits"),
        ("5.", "write digits"),
        ("0x1F", "write digits"),
        (".nan", "write digits"),
        (".inf", "write digits"),
        ("一百", "write digits"),
        ("99999999999999999999999999999", "it may have at most 28 digits"),
        ("1.00000000000000000000000000001", "it may have at most 28 digits"),
        ("1e999999999", "write digits"),
    ] {
        let found = bad::<Decimal>(text);
        assert!(found.contains(help), "{text}: {found}");
    }
}

#[test]
fn whole_numbers_truths_and_texts() {
    assert_eq!(good::<u32>("4294967295"), u32::MAX);
    for text in ["4294967296", "-1", "1.0", "01", "+1", "x"] {
        assert!(bad::<u32>(text).starts_with("a whole number is wanted here"), "{text}");
    }
    assert!(good::<bool>("true") && !good::<bool>("false"));
    for (text, help) in
        [("yes", "write `true`"), ("True", "write `true`"), ("off", "write `false`"), ("x", "write `true` for")]
    {
        assert!(bad::<bool>(text).contains(help), "{text}");
    }
    assert_eq!(good::<String>("007"), "007");
    assert!(bad::<String>("' '").starts_with("a text is wanted here, but nothing is written"));
    assert!(bad::<String>("[a]").starts_with("a text is wanted here, not a list"));
    assert!(bad::<String>("a: b").starts_with("a text is wanted here, not a group"));
}

#[test]
fn times_are_exact_and_complete() {
    assert_eq!(good::<NaiveDate>("2026-11-22").to_string(), "2026-11-22");
    for (text, help) in [
        ("2026-02-30", "no such day"),
        ("2026-1-2", "write year"),
        ("1989-12-31", "the year must be"),
        ("22.11.2026", "write year"),
        ("+2026-1-1", "write year"),
    ] {
        assert!(bad::<NaiveDate>(text).contains(help), "{text}");
    }
    assert_eq!(good::<Moment>("2026-11-22T15:00:00+08:00").to_rfc3339(), "2026-11-22T15:00:00+08:00");
    assert_eq!(good::<Moment>("2026-11-22T15:00:00.5Z").timestamp_subsec_millis(), 500);
    for (text, help) in [
        ("2026-11-22T15:00:00", "the offset from UTC too: `2026-11-22T15:00:00+08:00`"),
        ("2026-11-22 15:00:00", "the offset from UTC too: `2026-11-22T15:00:00+08:00`"),
        ("2026-11-22 15:00:00+08:00", "write date, time"),
        ("2026-11-22", "write date, time"),
        ("2026-06-30T23:59:60Z", "write date, time"),
        ("2300-01-01T00:00:00Z", "the year must be"),
    ] {
        assert!(bad::<Moment>(text).contains(help), "{text}");
    }
}

#[test]
fn lengths_of_time() {
    for (text, seconds) in
        [("48h", 172_800), ("30m", 1800), ("20s", 20), ("7d", 604_800), ("1d12h", 129_600), ("1h1s", 3601), ("0s", 0)]
    {
        assert_eq!(good::<Duration>(text), Duration(seconds * 1_000_000_000), "{text}");
    }
    assert_eq!(good::<Duration>("36500d"), Duration(36_500 * 86_400 * 1_000_000_000));
    for (text, help) in [
        ("48", "write days"),
        ("48 h", "write `48h`"),
        ("48小时", "write `48h`"),
        ("１天１２小时", "write `1d12h`"),
        ("30min", "write `30m`"),
        ("48H", "write `48h`"),
        ("h", "write days"),
        ("12h1d", "write days"),
        ("1h1h", "write days"),
        ("-1h", "write days"),
        ("1.5h", "write days"),
        ("36501d", "at most 36500 days"),
        ("99999999999999999999d", "write days"),
        ("9223372036854775807d", "write days"),
    ] {
        let found = bad::<Duration>(text);
        assert!(found.contains(help), "{text}: {found}");
    }
}

#[test]
fn names() {
    assert_eq!(good::<Id>("agent-half_2").as_str(), "agent-half_2");
    assert_eq!(good::<DottedId>("product.quality.blemish").as_str(), "product.quality.blemish");
    for (text, help) in [
        ("Agent", "write `agent`"),
        ("team lead", "write `team-lead`"),
        ("ａgent", "write `agent`"),
        ("2x", "begin with a lower-case letter"),
        ("a.b", "begin with a lower-case letter"),
        ("客服", "begin with a lower-case letter"),
        (&"a".repeat(65), "at most 64"),
    ] {
        assert!(bad::<Id>(text).contains(help), "{text}");
    }
    for text in ["a..b", ".a", "a.", "a.2"] {
        assert!(bad::<DottedId>(text).contains("write parts"), "{text}");
    }
}

#[test]
fn nothing_written_is_never_left_out() {
    for yaml in ["a:", "a: ~", "a: null"] {
        type Fields = Entries<Option<Decimal>>;
        assert!(
            bad::<Fields>(yaml).contains("a number is wanted here, but nothing is written / write a value"),
            "{yaml}"
        );
    }
    assert!(bad::<Entries<Vec<Id>>>("a:").contains("a list is wanted here, but nothing is written"));
    assert!(bad::<Entries<OneOrMany<Id>>>("a:").contains("a name is wanted here, but nothing is written"));
    assert!(bad::<Entries<ExpressionText>>("a: ''").contains("an expression is wanted here, but nothing is written"));
    assert!(bad::<Entries<LocalizedText>>("a: {}").contains("a text in each language is wanted here"));
    assert!(bad::<Entries<Node>>("a:").contains("a value is wanted here, but nothing is written"));
}

#[test]
fn one_item_stands_for_a_list_of_one() {
    assert_eq!(*good::<OneOrMany<Id>>("a"), *good::<OneOrMany<Id>>("[a]"));
    assert_eq!(good::<OneOrMany<Id>>("[a, b]").len(), 2);
    assert!(bad::<OneOrMany<Id>>("[]").contains("at least one item is wanted here"));
    assert!(bad::<Vec<Id>>("a").contains("a list is wanted here, not `a` / write each item"));
}

#[test]
fn entries_keep_their_order_and_their_places() {
    let (value, sources, _) = decode::<Entries<u32, Id>>("b: 2\na: 1\n");
    let value = value.unwrap();
    let keys: Vec<_> = value.iter().map(|(key, n)| (sources.text(&key.span), *n)).collect();
    assert_eq!(keys, [("b", 2), ("a", 1)]);
    assert_eq!(value.get("a"), Some(&1));
    let (_, _, problems) = decode::<Entries<u32, Id>>("B: x\n2: y\n");
    assert_eq!(problems.len(), 4, "keys and values alike: {problems:?}");
}

#[test]
fn the_insides_of_texts_have_places() {
    let (value, sources, _) = decode::<LocalizedText>("zh-CN: \"最多\\u0020{cap}\"\nen: 'at most {cap}'\n");
    let value = value.unwrap();
    for (locale, written) in [("zh-CN", "{cap}"), ("en", "{cap}")] {
        let text = value.texts.get(locale).unwrap();
        let at = text.text().find("{cap}").unwrap();
        assert_eq!(sources.text(&text.place(at..at + 5)), written, "{locale}");
    }
    let help = bad::<Entries<LocalizedText>>("title: 退款");
    assert!(help.contains("write `{ zh-CN: 文字, en: text }`"), "{help}");
    assert!(bad::<Entries<ExpressionText>>("a: {b: c}").contains("put the whole expression in quotes"));
}

enumeration! {
    /// How sure.
    /// zh: 有多确定。
    enum Certainty {
        /// Entirely.
        /// zh: 完全。
        Sure = "sure",
        Unsure = "not-sure",
    }
}

record! {
    /// A rule of this test.
    /// zh: 测试用的规则。
    struct Rule {
        /// Its name.
        /// zh: 名称。
        id: Spanned<Id>,
        /// The amount
        /// at most.
        limit: Decimal,
        certainty: Option<Certainty>,
        #[key = "in"]
        within: Vec<Id>,
        #[key = "unless"]
        exceptions: Option<Box<Rule>>,
    }
}

#[test]
fn records_are_read_by_their_keys() {
    let (rule, sources, problems) = decode::<Rule>("limit: 5\nin: [a, b]\nid: x\ncertainty: not-sure\n");
    assert!(problems.is_empty(), "{problems:?}");
    let rule = rule.unwrap();
    assert_eq!((rule.id.as_str(), sources.text(&rule.id.span)), ("x", "x"));
    assert_eq!((rule.limit, rule.certainty, rule.within.len()), (Decimal::from(5), Some(Certainty::Unsure), 2));
    assert!(rule.exceptions.is_none());
    assert_eq!(rule.span.bytes, 0..sources.get(0).unwrap().text().trim_end().len());
    assert_eq!(Certainty::Unsure.word(), "not-sure");
}

#[test]
fn all_problems_of_a_record_are_found_at_once() {
    let yaml = "idd: X\nlimit: [1]\ncertainty: shure\nin: [A, b, C]\nunless: { limit: , colour: red }\n";
    let (rule, sources, problems) = decode::<Rule>(yaml);
    assert!(rule.is_none());
    let found: Vec<_> = problems.iter().map(|d| (d.code, sources.text(&d.span), d.message.en.as_str())).collect();
    assert_eq!(
        found,
        [
            (codes::UNKNOWN_KEY, "idd", "there is no key `idd` here"),
            (codes::WRONG_FORM, "X", "a name is wanted here, not `X`"),
            (codes::WRONG_FORM, "[1]", "a number is wanted here, not a list"),
            (codes::UNKNOWN_WORD, "shure", "`shure` can't be written here"),
            (codes::WRONG_FORM, "A", "a name is wanted here, not `A`"),
            (codes::WRONG_FORM, "C", "a name is wanted here, not `C`"),
            (codes::MISSING_KEY, "limit", "the key `id` is missing here"),
            (codes::WRONG_FORM, ":", "a number is wanted here, but nothing is written"),
            (codes::UNKNOWN_KEY, "colour", "there is no key `colour` here"),
        ]
    );
    let help = |n: usize| problems[n].help.as_ref().unwrap().en.as_str();
    assert_eq!(help(0), "did you mean `id`? allowed here: `id`, `limit`, `certainty`, `in`, `unless`");
    assert_eq!(help(3), "did you mean `sure`? allowed here: `sure`, `not-sure`");
    assert_eq!(help(6), "`id`: Its name.");
    assert_eq!(problems[6].help.as_ref().unwrap().zh, "`id`：名称。");
}

#[test]
fn a_record_written_as_something_else_says_which_keys_it_has() {
    assert!(
        bad::<Rule>("[1]").contains("a group of `key: value` is wanted here, not a list / allowed here: `id`, `limit`")
    );
    assert!(bad::<Rule>("id：x").contains("full-width"));
    assert!(bad::<Rule>("id:x").contains("a space after the colon"));
}

#[test]
fn the_schema_says_what_decoding_accepts() {
    let schema = Definitions::document::<Rule>();
    assert_eq!(
        schema,
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": "#/$defs/Rule",
            "$defs": {
                "Rule": {
                    "type": "object",
                    "properties": {
                        "id": {
                            "type": "string", "pattern": "^[a-z][a-z0-9_-]*$", "maxLength": 64,
                            "description": "Its name. — 名称。"
                        },
                        "limit": {
                            "type": ["number", "string"], "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$",
                            "description": "The amount at most."
                        },
                        "certainty": { "$ref": "#/$defs/Certainty" },
                        "in": {
                            "type": "array",
                            "items": { "type": "string", "pattern": "^[a-z][a-z0-9_-]*$", "maxLength": 64 }
                        },
                        "unless": { "$ref": "#/$defs/Rule" },
                    },
                    "required": ["id", "limit"],
                    "additionalProperties": false,
                    "description": "A rule of this test. — 测试用的规则。",
                },
                "Certainty": {
                    "oneOf": [{ "const": "sure", "description": "Entirely. — 完全。" }, { "const": "not-sure" }],
                    "description": "How sure. — 有多确定。",
                },
            },
        })
    );
}

mod namesakes {
    use super::super::Id;
    use crate::record;

    record! {
        pub struct Rule {
            id: Id,
        }
    }
}

#[test]
fn namesakes_have_schemas_of_their_own() {
    let mut definitions = Definitions::default();
    let one = Rule::schema(&mut definitions);
    let other = namesakes::Rule::schema(&mut definitions);
    assert_eq!((one["$ref"].as_str(), other["$ref"].as_str()), (Some("#/$defs/Rule"), Some("#/$defs/Rule2")));
    assert_eq!(Rule::schema(&mut definitions), one);
}
