//! What a record does not hold as it was sent: personal texts that the bundle declares become tokens, or go.
//!
//! The loader has seen to it that no rule reads them, so the answer to what is left is the same.

use pbjson_types::Value;
use pbjson_types::value::Kind;

use super::proto::redress::v1 as wire;
use crate::policy::bundle::Private;
use crate::policy::files::Withhold;
use crate::record::entry::{Withheld, Withholding};
use crate::record::token::TokenKey;

/// The parts of a request that hold facts.
#[derive(Debug)]
pub struct Parts<'m> {
    pub case: Option<&'m mut wire::Case>,
    pub actor: Option<&'m mut wire::Actor>,
    pub action: Option<&'m mut wire::Action>,
}

/// Where the texts of a fact are.
enum Place<'m> {
    One(&'m mut Option<String>),
    Many(&'m mut Vec<String>),
    Attribute(&'m mut wire::Case, &'m str),
}

/// Makes tokens of private texts, or leaves them out; without a key all are left out. Tells which there were.
pub fn withhold(private: &[Private], key: Option<&TokenKey>, parts: &mut Parts<'_>) -> Vec<Withheld> {
    let mut withheld = Vec::new();
    for Private { path, record } in private {
        let key = key.filter(|_| *record == Withhold::Hash);
        let token = |text: &str| key.map(|key| key.token(path, text));
        if place(path, parts).is_some_and(|place| place.replace(token)) {
            let how = if key.is_some() { Withholding::Hash } else { Withholding::Drop };
            withheld.push(Withheld { path: path.to_string(), how });
        }
    }
    withheld
}

impl Place<'_> {
    /// Puts tokens for texts; `None` for a token leaves the text out. Whether there was anything.
    fn replace(self, token: impl Fn(&str) -> Option<String>) -> bool {
        match self {
            Self::One(text) => {
                let there = text.is_some();
                *text = text.as_deref().and_then(token);
                there
            }
            Self::Many(texts) => {
                let there = !texts.is_empty();
                *texts = texts.iter().filter_map(|text| token(text)).collect();
                there
            }
            Self::Attribute(case, name) => {
                let Some(fields) = case.attributes.as_mut().map(|attributes| &mut attributes.fields) else {
                    return false;
                };
                let Some(value) = fields.get_mut(name) else { return false };
                if !in_attribute(value, &token) {
                    fields.remove(name);
                }
                true
            }
        }
    }
}

/// Whether anything is left of the value.
fn in_attribute(value: &mut Value, token: &impl Fn(&str) -> Option<String>) -> bool {
    match &mut value.kind {
        Some(Kind::StringValue(text)) => match token(text) {
            Some(token) => {
                *text = token;
                true
            }
            None => false,
        },
        Some(Kind::ListValue(list)) => {
            list.values.retain_mut(|value| in_attribute(value, token));
            !list.values.is_empty()
        }
        // No text: the request would have been refused. It goes.
        Some(Kind::NullValue(_) | Kind::NumberValue(_) | Kind::BoolValue(_) | Kind::StructValue(_)) | None => false,
    }
}

/// Where a fact's texts are; `None` where its message is absent, or it is no text.
fn place<'m>(path: &'m str, parts: &'m mut Parts<'_>) -> Option<Place<'m>> {
    let (group, field) = path.split_once('.')?;
    match group {
        "actor" => return in_actor(parts.actor.as_mut()?, field),
        "action" => return in_action(parts.action.as_mut()?, field),
        _ => {}
    }
    let case = parts.case.as_mut()?;
    if group == "attributes" {
        return Some(Place::Attribute(case, field));
    }
    in_case(case, group, field)
}

fn in_case<'m>(case: &'m mut wire::Case, group: &str, field: &str) -> Option<Place<'m>> {
    Some(Place::One(match (group, field) {
        ("order", "id") => &mut case.order.as_mut()?.id,
        ("order", "sub_id") => &mut case.order.as_mut()?.sub_id,
        ("issue", "description") => &mut case.issue.as_mut()?.description,
        ("request", "id") => &mut case.request.as_mut()?.id,
        ("request", "version") => &mut case.request.as_mut()?.version,
        ("request", "reason_text") => &mut case.request.as_mut()?.reason_text,
        ("request", "note") => &mut case.request.as_mut()?.note,
        ("request", "exchange_sku") => &mut case.request.as_mut()?.exchange_sku,
        ("outbound", _) => return in_parcel(case.outbound.as_mut()?, field),
        ("return_parcel", _) => return in_parcel(case.return_parcel.as_mut()?, field),
        ("replacement_parcel", _) => return in_parcel(case.replacement_parcel.as_mut()?, field),
        ("customer", "id") => &mut case.customer.as_mut()?.id,
        ("customer", "risk_reason") => &mut case.customer.as_mut()?.risk_reason,
        ("customer", "words") => return Some(Place::Many(&mut case.customer.as_mut()?.words)),
        ("shop", "id") => &mut case.shop.as_mut()?.id,
        ("desk", "id") => &mut case.desk.as_mut()?.id,
        ("desk", "shift") => &mut case.desk.as_mut()?.shift,
        ("helpdesk", "ticket_id") => &mut case.helpdesk.as_mut()?.ticket_id,
        ("helpdesk", "group") => &mut case.helpdesk.as_mut()?.group,
        ("helpdesk", "assignee") => &mut case.helpdesk.as_mut()?.assignee,
        ("dispute", "id") => &mut case.dispute.as_mut()?.id,
        _ => return None,
    }))
}

