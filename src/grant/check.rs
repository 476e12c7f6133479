//! What a system that pays does with a grant: believe its signature, and compare all that it is bound to.

use rust_decimal::Decimal;

use super::{ALGORITHM, Claims, Head, LIFETIME_MAX, TYPE, amount};
use crate::both;
use crate::signing::{PublicKey, jwk, jws};
use crate::text::{Bilingual, quoted};
use crate::value::{Instant, SECOND};

/// No grant is longer.
const BYTES_MAX: usize = 16 << 10;

/// The issuer's public keys, by name.
#[derive(Debug)]
pub struct Trusted(Vec<(String, PublicKey)>);

/// What is about to be done. What is `None` is not compared, because somebody decided so.
#[derive(Debug, Clone)]
pub struct Expected {
    pub issuer: String,
    pub audience: String,
    pub case_id: String,
    pub case_version: Option<String>,
    pub action: String,
    pub payment: Payment,
    pub actor: Option<String>,
    pub caller: Option<String>,
    pub bundle: Option<String>,
    /// Whether a role is believed that nobody had to show.
    pub unchecked_roles: bool,
    pub at: Instant,
}

/// What is about to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payment {
    Nothing,
    Of { amount: Decimal, currency: String },
}

macro_rules! bindings {
    ($($(#[$doc:meta])* $name:ident $word:literal;)+) => {
        /// What may not hold of a grant.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Binding {
            $($(#[$doc])* $name,)+
        }

        impl Binding {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its stable name.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

bindings! {
    /// It is a grant at all: its form, its type, its algorithm, its claims.
    Form "form";
    Key "key";
    Signature "signature";
    Issuer "issuer";
    Audience "audience";
    Time "time";
    Case "case";
    CaseVersion "case_version";
    Action "action";
    Amount "amount";
    Currency "currency";
    Actor "actor";
    RoleOrigin "role_origin";
    Caller "caller";
    Bundle "bundle";
}

/// One thing that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub binding: Binding,
    pub said: Bilingual,
}

/// A grant that must not be acted upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// All that does not hold; never empty.
    pub because: Vec<Refusal>,
    /// What the grant says, where its signature is good.
    pub claims: Option<Box<Claims>>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { because: vec![refusal], claims: None }
    }
}

impl Trusted {
    /// Reads a JSON Web Key Set.
    pub fn read(text: &[u8]) -> Result<Self, Bilingual> {
        jwk::read(text).map(Self).map_err(|fault| match fault {
            jwk::Fault::NoSet => both!("不是 JSON Web Key Set", "is no JSON Web Key Set"),
            jwk::Fault::TooMany => both!("密钥太多", "holds too many keys"),
            jwk::Fault::Secret => {
                both!("含有私密的密钥；核对只用公钥", "holds a secret key; grants are checked with public keys alone")
            }
            jwk::Fault::Misnamed => both!(
                "有 Ed25519 公钥不完整，或 `kid` 不是它的指纹",
                "holds an Ed25519 key that is none, or whose `kid` is not its thumbprint"
            ),
            jwk::Fault::None => both!("没有用于签名的 Ed25519 公钥", "holds no Ed25519 key that signs"),
        })
    }

    /// What a grant says, if all that it is bound to is as expected; or else everything that is not.
    pub fn check(&self, token: &str, expected: &Expected) -> Result<Claims, Refused> {
        let claims = self.signed(token)?;
        let because = expected.differences(&claims);
        if because.is_empty() { Ok(claims) } else { Err(Refused { because, claims: Some(Box::new(claims)) }) }
    }

    /// What a token says, if one of the keys has signed it as a grant.
    fn signed(&self, token: &str) -> Result<Claims, Refusal> {
        let form = |said| Refusal { binding: Binding::Form, said };
        let malformed = || form(both!("这不是签名的许可", "this is no signed grant"));
        if token.len() > BYTES_MAX {
            return Err(form(both!("它太长，不是许可", "it is too long to be a grant")));
        }
        let parts = jws::take_apart(token).ok_or_else(malformed)?;
        let Head { alg, typ, kid } = serde_json::from_slice(&parts.head).map_err(|_| malformed())?;
        if alg != ALGORITHM {
            let alg = quoted(&alg);
            return Err(form(both!(
                "算法 {alg} 不被接受，只有 `EdDSA`",
                "it is signed by {alg}; only `EdDSA` is taken"
            )));
        }
        if typ != TYPE {
            let typ = quoted(&typ);
            return Err(form(both!("它的类型是 {typ}，不是 `{TYPE}`", "its type is {typ}, not `{TYPE}`")));
        }
        let key = self.0.iter().find(|(name, _)| *name == kid).map(|(_, key)| key).ok_or_else(|| {
            let kid = quoted(&kid);
            let said = both!(
                "不认识签名的密钥 {kid}；重新取一次公钥",
                "the key {kid} that signed it is not known; fetch the public keys again"
            );
            Refusal { binding: Binding::Key, said }
        })?;
        if !key.has_signed(parts.signed.as_bytes(), &parts.signature) {
            return Err(Refusal {
                binding: Binding::Signature, said: both!("签名不对", "its signature is not good")
            });
        }
        let claims: Claims = serde_json::from_slice(&parts.payload).map_err(|_| malformed())?;
        let Claims { iat, nbf, exp, amount: sum, currency, .. } = &claims;
        let lasts = exp.checked_sub(*nbf).is_some_and(|lasts| (1..=LIFETIME_MAX).contains(&lasts)) && iat <= exp;
        let money = sum.as_deref().is_none_or(|sum| amount(sum).is_some()) && sum.is_some() == currency.is_some();
        if lasts && money { Ok(claims) } else { Err(malformed()) }
    }
}

impl Expected {
    fn differences(&self, claims: &Claims) -> Vec<Refusal> {
        let mut found = Vec::new();
        let mut refuse = |binding, said| found.push(Refusal { binding, said });
        let Self { issuer, audience, case_id, case_version, action, payment, actor, caller, bundle, .. } = self;
        for (binding, what, expected, said) in [
            (Binding::Issuer, ("签发方", "issuer"), Some(issuer), &claims.iss),
            (Binding::Audience, ("受众", "audience"), Some(audience), &claims.aud),
            (Binding::Case, ("案件", "case"), Some(case_id), &claims.case_id),
            (Binding::CaseVersion, ("案件版本", "version of the case"), case_version.as_ref(), &claims.case_version),
            (Binding::Action, ("操作", "action"), Some(action), &claims.action),
            (Binding::Actor, ("操作人", "actor"), actor.as_ref(), &claims.actor),
            (Binding::Caller, ("调用方", "caller"), caller.as_ref(), &claims.caller),
            (Binding::Bundle, ("规则包", "bundle of policies"), bundle.as_ref(), &claims.bundle),
        ] {
            if let Some(expected) = expected.filter(|expected| *expected != said) {
                let ((zh, en), expected, said) = (what, quoted(expected), quoted(said));
                refuse(binding, both!("许可的{zh}是 {said}，不是 {expected}", "its {en} is {said}, not {expected}"));
            }
        }
        if let Payment::Of { amount: paid, currency: paid_in } = payment {
            match (claims.amount.as_deref().and_then(amount), &claims.currency) {
                (Some(most), Some(currency)) => {
                    if currency != paid_in {
                        let (currency, paid_in) = (quoted(currency), quoted(paid_in));
                        let said =
                            both!("许可的币种是 {currency}，不是 {paid_in}", "it is in {currency}, not {paid_in}");
                        refuse(Binding::Currency, said);
                    }
                    if *paid > most {
                        let said =
                            both!("许可最多 {most}，要付 {paid}", "it allows {most} at most, and {paid} is to be paid");
                        refuse(Binding::Amount, said);
                    }
                }
                _ => refuse(Binding::Amount, both!("凭这份许可不能付钱", "no money may be paid on it")),
            }
        }
        if claims.role_origin != "token" && claims.role_origin != "trusted" && !self.unchecked_roles {
            let said = both!(
                "操作人的角色没有人核实过；确实要接受，就写 `--accept-unchecked-role`",
                "nobody had to show the actor's role; if that is to be taken, say `--accept-unchecked-role`"
            );
            refuse(Binding::RoleOrigin, said);
        }
        let at = |seconds: i64| Instant(seconds.saturating_mul(SECOND));
        if self.at < at(claims.nbf) {
            let from = written(claims.nbf);
            refuse(Binding::Time, both!("许可从 {from} 起才有效", "it holds from {from} only"));
        }
        if self.at >= at(claims.exp) {
            let until = written(claims.exp);
            refuse(Binding::Time, both!("许可到 {until} 已失效", "it expired at {until}"));
        }
        found
    }
}

fn written(seconds: i64) -> String {
    let at = chrono::DateTime::from_timestamp(seconds, 0);
    at.map_or_else(|| seconds.to_string(), |at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}
