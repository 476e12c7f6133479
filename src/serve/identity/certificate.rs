//! What we read from a certificate: whose it is, and until when it is good. Whether it is to be believed was decided
//! before, by TLS.

use rustls::pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;

use crate::value::{Instant, SECOND};

/// The longest name that is taken for one.
const NAME_MAX: usize = 256;

/// The name of whom a certificate was made for: the first URI among its alternative names, or else the first host, or
/// else the first mail address; the common name only where it has none of them.
pub fn name(certificate: &CertificateDer<'_>) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let alternative = certificate.subject_alternative_name().ok()?;
    let names = alternative.as_ref().map_or(&[][..], |alternative| &alternative.value.general_names);
    let uri = names.iter().find_map(|name| if let GeneralName::URI(uri) = name { Some(*uri) } else { None });
    let host = names.iter().find_map(|name| if let GeneralName::DNSName(host) = name { Some(*host) } else { None });
    let mail = names.iter().find_map(|name| if let GeneralName::RFC822Name(mail) = name { Some(*mail) } else { None });
    let common = || certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
    uri.or(host).or(mail).or_else(common).filter(|name| is_plain(name)).map(str::to_owned)
}

/// Whether a name can stand in a log line as it is.
pub fn is_plain(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= NAME_MAX && !name.chars().any(char::is_control)
}

/// When it expires.
pub fn expires(certificate: &CertificateDer<'_>) -> Option<Instant> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    // Some never expire, as the year 9999 says.
    Some(Instant(certificate.validity().not_after.timestamp().saturating_mul(SECOND)))
}
