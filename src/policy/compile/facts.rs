//! Derived facts: declared first, so that they may name each other, then checked in the order of their needs.

use std::collections::{BTreeSet, VecDeque};

use super::{Compiler, tables};
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};
use crate::expr::eval::{Derived, Table};
use crate::expr::syntax::{Kind, Syntax};
use crate::expr::typed::Term;
use crate::facts::{BUILT_IN, Fact, FactId, Origin, Schema, Type};
use crate::policy::decode::Spanned;
use crate::policy::files::{DefinitionEntry, FactsFile, HitPolicy, TableEntry};
use crate::policy::names::type_of;
use crate::policy::rules::{Output, QueueOrder};
use crate::policy::texts::Texts;
use crate::value::Value;

/// Derived facts, declared: their places in the schema are fixed, their definitions not yet checked.
#[derive(Debug)]
pub struct Declarations<'f> {
    pub facts: Vec<Declaration<'f>>,
    pub tables: Vec<&'f TableEntry>,
    pub outputs: Vec<FactId>,
}

#[derive(Debug)]
pub struct Declaration<'f> {
    pub id: FactId,
    pub path: String,
    pub at: &'f Span,
    pub ty: Type,
    pub source: DefinedBy<'f>,
}

#[derive(Debug, Clone, Copy)]
pub enum DefinedBy<'f> {
    Expression(&'f DefinitionEntry),
    /// A table, by its position, and which of its outputs.
    Table(usize, u16),
}

/// Adds every derived fact to the schema.
pub fn declare<'f>(
    files: &[&'f FactsFile],
    schema: &mut Schema,
    texts: &Texts<'_>,
    problems: &mut Problems,
) -> Declarations<'f> {
    let mut declared = Declarations { facts: Vec::new(), tables: Vec::new(), outputs: Vec::new() };
    for file in files {
        let group: &str = file.name.value.as_ref();
        let taken = BUILT_IN.iter().any(|fact| fact.path.split('.').next() == Some(group));
        if taken || matches!(group, "attributes" | "now" | "today" | "it" | "ceiling") || group.contains('-') {
            let message = both!("`{group}` 不能用作事实组的名字", "`{group}` can't name a group of facts");
            let help = both!(
                "换一个名字，只用小写字母、数字和下划线",
                "choose another, with lower-case letters, digits and `_` only"
            );
            problems.push(Diagnostic::error(codes::NAME_TAKEN, file.name.span.clone(), message).help(help));
            continue;
        }
        for entry in &file.define {
            let path = format!("{group}.{}", entry.id.value);
            let ty = type_of(&path, &entry.ty, &entry.values, schema, texts, problems);
            let title = texts.localized(&entry.title, problems);
            let fact = ty.map(|ty| Fact { path: path.as_str().into(), ty, title, origin: Origin::Derived, slope: 0 });
            let shown = entry.output.unwrap_or(entry.shown_when.is_some());
            declared.add(fact, path, &entry.id, DefinedBy::Expression(entry), shown, schema, problems);
        }
        for table in &file.tables {
            let number = declared.tables.len();
            declared.tables.push(table);
            texts.localized(&table.title, problems);
            for (position, output) in (0_u16..).zip(&table.outputs) {
                let path = format!("{group}.{}", output.id.value);
                let of = type_of(&path, &output.ty, &output.values, schema, texts, problems);
                let ty = of.map(|of| if table.hit == Some(HitPolicy::Collect) { Type::list(of) } else { of });
                let title = texts.localized(&output.title, problems);
                let fact =
                    ty.map(|ty| Fact { path: path.as_str().into(), ty, title, origin: Origin::Derived, slope: 0 });
                let shown = output.output.unwrap_or(false);
                declared.add(fact, path, &output.id, DefinedBy::Table(number, position), shown, schema, problems);
            }
        }
    }
    declared
}

