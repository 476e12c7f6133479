//! Questions about an expression besides its value: which facts it reads, and which absent facts keep it unknown.

use std::collections::BTreeSet;

use super::eval::Scope;
use super::typed::{Cond, Term};
use crate::facts::{FactId, RecordId, Schema, SymbolSet};
use crate::value::{Truth, Value};

/// A fact nobody sent, or a field missing from one of the records in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Missing {
    pub fact: FactId,
    /// The record's field, where the fact is a list of records.
    pub field: Option<(RecordId, u16)>,
}

impl Missing {
    /// How answers name it: `order.paid`, or `order.items[].unit_price`.
    pub fn path(&self, schema: &Schema) -> String {
        let fact = schema.path(self.fact);
        let field = self.field.and_then(|(record, at)| schema.record(record)?.fields.get(usize::from(at)));
        field.map_or_else(|| fact.to_owned(), |field| format!("{fact}[].{}", field.name))
    }
}

/// The absent facts because of which something is unknown.
pub type MissingFacts = BTreeSet<Missing>;

impl Cond {
    /// Adds the absent facts that keep this condition unknown; none if it is not.
    pub fn missing(&self, scope: Scope<'_>, out: &mut MissingFacts) {
        if self.truth(scope) == Truth::Unknown {
            Search { out, list: None }.cond(self, scope);
        }
    }

    /// The facts that this condition reads, derived ones as themselves.
    pub fn facts(&self, out: &mut BTreeSet<FactId>) {
        each_part_of_cond(self, &mut |part| match part {
            Part::Cond(cond) => cond.facts(out),
            Part::Term(term) => term.facts(out),
        });
    }

    /// Which enumerated facts this condition pins, and to what: unless the fact has one of these values (or is unknown)
    /// the condition is false. This is what the index of rules is built from.
    pub fn pins(&self) -> Vec<(FactId, &SymbolSet)> {
        match self {
            Cond::OneOf(term, set) => match &**term {
                Term::Fact(fact) => vec![(*fact, set)],
                _ => Vec::new(),
            },
            Cond::All(parts) => parts.iter().flat_map(Cond::pins).collect(),
            _ => Vec::new(),
        }
    }
}

impl Term {
    /// Adds the absent facts that keep this value unknown; none if it is known.
    pub fn missing(&self, scope: Scope<'_>, out: &mut MissingFacts) {
        Search { out, list: None }.term(self, scope);
    }

    /// The facts that this value is computed from, derived ones as themselves.
    pub fn facts(&self, out: &mut BTreeSet<FactId>) {
        if let Term::Fact(fact) = self {
            out.insert(*fact);
        }
        each_part_of_term(self, &mut |part| match part {
            Part::Cond(cond) => cond.facts(out),
            Part::Term(term) => term.facts(out),
        });
    }
}

/// A walk through everything unknown.
struct Search<'o> {
    out: &'o mut MissingFacts,
    /// The list fact whose elements are being walked.
    list: Option<FactId>,
}

impl Search<'_> {
    fn cond(&mut self, cond: &Cond, scope: Scope<'_>) {
        if cond.truth(scope) != Truth::Unknown {
            return;
        }
        if let Cond::Quantified(_, list, body) = cond
            && let Value::List(elements) = list.value(scope)
        {
            self.elements(list, &elements, scope, |search, scope| search.cond(body, scope));
            return;
        }
        each_part_of_cond(cond, &mut |part| self.part(part, scope));
    }

    fn term(&mut self, term: &Term, scope: Scope<'_>) {
        if !term.value(scope).is_unknown() {
            return;
        }
        match term {
            Term::Fact(fact) => self.fact(*fact, scope),
            Term::Field(record, of, field) if !record.value(scope).is_unknown() => {
                if let Some(fact) = self.list.or_else(|| list_behind(record)) {
                    self.out.insert(Missing { fact, field: Some((*of, *field)) });
                }
            }
            Term::Count(list, Some(body)) => {
                if let Value::List(elements) = list.value(scope) {
                    self.elements(list, &elements, scope, |search, scope| search.cond(body, scope));
                } else {
                    self.term(list, scope);
                }
            }
            Term::Aggregate { list, body: Some(body), .. } => {
                if let Value::List(elements) = list.value(scope) {
                    self.elements(list, &elements, scope, |search, scope| search.term(body, scope));
                } else {
                    self.term(list, scope);
                }
            }
            Term::Find(list, body) => {
                if let Value::List(elements) = list.value(scope) {
                    self.elements(list, &elements, scope, |search, scope| search.cond(body, scope));
                } else {
                    self.term(list, scope);
                }
            }
            Term::Table { table, output } => self.table(*table, *output, scope),
            other => each_part_of_term(other, &mut |part| self.part(part, scope)),
        }
    }

    fn part(&mut self, part: Part<'_>, scope: Scope<'_>) {
        match part {
            Part::Cond(cond) => self.cond(cond, scope),
            Part::Term(term) => self.term(term, scope),
        }
    }

    fn fact(&mut self, fact: FactId, scope: Scope<'_>) {
        match scope.env.program.definition(fact) {
            Some(derived) => self.term(&derived.term, Scope::new(scope.env)),
            None => {
                self.out.insert(Missing { fact, field: None });
            }
        }
    }

    fn table(&mut self, table: usize, output: u16, scope: Scope<'_>) {
        let Some(table) = scope.env.program.tables.get(table) else { return };
        for row in &table.rows {
            let truth = row.when.truth(scope);
            self.cond(&row.when, scope);
            if truth.is_true() {
                if let Some(term) = row.outputs.get(usize::from(output)) {
                    self.term(term, scope);
                }
                return;
            }
        }
    }

    fn elements(
        &mut self,
        list: &Term,
        elements: &[Value],
        scope: Scope<'_>,
        mut visit: impl FnMut(&mut Search<'_>, Scope<'_>),
    ) {
        let mut inner = Search { out: self.out, list: list_behind(list).or(self.list) };
        for element in elements {
            scope.with(element, |scope| visit(&mut inner, scope));
        }
    }
}

