//! What the YAML reader stumbled over, in the words of somebody who writes policies and not parsers.

use granit_parser::{ErrorKind, ScanError};

use super::{Source, tree};
use crate::both;
use crate::diagnostic::{Code, Diagnostic, Span, codes};
use crate::text::{Bilingual, quoted};

/// Explains the error that ended the reading of `source`.
pub(super) fn explain(source: &Source, error: &ScanError) -> Diagnostic {
    let start = source.floor(error.marker().byte_offset().unwrap_or(0));
    let character = source.text().get(start..).and_then(|rest| rest.chars().next());
    let length = character.filter(|c| !matches!(c, '\r' | '\n')).map_or(0, char::len_utf8);
    let span = Span::new(source.number(), start..start.saturating_add(length));
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        return tree::too_deep(span);
    }

    let (code, message, help) = describe(source, start, error.kind());
    let help = full_width_colon(source, start).or_else(|| missing_space(source, start, error.kind())).or(help);
    let diagnostic = Diagnostic::error(code, span, message);
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// The errors of quotes and brackets.
#[expect(clippy::wildcard_enum_match_arm, reason = "the rest is described below")]
fn describe(source: &Source, at: usize, kind: &ErrorKind) -> (Code, Bilingual, Option<Bilingual>) {
    use ErrorKind as E;
    match kind {
        E::InvalidQuotedScalarIndent => malformed(
            both!(
                "上面的引号没有结束，这一行却没有缩进",
                "a quote above is not closed yet, and this line is not indented"
            ),
            both!("补上漏掉的引号，或缩进这一行", "close the quote, or indent this line"),
        ),
        E::UnclosedQuotedScalar | E::DocumentIndicatorInQuotedScalar => malformed(
            both!("这里的引号没有配对的另一半", "this quote is never closed"),
            both!("在值的末尾加上同样的引号", "close it with the same quote at the end of the value"),
        ),
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => {
            malformed(both!("引号已经结束，后面却还有文字", "the value goes on after its closing quote"), quote_all())
        }
        E::UnclosedFlowCollection { .. }
        | E::UnexpectedEofFlowSequence
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofImplicitFlowMapping => malformed(
            both!("这里的括号没有配对的另一半", "this bracket is never closed"),
            both!("补上 `]` 或 `}}`", "close it with `]` or `}}`"),
        ),
        E::MismatchedFlowCollectionEnd { open, close } => malformed(
            both!("这里的 `{open}` 配上了 `{close}`", "this `{open}` is closed by a `{close}`"),
            both!("`[` 配 `]`，`{{` 配 `}}`", "`[` ends with `]`, and `{{` with `}}`"),
        ),
        E::MisplacedFlowCollectionEnd => malformed(
            both!("这个括号与前面的不配对", "this bracket matches none before it"),
            both!(
                "`[` 配 `]`，`{{` 配 `}}`；属于文字的括号要加引号",
                "`[` ends with `]` and `{{` with `}}`; put brackets that belong to a text in quotes"
            ),
        ),
        E::ExpectedFlowMappingSeparator if source.text().get(at..).is_some_and(|rest| rest.starts_with(':')) => {
            malformed(
                both!("这里不能再出现“键: 值”", "a `key: value` can't begin here"),
                both!(
                    "文字里有 `: ` 时，要把整个文字放进引号；两个键之间用半角逗号 `,`，不用 `，`",
                    "put the whole text in quotes if it has `: ` in it; between two keys write a plain `,` and not `，`"
                ),
            )
        }
        E::ExpectedFlowMappingSeparator | E::ExpectedFlowSequenceSeparator => malformed(
            both!("这之前缺少逗号或右括号", "a comma or a closing bracket is missing before this"),
            quote_all(),
        ),
        _ => describe_layout(source, at, kind),
    }
}

