//! Authority, guards, evidence, timers, duties and routes.

use super::Compiler;
use crate::both;
use crate::diagnostic::{Diagnostic, codes};
use crate::expr::typed::Term;
use crate::facts::Type;
use crate::policy::decode::{DurationText, Spanned};
use crate::policy::files::{
    AuthorityFile, DutiesFile, DutyEntry, EvidenceFile, GrantEntry, GuardsFile, LengthEntry, RouteEntry, StepEntry,
    TimerEntry, TimersFile,
};
use crate::policy::rules::{
    Amount, Bound, Duty, Grant, Guard, Length, Requirement, Route, Rule, Step, StepTime, Timer,
};
use crate::value::{Duration, Symbol, Value};

/// Routes that are no roles.
const OTHER_ROUTES: [&str; 2] = ["automatic", "platform"];

impl Compiler<'_> {
    /// The grants of a file, each with the actions it is for.
    pub fn authority(&mut self, file: &AuthorityFile) -> Vec<(Box<[Symbol]>, Grant)> {
        let prefix = format!("authority.{}", file.name.value);
        let given = file.already_given.as_ref().and_then(|given| self.amount(given, &Type::Money, &[]));
        let shared = file.action.as_ref().map(|names| self.all_named("action", names));
        file.grants.iter().filter_map(|entry| self.grant(&prefix, entry, shared.as_deref(), given.as_ref())).collect()
    }

    fn grant(
        &mut self,
        prefix: &str,
        entry: &GrantEntry,
        shared: Option<&[Symbol]>,
        given: Option<&Amount>,
    ) -> Option<(Box<[Symbol]>, Grant)> {
        let rule = self.rule(prefix, entry);
        let own = entry.action.as_ref().map(|names| self.all_named("action", names));
        let role = self.named("role", &entry.role);
        let bounds = entry.up_to.as_deref().unwrap_or_default();
        let up_to: Vec<Option<Bound>> = bounds.iter().map(|sum| self.sum(sum, &[]).map(Bound::new)).collect();
        let actions = own.or_else(|| shared.map(Into::into));
        if actions.is_none() {
            let message = both!("没有写针对哪个操作", "no action is named");
            let help = both!(
                "在文件开头或这条授权里写 `action: …`",
                "write `action: …` at the head of the file or in this grant"
            );
            self.problems.push(Diagnostic::error(codes::MISSING_KEY, entry.id.span.clone(), message).help(help));
        }
        let up_to = up_to.into_iter().collect::<Option<Box<[Bound]>>>()?;
        Some((actions?, Grant { rule, role: role?, up_to, already_given: given.cloned() }))
    }

    pub fn guards(&mut self, file: &GuardsFile) -> Vec<Guard> {
        let prefix = format!("guards.{}", file.name.value);
        let guard = |entry: &crate::policy::files::GuardEntry| Guard {
            rule: self.rule(&prefix, entry),
            forbids: self.all_named("action", &entry.forbid),
        };
        file.rules.iter().map(guard).collect()
    }

    pub fn evidence(&mut self, file: &EvidenceFile) -> Vec<Requirement> {
        let prefix = format!("evidence.{}", file.name.value);
        let mut requirements = Vec::new();
        for entry in &file.requirements {
            let rule = self.rule(&prefix, entry);
            let actions = entry.before.as_ref().map(|names| self.all_named("action", names)).unwrap_or_default();
            if let Some(satisfied) = self.line(&entry.satisfied) {
                requirements.push(Requirement { rule, actions, satisfied });
            }
        }
        requirements
    }

    pub fn timers(&mut self, file: &TimersFile) -> Vec<Timer> {
        let prefix = format!("timers.{}", file.name.value);
        file.rules.iter().filter_map(|entry| self.timer(&prefix, entry)).collect()
    }

    fn timer(&mut self, prefix: &str, entry: &TimerEntry) -> Option<Timer> {
        let rule = self.rule(prefix, entry);
        let start = self.amount(&entry.start, &Type::Instant, &[]);
        let done = entry.done.as_deref().unwrap_or_default().iter().filter_map(|line| self.line(line)).collect();
        let steps = entry.steps.iter().filter_map(|step| self.step(&rule, step)).collect();
        let length = match (&entry.length, &entry.until) {
            (Some(length), None) => self.length(length, entry),
            (None, Some(until)) => self.term(until, Some(&Type::Instant), &[]).map(|typed| Length::Until(typed.term)),
            _ => {
                let message = both!(
                    "`length` 和 `until` 要写且只写一个",
                    "write either `length` or `until`, and only one of them"
                );
                self.problems.push(Diagnostic::error(codes::MISSING_KEY, entry.id.span.clone(), message));
                None
            }
        };
        Some(Timer { rule, start: start?, length: length?, done, steps })
    }

    fn length(&mut self, length: &LengthEntry, entry: &TimerEntry) -> Option<Length> {
        match length {
            LengthEntry::Elapsed(text) => self.length_of_time(text).map(Length::Elapsed),
            LengthEntry::WorkingDays(days) => {
                let calendar = self.calendar(days.calendar.as_ref(), &entry.span);
                let term = self.term(&days.working_days, Some(&Type::Number), &[]);
                Some(Length::WorkingDays { calendar: calendar?, days: term?.term })
            }
            LengthEntry::Business(business) => {
                let calendar = self.calendar(business.calendar.as_ref(), &entry.span);
                let length = self.length_of_time(&business.business);
                Some(Length::Business { calendar: calendar?, length: length? })
            }
        }
    }

    fn length_of_time(&mut self, text: &DurationText) -> Option<Term> {
        match text {
            DurationText::Written(length) => Some(Term::Const(Value::Duration(*length))),
            DurationText::Computed(text) => self.term(text, Some(&Type::Duration), &[]).map(|typed| typed.term),
        }
    }

    /// A length of time that is the same for every case.
    pub fn fixed_length(&mut self, text: &Spanned<DurationText>) -> Option<Duration> {
        let term = self.length_of_time(&text.value)?;
        let Term::Const(Value::Duration(length)) = term else {
            // A parameter whose own value is wrong is unknown here, and told where it stands.
            if term != Term::Const(Value::Unknown) {
                let message = both!("这里的时长不能随个案变化", "a length of time here can't depend on the case");
                let help = both!("写 `24h`、`$参数` 或两者之和", "write `24h`, `$parameter` or a sum of such");
                self.problems.push(Diagnostic::error(codes::WRONG_FORM, text.span.clone(), message).help(help));
            }
            return None;
        };
        if length.0 < 0 {
            let message = both!("时长不能为负", "a length of time here can't be negative");
            self.problems.push(Diagnostic::error(codes::OUT_OF_RANGE, text.span.clone(), message));
            return None;
        }
        Some(length)
    }

    fn step(&mut self, timer: &Rule, entry: &StepEntry) -> Option<Step> {
        let when = self.step_rule(timer, entry.id.value.as_ref(), entry.when.as_ref(), &entry.id.span);
        let mut timed = |length: &Option<Spanned<DurationText>>, time: fn(Duration) -> StepTime| {
            length.as_ref().map(|length| self.fixed_length(length).map(time))
        };
        let times = [
            timed(&entry.after, StepTime::After),
            timed(&entry.before, StepTime::Before),
            timed(&entry.every, StepTime::Every),
            entry.expired.filter(|expired| *expired).map(|_| Some(StepTime::Expired)),
        ];
        let times: Vec<Option<StepTime>> = times.into_iter().flatten().collect();
        let [at] = times.as_slice() else {
            let message = both!(
                "`after`、`before`、`every`、`expired: true` 要写且只写一个",
                "write exactly one of `after`, `before`, `every` and `expired: true`"
            );
            self.problems.push(Diagnostic::error(codes::MISSING_KEY, entry.id.span.clone(), message));
            return None;
        };
        let at = (*at)?;
        if let (StepTime::Every(Duration(every)), Some(written)) = (at, &entry.every)
            && every < 60 * crate::value::SECOND
        {
            let message = both!("间隔不能短于一分钟", "it can't repeat more often than every minute");
            self.problems.push(Diagnostic::error(codes::OUT_OF_RANGE, written.span.clone(), message));
        }
        Some(Step {
            id: entry.id.value.as_ref().into(),
            at,
            when,
            action: self.message(&entry.action),
            who: entry.who.as_ref().and_then(|who| self.named("role", who)),
            channel: entry.channel.as_ref().and_then(|channel| self.named("channel", channel)),
        })
    }

    pub fn duties(&mut self, file: &DutiesFile) -> (Vec<Duty>, Vec<Route>) {
        let prefix = format!("duties.{}", file.name.value);
        let duties = file.rules.iter().map(|entry| self.duty(&prefix, entry)).collect();
        let routes = file.routes.iter().filter_map(|entry| self.route(&prefix, entry)).collect();
        (duties, routes)
    }

    fn duty(&mut self, prefix: &str, entry: &DutyEntry) -> Duty {
        let fields = entry.fields.iter().flat_map(|fields| fields.iter());
        let fields: Vec<_> = fields
            .filter_map(|(name, text)| {
                let typed = self.term(text, None, &[])?;
                Some((name.value.as_ref().into(), typed.term, typed.ty))
            })
            .collect();
        Duty {
            rule: self.rule(prefix, entry),
            actions: entry.with.as_ref().map(|names| self.all_named("action", names)).unwrap_or_default(),
            channel: entry.channel.as_ref().and_then(|channel| self.named("channel", channel)),
            notify: entry.notify.as_ref().and_then(|role| self.named("role", role)),
            due: entry.due.as_ref().and_then(|due| self.fixed_length(due)),
            fields: fields.into(),
        }
    }

    fn route(&mut self, prefix: &str, entry: &RouteEntry) -> Option<Route> {
        let rule = self.rule(prefix, entry);
        let to: &str = entry.to.value.as_ref();
        if !OTHER_ROUTES.contains(&to) {
            self.named("role", &entry.to)?;
        }
        Some(Route { rule, to: to.into() })
    }
}
