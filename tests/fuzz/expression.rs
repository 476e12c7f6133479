//! Expression → value, over a case of the shipped policies' facts: an expression is refused with places inside it, or
//! has a value of its type, that stands until its horizon, and that the naive reference gives too.
//!
//! The first byte names the case; the rest is the expression.

#[path = "../differential/naive.rs"]
mod naive;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use redress::decide::Case;
use redress::expr::check::{self, Names, Parameter, Typed};
use redress::expr::eval::{Env, Scope};
use redress::expr::inspect::MissingFacts;
use redress::expr::problem::ExpressionProblem;
use redress::expr::syntax::Syntax;
use redress::facts::{FactId, Type};
use redress::policy::Bundle;
use redress::script;
use redress::value::{Duration, Instant, SECOND, Value};

use super::slips::{self, index};
use crate::fuzz::Target;
use crate::support::random::{self, Dice, NOW};
use naive::{Known, plain};

pub const TARGET: Target = Target { name: "expression", hold, slip };

const CASES: usize = 64;

/// What all expressions are read and evaluated with.
struct World {
    bundle: Bundle,
    parameters: Vec<Parameter>,
    calendars: Vec<Box<str>>,
    /// Cases, and beside each its facts as nested names for the reference.
    cases: Vec<(Case, BTreeMap<String, Known>)>,
}

thread_local! {
    static WORLD: LazyLock<World> = LazyLock::new(World::new);
}

impl World {
    fn new() -> Self {
        let bundle = redress::policy::load(redress::embedded::policies()).expect("the shipped policies load");
        let mut dice = Dice::new(7);
        let cases: Vec<Case> = (0..CASES).map(|_| random::case(&bundle, &mut dice)).collect();
        let cases = cases.into_iter().map(|case| {
            let known = known(&bundle, &case);
            (case, known)
        });
        let cases = cases.collect();
        let parameter = |name: &str, ty, value| Parameter::new(name, ty, value);
        let parameters = vec![
            parameter("cap", Type::Money, Value::Money(500.into())),
            parameter("percent", Type::Number, Value::Number(50.into())),
            parameter("window", Type::Duration, Value::Duration(Duration(48 * 3600 * SECOND))),
            parameter("words", Type::list(Type::Text), Value::List([Value::Text("12315".into())].into())),
        ];
        let calendars =
            bundle.rules_for(None, None).program.calendars.iter().map(|calendar| calendar.name.clone()).collect();
        Self { bundle, parameters, calendars, cases }
    }

    fn names(&self) -> Names<'_> {
        let Self { bundle, parameters, calendars, .. } = self;
        Names { schema: bundle.schema(), parameters, functions: &[], calendars, locals: &[], it: None }
    }

    fn env<'a>(&'a self, case: &'a Case, now: i64) -> Env<'a> {
        Env::new(&self.bundle.rules_for(None, None).program, &case.facts, Instant(now))
    }
}

/// All facts of a case, the derived ones too.
fn known(bundle: &Bundle, case: &Case) -> BTreeMap<String, Known> {
    let env = Env::new(&bundle.rules_for(None, None).program, &case.facts, Instant(NOW));
    let mut names = BTreeMap::new();
    for (fact, id) in bundle.schema().facts().iter().zip(0..) {
        let mut within = &mut names;
        let (groups, name) = fact.path.rsplit_once('.').unwrap_or(("", &fact.path));
        for group in groups.split('.').filter(|group| !group.is_empty()) {
            let entry = within.entry(group.to_owned()).or_insert_with(|| Known::Record(BTreeMap::new()));
            let Known::Record(fields) = entry else { panic!("`{}` lies below a fact", fact.path) };
            within = fields;
        }
        within.insert(name.to_owned(), plain(bundle, &fact.ty, env.fact(FactId(id))));
    }
    names
}

