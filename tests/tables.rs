//! Random decision tables, as text, held to a reference that looks at every combination of a few values: what the
//! loader says of overlaps, gaps and dead rows, and what the tables give, with inputs known and unknown.
//!
//! `REDRESS_TABLES` sets how many tables are tried.

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use redress::diagnostic::{Severity, codes};
use redress::expr::eval::{Env, Failure};
use redress::policy::{Bundle, load};
use redress::value::{Instant, Symbol, Value};
use rust_decimal::Decimal;
use support::random::Dice;

const MANIFEST: &str = include_str!("support/minimal.yaml");

/// Constants that cells compare amounts with, and values on, between and beyond them; amounts come in hundredths.
const AMOUNTS: [&str; 8] = ["0", "9.99", "10", "10.01", "19.99", "20", "20.01", "99"];
/// Numbers of the shop's own may be anything, so there is always something between two of them.
const NUMBERS: [&str; 7] = ["-7", "-1", "-0.5", "0", "0.5", "1", "7"];
const NAMES: [&str; 4] = ["p.a", "p.b", "q.a", "r"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Amount,
    Number,
    Flag,
}

const KINDS: [Kind; 4] = [Kind::Name, Kind::Amount, Kind::Number, Kind::Flag];

impl Kind {
    fn path(self) -> &'static str {
        match self {
            Kind::Name => "attributes.name",
            Kind::Amount => "attributes.amount",
            Kind::Number => "attributes.number",
            Kind::Flag => "attributes.flag",
        }
    }

    /// How many values stand for all that there are.
    fn size(self) -> usize {
        match self {
            Kind::Name => NAMES.len(),
            Kind::Amount => AMOUNTS.len(),
            Kind::Number => NUMBERS.len(),
            Kind::Flag => 2,
        }
    }

    fn value(self, at: usize) -> Value {
        match self {
            Kind::Name => Value::Symbol(Symbol(u16::try_from(at).unwrap())),
            Kind::Amount => Value::Money(AMOUNTS[at].parse().unwrap()),
            Kind::Number => Value::Number(NUMBERS[at].parse().unwrap()),
            Kind::Flag => Value::Bool(at == 0),
        }
    }

    fn number(self, at: usize) -> Decimal {
        if self == Kind::Amount { AMOUNTS[at].parse().unwrap() } else { NUMBERS[at].parse().unwrap() }
    }
}

/// A cell as it is written, with which of its column's values it fits.
#[derive(Debug, Clone)]
struct Cell {
    text: String,
    fits: Vec<bool>,
    opaque: bool,
}

impl Cell {
    fn random(kind: Kind, dice: &mut Dice) -> Self {
        if dice.below(4) == 0 {
            return Self { text: "-".to_owned(), fits: vec![true; kind.size()], opaque: false };
        }
        let of = |text: String, fits: &dyn Fn(usize) -> bool| Self {
            text,
            fits: (0..kind.size()).map(fits).collect(),
            opaque: false,
        };
        match kind {
            Kind::Flag if dice.below(2) == 0 => of("true".to_owned(), &|at| at == 0),
            Kind::Flag => of("false".to_owned(), &|at| at == 1),
            Kind::Name => match dice.below(5) {
                0 => of("p.*".to_owned(), &|at| at < 2),
                1 => of("!= q.a".to_owned(), &|at| at != 2),
                2 => of("p.b, r".to_owned(), &|at| at == 1 || at == 3),
                _ => {
                    let member = usize::try_from(dice.below(4)).unwrap();
                    of(NAMES[member].to_owned(), &|at| at == member)
                }
            },
            Kind::Amount => Self::ordered(kind, ["0", "10", "20"], dice),
            Kind::Number => Self::ordered(kind, ["-1", "0", "1"], dice),
        }
    }

