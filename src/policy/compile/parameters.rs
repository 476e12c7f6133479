//! Parameters: what they are, their values in one variant of the bundle, and whether those are allowed.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::in_range;
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};
use crate::expr::check::{Parameter, suggestion};
use crate::facts::Type;
use crate::policy::decode::{Decode, Id};
use crate::policy::files::{ParameterEntry, ParameterType, ParametersFile};
use crate::policy::texts::Texts;
use crate::source::tree::Node;
use crate::text::Localized;
use crate::value::{Duration, Value};

/// A parameter as the bundle declares it.
#[derive(Debug, Clone)]
pub struct Declared {
    pub name: Box<str>,
    pub title: Localized,
    pub ty: ParameterType,
    pub range: Option<(Value, Value)>,
    pub at: Span,
    pub value: Value,
}

/// Every parameter of the bundle's own files.
pub fn declared(files: &[&ParametersFile], texts: &Texts<'_>, problems: &mut Problems) -> Vec<Declared> {
    let mut declared: Vec<Declared> = Vec::new();
    for entry in files.iter().flat_map(|file| &file.values) {
        let name: &str = entry.id.value.as_ref();
        if let Some(first) = declared.iter().find(|known| &*known.name == name) {
            let message = both!("参数 `{name}` 重复了", "the parameter `{name}` is declared twice");
            let problem = Diagnostic::error(codes::DUPLICATE_ID, entry.id.span.clone(), message);
            problems.push(problem.related(first.at.clone(), both!("第一次在这里", "first declared here")));
            continue;
        }
        declared.push(declare(entry, texts, problems));
    }
    declared
}

/// One whose value can't be read is declared all the same, with an unknown value: nothing is wrong where it is used.
fn declare(entry: &ParameterEntry, texts: &Texts<'_>, problems: &mut Problems) -> Declared {
    let title = texts.localized(&entry.title, problems);
    if let Some(why) = &entry.why {
        texts.localized(why, problems);
    }
    let value = read(entry.ty, &entry.value, problems);
    let range = entry.range.as_ref().and_then(|range| {
        let (min, max) = (read(entry.ty, &range.min, problems), read(entry.ty, &range.max, problems));
        Some((min?, max?))
    });
    let declared = Declared {
        name: entry.id.value.as_ref().into(),
        title,
        ty: entry.ty,
        range,
        at: entry.id.span.clone(),
        value: value.unwrap_or_default(),
    };
    check_range(&declared, &declared.value, &entry.value.span, problems);
    declared
}

fn check_range(declared: &Declared, value: &Value, at: &Span, problems: &mut Problems) {
    let Some((min, max)) = &declared.range else { return };
    if !value.is_unknown() && !in_range(value, min, max) {
        let (name, min, max) = (&declared.name, written(min), written(max));
        let message = both!("`{name}` 只能在 {min} 到 {max} 之间", "`{name}` must be from {min} to {max}");
        problems.push(Diagnostic::error(codes::OUT_OF_RANGE, at.clone(), message));
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::Number(value) | Value::Money(value) => value.to_string(),
        Value::Duration(Duration(nanos)) => {
            let minutes = nanos.checked_div(60_000_000_000).unwrap_or_default();
            if minutes.checked_rem(60) == Some(0) {
                format!("{}h", minutes.checked_div(60).unwrap_or_default())
            } else {
                format!("{minutes}m")
            }
        }
        Value::Unknown
        | Value::Bool(_)
        | Value::Text(_)
        | Value::Symbol(_)
        | Value::Instant(_)
        | Value::Date(_)
        | Value::List(_)
        | Value::Record(_)
        | Value::Map(_) => String::new(),
    }
}

