//! The catalogue of facts and the messages of the API say the same: every leaf of a case, an actor and an action is a
//! fact of the fitting type under its path, and every fact is such a leaf.

use std::collections::{BTreeMap, BTreeSet};

use pbjson_types::field_descriptor_proto::{Label, Type};
use pbjson_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet};
use prost::Message;
use redress::facts::{BUILT_IN, ENUMS, FactId, Members, RECORDS, StaticType, id};
use redress::rpc::proto::DESCRIPTORS;

/// Fields that are carried and are no facts.
const NOT_FACTS: &[(&str, &str)] = &[
    ("attributes", "its facts are declared by the bundle"),
    ("empty_lists", "tells which lists are known to be empty"),
    ("native_codes", "the platform's words, for the record"),
    ("id", "names the case for whoever is given a grant: no rule should hang on it"),
    ("version", "the same"),
    ("helpdesk.tags", "for display: no rule should hang on a label"),
];

/// Where a path of facts begins.
const ROOTS: &[(&str, &str)] = &[("Case", ""), ("Actor", "actor."), ("Action", "action.")];

struct Api {
    messages: BTreeMap<String, DescriptorProto>,
    enums: BTreeMap<String, EnumDescriptorProto>,
}

impl Api {
    fn read() -> Self {
        let set = FileDescriptorSet::decode(DESCRIPTORS).unwrap();
        let named = |file: &pbjson_types::FileDescriptorProto, name: &str| format!(".{}.{name}", file.package());
        let messages = set.file.iter().flat_map(|f| f.message_type.iter().map(|m| (named(f, m.name()), m.clone())));
        let enums = set.file.iter().flat_map(|f| f.enum_type.iter().map(|e| (named(f, e.name()), e.clone())));
        Self { messages: messages.collect(), enums: enums.collect() }
    }

    /// Leaves below the message, by path, with the spelling of their type.
    fn leaves(&self, message: &str, prefix: &str, found: &mut BTreeMap<String, String>) {
        // Their paths are those of the case; a record's fields have none.
        let has_path = !prefix.is_empty() || message.ends_with(".Case");
        for field in &self.messages[message].field {
            let path = format!("{prefix}{}", field.name());
            if has_path && NOT_FACTS.iter().any(|(exempt, _)| *exempt == path) {
                continue;
            }
            match (scalar(field), field.label()) {
                (Some(scalar), Label::Repeated) => drop(found.insert(path, format!("list({scalar})"))),
                (Some(scalar), _) => {
                    let message = field.r#type() == Type::Message;
                    assert!(message || field.proto3_optional(), "`{path}` can't be told from absent: make it optional");
                    found.insert(path, scalar);
                }
                (None, Label::Repeated) => {
                    drop(found.insert(path, format!("list(record({}))", snake(last(field.type_name())))));
                }
                (None, _) => self.leaves(field.type_name(), &format!("{path}."), found),
            }
        }
    }
}

/// The type of a field that is one value.
fn scalar(field: &FieldDescriptorProto) -> Option<String> {
    let spelled = match field.r#type() {
        Type::Bool => "bool".to_owned(),
        Type::Int32 => "count".to_owned(),
        Type::String => "text".to_owned(),
        Type::Enum => format!("enum({})", snake(last(field.type_name()))),
        Type::Message => match field.type_name() {
            ".google.protobuf.Timestamp" => "instant".to_owned(),
            ".google.protobuf.Duration" => "duration".to_owned(),
            ".google.type.Date" => "date".to_owned(),
            ".google.type.Decimal" => "number".to_owned(),
            ".google.type.Money" => "money".to_owned(),
            _ => return None,
        },
        other => panic!("`{}` has a type no fact has: {other:?}", field.name()),
    };
    Some(spelled)
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap()
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// The type as the messages can spell it: words of the bundle's vocabularies travel as text.
fn on_the_wire(ty: StaticType) -> String {
    match ty {
        StaticType::Bool => "bool".to_owned(),
        StaticType::Count => "count".to_owned(),
        StaticType::Number => "number".to_owned(),
        StaticType::Money => "money".to_owned(),
        StaticType::Text => "text".to_owned(),
        StaticType::Instant => "instant".to_owned(),
        StaticType::Date => "date".to_owned(),
        StaticType::Duration => "duration".to_owned(),
        StaticType::Enum(name) => {
            let known = ENUMS.iter().find(|e| e.name == name).unwrap_or_else(|| panic!("no enumeration `{name}`"));
            match known.members {
                Members::Fixed(_) => format!("enum({name})"),
                Members::Vocabulary { .. } => "text".to_owned(),
            }
        }
        StaticType::Record(name) => format!("record({name})"),
        StaticType::List(element) => format!("list({})", on_the_wire(*element)),
        StaticType::Map(element) => format!("map({})", on_the_wire(*element)),
    }
}

