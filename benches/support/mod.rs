//! Rule sets and cases that several benches measure with.

#![allow(dead_code, reason = "each bench uses its part")]

use std::fmt::Write as _;
use std::path::Path;

use redress::decide::Case;
use redress::facts::{Origin, Type};
use redress::policy::Bundle;
use redress::value::{Instant, SECOND, Value};
use serde_json::json;

use grants::{Grant, grants};

pub mod grants;

/// 2026-11-22T15:00:00+08:00
pub const NOW: Instant = Instant(1_795_330_800 * SECOND);

/// Sizes of rule sets: S, M, L.
pub const SIZES: [(&str, usize); 3] = [("S", 12), ("M", 100), ("L", 1000)];

fn below(root: &Path, at: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(at).expect("the policies are there") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            below(root, &path, found);
        } else {
            let name = path.strip_prefix(root).expect("below").to_str().expect("UTF-8").to_owned();
            found.push((name, std::fs::read(&path).expect("readable")));
        }
    }
}

/// The files of the shipped policies.
pub fn shipped_files() -> Vec<(String, Vec<u8>)> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let root = above.map(|at| at.join("policies")).find(|root| root.is_dir()).expect("the policies are there");
    let mut found = Vec::new();
    below(&root, &root, &mut found);
    found
}

pub fn load(files: Vec<(String, Vec<u8>)>) -> Bundle {
    redress::policy::load(files).unwrap_or_else(|rejected| panic!("{:#?}", rejected.problems))
}

/// The shipped manifest with so many grants of compensation.
pub fn generated_files(rules: usize) -> Vec<(String, Vec<u8>)> {
    /// A file has its limit of bytes.
    const IN_A_FILE: usize = 2_500;
    let manifest = shipped_files().into_iter().find(|(path, _)| path == "bundle.yaml").expect("a manifest");
    let mut files = vec![manifest];
    let grants: Vec<(usize, Grant)> = grants(rules).enumerate().collect();
    for (number, part) in grants.chunks(IN_A_FILE).enumerate() {
        let name = if number == 0 { "generated".to_owned() } else { format!("generated_{number}") };
        let mut text = format!("authority: {name}\naction: compensate\nalready_given: order.compensated\ngrants:\n");
        for (rule, Grant { class, kind, role, order_max, cap }) in part {
            writeln!(
                text,
                "  - id: r{rule}\n    title: {{ zh-CN: 规则{rule}, en: Rule {rule} }}\n    role: {role}\n    when:\n      \
                 - issue.class == \"{class}\"\n      - request.type == \"{kind}\"\n      \
                 - order.amount <= {order_max}\n      - issue.proven\n    up_to:\n      \
                 - {{ percent: 50, of: order.amount }}\n      - {cap}.00"
            )
            .expect("a string takes it");
        }
        files.push((format!("authority/{name}.yaml"), text.into_bytes()));
    }
    files
}

/// An agent asks for 100.00 on a blemished coat of 800.00.
pub fn case(bundle: &Bundle) -> Case {
    let schema = bundle.schema();
    let stated = schema.facts().iter().filter(|fact| fact.origin != Origin::Derived);
    let mut facts: Vec<Value> = stated.map(|_| Value::Unknown).collect();
    let money = |text: &str| Value::Money(text.parse().expect("an amount"));
    let at = |hours: i64| Value::Instant(Instant(NOW.0 - hours * 3600 * SECOND));
    let mut set = |path: &str, value: Value| {
        let id = schema.find(path).expect("a fact");
        facts[usize::from(id.0)] = value;
    };
    let name = |path: &str, id: &str| {
        let fact = schema.fact(schema.find(path).expect("a fact")).expect("a fact");
        let Type::Enum(of) = fact.ty else { panic!("{path} is not enumerated") };
        Value::Symbol(schema.enumeration(of).expect("an enumeration").find(id).expect("a member"))
    };
    set("order.amount", money("800.00"));
    set("order.compensated", money("120.00"));
    set("order.item_count", Value::Number(1.into()));
    set("order.is_set", Value::Bool(false));
    set("order.free_shipping", Value::Bool(true));
    set("order.signed_at", at(120));
    set("issue.class", name("issue.class", "product.quality.blemish"));
    set("issue.proven", Value::Bool(true));
    set("issue.confirmed", Value::Bool(true));
    set("issue.major_loss", Value::Bool(false));
    set("issue.responsible", name("issue.responsible", "seller"));
    set("request.type", name("request.type", "return_refund"));
    set("request.applied_at", at(1));
    set("request.received", Value::Bool(true));
    set("outbound.status", name("outbound.status", "signed"));
    set("customer.words", Value::List([Value::Text("不给退就１２３１５见".into())].into_iter().collect()));
    set("actor.role", name("actor.role", "agent"));
    set("action.name", name("action.name", "compensate"));
    set("action.amount", money("100.00"));
    Case { facts }
}

/// The same case as a front end sends it, with further fields of the request.
pub fn asked(extra: &serde_json::Value) -> serde_json::Value {
    let yuan = |units: u32| json!({ "currencyCode": "CNY", "units": units.to_string() });
    let mut request = json!({
        "case": {
            "order": {
                "amount": yuan(800), "compensated": yuan(120), "itemCount": 1, "isSet": false, "freeShipping": true,
                "signedAt": "2026-11-17T07:00:00Z",
            },
            "issue": {
                "class": "product.quality.blemish", "proven": true, "confirmed": true, "majorLoss": false,
                "responsible": "PARTY_SELLER",
            },
            "request": { "type": "REQUEST_TYPE_RETURN_REFUND", "appliedAt": "2026-11-22T06:00:00Z", "received": true },
            "outbound": { "status": "PARCEL_STATUS_SIGNED" },
            "customer": { "words": ["不给退就１２３１５见"] },
            "shop": { "platform": "taobao" },
        },
        "actor": { "id": "a17", "role": "agent" },
        "asOf": "2026-11-22T07:00:00Z",
        "locale": "en",
    });
    let fields = request.as_object_mut().expect("an object");
    fields.extend(extra.as_object().expect("an object").clone());
    request
}
