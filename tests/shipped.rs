//! The shipped policies, loaded as the server loads them.

use redress::diagnostic::render::{self, Style};
use redress::text::Language;

mod support;

#[test]
fn the_shipped_policies_load_without_a_word() {
    let bundle = support::shipped();
    let warnings = render::full(bundle.warnings(), bundle.sources(), Style::plain(Language::English));
    assert!(bundle.warnings().is_empty(), "{warnings}");
}
