//! Decisions in process: how long one takes, and how that grows with the rules.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use redress::decide::{Asked, answer::Effect, authorize, decide};

mod support;

// What the program itself runs on.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn authorizations(c: &mut Criterion) {
    let mut group = c.benchmark_group("authorize");
    for (name, rules) in support::SIZES {
        let bundle = support::load(support::generated_files(rules));
        let case = support::case(&bundle);
        let rules = bundle.rules_for(None, None);
        assert_eq!(authorize(rules, &case, support::NOW, Asked::default()).effect, Effect::Allow);
        group.bench_function(name, |b| {
            b.iter(|| black_box(authorize(rules, black_box(&case), support::NOW, Asked::default())));
        });
    }
    let bundle = support::load(support::shipped_files());
    let case = support::case(&bundle);
    let rules = bundle.rules_for(Some("taobao"), None);
    group.bench_function("shipped", |b| {
        b.iter(|| black_box(authorize(rules, black_box(&case), support::NOW, Asked::default())));
    });
    group.finish();
}

fn decisions(c: &mut Criterion) {
    let bundle = support::load(support::shipped_files());
    let case = support::case(&bundle);
    let rules = bundle.rules_for(Some("taobao"), None);
    assert!(decide(rules, &case, support::NOW, Asked::default()).recommended.is_some());
    let mut group = c.benchmark_group("decide");
    group.bench_function("shipped", |b| {
        b.iter(|| black_box(decide(rules, black_box(&case), support::NOW, Asked::default())));
    });
    let explained = Asked { explain: true, ..Asked::default() };
    group.bench_function("shipped, with trace", |b| {
        b.iter(|| black_box(decide(rules, black_box(&case), support::NOW, explained)));
    });
    group.finish();
}

fn loading(c: &mut Criterion) {
    let mut group = c.benchmark_group("load");
    group.sample_size(10);
    for (name, rules) in support::SIZES {
        let files = support::generated_files(rules);
        group.bench_function(name, |b| b.iter(|| black_box(support::load(black_box(files.clone())))));
    }
    let files = support::shipped_files();
    group.bench_function("shipped", |b| b.iter(|| black_box(support::load(black_box(files.clone())))));
    group.finish();
}

criterion_group!(benches, authorizations, decisions, loading);
criterion_main!(benches);
