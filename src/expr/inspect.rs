//! Questions about an expression besides its value: which facts it reads, and which absent facts keep it unknown.

use std::collections::BTreeSet;

use super::eval::{Hit, Scope, Standing};
use super::typed::{Cond, Shape, Term};
use crate::facts::{FactId, RecordId, Schema, SymbolSet, Type};
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
        let path = schema.path(self.fact);
        let field = self.field.and_then(|(record, at)| schema.record(record)?.fields.get(usize::from(at)));
        let Some(field) = field else { return path.to_owned() };
        let each = match schema.fact(self.fact).map(|fact| &fact.ty) {
            Some(Type::Record(_)) => "",
            _ => "[]",
        };
        format!("{path}{each}.{}", field.name)
    }
}

/// The absent facts because of which something is unknown.
pub type MissingFacts = BTreeSet<Missing>;

impl Cond {
    /// Adds the absent facts that keep this condition unknown; none if it is not.
    pub fn missing(&self, scope: Scope<'_>, out: &mut MissingFacts) {
        Search { out, lists: Vec::new() }.cond(self, scope);
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

    /// Whether it is true wherever what it pins is known and fits.
    pub fn only_pins(&self) -> bool {
        match self {
            Cond::OneOf(term, _) => matches!(**term, Term::Fact(_)),
            Cond::All(parts) => parts.iter().all(Cond::only_pins),
            _ => false,
        }
    }
}

impl Term {
    /// Adds the absent facts that keep this value unknown; none if it is known.
    pub fn missing(&self, scope: Scope<'_>, out: &mut MissingFacts) {
        Search { out, lists: Vec::new() }.term(self, scope);
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
struct Search<'o, 'e> {
    out: &'o mut MissingFacts,
    /// The lists whose elements are being walked, innermost last.
    lists: Vec<&'e Term>,
}

impl<'e> Search<'_, 'e> {
    fn cond(&mut self, cond: &'e Cond, scope: Scope<'_>) {
        if cond.truth(scope) != Truth::Unknown {
            return;
        }
        match cond {
            Cond::Quantified(_, list, body) => self.over(list, scope, |search, scope| search.cond(body, scope)),
            // A branch that is not taken could not change the value.
            Cond::If(condition, then, _) if condition.truth(scope).is_true() => self.cond(then, scope),
            Cond::If(condition, _, otherwise) if condition.truth(scope).is_false() => self.cond(otherwise, scope),
            cond => each_part_of_cond(cond, &mut |part| self.part(part, scope)),
        }
    }

    fn term(&mut self, term: &'e Term, scope: Scope<'_>) {
        if term.with(scope, Value::is_unknown) {
            self.unknown(term, scope);
        }
    }

    /// Within a term that is known to be unknown.
    fn unknown(&mut self, term: &'e Term, scope: Scope<'_>) {
        match term {
            Term::Fact(fact) => self.fact(*fact, scope),
            Term::Field(record, of, field) if !record.value(scope).is_unknown() => {
                self.missing(record, Some((*of, *field)), scope);
            }
            Term::Lookup(map, key) if !map.value(scope).is_unknown() && !key.value(scope).is_unknown() => {
                self.missing(map, None, scope);
            }
            Term::Count(list, Some(body)) | Term::Find(list, body) | Term::Filter(list, body) => {
                self.over(list, scope, |search, scope| search.cond(body, scope));
            }
            Term::Aggregate { list, body: Some(body), .. } => {
                self.over(list, scope, |search, scope| search.term(body, scope));
            }
            Term::Plain(inner, shape) => match inner.value(scope) {
                Value::Unknown => self.term(inner, scope),
                value => self.wanted(inner, &value, shape, scope),
            },
            Term::Table { table, output } => self.table(*table, *output, scope),
            Term::If(condition, then, _) if condition.truth(scope).is_true() => self.term(then, scope),
            Term::If(condition, _, otherwise) if condition.truth(scope).is_false() => self.term(otherwise, scope),
            other => each_part_of_term(other, &mut |part| self.part(part, scope)),
        }
    }

    fn part(&mut self, part: Part<'e>, scope: Scope<'_>) {
        match part {
            Part::Cond(cond) => self.cond(cond, scope),
            Part::Term(term) => self.term(term, scope),
        }
    }

    fn fact(&mut self, fact: FactId, scope: Scope<'_>) {
        match scope.env.program.definition(fact) {
            Some(derived) => Search { out: self.out, lists: Vec::new() }.unknown(&derived.term, Scope::new(scope.env)),
            None => {
                self.out.insert(Missing { fact, field: None });
            }
        }
    }

    /// Something is absent from what `term` is.
    fn missing(&mut self, term: &'e Term, field: Option<(RecordId, u16)>, scope: Scope<'_>) {
        if let Some(fact) = source(term, &self.lists, scope) {
            self.out.insert(Missing { fact, field });
        }
    }

    /// The fields that are wanted of a known value, and absent.
    fn wanted(&mut self, term: &'e Term, value: &Value, shape: &Shape, scope: Scope<'_>) {
        match (value, shape) {
            (Value::List(elements), Shape::Each(of)) => {
                elements.iter().for_each(|element| self.wanted(term, element, of, scope));
            }
            (Value::Record(values), Shape::Record(fields)) => {
                for field in fields {
                    match values.get(usize::from(field.field)) {
                        Some(value) if !value.is_unknown() => self.wanted(term, value, &field.shape, scope),
                        _ => self.missing(term, Some((field.record, field.field)), scope),
                    }
                }
            }
            _ => {}
        }
    }

    /// What keeps one result of a table unknown: the conditions that leave open which row gives it, unless every row
    /// that may gives the same; and what those rows' own results lack.
    fn table(&mut self, table: usize, output: u16, scope: Scope<'_>) {
        let (Some(standing), Some(table)) = (scope.env.standing(table), scope.env.program.tables.get(table)) else {
            return;
        };
        let Standing::Rows { rows, complete } = standing else { return };
        let rows = || table.at(rows);
        let results = || rows().filter_map(|row| row.outputs.get(usize::from(output)));
        let decided =
            *complete && (table.hit == Hit::Collect || results().all(|result| Some(result) == results().next()));
        let mut search = Search { out: self.out, lists: Vec::new() };
        if !decided {
            for row in rows() {
                search.cond(&row.when, Scope::new(scope.env));
            }
        }
        for result in results() {
            search.term(result, Scope::new(scope.env));
        }
    }

    /// Every element of a list, or what keeps the list itself unknown.
    fn over(&mut self, list: &'e Term, scope: Scope<'_>, visit: impl Fn(&mut Search<'_, 'e>, Scope<'_>)) {
        let Value::List(elements) = list.value(scope) else { return self.term(list, scope) };
        let mut lists = self.lists.clone();
        lists.push(list);
        let mut inner = Search { out: self.out, lists };
        for element in elements.iter() {
            scope.with(element, |scope| visit(&mut inner, scope));
        }
    }
}

/// The fact that a value is taken from: a list for its elements, a record for its fields.
fn source(term: &Term, lists: &[&Term], scope: Scope<'_>) -> Option<FactId> {
    match term {
        Term::Fact(fact) => match scope.env.program.definition(*fact) {
            Some(derived) => source(&derived.term, &[], scope).or(Some(*fact)),
            None => Some(*fact),
        },
        Term::Local(depth) => {
            let at = lists.len().checked_sub(usize::from(*depth).saturating_add(1))?;
            source(lists.get(at)?, lists.get(..at)?, scope)
        }
        Term::Side(pair, side) => {
            let (first, second, lists) = paired(pair, lists)?;
            source(if *side == 0 { first } else { second }, lists, scope)
        }
        Term::Field(inner, ..)
        | Term::Lookup(inner, _)
        | Term::At(inner, _)
        | Term::Find(inner, _)
        | Term::Filter(inner, _) => source(inner, lists, scope),
        Term::If(_, one, other) | Term::Otherwise(one, other) => {
            source(one, lists, scope).or_else(|| source(other, lists, scope))
        }
        _ => None,
    }
}

/// The lists that a pair's sides come from.
fn paired<'t>(pair: &'t Term, lists: &'t [&'t Term]) -> Option<(&'t Term, &'t Term, &'t [&'t Term])> {
    match pair {
        Term::Zip(first, second) => Some((first, second, lists)),
        Term::Local(depth) => {
            let at = lists.len().checked_sub(usize::from(*depth).saturating_add(1))?;
            paired(lists.get(at)?, lists.get(..at)?)
        }
        Term::Find(list, _) | Term::Filter(list, _) | Term::At(list, _) => paired(list, lists),
        _ => None,
    }
}

