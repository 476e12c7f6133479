//! What both answers carry: reasons, absent facts, evidence, duties, failures and traces.

use super::{Writer, own_name, values};
use crate::both;
use crate::decide::answer;
use crate::expr::eval::Failure;
use crate::expr::inspect::Missing;
use crate::facts::{Fact, Field, Type};
use crate::policy::rules::Rule;
use crate::rpc::proto::redress::v1 as wire;
use crate::text::Bilingual;
use crate::value::Truth;

impl Writer<'_> {
    pub(super) fn reason(&self, reason: &answer::Reason<'_>) -> wire::Reason {
        // Where there are no words beside it, the engine gives the rule's title, which is there already.
        let title = reason.rule.title.get(self.locale);
        let message = if reason.text == title { String::new() } else { reason.text.to_string() };
        wire::Reason { message, ..self.reason_of(reason.rule) }
    }

    pub(super) fn reasons(&self, reasons: &[answer::Reason<'_>]) -> Vec<wire::Reason> {
        reasons.iter().map(|reason| self.reason(reason)).collect()
    }

    /// A rule whose words were not asked for.
    pub(super) fn reason_of(&self, rule: &Rule) -> wire::Reason {
        wire::Reason {
            rule: rule.id.to_string(),
            title: rule.title.get(self.locale).to_owned(),
            message: String::new(),
            location: Some(location(rule, rule.at.line)),
            implements: rule.implements.iter().map(ToString::to_string).collect(),
        }
    }

    pub(super) fn missing(&self, missing: &[answer::MissingFact<'_>]) -> Vec<wire::MissingFact> {
        missing.iter().map(|missing| self.missing_fact(missing)).collect()
    }

    fn missing_fact(&self, missing: &answer::MissingFact<'_>) -> wire::MissingFact {
        let ty = self.missing_parts(missing.missing).map(|(fact, field)| field.map_or(&fact.ty, |field| &field.ty));
        wire::MissingFact {
            path: self.missing_path(missing.missing),
            title: self.missing_title(missing.missing),
            why: self.needed_for(&missing.rules),
            rules: missing.rules.iter().map(|rule| rule.id.to_string()).collect(),
            allowed_values: ty.map(|ty| self.allowed_values(ty)).unwrap_or_default(),
        }
    }

    fn missing_parts(&self, missing: Missing) -> Option<(&Fact, Option<&Field>)> {
        let schema = self.bundle.schema();
        let fact = schema.fact(missing.fact)?;
        let field = missing.field.and_then(|(of, field)| schema.record(of)?.fields.get(usize::from(field)));
        Some((fact, field))
    }

    /// `order.amount`; a field of the records in a list is `order.items[].unit_price`.
    pub(super) fn missing_path(&self, missing: Missing) -> String {
        match self.missing_parts(missing) {
            None => String::new(),
            Some((fact, None)) => fact.path.to_string(),
            Some((fact, Some(field))) if matches!(fact.ty, Type::List(_)) => format!("{}[].{}", fact.path, field.name),
            Some((fact, Some(field))) => format!("{}.{}", fact.path, field.name),
        }
    }

    pub(super) fn missing_paths(&self, missing: &[Missing]) -> Vec<String> {
        missing.iter().map(|missing| self.missing_path(*missing)).collect()
    }

    pub(super) fn missing_title(&self, missing: Missing) -> String {
        match self.missing_parts(missing) {
            None => String::new(),
            Some((fact, None)) => fact.title.get(self.locale).to_owned(),
            Some((fact, Some(field))) => {
                let (fact, field) = (fact.title.get(self.locale), field.title.get(self.locale));
                if self.is_chinese() { format!("{fact}：{field}") } else { format!("{fact}: {field}") }
            }
        }
    }

    /// The first few rules that ask for a fact, by title.
    fn needed_for(&self, rules: &[&Rule]) -> String {
        const NAMED_MAX: usize = 3;
        let titles: Vec<&str> = rules.iter().take(NAMED_MAX).map(|rule| rule.title.get(self.locale)).collect();
        let more = if rules.len() > NAMED_MAX { "…" } else { "" };
        match (titles.is_empty(), self.is_chinese()) {
            (true, _) => String::new(),
            (false, true) => format!("用于判断：{}{more}", titles.join("；")),
            (false, false) => format!("needed for: {}{more}", titles.join("; ")),
        }
    }

    fn allowed_values(&self, ty: &Type) -> Vec<wire::AllowedValue> {
        match ty {
            Type::Enum(of) => {
                let members = self.bundle.schema().enumeration(*of).into_iter().flat_map(|of| &of.members);
                let allowed = |member: &crate::facts::Member| wire::AllowedValue {
                    name: member.id.to_string(),
                    title: member.title.get(self.locale).to_owned(),
                };
                members.map(allowed).collect()
            }
            Type::List(of) => self.allowed_values(of),
            Type::Bool
            | Type::Number
            | Type::Money
            | Type::Text
            | Type::Instant
            | Type::Date
            | Type::Duration
            | Type::Record(_)
            | Type::Map(_)
            | Type::Pair(_) => Vec::new(),
        }
    }

    pub(super) fn evidence(&self, evidence: &[answer::EvidenceAnswer<'_>]) -> Vec<wire::EvidenceRequirement> {
        let requirement = |evidence: &answer::EvidenceAnswer<'_>| {
            let state = match evidence.satisfied {
                Truth::True => wire::EvidenceState::Present,
                Truth::False => wire::EvidenceState::Missing,
                Truth::Unknown => wire::EvidenceState::Unknown,
            };
            wire::EvidenceRequirement {
                id: own_name(evidence.rule).to_owned(),
                title: evidence.text.to_string(),
                state: state.into(),
                because: Some(self.reason_of(evidence.rule)),
            }
        };
        evidence.iter().map(requirement).collect()
    }

    pub(super) fn duties(&self, duties: &[answer::DutyAnswer<'_>]) -> Vec<wire::Duty> {
        let (schema, currency) = (self.bundle.schema(), &self.bundle.manifest().currency);
        let duty = |duty: &answer::DutyAnswer<'_>| wire::Duty {
            id: own_name(duty.rule).to_owned(),
            title: duty.text.to_string(),
            channel: self.channel(duty.channel),
            due_at: duty.due.map(values::timestamp),
            fields: duty
                .fields
                .iter()
                .map(|(name, value, ty)| ((*name).to_owned(), values::value(value, ty, schema, currency)))
                .collect(),
            because: Some(self.reason_of(duty.rule)),
            notify: self.role(duty.notify).0,
        };
        duties.iter().map(duty).collect()
    }

    pub(super) fn failures(&self, failed: &[answer::FailedRule<'_>]) -> Vec<wire::Failure> {
        let failure = |failed: &answer::FailedRule<'_>| {
            let at_rule = failed.rule.map(|rule| location(rule, rule.at.line));
            let (function, in_script) = match &failed.failure {
                Failure::Script(script) => {
                    let source = self.bundle.sources().get(script.source);
                    let at = source.map(|source| wire::SourceLocation {
                        file: source.path().to_owned(),
                        line: values::number(script.line),
                        column: values::number(script.column),
                    });
                    (script.function.clone(), at)
                }
                Failure::Overflow
                | Failure::DivisionByZero
                | Failure::OutsideCalendar { .. }
                | Failure::SeveralRows { .. }
                | Failure::NoRow { .. } => (String::new(), None),
            };
            wire::Failure {
                rule: failed.rule.map_or_else(String::new, |rule| rule.id.to_string()),
                message: describe(&failed.failure).get(self.language).to_owned(),
                location: in_script.or(at_rule),
                function,
            }
        };
        failed.iter().map(failure).collect()
    }

    /// Those of the call, and what is to be known of the answer.
    pub(super) fn warnings(&self, mut warnings: Vec<wire::Warning>, common: &answer::Common<'_>) -> Vec<wire::Warning> {
        warnings.extend(common.outside.iter().map(|calendar| {
            let (name, (from, until)) = (&calendar.name, calendar.covers);
            let said = both!(
                "日历 `{name}` 只到 {until}（从 {from} 起），超出的日子算不出来",
                "the calendar `{name}` ends on {until} (it begins on {from}): beyond, no day can be told"
            );
            let message = said.get(self.language).to_owned();
            wire::Warning { code: "OUTSIDE_CALENDAR".to_owned(), message, rule: String::new() }
        }));
        warnings.extend(common.expecting.iter().map(|calendar| {
            let years: Vec<String> = calendar.expected_years.iter().map(ToString::to_string).collect();
            let (name, years) = (&calendar.name, years.join(", "));
            let said = both!(
                "日历 `{name}` 里 {years} 年的假期是推算的，还没有官方通知；公布调休后，按工作日算的时间可能变",
                "the holidays of {years} in the calendar `{name}` are expected, not official: what is counted in working \
                 days may change once they are announced"
            );
            let message = said.get(self.language).to_owned();
            wire::Warning { code: "EXPECTED_HOLIDAYS".to_owned(), message, rule: String::new() }
        }));
        warnings
    }

    pub(super) fn trace(&self, trace: &[answer::RuleTrace<'_>]) -> Vec<wire::RuleTrace> {
        let rule = |traced: &answer::RuleTrace<'_>| wire::RuleTrace {
            rule: traced.rule.id.to_string(),
            title: traced.rule.title.get(self.locale).to_owned(),
            location: Some(location(traced.rule, traced.rule.at.line)),
            outcome: outcome(traced.outcome).into(),
            conditions: traced.conditions.iter().map(|condition| self.condition(traced.rule, condition)).collect(),
            in_force: traced.effective,
        };
        trace.iter().map(rule).collect()
    }

    fn condition(&self, rule: &Rule, condition: &answer::ConditionTrace<'_>) -> wire::ConditionTrace {
        let (schema, currency) = (self.bundle.schema(), &self.bundle.manifest().currency);
        let facts = condition.facts.iter().filter_map(|(id, value)| {
            let fact = schema.fact(*id)?;
            Some(wire::FactValue {
                path: fact.path.to_string(),
                title: fact.title.get(self.locale).to_owned(),
                value: Some(values::value(value, &fact.ty, schema, currency)),
            })
        });
        wire::ConditionTrace {
            text: condition.text.to_owned(),
            outcome: outcome(condition.outcome).into(),
            facts: facts.collect(),
            location: Some(location(rule, condition.line)),
            alternative: condition.alternative,
        }
    }
}

fn location(rule: &Rule, line: usize) -> wire::SourceLocation {
    wire::SourceLocation { file: rule.at.file.to_string(), line: values::number(line), column: 0 }
}

fn outcome(truth: Truth) -> wire::Outcome {
    match truth {
        Truth::True => wire::Outcome::True,
        Truth::False => wire::Outcome::False,
        Truth::Unknown => wire::Outcome::Unknown,
    }
}

fn describe(failure: &Failure) -> Bilingual {
    match failure {
        Failure::Script(script) => {
            let (function, zh, en) = (&script.function, &script.message.zh, &script.message.en);
            both!("函数 `{function}` 失败：{zh}", "the function `{function}` failed: {en}")
        }
        Failure::Overflow => both!("计算结果超出范围", "a result is out of range"),
        Failure::DivisionByZero => both!("除数为零", "a division by zero"),
        Failure::OutsideCalendar { calendar } => {
            both!("日期超出日历 `{calendar}` 的范围", "a date lies outside the calendar `{calendar}`")
        }
        Failure::SeveralRows { table } => both!(
            "决策表 `{table}` 只应命中一行，却命中了多行",
            "several rows of the table `{table}` fit, where only one should"
        ),
        Failure::NoRow { table } => both!("决策表 `{table}` 没有一行符合", "no row of the table `{table}` fits"),
    }
}
