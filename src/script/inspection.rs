//! What the body of a function may hold, checked on Rhai's syntax tree before anything runs: no part of the language
//! that hides a mistake or reaches outside, no unknown name or function, no call in a circle, no nesting that a small
//! stack could not bear.

mod names;

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTFlags, ASTNode, BinaryExpr, Expr, FlowControl, FnCallExpr, FnPtr, OpAssignment, Position};
use rhai::{Module, ScriptFuncDef, Shared, Stmt, StmtBlock, Token};

use super::declaration::Declaration;
use super::lexemes::Lexemes;
use crate::both;
use crate::diagnostic::{Code, Diagnostic, Problems, Span, codes};
use crate::text::Bilingual;

pub(super) use names::Names;

/// What the inspection of one function found out beside its problems.
#[derive(Debug)]
pub(super) struct Findings {
    /// The function's name where it is defined.
    pub span: Span,
    /// The most stack that the function needs by itself, in KiB of a debug build.
    pub stack: usize,
    /// The functions it calls.
    pub calls: Vec<Call>,
    /// The fields that it reads of records, and every text in it, which may name one.
    pub reads: BTreeSet<String>,
}

#[derive(Debug)]
pub(super) struct Call {
    pub callee: String,
    /// The stack in use at the call.
    pub stack: usize,
    pub span: Span,
}

/// What Rhai takes off the stack for each level of nesting, in KiB of a debug build, measured and rounded up. A test
/// runs what these numbers admit on a stack of the admitted size.
mod kib {
    pub const BLOCK: usize = 7;
    pub const STATEMENT: usize = 7;
    pub const EXPRESSION: usize = 8;
    /// A call or an operator.
    pub const CALL: usize = 20;
    /// What walks a list and calls a function written in place.
    pub const WALK: usize = 16;
}

/// Whether a loop has a condition that may change, or anything in it that leaves it.
fn may_end(statement: &Stmt, flow: &FlowControl) -> bool {
    let endless = flow.expr.is_unit() || matches!(flow.expr, Expr::BoolConstant(true, _));
    let mut leaves = false;
    statement.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
        if let Some(ASTNode::Stmt(inner)) = path.last() {
            leaves |= match inner {
                Stmt::BreakLoop(_, how, _) => how.contains(ASTFlags::BREAK),
                other => matches!(other, Stmt::Return(..)),
            };
        }
        !leaves
    });
    leaves || !endless
}

/// A file with its syntax tree.
pub(super) struct File<'f> {
    source: u32,
    lexemes: &'f Lexemes<'f>,
    ast: &'f AST,
    /// All functions of the file, those written in place included.
    functions: BTreeMap<&'f str, &'f Shared<ScriptFuncDef>>,
}

impl<'f> File<'f> {
    pub fn new(source: u32, lexemes: &'f Lexemes<'f>, ast: &'f AST) -> Self {
        let functions = ast.iter_fn_def().map(|function| (function.name.as_str(), function)).collect();
        Self { source, lexemes, ast, functions }
    }
}

/// Refuses what stands outside functions.
pub(super) fn of_statements(file: &File<'_>, problems: &mut Problems) {
    for statement in file.ast.statements() {
        let span = Span::new(file.source, file.lexemes.bytes_at(statement.position()));
        let message = both!("函数之外不能有语句", "nothing may stand outside functions");
        let help = both!("把它放进使用它的函数里", "put it into the function that uses it");
        problems.push(Diagnostic::error(codes::FORBIDDEN_SCRIPT, span, message).help(help));
    }
}

/// Judges the body of `function`, which `file` defines.
pub(super) fn of_function(
    file: &File<'_>,
    function: &Declaration,
    names: &Names<'_>,
    problems: &mut Problems,
) -> Findings {
    let findings = Findings { span: function.span.clone(), stack: 0, calls: Vec::new(), reads: BTreeSet::new() };
    let mut inspection =
        Inspection { file, names, problems, scope: Vec::new(), locked: Vec::new(), stack: 0, findings };
    inspection.body(&function.name);
    inspection.findings
}

