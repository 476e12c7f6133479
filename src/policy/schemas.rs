//! The JSON Schemas of policy files, for editors: one for each kind, and one for a file of any kind.

use serde_json::{Value, json};

use super::decode::{Decode, Definitions};
use super::files::{
    AttributesFile, AuthorityFile, BundleFile, CalendarFile, DutiesFile, EvidenceFile, FactsFile, GuardsFile, Kind,
    LadderFile, ParametersFile, PolicyFile, TimersFile,
};

/// The schema of a file of `kind`.
pub fn of(kind: Kind) -> Value {
    match kind {
        Kind::Bundle => Definitions::document::<BundleFile>(),
        Kind::Attributes => Definitions::document::<AttributesFile>(),
        Kind::Parameters => Definitions::document::<ParametersFile>(),
        Kind::Calendar => Definitions::document::<CalendarFile>(),
        Kind::Facts => Definitions::document::<FactsFile>(),
        Kind::Authority => Definitions::document::<AuthorityFile>(),
        Kind::Ladder => Definitions::document::<LadderFile>(),
        Kind::Guards => Definitions::document::<GuardsFile>(),
        Kind::Evidence => Definitions::document::<EvidenceFile>(),
        Kind::Timers => Definitions::document::<TimersFile>(),
        Kind::Duties => Definitions::document::<DutiesFile>(),
    }
}

/// The schema of a file of any kind; the key that names the kind decides which of them holds.
pub fn any() -> Value {
    Definitions::document::<PolicyFile>()
}

/// What [`PolicyFile`] is in a schema.
pub(super) fn any_kind(definitions: &mut Definitions) -> Value {
    let has = |kind: &Kind| json!({ "required": [kind.word()] });
    let kinds: Vec<Value> = Kind::ALL.iter().map(has).collect();
    // An editor that is told which kind it is names the key that is wrong, not eleven kinds that don't fit.
    let each = Kind::ALL.iter().map(|kind| json!({ "if": has(kind), "then": reference(*kind, definitions) }));
    let each: Vec<Value> = each.collect();
    json!({ "type": "object", "anyOf": kinds, "allOf": each })
}

fn reference(kind: Kind, definitions: &mut Definitions) -> Value {
    match kind {
        Kind::Bundle => BundleFile::schema(definitions),
        Kind::Attributes => AttributesFile::schema(definitions),
        Kind::Parameters => ParametersFile::schema(definitions),
        Kind::Calendar => CalendarFile::schema(definitions),
        Kind::Facts => FactsFile::schema(definitions),
        Kind::Authority => AuthorityFile::schema(definitions),
        Kind::Ladder => LadderFile::schema(definitions),
        Kind::Guards => GuardsFile::schema(definitions),
        Kind::Evidence => EvidenceFile::schema(definitions),
        Kind::Timers => TimersFile::schema(definitions),
        Kind::Duties => DutiesFile::schema(definitions),
    }
}
