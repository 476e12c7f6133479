//! Cells of a decision table, from their text to a condition on `it`, the column's input.
//!
//! A cell is `_` or `-`, which fits anything, or alternatives between commas. An alternative is one test, several joined by
//! `&&`, or a condition that names `it`. Knows nothing of rows and other cells.

use std::ops::Range;

use crate::both;
use crate::diagnostic::codes;
use crate::expr::check::ExpressionProblem;
use crate::expr::syntax::{Kind, Operator, Syntax};
use crate::facts::Type;
use crate::script;

type Parsed<T> = Result<T, Vec<ExpressionProblem>>;

/// How comparisons are written, the longer before those they begin with.
const COMPARISONS: [(&str, Operator); 7] = [
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("=", Operator::Equal),
];

/// The condition on `it` that a cell of a column of type `ty` stands for; `None` if it fits anything.
pub fn condition(written: &str, ty: &Type) -> Parsed<Option<Syntax>> {
    if fits_anything(written) {
        return Ok(None);
    }
    let cell = Cell { written, ty };
    let mut problems = Vec::new();
    let mut alternatives = Vec::new();
    for alternative in cell.pieces(0..written.len(), ",") {
        match cell.alternative(alternative) {
            Ok(syntax) => alternatives.push(syntax),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(joined(Operator::Or, alternatives)) } else { Err(problems) }
}

/// Everything in a cell that may name a fact, for whoever asks what the table needs.
pub fn expressions(written: &str) -> Vec<Syntax> {
    if fits_anything(written) {
        return Vec::new();
    }
    let cell = Cell { written, ty: &Type::Number };
    let alternatives = cell.pieces(0..written.len(), ",").into_iter();
    alternatives.filter_map(|alternative| cell.alternative(alternative).ok()).collect()
}

pub fn fits_anything(written: &str) -> bool {
    matches!(written.trim(), "_" | "-")
}

/// A bare name such as `product.quality`.
pub fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic())
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && !text.contains("..")
}

struct Cell<'c> {
    written: &'c str,
    ty: &'c Type,
}

