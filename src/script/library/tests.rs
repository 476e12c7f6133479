use super::Library;
use crate::diagnostic::Problems;
use crate::value::Value;
use rust_decimal::Decimal;

fn library(text: &str) -> Library {
    let mut problems = Problems::default();
    let library = Library::compile(&[(0, text)], &mut problems);
    for p in problems.into_sorted() {
        panic!("{p:#?}");
    }
    library
}

#[test]
#[ignore]
fn speed() {
    let library = library(
        r#"
/// fn concession(amount: money, severity: text, words: list<text>) -> money
fn concession(amount, severity, words) {
    let share = if severity == "minor" { 0.07 } else if severity == "moderate" { 0.15 } else { 0.3 };
    if words.any(|w| w.contains("12315")) { share += 0.05; }
    let offer = round_down(amount * share, 2);
    max(offer, 5)
}
/// fn simple(amount: money, severity: text) -> money
fn simple(amount, severity) {
    let share = if severity == "minor" { 0.07 } else { 0.3 };
    round_down(amount * share, 2)
}
/// fn least(amount: money) -> money
fn least(amount) { amount }
"#,
    );
    let args = [
        Value::Money(Decimal::new(80000, 2)),
        Value::Text("moderate".into()),
        Value::List([Value::Text("退货".into()), Value::Text("不给退就12315见".into())].into()),
    ];
    for (i, n) in [(0, 3), (1, 2), (2, 1)] {
        println!("{:?}", library.call(i, &args[..n]));
        let t = std::time::Instant::now();
        for _ in 0..200_000 {
            std::hint::black_box(library.call(i, &args[..n]).unwrap());
        }
        println!("{} ns", t.elapsed().as_nanos() / 200_000);
    }
}
