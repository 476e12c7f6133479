//! `redress healthcheck`: whether a server answers, and wants calls.

use anyhow::Context as _;
use redress::both;
use tonic_health::ServingStatus;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use super::terminal::Terminal;
use super::{EXIT_CODES, Exit, caller};

const EXAMPLES: &str = "\
Examples:
  redress healthcheck
  redress healthcheck --server https://redress:50051 --ca ca.pem
";

/// Ask a server whether it takes calls: 服务是否可用
///
/// Ends with 0 where it does, with 1 where it is stopping or can't answer now, and with 3 where it is not reached.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub struct Args {
    /// Server to ask
    #[arg(long, value_name = "URL", env = "REDRESS_SERVER", default_value = "http://127.0.0.1:50051")]
    server: String,

    /// Service to ask about, such as `redress.v1.DecisionService` [default: all]
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    service: String,

    #[command(flatten)]
    caller: caller::Args,
}

pub fn run(args: &Args, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let Args { server: url, service, caller } = args;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let status = runtime.block_on(async {
        let server = caller.reach(url).await?;
        let mut client = HealthClient::new(server.channel.clone());
        let answer = client.check(server.request(HealthCheckRequest { service: service.clone() })).await;
        answer.map(|answer| answer.into_inner().status()).with_context(|| format!("`{url}` does not tell how it is"))
    })?;
    if status == ServingStatus::Serving.into() {
        terminal.note(&both!("`{url}` 正常", "`{url}` takes calls"))?;
        Ok(Exit::Well)
    } else {
        terminal.note(&both!("`{url}` 现在不接受请求", "`{url}` takes no calls now"))?;
        Ok(Exit::Wrong)
    }
}