/// The list fact that a term's elements come from.
fn list_behind(term: &Term) -> Option<FactId> {
    match term {
        Term::Fact(fact) => Some(*fact),
        Term::Find(list, _) | Term::Field(list, ..) => list_behind(list),
        _ => None,
    }
}

/// A direct part of an expression.
#[derive(Clone, Copy)]
pub enum Part<'e> {
    Cond(&'e Cond),
    Term(&'e Term),
}

fn each_part_of_cond(cond: &Cond, visit: &mut dyn FnMut(Part<'_>)) {
    match cond {
        Cond::Const(_) | Cond::DeskOpen(_) => {}
        Cond::Is(term) | Cond::Known(term) | Cond::OneOf(term, _) | Cond::WorkingDay(_, term) => {
            visit(Part::Term(term));
        }
        Cond::Not(inner) => visit(Part::Cond(inner)),
        Cond::All(parts) | Cond::Any(parts) => parts.iter().for_each(|part| visit(Part::Cond(part))),
        Cond::If(condition, then, otherwise) => {
            for part in [condition, then, otherwise] {
                visit(Part::Cond(part));
            }
        }
        Cond::SameTruth(left, right) => {
            visit(Part::Cond(left));
            visit(Part::Cond(right));
        }
        Cond::SameSymbol(left, right)
        | Cond::Decimal(_, left, right)
        | Cond::Time { left, right, .. }
        | Cond::Date(_, left, right)
        | Cond::SameText(left, right)
        | Cond::Text(_, left, right)
        | Cond::Mentions { texts: left, words: right }
        | Cond::Member { element: left, list: right } => {
            visit(Part::Term(left));
            visit(Part::Term(right));
        }
        Cond::Quantified(_, list, body) => {
            visit(Part::Term(list));
            visit(Part::Cond(body));
        }
    }
}

fn each_part_of_term(term: &Term, visit: &mut dyn FnMut(Part<'_>)) {
    match term {
        Term::Const(_) | Term::Fact(_) | Term::Local(_) | Term::Now | Term::Today | Term::Table { .. } => {}
        Term::Field(inner, ..)
        | Term::Negate(inner)
        | Term::Units(inner, _)
        | Term::Round { term: inner, .. }
        | Term::Absolute(inner)
        | Term::DateOf(inner)
        | Term::StartOfDay(inner)
        | Term::DayAfter(inner, _)
        | Term::Length(inner)
        | Term::SymbolText(inner, _) => visit(Part::Term(inner)),
        Term::Cond(cond) => visit(Part::Cond(cond)),
        Term::If(condition, then, otherwise) => {
            visit(Part::Cond(condition));
            visit(Part::Term(then));
            visit(Part::Term(otherwise));
        }
        Term::Lookup(left, right)
        | Term::Otherwise(left, right)
        | Term::Arithmetic { left, right, .. }
        | Term::TimeSum { left, right, .. }
        | Term::WorkingDaysAfter { start: left, days: right, .. }
        | Term::BusinessTimeAfter { start: left, length: right, .. } => {
            visit(Part::Term(left));
            visit(Part::Term(right));
        }
        Term::List(terms) | Term::Extreme { terms, .. } | Term::Script { arguments: terms, .. } => {
            terms.iter().for_each(|term| visit(Part::Term(term)));
        }
        Term::Count(list, body) => {
            visit(Part::Term(list));
            if let Some(body) = body {
                visit(Part::Cond(body));
            }
        }
        Term::Aggregate { list, body, .. } => {
            visit(Part::Term(list));
            if let Some(body) = body {
                visit(Part::Term(body));
            }
        }
        Term::Find(list, body) => {
            visit(Part::Term(list));
            visit(Part::Cond(body));
        }
    }
}
