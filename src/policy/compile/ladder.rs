//! The ladder: entries, rungs, offers, freight.

use super::Compiler;
use crate::both;
use crate::diagnostic::{Diagnostic, codes};
use crate::facts::Type;
use crate::policy::files::{AlternativeEntry, FreightEntry, LadderFile, OfferEntry, Payer, RungEntry};
use crate::policy::rules::{Alternative, Concession, Entry, Freight, Ladder, Offer, Rung};
use crate::value::Symbol;

impl Compiler<'_> {
    /// `actions` is, remedy by remedy, the action that carries it out.
    pub fn ladder(&mut self, file: &LadderFile, actions: &[Option<Symbol>]) -> Ladder {
        let prefix = format!("ladder.{}", file.name.value);
        let rungs: Vec<Rung> = file.rungs.iter().filter_map(|entry| self.rung(&prefix, entry, actions)).collect();
        let mut entries = Vec::new();
        for entry in &file.entries {
            let rule = self.rule(&prefix, entry);
            let Some(remedy) = self.named("remedy", &entry.start) else { continue };
            if rungs.iter().all(|rung| rung.remedy != remedy) {
                let word = &entry.start.value;
                let message = both!("阶梯上没有 `{word}` 这一级", "the ladder has no rung `{word}`");
                self.problems.push(Diagnostic::error(codes::UNKNOWN_NAME, entry.start.span.clone(), message));
            }
            entries.push(Entry { rule, remedy });
        }
        for (position, entry) in file.rungs.iter().enumerate() {
            let word = &entry.remedy.value;
            if file.rungs.iter().take(position).any(|earlier| earlier.remedy.value == *word) {
                let message = both!("`{word}` 在阶梯上出现了两次", "`{word}` stands on the ladder twice");
                self.problems.push(Diagnostic::error(codes::DUPLICATE_ID, entry.remedy.span.clone(), message));
            }
        }
        Ladder { rungs, entries }
    }

    fn rung(&mut self, prefix: &str, entry: &RungEntry, actions: &[Option<Symbol>]) -> Option<Rung> {
        let rule = self.rule(prefix, entry);
        let remedy = self.named("remedy", &entry.remedy);
        let offer = entry.offer.as_ref().map(|offer| self.offer(prefix, offer));
        let freight = entry.freight.iter().map(|freight| self.freight(prefix, freight)).collect();
        let alternatives: Vec<_> = entry.alternatives.iter().map(|entry| self.alternative(prefix, entry)).collect();
        let steps = entry.steps.iter().map(|step| self.message(step)).collect();
        let remedy = remedy?;
        let action = actions.get(usize::from(remedy.0)).copied().flatten();
        let offer = match offer {
            Some(None) => return None,
            offer => offer.flatten(),
        };
        let alternatives = alternatives.into_iter().collect::<Option<_>>()?;
        Some(Rung { rule, remedy, action, offer, freight, alternatives, steps })
    }

    fn alternative(&mut self, prefix: &str, entry: &AlternativeEntry) -> Option<Alternative> {
        let rule = self.rule(prefix, entry);
        let worth = match &entry.worth {
            Some(worth) => Some(self.sum(worth, &[])?),
            None => None,
        };
        Some(Alternative { rule, worth })
    }

    fn offer(&mut self, prefix: &str, entry: &OfferEntry) -> Option<Offer> {
        let bounds = entry.ceiling.as_deref().unwrap_or_default();
        let ceiling: Vec<_> = bounds.iter().map(|sum| self.sum(sum, &[])).collect();
        let locals = [("ceiling".into(), Type::Money)];
        let opening = self.sum(&entry.opening, &locals);
        let mut concessions = Vec::new();
        for concession in &entry.concessions {
            let rule = self.rule(prefix, concession);
            if let Some(amount) = self.sum(&concession.amount, &locals) {
                concessions.push(Concession { rule, amount });
            }
        }
        let ceiling = ceiling.into_iter().collect::<Option<_>>()?;
        Some(Offer { ceiling, opening: opening?, concessions: concessions.into() })
    }

    fn freight(&mut self, prefix: &str, entry: &FreightEntry) -> Freight {
        let payer = |payer: Option<Payer>| payer.map(|payer| payer.word().into());
        Freight {
            rule: self.rule(prefix, entry),
            outbound: payer(entry.outbound),
            inbound: payer(entry.inbound),
            replacement: payer(entry.replacement),
            means: entry.means.as_ref().map(|means| self.all_named("return_means", means)).unwrap_or_default(),
        }
    }
}
