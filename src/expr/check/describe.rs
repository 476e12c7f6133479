//! Types in the plain words that problems use.

use crate::both;
use crate::facts::{RecordId, Schema, Type};
use crate::text::Bilingual;

/// A type in plain words.
pub fn describe(ty: &Type, schema: &Schema) -> Bilingual {
    match ty {
        Type::Bool => both!("真或假", "true-or-false"),
        Type::Number => both!("数字", "a number"),
        Type::Money => both!("金额", "an amount of money"),
        Type::Text => both!("文本", "a text"),
        Type::Instant => both!("时间点", "a point in time"),
        Type::Date => both!("日期", "a date"),
        Type::Duration => both!("时长", "a length of time"),
        Type::Enum(id) => {
            let name = schema.enumeration(*id).map_or("", |enumeration| &enumeration.name);
            both!("{name} 的取值", "a value of {name}")
        }
        Type::Record(RecordId::ANY) => both!("一条记录", "a record"),
        Type::Record(id) => {
            let name = schema.record(*id).map_or("", |record| &record.name);
            both!("一条 `{name}` 记录", "a record `{name}`")
        }
        Type::List(of) => {
            let of = describe(of, schema);
            Bilingual::new(format!("列表（{}）", of.zh), format!("a list, each {}", of.en))
        }
        Type::Map(_) => both!("映射表", "a map"),
        Type::Pair(_) => both!("一对值", "a pair"),
    }
}