/// A value as it is written, of the type that its parameter has.
pub fn read(ty: ParameterType, node: &Node, problems: &mut Problems) -> Option<Value> {
    Some(match ty {
        ParameterType::Number | ParameterType::Percent => Value::Number(Decimal::decode(node, problems)?),
        ParameterType::Money => Value::Money(money(node, problems)?),
        ParameterType::Duration => Value::Duration(Duration::decode(node, problems)?),
        ParameterType::Text => Value::Text(String::decode(node, problems)?.into()),
        ParameterType::Texts => {
            let texts = Vec::<String>::decode(node, problems)?;
            Value::List(texts.into_iter().map(|text| Value::Text(text.into())).collect())
        }
        ParameterType::Bool => Value::Bool(bool::decode(node, problems)?),
    })
}

fn money(node: &Node, problems: &mut Problems) -> Option<Decimal> {
    let amount = Decimal::decode(node, problems)?;
    if amount.scale() > crate::value::SMALLEST_UNIT_DIGITS && amount.normalize().scale() > 2
        || amount.is_sign_negative()
    {
        let message = both!("金额最多精确到分，且不能为负", "an amount has at most two decimals and is not negative");
        problems.push(Diagnostic::error(codes::OUT_OF_RANGE, node.span.clone(), message));
        return None;
    }
    Some(amount)
}

/// The parameters' values, with those of overlays laid over them.
pub fn values(declared: &[Declared], overlays: &[&ParametersFile], problems: &mut Problems) -> Vec<Parameter> {
    let mut values: Vec<Parameter> = declared
        .iter()
        .map(|known| Parameter::new(known.name.clone(), type_of(known.ty), known.value.clone()))
        .collect();
    for (id, node) in overlays.iter().filter_map(|file| file.overrides.as_ref()).flat_map(|entries| entries.iter()) {
        let name: &str = Id::as_ref(&id.value);
        let Some(known) = declared.iter().find(|known| &*known.name == name) else {
            let message = both!("没有名为 `{name}` 的参数可以覆盖", "there is no parameter `{name}` to override");
            let problem = Diagnostic::error(codes::NOTHING_TO_OVERRIDE, id.span.clone(), message);
            let help = suggestion(name, declared.iter().map(|known| &*known.name));
            problems.push(help.into_iter().fold(problem, Diagnostic::help));
            continue;
        };
        let Some(value) = read(known.ty, node, problems) else { continue };
        check_range(known, &value, &node.span, problems);
        if let Some(parameter) = values.iter_mut().find(|parameter| parameter.name == known.name) {
            parameter.value = value;
        }
    }
    values
}

/// The parameters of the bundle and all its overlays, and which of them some expression reads.
#[derive(Debug, Default)]
pub struct Readings {
    declared: Vec<(Box<str>, Span)>,
    read: BTreeSet<Box<str>>,
}

impl Readings {
    /// Notes the parameters of one variant, once all its expressions are checked.
    pub fn note(&mut self, declared: &[Declared], values: &[Parameter]) {
        for known in declared {
            if !self.declared.iter().any(|(_, at)| *at == known.at) {
                self.declared.push((known.name.clone(), known.at.clone()));
            }
        }
        self.read.extend(values.iter().filter(|value| value.read.get()).map(|value| value.name.clone()));
    }

    /// Warns of those that nothing reads: whoever changes one expects an effect.
    pub fn warn(&self, problems: &mut Problems) {
        for (name, at) in self.declared.iter().filter(|(name, _)| !self.read.contains(name)) {
            let message = both!("没有任何规则用到参数 `{name}`", "nothing reads the parameter `{name}`");
            let help = both!(
                "在规则里写 `${name}` 来使用它，或者删去它",
                "write `${name}` in the rule that should follow it, or remove it"
            );
            problems.push(Diagnostic::warning(codes::UNREAD_PARAMETER, at.clone(), message).help(help));
        }
    }
}

pub fn type_of(ty: ParameterType) -> Type {
    match ty {
        ParameterType::Number | ParameterType::Percent => Type::Number,
        ParameterType::Money => Type::Money,
        ParameterType::Duration => Type::Duration,
        ParameterType::Text => Type::Text,
        ParameterType::Texts => Type::list(Type::Text),
        ParameterType::Bool => Type::Bool,
    }
}
