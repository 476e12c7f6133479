//! The functions that scripts may call. None reaches outside its arguments; none does more than one pass over them.

use std::cmp::Ordering;

use rhai::{Array, Caches, Dynamic, Engine, EvalContext, FnArgsVec, FnPtr, GlobalRuntimeState, INT, ImmutableString};
use rhai::{NativeCallContext, Scope};
use rust_decimal::{Decimal, RoundingStrategy};

use super::operators::{Outcome, compare, equal, fail, kind, nanoseconds, number, whole};
use super::sandbox::Sandbox;
use crate::both;
use crate::text::Bilingual;
use crate::value::{Duration, SECOND};

pub(super) fn register(sandbox: &mut Sandbox) {
    of_numbers(sandbox);
    of_texts(sandbox);
    of_lists(sandbox);
    with_a_function_in_place(sandbox);
    of_time(sandbox);
}

fn of_numbers(sandbox: &mut Sandbox) {
    sandbox.offer("abs", |value: &mut Dynamic| match number(value) {
        Some(number) => Ok(Dynamic::from_decimal(number.abs())),
        None => wrong_kind("abs", value),
    });
    sandbox.offer("min", |left: &mut Dynamic, right: Dynamic| {
        Outcome::<Dynamic>::Ok(if compare("min", left, &right)?.is_le() { left.clone() } else { right })
    });
    sandbox.offer("max", |left: &mut Dynamic, right: Dynamic| {
        Outcome::<Dynamic>::Ok(if compare("max", left, &right)?.is_ge() { left.clone() } else { right })
    });
    for (name, strategy) in [
        ("round_down", RoundingStrategy::ToNegativeInfinity),
        ("round_half_up", RoundingStrategy::MidpointAwayFromZero),
        ("round_half_even", RoundingStrategy::MidpointNearestEven),
    ] {
        sandbox.offer(name, move |value: &mut Dynamic, digits: Dynamic| round(value, &digits, strategy));
    }
}

fn round(value: &Dynamic, digits: &Dynamic, strategy: RoundingStrategy) -> Outcome<Dynamic> {
    let Some(value) = number(value) else { return wrong_kind("round", value) };
    match u32::try_from(whole(digits)?).ok().filter(|digits| *digits <= Decimal::MAX_SCALE) {
        Some(digits) => Ok(Dynamic::from_decimal(value.round_dp_with_strategy(digits, strategy))),
        None => fail(both!("小数位数要在 0 到 28 之间", "the number of digits lies between 0 and 28")),
    }
}

fn of_texts(sandbox: &mut Sandbox) {
    sandbox.offer("len", |text: ImmutableString| length(text.chars().count()));
    sandbox.offer("is_empty", |text: ImmutableString| text.is_empty());
    sandbox.offer("contains", |text: ImmutableString, part: ImmutableString| text.contains(part.as_str()));
    sandbox.offer("starts_with", |text: ImmutableString, start: ImmutableString| text.starts_with(start.as_str()));
    sandbox.offer("ends_with", |text: ImmutableString, end: ImmutableString| text.ends_with(end.as_str()));
    sandbox.offer("trim", |text: ImmutableString| ImmutableString::from(text.trim()));
    sandbox.offer("within", |name: ImmutableString, group: ImmutableString| within(&name, &group));
}

