//! The reader of one request: puts values in their facts' places and gathers what is wrong with them.

use pbjson_types::{Duration, Timestamp};

use super::leaves::{self, Fault, PROSE_MAX, Read, Reading, TEXT_MAX};
use super::sheet::Sheet;
use crate::facts::{FactId, RecordType, Schema, Type, id};
use crate::policy::bundle::Bundle;
use crate::rpc::proto::google::r#type::{Date, Decimal, Money};
use crate::rpc::violation::Violation;
use crate::value::Value;

/// What has been read so far.
#[derive(Debug)]
pub struct Reader<'b> {
    pub reading: Reading<'b>,
    pub zone: chrono_tz::Tz,
    pub sheet: Sheet,
    pub violations: Vec<Violation>,
}

impl<'b> Reader<'b> {
    pub fn new(bundle: &'b Bundle) -> Self {
        let (schema, manifest) = (bundle.schema(), bundle.manifest());
        let reading = Reading { schema, currency: &manifest.currency };
        Self { reading, zone: manifest.zone, sheet: Sheet::blank(schema.stated()), violations: Vec::new() }
    }

    pub fn fact(&self, fact: FactId) -> &Value {
        self.sheet.facts.get(usize::from(fact.0)).unwrap_or(&Value::Unknown)
    }

    pub fn set(&mut self, fact: FactId, value: Value) {
        self.sheet.set(fact, value);
    }

    pub fn refuse(&mut self, field: impl Into<String>, fault: Fault) {
        self.violations.push(Violation::new(field, fault.reason, fault.description));
    }

    /// Refuses the absence of a fact.
    pub fn require(&mut self, fact: FactId, is_there: bool) {
        if !is_there {
            self.violations.push(Violation::required(&field_of(self.reading.schema, fact)));
        }
    }

    /// Checks the length of a text that is carried and is no fact.
    pub fn check_text(&mut self, field: &str, text: &str) {
        if let Err(fault) = leaves::check_length(text, TEXT_MAX) {
            self.refuse(field, fault);
        }
    }
}

/// How a fact is spelled as a field of the request: `order.amount` is `case.order.amount`.
pub fn field_of(schema: &Schema, fact: FactId) -> String {
    let path = schema.path(fact);
    // The actor's facts and the action's close the catalogue.
    let beside_the_case = (id::ACTOR_ID..=id::ACTION_BATCH_AMOUNT).contains(&fact);
    if beside_the_case { path.to_owned() } else { format!("case.{path}") }
}

/// Something with places for values: the facts of a case, or the fields of a record.
pub trait Fill {
    type Key: Copy;

    /// Puts what `read` makes of `sent` in its place; what was not sent stays unknown.
    fn put<T>(&mut self, key: Self::Key, sent: Option<T>, read: impl FnOnce(&Reading<'_>, &Type, T) -> Read);

    /// A number, a name, a title.
    fn text(&mut self, key: Self::Key, sent: Option<&String>) {
        self.put(key, sent, |_, _, sent| leaves::text(sent, TEXT_MAX));
    }

    /// What people write.
    fn prose(&mut self, key: Self::Key, sent: Option<&String>) {
        self.put(key, sent, |_, _, sent| leaves::text(sent, PROSE_MAX));
    }

    fn flag(&mut self, key: Self::Key, sent: Option<bool>) {
        self.put(key, sent, |_, _, sent| Ok(Value::Bool(sent)));
    }

    fn count(&mut self, key: Self::Key, sent: Option<i32>) {
        self.put(key, sent, |_, _, sent| leaves::count(sent));
    }

    fn number(&mut self, key: Self::Key, sent: Option<&Decimal>) {
        self.put(key, sent, |_, _, sent| leaves::number(sent));
    }

    fn money(&mut self, key: Self::Key, sent: Option<&Money>) {
        self.put(key, sent, |reading, _, sent| leaves::money(reading, sent));
    }

    fn time(&mut self, key: Self::Key, sent: Option<&Timestamp>) {
        self.put(key, sent, |_, _, sent| leaves::instant(sent).map(Value::Instant));
    }

    fn date(&mut self, key: Self::Key, sent: Option<&Date>) {
        self.put(key, sent, |_, _, sent| leaves::date(sent));
    }

    fn length(&mut self, key: Self::Key, sent: Option<&Duration>) {
        self.put(key, sent, |_, _, sent| leaves::duration(sent));
    }

    /// A word of the bundle's.
    fn name(&mut self, key: Self::Key, sent: Option<&String>) {
        self.put(key, sent, |reading, ty, sent| leaves::name(reading, ty, sent));
    }

    /// A member of one of the wire's enumerations.
    fn choice(&mut self, key: Self::Key, sent: Option<i32>) {
        self.put(key, sent, leaves::choice);
    }
}

impl Fill for Reader<'_> {
    type Key = FactId;

    fn put<T>(&mut self, fact: FactId, sent: Option<T>, read: impl FnOnce(&Reading<'_>, &Type, T) -> Read) {
        let Some(sent) = sent else { return };
        let reading = self.reading;
        let Some(ty) = reading.schema.fact(fact).map(|fact| &fact.ty) else { return };
        match read(&reading, ty, sent) {
            Ok(value) => self.set(fact, value),
            Err(fault) => self.refuse(field_of(reading.schema, fact), fault),
        }
    }
}

/// One record of a list. Its fields are read in the order of its type.
pub struct RecordReader<'r> {
    reading: Reading<'r>,
    ty: &'r RecordType,
    values: Vec<Value>,
    /// Where faults go, with the path of the record.
    violations: &'r mut Vec<Violation>,
    list: FactId,
    position: usize,
}

impl<'r> RecordReader<'r> {
    pub fn new(
        reading: Reading<'r>,
        ty: &'r RecordType,
        (list, position): (FactId, usize),
        violations: &'r mut Vec<Violation>,
    ) -> Self {
        Self { reading, ty, values: Vec::with_capacity(ty.fields.len()), violations, list, position }
    }

    pub fn finish(self) -> Value {
        debug_assert_eq!(self.values.len(), self.ty.fields.len(), "`{}` is not read whole", self.ty.name);
        Value::Record(self.values.into())
    }

    pub fn reading(&self) -> Reading<'r> {
        self.reading
    }

    /// Adds the next field's value.
    pub fn push(&mut self, field: &str, value: Value) {
        let next = self.ty.fields.get(self.values.len());
        debug_assert_eq!(next.map(|next| &*next.name), Some(field), "`{}` is read out of order", self.ty.name);
        self.values.push(value);
    }

    pub fn refuse(&mut self, field: &str, fault: Fault) {
        let list = field_of(self.reading.schema, self.list);
        let field = format!("{list}[{}].{field}", self.position);
        self.violations.push(Violation::new(field, fault.reason, fault.description));
    }

    /// The type of the field that comes next.
    pub fn next_type(&self) -> Option<&'r Type> {
        self.ty.fields.get(self.values.len()).map(|field| &field.ty)
    }
}

impl Fill for RecordReader<'_> {
    type Key = &'static str;

    fn put<T>(&mut self, field: &'static str, sent: Option<T>, read: impl FnOnce(&Reading<'_>, &Type, T) -> Read) {
        let reading = self.reading;
        let value = match sent.zip(self.next_type()).map(|(sent, ty)| read(&reading, ty, sent)) {
            None => Value::Unknown,
            Some(Ok(value)) => value,
            Some(Err(fault)) => {
                self.refuse(field, fault);
                Value::Unknown
            }
        };
        self.push(field, value);
    }
}
