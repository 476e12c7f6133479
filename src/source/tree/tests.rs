use super::*;
use crate::source::Sources;

fn read(text: &str) -> (Sources, Option<Node>, Vec<Diagnostic>) {
    let mut problems = Problems::default();
    let sources = Sources::new([("a.yaml", text)], &mut problems);
    let tree = parse(sources.get(0).unwrap(), &mut problems);
    (sources, tree, problems.into_sorted())
}

fn tree(text: &str) -> (Sources, Node) {
    let (sources, tree, problems) = read(text);
    assert!(problems.is_empty(), "{text}: {problems:?}");
    (sources, tree.unwrap())
}

/// The tree without its places, to compare at a glance.
fn outline(node: &Node) -> String {
    match &node.kind {
        NodeKind::Scalar(scalar) if scalar.quoted => format!("{:?}", scalar.text),
        NodeKind::Scalar(scalar) => scalar.text.to_string(),
        NodeKind::List(items) => format!("[{}]", items.iter().map(outline).collect::<Vec<_>>().join(", ")),
        NodeKind::Map(entries) => {
            let entries: Vec<_> = entries.iter().map(|(k, v)| format!("{}: {}", k.text, outline(v))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        NodeKind::Empty => "-".into(),
    }
}

#[test]
fn trees_hold_texts_and_nothing_interpreted() {
    for (text, expected) in [
        ("a: 1\nb: true\nc: no", "{a: 1, b: true, c: no}"),
        ("a:\nb: ~\nc: null # none\nd: ''\ne: '~'", "{a: -, b: -, c: -, d: \"\", e: \"~\"}"),
        ("- x\n-\n- [1, {a: b, c: }]", "[x, -, [1, {a: b, c: -}]]"),
        ("a:\n- b\n- c: |\n    x\n     y\n", "{a: [b, {c: \"x\\n y\\n\"}]}"),
        ("---\n金额: ８", "{金额: ８}"),
        ("\u{feff}a: 1\r\nb: >\r\n  x\r\n  y\r\n", "{a: 1, b: \"x y\\n\"}"),
        ("[a: b]", "[{a: b}]"),
        ("? a\n: b", "{a: b}"),
        ("1: x\ntrue: y", "{1: x, true: y}"),
    ] {
        assert_eq!(outline(&tree(text).1), expected, "{text}");
    }
}

#[test]
fn spans_cover_what_is_written_and_no_more() {
    let text = "a: [1,\n  2]\nb:\n  c: 'x'\n  d:\n\n# end\ne: |\n  t\n\nf: ~\n";
    let (sources, root) = tree(text);
    let spans: Vec<_> = ["a", "b", "e", "f"].iter().map(|key| sources.text(&root.get(key).unwrap().span)).collect();
    assert_eq!(spans, ["[1,\n  2]", "c: 'x'\n  d:", "t", "~"]);
    assert_eq!(sources.text(&root.get("b").unwrap().get("d").unwrap().span), ":");
    assert_eq!(sources.text(&root.span), text.trim_end());
    assert_eq!(&*root.first_key().unwrap().text, "a");
}

/// Every part of the text is found in the file where it was written: `(the file, part of the text, what the file has)`.
#[test]
fn positions_are_exact_through_every_style() {
    for (text, part, written, at) in [
        ("v: order.amount > 5", "amount", "amount", "1:10"),
        ("金额: 订单金额 > 5 # 注", "金额 >", "金额 >", "1:7"),
        ("v: a &&\n   b", "b", "b", "2:4"),
        ("v: a &&\n   b", "&& b", "&&\n   b", "1:6"),
        ("v: 甲\n\n  乙\n  丙", "丙", "丙", "4:3"),
        ("v: 甲\n\n  乙\n  丙", "\n", "\n\n  ", "1:5"),
        ("v: 'it''s 金'", "金", "金", "1:11"),
        ("v: 'it''s 金'", "'", "''", "1:7"),
        ("v: 'one\n  two'", "two", "two", "2:3"),
        (r#"v: "a\u91d1b""#, "b", "b", "1:12"),
        (r#"v: "a\u91d1b""#, "金", "\\u91d1", "1:6"),
        (r#"v: "\x41\t\U0001F600z""#, "z", "z", "1:21"),
        (r#"v: "\ud83d\ude00z""#, "z", "z", "1:17"),
        (r#"v: "\ud83d\ude00z""#, "😀", "\\ud83d\\ude00", "1:5"),
        (r#"v: "say \"x\"""#, "x", "x", "1:11"),
        ("v: \"ab \\\n   cd\"", "cd", "cd", "2:4"),
        ("v: \"ab \\\n   cd\"", "b cd", "b \\\n   cd", "1:6"),
        ("v: \"a \n\n  b\\\n\n  c\"", "b", "b", "3:3"),
        ("v: \"a \n\n  b\\\n\n  c\"", "c", "c", "5:3"),
        ("v: |\n  a\n    b\n\n  金 c\n", "b", "b", "3:5"),
        ("v: |\n  a\n    b\n\n  金 c\n", "c", "c", "5:5"),
        ("v: |\n  a\n    b\n\n  金 c\n", "  b\n", "  b\n\n  ", "3:3"),
        ("v: |1-\n   a\n  b\n", "a", "a", "2:4"),
        ("v: |1-\n   a\n  b\n", " b", " b", "3:2"),
        ("v: |+\n\n\n  a\n\n", "a", "a", "4:3"),
        ("- - |2\n      a\n     b", "b", "b", "3:6"),
        ("v: >-\n  a\n  b\n\n  c\n   d\n  e\n", "b", "b", "3:3"),
        ("v: >-\n  a\n  b\n\n  c\n   d\n  e\n", "c", "c", "5:3"),
        ("v: >-\n  a\n  b\n\n  c\n   d\n  e\n", "d", "d", "6:4"),
        ("v: >-\n  a\n  b\n\n  c\n   d\n  e\n", "e", "e", "7:3"),
        ("v: >-\n  a \n  b", "a  b", "a \n  b", "2:3"),
        ("v: |\r\n  a\r\n  b\r\n", "b", "b", "3:3"),
        ("v: a\r\n   b\r\n", "b", "b", "2:4"),
        ("\u{feff}v: ab", "b", "b", "1:5"),
    ] {
        let (sources, root) = tree(text);
        let node = match &root.kind {
            NodeKind::List(items) => match &items[0].kind {
                NodeKind::List(items) => items[0].clone(),
                _ => items[0].clone(),
            },
            NodeKind::Map(entries) => entries[0].1.clone(),
            _ => root.clone(),
        };
        let NodeKind::Scalar(scalar) = &node.kind else { panic!("{text} is no scalar") };
        let start = scalar.text.find(part).unwrap_or_else(|| panic!("{part:?} is not in {:?}", scalar.text));
        let span = node.position_in(start..start + part.len());
        let place = sources.get(0).unwrap().position(span.bytes.start);
        let found = (sources.text(&span), format!("{}:{}", place.line, place.column));
        assert_eq!(found, (written, at.to_string()), "{part:?} in {text:?}");
    }
}

#[test]
fn places_outside_the_text_are_drawn_in() {
    let (sources, root) = tree("v: 金额");
    let node = root.get("v").unwrap();
    assert_eq!(sources.text(&node.position_in(1..4)), "金", "inside characters: their beginning");
    assert_eq!(sources.text(&node.position_in(3..900)), "额");
    assert_eq!(node.position_in(900..901).bytes, 9..9);
    assert_eq!(root.position_in(0..1), root.span, "no scalar");
}

#[test]
fn what_policies_may_not_use_is_refused() {
    for (text, code, at) in [
        ("a: &x 1", codes::FORBIDDEN_YAML, "&x"),
        ("a: *x", codes::FORBIDDEN_YAML, "*x"),
        ("a: !!str 1", codes::FORBIDDEN_YAML, "!!str"),
        ("a: !known(x)", codes::FORBIDDEN_YAML, "!known(x)"),
        ("%YAML 1.2\n---\na: 1", codes::FORBIDDEN_YAML, "%"),
        ("a: 1\n---\nb: 2", codes::FORBIDDEN_YAML, "---"),
        ("[a]: 1", codes::FORBIDDEN_YAML, "[a]"),
        (": 1", codes::FORBIDDEN_YAML, ":"),
        ("~: 1", codes::FORBIDDEN_YAML, "~"),
        ("'': 1", codes::FORBIDDEN_YAML, "''"),
        ("a: 1\n\"a\": 2", codes::DUPLICATE_KEY, "\"a\""),
        ("", codes::EMPTY_FILE, ""),
        ("# 只有注释\n", codes::EMPTY_FILE, ""),
        ("---\n~\n...\n", codes::EMPTY_FILE, ""),
        ("\u{feff}", codes::EMPTY_FILE, ""),
    ] {
        let (sources, tree, problems) = read(text);
        let found: Vec<_> = problems.iter().map(|d| (d.code, sources.text(&d.span))).collect();
        assert_eq!(found, [(code, at)], "{text:?}");
        let only_a_key =
            text.contains("[a]:") || text.contains(": 1\n\"a\"") || matches!(text, ": 1" | "~: 1" | "'': 1");
        assert_eq!(tree.is_some(), only_a_key, "{text:?}");
    }
}

#[test]
fn several_problems_of_one_file_are_found_at_once() {
    let (sources, _, problems) = read("a: &x 1\nb: *x\nc: !t 2\na: 3\n'': 4\n[k]: 5\n");
    let found: Vec<_> = problems.iter().map(|d| sources.text(&d.span)).collect();
    assert_eq!(found, ["&x", "*x", "!t", "a", "''", "[k]"]);
    assert_eq!(sources.text(&problems[3].related[0].0), "a");
}

/// Each slip an author makes is explained in its own words, at its own place.
#[test]
fn malformed_yaml_is_explained() {
    for (text, at, message) in [
        ("a: \"x", "1:4", "this quote is never closed"),
        ("a: \"x\nb: 1", "2:1", "a quote above is not closed yet, and this line is not indented"),
        ("a: 'x' y", "1:8", "the value goes on after its closing quote"),
        ("a: [1, 2\nb: 3", "2:2", "a `key: value` can't begin here"),
        ("a: {b: [c] d}", "1:12", "a comma or a closing bracket is missing before this"),
        ("a: [1", "1:4", "this bracket is never closed"),
        ("a: [1}", "1:4", "this `[` is closed by a `}`"),
        ("a: ]", "1:4", "this bracket matches none before it"),
        ("a:\n\tb: 1", "2:2", "there is a tab here"),
        ("a:\n  b: 1\n c: 2", "3:2", "this line is indented like none of those above it"),
        ("a: [x].contains(y)", "1:7", "the value has ended, yet something follows it"),
        ("a: b: c", "1:5", "a `key: value` can't begin here"),
        ("a: 1\nb\nc: 2", "2:1", "this line is no `key: value`"),
        ("a: - b", "1:4", "a list item can't begin here"),
        ("a: @b", "1:4", "a value can't begin with `@`"),
        ("a: %b", "1:4", "a value can't begin with `%`"),
        ("a: x\u{0}y", "1:5", "there is a control character here (U+0000)"),
        ("a: \"\\q\"", "1:4", "a backslash in these double quotes is wrong"),
        ("a: |x\n  b", "1:4", "only a digit for the indentation and `+` or `-` may follow `|` or `>`"),
        ("a: 'x'#y", "1:7", "a comment can't stand here"),
        ("a: &", "1:4", "anchors (`&`) and aliases (`*`) are not allowed"),
        ("a: !<x", "1:4", "tags (`!`) are not allowed"),
        ("a: b\n... x", "2:5", "something follows `...`"),
    ] {
        let (sources, tree, problems) = read(text);
        assert!(tree.is_none(), "{text:?}");
        let place = sources.get(0).unwrap().position(problems[0].span.bytes.start);
        let found = (format!("{}:{}", place.line, place.column), problems[0].message.en.as_str());
        assert_eq!(found, (at.to_string(), message), "{text:?}");
        assert_eq!(problems.len(), 1);
    }
}

#[test]
fn a_bracket_left_open_is_shown() {
    let (sources, _, problems) = read("a: [1, 2\nb: 3");
    let (span, label) = &problems[0].related[0];
    assert_eq!((sources.text(span), label.en.as_str()), ("[", "this bracket is still open"));
}

#[test]
fn the_usual_slips_of_the_colon_are_named() {
    for (text, help) in [
        ("a： 1\nb: 2", "line 1 has a full-width colon"),
        ("a: 1\nb：2\nc: 3", "line 2 has a full-width colon"),
        ("a: 1\nb:2\nc: 3", "on line 2 a space is missing"),
    ] {
        let (_, _, problems) = read(text);
        let found = problems[0].help.as_ref().unwrap();
        assert!(found.en.contains(help), "{text:?}: {found}");
    }
}

#[test]
fn size_is_bounded_and_refused_cheaply() {
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    let indented: Vec<String> = (0..100).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    let laughs: String = std::iter::once("a0: &a0 [ha, ha]\n".to_string())
        .chain((1..40).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "))))
        .collect();
    for (text, code) in [
        (deep(DEPTH_MAX + 1), codes::TOO_LARGE),
        (deep(100_000), codes::TOO_LARGE),
        (indented.concat(), codes::TOO_LARGE),
        ("- \n".repeat(NODES_MAX), codes::TOO_LARGE),
        (laughs, codes::FORBIDDEN_YAML),
    ] {
        let (_, tree, problems) = read(&text);
        assert!(tree.is_none());
        assert_eq!(problems[0].code, code);
    }
    tree(&deep(DEPTH_MAX));
}
