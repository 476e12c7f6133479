//! Cases as people write them: every fact arrives as its value, and every slip is shown where it was made.
//!
//! `tests/cases/plain/<case>.yaml` are questions with something wrong, `<case>.txt` what their author is told.
//! `REDRESS_BLESS=1` rewrites the latter; review the difference.

mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use chrono::NaiveDate;
use redress::diagnostic::render::{self, Style};
use redress::diagnostic::{Diagnostic, Problems};
use redress::facts::{Fact, Origin, Schema, Type, id};
use redress::plain::{Call, Question};
use redress::policy::Bundle;
use redress::rpc::from_proto::{Sent, question};
use redress::source::{Sources, tree};
use redress::text::Language;
use redress::value::{Duration, Instant, SECOND, Symbol, Value};
use rust_decimal::Decimal;

const ATTRIBUTES: &str = "\
attributes: of_this_test
list:
  - { id: vip_level, type: number, title: { zh-CN: 级别, en: Level } }
  - { id: deposit, type: money, title: { zh-CN: 押金, en: Deposit } }
  - { id: batch, type: text, values: [red, blue], title: { zh-CN: 批次, en: Batch } }
  - { id: fragile, type: bool, title: { zh-CN: 易碎, en: Fragile } }
  - { id: baked_on, type: date, title: { zh-CN: 生产日期, en: Baked on } }
  - { id: seen_at, type: instant, title: { zh-CN: 看到的时间, en: Seen at } }
  - { id: shelf_life, type: duration, title: { zh-CN: 保质期, en: Shelf life } }
  - { id: flavours, type: list<text>, title: { zh-CN: 口味, en: Flavours } }
";

fn bundle() -> Bundle {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let mut files = support::files_below(&root);
    files.push(("attributes.yaml".to_owned(), ATTRIBUTES.as_bytes().to_vec()));
    redress::policy::load(files).unwrap_or_else(|rejected| {
        panic!("{}", render::full(&rejected.problems, &rejected.sources, Style::plain(Language::English)))
    })
}

/// Reads a question; what is wrong with it comes out drawn.
fn read(bundle: &Bundle, name: &str, text: &str) -> Result<Call, (Vec<Diagnostic>, Sources)> {
    let mut problems = Problems::default();
    let sources = Sources::new([(name, text)], &mut problems);
    let node = tree::parse(sources.get(0).unwrap(), &mut problems);
    let asked = node.and_then(|node| Question::decode(&node, bundle, &mut problems));
    let call = asked.and_then(|asked| asked.call(bundle, "", false, &mut problems));
    let problems = problems.into_sorted();
    assert_eq!(call.is_none(), !problems.is_empty(), "{name} is refused without a word, or taken with one");
    call.ok_or((problems, sources))
}

/// The facts that reach the engine.
fn facts(bundle: &Bundle, call: &Call) -> Vec<Value> {
    let Call::Authorize(request) = call else { panic!("the question names an action") };
    let sent = Sent {
        case: request.case.as_ref(),
        actor: request.actor.as_ref(),
        action: Some(request.action.as_ref()),
        as_of: request.as_of.as_ref(),
        locale: &request.locale,
        explain: false,
        grant: false,
    };
    question(bundle, sent, Instant(0)).unwrap().case.facts.clone()
}

/// One value of every type: as it is written, and as it must arrive.
fn sample(ty: &Type, schema: &Schema) -> (String, Value) {
    match ty {
        Type::Bool => ("true".into(), Value::Bool(true)),
        Type::Number => ("3".into(), Value::Number(Decimal::from(3))),
        Type::Money => ("12.50".into(), Value::Money(Decimal::new(1250, 2))),
        Type::Text => ("十二".into(), Value::Text("十二".into())),
        Type::Instant => {
            let at = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap().and_hms_opt(2, 0, 0).unwrap();
            ("2026-11-20T10:00:00+08:00".into(), Value::Instant(Instant(at.and_utc().timestamp() * SECOND)))
        }
        Type::Date => ("2026-11-20".into(), Value::Date(NaiveDate::from_ymd_opt(2026, 11, 20).unwrap())),
        Type::Duration => ("1d12h".into(), Value::Duration(Duration(36 * 3600 * SECOND))),
        Type::Enum(of) => {
            // The last, so that a set out of step with the wire's is found out.
            let members = &schema.enumeration(*of).unwrap().members;
            let last = members.len() - 1;
            (members[last].id.to_string(), Value::Symbol(Symbol(u16::try_from(last).unwrap())))
        }
        Type::List(of) => {
            let (text, value) = sample(of, schema);
            (format!("[{text}]"), Value::List([value].into()))
        }
        Type::Pair(_) => panic!("no fact is a pair"),
        Type::Record(of) => {
            let fields = &schema.record(*of).unwrap().fields;
            let sampled: Vec<_> = fields.iter().map(|field| (&field.name, sample(&field.ty, schema))).collect();
            let texts: Vec<String> = sampled.iter().map(|(name, (text, _))| format!("{name}: {text}")).collect();
            let values = sampled.into_iter().map(|(_, (_, value))| value);
            (format!("{{ {} }}", texts.join(", ")), Value::Record(values.collect()))
        }
        Type::Map(of) => {
            let (text, value) = sample(of, schema);
            (format!("{{ a: {text} }}"), Value::Map(std::sync::Arc::new([("a".into(), value)].into())))
        }
    }
}