#[test]
fn facts_are_the_leaves_of_the_messages() {
    let api = Api::read();
    let mut leaves = BTreeMap::new();
    for (message, prefix) in ROOTS {
        api.leaves(&format!(".redress.v1.{message}"), prefix, &mut leaves);
    }
    let facts: BTreeMap<_, _> = BUILT_IN.iter().map(|f| (f.path.to_owned(), on_the_wire(f.ty))).collect();
    assert_eq!(facts, leaves);
    assert_eq!(facts.len(), BUILT_IN.len(), "a path is there twice");
}

#[test]
fn records_are_the_repeated_messages() {
    let api = Api::read();
    let mut used = BTreeSet::new();
    for fact in BUILT_IN {
        if let StaticType::List(StaticType::Record(name)) = fact.ty {
            used.insert(*name);
        }
    }
    assert_eq!(used, RECORDS.iter().map(|r| r.name).collect());
    for record in RECORDS {
        let message = api.messages.keys().find(|m| snake(last(m)) == record.name).unwrap();
        let mut leaves = BTreeMap::new();
        api.leaves(message, "", &mut leaves);
        let fields: BTreeMap<_, _> = record.fields.iter().map(|f| (f.name.to_owned(), on_the_wire(f.ty))).collect();
        assert_eq!(fields, leaves, "fields of `{}`", record.name);
    }
}

#[test]
fn closed_sets_have_the_members_of_the_messages() {
    let api = Api::read();
    for set in ENUMS {
        let Members::Fixed(members) = set.members else { continue };
        let (_, proto) = api.enums.iter().find(|(name, _)| snake(last(name)) == set.name).unwrap();
        let prefix = format!("{}_", set.name.to_uppercase());
        let values: Vec<_> =
            proto.value.iter().map(|v| v.name().strip_prefix(&prefix).unwrap().to_lowercase()).collect();
        let names: Vec<_> = std::iter::once("unspecified").chain(members.iter().map(|m| m.name)).collect();
        assert_eq!(names, values, "members of `{}`", set.name);
    }
}

#[test]
fn titles_exist_once_in_both_languages() {
    let rows = BUILT_IN.iter().map(|f| (f.path, f.zh, f.en));
    for (path, zh, en) in rows.clone() {
        assert!(!zh.is_ascii(), "`{path}` has no Chinese title");
        assert!(en.is_ascii() && !en.is_empty(), "`{path}` has no English title");
    }
    let mut seen = BTreeMap::new();
    for (path, zh, _) in rows {
        if let Some(other) = seen.insert(zh, path) {
            panic!("`{path}` and `{other}` are both called {zh}");
        }
    }
}

#[test]
fn ids_point_at_their_lines() {
    for (FactId(at), path) in [
        (id::ORDER_ID, "order.id"),
        (id::ORDER_WARRANTY_AGREED_UNTIL, "order.warranty.agreed_until"),
        (id::RETURN_PARCEL_PICKUP_SCANNED_AT, "return_parcel.pickup_scanned_at"),
        (id::ACTION_BATCH_AMOUNT, "action.batch_amount"),
    ] {
        assert_eq!(BUILT_IN[usize::from(at)].path, path);
    }
}