/// Whether a dotted name is `group` or lies under it: `quality.blemish` is within `quality`, `quality2` is not.
fn within(name: &str, group: &str) -> bool {
    name.strip_prefix(group).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn of_lists(sandbox: &mut Sandbox) {
    sandbox.offer("len", |list: &mut Array| length(list.len()));
    sandbox.offer("is_empty", |list: &mut Array| list.is_empty());
    sandbox.offer("contains", |list: &mut Array, item: Dynamic| contains(list, &item));
    sandbox.offer("at", |list: &mut Array, index: Dynamic| {
        let index = whole(&index)?;
        present(usize::try_from(index).ok().and_then(|index| list.get(index)))
    });
    sandbox.offer("first", |list: &mut Array| present(list.first()));
    sandbox.offer("last", |list: &mut Array| present(list.last()));
    sandbox.offer("sum", |list: &mut Array| sum(list));
    sandbox.offer("min", |list: &mut Array| extreme("min", list, Ordering::is_lt));
    sandbox.offer("max", |list: &mut Array| extreme("max", list, Ordering::is_gt));
    sandbox.offer_change("push", |list: &mut Array, item: Dynamic| list.push(item));
}

fn contains(list: &Array, item: &Dynamic) -> Outcome<bool> {
    for candidate in list {
        if equal(candidate, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn sum(list: &Array) -> Outcome<Dynamic> {
    let mut total = Decimal::ZERO;
    for item in list {
        let Some(number) = number(item) else { return wrong_kind("sum", item) };
        match total.checked_add(number) {
            Some(more) => total = more,
            None => return fail(both!("结果超出范围", "the result is out of range")),
        }
    }
    Ok(Dynamic::from_decimal(total))
}

fn extreme(name: &str, list: &Array, better: fn(Ordering) -> bool) -> Outcome<Dynamic> {
    let mut best = present(list.first())?;
    for item in list {
        if better(compare(name, item, &best)?) {
            best = item.clone();
        }
    }
    Ok(best)
}

fn with_a_function_in_place(sandbox: &mut Sandbox) {
    sandbox.offer("all", |context: NativeCallContext, list: &mut Array, test: FnPtr| {
        Outcome::<bool>::Ok(InPlace::new(&context, &test).position(list, false)?.is_none())
    });
    sandbox.offer("any", |context: NativeCallContext, list: &mut Array, test: FnPtr| {
        Outcome::<bool>::Ok(InPlace::new(&context, &test).position(list, true)?.is_some())
    });
    sandbox.offer("none", |context: NativeCallContext, list: &mut Array, test: FnPtr| {
        Outcome::<bool>::Ok(InPlace::new(&context, &test).position(list, true)?.is_none())
    });
    sandbox.offer("find", |context: NativeCallContext, list: &mut Array, test: FnPtr| {
        let found = InPlace::new(&context, &test).position(list, true)?;
        present(found.and_then(|index| list.get(index)))
    });
    sandbox.offer("count", |context: NativeCallContext, list: &mut Array, test: FnPtr| {
        Outcome::<INT>::Ok(length(InPlace::new(&context, &test).filter(list)?.len()))
    });
    sandbox.offer("filter", |context: NativeCallContext, list: &mut Array, test: FnPtr| {
        InPlace::new(&context, &test).filter(list)
    });
    sandbox.offer("map", |context: NativeCallContext, list: &mut Array, function: FnPtr| {
        let mut function = InPlace::new(&context, &function);
        list.iter().map(|item| function.call(item)).collect::<Outcome<Array>>()
    });
}

/// A function written in place, ready to be called for each item. Rhai would set up its state anew for each.
struct InPlace<'f> {
    engine: &'f Engine,
    function: &'f FnPtr,
    global: GlobalRuntimeState,
    caches: Caches,
}

impl<'f> InPlace<'f> {
    fn new(context: &'f NativeCallContext<'_>, function: &'f FnPtr) -> Self {
        let mut caches = Caches::new();
        caches.push_fn_resolution_cache();
        Self { engine: context.engine(), function, global: context.global_runtime_state().clone(), caches }
    }

    fn call(&mut self, item: &Dynamic) -> Outcome<Dynamic> {
        let captured = self.function.curry().iter().cloned();
        let mut arguments: FnArgsVec<Dynamic> = captured.chain([item.clone()]).collect();
        let mut arguments: FnArgsVec<&mut Dynamic> = arguments.iter_mut().collect();
        EvalContext::new(self.engine, &mut self.global, &mut self.caches, &mut Scope::new(), None).call_fn_raw(
            self.function.fn_name(),
            false,
            false,
            &mut arguments,
        )
    }

    fn holds(&mut self, item: &Dynamic) -> Outcome<bool> {
        let answer = self.call(item)?;
        answer.as_bool().or_else(|_| {
            let kind = kind(&answer);
            fail(Bilingual::new(
                format!("`|…|` 应得出真假值，却是{}", kind.zh),
                format!("the `|…|` must give true or false, not {}", kind.en),
            ))
        })
    }

    /// The position of the first item for which the test gives `wanted`.
    fn position(&mut self, list: &Array, wanted: bool) -> Outcome<Option<usize>> {
        for (index, item) in list.iter().enumerate() {
            if self.holds(item)? == wanted {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    fn filter(&mut self, list: &Array) -> Outcome<Array> {
        let mut kept = Array::new();
        for item in list {
            if self.holds(item)? {
                kept.push(item.clone());
            }
        }
        Ok(kept)
    }
}

fn of_time(sandbox: &mut Sandbox) {
    for (name, seconds) in [("seconds", 1), ("minutes", 60), ("hours", 3600), ("days", 86_400)] {
        sandbox.offer(name, move |count: Dynamic| {
            let Some(count) = number(&count) else { return wrong_kind(name, &count) };
            let unit = Decimal::from(SECOND).checked_mul(Decimal::from(seconds));
            match nanoseconds(unit.and_then(|unit| unit.checked_mul(count))) {
                Some(length) => Ok(Duration(length)),
                None => fail(both!("时长超出范围", "the duration is out of range")),
            }
        });
    }
}

fn length(count: usize) -> INT {
    INT::try_from(count).unwrap_or(INT::MAX)
}

fn present(item: Option<&Dynamic>) -> Outcome<Dynamic> {
    item.cloned().map_or_else(|| fail(both!("列表中没有这一项", "the list has no such item")), Ok)
}

fn wrong_kind<T>(function: &str, value: &Dynamic) -> Outcome<T> {
    let kind = kind(value);
    fail(Bilingual::new(
        format!("`{function}` 不能用于{}", kind.zh),
        format!("`{function}` can't be used with {}", kind.en),
    ))
}