    fn ordered(kind: Kind, constants: [&str; 3], dice: &mut Dice) -> Self {
        let a = dice.of(&constants);
        let b = dice.of(&constants);
        let (low, high): (Decimal, Decimal) = (a.parse().unwrap(), b.parse().unwrap());
        let within = |text: String, test: &dyn Fn(Decimal) -> bool, opaque| Self {
            text,
            fits: (0..kind.size()).map(|at| test(kind.number(at))).collect(),
            opaque,
        };
        match dice.below(9) {
            0 => within(format!("<= {a}"), &|x| x <= low, false),
            1 => within(format!("> {a}"), &|x| x > low, false),
            2 => within(format!("< {a}"), &|x| x < low, false),
            3 => within(format!(">= {a}"), &|x| x >= low, false),
            4 => within(a.to_owned(), &|x| x == low, false),
            5 => within(format!("{a}..{b}"), &|x| low <= x && x <= high, false),
            6 => within(format!("> {a} && <= {b}"), &|x| low < x && x <= high, false),
            7 => within(format!("{a}, {b}"), &|x| x == low || x == high, false),
            // The same said in a way that the checker can't see through.
            _ => within(format!("it * 2 > {a} * 2"), &|x| x > low, true),
        }
    }
}

#[derive(Debug, Clone)]
struct Row {
    cells: Vec<Cell>,
    /// A number, or the amount itself.
    output: Option<u64>,
}

#[derive(Debug, Clone)]
struct Table {
    hit: &'static str,
    columns: Vec<Kind>,
    rows: Vec<Row>,
}

impl Row {
    /// Whether it fits a combination of values.
    fn fits(&self, point: &[usize]) -> bool {
        self.cells.iter().zip(point).all(|(cell, at)| cell.fits[*at])
    }

    /// The same, as far as the checker can see.
    fn may_fit(&self, point: &[usize]) -> bool {
        self.cells.iter().zip(point).all(|(cell, at)| cell.opaque || cell.fits[*at])
    }

    fn is_opaque(&self) -> bool {
        self.cells.iter().any(|cell| cell.opaque)
    }

    fn is_dead(&self) -> bool {
        self.cells.iter().any(|cell| !cell.opaque && !cell.fits.contains(&true))
    }
}

impl Table {
    fn random(dice: &mut Dice) -> Self {
        let hit = dice.of(&["first", "first", "unique", "collect"]);
        let mut columns: Vec<Kind> = KINDS.to_vec();
        while columns.len() > 1 && (columns.len() > 3 || dice.below(3) > 0) {
            columns.remove(usize::try_from(dice.below(columns.len() as u64)).unwrap());
        }
        let mut rows: Vec<Row> = (0..=dice.below(5))
            .map(|_| Row {
                cells: columns.iter().map(|kind| Cell::random(*kind, dice)).collect(),
                output: Some(dice.below(3)).filter(|_| dice.below(6) > 0),
            })
            .collect();
        if hit == "first" && dice.below(2) == 0 {
            let any = |kind: &Kind| Cell { text: "-".to_owned(), fits: vec![true; kind.size()], opaque: false };
            rows.push(Row { cells: columns.iter().map(any).collect(), output: Some(dice.below(3)) });
        }
        Self { hit, columns, rows }
    }

    fn points(&self) -> Vec<Vec<usize>> {
        self.columns.iter().fold(vec![Vec::new()], |points, kind| {
            let longer = points.iter().flat_map(|point| {
                (0..kind.size()).map(move |at| point.iter().copied().chain([at]).collect::<Vec<usize>>())
            });
            longer.collect()
        })
    }

    fn text(&self, number: usize) -> String {
        let inputs: Vec<&str> = self.columns.iter().map(|kind| kind.path()).collect();
        let mut text = format!(
            "  - id: t{number}\n    title: {{ en: T }}\n    hit: {}\n    inputs: [{}]\n    outputs: [{{ id: x{number}, title: {{ en: X }}, type: money }}]\n    rows:\n",
            self.hit,
            inputs.join(", ")
        );
        for row in &self.rows {
            let cells: Vec<String> = row.cells.iter().map(|cell| format!("'{}'", cell.text)).collect();
            let output = row.output.map_or("attributes.other".to_owned(), |output| output.to_string());
            writeln!(text, "      - {{ when: [{}], then: '{output}' }}", cells.join(", ")).unwrap();
        }
        text
    }

