//! `null` in protobuf's JSON is a field that is not there. The generated reader takes it for single values only, so a text
//! with other nulls is read once more without them.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// The message of a text without its nulls; `None` if there are none, or if that does not help.
pub fn without<Q: DeserializeOwned>(text: &[u8]) -> Option<Q> {
    let mut raw: Value = serde_json::from_slice(text).ok()?;
    strip(&mut raw).then(|| serde_json::from_value(raw).ok())?
}

/// Takes away members that are null; whether there was one.
fn strip(raw: &mut Value) -> bool {
    match raw {
        Value::Object(fields) => {
            let before = fields.len();
            fields.retain(|_, value| !value.is_null());
            let stripped = fields.len() < before;
            fields.values_mut().map(strip).fold(stripped, |stripped, one| stripped || one)
        }
        Value::Array(elements) => elements.iter_mut().map(strip).filter(|stripped| *stripped).count() > 0,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
