//! TLS: what the server shows, what its callers show, and how both are replaced while it runs.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use redress::rpc::proto::redress::v1 as wire;
use redress::rpc::proto::redress::v1::decision_service_client::DecisionServiceClient;
use redress::serve::identity::{Identity, IdentityError, IdentityOptions, TokenOptions};
use redress::serve::{Exposed, ServeError, ServeOptions};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::transport::{Certificate, Channel, ClientTlsConfig};
use tonic::{Code, Request};

use crate::papers::{AUDIENCE, Authority, Desk, ISSUER, Pair, Signer, claims};
use crate::server::{Server, options, start_with};

fn question(role: &str) -> wire::AuthorizeRequest {
    serde_json::from_value(json!({
        "case": { "order": { "amount": { "currencyCode": "CNY", "units": "100" }, "compensated": { "currencyCode": "CNY" } } },
        "actor": { "role": role },
        "action": { "name": "compensate", "amount": { "currencyCode": "CNY", "units": "10" } },
    }))
    .unwrap()
}

/// Writes a pair and names its files.
fn placed(desk: &Desk, pair: &Pair) -> (PathBuf, PathBuf) {
    (desk.write("server.pem", &pair.certificate), desk.write("server.key", &pair.key))
}

async fn serving(identity: IdentityOptions) -> (Server, Arc<Identity>) {
    let identity = Arc::new(Identity::load(identity).unwrap());
    (start_with(ServeOptions { identity: Arc::clone(&identity), ..options() }).await, identity)
}

/// A client that believes one authority and shows a pair.
async fn client(
    server: &Server,
    authority: &Authority,
    shows: Option<&Pair>,
) -> Result<Channel, tonic::transport::Error> {
    let mut tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&authority.pem)).domain_name("localhost");
    if let Some(pair) = shows {
        tls = tls.identity(tonic::transport::Identity::from_pem(&pair.certificate, &pair.key));
    }
    let endpoint = Channel::from_shared(format!("https://{}", server.address)).unwrap();
    endpoint.tls_config(tls).unwrap().connect().await
}

/// How a call by a client ends; `Unavailable` where it can't even connect.
async fn outcome(server: &Server, authority: &Authority, shows: Option<&Pair>, role: &str) -> Code {
    let Ok(channel) = client(server, authority, shows).await else { return Code::Unavailable };
    answered(channel, Request::new(question(role))).await
}

/// How a call ends. Under TLS 1.3 a client learns only by it that its certificate was not accepted.
async fn answered(channel: Channel, request: Request<wire::AuthorizeRequest>) -> Code {
    match DecisionServiceClient::new(channel).authorize(request).await {
        Ok(answer) => {
            assert_eq!(answer.into_inner().authorization.unwrap().effect(), wire::Effect::Allow);
            Code::Ok
        }
        Err(refused) if matches!(refused.code(), Code::Unknown | Code::Cancelled) => Code::Unavailable,
        Err(refused) => refused.code(),
    }
}

/// One exchange of HTTP/1.1 over TLS; the protocol that was agreed on, and the answer.
async fn http_1(address: SocketAddr, authority: &Authority) -> (Option<Vec<u8>>, String) {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    let agreed = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    (agreed, answer)
}