impl Cell<'_> {
    fn text(&self, range: &Range<usize>) -> &str {
        self.written.get(range.clone()).unwrap_or_default()
    }

    fn alternative(&self, range: Range<usize>) -> Parsed<Syntax> {
        if names_it(self.text(&range)) {
            return self.parse(range);
        }
        let tests: Vec<Syntax> =
            self.pieces(range.clone(), "&&").into_iter().map(|test| self.test(test)).collect::<Parsed<_>>()?;
        joined(Operator::And, tests).ok_or_else(Vec::new)
    }

    /// One test of the input: a branch, a comparison, a range, or a value to be equal to.
    fn test(&self, range: Range<usize>) -> Parsed<Syntax> {
        let text = self.text(&range);
        if let Some(at) = outside_quotes(text, "||") {
            let at = range.start.saturating_add(at);
            let message = both!("格里不写 `||`", "`||` is not written in a cell");
            let help = both!("“或”写 `,`，例如 `<= 5, > 9`", "write `,` for “or”, as in `<= 5, > 9`");
            let span = at..at.saturating_add(2);
            return Err(vec![ExpressionProblem::new(span, codes::BAD_EXPRESSION, message).help(help)]);
        }
        for (sign, operator) in COMPARISONS {
            if text.starts_with(sign) {
                let operand = self.trimmed(range.start.saturating_add(sign.len())..range.end);
                return self.compared(operator, operand, range);
            }
        }
        if let Some(at) = outside_quotes(text, "..").filter(|_| self.branch(text).is_none()) {
            let at = range.start.saturating_add(at);
            let low = self.trimmed(range.start..at);
            let high = self.trimmed(at.saturating_add(2)..range.end);
            if low.is_empty() || high.is_empty() {
                let message = both!("区间要写两端", "a range has two ends");
                let help = both!("只有一端时写 `>= 150` 或 `<= 150`", "with one end only, write `>= 150` or `<= 150`");
                return Err(vec![ExpressionProblem::new(range, codes::BAD_EXPRESSION, message).help(help)]);
            }
            let low = self.compared(Operator::GreaterOrEqual, low, range.clone())?;
            let high = self.compared(Operator::LessOrEqual, high, range.clone())?;
            return Ok(Syntax { kind: Kind::Binary(Operator::And, Box::new(low), Box::new(high)), span: range });
        }
        self.compared(Operator::Equal, range.clone(), range)
    }

    /// `it`, compared with what is written at `operand`.
    fn compared(&self, operator: Operator, operand: Range<usize>, whole: Range<usize>) -> Parsed<Syntax> {
        let it = Syntax { kind: Kind::Name("it".to_owned()), span: whole.clone() };
        let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
        if let Some(branch) = self.branch(self.text(&operand)).filter(|_| equality) {
            let branch = Syntax { kind: Kind::Text(branch.to_owned()), span: operand };
            let within = Syntax { kind: Kind::Call("within".to_owned(), vec![it, branch]), span: whole.clone() };
            let kind = if operator == Operator::Equal { within.kind } else { Kind::Not(Box::new(within)) };
            return Ok(Syntax { kind, span: whole });
        }
        let operand = self.operand(operand)?;
        Ok(Syntax { kind: Kind::Binary(operator, Box::new(it), Box::new(operand)), span: whole })
    }

    /// The branch of a classification that `product.quality.*` names.
    fn branch<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.strip_suffix(".*").filter(|branch| self.is_named() && is_word(branch))
    }

    fn operand(&self, range: Range<usize>) -> Parsed<Syntax> {
        let text = self.text(&range);
        let is_name = self.is_named() && is_word(text) && !matches!(text, "true" | "false");
        let is_number = text.starts_with(|c: char| c.is_ascii_digit());
        if is_name || is_number && matches!(self.ty, Type::Date | Type::Instant) {
            return Ok(Syntax { kind: Kind::Text(text.to_owned()), span: range });
        }
        if let Some(length) = length(text, &range).filter(|_| *self.ty == Type::Duration) {
            return Ok(length);
        }
        self.parse(range)
    }

    /// Whether the column's values are names, which cells write without quotes.
    fn is_named(&self) -> bool {
        matches!(self.ty, Type::Enum(_) | Type::Text)
    }

    /// Reads a piece as an expression, with its positions in the whole cell.
    fn parse(&self, range: Range<usize>) -> Parsed<Syntax> {
        let moved = |span: Range<usize>| span.start.saturating_add(range.start)..span.end.saturating_add(range.start);
        match script::parse_expression(self.text(&range)) {
            Ok(syntax) => Ok(syntax.map_spans(&moved)),
            Err(problems) => Err(problems
                .into_iter()
                .map(|problem| ExpressionProblem { span: moved(problem.span.clone()), ..problem })
                .collect()),
        }
    }

    /// The pieces between separators that stand outside quotes and brackets, trimmed.
    fn pieces(&self, range: Range<usize>, separator: &str) -> Vec<Range<usize>> {
        let mut pieces = Vec::new();
        let mut start = range.start;
        while let Some(at) = outside_quotes(self.text(&(start..range.end)), separator) {
            let end = start.saturating_add(at);
            pieces.push(self.trimmed(start..end));
            start = end.saturating_add(separator.len());
        }
        pieces.push(self.trimmed(start..range.end));
        pieces
    }

    fn trimmed(&self, range: Range<usize>) -> Range<usize> {
        let text = self.text(&range);
        let start = range.start.saturating_add(text.len().saturating_sub(text.trim_start().len()));
        start..start.saturating_add(text.trim().len())
    }
}

/// `48h`, as parameters write it.
fn length(text: &str, span: &Range<usize>) -> Option<Syntax> {
    let unit = match text.chars().next_back()? {
        'd' => "days",
        'h' => "hours",
        'm' => "minutes",
        's' => "seconds",
        _ => return None,
    };
    let digits = text.get(..text.len().checked_sub(1)?)?;
    let count = digits.parse().ok().filter(|_| digits.starts_with(|c: char| c.is_ascii_digit()))?;
    let count = Syntax { kind: Kind::Number(count), span: span.clone() };
    Some(Syntax { kind: Kind::Call(unit.to_owned(), vec![count]), span: span.clone() })
}

fn joined(operator: Operator, parts: Vec<Syntax>) -> Option<Syntax> {
    parts.into_iter().reduce(|left, right| {
        let span = left.span.start..right.span.end;
        Syntax { kind: Kind::Binary(operator, Box::new(left), Box::new(right)), span }
    })
}

