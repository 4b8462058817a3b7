//! `ecmock healthcheck` and `ecmock wait`.

use std::{net::SocketAddr, time::Duration};

use clap::Args;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::ecm::store::Settle;

use super::{CommandError, ListenArgs, runtime};

/// Time limit of a whole check.
pub(super) const TIME_MAX: Duration = Duration::from_secs(2);
const READY: &str = "HTTP/1.1 200 ";
/// Delays between two checks of a wait: the first one, which then doubles, and the longest one.
const DELAYS: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(250));

#[derive(Debug, Args)]
pub(super) struct WaitArgs {
    #[command(flatten)]
    endpoint: ListenArgs,
    /// Time limit, for example 2m
    ///
    /// Time limit: a duration of up to 24h, such as 500ms, 30s, or 2m.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = time)]
    timeout: Duration,
}

/// Parses a time limit. It has the form of a time of [`Settle`].
fn time(text: &str) -> Result<Duration, &'static str> {
    match text.parse() {
        Ok(Settle::After(time)) if !time.is_zero() => Ok(time),
        _ => Err("must be a duration of up to 24h, such as 500ms, 30s, or 2m"),
    }
}

/// Succeeds if the server at `address` is ready.
pub(super) fn healthcheck(address: SocketAddr) -> Result<(), CommandError> {
    let failed = |reason| CommandError::failed(format!("{address} is not ready: {reason}"));
    runtime()?.block_on(check(address)).map_err(failed)
}

/// Succeeds as soon as the server is ready.
pub(super) fn wait(args: &WaitArgs) -> Result<(), CommandError> {
    let (address, time) = (args.endpoint.address()?, args.timeout);
    let mut reason = "no response".to_owned();
    let ready = until_ready(address, &mut reason);
    let ready = runtime()?.block_on(async { timeout(time, ready).await });
    ready.map_err(|_| {
        CommandError::failed(format!("{address} was not ready within {time:?}: {reason}"))
    })
}

/// Waits until a server is ready. `reason` is why the last check failed.
async fn until_ready(address: SocketAddr, reason: &mut String) {
    let (mut delay, longest) = DELAYS;
    while let Err(why) = check(address).await {
        *reason = why;
        sleep(delay).await;
        delay = longest.min(delay * 2);
    }
}

/// Returns why the server at `address` is not ready.
async fn check(address: SocketAddr) -> Result<(), String> {
    let asked = timeout(TIME_MAX, ask(address)).await;
    let asked = asked.map_err(|_| format!("no response within {} s", TIME_MAX.as_secs()))?;
    let status = asked.map_err(|error| error.to_string())?;
    if status == READY {
        Ok(())
    } else {
        Err(format!("unexpected response {:?}", status.trim_end()))
    }
}

/// Returns the start of the response, as long as [`READY`].
async fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request =
        format!("GET /_ecmock/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut status = vec![0; READY.len()];
    stream.read_exact(&mut status).await?;
    Ok(String::from_utf8_lossy(&status).into_owned())
}
