//! As much of JSON Schema (2020-12) as our schemas use, written from the standard and not from the code that makes
//! them. A keyword it does not know fails the test, so that nothing is passed over.

use std::cmp::Ordering;

use regex::Regex;
use serde_json::{Map, Value};

/// What in `value` is not as `schema` says: path and reason of each.
pub fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    Validator { root: schema }.check(schema, value, "", &mut faults);
    faults
}

struct Validator<'s> {
    root: &'s Value,
}

impl Validator<'_> {
    fn check(&self, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        let schema = match schema {
            Value::Bool(true) => return,
            Value::Bool(false) => return faults.push(format!("{at}: nothing is allowed here")),
            schema => schema.as_object().unwrap(),
        };
        for (keyword, wanted) in schema {
            if let Some(fault) = self.keyword(schema, keyword, wanted, value, at, faults) {
                faults.push(format!("{at}: {fault}"));
            }
        }
    }

    fn is_valid(&self, schema: &Value, value: &Value) -> bool {
        let mut faults = Vec::new();
        self.check(schema, value, "", &mut faults);
        faults.is_empty()
    }

    fn keyword(
        &self,
        schema: &Map<String, Value>,
        keyword: &str,
        wanted: &Value,
        value: &Value,
        at: &str,
        faults: &mut Vec<String>,
    ) -> Option<String> {
        let fault = |wrong: bool| wrong.then(|| format!("`{value}` against {keyword} {wanted}"));
        match keyword {
            "$schema" | "$defs" | "description" | "format" | "then" => None,
            "$ref" => {
                let pointer = wanted.as_str().unwrap().strip_prefix('#').unwrap();
                self.check(self.root.pointer(pointer).unwrap(), value, at, faults);
                None
            }
            "type" => fault(!one_or_many(wanted).any(|name| has_type(name.as_str().unwrap(), value))),
            "const" => fault(wanted != value),
            "enum" => fault(!wanted.as_array().unwrap().contains(value)),
            "pattern" => fault(value.as_str().is_some_and(|text| !matches(wanted.as_str().unwrap(), text))),
            "minLength" => fault(value.as_str().is_some_and(|text| compare(text.chars().count(), wanted).is_lt())),
            "maxLength" => fault(value.as_str().is_some_and(|text| compare(text.chars().count(), wanted).is_gt())),
            "minimum" => fault(value.as_f64().is_some_and(|number| number < wanted.as_f64().unwrap())),
            "maximum" => fault(value.as_f64().is_some_and(|number| number > wanted.as_f64().unwrap())),
            "minItems" => fault(value.as_array().is_some_and(|items| compare(items.len(), wanted).is_lt())),
            "minProperties" => fault(value.as_object().is_some_and(|entries| compare(entries.len(), wanted).is_lt())),
            "required" => fault(value.as_object().is_some_and(|entries| {
                wanted.as_array().unwrap().iter().any(|key| !entries.contains_key(key.as_str().unwrap()))
            })),
            "not" => fault(self.is_valid(wanted, value)),
            "anyOf" => fault(!wanted.as_array().unwrap().iter().any(|schema| self.is_valid(schema, value))),
            "oneOf" => fault(wanted.as_array().unwrap().iter().filter(|s| self.is_valid(s, value)).count() != 1),
            "allOf" => {
                wanted.as_array().unwrap().iter().for_each(|schema| self.check(schema, value, at, faults));
                None
            }
            "if" => {
                if self.is_valid(wanted, value) {
                    self.check(&schema["then"], value, at, faults);
                }
                None
            }
            "items" => {
                for (position, item) in value.as_array().into_iter().flatten().enumerate() {
                    self.check(wanted, item, &format!("{at}/{position}"), faults);
                }
                None
            }
            "properties" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    if let Some(schema) = wanted.get(key) {
                        self.check(schema, value, &format!("{at}/{key}"), faults);
                    }
                }
                None
            }
            "propertyNames" => {
                for key in value.as_object().into_iter().flat_map(Map::keys) {
                    self.check(wanted, &Value::from(key.as_str()), &format!("{at}/{key}"), faults);
                }
                None
            }
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                for (key, value) in value.as_object().into_iter().flatten() {
                    if !known.is_some_and(|known| known.contains_key(key)) {
                        self.check(wanted, value, &format!("{at}/{key}"), faults);
                    }
                }
                None
            }
            unknown => panic!("the keyword `{unknown}` is not known"),
        }
    }
}

fn one_or_many(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter()
}

fn has_type(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        unknown => panic!("the type `{unknown}` is not known"),
    }
}

/// How a count stands to what a keyword wants.
fn compare(count: usize, wanted: &Value) -> Ordering {
    u64::try_from(count).unwrap().cmp(&wanted.as_u64().unwrap())
}

/// The one assertion that the regular expressions of this machine lack is that a text is not empty.
fn matches(pattern: &str, text: &str) -> bool {
    let not_empty = pattern.contains("(?=.)");
    Regex::new(&pattern.replace("(?=.)", "")).unwrap().is_match(text) && !(not_empty && text.is_empty())
}
