//! Says which fields of a JSON text do not fit its message. Asked only once the text has been refused: reading is the
//! generated code's, which stops at the first misfit and does not say where it stands.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use pbjson_types::field_descriptor_proto::{Label, Type};
use pbjson_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto, FileDescriptorSet,
};
use prost::Message as _;
use serde_json::{Map, Value};

use crate::both;
use crate::rpc::from_proto::leaves::add_suggestion;
use crate::rpc::proto::DESCRIPTORS;
use crate::rpc::violation::{Reason, Violation};
use crate::text::{Bilingual, quoted};

/// More would not be read.
const VIOLATIONS_MAX: usize = 100;

/// What is wrong with `raw` as a message of this name of ours; `problem` is what its reader said.
pub fn violations(message: &str, raw: Option<&Value>, problem: &serde_json::Error) -> Vec<Violation> {
    let Some(raw) = raw else {
        let (line, column) = (problem.line(), problem.column());
        let description =
            both!("第 {line} 行第 {column} 列处不是 JSON", "it is not JSON at line {line}, column {column}");
        return vec![Violation::new("body", Reason::MALFORMED_JSON, description)];
    };
    let mut walk = Walk { path: String::new(), found: Vec::new() };
    walk.message(&format!(".redress.v1.{message}"), raw);
    if walk.found.is_empty() {
        let problem = quoted(&problem.to_string());
        let description = both!("读不出来：{problem}", "it can't be read: {problem}");
        walk.found.push(Violation::new("body", Reason::MALFORMED_JSON, description));
    }
    walk.found
}

/// Messages and enumerations by their full names.
struct Shapes {
    messages: HashMap<String, DescriptorProto>,
    enums: HashMap<String, EnumDescriptorProto>,
}

static SHAPES: LazyLock<Shapes> = LazyLock::new(|| {
    let mut shapes = Shapes { messages: HashMap::new(), enums: HashMap::new() };
    // Our own build wrote them; unreadable ones would leave every field unnamed, no worse.
    let files = FileDescriptorSet::decode(DESCRIPTORS).unwrap_or_default().file;
    for file in files {
        let package = file.package().to_owned();
        for message in file.message_type {
            let name = format!(".{package}.{}", message.name());
            for nested in &message.nested_type {
                shapes.messages.insert(format!("{name}.{}", nested.name()), nested.clone());
            }
            shapes.messages.insert(name, message);
        }
        for enumeration in file.enum_type {
            shapes.enums.insert(format!(".{package}.{}", enumeration.name()), enumeration);
        }
    }
    shapes
});

struct Walk {
    path: String,
    found: Vec<Violation>,
}

impl Walk {
    fn message(&mut self, name: &str, raw: &Value) {
        let Some(shape) = SHAPES.messages.get(name) else { return };
        let Value::Object(fields) = raw else { return self.expected(&both!("对象", "an object")) };
        for (key, value) in fields {
            let field = shape.field.iter().find(|field| field.name() == key || field.json_name() == key);
            match field {
                None => self.inside(key, |walk| walk.unknown(shape, key)),
                Some(field) if said_twice(fields, key, field) => {
                    let (name, other) = (field.name(), field.json_name());
                    let description = both!("`{name}` 与 `{other}` 是同一字段", "`{name}` and `{other}` are one field");
                    self.inside(field.name(), |walk| walk.refuse(Reason::DUPLICATE, description));
                }
                Some(field) => self.inside(field.name(), |walk| walk.field(field, value)),
            }
        }
    }

    fn unknown(&mut self, shape: &DescriptorProto, key: &str) {
        let theirs = quoted(key);
        let mut said = both!("没有字段 {theirs}", "there is no field {theirs}");
        add_suggestion(&mut said, key, shape.field.iter().map(FieldDescriptorProto::name));
        self.refuse(Reason::UNKNOWN_FIELD, said);
    }

    fn field(&mut self, field: &FieldDescriptorProto, raw: &Value) {
        if raw.is_null() {
            return;
        }
        let entry = SHAPES
            .messages
            .get(field.type_name())
            .filter(|of| of.options.as_ref().is_some_and(pbjson_types::MessageOptions::map_entry));
        if let Some(value) = entry.and_then(|entry| entry.field.get(1)) {
            let Value::Object(entries) = raw else { return self.expected(&both!("对象", "an object")) };
            for (key, raw) in entries {
                self.inside(key, |walk| walk.single(value, raw));
            }
        } else if field.label() == Label::Repeated {
            let Value::Array(elements) = raw else { return self.expected(&both!("列表", "a list")) };
            self.elements(elements, |walk, element| walk.single(field, element));
        } else {
            self.single(field, raw);
        }
    }

