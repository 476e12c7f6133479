//! The small shop's policies under `tests/edge/policies`, loaded as the server loads them.

use std::path::Path;

use redress::diagnostic::render::{self, Style};
use redress::policy::{self, Bundle, Rejected};
use redress::text::Language;

use crate::support::files_below;

pub fn files() -> Vec<(String, Vec<u8>)> {
    files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/edge/policies"))
}

pub fn bundle() -> Bundle {
    loaded(files()).unwrap_or_else(|rejected| {
        panic!("{}", render::full(&rejected.problems, &rejected.sources, Style::plain(Language::English)))
    })
}

pub fn loaded(files: Vec<(String, Vec<u8>)>) -> Result<Bundle, Rejected> {
    policy::load(files)
}