impl<'f> Declarations<'f> {
    #[allow(clippy::too_many_arguments, reason = "a private step of `declare` with everything it has at hand")]
    fn add<T: AsRef<str>>(
        &mut self,
        fact: Option<Fact>,
        path: String,
        written: &'f Spanned<T>,
        source: DefinedBy<'f>,
        shown: bool,
        schema: &mut Schema,
        problems: &mut Problems,
    ) {
        let Some(fact) = fact else { return };
        let ty = fact.ty.clone();
        if written.value.as_ref().contains('-') {
            let message = both!("事实的名字不能用 `-`", "a fact's name can't have `-` in it");
            let help = both!("改用下划线 `_`", "use `_` instead");
            problems.push(Diagnostic::error(codes::WRONG_FORM, written.span.clone(), message).help(help));
            return;
        }
        let below = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('.'));
        let group = schema.facts().iter().find(|known| below(&known.path, &path) || below(&path, &known.path));
        if let Some(group) = group {
            let other = &group.path;
            let message = both!("`{path}` 与 `{other}` 不能并存", "`{path}` and `{other}` can't both be facts");
            let help = both!("一个名字不能既是事实又是一组事实", "a name is one fact or a group of facts, not both");
            problems.push(Diagnostic::error(codes::NAME_TAKEN, written.span.clone(), message).help(help));
            return;
        }
        match schema.add_fact(fact) {
            Some(id) => {
                self.facts.push(Declaration { id, path, at: &written.span, ty, source });
                if shown {
                    self.outputs.push(id);
                }
            }
            None => {
                let message = both!("`{path}` 重复了", "`{path}` is declared twice");
                problems.push(Diagnostic::error(codes::DUPLICATE_ID, written.span.clone(), message));
            }
        }
    }

    /// The declarations, each after those that it needs; an error for each that needs itself.
    fn in_order(&self, needs: &[BTreeSet<usize>], problems: &mut Problems) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.facts.len());
        let mut placed = vec![false; self.facts.len()];
        while order.len() < self.facts.len() {
            let ready = |at: &usize| {
                let free = placed.get(*at) == Some(&false);
                free && needs.get(*at).is_some_and(|needs| needs.iter().all(|need| placed.get(*need) == Some(&true)))
            };
            let Some(next) = (0..self.facts.len()).find(ready) else { break };
            if let Some(flag) = placed.get_mut(next) {
                *flag = true;
            }
            order.push(next);
        }
        for (at, declaration) in self.facts.iter().enumerate() {
            let Some(way) = way_back(at, needs) else { continue };
            let path = &declaration.path;
            let names: Vec<&str> = way.iter().filter_map(|at| self.facts.get(*at)).map(|fact| &*fact.path).collect();
            let way = names.join("` → `");
            let message = both!("`{path}` 的计算绕了一圈又用到它自己", "`{path}` is computed from itself in a circle");
            let help = both!("这一圈是：`{way}`", "the circle is `{way}`");
            problems.push(Diagnostic::error(codes::CYCLE, declaration.at.clone(), message).help(help));
        }
        order
    }
}

/// The shortest way from a declaration over what it needs back to itself.
fn way_back(start: usize, needs: &[BTreeSet<usize>]) -> Option<Vec<usize>> {
    let mut from: Vec<Option<usize>> = vec![None; needs.len()];
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for need in needs.get(at)? {
            if *need == start {
                let mut way = vec![start, at];
                while let Some(before) = way.last().filter(|last| **last != start).and_then(|last| *from.get(*last)?) {
                    way.push(before);
                }
                way.reverse();
                return Some(way);
            }
            if let Some(place @ None) = from.get_mut(*need) {
                *place = Some(at);
                queue.push_back(*need);
            }
        }
    }
    None
}

/// Which declarations each declaration needs, from the names in its text.
fn needs(declared: &Declarations<'_>) -> Vec<BTreeSet<usize>> {
    let mut needs = Vec::with_capacity(declared.facts.len());
    for declaration in &declared.facts {
        let mut paths = BTreeSet::new();
        match declaration.source {
            DefinedBy::Expression(entry) => {
                if let Ok(syntax) = crate::script::parse_expression(entry.value.text()) {
                    collect(&syntax, &mut paths);
                }
            }
            DefinedBy::Table(table, output) => {
                // Each result is computed on its own, from its own column.
                if let Some(table) = declared.tables.get(table) {
                    let outputs = table.rows.iter().filter_map(|row| row.then.get(usize::from(output)));
                    let texts = table.inputs.iter().chain(outputs);
                    let cells = table.rows.iter().flat_map(|row| row.when.iter());
                    let of_texts = texts.filter_map(|text| crate::script::parse_expression(text.text()).ok());
                    let of_cells = cells.flat_map(|cell| tables::cells::expressions(cell.text()));
                    of_texts.chain(of_cells).for_each(|syntax| collect(&syntax, &mut paths));
                }
            }
        }
        let found = declared.facts.iter().enumerate().filter(|(_, other)| paths.contains(&other.path));
        needs.push(found.map(|(at, _)| at).collect());
    }
    needs
}

