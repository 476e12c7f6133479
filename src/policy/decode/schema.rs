//! The JSON Schema of what can be written, so that an editor knows it too.

use std::any::type_name;

use serde_json::{Map, Value, json};

use super::Decode;

/// The named parts of a schema, each described once.
#[derive(Debug, Default)]
pub struct Definitions {
    schemas: Map<String, Value>,
    /// Whose each name is.
    owners: Vec<(String, &'static str)>,
}

impl Definitions {
    /// The schema of a whole file that holds a `T`.
    pub fn document<T: Decode>() -> Value {
        let mut definitions = Self::default();
        let mut document = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema" });
        if let (Value::Object(document), Value::Object(root)) = (&mut document, T::schema(&mut definitions)) {
            document.extend(root);
            document.insert("$defs".into(), Value::Object(definitions.schemas));
        }
        document
    }

    /// The name and the schema that a reference stands for, once that is made.
    pub fn defined(&self, reference: &Value) -> Option<(String, Value)> {
        let name = reference.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?;
        self.schemas.get(name).map(|schema| (name.to_owned(), schema.clone()))
    }

    /// A reference to the schema of `T`, which is made on the first call only; hence a record may hold itself.
    pub fn define<T>(&mut self, name: &str, schema: impl FnOnce(&mut Self) -> Value) -> Value {
        let owner = type_name::<T>();
        let known = self.owners.iter().find(|(_, known)| *known == owner).map(|(name, _)| name.clone());
        let name = known.unwrap_or_else(|| {
            let further = (2..=usize::MAX).map(|n| format!("{name}{n}"));
            let mut names = std::iter::once(name.to_string()).chain(further);
            let name = names.find(|name| !self.schemas.contains_key(name)).unwrap_or_default();
            self.owners.push((name.clone(), owner));
            // Keeps the place, in the order in which the types are met.
            self.schemas.insert(name.clone(), Value::Null);
            let schema = schema(self);
            self.schemas.insert(name.clone(), schema);
            name
        });
        json!({ "$ref": format!("#/$defs/{name}") })
    }
}

/// The schema of a value of one of several forms.
pub fn any_of(schemas: impl IntoIterator<Item = Value>) -> Value {
    json!({ "anyOf": schemas.into_iter().collect::<Vec<_>>() })
}

/// Adds a description from documentation comments.
pub fn described(mut schema: Value, docs: &[&str]) -> Value {
    let (en, zh) = languages(docs);
    let description = [en, zh].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" — ");
    if let (Value::Object(schema), false) = (&mut schema, description.is_empty()) {
        schema.insert("description".into(), description.into());
    }
    schema
}

/// The English and the Chinese of a documentation comment: Chinese begins with the line `zh: …`.
pub fn languages(docs: &[&str]) -> (String, String) {
    let lines = || docs.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
    let is_chinese = |line: &&str| line.starts_with("zh:");
    let en: Vec<&str> = lines().take_while(|line| !is_chinese(line)).collect();
    let zh: Vec<&str> =
        lines().skip_while(|line| !is_chinese(line)).map(|l| l.trim_start_matches("zh:").trim()).collect();
    (en.join(" "), zh.concat())
}