/// Everything that can be stated, by its path; a question that states all of it.
fn everything(bundle: &Bundle) -> (String, Vec<(usize, Fact, Value)>) {
    let schema = bundle.schema();
    let (mut case, mut actor, mut action) = (String::new(), String::new(), String::new());
    let mut expected = Vec::new();
    for (at, fact) in schema.facts().iter().enumerate().filter(|(_, fact)| fact.origin != Origin::Derived) {
        let (text, value) = sample(&fact.ty, schema);
        let (part, path) = match fact.path.split_once('.') {
            Some(("actor", path)) => (&mut actor, path),
            Some(("action", path)) => (&mut action, path),
            _ => (&mut case, &*fact.path),
        };
        writeln!(part, "  {path}: {text}").unwrap();
        expected.push((at, fact.clone(), value));
    }
    let text = format!(
        "as_of: 2026-11-22T15:00:00+08:00\nactor:\n{actor}action:\n{action}case:\n{case}  helpdesk.tags: [急]\n  native_codes: {{ request.status: WAIT }}\n"
    );
    (text, expected)
}

#[test]
fn every_fact_arrives_as_it_was_written() {
    let bundle = bundle();
    let (text, expected) = everything(&bundle);
    let call = read(&bundle, "all.yaml", &text).unwrap_or_else(|(problems, sources)| {
        panic!("{}", render::full(&problems, &sources, Style::plain(Language::English)))
    });
    let arrived = facts(&bundle, &call);
    assert!(expected.len() > 250, "the facts are missing");
    for (at, fact, value) in expected {
        assert_eq!(arrived[at], value, "{}", fact.path);
    }
    let Call::Authorize(request) = call else { panic!() };
    let case = request.case.unwrap();
    assert_eq!(case.helpdesk.unwrap().tags, ["急"]);
    assert_eq!(case.native_codes["request.status"], "WAIT");
}

#[test]
fn nested_dotted_and_json_say_the_same() {
    let bundle = bundle();
    let nested = "actor: agent\naction: reject\ncase: { order: { amount: 800.00 }, evidence: [] }\n";
    let dotted = "actor: { role: agent }\naction: { name: reject }\ncase: { order.amount: 800, evidence: [] }\n";
    let json = r#"{"actor": "agent", "action": "reject", "case": {"order": {"amount": "800.00"}, "evidence": []}}"#;
    let read = |text| facts(&bundle, &read(&bundle, "case.yaml", text).unwrap());
    let first = read(nested);
    assert_eq!(first[usize::from(id::EVIDENCE.0)], Value::List([].into()), "known to be empty");
    assert_eq!(first[usize::from(id::ORDER_AMOUNT.0)], Value::Money(Decimal::new(800, 0)));
    assert_eq!(first, read(dotted));
    assert_eq!(first, read(json));
}

#[test]
fn every_slip_is_shown_where_it_was_made() {
    let bless = env::var_os("REDRESS_BLESS").is_some();
    let bundle = bundle();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/plain");
    let mut cases: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    cases.sort();
    assert!(cases.len() >= 6, "the cases are missing");
    for case in cases {
        let name = case.file_name().unwrap().to_str().unwrap();
        let (problems, sources) = read(&bundle, name, &fs::read_to_string(&case).unwrap()).unwrap_err();
        let mut report = String::new();
        for language in [Language::English, Language::Chinese] {
            report.push_str(&render::full(&problems, &sources, Style::plain(language)));
            report.push('\n');
        }
        let expected = case.with_extension("txt");
        if bless {
            fs::write(&expected, &report).unwrap();
        } else {
            assert_eq!(
                report,
                fs::read_to_string(&expected).unwrap_or_default(),
                "{name} (REDRESS_BLESS=1 rewrites it)"
            );
        }
    }
}
