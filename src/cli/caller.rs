//! How a command reaches a server, and shows it who asks.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use redress::disk;
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

/// How long a server may take to be reached, and to answer.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How large one of the files may be.
const FILE_BYTES_MAX: usize = 1 << 20;

#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(next_help_heading = "Asking a server")]
pub struct Args {
    /// Authorities that vouch for the server's certificate, PEM
    #[arg(long, value_name = "FILE", env = "REDRESS_CA")]
    ca: Option<PathBuf>,

    /// Certificate to show the server, PEM
    #[arg(long, value_name = "FILE", env = "REDRESS_CERT", requires = "key")]
    cert: Option<PathBuf>,

    /// Private key of the certificate, PEM
    #[arg(long, value_name = "FILE", env = "REDRESS_KEY", requires = "cert")]
    key: Option<PathBuf>,

    /// File with the token to send the server
    #[arg(long, value_name = "FILE", env = "REDRESS_TOKEN_FILE")]
    token_file: Option<PathBuf>,
}

/// A server that can be asked.
pub struct Server {
    pub channel: Channel,
    authorization: Option<MetadataValue<Ascii>>,
}

impl Args {
    /// Reaches the server at `url`. A certificate is shown, and an authority asked, over `https` alone.
    pub async fn reach(&self, url: &str) -> anyhow::Result<Server> {
        let mut endpoint = Endpoint::from_shared(url.to_owned())
            .with_context(|| format!("`{url}` is no address of a server"))?
            .connect_timeout(PATIENCE)
            .timeout(PATIENCE);
        let secure = endpoint.uri().scheme_str() == Some("https");
        if secure {
            let mut tls = ClientTlsConfig::new();
            if let Some(ca) = &self.ca {
                tls = tls.ca_certificate(Certificate::from_pem(read(ca)?));
            } else {
                bail!("`{url}` is reached over TLS: name the authority of its certificate with `--ca`");
            }
            if let (Some(cert), Some(key)) = (&self.cert, &self.key) {
                tls = tls.identity(Identity::from_pem(read(cert)?, read(key)?));
            }
            endpoint = endpoint.tls_config(tls).context("the certificates can't be used")?;
        } else if self.ca.is_some() || self.cert.is_some() {
            bail!("`{url}` is reached without TLS: write `https://`, or leave out `--ca` and `--cert`");
        }
        let authorization = self.token_file.as_deref().map(authorization).transpose()?;
        let channel = endpoint.connect().await.with_context(|| format!("`{url}` can't be reached"))?;
        Ok(Server { channel, authorization })
    }
}

impl Server {
    /// A request with whatever shows who asks.
    pub fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(authorization) = &self.authorization {
            request.metadata_mut().insert("authorization", authorization.clone());
        }
        request
    }
}

fn authorization(file: &Path) -> anyhow::Result<MetadataValue<Ascii>> {
    let text = String::from_utf8(read(file)?).ok();
    let token = text.and_then(|text| format!("Bearer {}", text.trim()).parse().ok());
    let mut token: MetadataValue<Ascii> = token.with_context(|| format!("`{}` holds no token", file.display()))?;
    token.set_sensitive(true);
    Ok(token)
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    disk::file(file, FILE_BYTES_MAX).map_err(|reason| anyhow::anyhow!("`{}` {}", file.display(), reason.en))
}