/// A direct part of an expression.
#[derive(Clone, Copy)]
pub enum Part<'e> {
    Cond(&'e Cond),
    Term(&'e Term),
}

fn each_part_of_cond<'e>(cond: &'e Cond, visit: &mut dyn FnMut(Part<'e>)) {
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
        | Cond::Mentions { texts: left, words: right, .. }
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

fn each_part_of_term<'e>(term: &'e Term, visit: &mut dyn FnMut(Part<'e>)) {
    match term {
        Term::Const(_) | Term::Fact(_) | Term::Local(_) | Term::Now | Term::Today | Term::Table { .. } => {}
        Term::Field(inner, ..)
        | Term::Side(inner, _)
        | Term::Negate(inner)
        | Term::Units(inner, _)
        | Term::Round { term: inner, .. }
        | Term::Absolute(inner)
        | Term::DateOf(inner)
        | Term::StartOfDay(inner)
        | Term::RoundTo { term: inner, .. }
        | Term::Length(inner)
        | Term::Folded(inner)
        | Term::AtDesk { at: inner, .. }
        | Term::Plain(inner, _) => visit(Part::Term(inner)),
        Term::Cond(cond) => visit(Part::Cond(cond)),
        Term::If(condition, then, otherwise) => {
            visit(Part::Cond(condition));
            visit(Part::Term(then));
            visit(Part::Term(otherwise));
        }
        Term::Lookup(left, right)
        | Term::At(left, right)
        | Term::Otherwise(left, right)
        | Term::Arithmetic { left, right, .. }
        | Term::TimeSum { left, right, .. }
        | Term::Joined(left, right)
        | Term::Zip(left, right)
        | Term::DaysBetween(left, right)
        | Term::DateAfter { date: left, count: right, .. }
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
        Term::Find(list, body) | Term::Filter(list, body) => {
            visit(Part::Term(list));
            visit(Part::Cond(body));
        }
    }
}
