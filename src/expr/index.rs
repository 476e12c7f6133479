//! Finds the rules, or the rows of a table, that can apply without asking each: one that pins an enumerated fact
//! (`issue.class`, `request.type`, …) is false for every other value of it. One bit a rule, one mask a value.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use smallvec::SmallVec;

use super::eval::Env;
use crate::facts::{FactId, SymbolSet};
use crate::value::Value;

/// Which rules stay possible under each value of the facts they pin.
#[derive(Debug, Clone, Default)]
pub struct Index {
    rules: usize,
    facts: Vec<PinnedFact>,
}

#[derive(Debug, Clone)]
struct PinnedFact {
    fact: FactId,
    /// By symbol: the rules that this value leaves possible.
    masks: Vec<Bits>,
    /// The rules that don't pin the fact: possible under any value.
    free: Bits,
}

type Bits = Box<[u64]>;

impl Index {
    /// `pins` is, rule by rule, what each of its conditions pins.
    pub fn new(pins: &[Vec<(FactId, &SymbolSet)>]) -> Self {
        let mut by_fact: BTreeMap<FactId, Vec<(usize, &SymbolSet)>> = BTreeMap::new();
        for (rule, pins) in pins.iter().enumerate() {
            for (fact, set) in pins {
                by_fact.entry(*fact).or_default().push((rule, set));
            }
        }
        let facts = by_fact.iter().map(|(fact, pins_of_fact)| pinned(*fact, pins_of_fact, pins.len())).collect();
        Index { rules: pins.len(), facts }
    }

    /// Visits the rules that may hold for this case, in order. An unknown fact rules nothing out; where all are known,
    /// `sure` says that what a rule pins need not be asked again.
    pub fn each_candidate(&self, env: &Env<'_>, mut visit: impl FnMut(usize, Sure) -> ControlFlow<()>) {
        let masks: SmallVec<[&[u64]; 8]> = self.facts.iter().filter_map(|pinned| pinned.mask(env)).collect();
        let sure = Sure(masks.len() == self.facts.len());
        for at in 0..self.rules.div_ceil(64) {
            let of = |mask: &[u64]| mask.get(at).copied().unwrap_or(0);
            let mut word = match &*masks {
                [] => full_word(self.rules, at),
                [first, rest @ ..] => rest.iter().fold(of(first), |word, mask| word & of(mask)),
            };
            while word != 0 {
                let bit = usize::try_from(word.trailing_zeros()).unwrap_or_default();
                word &= word.wrapping_sub(1);
                if visit(at.saturating_mul(64).saturating_add(bit), sure).is_break() {
                    return;
                }
            }
        }
    }
}

/// Whether every fact that the rules are looked up by is known.
#[derive(Debug, Clone, Copy)]
pub struct Sure(pub bool);

impl PinnedFact {
    fn mask(&self, env: &Env<'_>) -> Option<&[u64]> {
        let Value::Symbol(symbol) = env.fact(self.fact) else { return None };
        Some(self.masks.get(usize::from(symbol.0)).unwrap_or(&self.free))
    }
}

fn pinned(fact: FactId, pins: &[(usize, &SymbolSet)], rules: usize) -> PinnedFact {
    let words = rules.div_ceil(64);
    let mut free: Vec<u64> = (0..words).map(|at| full_word(rules, at)).collect();
    for (rule, _) in pins {
        change(&mut free, *rule, false);
    }
    let symbols =
        pins.iter().flat_map(|(_, set)| set.iter()).map(|symbol| usize::from(symbol.0).saturating_add(1)).max();
    let mut masks = vec![free.clone(); symbols.unwrap_or(0)];
    for (rule, set) in pins {
        for symbol in set.iter() {
            // A rule may pin one fact twice; then both pins must allow the value.
            let allowed = pins.iter().filter(|(other, _)| other == rule).all(|(_, set)| set.contains(symbol));
            if let Some(mask) = masks.get_mut(usize::from(symbol.0)).filter(|_| allowed) {
                change(mask, *rule, true);
            }
        }
    }
    PinnedFact { fact, masks: masks.into_iter().map(Vec::into).collect(), free: free.into() }
}

fn change(bits: &mut [u64], rule: usize, on: bool) {
    if let Some(word) = bits.get_mut(rule >> 6) {
        let bit = 1_u64 << (rule & 63);
        *word = if on { *word | bit } else { *word & !bit };
    }
}

/// The word with a bit for every rule that there is.
fn full_word(rules: usize, at: usize) -> u64 {
    match rules.saturating_sub(at.saturating_mul(64)) {
        0 => 0,
        left @ 1..64 => (1_u64 << left).wrapping_sub(1),
        _ => u64::MAX,
    }
}