#[tokio::test]
async fn every_protocol_is_spoken_over_tls_and_none_beside_it() {
    let (desk, authority) = (Desk::new(), Authority::new("ours"));
    let certificate = Some(placed(&desk, &authority.pair("localhost")));
    let (server, _) = serving(IdentityOptions { certificate, ..IdentityOptions::default() }).await;
    assert_eq!(outcome(&server, &authority, None, "agent").await, Code::Ok);
    let (agreed, answer) = http_1(server.address, &authority).await;
    assert_eq!(agreed.as_deref(), Some(&b"http/1.1"[..]));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(outcome(&server, &Authority::new("another"), None, "agent").await, Code::Unavailable);

    // In plaintext there is nothing, whatever is asked.
    for asked in ["GET /readyz HTTP/1.1\r\nhost: t\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(asked.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(!answer.windows(4).any(|window| window == b"HTTP"), "{answer:?}");
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_client_certificate_names_the_caller_and_trust_its_roles() {
    let (desk, ours, clients) = (Desk::new(), Authority::new("ours"), Authority::new("clients"));
    let identity = IdentityOptions {
        certificate: Some(placed(&desk, &ours.pair("localhost"))),
        client_authorities: Some(desk.write("clients.pem", &clients.pem)),
        trusted: vec!["certificate:helpdesk.example".into(), "certificate:backoffice".into()],
        ..IdentityOptions::default()
    };
    let (server, _) = serving(identity).await;
    let stranger = Authority::new("clients");
    for (what, shown, code) in [
        ("none", None, Code::Unavailable),
        ("a stranger's", Some(stranger.pair("helpdesk.example")), Code::Unavailable),
        ("an expired one", Some(clients.expired("helpdesk.example")), Code::Unavailable),
        ("one that is not trusted with roles", Some(clients.pair("other.example")), Code::PermissionDenied),
        ("one that is", Some(clients.pair("helpdesk.example")), Code::Ok),
        ("one by its common name", Some(clients.pair_in_common("backoffice")), Code::Ok),
        ("one without a name", Some(clients.pair_in_common(" ")), Code::Unauthenticated),
    ] {
        assert_eq!(outcome(&server, &ours, shown.as_ref(), "agent").await, code, "{what}");
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_token_over_a_certified_connection_counts_more_than_the_certificate() {
    let (desk, ours, clients, signer) =
        (Desk::new(), Authority::new("ours"), Authority::new("clients"), Signer::new("first"));
    let tokens = TokenOptions {
        keys: desk.write("keys.json", &signer.keys()),
        issuer: ISSUER.into(),
        audience: AUDIENCE.into(),
        role_claim: "role".into(),
    };
    let identity = IdentityOptions {
        certificate: Some(placed(&desk, &ours.pair("localhost"))),
        client_authorities: Some(desk.write("clients.pem", &clients.pem)),
        tokens: Some(tokens),
        trusted: vec!["certificate:helpdesk.example".into()],
    };
    let (server, _) = serving(identity).await;
    let helpdesk = clients.pair("helpdesk.example");
    let stranger = Authority::new("clients").pair("helpdesk.example");
    let token = |changes| Some(format!("Bearer {}", signer.sign(&claims(&changes))));
    for (what, shows, token, role, code) in [
        ("neither", None, None, "agent", Code::Unauthenticated),
        ("a stranger's certificate", Some(&stranger), token(json!({})), "agent", Code::Unavailable),
        ("a certificate", Some(&helpdesk), None, "manager", Code::Ok),
        ("a token", None, token(json!({})), "agent", Code::Ok),
        ("both, of another role", Some(&helpdesk), token(json!({})), "manager", Code::PermissionDenied),
        ("both, of no role", Some(&helpdesk), token(json!({ "role": null })), "manager", Code::Ok),
        ("both, a bad token", Some(&helpdesk), Some("Bearer a.b.c".into()), "agent", Code::Unauthenticated),
    ] {
        let code_now = match client(&server, &ours, shows).await {
            Err(_) => Code::Unavailable,
            Ok(channel) => {
                let mut request = Request::new(question(role));
                if let Some(token) = token {
                    request.metadata_mut().insert("authorization", token.parse().unwrap());
                }
                answered(channel, request).await
            }
        };
        assert_eq!(code_now, code, "{what}");
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_pair_is_replaced_in_either_order_and_a_bad_one_never() {
    let (desk, first, second) = (Desk::new(), Authority::new("first"), Authority::new("second"));
    let (server, identity) = serving(IdentityOptions {
        certificate: Some(placed(&desk, &first.pair("localhost"))),
        ..IdentityOptions::default()
    })
    .await;
    let shown_by = async |authority| outcome(&server, authority, None, "agent").await == Code::Ok;
    let open = client(&server, &first, None).await.unwrap();

    // The certificate first, then its key.
    let pair = second.pair("localhost");
    desk.write("server.pem", &pair.certificate);
    assert_eq!(identity.look(), 1, "half of a pair is refused");
    assert!(shown_by(&first).await && !shown_by(&second).await);
    desk.write("server.key", &pair.key);
    assert_eq!(identity.look(), 0);
    assert!(shown_by(&second).await && !shown_by(&first).await);

    // The key first, then its certificate.
    let pair = first.pair("localhost");
    desk.write("server.key", &pair.key);
    assert_eq!(identity.look(), 1);
    assert!(shown_by(&second).await);
    desk.write("server.pem", &pair.certificate);
    assert_eq!(identity.look(), 0);
    assert!(shown_by(&first).await);

    let expired = first.expired("localhost");
    for (certificate, key) in [
        ("", pair.key.as_str()),
        ("no PEM", &pair.key),
        (&pair.certificate[..pair.certificate.len() / 2], &pair.key),
        (&pair.certificate, ""),
        (&pair.certificate, &pair.certificate),
        (&expired.certificate, &expired.key),
    ] {
        desk.write("server.pem", certificate);
        desk.write("server.key", key);
        assert_eq!(identity.look(), 1);
        assert!(shown_by(&first).await, "the pair before stays");
    }
    std::fs::remove_file(desk.file("server.key")).unwrap();
    assert_eq!(identity.look(), 1);
    assert!(shown_by(&first).await);

    // Connections that were open all the while are not touched.
    assert!(DecisionServiceClient::new(open).authorize(question("agent")).await.is_ok());
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_authorities_of_clients_are_replaced_without_a_word_from_us() {
    let (desk, ours, old, new) = (Desk::new(), Authority::new("ours"), Authority::new("old"), Authority::new("new"));
    let (server, _) = serving(IdentityOptions {
        certificate: Some(placed(&desk, &ours.pair("localhost"))),
        client_authorities: Some(desk.write("clients.pem", &old.pem)),
        trusted: vec!["certificate:helpdesk.example".into()],
        ..IdentityOptions::default()
    })
    .await;
    let (by_old, by_new) = (old.pair("helpdesk.example"), new.pair("helpdesk.example"));
    assert_eq!(outcome(&server, &ours, Some(&by_old), "agent").await, Code::Ok);
    desk.write("clients.pem", &new.pem);
    // The server looks by itself, once a second.
    for _ in 0..100 {
        if outcome(&server, &ours, Some(&by_new), "agent").await == Code::Ok {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(outcome(&server, &ours, Some(&by_new), "agent").await, Code::Ok);
    assert_eq!(outcome(&server, &ours, Some(&by_old), "agent").await, Code::Unavailable);
    server.stop().await.unwrap();
}

#[test]
fn files_that_are_not_sound_start_nothing() {
    let (desk, authority) = (Desk::new(), Authority::new("ours"));
    let (pair, other, expired) =
        (authority.pair("localhost"), authority.pair("localhost"), authority.expired("localhost"));
    for (certificate, key, said) in [
        (pair.certificate.as_str(), other.key.as_str(), "is not the key of the certificate in"),
        ("", &pair.key, "holds no certificate in PEM"),
        (&pair.key, &pair.key, "holds no certificate in PEM"),
        (&pair.certificate, "", "holds no private key in PEM"),
        (&pair.certificate, &pair.certificate, "holds no private key in PEM"),
        (&expired.certificate, &expired.key, "has expired"),
    ] {
        let certificate = Some(placed(&desk, &Pair { certificate: certificate.into(), key: key.into() }));
        let refused = Identity::load(IdentityOptions { certificate, ..IdentityOptions::default() }).unwrap_err();
        assert!(refused.to_string().contains(said), "{refused}");
    }
    let certificate = Some(placed(&desk, &pair));
    let missing = Some((desk.file("nowhere.pem"), desk.file("server.key")));
    let refused = Identity::load(IdentityOptions { certificate: missing, ..IdentityOptions::default() }).unwrap_err();
    assert!(refused.to_string().contains("nowhere.pem` can't be read: it is not there"), "{refused}");
    let directory = Some((desk.file("."), desk.file("server.key")));
    let refused = Identity::load(IdentityOptions { certificate: directory, ..IdentityOptions::default() }).unwrap_err();
    assert!(refused.to_string().contains("is no ordinary file"), "{refused}");
    let client_authorities = Some(desk.write("clients.pem", ""));
    let options = IdentityOptions { certificate, client_authorities, ..IdentityOptions::default() };
    assert!(Identity::load(options.clone()).unwrap_err().to_string().contains("holds no certificate"));
    let refused = Identity::load(IdentityOptions { certificate: None, ..options }).unwrap_err();
    assert_eq!(refused, IdentityError::ClientsWithoutTls);
}

#[test]
fn other_machines_are_served_only_what_is_safe_or_meant() {
    let (desk, authority) = (Desk::new(), Authority::new("ours"));
    let none = Arc::new(Identity::none());
    let load = |client_authorities| {
        let certificate = Some(placed(&desk, &authority.pair("localhost")));
        Arc::new(
            Identity::load(IdentityOptions { certificate, client_authorities, ..IdentityOptions::default() }).unwrap(),
        )
    };
    let (tls, both) = (load(None), load(Some(desk.write("clients.pem", &authority.pem))));
    let check = |address: &str, identity: &Arc<Identity>, plaintext: bool, anonymous: bool| {
        let (address, identity) = (address.parse().unwrap(), Arc::clone(identity));
        let exposed = Exposed { plaintext, anonymous };
        match (ServeOptions { address, identity, exposed, ..ServeOptions::default() }).check_exposure() {
            Ok(()) => "served",
            Err(ServeError::Plaintext(_)) => "plaintext",
            Err(ServeError::Anonymous(_)) => "anonymous",
            Err(other) => panic!("{other}"),
        }
    };
    for here in ["127.0.0.1:0", "127.9.9.9:1", "[::1]:0"] {
        assert_eq!(check(here, &none, false, false), "served", "{here}");
    }
    for elsewhere in ["0.0.0.0:0", "[::]:0", "10.1.2.3:50051", "[::ffff:127.0.0.1]:0"] {
        assert_eq!(check(elsewhere, &none, false, false), "plaintext", "{elsewhere}");
        assert_eq!(check(elsewhere, &none, false, true), "plaintext", "{elsewhere}");
        assert_eq!(check(elsewhere, &none, true, false), "anonymous", "{elsewhere}");
        assert_eq!(check(elsewhere, &none, true, true), "served", "{elsewhere}");
        assert_eq!(check(elsewhere, &tls, false, false), "anonymous", "{elsewhere}");
        assert_eq!(check(elsewhere, &tls, false, true), "served", "{elsewhere}");
        assert_eq!(check(elsewhere, &both, false, false), "served", "{elsewhere}");
    }
}