/// The errors of indentation, keys and list items.
#[expect(clippy::wildcard_enum_match_arm, reason = "the rest is described below")]
fn describe_layout(source: &Source, at: usize, kind: &ErrorKind) -> (Code, Bilingual, Option<Bilingual>) {
    use ErrorKind as E;
    match kind {
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabInIndentation
        | E::TabAtBlockScalarStart
        | E::TabInPlainScalar => malformed(
            both!("这里用了制表符（Tab）", "there is a tab here"),
            both!("缩进只能用空格", "indent with spaces only"),
        ),
        E::ExpectedBlockMappingKey if follows_a_value(source, at) => {
            malformed(both!("值已经结束，后面却还有文字", "the value has ended, yet something follows it"), quote_all())
        }
        E::InvalidIndentation
        | E::InvalidBlockScalarIndent
        | E::InvalidFlowScalarIndent
        | E::ExpectedBlockMappingKey
        | E::ExpectedBlockSequenceEntry
        | E::ExpectedDocumentStart => malformed(
            both!("这一行的缩进与上面的任何一行都对不上", "this line is indented like none of those above it"),
            both!("同一组的各行要左对齐", "lines that belong together begin in the same column"),
        ),
        E::MappingValueNotAllowed
        | E::InvalidColonPlacement
        | E::InvalidMappingValueWhitespace
        | E::FlowMappingValueAdjacentCollection
        | E::MappingKeyNotAllowed => malformed(
            both!("这里不能再出现“键: 值”", "a `key: value` can't begin here"),
            both!(
                "冒号若属于文字，请把整个值放进引号；否则检查这一行和上一行的缩进",
                "put the whole value in quotes if the colon belongs to it; otherwise check how this line and the one before it are indented"
            ),
        ),
        E::SimpleKeyExpected | E::InvalidSimpleKey => malformed(
            both!("这一行不是“键: 值”", "this line is no `key: value`"),
            both!("键后面要有冒号和空格", "a key is followed by a colon and a space"),
        ),
        E::PlainScalarStartsWithDashFlowIndicator => malformed(
            both!("`[…]` 里单独的 `-` 要加引号", "inside `[…]` a `-` by itself needs quotes"),
            both!("写成 `\"-\"`", "write `\"-\"`"),
        ),
        E::BlockSequenceEntryNotAllowed | E::BlockEntryInFlowCollection | E::InvalidBlockEntryWhitespace => malformed(
            both!("列表项不能从这里开始", "a list item can't begin here"),
            both!(
                "每个 `- ` 另起一行，`-` 后面要有空格",
                "begin each `- ` on a line of its own, with a space after it"
            ),
        ),
        _ => describe_characters(kind),
    }
}