fn in_parcel<'m>(parcel: &'m mut wire::Parcel, field: &str) -> Option<Place<'m>> {
    Some(Place::One(match field {
        "carrier" => &mut parcel.carrier,
        "tracking_number" => &mut parcel.tracking_number,
        "exception" => &mut parcel.exception,
        _ => return None,
    }))
}

fn in_actor<'m>(actor: &'m mut wire::Actor, field: &str) -> Option<Place<'m>> {
    Some(Place::One(match field {
        "id" => &mut actor.id,
        "group" => &mut actor.group,
        _ => return None,
    }))
}

fn in_action<'m>(action: &'m mut wire::Action, field: &str) -> Option<Place<'m>> {
    Some(Place::One(match field {
        "reason" => &mut action.reason,
        "gift" => &mut action.gift,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use pbjson_types::Struct;

    use super::*;
    use crate::facts::{BUILT_IN, StaticType};

    fn private(path: &str, record: Withhold) -> Private {
        Private { path: path.into(), record }
    }

    /// A case with every message in it.
    fn full() -> wire::Case {
        wire::Case {
            order: Some(Box::default()),
            issue: Some(Box::default()),
            request: Some(Box::default()),
            outbound: Some(Box::default()),
            return_parcel: Some(Box::default()),
            replacement_parcel: Some(Box::default()),
            customer: Some(Box::default()),
            shop: Some(Box::default()),
            desk: Some(wire::Desk::default()),
            helpdesk: Some(Box::default()),
            dispute: Some(Box::default()),
            ..wire::Case::default()
        }
    }

    #[test]
    fn every_text_of_the_catalogue_can_be_withheld() {
        let texts = [StaticType::Text, StaticType::List(&StaticType::Text)];
        let mut seen = 0;
        for fact in BUILT_IN.iter().filter(|fact| texts.contains(&fact.ty)) {
            let (mut case, mut actor, mut action) = (full(), wire::Actor::default(), wire::Action::default());
            let mut parts = Parts { case: Some(&mut case), actor: Some(&mut actor), action: Some(&mut action) };
            match place(fact.path, &mut parts) {
                Some(Place::One(text)) => *text = Some("王女士".into()),
                Some(Place::Many(texts)) => *texts = vec!["王女士".into()],
                Some(Place::Attribute(..)) | None => panic!("`{}` has no place", fact.path),
            }
            let withheld = withhold(&[private(fact.path, Withhold::Drop)], None, &mut parts);
            assert_eq!(withheld, [Withheld { path: fact.path.into(), how: Withholding::Drop }]);
            assert!(!format!("{case:?}{actor:?}{action:?}").contains("王女士"), "{}", fact.path);
            seen += 1;
        }
        assert!(seen > 25, "{seen}");
    }

    #[test]
    fn tokens_stand_for_texts_and_without_a_key_nothing_does() {
        let key = TokenKey::new(&[7; 32]).unwrap();
        let all = [
            private("customer.id", Withhold::Hash),
            private("customer.words", Withhold::Hash),
            private("attributes.nick", Withhold::Hash),
            private("attributes.phones", Withhold::Drop),
            private("order.id", Withhold::Hash),
        ];
        let sent = || {
            let mut case = full();
            let customer = case.customer.as_mut().unwrap();
            customer.id = Some("tb_881".into());
            customer.words = vec!["一".into(), "二".into()];
            let text = |text: &str| Value { kind: Some(Kind::StringValue(text.into())) };
            let phones = pbjson_types::ListValue { values: vec![text("139"), text("138")] };
            let fields =
                [("nick".into(), text("小王")), ("phones".into(), Value { kind: Some(Kind::ListValue(phones)) })];
            case.attributes = Some(Struct { fields: fields.into_iter().collect() });
            case
        };
        let mut case = sent();
        let withheld = withhold(&all, Some(&key), &mut Parts { case: Some(&mut case), actor: None, action: None });
        let told: Vec<_> = withheld.iter().map(|withheld| (withheld.path.as_str(), withheld.how)).collect();
        assert_eq!(
            told,
            [
                ("customer.id", Withholding::Hash),
                ("customer.words", Withholding::Hash),
                ("attributes.nick", Withholding::Hash),
                ("attributes.phones", Withholding::Drop),
            ],
            "an absent text is not told"
        );
        let customer = case.customer.as_ref().unwrap();
        assert_eq!(customer.id.as_deref(), Some(key.token("customer.id", "tb_881").as_str()));
        assert_eq!(customer.words, ["一", "二"].map(|text| key.token("customer.words", text)));
        let fields = &case.attributes.as_ref().unwrap().fields;
        assert_eq!(fields["nick"].kind, Some(Kind::StringValue(key.token("attributes.nick", "小王"))));
        assert!(!fields.contains_key("phones"));

        let mut case = sent();
        let withheld = withhold(&all, None, &mut Parts { case: Some(&mut case), actor: None, action: None });
        assert!(withheld.len() == 4 && withheld.iter().all(|withheld| withheld.how == Withholding::Drop));
        assert!(case.customer.unwrap().id.is_none());
    }
}
