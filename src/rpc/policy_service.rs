//! The calls of the policy service: what is live, where its rules stand, and why newer sources are not live.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::caller::Callers;
use super::proto::redress::v1 as wire;
use super::proto::redress::v1::policy_service_server::PolicyService;
use super::to_proto::values::{number, timestamp, value as value_of};
use super::violation::{self, Reason, Violation};
use super::{decision_service, from_proto};
use crate::both;
use crate::diagnostic::{Diagnostic, Severity};
use crate::expr::check::suggestion;
use crate::facts::{FactId, Type, id};
use crate::live::{Live, LiveStatus, Refused};
use crate::policy::Bundle;
use crate::policy::bundle::{ParameterInfo, PolicyInfo, RuleInfo};
use crate::policy::files::ParameterSource;
use crate::source::Sources;
use crate::text::{Language, Locale, quoted};

const PAGE_DEFAULT: usize = 100;
const PAGE_MAX: usize = 500;

/// Shows the live policies.
#[derive(Debug, Clone)]
pub struct Policies {
    live: Arc<Live>,
    callers: Callers,
}

impl Policies {
    pub fn new(live: Arc<Live>, callers: Callers) -> Self {
        Self { live, callers }
    }
}

#[tonic::async_trait]
impl PolicyService for Policies {
    async fn get_bundle(
        &self,
        request: Request<wire::GetBundleRequest>,
    ) -> Result<Response<wire::GetBundleResponse>, Status> {
        self.callers.admit(&request)?;
        let bundle = self.live.snapshot();
        let wire::GetBundleRequest { locale } = request.into_inner();
        let reader = reader(&bundle, &locale)?;
        Ok(Response::new(wire::GetBundleResponse { bundle: Some(reader.bundle(&self.live.status())) }))
    }

    async fn list_policies(
        &self,
        request: Request<wire::ListPoliciesRequest>,
    ) -> Result<Response<wire::ListPoliciesResponse>, Status> {
        self.callers.admit(&request)?;
        let bundle = self.live.snapshot();
        let request = request.into_inner();
        let reader = reader(&bundle, &request.locale)?;
        reader.list(&request).map(Response::new).map_err(|wrong| violation::refusal(&[wrong], reader.language))
    }

    async fn get_policy(
        &self,
        request: Request<wire::GetPolicyRequest>,
    ) -> Result<Response<wire::GetPolicyResponse>, Status> {
        self.callers.admit(&request)?;
        let bundle = self.live.snapshot();
        let wire::GetPolicyRequest { name, locale, overlay } = request.into_inner();
        let reader = reader(&bundle, &locale)?;
        if name.is_empty() {
            return Err(violation::refusal(&[Violation::required("name")], reader.language));
        }
        reader.policy_named(&name, &overlay).map(Response::new)
    }
}

/// Tells a caller of a bundle, in his language.
struct Reader<'b> {
    bundle: &'b Bundle,
    locale: Locale,
    language: Language,
}

fn reader<'b>(bundle: &'b Bundle, tag: &str) -> Result<Reader<'b>, Status> {
    let mut wrong = Vec::new();
    let (locale, _) = from_proto::locale(bundle, tag, &mut wrong);
    let language = decision_service::language(bundle, tag);
    if wrong.is_empty() { Ok(Reader { bundle, locale, language }) } else { Err(violation::refusal(&wrong, language)) }
}