    fn single(&mut self, field: &FieldDescriptorProto, raw: &Value) {
        let (fits, expected) = match field.r#type() {
            Type::Bool => (raw.is_boolean(), both!("true 或 false", "true or false")),
            Type::String => (raw.is_string(), both!("文字", "a text")),
            Type::Int32 | Type::Int64 => {
                let whole = raw.is_i64() || raw.as_str().is_some_and(|text| text.parse::<i64>().is_ok());
                let narrow = field.r#type() == Type::Int64 || as_whole(raw).is_none_or(|n| i32::try_from(n).is_ok());
                (whole && narrow, both!("整数", "a whole number"))
            }
            Type::Enum => return self.choice(field.type_name(), raw),
            Type::Message => match field.type_name() {
                ".google.protobuf.Timestamp" => (
                    raw.as_str().is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok()),
                    both!("时间，如 `2026-11-22T15:00:00+08:00`", "a time, such as `2026-11-22T15:00:00+08:00`"),
                ),
                ".google.protobuf.Duration" => (
                    serde_json::from_value::<pbjson_types::Duration>(raw.clone()).is_ok(),
                    both!("时长，如 `3600s`", "a length of time, such as `3600s`"),
                ),
                ".google.protobuf.Struct" if raw.is_object() => return self.free(raw),
                ".google.protobuf.Struct" => (false, both!("对象", "an object")),
                other => return self.message(other, raw),
            },
            // Our messages have no others; what can't be told is left to the reader's own words.
            Type::Double
            | Type::Float
            | Type::Uint64
            | Type::Fixed64
            | Type::Fixed32
            | Type::Group
            | Type::Bytes
            | Type::Uint32
            | Type::Sfixed32
            | Type::Sfixed64
            | Type::Sint32
            | Type::Sint64 => return,
        };
        if !fits {
            self.expected(&expected);
        }
    }

    /// What lies in a free part fits, but for whole numbers that its reader does not take.
    fn free(&mut self, raw: &Value) {
        match raw {
            Value::Object(fields) => {
                for (key, value) in fields {
                    self.inside(key, |walk| walk.free(value));
                }
            }
            Value::Array(elements) => self.elements(elements, Self::free),
            Value::Number(number) => {
                let whole =
                    number.as_i64().map(|number| u32::try_from(number).is_ok() || i32::try_from(number).is_ok());
                if !whole.unwrap_or(number.is_f64()) {
                    let description =
                        both!("这么大的数请写成文字 `\"{number}\"`", "send so large a number as text: `\"{number}\"`");
                    self.refuse(Reason::INEXACT_NUMBER, description);
                }
            }
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }

    fn elements(&mut self, elements: &[Value], walk: impl Fn(&mut Self, &Value)) {
        for (at, element) in elements.iter().enumerate() {
            let length = self.path.len();
            // Writing to a string can't fail.
            let _ = write!(self.path, "[{at}]");
            walk(self, element);
            self.path.truncate(length);
        }
    }

    fn choice(&mut self, name: &str, raw: &Value) {
        let Some(shape) = SHAPES.enums.get(name) else { return };
        match raw {
            Value::Number(number) if shape.value.iter().any(|value| number.as_i64() == Some(value.number().into())) => {
            }
            Value::Number(number) => {
                let description = both!("没有编号为 {number} 的取值", "there is no value numbered {number}");
                self.refuse(Reason::UNKNOWN_ENUM_VALUE, description);
            }
            Value::String(text) if shape.value.iter().any(|value| value.name() == text) => {}
            Value::String(text) => {
                let theirs = quoted(text);
                let mut said = both!("没有取值 {theirs}", "there is no value {theirs}");
                add_suggestion(&mut said, text, shape.value.iter().skip(1).map(EnumValueDescriptorProto::name));
                self.refuse(Reason::UNKNOWN_ENUM_VALUE, said);
            }
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                self.expected(&both!("取值的名称", "the name of a value"));
            }
        }
    }

    fn expected(&mut self, what: &Bilingual) {
        let (zh, en) = (&what.zh, &what.en);
        self.refuse(Reason::WRONG_TYPE, both!("应为{zh}", "it has to be {en}"));
    }

    fn inside(&mut self, name: &str, walk: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        walk(self);
        self.path.truncate(length);
    }

    fn refuse(&mut self, reason: Reason, description: Bilingual) {
        if self.found.len() < VIOLATIONS_MAX {
            let field = if self.path.is_empty() { "body" } else { &self.path };
            self.found.push(Violation::new(field, reason, description));
        }
    }
}

/// Whether this is the second of a field's two spellings.
fn said_twice(fields: &Map<String, Value>, key: &str, field: &FieldDescriptorProto) -> bool {
    field.name() != field.json_name() && key == field.json_name() && fields.contains_key(field.name())
}

fn as_whole(raw: &Value) -> Option<i64> {
    raw.as_i64().or_else(|| raw.as_str()?.parse().ok())
}
