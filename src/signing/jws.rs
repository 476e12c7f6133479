//! Signed tokens in their compact form (RFC 7515): three parts in base64url with points between.
//!
//! Takes them apart and puts them together. Whether a signature is good, and by which key, is for whoever asks.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::SigningKey;

/// A token taken apart. Nothing of it has been found good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts<'t> {
    /// What the signature is over: the first two parts as they were sent.
    pub signed: &'t str,
    pub head: Vec<u8>,
    pub payload: Vec<u8>,
    pub signature: Vec<u8>,
}

/// Takes a token apart. Each text has one reading and each token one text: padding, blanks, a fourth part and bits that
/// stand for nothing are refused.
pub fn take_apart(token: &str) -> Option<Parts<'_>> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (head, payload) = signed.split_once('.')?;
    Some(Parts { signed, head: decoded(head)?, payload: decoded(payload)?, signature: decoded(signature)? })
}

/// Puts a token together and signs it.
pub fn sign(head: &[u8], payload: &[u8], key: &SigningKey) -> String {
    let mut token = format!("{}.{}", encoded(head), encoded(payload));
    let signature = key.sign(token.as_bytes());
    token.push('.');
    token.push_str(&encoded(&signature));
    token
}

pub fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_one_text() {
        let parts = take_apart("YQ.Yg.Yw").unwrap();
        assert_eq!((parts.signed, &*parts.head, &*parts.payload), ("YQ.Yg", &b"a"[..], &b"b"[..]));
        assert_eq!(parts.signature, b"c");
        for wrong in [
            "",
            ".",
            "YQ",
            "YQ.Yg",
            "YQ.Yg.Yw.",
            "YQ.Yg.Yw.ZA",
            ".YQ.Yg.Yw",
            "YQ==.Yg.Yw",
            "YQ.Yg==.Yw",
            "YQ.Yg.Yw==",
            "YQ.Yg.Yx",
            "YQ.Yh.Yw",
            " YQ.Yg.Yw",
            "YQ.Yg.Yw\n",
            "YQ.Y g.Yw",
            "YQ.+/+/.Yw",
            "Y.Yg.Yw",
        ] {
            assert_eq!(take_apart(wrong), None, "{wrong:?}");
        }
    }
}