    /// The codes that its author must be told, with the row where that is one.
    fn verdict(&self) -> BTreeSet<(&'static str, Option<usize>)> {
        let points = self.points();
        let mut told = BTreeSet::new();
        for (at, row) in self.rows.iter().enumerate() {
            let earlier = || self.rows[..at].iter().filter(|row| !row.is_opaque());
            let hidden =
                || points.iter().filter(|point| row.may_fit(point)).all(|point| earlier().any(|e| e.fits(point)));
            if row.is_dead() || self.hit == "first" && hidden() {
                told.insert((codes::DEAD_ROW.0, Some(at)));
            }
            let overlaps = || points.iter().any(|point| row.fits(point) && earlier().any(|e| e.fits(point)));
            if self.hit == "unique" && !row.is_opaque() && overlaps() {
                told.insert((codes::OVERLAP.0, Some(at)));
            }
        }
        if self.hit != "collect" && points.iter().any(|point| !self.rows.iter().any(|row| row.may_fit(point))) {
            told.insert((codes::GAP.0, None));
        }
        told
    }

    /// Whether the rows that the checker sees through leave nothing out.
    fn is_exhaustive(&self) -> bool {
        let seen = |point: &Vec<usize>| self.rows.iter().any(|row| !row.is_opaque() && row.fits(point));
        self.points().iter().all(seen)
    }
}

