//! From the texts of `.rhai` files to one checked tree: split, declare, parse, inspect, and follow the calls.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rhai::{AST, ParseErrorType};

use super::declaration::{Declaration, declarations};
use super::expression::ExpressionProblem;
use super::inspection::{self, Call, File, Findings, Names};
use super::lexemes::Lexemes;
use super::parse_error::Explained;
use super::room::with_room;
use super::sandbox::Sandbox;
use super::signature::Signature;
use super::{parse_error, refusal};
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};

/// The largest file, in bytes: Rhai counts lines, and characters of a line, in 16 bits.
pub const MAX_FILE: usize = 65_535;
/// The most stack that a call may need with all that it calls, in KiB of a debug build. Threads have a megabyte at
/// least.
const MAX_STACK: usize = 900;

/// All files, compiled.
pub(super) struct Compiled {
    pub signatures: Vec<Signature>,
    /// Signature by signature, the fields that the function or one that it calls reads of records.
    pub reads: Vec<Vec<Arc<str>>>,
    /// Where each function is defined, private ones included.
    pub places: BTreeMap<String, Place>,
    pub ast: AST,
}

/// Where a function is defined: the number of its source, the line, and the character of the line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub source: u32,
    pub line: usize,
    pub column: usize,
}

/// One file, split.
struct Text<'t> {
    source: u32,
    lexemes: Lexemes<'t>,
    /// Whether there is any sense in parsing it.
    readable: bool,
}

pub(super) fn compile(sources: &[(u32, &str)], problems: &mut Problems) -> Compiled {
    let texts: Vec<Text<'_>> = sources.iter().map(|(source, text)| split(*source, text, problems)).collect();
    let declared: Vec<Declaration> =
        texts.iter().flat_map(|text| declarations(&text.lexemes, text.source, problems)).collect();
    refuse_taken_names(&declared, problems);
    let tokens = texts.iter().map(|text| text.lexemes.all.len()).sum();
    let parsed = with_room(tokens, || {
        let mut problems = Problems::default();
        let parsed = parse_and_inspect(&texts, &declared, &mut problems);
        (parsed, problems)
    });
    let mut ast = AST::empty();
    let mut reads = BTreeMap::new();
    if let Some(((parsed, read), found)) = parsed {
        problems.extend(found);
        reads = read;
        for file in parsed {
            ast.combine(file);
        }
    } else {
        let span = Span::new(sources.first().map_or(0, |(source, _)| *source), 0..0);
        let message = both!("无法读取脚本", "the scripts can't be read");
        problems.push(Diagnostic::error(codes::BAD_SCRIPT, span, message));
    }
    let public = || declared.iter().filter(|function| function.signature.is_some());
    Compiled {
        reads: public().map(|function| reads.remove(&function.name).unwrap_or_default()).collect(),
        places: declared.iter().map(|function| (function.name.clone(), place(function))).collect(),
        signatures: declared.into_iter().filter_map(|function| function.signature).collect(),
        ast,
    }
}

fn place(function: &Declaration) -> Place {
    let (line, column) = function.place;
    Place { source: function.span.source, line, column }
}

fn split<'t>(source: u32, text: &'t str, problems: &mut Problems) -> Text<'t> {
    if text.len() > MAX_FILE {
        let message = both!("脚本超过 {MAX_FILE} 字节", "the script is larger than {MAX_FILE} bytes");
        problems.push(Diagnostic::error(codes::TOO_LARGE, Span::new(source, 0..0), message));
        return Text { source, lexemes: Lexemes::of(""), readable: false };
    }
    let lexemes = Lexemes::of(text);
    let found = refusal::of_script(&lexemes);
    let readable = found.is_empty();
    for ExpressionProblem { span, code, message, help } in found {
        problems.push(Diagnostic { help, ..Diagnostic::error(code, Span::new(source, span), message) });
    }
    Text { source, lexemes, readable }
}

/// Each name belongs to one function of the bundle, and none to the language as well.
fn refuse_taken_names(declared: &[Declaration], problems: &mut Problems) {
    let mut first: BTreeMap<&str, &Span> = BTreeMap::new();
    for Declaration { name, span, .. } in declared {
        if Sandbox::of_functions().functions.contains_key(name.as_str()) {
            let message = both!("`{name}` 是语言自带的函数", "`{name}` is a function of the language");
            let help = both!("换一个名称", "use another name");
            problems.push(Diagnostic::error(codes::NAME_TAKEN, span.clone(), message).help(help));
        }
        match first.entry(name) {
            Entry::Vacant(entry) => drop(entry.insert(span)),
            Entry::Occupied(entry) => {
                let message = both!("函数 `{name}` 定义了两次", "the function `{name}` is defined twice");
                let related = both!("第一次在这里", "first here");
                let first = (*entry.get()).clone();
                problems.push(Diagnostic::error(codes::DUPLICATE_ID, span.clone(), message).related(first, related));
            }
        }
    }
}

