//! Small messages in the query of a path: `?locale=en&page_size=10`.

use serde_json::{Map, Value};

/// The fields of a query, all of them texts; protobuf's JSON takes numbers as texts too.
pub fn read(query: &str) -> Value {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let fields = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), Value::String(decoded(value)))
    });
    Value::Object(fields.collect::<Map<_, _>>())
}

/// Undoes percent-encoding; what is no such code stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                bytes.push(digit(high).unwrap_or_default() << 4 | digit(low).unwrap_or_default());
                rest = after;
            }
            (b'+', _) => bytes.push(b' '),
            (byte, _) => bytes.push(*byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn queries_are_messages_of_texts() {
        for (query, message) in [
            ("", json!({})),
            ("locale=zh-CN", json!({ "locale": "zh-CN" })),
            (
                "name=authority.compensation%2Fagent&locale=en",
                json!({ "name": "authority.compensation/agent", "locale": "en" }),
            ),
            ("name=%E8%A1%A5+%zz%", json!({ "name": "补 %zz%" })),
            ("explain", json!({ "explain": "" })),
        ] {
            assert_eq!(read(query), message, "{query}");
        }
    }
}
