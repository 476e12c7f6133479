//! Grants for what was allowed: what of a request and its answer a grant is bound to, and the refusal where none are
//! signed. Owns no key, and does not decide what is allowed.

use rust_decimal::Decimal;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::caller::Asker;
use super::proto::google::r#type::Money;
use super::proto::redress::v1 as wire;
use super::to_proto::values;
use crate::both;
use crate::grant::{Allowed, Issuer, Signed};
use crate::policy::Bundle;
use crate::policy::rules::AmountUse;
use crate::record::{Granted, written};
use crate::text::Language;
use crate::value::{Instant, SECOND};

/// The refusal of a request that wants a grant where nobody signs any.
pub fn unsigned(language: Language) -> Status {
    let said = both!(
        "这个服务不签发许可：用 `--grant-key` 给它一把密钥，或不要 `grant`",
        "this service signs no grants: give it a key with `--grant-key`, or ask without `grant`"
    );
    let details = ErrorDetails::with_error_info("GRANTS_NOT_SIGNED", "redress", []);
    Status::with_error_details(Code::FailedPrecondition, said.get(language), details)
}

/// Signs a grant for what was allowed; `None` for every other answer. What is allowed is never answered without.
pub fn sign(
    issuer: &Issuer,
    bundle: &Bundle,
    request: &wire::AuthorizeRequest,
    answer: &wire::Authorization,
    asker: &Asker,
    now: Instant,
) -> Result<Option<Signed>, Status> {
    if answer.effect() != wire::Effect::Allow {
        return Ok(None);
    }
    let signed = proved(issuer, bundle, request, answer, asker, now);
    signed.map(Some).ok_or_else(|| Status::internal("the grant can't be written"))
}

fn proved(
    issuer: &Issuer,
    bundle: &Bundle,
    request: &wire::AuthorizeRequest,
    answer: &wire::Authorization,
    asker: &Asker,
    now: Instant,
) -> Option<Signed> {
    let (case, actor, action) = (request.case.as_ref()?, request.actor.as_ref()?, request.action.as_ref()?);
    let payable = payable(bundle, action, answer);
    let next_change_at = answer.next_change_at.as_ref().map(|at| Instant(at.seconds.saturating_mul(SECOND)));
    issuer.issue(&Allowed {
        decision_id: &answer.decision_id,
        case_id: case.id.as_deref()?,
        case_version: case.version.as_deref()?,
        action: action.name.as_deref()?,
        amount: payable.map(|(amount, _)| amount),
        currency: payable.map_or("", |(_, currency)| currency),
        actor: actor.id.as_deref()?,
        role: actor.role.as_deref()?,
        role_origin: asker.role_origin().as_str(),
        caller: asker.name(),
        bundle: &answer.bundle_digest,
        now,
        next_change_at,
    })
}

/// The most that may be paid: what was asked for, and never more than the limit leaves. Nothing where no amount was
/// asked about, where things are given in its place, or where the action has none: no rule has looked at such an amount.
fn payable<'m>(bundle: &Bundle, action: &'m wire::Action, answer: &wire::Authorization) -> Option<(Decimal, &'m str)> {
    let moves_money = match bundle.amount_use(action.name.as_deref()?)? {
        AmountUse::Required | AmountUse::Optional => !action.in_kind.unwrap_or(false),
        AmountUse::None => false,
    };
    let asked = action.amount.as_ref().filter(|_| moves_money)?;
    let amount = exact(asked)?;
    let left = answer.limit.as_ref().and_then(|limit| limit.remaining.as_ref());
    let amount = match left {
        Some(left) => amount.min(exact(left)?),
        None => amount,
    };
    Some((amount, &asked.currency_code))
}

fn exact(money: &Money) -> Option<Decimal> {
    let Money { currency_code: _, units, nanos } = money;
    Decimal::from(*units).checked_add(Decimal::new((*nanos).into(), 9))
}

/// The grant as it is sent.
pub fn message(signed: Signed) -> wire::Grant {
    let Signed { token, expires_at, key } = signed;
    wire::Grant { token, expires_at: Some(values::timestamp(expires_at)), key_id: key }
}

/// What is kept of it.
pub fn kept(signed: &Signed) -> Granted {
    Granted { expires_at: written(signed.expires_at), key: signed.key.clone() }
}
