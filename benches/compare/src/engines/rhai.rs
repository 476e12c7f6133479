//! Rhai: each grant is an expression of its own, compiled beforehand; one scope a question.

use rhai::{AST, Scope};

use super::Engine;
use crate::question::{Answer, Limits, Question, rank};
use crate::support::grants::Grant;

pub struct Rhai {
    engine: rhai::Engine,
    /// With the role that each is for.
    rules: Vec<(usize, AST)>,
}

impl Rhai {
    pub fn new(grants: &[Grant]) -> Self {
        let engine = rhai::Engine::new();
        let rule = |&Grant { class, kind, role, order_max, cap }: &Grant| {
            let text = format!(
                "if issue_class == \"{class}\" && request_type == \"{kind}\" && order_amount <= {order_max}00 && proven \
                 {{ if order_amount / 2 < {cap}00 {{ order_amount / 2 }} else {{ {cap}00 }} }} else {{ -1 }}"
            );
            (rank(role), engine.compile_expression(text).expect("an expression"))
        };
        let rules = grants.iter().map(rule).collect();
        Self { engine, rules }
    }
}

impl Engine for Rhai {
    type Input = Question;

    fn input(&mut self, question: &Question) -> Question {
        *question
    }

    fn answer(&mut self, question: &Question) -> Answer {
        let mut scope = Scope::new();
        scope.push_constant("issue_class", question.class.to_owned());
        scope.push_constant("request_type", question.kind.to_owned());
        scope.push_constant("order_amount", question.amount);
        scope.push_constant("proven", question.proven);
        let mut limits = Limits::default();
        for (role, rule) in &self.rules {
            let limit: i64 = self.engine.eval_ast_with_scope(&mut scope, rule).expect("a value");
            if limit >= 0 {
                limits.grant(*role, limit);
            }
        }
        limits.answer(question)
    }
}
