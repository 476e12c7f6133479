//! Finds the rules that can apply without asking each: a rule that pins an enumerated fact (`issue.class`,
//! `request.type`, …) is false for every other value of it. One bit a rule, one mask a value.

use std::collections::BTreeMap;

use crate::expr::eval::Env;
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

    /// The rules that may hold for this case, in order. An unknown fact rules nothing out.
    pub fn candidates<'i>(&'i self, env: &'i Env<'_>) -> impl Iterator<Item = usize> + 'i {
        let pinned: smallvec::SmallVec<[&Bits; 8]> = self.facts.iter().filter_map(|pinned| pinned.mask(env)).collect();
        let words = self.rules.div_ceil(64);
        (0..words).flat_map(move |at| {
            let all = full_word(self.rules, at);
            let word = pinned.iter().fold(all, |word, mask| word & mask.get(at).copied().unwrap_or(0));
            BitsOf { word, base: at.saturating_mul(64) }
        })
    }
}

impl PinnedFact {
    fn mask(&self, env: &Env<'_>) -> Option<&Bits> {
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

/// The positions of the set bits of a word.
struct BitsOf {
    word: u64,
    base: usize,
}

impl Iterator for BitsOf {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.word == 0 {
            return None;
        }
        let at = usize::try_from(self.word.trailing_zeros()).ok()?;
        self.word &= self.word.wrapping_sub(1);
        Some(self.base.saturating_add(at))
    }
}
