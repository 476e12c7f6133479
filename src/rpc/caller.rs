//! Who calls, and why the role of the actor in a call is believed. Owns what the edge tells a call of its caller, and
//! what a record says of it; knows nothing of certificates or tokens.
//!
//! Where callers have to be known, a call that comes without one is refused here too: what forgets to ask at the door
//! opens nothing.

use std::fmt::Display;
use std::sync::Arc;

use tonic::{Code, Request, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::proto::redress::v1 as wire;
use crate::both;
use crate::text::{Language, quoted, quoted_list};

/// A caller that has shown who it is. Travels with the request, among its extensions, as an `Arc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Its name as records have it, with how it was shown: `certificate:helpdesk`, `token:a17`.
    pub name: Box<str>,
    pub roles: Roles,
}

/// Which roles a caller's actors may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roles {
    /// Whichever it states: it is trusted to know.
    Stated,
    /// These alone: its token names them.
    Verified(Box<[Box<str>]>),
}

/// Whether callers have to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// Whoever reaches the service may ask, and is believed.
    Anyone,
    /// Only whom the edge has identified.
    Known,
}

/// Who asks, as a record keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    caller: Option<Arc<Caller>>,
}

/// Why the actor's role is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoleOrigin {
    /// Nobody has to show who they are.
    Unchecked,
    /// A caller that is trusted with roles states it.
    Trusted,
    /// A verified token names it.
    Token,
}

impl RoleOrigin {
    /// The word of records and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unchecked => "unchecked",
            Self::Trusted => "trusted",
            Self::Token => "token",
        }
    }
}

impl Callers {
    /// Who asks, if they may.
    pub fn admit<T>(self, request: &Request<T>) -> Result<Asker, Status> {
        match self {
            Self::Anyone => Ok(Asker { caller: None }),
            Self::Known => match request.extensions().get::<Arc<Caller>>() {
                Some(caller) => Ok(Asker { caller: Some(Arc::clone(caller)) }),
                None => Err(Status::unauthenticated("the caller is not known")),
            },
        }
    }
}

impl Asker {
    /// The caller's name; empty where nobody has to show it.
    pub fn name(&self) -> &str {
        self.caller.as_ref().map_or("", |caller| &caller.name)
    }

    /// Why the role of a call that [`Asker::vouch`] let pass is believed.
    pub fn role_origin(&self) -> RoleOrigin {
        match self.caller.as_deref() {
            None => RoleOrigin::Unchecked,
            Some(Caller { roles: Roles::Stated, .. }) => RoleOrigin::Trusted,
            Some(Caller { roles: Roles::Verified(_), .. }) => RoleOrigin::Token,
        }
    }

    /// Lets an actor pass whose role the caller may state or its token names, and gives the token's role to one that
    /// states none. `field` is where the actor stands in the request.
    pub fn vouch(
        &self,
        actor: &mut Option<wire::Actor>,
        field: impl Display,
        language: Language,
    ) -> Result<(), Status> {
        let Some(Caller { name, roles: Roles::Verified(verified) }) = self.caller.as_deref() else { return Ok(()) };
        match actor.as_ref().and_then(|actor| actor.role.as_deref()) {
            Some(stated) if verified.iter().any(|role| **role == *stated) => Ok(()),
            Some(stated) => Err(refused(name, verified, &field, stated, language)),
            None => match &**verified {
                [only] => {
                    actor.get_or_insert_default().role = Some(only.to_string());
                    Ok(())
                }
                // That a role is missing is told with whatever else is wrong.
                _ => Ok(()),
            },
        }
    }
}

fn refused(name: &str, verified: &[Box<str>], field: &dyn Display, stated: &str, language: Language) -> Status {
    let (name, stated) = (quoted(name), quoted(stated));
    let said = if verified.is_empty() {
        both!(
            "`{field}.role`：{name} 没有证明自己的角色，也不在可以自报角色的名单里，不能以 {stated} 的身份询问",
            "`{field}.role`: {name} shows no role and is not trusted to state one, so it can't ask as {stated}"
        )
    } else {
        let roles = quoted_list(verified.iter().map(|role| &**role));
        let (zh, en) = (roles.zh, roles.en);
        crate::text::Bilingual::new(
            format!("`{field}.role`：{name} 证明的角色是 {zh}，不能以 {stated} 的身份询问"),
            format!("`{field}.role`: {name} shows the role {en}, so it can't ask as {stated}"),
        )
    };
    let details = ErrorDetails::with_error_info("ROLE_NOT_SHOWN", "redress", []);
    Status::with_error_details(Code::PermissionDenied, said.get(language), details)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_role_that_is_shown_or_trusted_passes() {
        let shown = |roles: &[&str]| Roles::Verified(roles.iter().map(|role| Box::from(*role)).collect());
        for (roles, stated, passes) in [
            (None, Some("supervisor"), Some("supervisor")),
            (Some(Roles::Stated), Some("supervisor"), Some("supervisor")),
            (Some(shown(&["agent"])), Some("agent"), Some("agent")),
            (Some(shown(&["agent"])), Some("Agent"), None),
            (Some(shown(&["agent"])), Some("supervisor"), None),
            (Some(shown(&["agent"])), Some(""), None),
            (Some(shown(&["agent"])), None, Some("agent")),
            (Some(shown(&["agent", "team_lead"])), Some("team_lead"), Some("team_lead")),
            (Some(shown(&["agent", "team_lead"])), None, Some("")),
            (Some(shown(&[])), Some("agent"), None),
            (Some(shown(&[])), None, Some("")),
        ] {
            let caller = roles.clone().map(|roles| Arc::new(Caller { name: "token:a17".into(), roles }));
            let mut actor = stated.map(|role| wire::Actor { role: Some(role.into()), ..wire::Actor::default() });
            let vouched = Asker { caller }.vouch(&mut actor, "actor", Language::English);
            let role = vouched.ok().map(|()| actor.and_then(|actor| actor.role).unwrap_or_default());
            assert_eq!(role.as_deref(), passes, "{roles:?} {stated:?}");
        }
    }

    #[test]
    fn where_callers_must_be_known_nobody_else_passes() {
        let mut request = Request::new(());
        assert_eq!(Callers::Anyone.admit(&request).unwrap().role_origin(), RoleOrigin::Unchecked);
        assert_eq!(Callers::Known.admit(&request).unwrap_err().code(), Code::Unauthenticated);
        request.extensions_mut().insert(Arc::new(Caller { name: "token:a17".into(), roles: Roles::Stated }));
        let asker = Callers::Known.admit(&request).unwrap();
        assert_eq!((asker.name(), asker.role_origin()), ("token:a17", RoleOrigin::Trusted));
    }
}
