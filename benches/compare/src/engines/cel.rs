//! CEL: each grant is a program of its own, compiled beforehand; the functions are kept, the variables are a question's.

use cel::{Context, Program, Value};

use super::Engine;
use crate::question::{Answer, Limits, Question, rank};
use crate::support::grants::Grant;

pub struct Cel {
    functions: Context<'static, 'static>,
    /// With the role that each is for.
    rules: Vec<(usize, Program)>,
}

impl Cel {
    pub fn new(grants: &[Grant]) -> Self {
        let rule = |&Grant { class, kind, role, order_max, cap }: &Grant| {
            let text = format!(
                "issue_class == '{class}' && request_type == '{kind}' && order_amount <= {order_max}00 && proven \
                 ? (order_amount / 2 < {cap}00 ? order_amount / 2 : {cap}00) : -1"
            );
            (rank(role), Program::compile(&text).expect("an expression"))
        };
        Self { functions: Context::default(), rules: grants.iter().map(rule).collect() }
    }
}

impl Engine for Cel {
    type Input = Question;

    fn input(&mut self, question: &Question) -> Question {
        *question
    }

    fn answer(&mut self, question: &Question) -> Answer {
        let mut asked = self.functions.new_inner_scope();
        asked.add_variable_from_value("issue_class", question.class);
        asked.add_variable_from_value("request_type", question.kind);
        asked.add_variable_from_value("order_amount", question.amount);
        asked.add_variable_from_value("proven", question.proven);
        let mut limits = Limits::default();
        for (role, rule) in &self.rules {
            match rule.execute(&asked).expect("a value") {
                Value::Int(limit) if limit >= 0 => limits.grant(*role, limit),
                Value::Int(_) => {}
                other => panic!("{other:?} is no amount"),
            }
        }
        limits.answer(question)
    }
}
