//! Why a script gave no answer, in plain words and with its place.

use rhai::{Dynamic, EvalAltResult, Position};

use super::operators::kind_of;
use super::sandbox::too_many_steps;
use crate::both;
use crate::text::Bilingual;

pub use crate::expr::eval::ScriptFailure;

/// The innermost place of an error: the function that has a name and in whose file it lies, if that is not the called
/// one, and the position there.
pub(super) fn place(error: &EvalAltResult) -> (Option<&str>, Position) {
    let (mut error, mut function, mut best) = (error, None, (None, Position::NONE));
    loop {
        if !error.position().is_none() {
            best = (function, error.position());
        }
        let EvalAltResult::ErrorInFunctionCall(name, _, inner, _) = error else { return best };
        if !name.starts_with(WRITTEN_IN_PLACE) {
            function = Some(name.as_str());
        }
        error = inner;
    }
}

/// How Rhai begins the names that it gives to functions written in place.
const WRITTEN_IN_PLACE: &str = "anon$";

/// What went wrong, in a sentence.
pub(super) fn message(error: &EvalAltResult) -> Bilingual {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => message(inner),
        EvalAltResult::ErrorRuntime(said, _) => said_by_script(said),
        EvalAltResult::ErrorTerminated(reason, _) => reason.clone().try_cast::<Bilingual>().unwrap_or_else(unspecified),
        EvalAltResult::ErrorTooManyOperations(_) => too_many_steps(),
        EvalAltResult::ErrorStackOverflow(_) => both!("调用嵌套太深", "its calls are nested too deeply"),
        EvalAltResult::ErrorTooManyVariables(_) => both!("变量太多", "it has too many variables"),
        EvalAltResult::ErrorDataTooLarge(..) => {
            both!("文本、列表或记录太大", "a text, list or record grows too large")
        }
        EvalAltResult::ErrorPropertyNotFound(name, _) => {
            both!("记录没有字段 `{name}`", "the record has no field `{name}`")
        }
        EvalAltResult::ErrorVariableNotFound(name, _) => both!("没有名称 `{name}`", "there is no `{name}`"),
        EvalAltResult::ErrorArrayBounds(length, index, _) => {
            both!("列表只有 {length} 项，没有第 {index} 项", "the list has {length} items and none at {index}")
        }
        EvalAltResult::ErrorFunctionNotFound(signature, _) => unfit(signature),
        EvalAltResult::ErrorMismatchDataType(wanted, found, _) if kind_of(wanted) == kind_of(found) => {
            both!(
                "这里要有整数；取列表的一项用 `at`",
                "a whole number is wanted here; to take an item of a list use `at`"
            )
        }
        EvalAltResult::ErrorMismatchDataType(wanted, found, _) => {
            let (wanted, found) = (kind_of(wanted), kind_of(found));
            Bilingual::new(
                format!("这里要有{}，却是{}", wanted.zh, found.zh),
                format!("{} is wanted here, not {}", wanted.en, found.en),
            )
        }
        EvalAltResult::ErrorIndexingType(..) => both!("方括号不能用于这种值", "brackets can't be used with this value"),
        EvalAltResult::ErrorDotExpr(..) => both!("这种值没有字段", "this value has no fields"),
        EvalAltResult::ErrorFor(_) => both!("`for` 只能遍历列表或范围", "`for` walks lists and ranges only"),
        EvalAltResult::ErrorDataRace(..) => both!(
            "`|…|` 中使用了正在遍历的列表；先用 `let` 复制一份",
            "the `|…|` uses the list that is being walked; make a copy with `let` first"
        ),
        EvalAltResult::ErrorAssignmentToConstant(name, _) => {
            both!("`{name}` 不能改变", "`{name}` can't be changed")
        }
        EvalAltResult::ErrorNonPureMethodCallOnConstant(name, _) => {
            both!("`{name}` 不能用于常量", "`{name}` can't be used with a constant")
        }
        _ => unspecified(),
    }
}

/// Whether a limit ended the call.
pub(super) fn is_stop(error: &EvalAltResult) -> bool {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => is_stop(inner),
        EvalAltResult::ErrorTerminated(..)
        | EvalAltResult::ErrorTooManyOperations(_)
        | EvalAltResult::ErrorStackOverflow(_)
        | EvalAltResult::ErrorDataTooLarge(..) => true,
        _ => false,
    }
}

fn unspecified() -> Bilingual {
    both!("脚本无法继续", "the script can't go on")
}

/// A sentence of ours, or what the script said with `throw`.
fn said_by_script(said: &Dynamic) -> Bilingual {
    if let Some(sentence) = said.clone().try_cast::<Bilingual>() {
        return sentence;
    }
    match said.clone().into_immutable_string() {
        Ok(text) => both!("脚本放弃：`{text}`", "the script gave up: `{text}`"),
        Err(_) => both!("脚本放弃", "the script gave up"),
    }
}

/// A call whose function exists (that is checked when scripts are loaded), but not for such values.
fn unfit(signature: &str) -> Bilingual {
    let name = signature.split(" (").next().unwrap_or(signature);
    both!("`{name}` 不能用于这些值", "`{name}` can't be used with these values")
}
