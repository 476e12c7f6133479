//! Lists: of texts, of names, of records. An empty one is unknown unless it is named among the empty lists, as
//! protobuf can't tell an empty list from an absent one.

use std::collections::BTreeSet;

use super::leaves::{self, PROSE_MAX, TEXT_MAX};
use super::reader::{Reader, RecordReader, field_of};
use crate::both;
use crate::facts::{FactId, Origin, Type, id};
use crate::rpc::violation::{Reason, Violation};
use crate::text::quoted;
use crate::value::Value;

impl Reader<'_> {
    /// A list of records, each filled by `fill`.
    pub(super) fn records<M>(&mut self, list: FactId, sent: &[M], fill: impl Fn(&mut RecordReader<'_>, &M)) {
        if sent.is_empty() || !self.may_hold(list, sent.len()) {
            return;
        }
        let reading = self.reading;
        let Some(Type::List(element)) = reading.schema.fact(list).map(|fact| &fact.ty) else { return };
        let Type::Record(record) = **element else { return };
        let Some(ty) = reading.schema.record(record) else { return };
        let mut records = Vec::with_capacity(sent.len());
        for (position, message) in sent.iter().enumerate() {
            let mut record = RecordReader::new(reading, ty, (list, position), &mut self.violations);
            fill(&mut record, message);
            records.push(record.finish());
        }
        self.set(list, Value::List(records.into()));
    }

    /// A list of what people wrote.
    pub(super) fn texts(&mut self, list: FactId, sent: &[String]) {
        if sent.is_empty() || !self.may_hold(list, sent.len()) {
            return;
        }
        let read = |text: &String| leaves::text(text, PROSE_MAX);
        self.elements(list, sent, read);
    }

    /// A list of the bundle's words.
    pub(super) fn names(&mut self, list: FactId, sent: &[String]) {
        if sent.is_empty() || !self.may_hold(list, sent.len()) {
            return;
        }
        let reading = self.reading;
        let Some(Type::List(element)) = reading.schema.fact(list).map(|fact| &fact.ty) else { return };
        self.elements(list, sent, |name| leaves::name(&reading, element, name));
    }

    fn elements(&mut self, list: FactId, sent: &[String], read: impl Fn(&String) -> leaves::Read) {
        let mut elements = Vec::with_capacity(sent.len());
        for (position, element) in sent.iter().enumerate() {
            match read(element) {
                Ok(value) => elements.push(value),
                Err(fault) => {
                    let field = format!("{}[{position}]", field_of(self.reading.schema, list));
                    self.refuse(field, fault);
                }
            }
        }
        self.set(list, Value::List(elements.into()));
    }

    fn may_hold(&mut self, list: FactId, count: usize) -> bool {
        let checked = leaves::check_count(count);
        let fits = checked.is_ok();
        if let Err(fault) = checked {
            self.refuse(field_of(self.reading.schema, list), fault);
        }
        fits
    }

    /// The lists that the front end knows to be empty.
    pub(super) fn empty_lists(&mut self, sent: &[String]) {
        if let Err(fault) = leaves::check_count(sent.len()) {
            return self.refuse("case.empty_lists", fault);
        }
        let mut seen = BTreeSet::new();
        for (position, path) in sent.iter().enumerate() {
            let field = || format!("case.empty_lists[{position}]");
            match self.empty_list(path) {
                Err(fault) => self.refuse(field(), fault),
                Ok(list) if !seen.insert(list) => {
                    let path = quoted(path);
                    let description = both!("{path} 写了两次", "{path} is there twice");
                    self.violations.push(Violation::new(field(), Reason::DUPLICATE, description));
                }
                Ok(_) => {}
            }
        }
        for list in seen {
            self.set(list, Value::List([].into()));
        }
    }

    fn empty_list(&self, path: &str) -> Result<FactId, leaves::Fault> {
        let schema = self.reading.schema;
        let theirs = quoted(path);
        let stated =
            |list: &FactId| schema.fact(*list).is_some_and(|fact| fact.origin == Origin::BuiltIn && is_list(&fact.ty));
        let Some(list) = schema.find(path).filter(stated) else {
            let mut said = both!("{theirs} 不是案件中的列表", "{theirs} is no list of a case");
            let lists = schema.facts().iter().filter(|fact| fact.origin == Origin::BuiltIn && is_list(&fact.ty));
            leaves::add_suggestion(&mut said, path, lists.map(|fact| &*fact.path));
            return Err(leaves::Fault::new(Reason::NOT_A_LIST, said));
        };
        if list == id::ORDER_ITEMS {
            let said = both!(
                "订单至少有一件商品；不知道明细就不要填 {theirs}",
                "an order has at least one line; where its lines are not known leave {theirs} out"
            );
            return Err(leaves::Fault::new(Reason::CONTRADICTION, said));
        }
        if !self.fact(list).is_unknown() || self.violations.iter().any(|known| names(&known.field, path)) {
            let said = both!("{theirs} 列为空，却又填了内容", "{theirs} is named as empty, and has elements");
            return Err(leaves::Fault::new(Reason::CONTRADICTION, said));
        }
        Ok(list)
    }
}

/// Whether a violation is about this list or something in it.
fn names(field: &str, path: &str) -> bool {
    field
        .strip_prefix("case.")
        .and_then(|field| field.strip_prefix(path))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
}

fn is_list(ty: &Type) -> bool {
    matches!(ty, Type::List(_))
}

impl RecordReader<'_> {
    /// A list of members of one of the wire's enumerations; an empty one is unknown.
    pub(super) fn choices(&mut self, field: &'static str, sent: &[i32]) {
        if sent.is_empty() {
            return self.push(field, Value::Unknown);
        }
        if let Err(fault) = leaves::check_count(sent.len()) {
            self.refuse(field, fault);
            return self.push(field, Value::Unknown);
        }
        let reading = self.reading();
        let Some(Type::List(element)) = self.next_type() else { return };
        let mut elements = Vec::with_capacity(sent.len());
        for (position, number) in sent.iter().enumerate() {
            match leaves::choice(&reading, element, *number) {
                Ok(value) => elements.push(value),
                Err(fault) => self.refuse(&format!("{field}[{position}]"), fault),
            }
        }
        self.push(field, Value::List(elements.into()));
    }
}

impl Reader<'_> {
    /// Words that are carried and are no facts.
    pub(super) fn carried(&mut self, field: &str, sent: &[String]) {
        if let Err(fault) = leaves::check_count(sent.len()) {
            return self.refuse(field, fault);
        }
        for (position, text) in sent.iter().enumerate() {
            if let Err(fault) = leaves::check_length(text, TEXT_MAX) {
                self.refuse(format!("{field}[{position}]"), fault);
            }
        }
    }
}