/// Where `sought` first stands outside quotes and brackets.
fn outside_quotes(text: &str, sought: &str) -> Option<usize> {
    unquoted(text)
        .find(|(at, depth)| *depth == 0 && text.get(*at..).is_some_and(|rest| rest.starts_with(sought)))
        .map(|(at, _)| at)
}

/// Whether the name `it` stands in the text, outside quotes.
fn names_it(text: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$');
    unquoted(text).any(|(at, _)| {
        let (before, rest) = text.split_at_checked(at).unwrap_or_default();
        let after = rest.strip_prefix("it").map(|after| after.chars().next());
        let ends = after.is_some_and(|next| !next.is_some_and(|c| c.is_alphanumeric() || c == '_'));
        ends && !before.ends_with(part_of_name)
    })
}

/// The characters outside quoted texts, each with its place and how many brackets are open there.
fn unquoted(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    text.char_indices().filter_map(move |(at, c)| {
        if quoted {
            quoted = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            return None;
        }
        match c {
            '"' => quoted = true,
            '(' | '[' | '{' => depth = depth.saturating_add(1),
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (!quoted).then_some((at, depth))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_split_where_its_author_sees_it() {
        let shown = |written: &str, ty: Type| match condition(written, &ty) {
            Ok(None) => "-".to_owned(),
            Ok(Some(syntax)) => show(&syntax),
            Err(problems) => format!("! {}", problems[0].message.en),
        };
        for (written, expected) in [
            (" - ", "-"),
            ("a, b.c", "it == 'a' or it == 'b.c'"),
            ("a.*", "within(it, 'a')"),
            ("!= a.*", "not within(it, 'a')"),
            ("!= a && != b", "it != 'a' and it != 'b'"),
            (r#""x, y", "a..b""#, "it == 'x, y' or it == 'a..b'"),
            (r#"it in ["a", "b"]"#, "it in [2]"),
            ("true", "it == true"),
        ] {
            assert_eq!(shown(written, Type::Text), expected, "{written}");
        }
        for (written, expected) in [
            ("> 150 && <= 500", "it > 150 and it <= 500"),
            ("> 30, <= 60", "it > 30 or it <= 60"),
            ("1..2, 5..6.5", "it >= 1 and it <= 2 or it >= 5 and it <= 6.5"),
            ("<= max(1, 2)", "it <= max/2"),
            ("it > 5 && order.item_count > 1", "it > 5 and item_count > 1"),
            ("order.item_count", "it == item_count"),
            ("limit", "it == limit"),
            ("150..", "! a range has two ends"),
            ("5,", "! the condition is empty"),
        ] {
            assert_eq!(shown(written, Type::Number), expected, "{written}");
        }
        assert_eq!(shown("<= 48h, 3d", Type::Duration), "it <= hours/1 or it == days/1");
        assert_eq!(shown("2026-10-01..2026-10-08", Type::Date), "it >= '2026-10-01' and it <= '2026-10-08'");
    }

    fn show(syntax: &Syntax) -> String {
        match &syntax.kind {
            Kind::Bool(value) => value.to_string(),
            Kind::Number(value) => value.to_string(),
            Kind::Text(text) => format!("'{text}'"),
            Kind::Name(name) | Kind::Field(_, name) => name.clone(),
            Kind::Call(name, parts) if name == "within" => format!("within({}, {})", show(&parts[0]), show(&parts[1])),
            Kind::Call(name, parts) => format!("{name}/{}", parts.len()),
            Kind::Not(inner) => format!("not {}", show(inner)),
            Kind::List(parts) => format!("[{}]", parts.len()),
            Kind::Binary(operator, left, right) => {
                let sign = match operator {
                    Operator::And => "and",
                    Operator::Or => "or",
                    Operator::Equal => "==",
                    Operator::NotEqual => "!=",
                    Operator::Less => "<",
                    Operator::LessOrEqual => "<=",
                    Operator::Greater => ">",
                    Operator::GreaterOrEqual => ">=",
                    _ => "in",
                };
                format!("{} {sign} {}", show(left), show(right))
            }
            other => format!("{other:?}"),
        }
    }
}