/// The trees, and function by function the fields that it reads.
type Inspected = (Vec<AST>, BTreeMap<String, Vec<Arc<str>>>);

fn parse_and_inspect(texts: &[Text<'_>], declared: &[Declaration], problems: &mut Problems) -> Inspected {
    let functions = declared.iter().map(|function| (function.name.as_str(), function.parameters.len()));
    let names = Names::new(&Sandbox::of_functions().functions, functions);
    let (mut parsed, mut findings) = (Vec::new(), BTreeMap::new());
    for text in texts {
        let Some(ast) = parse(text, problems) else { continue };
        let file = File::new(text.source, &text.lexemes, &ast);
        inspection::of_statements(&file, problems);
        for function in declared.iter().filter(|function| function.span.source == text.source) {
            findings.insert(function.name.as_str(), inspection::of_function(&file, function, &names, problems));
        }
        parsed.push(ast.clone_functions_only());
    }
    let mut calls = Calls { findings: &findings, stacks: BTreeMap::new(), problems };
    for Declaration { name, span, .. } in declared {
        calls.follow(name, span);
    }
    let reads = declared.iter().map(|function| {
        let mut reads = BTreeSet::new();
        read_by(&function.name, &findings, &mut BTreeSet::new(), &mut reads);
        (function.name.clone(), reads.into_iter().map(Arc::from).collect())
    });
    (parsed, reads.collect())
}

/// The fields that a function reads, with all that it calls.
fn read_by<'f>(
    name: &'f str,
    findings: &'f BTreeMap<&str, Findings>,
    seen: &mut BTreeSet<&'f str>,
    reads: &mut BTreeSet<&'f str>,
) {
    let Some(findings_of) = findings.get(name).filter(|_| seen.insert(name)) else { return };
    reads.extend(findings_of.reads.iter().map(String::as_str));
    for call in &findings_of.calls {
        read_by(&call.callee, findings, seen, reads);
    }
}

fn parse(text: &Text<'_>, problems: &mut Problems) -> Option<AST> {
    if !text.readable {
        return None;
    }
    let error = match Sandbox::of_functions().engine.compile(text.lexemes.text) {
        Ok(ast) => return Some(ast),
        Err(error) => error,
    };
    let span = Span::new(text.source, text.lexemes.bytes_at(error.position()));
    match error.err_type() {
        // Functions of one name have been reported with the place of the first.
        ParseErrorType::FnDuplicatedDefinition(..) => {}
        ParseErrorType::Reserved(word) => {
            let message = both!("脚本中不能使用 `{word}`", "`{word}` may not be used in a script");
            problems.push(Diagnostic::error(codes::FORBIDDEN_SCRIPT, span, message));
        }
        _ => {
            let Explained { code, message, help } = parse_error::explain(&error, &text.lexemes);
            let code = code.unwrap_or(codes::BAD_SCRIPT);
            problems.push(Diagnostic { help, ..Diagnostic::error(code, span, message) });
        }
    }
    None
}

/// Who calls whom, and how deep that goes. A call in a circle is refused: how deep it goes could not be known, and a
/// loop says the same.
struct Calls<'c> {
    findings: &'c BTreeMap<&'c str, Findings>,
    /// The stack that each function needs with all that it calls; `None` while it is being followed.
    stacks: BTreeMap<&'c str, Option<usize>>,
    problems: &'c mut Problems,
}

impl<'c> Calls<'c> {
    fn follow(&mut self, name: &'c str, span: &Span) -> usize {
        match self.stacks.get(name) {
            Some(Some(stack)) => return *stack,
            Some(None) => {
                let message =
                    both!("`{name}` 直接或间接调用了自己", "`{name}` calls itself, directly or through others");
                let help = both!("改用循环", "use a loop");
                self.problems.push(Diagnostic::error(codes::FORBIDDEN_SCRIPT, span.clone(), message).help(help));
                return 0;
            }
            None => {}
        }
        let Some(findings) = self.findings.get(name) else { return 0 };
        self.stacks.insert(name, None);
        let (mut deepest, mut reported) = (findings.stack, false);
        for Call { callee, stack, span } in &findings.calls {
            let below = self.follow(callee, span);
            deepest = deepest.max(stack.saturating_add(below));
            reported |= below > MAX_STACK;
        }
        if deepest > MAX_STACK && !reported {
            let message =
                both!("`{name}` 连同它调用的函数嵌套太深", "`{name}` is nested too deeply, with all that it calls");
            self.problems.push(Diagnostic::error(codes::FORBIDDEN_SCRIPT, findings.span.clone(), message));
        }
        self.stacks.insert(name, Some(deepest));
        deepest
    }
}
