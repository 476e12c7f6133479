//! The table of business rules, `docs/business-rules.yaml`: the shipped policies carry out every ID and name no other,
//! suites show each from both sides, and the pages for people say what the table says.
//!
//! `REDRESS_BLESS=1` writes the pages anew.

mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use redress::business_rules::{self, Table};
use redress::diagnostic::render::{self, Style};
use redress::policy::is_suite;
use redress::suite::{self, Options, Report};
use redress::text::Language;
use redress::text::page::{width, wrapped};

/// What no rule carries out yet, or no suite shows from both sides. It may only shrink.
const OPEN: &[&str] = &[];

const PAGES: [(&str, Language); 2] =
    [("docs/business-rules.md", Language::English), ("docs/business-rules.zh-CN.md", Language::Chinese)];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_default()
}

fn table() -> Table {
    let path = "docs/business-rules.yaml";
    business_rules::table(path, &read(path)).unwrap_or_else(|rejected| {
        panic!("{}", render::full(&rejected.problems, &rejected.sources, Style::plain(Language::English)))
    })
}

fn report() -> Report {
    let bundle = support::shipped();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let suites = suite::load(&bundle, support::files_below(&root).into_iter().filter(|(path, _)| is_suite(path)));
    let suites = suites.unwrap_or_else(|rejected| {
        panic!("{}", render::full(&rejected.problems, &rejected.sources, Style::plain(Language::English)))
    });
    suite::run(&suites, &bundle, &Options { coverage: true, ..Options::default() })
}

#[test]
fn every_business_rule_is_carried_out_and_shown_from_both_sides() {
    let (table, report) = (table(), report());
    let carriers = business_rules::carriers(report.coverage.as_ref().unwrap());
    let mut wrong = String::new();
    for rule in table.rules() {
        let carriers = carriers.get(&*rule.id).map_or(&[][..], Vec::as_slice);
        let told: Vec<_> = carriers.iter().filter(|carrier| carrier.told).collect();
        let open = OPEN.contains(&&*rule.id);
        let shown = told.iter().any(|carrier| carrier.made_a_difference);
        let said = match (open, told.is_empty(), shown) {
            (false, true, _) => "no rule carries it out",
            (false, false, false) => "no suite sees one of its rules both apply and not apply",
            (true, _, true) => "it is carried out and shown: take it off OPEN",
            (false, _, true) | (true, _, false) => continue,
        };
        writeln!(wrong, "{}: {said}", rule.id).unwrap();
    }
    for (id, carriers) in carriers.iter().filter(|(id, _)| table.rules().all(|rule| rule.id != **id)) {
        let first = &carriers[0];
        writeln!(wrong, "{}:{}: `{}` names {id}, which the table does not have", first.file, first.line, first.rule)
            .unwrap();
    }
    for id in OPEN.iter().filter(|id| table.rules().all(|rule| rule.id != **id)) {
        writeln!(wrong, "OPEN has {id}, which the table does not have").unwrap();
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn the_table_is_whole() {
    let table = table();
    let mut ids: Vec<&str> = table.rules().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids.len(), 89, "rules were added or lost");
    for group in &table.groups {
        for (position, rule) in group.rules.iter().enumerate() {
            assert_eq!(rule.id, format!("{}-{}", group.id, position + 1));
            assert!(rule.zh.ends_with('。') && rule.en.ends_with('.'), "{}: whole sentences", rule.id);
            let known = |source: &String| table.sources.iter().any(|known| known.id == *source);
            assert!(!rule.source.is_empty() && rule.source.iter().all(known), "{}: {:?}", rule.id, rule.source);
        }
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 89, "an ID is there twice");
}

#[test]
fn the_pages_say_what_the_table_says() {
    let table = table();
    let bless = env::var_os("REDRESS_BLESS").is_some();
    for (path, language) in PAGES {
        let page = page(&table, language);
        if bless {
            fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(path), &page).unwrap();
        }
        assert!(read(path) == page, "{path} is not what the table makes; REDRESS_BLESS=1 writes it");
        let wide: Vec<&str> = page.lines().filter(|line| width(line) > 80).collect();
        assert!(wide.is_empty(), "{wide:#?}");
    }
}

fn page(table: &Table, language: Language) -> String {
    let (head, sources) = match language {
        Language::Chinese => (
            "# 业务条目\n\n[English](business-rules.md) · [规则语言](policy-language.zh-CN.md)\n\n\
             售后台要做到的事，一条一个编号，规则文件里的 `implements:` 写的就是它。\n\
             `redress rules` 列出每一条由哪些规则落实、有多少测试。\n\
             本页由 [business-rules.yaml](business-rules.yaml) 生成。\n",
            "出处",
        ),
        Language::English => (
            "# Business rules\n\n[中文](business-rules.zh-CN.md) · [policy language](policy-language.md)\n\n\
             What an after-sales desk has to keep, an ID each; `implements:` in a policy\n\
             names these. `redress rules` lists which rules carry each out, and how many\n\
             tests show it. Made from [business-rules.yaml](business-rules.yaml).\n",
            "Sources",
        ),
    };
    let mut page = head.to_owned();
    for group in &table.groups {
        writeln!(page, "\n## {}\n", group.title.get(language)).unwrap();
        for rule in &group.rules {
            let text = format!("- **{}** {} ({})", rule.id, rule.wording(language), rule.source.join(", "));
            for (position, line) in wrapped(&text, 78).iter().enumerate() {
                writeln!(page, "{}{line}", if position == 0 { "" } else { "  " }).unwrap();
            }
        }
    }
    writeln!(page, "\n## {sources}\n").unwrap();
    for source in &table.sources {
        writeln!(page, "- {}: {}", source.id, source.title.get(language)).unwrap();
    }
    page
}