/// What an author is told: of which table, with which code, of which row.
type Told = BTreeSet<(usize, &'static str, Option<usize>)>;

/// Many tables in one file, and the bundle of it.
fn bundle(tables: &[Table]) -> Result<Bundle, Told> {
    let mut text = "facts: t\ntables:\n".to_owned();
    // Which table, and which row of it, each line belongs to.
    let mut lines: Vec<(usize, Option<usize>)> = vec![(0, None); 2];
    for (number, table) in tables.iter().enumerate() {
        text.push_str(&table.text(number));
        lines.extend([(number, None); 6]);
        lines.extend((0..table.rows.len()).map(|row| (number, Some(row))));
    }
    let attributes = "attributes: shop
list:
  - { id: name, title: { en: Name }, type: text, values: [p.a, p.b, q.a, r] }
  - { id: amount, title: { en: Amount }, type: money }
  - { id: number, title: { en: Number }, type: number }
  - { id: flag, title: { en: Flag }, type: bool }
  - { id: other, title: { en: Other }, type: money }
";
    let files = [("bundle.yaml", MANIFEST), ("attributes.yaml", attributes), ("t.yaml", &text)];
    load(files).map_err(|rejected| {
        let errors = rejected.problems.iter().filter(|problem| problem.severity == Severity::Error);
        let told = errors.map(|problem| {
            let source = rejected.sources.get(problem.span.source).unwrap();
            let line = source.position(problem.span.bytes.start).line;
            let (table, row) = lines[line - 1];
            (table, problem.code.0, row)
        });
        told.collect()
    })
}

/// What a table gives, row by row: the rows that may hold, by the values that the unknown inputs may have.
fn expected(table: &Table, known: &[Option<usize>], other: Option<u64>) -> Vec<Option<Value>> {
    let values = |row: &Row| match row.output {
        Some(output) => Some(Value::Money(Decimal::from(output))),
        None => other.map(|other| Value::Money(Decimal::from(other))),
    };
    let agrees = |point: &Vec<usize>| known.iter().zip(point).all(|(known, at)| known.is_none_or(|known| known == *at));
    let points = table.points();
    let outcomes = points.iter().filter(|point| agrees(point)).map(|point| {
        let mut fitting = table.rows.iter().filter(|row| row.fits(point));
        match table.hit {
            "collect" => {
                let values = fitting.map(|row| values(row).unwrap_or_default());
                Some(Value::List(values.collect()))
            }
            hit => {
                let first = fitting.next()?;
                if hit == "unique" && fitting.next().is_some() { None } else { values(first) }
            }
        }
    });
    outcomes.collect()
}

#[test]
fn what_is_said_of_a_table_is_so_and_what_it_gives_is_what_its_rows_say() {
    let tables: usize = std::env::var("REDRESS_TABLES").ok().and_then(|n| n.parse().ok()).unwrap_or(1_500);
    let mut dice = Dice::new(20_261_122);
    let (mut refused, mut sound, mut decided) = (0, 0, 0);
    for _ in 0..tables.div_ceil(50) {
        let batch: Vec<Table> = (0..50).map(|_| Table::random(&mut dice)).collect();
        let expected: Told = batch
            .iter()
            .enumerate()
            .flat_map(|(at, table)| table.verdict().into_iter().map(move |(code, row)| (at, code, row)))
            .collect();
        match bundle(&batch) {
            Ok(_) => assert!(expected.is_empty(), "not told: {expected:?}"),
            Err(told) => {
                let wrong: Vec<_> = told.symmetric_difference(&expected).collect();
                let shown = wrong.first().map(|(at, ..)| batch[*at].text(*at)).unwrap_or_default();
                assert!(wrong.is_empty(), "told and expected differ in {wrong:?}\n{shown}");
            }
        }
        let fine: Vec<Table> = batch.into_iter().filter(|table| table.verdict().is_empty()).collect();
        refused += 50 - fine.len();
        sound += fine.len();
        decided += evaluate(&fine, &mut dice);
    }
    assert!(refused > sound / 4 && sound > refused / 8, "{refused} refused, {sound} sound");
    assert!(decided > sound, "too few results are decided for the test to mean much");
}

/// Asks sound tables over random cases; how many results were decided although some input was unknown.
fn evaluate(tables: &[Table], dice: &mut Dice) -> usize {
    let bundle = bundle(tables).unwrap();
    let program = &bundle.rules_for(None, None).program;
    let schema = &program.schema;
    let mut decided = 0;
    for (number, table) in tables.iter().enumerate() {
        let output = schema.find(&format!("t.x{number}")).unwrap();
        for _ in 0..12 {
            let mut facts = support::unknown_case(&bundle);
            let mut set = |path: &str, value| facts[usize::from(schema.find(path).unwrap().0)] = value;
            let known: Vec<Option<usize>> = table
                .columns
                .iter()
                .map(|kind| {
                    Some(usize::try_from(dice.below(kind.size() as u64)).unwrap()).filter(|_| dice.below(3) > 0)
                })
                .collect();
            for (kind, known) in table.columns.iter().zip(&known) {
                if let Some(at) = known {
                    set(kind.path(), kind.value(*at));
                }
            }
            let other = Some(dice.below(3)).filter(|_| dice.below(2) == 0);
            if let Some(other) = other {
                set("attributes.other", Value::Money(Decimal::from(other)));
            }
            let env = Env::new(program, &facts, Instant(0));
            let given = env.fact(output).clone();
            let failures = env.take_failures();
            let outcomes = expected(table, &known, other);
            let told = || format!("{}\n{known:?} {other:?} {failures:?}", table.text(number));
            if !given.is_unknown() {
                decided += usize::from(known.contains(&None));
                // Whatever the unknown inputs turn out to be, this is what the table gives.
                assert!(outcomes.iter().all(|outcome| outcome.as_ref() == Some(&given)), "{given:?} of\n{}", told());
            }
            check_undecided(table, &known, &outcomes, &given, &failures, &told);
        }
    }
    decided
}

/// Nothing is left unknown that the rows decide, and a table that fails says so.
fn check_undecided(
    table: &Table,
    known: &[Option<usize>],
    outcomes: &[Option<Value>],
    given: &Value,
    failures: &[Failure],
    told: &dyn Fn() -> String,
) {
    let opaque = table.rows.iter().any(Row::is_opaque);
    if !known.contains(&None) {
        assert_eq!(given, &outcomes[0].clone().unwrap_or_default(), "{}", told());
        let point: Vec<usize> = known.iter().map(|at| at.unwrap()).collect();
        let fitting = table.rows.iter().filter(|row| row.fits(&point)).count();
        let failed = match table.hit {
            "collect" => false,
            "unique" => fitting != 1,
            _ => fitting == 0,
        };
        assert_eq!(!failures.is_empty(), failed, "{}", told());
    } else if !opaque && table.hit != "collect" {
        let agreed = outcomes[0].clone().filter(|first| outcomes.iter().all(|outcome| outcome.as_ref() == Some(first)));
        assert!(table.is_exhaustive());
        assert_eq!(given, &agreed.unwrap_or_default(), "{}", told());
    }
}
