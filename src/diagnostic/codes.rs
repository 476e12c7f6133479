//! The stable codes of diagnostics. A code is never reused for another meaning; a test holds that they are unique.

use std::fmt;

/// A diagnostic's code, such as `E0101`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        $($(#[$doc])* pub const $name: Code = Code($code);)*
        /// Every code with what it means.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    // E00xx: the file as a file.
    /// The file is empty or holds only comments.
    EMPTY_FILE = "E0001";
    /// The file is not valid UTF-8.
    NOT_UTF8 = "E0002";
    /// The file is not well-formed YAML.
    BAD_YAML = "E0003";
    /// A YAML feature that policies may not use: anchors, aliases, tags, several documents.
    FORBIDDEN_YAML = "E0004";
    /// The same key twice in one mapping.
    DUPLICATE_KEY = "E0005";
    /// The file is larger, deeper or has more nodes than is allowed.
    TOO_LARGE = "E0006";
    /// The file can't be read.
    UNREADABLE = "E0007";
    /// Two files at one path.
    DUPLICATE_PATH = "E0008";
    /// A path that leaves the bundle or can't be written on every system.
    BAD_PATH = "E0009";
    /// A character that nobody sees, so that two texts look the same and are not.
    INVISIBLE_CHARACTER = "E0010";
    /// There are more problems than are kept.
    MORE_PROBLEMS = "E0011";
    /// The loader itself failed: a fault of the program, not of the policies.
    LOADER_FAILED = "E0012";

    // E01xx: the shape of a policy.
    /// The first key names no kind of policy.
    UNKNOWN_KIND = "E0101";
    /// A key that does not belong here.
    UNKNOWN_KEY = "E0102";
    /// A required key is missing.
    MISSING_KEY = "E0103";
    /// A value of the wrong form: a list where a text is wanted, an empty value, a number that is none.
    WRONG_FORM = "E0104";
    /// Two rules, policies, parameters or names with the same id.
    DUPLICATE_ID = "E0105";
    /// A text lacks one of the bundle's locales.
    MISSING_LOCALE = "E0106";
    /// The directory has no bundle manifest, or more than one.
    MANIFEST = "E0107";
    /// A locale that the bundle does not declare.
    UNKNOWN_LOCALE = "E0108";
    /// A word outside the closed set of words that may stand here.
    UNKNOWN_WORD = "E0109";

    // E02xx: names.
    /// A role, action, remedy, platform or other name that the bundle does not declare.
    UNKNOWN_NAME = "E0201";
    /// A parameter that no policy declares.
    UNKNOWN_PARAMETER = "E0202";
    /// Derived facts that depend on each other in a circle.
    CYCLE = "E0203";
    /// A value outside its declared range.
    OUT_OF_RANGE = "E0204";
    /// An overlay that overrides something that does not exist.
    NOTHING_TO_OVERRIDE = "E0205";
    /// A name already taken by the engine or by another policy.
    NAME_TAKEN = "E0206";
    /// A parameter that no expression reads.
    UNREAD_PARAMETER = "E0207";
    /// A file of which it can't be told for which platform or shop it counts.
    MISPLACED = "E0208";

    // E03xx: expressions.
    /// The expression can't be parsed.
    BAD_EXPRESSION = "E0301";
    /// A fact that does not exist.
    UNKNOWN_FACT = "E0302";
    /// A function that does not exist.
    UNKNOWN_FUNCTION = "E0303";
    /// Operands whose types do not fit each other.
    TYPE_MISMATCH = "E0304";
    /// A condition that is not true-or-false.
    NOT_A_CONDITION = "E0305";
    /// A text that is not a value of the enumeration it is compared with: the comparison could never be true.
    NEVER_TRUE = "E0306";
    /// Wrong number of arguments.
    WRONG_ARGUMENTS = "E0307";
    /// A part of the script language that conditions may not use.
    FORBIDDEN_EXPRESSION = "E0308";
    /// Time used in a way whose next change can't be foretold.
    UNFORESEEABLE_TIME = "E0309";
    /// A text with a `{placeholder}` that can't be read.
    BAD_TEMPLATE = "E0310";
    /// A fact that records don't hold as it was sent, and that an answer hangs on.
    PRIVATE_FACT = "E0311";
    /// A text that reads like the fact of that name, and is none.
    NAMED_LIKE_A_FACT = "E0312";

    // E04xx: scripts.
    /// The script can't be parsed.
    BAD_SCRIPT = "E0401";
    /// A function without a signature, or with one that does not fit it.
    BAD_SIGNATURE = "E0402";
    /// A script uses something that is not allowed: `eval`, `import`, global statements…
    FORBIDDEN_SCRIPT = "E0403";

    // E05xx: decision tables.
    /// A row whose cells do not fit the columns.
    BAD_ROW = "E0501";
    /// A row that can never hit, for an earlier one always does.
    DEAD_ROW = "E0502";
    /// Two rows of a `unique` table that can both hit.
    OVERLAP = "E0503";
    /// A combination of values that no row covers.
    GAP = "E0504";

    // E06xx: calendars and timers.
    /// A calendar that contradicts itself.
    BAD_CALENDAR = "E0601";

    // E07xx: suites.
    /// A suite that can't be run as written.
    BAD_SUITE = "E0701";
    /// A case that no front end could send: it contradicts itself, or holds what can't be.
    IMPOSSIBLE_CASE = "E0702";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let mut seen = std::collections::BTreeSet::new();
        for code in ALL {
            assert!(seen.insert(code.0), "{code} is used twice");
            let digits = code.0.strip_prefix('E').unwrap_or_default();
            assert!(digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()), "{code} is not E and four digits");
        }
    }
}
