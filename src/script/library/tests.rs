//! Scripts against what must become of them: refused when they are loaded, stopped or failed when they are called, or
//! their result. Most of them are hostile.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Library;
use crate::diagnostic::{Problems, Span};
use crate::script::{ScriptFailure, TIME_LIMIT};
use crate::value::{self, SECOND, Symbol, Value};

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

#[track_caller]
fn load(sources: &[(u32, &str)]) -> Library {
    let mut problems = Problems::default();
    let library = Library::compile(sources, &mut problems);
    assert!(problems.is_empty(), "{}", report(problems, sources));
    library
}

/// Code, place, sentence and help of every problem.
fn report(problems: Problems, sources: &[(u32, &str)]) -> String {
    let text = |span: &Span| {
        let (_, text) = sources.iter().find(|(source, _)| *source == span.source).unwrap();
        text[span.bytes.clone()].to_owned()
    };
    let lines = problems.into_sorted().into_iter().map(|problem| {
        for sentence in [Some(&problem.message), problem.help.as_ref()].into_iter().flatten() {
            assert!(!sentence.zh.is_empty() && sentence.zh != sentence.en, "no translation: {}", sentence.en);
        }
        let help = problem.help.as_ref().map_or(String::new(), |help| format!(" | {}", help.en));
        let related = problem.related.iter().map(|(span, label)| {
            format!(" ({} ‹{}› in {} at {})", label.en, text(span), span.source, span.bytes.start)
        });
        let related: String = related.collect();
        format!("{} ‹{}› {}{help}{related}", problem.code, text(&problem.span), problem.message.en)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What becomes of the body of a function without parameters.
fn outcome(body: &str) -> String {
    let text = format!("/// fn f() -> number\nfn f() {{\n{body}\n}}\nprivate fn g() {{ f() }}\n");
    let mut problems = Problems::default();
    let library = Library::compile(&[(0, &text)], &mut problems);
    if problems.has_errors() {
        return report(problems, &[(0, &text)]);
    }
    // The machine may be busy with something else: only what is slow every time is too slow.
    for _ in 0..50 {
        let start = Instant::now();
        let answer = library.call(0, &[]);
        if start.elapsed() > TIME_LIMIT + Duration::from_millis(10) {
            std::thread::sleep(Duration::from_millis(20));
            continue;
        }
        return match answer {
            Ok(value) => format!("= {value:?}"),
            Err(failure) if is_stop(&failure.message.en) => "stopped".to_owned(),
            Err(ScriptFailure { message, line, column, .. }) => format!("{line}:{column} {}", message.en),
        };
    }
    "too slow".to_owned()
}

/// Which limit is met first depends on the machine.
fn is_stop(message: &str) -> bool {
    ["it takes more than", "it runs longer than", "a text, list or record grows"]
        .iter()
        .any(|start| message.starts_with(start))
}

fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn scripts_come_to_what_they_must() {
    on_a_small_stack(|| {
        let mut checked = 0;
        for case in include_str!("scripts.txt").split("\n\n").map(str::trim).filter(|case| !case.is_empty()) {
            let (body, expected) = case.split_once('\n').expect("a script and what becomes of it");
            assert_eq!(outcome(&body.replace('⏎', "\n")), expected, "in the case of `{body}`");
            checked += 1;
        }
        assert!(checked > 150, "{checked} cases");
    });
}

#[track_caller]
fn refused(sources: &[(u32, &str)], expected: &str) {
    let mut problems = Problems::default();
    let library = Library::compile(sources, &mut problems);
    assert_eq!(report(problems, sources), expected);
    drop(library);
}

#[test]
fn signatures_are_read_from_the_comments() {
    let library = load(&[
        (
            3,
            "// 让步\r\n\r\n/// 二次让步金额 / second concession\r\n/// fn concession(amount: money, words: list<text>) -> money\r\n/// 四舍五入\r\nfn concession(amount, words) { half(amount) }\r\n\r\nprivate fn half(amount) { amount / 2 }\r\n",
        ),
        (7, "///fn 天数(从: instant, 到: instant) -> number\nfn 天数(从, 到) { (到 - 从) / days(1) }"),
    ]);
    let signatures: Vec<String> = library.signatures().iter().map(ToString::to_string).collect();
    assert_eq!(
        signatures,
        ["fn concession(amount: money, words: list<text>) -> money", "fn 天数(从: instant, 到: instant) -> number",]
    );
    assert_eq!(library.signatures()[1].span.source, 7);
    let words = Value::List(Arc::new([]));
    assert_eq!(library.call(0, &[Value::Money(Decimal::from(5)), words]), Ok(Value::Money("2.5".parse().unwrap())));
    let days = [0, 36 * 3600 * SECOND].map(|at| Value::Instant(value::Instant(at)));
    assert_eq!(library.call(1, &days), Ok(number("1.5")));
}

#[test]
fn a_signature_must_be_there_and_fit() {
    const LINE: &str =
        "above the function, with a type for each `…`: bool, number, money, text, instant, date, duration, list<…>";
    for (text, expected) in [
        ("fn f(a, b) { a }", "E0402 ‹f› the function `f` has no signature | write `/// fn f(a: …, b: …) -> …`"),
        ("/// 说明\nfn f() { 1 }", "E0402 ‹f› the function `f` has no signature | write `/// fn f() -> …`"),
        (
            "/// fn f() -> number\nlet x = 1;\nfn f() { 1 }",
            "E0402 ‹f› the function `f` has no signature | write `/// fn f() -> …`",
        ),
        ("// fn f() -> number\nfn f() { 1 }", "E0402 ‹f› the function `f` has no signature | write `/// fn f() -> …`"),
        (
            "/// fn g(a: text) -> text\nfn f(a) { a }",
            "E0402 ‹g› the signature says `g`, the function is `f` | write `/// fn f(a: …) -> …`",
        ),
        (
            "/// fn f(b: text) -> text\nfn f(a) { a }",
            "E0402 ‹b: text› the signature's parameters are not those of the function | write `/// fn f(a: …) -> …`",
        ),
        (
            "/// fn f() -> text\nfn f(a) { a }",
            "E0402 ‹› the signature's parameters are not those of the function | write `/// fn f(a: …) -> …`",
        ),
        (
            "/// fn f(a: test) -> text\nfn f(a) { a }",
            "E0402 ‹test› there is no type `test`; did you mean `text`? | write `/// fn f(a: …) -> …`",
        ),
        ("/// fn f(a: text)\nfn f(a) { a }", "E0402 ‹› `->` is missing here | write `/// fn f(a: …) -> …`"),
        (
            "/// fn f(a: record) -> list<record>\nfn f(a) { [a] }",
            "E0402 ‹list<record>› a function can't return a `record` | write `/// fn f(a: …) -> …`",
        ),
    ] {
        let mut problems = Problems::default();
        drop(Library::compile(&[(0, text)], &mut problems));
        let found = report(problems, &[(0, text)]);
        assert!(found.contains(&format!("{expected} {LINE}")), "{text}\n{found}");
    }
}

#[test]
fn files_hold_functions_and_nothing_else() {
    refused(
        &[(0, "let x = 1;\n/// fn f() -> number\nfn f() { 1 }\nprint(2);")],
        "E0403 ‹let› nothing may stand outside functions | put it into the function that uses it\n\
         E0403 ‹print› nothing may stand outside functions | put it into the function that uses it",
    );
    refused(&[(0, "/// fn f() -> number\nfn text.f() { 1 }")], "E0403 ‹text› a function's name has no `.`");
    refused(
        &[(0, "/// fn len(a: text) -> number\nfn len(a) { 1 }")],
        "E0206 ‹len› `len` is a function of the language | use another name",
    );
    refused(&[(0, "")], "");
    refused(&[(0, "private fn f() { 1 }\nprivate fn g() { f() }")], "");
    refused(&[(0, "private fn f( { 1 }")], "E0401 ‹(› `(` is never closed");
    refused(&[(0, "private fn f(a, a) { 1 }")], "E0401 ‹a› the parameter `a` is there twice");
    refused(&[(0, &format!("// {}", "长".repeat(30_000)))], "E0006 ‹› the script is larger than 65535 bytes");
}

#[test]
fn names_are_unique_over_all_files() {
    refused(
        &[(0, "private fn f() { 1 }"), (4, "private fn g() { 1 }\nprivate fn f(a) { 1 }\nprivate fn g() { 2 }")],
        "E0105 ‹f› the function `f` is defined twice (first here ‹f› in 0 at 11)\n\
         E0105 ‹g› the function `g` is defined twice (first here ‹g› in 4 at 11)",
    );
}

#[test]
fn calls_between_files_are_followed() {
    let circle = [
        (0, "private fn f() { 1 + g() }"),
        (1, "private fn g() { if true { h() } else { 0 } }\nprivate fn h() { [1].map(|i| f()).sum() }"),
    ];
    refused(&circle, "E0403 ‹f› `f` calls itself, directly or through others | use a loop");
    let mut long: Vec<String> = (0..60).map(|i| format!("private fn f{i}() {{ f{}() }}", i + 1)).collect();
    long.push("private fn f60() { 1 }".into());
    let long = long.join("\n");
    let mut problems = Problems::default();
    drop(Library::compile(&[(0, &long)], &mut problems));
    let found = report(problems, &[(0, &long)]);
    assert!(
        found.starts_with("E0403 ‹f") && found.ends_with("is nested too deeply, with all that it calls"),
        "{found}"
    );
    assert_eq!(found.lines().count(), 1);
}

#[test]
fn what_is_admitted_fits_a_small_stack() {
    let nested = |open: &str, inner: &str, close: &str| {
        let body = |depth| format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
        let admitted = |depth| {
            let text = format!("/// fn f(x: number, l: list<number>) -> number\nfn f(x, l) {{ {} }}", body(depth));
            let mut problems = Problems::default();
            let library = Library::compile(&[(0, &text)], &mut problems);
            (!problems.has_errors()).then_some(library)
        };
        (1..64).map_while(admitted).last().expect("some depth is admitted")
    };
    let chain = |open: &str, close: &str| {
        let admitted = |length: usize| {
            let links = (0..length).map(|i| format!("private fn g{i}(x, l) {{ {open}g{}(x, l){close} }}\n", i + 1));
            let text = format!(
                "/// fn f(x: number, l: list<number>) -> number\nfn f(x, l) {{ g0(x, l) }}\n{}private fn g{length}(x, l) {{ x }}",
                links.collect::<String>()
            );
            let mut problems = Problems::default();
            let library = Library::compile(&[(0, &text)], &mut problems);
            (!problems.has_errors()).then_some(library)
        };
        (1..64).map_while(admitted).last().expect("some length is admitted")
    };
    let libraries = [
        nested("abs(", "x", ")"),
        nested("(1 + ", "x", ")"),
        nested("x.abs() + (", "x", ")"),
        nested("if x > 0 { ", "x", " } else { 0 }"),
        nested("while true { ", "return x;", " } x"),
        nested("for i in l { ", "return x;", " } x"),
        nested("[", "x", "].at(0)"),
        nested("l.at(", "0", ")"),
        nested("l.map(|x| ", "x", ").sum()"),
        nested("map(l, |y| l.len() + ", "x", ").sum()"),
        chain("", ""),
        chain("return abs(", ");"),
        chain("[x].map(|x| ", ").sum()"),
    ];
    on_a_small_stack(move || {
        for library in libraries {
            let answer = library.call(0, &[number("1"), Value::List(Arc::new([number("0")]))]);
            assert!(answer.is_ok(), "{answer:?}");
        }
    });
}

#[test]
fn values_come_back_as_they_went() {
    let instant = Value::Instant(value::Instant(1_700_000_000 * SECOND));
    let date = Value::Date(NaiveDate::from_ymd_opt(2026, 11, 22).unwrap());
    for (declared, value) in [
        ("bool", Value::Bool(true)),
        ("number", number("-1.50")),
        ("number", number("79228162514264337593543950335")),
        ("money", Value::Money("0.01".parse().unwrap())),
        ("text", Value::Text("退货".into())),
        ("instant", instant.clone()),
        ("date", date),
        ("duration", Value::Duration(value::Duration(-SECOND))),
        ("list<list<instant>>", Value::List(Arc::new([Value::List(Arc::new([instant]))]))),
    ] {
        let text = format!("/// fn f(value: {declared}) -> {declared}\nfn f(value) {{ value }}");
        assert_eq!(load(&[(0, &text)]).call(0, std::slice::from_ref(&value)), Ok(value));
    }
    let library = load(&[(
        0,
        "/// fn f(items: list<record>) -> money\nfn f(items) { items.map(|item| item.price * item.count).sum() }",
    )]);
    let item = |price: &str, count: &str| {
        let fields = [("price".into(), Value::Money(price.parse().unwrap())), ("count".into(), number(count))];
        Value::Map(Arc::new(fields.into_iter().collect()))
    };
    let items = Value::List(Arc::new([item("9.90", "2"), item("0.10", "1")]));
    assert_eq!(library.call(0, &[items]), Ok(Value::Money("19.90".parse().unwrap())));
    let nameless = Value::Map(Arc::new([("price".into(), number("1"))].into_iter().collect()));
    let failure = library.call(0, &[Value::List(Arc::new([nameless]))]).unwrap_err();
    assert_eq!(failure.message.en, "the record has no field `count`");
}

#[test]
fn what_is_not_known_is_not_passed() {
    let library = load(&[(0, "/// fn f(value: text) -> text\nfn f(value) { value }")]);
    let unknown_inside = Value::List(Arc::new([Value::Unknown]));
    for argument in [Value::Unknown, Value::Symbol(Symbol(0)), Value::Record(Arc::new([])), unknown_inside] {
        let failure = library.call(0, &[argument]).unwrap_err();
        assert_eq!(failure.message.en, "its arguments are unknown or too few");
    }
    assert!(library.call(0, &[]).is_err());
    assert!(library.call(0, &[number("1"), number("1")]).is_err());
    assert!(library.call(1, &[]).is_err());
}

#[test]
fn a_failure_tells_its_place() {
    let library = load(&[
        (
            2,
            "/// fn f(a: number) -> number\nfn f(a) {\n  [a].map(|x|\n    g(x)).sum()\n}\n/// fn h(a: number) -> number\nfn h(a) { 1 / a }",
        ),
        (5, "private fn g(a) {\n\n    let b = a;\n    b / (a - a)\n}"),
    ]);
    let failure = library.call(0, &[number("1")]).unwrap_err();
    assert_eq!((failure.function.as_str(), failure.source, failure.line, failure.column), ("f", 5, 4, 7));
    assert_eq!((failure.message.zh.as_str(), failure.message.en.as_str()), ("除以零", "a division by zero"));
    let failure = library.call(1, &[number("0")]).unwrap_err();
    assert_eq!((failure.source, failure.line, failure.column), (2, 7, 13));
    // A failure leaves nothing behind.
    assert_eq!(library.call(1, &[number("4")]), Ok(number("0.25")));
}

#[test]
fn threads_share_a_library_and_no_call_sees_another() {
    let library = load(&[(
        0,
        "/// fn f(n: number) -> number\nfn f(n) { let t = 0; for i in 0..=n { t += i; } [t].map(|x| x + n).sum() }",
    )]);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let library = &library;
            scope.spawn(move || {
                for _ in 0..200 {
                    let expected = n * (n + 1) / 2 + n;
                    assert_eq!(library.call(0, &[Value::Number(n.into())]), Ok(Value::Number(expected.into())));
                }
            });
        }
    });
}