struct Inspection<'i> {
    file: &'i File<'i>,
    names: &'i Names<'i>,
    problems: &'i mut Problems,
    /// The variables in reach, outermost first.
    scope: Vec<String>,
    /// The variables whose methods are being called, which Rhai locks meanwhile.
    locked: Vec<String>,
    stack: usize,
    findings: Findings,
}

impl Inspection<'_> {
    /// The body of a function of the file. Rhai shows bodies only to those who walk a whole tree, so the function is
    /// made a tree of its own.
    fn body(&mut self, name: &str) {
        let Some(function) = self.file.functions.get(name).copied() else { return };
        let mut alone = Module::new();
        alone.set_script_fn(function.clone());
        let alone = AST::new_from_module(alone);
        let parameters = function.params.iter().map(ToString::to_string).collect();
        let outer = std::mem::replace(&mut self.scope, parameters);
        self.deeper(kib::BLOCK, |this| {
            alone.walk(&mut |path: &[ASTNode<'_>]| {
                if let [ASTNode::Stmt(statement)] = path {
                    this.statement(statement);
                }
                true
            });
        });
        self.scope = outer;
    }

    /// Goes one level deeper for `inner`, at the cost of so much stack.
    fn deeper(&mut self, kib: usize, inner: impl FnOnce(&mut Self)) {
        let outer = self.stack;
        self.stack = outer.saturating_add(kib);
        self.findings.stack = self.findings.stack.max(self.stack);
        inner(self);
        self.stack = outer;
    }

    fn block(&mut self, block: &StmtBlock) {
        let outer = self.scope.len();
        self.deeper(kib::BLOCK, |this| block.iter().for_each(|statement| this.statement(statement)));
        self.scope.truncate(outer);
    }

    fn statement(&mut self, statement: &Stmt) {
        self.deeper(kib::STATEMENT, |this| match statement {
            Stmt::Noop(_) | Stmt::Share(_) | Stmt::BreakLoop(None, ..) | Stmt::Return(None, ..) => {}
            Stmt::If(flow, _) => this.flow(flow),
            Stmt::While(flow, at) | Stmt::Do(flow, _, at) => {
                if !may_end(statement, flow) {
                    this.refuse(
                        *at,
                        both!("这个循环永远不会结束", "this loop never ends"),
                        both!(
                            "用 `for … in …`，或写一个会变的条件，或在里面写 `break`",
                            "use `for … in …`, write a condition that changes, or put a `break` into it"
                        ),
                    );
                }
                this.flow(flow);
            }
            Stmt::For(walk, _) => {
                let (item, counter, flow) = &**walk;
                this.walked(&flow.expr);
                let outer = this.scope.len();
                this.scope.extend([Some(item), counter.as_ref()].into_iter().flatten().map(|name| name.name.to_string()));
                this.block(&flow.body);
                this.scope.truncate(outer);
            }
            Stmt::Var(definition, ..) => {
                this.expr(&definition.1);
                this.scope.push(definition.0.name.to_string());
            }
            Stmt::Assignment(assignment) => this.assignment(assignment),
            Stmt::FnCall(call, at) => this.call(call, *at),
            Stmt::Block(block) => this.block(block),
            Stmt::Expr(expr) | Stmt::BreakLoop(Some(expr), ..) | Stmt::Return(Some(expr), ..) => this.expr(expr),
            Stmt::Switch(_, at) => this.refuse(
                *at,
                both!("脚本中不能使用 `switch`", "`switch` may not be used in a script"),
                both!(
                    "写 `if … {{ … }} else if … {{ … }}`：`switch` 遇到类型不同的值会静静走默认分支",
                    "write `if … {{ … }} else if … {{ … }}`: a `switch` takes its default branch in silence for a value of another type"
                ),
            ),
            Stmt::TryCatch(_, at) => this.refuse(
                *at,
                both!("脚本中不能使用 `try`", "`try` may not be used in a script"),
                both!("先检查，再计算；出错的脚本不给出答案", "check first, then compute: a script that errs gives no answer"),
            ),
            other => this.refuse(other.position(), not_here(), None),
        });
    }

    fn flow(&mut self, flow: &FlowControl) {
        // A `loop` has no condition.
        if !flow.expr.is_unit() {
            self.expr(&flow.expr);
        }
        self.block(&flow.body);
        self.block(&flow.branch);
    }

    /// What a `for` walks: only here may a range stand.
    fn walked(&mut self, expr: &Expr) {
        match expr {
            Expr::FnCall(call, _) if is_range(call) => call.args.iter().for_each(|bound| self.expr(bound)),
            other => self.expr(other),
        }
    }

    fn assignment(&mut self, assignment: &(OpAssignment, BinaryExpr)) {
        let (operator, sides) = assignment;
        if let Some((_, _, _, symbol, ..)) = operator.get_op_assignment_info()
            && !matches!(symbol, "+=" | "-=" | "*=" | "/=" | "%=")
        {
            self.refuse(operator.position(), no_symbol(symbol), None);
        }
        self.expr(&sides.rhs);
        match &sides.lhs {
            Expr::Variable(variable, _, at) => self.variable(&variable.1, *at),
            part => self.refuse(
                part.start_position(),
                both!("列表和记录的一部分不能改变", "a part of a list or record can't be changed"),
                both!("用 `map`、`filter` 或 `push` 生成新的列表", "make a new list with `map`, `filter` or `push`"),
            ),
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::FnCall(call, at) => return self.call(call, *at),
            Expr::MethodCall(call, at) => return self.method(call, *at),
            _ => {}
        }
        self.deeper(kib::EXPRESSION, |this| match expr {
            Expr::BoolConstant(..) | Expr::IntegerConstant(..) => {}
            Expr::StringConstant(text, _) => {
                this.findings.reads.insert(text.to_string());
            }
            Expr::Property(property, _) => {
                this.findings.reads.insert(property.2.to_string());
            }
            Expr::DynamicConstant(value, at) => match value.read_lock::<FnPtr>() {
                Some(_) => this.refuse_function_value(*at),
                None if value.is_decimal() => {}
                None => this.refuse(*at, not_here(), None),
            },
            Expr::CharConstant(_, at) => {
                this.refuse(*at, both!("文本要用双引号", "texts are written in double quotes"), None);
            }
            Expr::InterpolatedString(_, at) => this.refuse(
                *at,
                both!("文本中不能用 `${{…}}`", "`${{…}}` may not be used in a text"),
                both!("用 `+` 连接文本", "join texts with `+`"),
            ),
            Expr::Array(items, _) => items.iter().for_each(|item| this.expr(item)),
            Expr::Map(_, at) => this.refuse(*at, both!("脚本中不能构造记录", "a script can't make records"), None),
            Expr::Unit(at) => this.refuse(*at, both!("脚本中没有空值 `()`", "there is no `()` in scripts"), None),
            Expr::ThisPtr(at) => this.refuse(
                *at,
                both!("脚本中不能使用 `this`", "`this` may not be used in a script"),
                both!("把值作为参数传入", "take the value as a parameter"),
            ),
            Expr::Variable(variable, _, at) => this.variable(&variable.1, *at),
            Expr::Dot(sides, flags, at) | Expr::Index(sides, flags, at) => {
                if flags.contains(ASTFlags::NEGATED) {
                    this.refuse(*at, no_symbol(if matches!(expr, Expr::Dot(..)) { "?." } else { "?[" }), None);
                }
                this.expr(&sides.lhs);
                let outer = this.locked.len();
                if let Expr::Variable(variable, ..) = &sides.lhs {
                    this.locked.push(variable.1.to_string());
                }
                this.expr(&sides.rhs);
                this.locked.truncate(outer);
            }
            Expr::And(items, _) | Expr::Or(items, _) | Expr::Coalesce(items, _) => {
                items.iter().for_each(|item| this.expr(item));
            }
            Expr::Stmt(block) => match block.statements() {
                _ if curried(expr).is_some() => this.refuse_function_value(block.position()),
                _ => this.block(block),
            },
            other => this.refuse(other.start_position(), not_here(), None),
        });
    }

    fn variable(&mut self, name: &str, at: Position) {
        if self.scope.iter().any(|known| known == name) {
            return;
        }
        if self.names.is_script_function(name) {
            let help = both!("写 `{name}(…)`", "write `{name}(…)`");
            return self.refuse(
                at,
                both!("`{name}` 是函数，要调用它", "`{name}` is a function and must be called"),
                help,
            );
        }
        let message = both!("没有名称 `{name}`", "there is no `{name}`");
        let near = super::nearest(name, self.scope.iter().map(String::as_str)).map(did_you_mean);
        self.problem(codes::UNKNOWN_NAME, at, message, near);
    }

    /// An operator or a function call: Rhai keeps both as calls.
    fn call(&mut self, call: &FnCallExpr, at: Position) {
        let token = self.file.lexemes.at(at).and_then(|index| self.file.lexemes.token(index));
        let operator = call.is_operator_call() || matches!(token, Some(Token::In | Token::NotIn));
        self.deeper(kib::CALL, |this| {
            if operator {
                if !is_allowed_operator(&call.name) {
                    this.refuse(at, no_symbol(&call.name), None);
                }
            } else if call.capture_parent_scope {
                this.refuse(at, no_symbol("!("), None);
            } else {
                this.called(&call.name, call.args.len(), at);
            }
            this.arguments(call, 0);
        });
    }

    /// `value.name(…)`: the functions of the language can be called so, those of scripts can't.
    fn method(&mut self, call: &FnCallExpr, at: Position) {
        let name = &call.name;
        self.deeper(kib::CALL, |this| {
            if this.names.is_script_function(name) {
                let help = both!("写 `{name}(值, …)`", "write `{name}(value, …)`");
                let message = both!("脚本函数不能用 `.` 调用", "functions of scripts can't be called with `.`");
                this.refuse(at, message, help);
            } else {
                this.called(name, call.args.len().saturating_add(1), at);
            }
            this.arguments(call, 1);
        });
    }

    /// The arguments of a call, of which the first has position `first`. Functions written in place may stand only
    /// here, as the second argument of a function that walks a list.
    fn arguments(&mut self, call: &FnCallExpr, first: usize) {
        for (index, argument) in call.args.iter().enumerate() {
            let second = index.saturating_add(first) == 1;
            match in_place(argument).filter(|_| second && names::takes_function(&call.name)) {
                Some(function) => self.function_in_place(&function, argument),
                None => self.expr(argument),
            }
        }
    }

    /// `|item| …`, whose captured variables Rhai turns into parameters.
    fn function_in_place(&mut self, name: &str, argument: &Expr) {
        let at = argument.start_position();
        let captured = captured(argument);
        for variable in captured {
            self.expr(variable);
            if let Expr::Variable(name, ..) = variable
                && self.locked.iter().any(|locked| *locked == name.1)
            {
                let name = &name.1;
                let help = both!("写成 `函数({name}, |…| …)`", "call it as `function({name}, |…| …)`");
                let message =
                    both!("遍历 `{name}` 的 `|…|` 不能再用 `{name}`", "the `|…|` that walks `{name}` can't use it");
                self.refuse(at, message, help);
            }
        }
        let parameters = self.file.functions.get(name).map_or(0, |function| function.params.len());
        if parameters != captured.len().saturating_add(1) {
            let message = both!("`|…|` 中要有一个名称", "the `|…|` names one thing: the item");
            self.problem(codes::WRONG_ARGUMENTS, at, message, None);
        }
        let outer = std::mem::take(&mut self.locked);
        self.deeper(kib::WALK, |this| this.body(name));
        self.locked = outer;
    }

    fn called(&mut self, name: &str, count: usize, at: Position) {
        let span = self.span(at);
        match self.names.arity(name) {
            Some(arity) if arity.contains(&count) => {
                if self.names.is_script_function(name) {
                    self.findings.calls.push(Call { callee: name.to_owned(), stack: self.stack, span });
                }
            }
            Some(arity) => {
                let wanted: Vec<String> = arity.iter().map(ToString::to_string).collect();
                let (zh, en) = (wanted.join(" 或 "), wanted.join(" or "));
                let message = Bilingual::new(
                    format!("`{name}` 要 {zh} 个参数，这里有 {count} 个"),
                    format!("`{name}` takes {en} arguments and is given {count}"),
                );
                self.problems.push(Diagnostic::error(codes::WRONG_ARGUMENTS, span, message));
            }
            None if names::is_forbidden(name) => {
                let message = both!("脚本中不能使用 `{name}`", "`{name}` may not be used in a script");
                self.refuse(at, message, None);
            }
            None => {
                let near = super::nearest(name, self.names.all()).map(did_you_mean);
                let message = both!("没有函数 `{name}`", "there is no function `{name}`");
                self.problem(codes::UNKNOWN_FUNCTION, at, message, near);
            }
        }
    }

    fn refuse_function_value(&mut self, at: Position) {
        self.refuse(
            at,
            both!("`|…| …` 只能直接写在遍历列表的函数里", "`|…| …` may stand only in a function that walks a list"),
            both!("例如 `items.all(|item| item > 0)`", "such as `items.all(|item| item > 0)`"),
        );
    }

    fn refuse(&mut self, at: Position, message: Bilingual, help: impl Into<Option<Bilingual>>) {
        self.problem(codes::FORBIDDEN_SCRIPT, at, message, help.into());
    }

    fn problem(&mut self, code: Code, at: Position, message: Bilingual, help: Option<Bilingual>) {
        let diagnostic = Diagnostic { help, ..Diagnostic::error(code, self.span(at), message) };
        self.problems.push(diagnostic);
    }

    fn span(&self, at: Position) -> Span {
        Span::new(self.file.source, self.file.lexemes.bytes_at(at))
    }
}