/// Every dotted path in an expression.
fn collect(syntax: &Syntax, paths: &mut BTreeSet<String>) {
    if let Some(path) = path(syntax) {
        paths.insert(path);
    }
    match &syntax.kind {
        Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Name(_) | Kind::Parameter(_) => {}
        Kind::Field(inner, _) | Kind::Not(inner) | Kind::Negate(inner) => collect(inner, paths),
        Kind::Index(left, right) | Kind::Binary(_, left, right) => {
            collect(left, paths);
            collect(right, paths);
        }
        Kind::Call(_, parts) | Kind::List(parts) => parts.iter().for_each(|part| collect(part, paths)),
        Kind::If(condition, then, otherwise) => {
            for part in [condition, then, otherwise] {
                collect(part, paths);
            }
        }
    }
}

fn path(syntax: &Syntax) -> Option<String> {
    if let Kind::Field(inner, name) = &syntax.kind {
        return path(inner).map(|inner| format!("{inner}.{name}"));
    }
    if let Kind::Name(name) = &syntax.kind { Some(name.clone()) } else { None }
}

/// The order in which to check the definitions.
pub fn order(declared: &Declarations<'_>, problems: &mut Problems) -> Vec<usize> {
    declared.in_order(&needs(declared), problems)
}

/// Checks one definition: its term, and how it moves with the clock.
pub fn define(declaration: &Declaration<'_>, compiler: &mut Compiler<'_>) -> (Term, i8) {
    match declaration.source {
        DefinedBy::Table(table, output) => (Term::Table { table, output }, 0),
        DefinedBy::Expression(entry) => match compiler.term(&entry.value, Some(&declaration.ty), &[]) {
            Some(typed) => {
                if typed.slope != 0 && entry.output == Some(true) {
                    let message = both!("命名结果不能随时间每刻变化", "a named output can't change with every moment");
                    let help =
                        both!("输出截止时间，而不是剩余时长", "give the time it is due, not the time that is left");
                    compiler.problems.push(
                        Diagnostic::error(codes::UNFORESEEABLE_TIME, entry.value.span().clone(), message).help(help),
                    );
                }
                (typed.term, typed.slope)
            }
            None => (Term::Const(Value::Unknown), 0),
        },
    }
}

/// Checks the tables.
pub fn tables(declared: &Declarations<'_>, definitions: &[Option<Derived>], compiler: &mut Compiler<'_>) -> Vec<Table> {
    declared.tables.iter().map(|table| tables::table(table, declared, definitions, compiler)).collect()
}

/// The named results, each with the conditions under which it is given.
pub fn outputs(declared: &Declarations<'_>, compiler: &mut Compiler<'_>) -> Vec<Output> {
    let when = |fact: &FactId| {
        let declaration = declared.facts.iter().find(|declaration| declaration.id == *fact);
        match declaration.map(|declaration| declaration.source) {
            Some(DefinedBy::Expression(entry)) => entry.shown_when.as_ref(),
            Some(DefinedBy::Table(..)) | None => None,
        }
    };
    let outputs = declared.outputs.iter().map(|fact| {
        let lines = when(fact).into_iter().flat_map(|lines| lines.iter());
        Output { fact: *fact, when: lines.filter_map(|line| compiler.line(line)).collect() }
    });
    outputs.collect()
}

/// The one fact that orders the queue, and how close together times count as the same.
pub fn queue<'f>(declared: &Declarations<'f>, compiler: &mut Compiler<'_>) -> Option<QueueOrder> {
    let order = |declaration: &Declaration<'f>| match declaration.source {
        DefinedBy::Expression(entry) => entry.orders_queue.as_ref(),
        DefinedBy::Table(..) => None,
    };
    let mut found = declared.facts.iter().filter_map(|declaration| Some((declaration, order(declaration)?)));
    let (first, entry) = found.next()?;
    let within = compiler.fixed_length(&entry.within);
    let problems = &mut *compiler.problems;
    if first.ty != Type::Number {
        let path = &first.path;
        let message =
            both!("`{path}` 用来排队，类型要是 `number`", "`{path}` orders the queue, so it must be a number");
        problems.push(Diagnostic::error(codes::TYPE_MISMATCH, first.at.clone(), message));
    }
    for (again, _) in found {
        let (path, other) = (&again.path, &first.path);
        let message =
            both!("排队只能看一项，已经有 `{other}`", "`{other}` orders the queue already, so `{path}` can't");
        let problem = Diagnostic::error(codes::DUPLICATE_ID, again.at.clone(), message);
        problems.push(problem.related(first.at.clone(), both!("第一次在这里", "first used here")));
    }
    Some(QueueOrder { urgency: first.id, within: within? })
}
