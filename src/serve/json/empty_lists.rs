//! Explicitly empty lists of a JSON case, put among its `empty_lists`.

use serde_json::Value;

use crate::facts::{BUILT_IN, StaticType};
use crate::rpc::proto::redress::v1 as wire;

/// A message that may carry cases.
pub trait EmptyLists {
    /// Names the lists that `raw`, the JSON it was read from, gives as `[]`.
    fn note_empty_lists(&mut self, raw: &Value);
}

/// Whether a JSON text may hold an empty list at all; most hold none, and need no second look.
pub fn may_hold_one(text: &[u8]) -> bool {
    let mut opened = false;
    for byte in text {
        match byte {
            b'[' => opened = true,
            b']' if opened => return true,
            byte if byte.is_ascii_whitespace() => {}
            _ => opened = false,
        }
    }
    false
}

impl EmptyLists for wire::DecideRequest {
    fn note_empty_lists(&mut self, raw: &Value) {
        note(self.case.as_mut(), raw);
    }
}

impl EmptyLists for wire::AuthorizeRequest {
    fn note_empty_lists(&mut self, raw: &Value) {
        note(self.case.as_mut(), raw);
    }
}

impl EmptyLists for wire::BatchDecideRequest {
    fn note_empty_lists(&mut self, raw: &Value) {
        for (request, raw) in self.requests.iter_mut().zip(elements(raw, "requests")) {
            request.note_empty_lists(raw);
        }
    }
}

impl EmptyLists for wire::BatchAuthorizeRequest {
    fn note_empty_lists(&mut self, raw: &Value) {
        for (request, raw) in self.requests.iter_mut().zip(elements(raw, "requests")) {
            request.note_empty_lists(raw);
        }
    }
}

impl EmptyLists for wire::TriageRequest {
    fn note_empty_lists(&mut self, raw: &Value) {
        for (item, raw) in self.items.iter_mut().zip(elements(raw, "items")) {
            note(item.case.as_mut(), raw);
        }
    }
}

/// The policy service's messages carry no case.
macro_rules! without_cases {
    ($($message:ident),*) => {
        $(impl EmptyLists for wire::$message {
            fn note_empty_lists(&mut self, _: &Value) {}
        })*
    };
}

without_cases!(GetBundleRequest, ListPoliciesRequest, GetPolicyRequest);

fn note(case: Option<&mut wire::Case>, raw: &Value) {
    let (Some(case), Some(raw)) = (case, raw.get("case")) else { return };
    let lists = BUILT_IN.iter().filter(|fact| matches!(fact.ty, StaticType::List(_)));
    for list in lists {
        let found =
            list.path.split('.').try_fold(raw, |value, name| value.get(name).or_else(|| value.get(camel(name))));
        let empty = found.and_then(Value::as_array).is_some_and(Vec::is_empty);
        if empty && !case.empty_lists.iter().any(|known| known == list.path) {
            case.empty_lists.push(list.path.to_owned());
        }
    }
}

fn elements<'r>(raw: &'r Value, name: &str) -> &'r [Value] {
    raw.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The other spelling of a field's name: `platform_denied` is `platformDenied`.
fn camel(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut up = false;
    for c in name.chars() {
        if c == '_' {
            up = true;
        } else {
            camel.push(if up { c.to_ascii_uppercase() } else { c });
            up = false;
        }
    }
    camel
}
