use std::ops::Range;

use super::*;
use crate::both;
use crate::diagnostic::{Problems, codes};

fn sources(text: &str) -> Sources {
    Sources::new([("authority/a.yaml", text)], &mut Problems::default())
}

fn error(bytes: Range<usize>) -> Diagnostic {
    Diagnostic::error(codes::WRONG_FORM, Span::new(0, bytes), both!("不对", "wrong"))
}

fn place_of(text: &str, part: &str) -> Range<usize> {
    let start = text.find(part).unwrap();
    start..start + part.len()
}

#[test]
fn wide_characters_are_underlined_where_they_stand() {
    let text = "title: 补偿\ncap: 订单金额 > 五百\n";
    let diagnostic = error(place_of(text, "五百"))
        .help(both!("写 `500`", "write `500`"))
        .related(Span::new(0, place_of(text, "补偿")), both!("属于这里", "belongs here"));
    let drawn = full(&[diagnostic], &sources(text), Style::plain(Language::Chinese));
    let expected = "\
错误[E0104]: 不对
 --> authority/a.yaml:2:13
  |
1 | title: 补偿
  |        ---- 属于这里
2 | cap: 订单金额 > 五百
  |                 ^^^^
  |
  = 帮助: 写 `500`
";
    assert_eq!(drawn, expected);
}

#[test]
fn spans_of_any_shape_are_drawn() {
    let text = "\u{feff}a: 1\r\nb: [1,\r\n  2]\r\n\tc: 金";
    let end = text.len();
    let sources = sources(text);
    for (bytes, place, line, underline) in [
        (3..4, "1:1", "1 | a: 1", "^"),
        (0..0, "1:1", "1 | a: 1", "^"),
        (7..9, "1:5", "1 | a: 1", "    ^"),
        (12..20, "2:4", "2 | b: [1,", "   ^^^"),
        (end..end, "4:6", "4 |     c: 金", "         ^"),
        (end - 2..end - 1, "4:5", "4 |     c: 金", "       ^^"),
        (end + 9..usize::MAX, "4:6", "4 |     c: 金", "         ^"),
        (Range { start: 13, end: 2 }, "2:5", "2 | b: [1,", "    ^"),
    ] {
        let drawn = full(&[error(bytes.clone())], &sources, Style::plain(Language::English));
        let lines: Vec<_> = drawn.lines().collect();
        assert_eq!(lines[1], format!(" --> authority/a.yaml:{place}"), "{bytes:?}");
        assert_eq!(lines[3..5], [line, &format!("  | {underline}")], "{bytes:?}");
    }
}

#[test]
fn long_lines_are_trimmed_and_keep_their_columns() {
    let text = format!("a: {}金额{}\n", "x".repeat(9000), "y".repeat(9000));
    let far = error(place_of(&text, "金额")).related(Span::new(0, 0..1), both!("这里", "here"));
    let drawn = full(&[far], &sources(&text), Style::plain(Language::English));
    assert!(drawn.contains(" --> authority/a.yaml:1:9004\n"), "{drawn}");
    assert!(drawn.contains("金额") && drawn.contains("- here"), "{drawn}");
    assert!(drawn.lines().all(|line| line.len() < 300), "{drawn}");
}

#[test]
fn what_has_no_place_is_told_all_the_same() {
    let nowhere = Diagnostic::warning(codes::MANIFEST, Span::new(7, 1..2), both!("没有清单", "there is no manifest"));
    let sources = sources("a: 1");
    assert_eq!(
        full(std::slice::from_ref(&nowhere), &sources, Style::plain(Language::English)),
        "warning[E0107]: there is no manifest\n"
    );
    assert_eq!(short(std::slice::from_ref(&nowhere), &sources, Language::Chinese), "警告[E0107]: 没有清单\n");
    assert_eq!(json(&[nowhere], &sources)["diagnostics"][0]["file"], Value::Null);
}

#[test]
fn short_lines_summaries_and_programs() {
    let text = "a: 金额\nb: 2\n";
    let sources = sources(text);
    let wrong =
        error(place_of(text, "金额")).help(both!("改", "mend")).related(Span::new(0, 10..11), both!("这里", "here"));
    let warning = Diagnostic::warning(codes::GAP, Span::new(0, 0..text.len() - 1), both!("有缺口", "a gap"));
    let all = [wrong.clone(), warning.clone()];
    assert_eq!(
        short(&all, &sources, Language::English),
        "authority/a.yaml:1:4: error[E0104]: wrong\nauthority/a.yaml:1:1: warning[E0504]: a gap\n"
    );
    for (diagnostics, zh, en) in [
        (&all[..], "1 个错误，1 个警告", "1 error, 1 warning"),
        (&[wrong.clone(), wrong], "2 个错误", "2 errors"),
        (&[warning], "1 个警告", "1 warning"),
        (&[], "没有问题", "no problems"),
    ] {
        assert_eq!(
            (summary(diagnostics, Language::Chinese).as_str(), summary(diagnostics, Language::English).as_str()),
            (zh, en)
        );
    }
    assert_eq!(
        json(&all, &sources),
        json!({
            "errors": 1,
            "warnings": 1,
            "diagnostics": [
                {
                    "code": "E0104", "severity": "error",
                    "file": "authority/a.yaml", "line": 1, "column": 4, "end_line": 1, "end_column": 6,
                    "message": { "zh": "不对", "en": "wrong" }, "help": { "zh": "改", "en": "mend" },
                    "related": [{
                        "file": "authority/a.yaml", "line": 2, "column": 1, "end_line": 2, "end_column": 2,
                        "message": { "zh": "这里", "en": "here" },
                    }],
                },
                {
                    "code": "E0504", "severity": "warning",
                    "file": "authority/a.yaml", "line": 1, "column": 1, "end_line": 2, "end_column": 5,
                    "message": { "zh": "有缺口", "en": "a gap" }, "help": null, "related": [],
                },
            ],
        })
    );
}

#[test]
fn colour_is_there_when_asked_for() {
    let diagnostics = [error(0..1)];
    let style = Style::plain(Language::English);
    let sources = sources("a: 1");
    assert!(full(&diagnostics, &sources, Style { colour: true, ..style }).contains("\u{1b}["));
    assert!(!full(&diagnostics, &sources, style).contains('\u{1b}'));
}

#[test]
fn a_source_cannot_write_to_the_terminal() {
    let text = "a: \u{1b}[31mred\u{202e}";
    let diagnostic = error(3..4).help(Bilingual::new("\u{1b}[2J", "\u{1b}[2J"));
    let sources = sources(text);
    for drawn in [
        full(std::slice::from_ref(&diagnostic), &sources, Style::plain(Language::English)),
        short(&[diagnostic], &sources, Language::English),
    ] {
        assert!(!drawn.contains(['\u{1b}', '\u{202e}']), "{drawn:?}");
    }
}
