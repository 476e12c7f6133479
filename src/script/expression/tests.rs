//! Conditions as text against the syntax they must give, with the bytes of every part; and slips of the pen against
//! their code, place and remedy. The first table also holds Rhai's syntax tree to what `translation` takes it for.

use super::{ExpressionProblem, MAX_CHARACTERS, MAX_DEPTH, parse_expression};
use crate::expr::syntax::{Kind, Operator, Syntax};

fn show(syntax: &Syntax) -> String {
    let list = |items: &[Syntax]| items.iter().flat_map(|item| [" ".to_owned(), show(item)]).collect::<String>();
    match &syntax.kind {
        Kind::Bool(value) => value.to_string(),
        Kind::Number(value) => value.to_string(),
        Kind::Text(text) => format!("{text:?}"),
        Kind::Name(name) => name.clone(),
        Kind::Parameter(name) => format!("${name}"),
        Kind::Field(base, name) => format!("{}.{name}", show(base)),
        Kind::Index(base, index) => format!("{}[{}]", show(base), show(index)),
        Kind::Call(name, args) => format!("({name}{})", list(args)),
        Kind::Not(operand) => format!("(! {})", show(operand)),
        Kind::Negate(operand) => format!("(neg {})", show(operand)),
        Kind::Binary(operator, left, right) => format!("({} {} {})", symbol(*operator), show(left), show(right)),
        Kind::List(items) => format!("[{}]", list(items).trim()),
        Kind::If(condition, then, otherwise) => {
            format!("(if {} {} {})", show(condition), show(then), show(otherwise))
        }
    }
}

fn symbol(operator: Operator) -> &'static str {
    match operator {
        Operator::And => "&&",
        Operator::Or => "||",
        Operator::Otherwise => "??",
        Operator::Equal => "==",
        Operator::NotEqual => "!=",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
        Operator::In => "in",
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::Remainder => "%",
    }
}

fn children(syntax: &Syntax) -> Vec<&Syntax> {
    match &syntax.kind {
        Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Name(_) | Kind::Parameter(_) => vec![],
        Kind::Field(one, _) | Kind::Not(one) | Kind::Negate(one) => vec![one],
        Kind::Index(a, b) | Kind::Binary(_, a, b) => vec![a, b],
        Kind::Call(_, all) | Kind::List(all) => all.iter().collect(),
        Kind::If(a, b, c) => vec![a, b, c],
    }
}

/// The text of every part that has parts, outermost first; and each leaf's text must be that leaf.
fn spans<'t>(text: &'t str, syntax: &Syntax, found: &mut Vec<&'t str>) {
    let slice = &text[syntax.span.clone()];
    match &syntax.kind {
        Kind::Name(name) => assert_eq!(slice, name),
        Kind::Parameter(name) => assert_eq!(slice, format!("${name}")),
        Kind::Bool(value) => assert_eq!(slice, value.to_string()),
        Kind::Text(_) => assert!(slice.starts_with('"') && slice.ends_with('"'), "{slice}"),
        _ => found.push(slice),
    }
    for child in children(syntax) {
        assert!(syntax.span.start <= child.span.start && child.span.end <= syntax.span.end, "{slice}");
        spans(text, child, found);
    }
}

