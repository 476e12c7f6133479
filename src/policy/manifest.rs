//! The manifest: the one file of kind `bundle`, and what it says of the bundle as a whole. The names that it declares
//! are read in `names`.

use super::bundle::Manifest;
use super::files::{BundleFile, PolicyFile};
use super::load::is_policy;
use super::overlay::Placed;
use super::texts::Texts;
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};
use crate::source::Sources;

/// The one file of kind `bundle`.
pub fn file<'p>(sources: &Sources, placed: &'p [Placed], problems: &mut Problems) -> Option<&'p BundleFile> {
    let base = placed.iter().filter(|placed| placed.layer.is_base());
    let mut found =
        base.filter_map(|placed| if let PolicyFile::Bundle(file) = &placed.file { Some(file) } else { None });
    let first = found.next();
    for again in found {
        let message = both!("规则包只能有一个总表", "a bundle has one manifest only");
        let problem = Diagnostic::error(codes::MANIFEST, again.name.span.clone(), message);
        let place = first.map(|first| (first.name.span.clone(), both!("第一个在这里", "the first is here")));
        problems.push(place.into_iter().fold(problem, |problem, (span, label)| problem.related(span, label)));
    }
    let broken = sources.iter().any(|source| is_policy(source.path()) && source.path().contains("bundle"));
    if first.is_none() && !(broken && problems.has_errors()) {
        let message =
            both!("没有总表：缺少以 `bundle:` 开头的文件", "there is no manifest: no file begins with `bundle:`");
        let help = both!(
            "新建 `bundle.yaml`，写明角色、操作、币种、时区和语言",
            "add a `bundle.yaml` with roles, actions, currency, zone and locales"
        );
        problems.push(Diagnostic::error(codes::MANIFEST, Span::new(0, 0..0), message).help(help));
    }
    first
}

pub fn manifest(file: &BundleFile, texts: &Texts<'_>, problems: &mut Problems) -> Option<Manifest> {
    if file.locales.is_empty() {
        let message = both!("至少要有一种语言", "at least one locale is needed");
        problems.push(Diagnostic::error(codes::MANIFEST, file.name.span.clone(), message));
    }
    if file.roles.is_empty() || file.actions.is_empty() || file.remedies.is_empty() {
        let message = both!(
            "`roles`、`actions`、`remedies` 都要有内容",
            "`roles`, `actions` and `remedies` must all have entries"
        );
        problems.push(Diagnostic::error(codes::MANIFEST, file.name.span.clone(), message));
    }
    let currency = file.currency.value.as_str();
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        let message = both!("`{currency}` 不是币种代码", "`{currency}` is not a currency code");
        let help = both!("写三个大写字母，例如 `CNY`", "write three capital letters, such as `CNY`");
        problems.push(Diagnostic::error(codes::WRONG_FORM, file.currency.span.clone(), message).help(help));
    }
    let zone = file.zone.value.parse::<chrono_tz::Tz>();
    if zone.is_err() {
        let word = &file.zone.value;
        let message = both!("没有 `{word}` 这个时区", "there is no time zone `{word}`");
        let help = both!("例如 `Asia/Shanghai`", "such as `Asia/Shanghai`");
        problems.push(Diagnostic::error(codes::UNKNOWN_NAME, file.zone.span.clone(), message).help(help));
    }
    Some(Manifest {
        name: file.name.value.as_ref().into(),
        title: texts.localized(&file.title, problems),
        currency: currency.into(),
        zone: zone.ok()?,
        locales: texts.locales.to_vec(),
        privacy: Vec::new(),
    })
}
