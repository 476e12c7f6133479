//! Writes the grants of S, M and L as somebody would by hand: one `match` within another.

use std::fmt::Write as _;
use std::path::Path;

use grants::{CLASSES, Grant, KINDS, ROLES, grants};

#[path = "../support/grants.rs"]
mod grants;

fn main() {
    println!("cargo::rerun-if-changed=../support/grants.rs");
    let mut code = String::new();
    for (name, count) in [("small", 12), ("medium", 100), ("large", 1_000)] {
        write(&mut code, name, count);
    }
    let out = std::env::var_os("OUT_DIR").expect("cargo sets it");
    std::fs::write(Path::new(&out).join("by_hand.rs"), code).expect("written");
}

fn write(code: &mut String, name: &str, count: usize) {
    let grants: Vec<Grant> = grants(count).collect();
    let of = |class: &str, kind: &str| -> Vec<&Grant> {
        grants.iter().filter(|grant| grant.class == class && grant.kind == kind).collect()
    };
    let mut line = |text: String| writeln!(code, "{text}").expect("a string takes it");
    line(format!("fn {name}(class: &str, kind: &str, amount: i64, limits: &mut Limits) {{ match class {{"));
    for class in CLASSES {
        line(format!("{class:?} => match kind {{"));
        for kind in KINDS.iter().filter(|kind| !of(class, kind).is_empty()) {
            line(format!("{kind:?} => {{"));
            for Grant { role, order_max, cap, .. } in of(class, kind) {
                let rank = ROLES.iter().position(|known| known == role).expect("a role");
                line(format!("if amount <= {order_max}_00 {{ limits.grant({rank}, (amount / 2).min({cap}_00)); }}"));
            }
            line("}".to_owned());
        }
        line("_ => {} },".to_owned());
    }
    line("_ => {} } }".to_owned());
}