#[test]
fn conditions_become_syntax() {
    let table: &[(&str, &str, &[&str])] = &[
        ("true", "true", &[]),
        ("x", "x", &[]),
        ("$cap", "$cap", &[]),
        ("\"退\\\"货\\n\"", r#""退\"货\n""#, &[]),
        ("500", "500", &["500"]),
        ("-1_000.50", "-1000.50", &["-1_000.50"]),
        ("9223372036854775808", "9223372036854775808", &["9223372036854775808"]),
        ("0.1000000000000000000000000001", "0.1000000000000000000000000001", &["0.1000000000000000000000000001"]),
        ("- 5", "-5", &["- 5"]),
        ("1 + -(5)", "(+ 1 -5)", &["1 + -(5)", "1", "-(5)"]),
        ("-x", "(neg x)", &["-x"]),
        ("-0.5 * -(x)", "(* -0.5 (neg x))", &["-0.5 * -(x)", "-0.5", "-(x)"]),
        ("!x", "(! x)", &["!x"]),
        ("!in_transit", "(! in_transit)", &["!in_transit"]),
        ("!( a || b )", "(! (|| a b))", &["!( a || b )", "a || b"]),
        ("a.b.c", "a.b.c", &["a.b.c", "a.b"]),
        ("订单.金额 <= 150", "(<= 订单.金额 150)", &["订单.金额 <= 150", "订单.金额", "150"]),
        (
            "order.amount <= 500 && issue.kind == \"运输破损\"",
            "(&& (<= order.amount 500) (== issue.kind \"运输破损\"))",
            &[
                "order.amount <= 500 && issue.kind == \"运输破损\"",
                "order.amount <= 500",
                "order.amount",
                "500",
                "issue.kind == \"运输破损\"",
                "issue.kind",
            ],
        ),
        ("a && b && c", "(&& (&& a b) c)", &["a && b && c", "a && b"]),
        ("a && (b && c)", "(&& (&& a b) c)", &["a && (b && c)", "a && (b && c)"]),
        ("(a && b) && c", "(&& (&& a b) c)", &["(a && b) && c", "a && b"]),
        ("a || b && c", "(|| a (&& b c))", &["a || b && c", "b && c"]),
        ("(a || b) && c", "(&& (|| a b) c)", &["(a || b) && c", "a || b"]),
        ("a ?? b ?? 1", "(?? (?? a b) 1)", &["a ?? b ?? 1", "a ?? b", "1"]),
        ("a ?? 0 <= 5", "(<= (?? a 0) 5)", &["a ?? 0 <= 5", "a ?? 0", "0", "5"]),
        ("((a)) + ((b))", "(+ a b)", &["((a)) + ((b))"]),
        ("(a + b) * c", "(* (+ a b) c)", &["(a + b) * c", "a + b"]),
        ("a - b - c", "(- (- a b) c)", &["a - b - c", "a - b"]),
        ("a / b % c", "(% (/ a b) c)", &["a / b % c", "a / b"]),
        ("(a < b) == c", "(== (< a b) c)", &["(a < b) == c", "a < b"]),
        ("a < b == c", "(== (< a b) c)", &["a < b == c", "a < b"]),
        ("(a == b) == c", "(== (== a b) c)", &["(a == b) == c", "a == b"]),
        ("x in [1, 2, 3]", "(in x [1 2 3])", &["x in [1, 2, 3]", "[1, 2, 3]", "1", "2", "3"]),
        ("x !in [\"a\"]", "(! (in x [\"a\"]))", &["x !in [\"a\"]", "x !in [\"a\"]", "[\"a\"]"]),
        ("a.b in (c)", "(in a.b c)", &["a.b in (c)", "a.b"]),
        ("[]", "[]", &["[]"]),
        ("[a, [b]]", "[a [b]]", &["[a, [b]]", "[b]"]),
        ("f()", "(f)", &["f()"]),
        ("f( )", "(f)", &["f( )"]),
        ("f(a, g(b))", "(f a (g b))", &["f(a, g(b))", "g(b)"]),
        ("f((a))", "(f a)", &["f((a))"]),
        ("a.f()", "(f a)", &["a.f()"]),
        ("a.f(b).g(c, d)", "(g (f a b) c d)", &["a.f(b).g(c, d)", "a.f(b)"]),
        ("\"x\".f(1)", "(f \"x\" 1)", &["\"x\".f(1)", "1"]),
        ("(a + b).f()", "(f (+ a b))", &["(a + b).f()", "a + b"]),
        ("a[0]", "a[0]", &["a[0]", "0"]),
        ("a[b.c].d", "a[b.c].d", &["a[b.c].d", "a[b.c]", "b.c"]),
        ("a[b[0]].c", "a[b[0]].c", &["a[b[0]].c", "a[b[0]]", "b[0]", "0"]),
        ("a[i][j].c.d", "a[i][j].c.d", &["a[i][j].c.d", "a[i][j].c", "a[i][j]", "a[i]"]),
        ("a.b[0].c[1].d", "a.b[0].c[1].d", &["a.b[0].c[1].d", "a.b[0].c[1]", "a.b[0].c", "a.b[0]", "a.b", "0", "1"]),
        ("a.f(x)[0].b", "(f a x)[0].b", &["a.f(x)[0].b", "a.f(x)[0]", "a.f(x)", "0"]),
        ("f(x).b", "(f x).b", &["f(x).b", "f(x)"]),
        ("(a.b).c", "a.b.c", &["(a.b).c", "a.b"]),
        ("a[i].f(x)", "(f a[i] x)", &["a[i].f(x)", "a[i]"]),
        ("m[\"红\"] > 1", "(> m[\"红\"] 1)", &["m[\"红\"] > 1", "m[\"红\"]", "1"]),
        ("if a { b } else { c }", "(if a b c)", &["if a { b } else { c }"]),
        (
            "if (a) { f(b) } else if c { d } else { (e) }",
            "(if a (f b) (if c d e))",
            &["if (a) { f(b) } else if c { d } else { (e) }", "f(b)", "if c { d } else { (e) }"],
        ),
        (
            "(if a { 1 } else { 2 }) + 3",
            "(+ (if a 1 2) 3)",
            &["(if a { 1 } else { 2 }) + 3", "if a { 1 } else { 2 }", "1", "2", "3"],
        ),
        (
            "order.amount * $percent / 100",
            "(/ (* order.amount $percent) 100)",
            &["order.amount * $percent / 100", "order.amount * $percent", "order.amount", "100"],
        ),
        ("\"$x\" == $x", "(== \"$x\" $x)", &["\"$x\" == $x"]),
        (
            "now - order.signed_at <= hours(168)",
            "(<= (- now order.signed_at) (hours 168))",
            &["now - order.signed_at <= hours(168)", "now - order.signed_at", "order.signed_at", "hours(168)", "168"],
        ),
        (
            "a == \"一\" // 说明 && (\n  && /* 二 */ 甲.乙\n  > 3",
            "(&& (== a \"一\") (> 甲.乙 3))",
            &["a == \"一\" // 说明 && (\n  && /* 二 */ 甲.乙\n  > 3", "a == \"一\"", "甲.乙\n  > 3", "甲.乙", "3"],
        ),
        ("a\r\n && b", "(&& a b)", &["a\r\n && b"]),
    ];
    for (text, expected, parts) in table {
        let syntax = parse_expression(text).unwrap_or_else(|problems| panic!("{text}: {problems:#?}"));
        assert_eq!(show(&syntax), *expected, "{text}");
        let mut found = Vec::new();
        spans(text, &syntax, &mut found);
        assert_eq!(&found, parts, "{text}");
    }
}

/// Code, place and help of each problem, in the English of the author.
fn report(text: &str) -> String {
    let problems = match parse_expression(text) {
        Ok(syntax) => return format!("accepted as {}", show(&syntax)),
        Err(problems) => problems,
    };
    let line = |problem: &ExpressionProblem| {
        for sentence in [Some(&problem.message), problem.help.as_ref()].into_iter().flatten() {
            assert!(!sentence.zh.is_empty() && !sentence.en.is_empty());
            assert!(!sentence.zh.contains(sentence.en.as_str()), "no translation: {}", sentence.en);
        }
        let help = problem.help.as_ref().map_or(String::new(), |help| format!(" | {}", help.en));
        format!("{} ‹{}› {}{help}", problem.code, &text[problem.span.clone()], problem.message.en)
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn slips_get_their_place_and_remedy() {
    let table = include_str!("slips.txt");
    let mut checked = 0;
    for case in table.split("\n\n").map(str::trim).filter(|case| !case.is_empty()) {
        let (text, expected) = case.split_once('\n').expect("a condition and its report");
        let text = text.replace("⏎", "\n").replace("␠", " ");
        assert_eq!(report(&text), expected, "in the case of `{text}`");
        checked += 1;
    }
    assert!(checked > 60, "{checked} cases");
}

#[test]
fn the_length_is_limited_in_characters() {
    let most = format!("\"{}\"", "退".repeat(MAX_CHARACTERS - 2));
    assert!(parse_expression(&most).is_ok());
    let problems = parse_expression(&format!("{most} ")).unwrap_err();
    assert_eq!(problems[0].span, 0..1);
}

#[test]
fn the_depth_is_limited_and_fits_a_small_stack() {
    let attempt = || {
        let chain = |n: usize| vec!["a"; n].join(" + ");
        assert!(parse_expression(&chain(MAX_DEPTH - 2)).is_ok());
        assert!(parse_expression(&chain(MAX_DEPTH + 1)).unwrap_err()[0].message.en.contains("too deep"));
        let nested = |n: usize| format!("{}a{}", "(".repeat(n), ")".repeat(n));
        assert!(parse_expression(&nested(MAX_DEPTH / 2 - 2)).is_ok());
        for hostile in [nested(2000), "!".repeat(4000) + "a", "[".repeat(2000), "f(".repeat(2000)] {
            assert!(parse_expression(&hostile).is_err());
        }
        for deep in ["!", "-", "if a { b } else { ", "a.f(", "a[", "[", "a + (", "a && (", "x in ["] {
            for n in 1..MAX_DEPTH {
                let close: String = deep
                    .chars()
                    .rev()
                    .filter_map(|c| match c {
                        '{' => Some('}'),
                        '(' => Some(')'),
                        '[' => Some(']'),
                        _ => None,
                    })
                    .collect();
                let close = if deep.starts_with("if") { "}" } else { &close };
                drop(parse_expression(&format!("{}a{}", deep.repeat(n), close.repeat(n))));
            }
        }
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(attempt).unwrap().join().unwrap();
}

#[test]
fn any_text_is_answered() {
    let pieces = [
        "a", ".", "(", ")", "[", "]", "\"", "'", "`", "$", "${", "}", "{", "!", "in", "if", "else", "1", "-", "，",
        "“", "退", "//", "/*", "*/", "\n", "\r", "\\", "?.", "??", "&&", "|", "=", "==", "0x", "1.", "#{", "#\"", "_",
        " ", "\u{0}", "😀",
    ];
    let mut seed: u64 = 42;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..=((seed >> 33) % 9) {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[usize::try_from(seed >> 33).unwrap() % pieces.len()]);
        }
        match parse_expression(&text) {
            Ok(syntax) => spans(&text, &syntax, &mut Vec::new()),
            Err(problems) => {
                assert!(!problems.is_empty(), "{text:?}");
                for problem in problems {
                    assert!(text.get(problem.span.clone()).is_some(), "{text:?} {problem:?}");
                }
            }
        }
    }
}