#[test]
fn any_script_is_answered() {
    let pieces = [
        "let a = 1; ",
        "let l = [1, 2]; ",
        "a += 1; ",
        "l.push(a); ",
        "l = [l, a]; ",
        "for i in l { ",
        "}",
        "if a > 1 { ",
        "} else { ",
        "while a < 5 { a += 1; ",
        "l.map(|x| { ",
        "}); ",
        "a = ",
        "l.len(); ",
        "a / 2; ",
        "return a; ",
        "l[0] = l; ",
        "let m = l.map(|x| [x]); ",
        "m = [m, a]; ",
        "l.filter(|x| x == a); ",
        "any(l, |x| { l.push(x); true }); ",
        "a; ",
        "l; ",
        "break; ",
        "throw a; ",
        "m.push(m); ",
        "[a, l].map(|x| l).at(1); ",
        "a = if a == 1 { l } else { a }; ",
        "l += l; ",
        "f(); ",
    ];
    let mut seed: u64 = 7;
    let (mut answered, mut refused) = (0, 0);
    for _ in 0..3_000 {
        let mut body = String::from("let a = 1; let l = [3]; ");
        for _ in 0..=((seed >> 33) % 8) {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            body.push_str(pieces[usize::try_from(seed >> 33).unwrap() % pieces.len()]);
        }
        let outcome = outcome(&body);
        assert!(!outcome.contains("engine failed") && outcome != "too slow", "{body}\n{outcome}");
        if outcome.starts_with("E0") { refused += 1 } else { answered += 1 }
    }
    assert!(answered > 300 && refused > 300, "{answered} answered, {refused} refused");
}