/// The errors of single characters and words.
#[expect(clippy::wildcard_enum_match_arm, reason = "what an author hardly ever meets shares one plain sentence")]
fn describe_characters(kind: &ErrorKind) -> (Code, Bilingual, Option<Bilingual>) {
    use ErrorKind as E;
    match kind {
        E::UnexpectedCharacter { character } if character.is_control() => {
            let code = u32::from(*character);
            malformed(
                both!("这里有一个控制字符（U+{code:04X}）", "there is a control character here (U+{code:04X})"),
                both!("把它删掉", "delete it"),
            )
        }
        E::UnexpectedCharacter { character } => {
            let word = quoted(&character.to_string());
            malformed(both!("值不能以 {word} 开头", "a value can't begin with {word}"), quote_all())
        }
        E::UnknownQuotedScalarEscape
        | E::InvalidQuotedScalarHexEscape
        | E::InvalidUnicodeEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate => malformed(
            both!("双引号里的反斜杠用得不对", "a backslash in these double quotes is wrong"),
            both!("要写反斜杠本身，请写 `\\\\`，或改用单引号", "write `\\\\` for a backslash, or use single quotes"),
        ),
        E::ZeroBlockScalarIndent | E::InvalidBlockScalarHeader => malformed(
            both!(
                "`|` 或 `>` 后面只能有缩进数字和 `+`、`-`",
                "only a digit for the indentation and `+` or `-` may follow `|` or `>`"
            ),
            both!("文字从下一行写起", "begin the text on the next line"),
        ),
        E::CommentNotSeparated | E::CommentInterceptedScalar | E::ExpectedWhitespace => malformed(
            both!("注释写在了不能写的地方", "a comment can't stand here"),
            both!(
                "`#` 前要有空格；多行文字的中间不能有注释",
                "write a space before `#`; no comment can stand within a text of several lines"
            ),
        ),
        E::MissingAnchorOrAliasName | E::UnknownAnchor | E::AnchorCountOverflow => {
            forbidden(both!("不能用锚点 `&` 和别名 `*`", "anchors (`&`) and aliases (`*`) are not allowed"))
        }
        E::ExpectedTagBang
        | E::UndeclaredTagHandle
        | E::InvalidTagTerminator
        | E::InvalidTagEscape
        | E::MissingTagUri
        | E::UnclosedVerbatimTag
        | E::InvalidGlobalTagCharacter
        | E::InvalidTagUtf8LeadingByte
        | E::InvalidTagUtf8TrailingByte
        | E::InvalidTagUtf8 => forbidden(both!("不能用标签 `!`", "tags (`!`) are not allowed")),
        E::DirectiveDisallowed | E::MissingDocumentEndBeforeDirective => {
            (codes::FORBIDDEN_YAML, both!("不能用以 `%` 开头的指令", "directives (`%`) are not allowed"), None)
        }
        E::InvalidDocumentEnd => (
            codes::FORBIDDEN_YAML,
            both!("`...` 后面还有内容", "something follows `...`"),
            Some(both!("一个文件只写一份策略", "a file holds one policy")),
        ),
        _ => (codes::BAD_YAML, both!("从这里起不是正确的 YAML", "this is not well-formed YAML from here on"), None),
    }
}

fn malformed(message: Bilingual, help: Bilingual) -> (Code, Bilingual, Option<Bilingual>) {
    (codes::BAD_YAML, message, Some(help))
}

fn forbidden(message: Bilingual) -> (Code, Bilingual, Option<Bilingual>) {
    let help = both!(
        "若它属于表达式或文字，请把整个值放进引号",
        "put the whole value in quotes if it belongs to an expression or a text"
    );
    (codes::FORBIDDEN_YAML, message, Some(help))
}

fn quote_all() -> Bilingual {
    both!(
        "若它属于表达式或文字，请把整个值放进单引号，如 `'\"VIP\" in customer.tags'`",
        "put the whole value in single quotes if it is an expression or a text: `'\"VIP\" in customer.tags'`"
    )
}

/// Whether the line holds a finished list, map or quoted text before this place.
fn follows_a_value(source: &Source, at: usize) -> bool {
    let line = source.line(source.position(at).line);
    let before = source.text().get(line.start..at).unwrap_or("").trim_end();
    before.ends_with([']', '}', '"', '\''])
}

/// The colon of a Chinese keyboard, the likeliest slip of all, is no colon to YAML.
fn full_width_colon(source: &Source, at: usize) -> Option<Bilingual> {
    let line = source.position(at).line;
    let line = [line, line.saturating_sub(1)].into_iter().find(|line| {
        let text = source.text().get(source.line(*line)).unwrap_or("");
        text.contains('：') && !text.contains(':')
    })?;
    Some(both!(
        "第 {line} 行用了全角冒号 `：`；请改为半角冒号加空格 `: `",
        "line {line} has a full-width colon `：`; write a plain colon and a space, `: `"
    ))
}

/// `key:value` is one word to YAML.
fn missing_space(source: &Source, at: usize, kind: &ErrorKind) -> Option<Bilingual> {
    if !matches!(kind, ErrorKind::SimpleKeyExpected | ErrorKind::MappingValueNotAllowed) {
        return None;
    }
    let line = source.position(at).line;
    let line = [line, line.saturating_sub(1)].into_iter().find(|line| {
        let text = source.text().get(source.line(*line)).unwrap_or("").trim();
        text.contains(':') && !text.contains(": ") && !text.ends_with(':')
    })?;
    Some(both!("第 {line} 行的冒号后面缺少空格", "on line {line} a space is missing after the colon"))
}
