//! The functions of `.rhai` files, as expressions call them.

use crate::expr::check::Function;
use crate::expr::eval::{Functions, ScriptFailure};
use crate::facts::Type;
use crate::script::{Library, ScriptType};
use crate::text::Bilingual;
use crate::value::Value;

/// A compiled library, behind the interface that evaluation knows.
pub struct Scripts(pub Library);

impl std::fmt::Debug for Scripts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.signatures()).finish()
    }
}

impl Functions for Scripts {
    fn call(&self, function: usize, arguments: &[Value]) -> Result<Value, ScriptFailure> {
        self.0.call(function, arguments)
    }

    fn refuse(&self, function: usize, why: Bilingual) -> ScriptFailure {
        self.0.refuse(function, why)
    }
}

/// The library's functions as the checker of expressions sees them.
pub fn functions(library: &Library) -> Vec<Function> {
    let functions = library.signatures().iter().enumerate().map(|(at, signature)| Function {
        name: signature.name.as_str().into(),
        parameters: signature.parameters.iter().map(|(name, ty)| (name.as_str().into(), type_of(ty))).collect(),
        returns: type_of(&signature.returns),
        reads: library.reads(at).to_vec(),
    });
    functions.collect()
}

fn type_of(ty: &ScriptType) -> Type {
    match ty {
        ScriptType::Bool => Type::Bool,
        ScriptType::Number => Type::Number,
        ScriptType::Money => Type::Money,
        ScriptType::Text => Type::Text,
        ScriptType::Instant => Type::Instant,
        ScriptType::Date => Type::Date,
        ScriptType::Duration => Type::Duration,
        ScriptType::Record => Type::Record(crate::facts::RecordId::ANY),
        ScriptType::List(of) => Type::list(type_of(of)),
    }
}