/// The name that Rhai gave to the function that `expr` writes in place.
fn in_place(expr: &Expr) -> Option<String> {
    match expr {
        Expr::DynamicConstant(value, _) => value.read_lock::<FnPtr>().map(|function| function.fn_name().to_owned()),
        _ => curried(expr)?.args.first().and_then(in_place),
    }
}

/// The variables that the function written in place captures.
fn captured(expr: &Expr) -> &[Expr] {
    curried(expr).and_then(|call| call.args.get(1..)).unwrap_or_default()
}

/// What Rhai makes of a function in place that captures variables: it shares them, and curries the function with them.
fn curried(expr: &Expr) -> Option<&FnCallExpr> {
    let Expr::Stmt(block) = expr else { return None };
    let [Stmt::Share(_), Stmt::Expr(curry)] = block.statements() else { return None };
    match &**curry {
        Expr::FnCall(call, _) => Some(call),
        _ => None,
    }
}

fn is_range(call: &FnCallExpr) -> bool {
    matches!(call.op_token, Some(Token::ExclusiveRange | Token::InclusiveRange))
}

fn is_allowed_operator(symbol: &str) -> bool {
    matches!(symbol, "+" | "-" | "*" | "/" | "%" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "!" | "contains")
}

fn not_here() -> Bilingual {
    both!("脚本中不能这样写", "this may not be used in a script")
}

fn no_symbol(symbol: &str) -> Bilingual {
    both!("脚本中不能使用 `{symbol}`", "`{symbol}` may not be used in a script")
}

fn did_you_mean(near: &str) -> Bilingual {
    both!("是否想写 `{near}`？", "did you mean `{near}`?")
}