impl Reader<'_> {
    fn bundle(&self, status: &LiveStatus) -> wire::Bundle {
        let manifest = self.bundle.manifest();
        let policies = self.bundle.policies();
        let refused = status.refused.as_ref();
        wire::Bundle {
            digest: self.bundle.digest().to_owned(),
            loaded_at: Some(timestamp(status.loaded_at)),
            origin: status.origin.to_string(),
            policy_count: number(policies.len()),
            rule_count: number(policies.iter().map(|policy| policy.rules.len()).sum()),
            currency_code: manifest.currency.to_string(),
            time_zone: manifest.zone.name().to_owned(),
            locales: manifest.locales.iter().map(ToString::to_string).collect(),
            roles: self.words(id::ACTOR_ROLE),
            actions: self.words(id::ACTION_NAME),
            remedies: self.words(id::REQUEST_WANTED),
            platforms: self.words(id::SHOP_PLATFORM),
            reload_error: refused.map(|Refused { at, sources, diagnostics }| wire::ReloadError {
                failed_at: Some(timestamp(*at)),
                diagnostics: diagnostics.iter().map(|found| diagnostic(found, sources, self.language)).collect(),
            }),
            warnings: self
                .bundle
                .warnings()
                .iter()
                .map(|found| diagnostic(found, self.bundle.sources(), self.language))
                .collect(),
            checked_at: Some(timestamp(status.last_attempt_at)),
        }
    }

    /// The vocabulary that `fact` is of.
    fn words(&self, fact: FactId) -> Vec<wire::Term> {
        let schema = self.bundle.schema();
        let Some(Type::Enum(of)) = schema.fact(fact).map(|fact| &fact.ty) else { return Vec::new() };
        let members = schema.enumeration(*of).into_iter().flat_map(|of| &of.members);
        let term = |member: &crate::facts::Member| wire::Term {
            name: member.id.to_string(),
            title: member.title.get(self.locale).to_owned(),
        };
        members.map(term).collect()
    }

    fn list(&self, request: &wire::ListPoliciesRequest) -> Result<wire::ListPoliciesResponse, Violation> {
        let wire::ListPoliciesRequest { page_size, page_token, kind, locale: _ } = request;
        let size = match usize::try_from(*page_size) {
            Ok(0) => PAGE_DEFAULT,
            Ok(size) => size.min(PAGE_MAX),
            Err(_) => {
                let description = both!("不能为负数", "it can't be negative");
                return Err(Violation::new("page_size", Reason::NEGATIVE_NUMBER, description));
            }
        };
        let start = self.page_start(page_token)?;
        let mut policies: Vec<&PolicyInfo> =
            self.bundle.policies().iter().filter(|policy| kind.is_empty() || *policy.kind == **kind).collect();
        policies.sort_by_cached_key(|policy| (name_of(policy), policy.overlay.clone()));
        let end = start.saturating_add(size);
        let next = if end < policies.len() { format!("{end}@{}", self.bundle.digest()) } else { String::new() };
        let page = policies.into_iter().skip(start).take(size);
        Ok(wire::ListPoliciesResponse {
            policies: page.map(|policy| self.policy(policy)).collect(),
            next_page_token: next,
        })
    }

    /// Where a page begins. A token is good for the bundle that gave it: another may have other policies.
    fn page_start(&self, token: &str) -> Result<usize, Violation> {
        if token.is_empty() {
            return Ok(0);
        }
        let read = token.split_once('@').and_then(|(start, digest)| Some((start.parse::<usize>().ok()?, digest)));
        let digest = self.bundle.digest();
        read.filter(|(_, of)| *of == digest).map(|(start, _)| start).ok_or_else(|| {
            let description = both!(
                "不是当前规则包给出的翻页标记；请从第一页重新开始",
                "it is no token of the live bundle; begin again at the first page"
            );
            Violation::new("page_token", Reason::MALFORMED_PAGE, description)
        })
    }

    fn policy_named(&self, name: &str, overlay: &str) -> Result<wire::GetPolicyResponse, Status> {
        let policies = self.bundle.policies().iter().filter(|policy| *policy.overlay == *overlay);
        for policy in policies.clone() {
            if name_of(policy) == name {
                return Ok(self.source_of(policy, None));
            }
            if let Some(rule) = policy.rules.iter().find(|rule| *rule.id == *name) {
                return Ok(self.source_of(policy, Some(rule)));
            }
        }
        let theirs = quoted(name);
        let mut said = both!("没有规则或规则文件 {theirs}", "there is no policy or rule {theirs}");
        let names: Vec<String> = policies
            .flat_map(|policy| policy.rules.iter().map(|rule| rule.id.to_string()).chain([name_of(policy)]))
            .collect();
        if let Some(help) = suggestion(name.get(..200).unwrap_or(name), names.iter().map(String::as_str)) {
            let (zh, en) = (help.zh, help.en);
            said = crate::text::Bilingual::new(format!("{}；{zh}", said.zh), format!("{}; {en}", said.en));
        }
        Err(Status::not_found(said.get(self.language)))
    }

    fn source_of(&self, policy: &PolicyInfo, rule: Option<&RuleInfo>) -> wire::GetPolicyResponse {
        let text = self.bundle.sources().at(&policy.file).map_or("", |source| source.text());
        let (first, count) = rule.map_or((1, usize::MAX), |rule| {
            let (first, last) = rule.lines;
            (first, last.saturating_sub(first).saturating_add(1))
        });
        let lines = text.split_inclusive('\n').skip(first.saturating_sub(1)).take(count);
        wire::GetPolicyResponse {
            policy: Some(self.policy(policy)),
            rule: rule.map(|rule| self.rule(policy, rule)),
            source: lines.collect(),
            first_line: number(first),
        }
    }

    fn policy(&self, policy: &PolicyInfo) -> wire::Policy {
        wire::Policy {
            name: name_of(policy),
            kind: policy.kind.to_string(),
            file: policy.file.to_string(),
            overlay: policy.overlay.to_string(),
            rules: policy.rules.iter().map(|rule| self.rule(policy, rule)).collect(),
            parameters: policy.parameters.iter().map(|parameter| self.parameter(policy, parameter)).collect(),
        }
    }

    fn parameter(&self, policy: &PolicyInfo, parameter: &ParameterInfo) -> wire::Parameter {
        let ParameterInfo { name, title, ty, value, source, line } = parameter;
        let source = match source {
            ParameterSource::Document => wire::ParameterSource::Document,
            ParameterSource::Shop => wire::ParameterSource::Shop,
        };
        wire::Parameter {
            name: name.to_string(),
            title: title.get(self.locale).to_owned(),
            value: Some(value_of(value, ty, self.bundle.schema(), &self.bundle.manifest().currency)),
            source: source.into(),
            location: Some(wire::SourceLocation { file: policy.file.to_string(), line: number(*line), column: 0 }),
        }
    }

    fn rule(&self, policy: &PolicyInfo, rule: &RuleInfo) -> wire::Rule {
        let (first, _) = rule.lines;
        wire::Rule {
            name: rule.id.to_string(),
            title: rule.title.get(self.locale).to_owned(),
            location: Some(wire::SourceLocation { file: policy.file.to_string(), line: number(first), column: 0 }),
            implements: rule.implements.iter().map(ToString::to_string).collect(),
        }
    }
}

fn name_of(policy: &PolicyInfo) -> String {
    format!("{}.{}", policy.kind, policy.name)
}

fn diagnostic(found: &Diagnostic, sources: &Sources, language: Language) -> wire::Diagnostic {
    let severity = match found.severity {
        Severity::Error => wire::DiagnosticSeverity::Error,
        Severity::Warning => wire::DiagnosticSeverity::Warning,
    };
    let location = sources.get(found.span.source).map(|source| {
        let position = source.position(found.span.bytes.start);
        wire::SourceLocation {
            file: source.path().to_owned(),
            line: number(position.line),
            column: number(position.column),
        }
    });
    wire::Diagnostic {
        code: found.code.to_string(),
        severity: severity.into(),
        message: found.message.get(language).to_owned(),
        help: found.help.as_ref().map_or("", |help| help.get(language)).to_owned(),
        location,
    }
}