fn hold(bytes: &[u8]) {
    let Some((first, text)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    WORLD.with(|world| {
        match script::parse_expression(text).and_then(|syntax| {
            let typed = check::term(&syntax, None, world.names())?;
            Ok((syntax, typed))
        }) {
            Ok((syntax, typed)) => valued(world, text, &syntax, &typed, usize::from(*first) % CASES),
            Err(problems) => refused(text, &problems),
        }
    });
}

fn refused(text: &str, problems: &[ExpressionProblem]) {
    assert!(!problems.is_empty(), "refused without a word: {text}");
    for problem in problems {
        assert!(text.get(problem.span.clone()).is_some(), "{problem:?} lies outside of {text:?}");
        for said in [Some(&problem.message), problem.help.as_ref()].into_iter().flatten() {
            assert!(!said.zh.is_empty() && !said.en.is_empty(), "{problem:?}");
        }
    }
}

fn valued(world: &World, text: &str, syntax: &Syntax, typed: &Typed, case: usize) {
    let (case, known) = &world.cases[case];
    let env = world.env(case, NOW);
    let value = typed.term.value(Scope::new(&env));
    assert!(fits(&world.bundle, &typed.ty, &value), "{text}: {value:?} is no {:?}", typed.ty);
    let mut missing = MissingFacts::new();
    typed.term.missing(Scope::new(&env), &mut missing);
    let failed = env.has_failed();
    if let Some(horizon) = env.horizon() {
        assert!(horizon.0 > NOW, "{text}: the horizon lies behind");
        if typed.slope == 0 {
            for later in [NOW.midpoint(horizon.0), horizon.0 - 1] {
                let then = world.env(case, later);
                assert_eq!(typed.term.value(Scope::new(&then)), value, "{text}: changed before its horizon, {later}");
            }
        }
    }
    // What failed is unknown to us, and the reference knows no failures.
    if !failed && let Some(naive) = naive::value(syntax, known, NOW) {
        assert_eq!(plain(&world.bundle, &typed.ty, &value), naive, "{text}");
    }
}

fn fits(bundle: &Bundle, ty: &Type, value: &Value) -> bool {
    match (ty, value) {
        (_, Value::Unknown)
        | (Type::Bool, Value::Bool(_))
        | (Type::Number, Value::Number(_))
        | (Type::Money, Value::Money(_))
        | (Type::Text, Value::Text(_))
        | (Type::Instant, Value::Instant(_))
        | (Type::Date, Value::Date(_))
        | (Type::Duration, Value::Duration(_)) => true,
        (Type::Enum(id), Value::Symbol(symbol)) => {
            let members = &bundle.schema().enumeration(*id).unwrap().members;
            usize::from(symbol.0) < members.len()
        }
        (Type::Record(id), Value::Record(fields)) => {
            let record = bundle.schema().record(*id).unwrap();
            record.fields.len() == fields.len()
                && record.fields.iter().zip(fields.iter()).all(|(field, value)| fits(bundle, &field.ty, value))
        }
        (Type::List(of), Value::List(list)) => list.iter().all(|value| fits(bundle, of, value)),
        (Type::Map(of), Value::Map(map)) => map.values().all(|value| fits(bundle, of, value)),
        (Type::Pair(of), Value::Record(sides)) => {
            let (first, second) = &**of;
            matches!(&**sides, [one, other] if fits(bundle, first, one) && fits(bundle, second, other))
        }
        _ => false,
    }
}

/// What expressions are made of.
const WORDS: &[&[u8]] = &[
    b"order.amount",
    b"order.items",
    b"order.item_count",
    b"order.signed_at",
    b"order.signed_on",
    b"order.id",
    b"issue.class",
    b"request.refused",
    b"customer.words",
    b"goodwill.most",
    b"now",
    b"today",
    b"it",
    b"it.quantity",
    b"it.unit_price",
    b"it.sku",
    b"$cap",
    b"$percent",
    b"$window",
    b"$words",
    b" && ",
    b" || ",
    b"!",
    b" == ",
    b" != ",
    b" < ",
    b" <= ",
    b" in ",
    b" ?? ",
    b" + ",
    b" - ",
    b" * ",
    b" / ",
    b" % ",
    b"(",
    b")",
    b"[",
    b"]",
    b", ",
    b".",
    b"if true { ",
    b" } else { ",
    b" }",
    b"known(",
    b"within(",
    b"mentions(",
    b"contains(",
    b"len(",
    b"folded(",
    b"any(order.items, ",
    b"all(order.items, ",
    b"count(order.items, ",
    b"sum(order.items, ",
    b"find(order.items, ",
    b"filter(order.items, ",
    b"zip(order.items, ",
    b"min(",
    b"max(",
    b"abs(",
    b"percent(",
    b"round_down(",
    b"round_half_even_to(",
    b"hours(",
    b"days(",
    b"since(",
    b"time_left(",
    b"date_of(",
    b"start_of_day(",
    b"day_after(",
    b"months_after(",
    b"days_between(",
    b"is_working_day(",
    b"desk_open()",
    b"working_days_after(",
    b"business_time_after(",
    b"next_opening(",
    b"shift_at(",
    b"next_shift(",
    b"\"product.quality\"",
    b"\"2026-11-22\"",
    b"\"",
    b"true",
    b"0",
    b"1",
    b"0.01",
    b"150",
    b"79228162514264337593543950335",
    b"0.0000000000000000000000000001",
    b"9223372036854775807",
    "，".as_bytes(),
    "（".as_bytes(),
    "。".as_bytes(),
    "“".as_bytes(),
    "金额".as_bytes(),
    b" and ",
    b"=",
    b"//",
    b"/*",
    b"`${",
    b"#{",
    b"|",
];

fn slip(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let Some((first, text)) = bytes.split_first() else { return vec![0] };
    if index(dice, 12) == 0 {
        return [&[first.wrapping_add(1)], text].concat();
    }
    [&[*first], &slips::slip(text, WORDS, dice)[..]].concat()
}
