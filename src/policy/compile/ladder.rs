//! The ladder: entries, rungs, offers, freight.

use super::Compiler;
use crate::both;
use crate::diagnostic::{Diagnostic, Span, codes};
use crate::facts::Type;
use crate::policy::files::{AlternativeEntry, FreightEntry, LadderFile, OfferEntry, Payer, RungEntry, RungStepEntry};
use crate::policy::rules::{Alternative, Concession, Entry, Freight, Ladder, Offer, Rule, Rung, RungStep};
use crate::value::Symbol;

impl Compiler<'_> {
    /// One ladder of all files: its rungs stand in the order of the bundle's remedies. `actions` is, remedy by remedy, the
    /// action that carries it out.
    pub fn ladder(&mut self, files: &[&LadderFile], actions: &[Option<Symbol>]) -> Ladder {
        let prefix = |file: &LadderFile| format!("ladder.{}", file.name.value);
        let mut rungs: Vec<Rung> = Vec::new();
        let mut written: Vec<&RungEntry> = Vec::new();
        for file in files {
            rungs.extend(file.rungs.iter().filter_map(|entry| self.rung(&prefix(file), entry, actions)));
            written.extend(file.rungs.iter());
        }
        self.refuse_twice(&written);
        rungs.sort_by_key(|rung| rung.remedy);
        let mut starting = files.iter().filter(|file| !file.entries.is_empty());
        let first = starting.next();
        for again in starting {
            self.refuse_entries(again, first.map(|file| &file.name.span));
        }
        let entries = first.map(|file| self.entries(&prefix(file), file, &rungs)).unwrap_or_default();
        Ladder { rungs, entries }
    }

    fn entries(&mut self, prefix: &str, file: &LadderFile, rungs: &[Rung]) -> Vec<Entry> {
        let mut entries = Vec::new();
        for entry in &file.entries {
            let rule = self.rule(prefix, entry);
            let Some(remedy) = self.named("remedy", &entry.start) else { continue };
            if rungs.iter().all(|rung| rung.remedy != remedy) {
                let word = &entry.start.value;
                let message = both!("阶梯上没有 `{word}` 这一级", "the ladder has no rung `{word}`");
                self.problems.push(Diagnostic::error(codes::UNKNOWN_NAME, entry.start.span.clone(), message));
            }
            entries.push(Entry { rule, remedy });
        }
        entries
    }

    fn refuse_twice(&mut self, rungs: &[&RungEntry]) {
        for (position, entry) in rungs.iter().enumerate() {
            let word = &entry.remedy.value;
            if rungs.iter().take(position).any(|earlier| earlier.remedy.value == *word) {
                let message = both!("`{word}` 在阶梯上出现了两次", "`{word}` stands on the ladder twice");
                self.problems.push(Diagnostic::error(codes::DUPLICATE_ID, entry.remedy.span.clone(), message));
            }
        }
    }

    /// Entries are read from the top, so they stand in one file.
    fn refuse_entries(&mut self, file: &LadderFile, first: Option<&Span>) {
        let message = both!(
            "`entries` 自上而下看，只能写在一个文件里",
            "`entries` are read from the top, so they stand in one file only"
        );
        let problem = Diagnostic::error(codes::DUPLICATE_ID, file.name.span.clone(), message);
        let related = first.map(|first| (first.clone(), both!("已经写在这里", "they stand here already")));
        self.problems.push(related.into_iter().fold(problem, |problem, (at, label)| problem.related(at, label)));
    }

    fn rung(&mut self, prefix: &str, entry: &RungEntry, actions: &[Option<Symbol>]) -> Option<Rung> {
        let rule = self.rule(prefix, entry);
        let remedy = self.named("remedy", &entry.remedy);
        let offer = entry.offer.as_ref().map(|offer| self.offer(prefix, offer));
        let freight = entry.freight.iter().map(|freight| self.freight(prefix, freight)).collect();
        let alternatives: Vec<_> = entry.alternatives.iter().map(|entry| self.alternative(prefix, entry)).collect();
        let steps = entry.steps.iter().enumerate().map(|(at, step)| self.rung_step(&rule, at, step)).collect();
        let remedy = remedy?;
        let action = actions.get(usize::from(remedy.0)).copied().flatten();
        let offer = match offer {
            Some(None) => return None,
            offer => offer.flatten(),
        };
        let alternatives = alternatives.into_iter().collect::<Option<_>>()?;
        Some(Rung { rule, remedy, action, offer, freight, alternatives, steps })
    }

    /// Steps of a rung have no names; a trace shows them by their number, from 1.
    fn rung_step(&mut self, rung: &Rule, at: usize, entry: &RungStepEntry) -> RungStep {
        match entry {
            RungStepEntry::Always(action) => RungStep { when: None, action: self.message(action) },
            RungStepEntry::Sometimes(step) => {
                let name = at.saturating_add(1).to_string();
                let when = self.step_rule(rung, &name, Some(&step.when), &step.span);
                RungStep { when, action: self.message(&step.action) }
            }
        }
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
