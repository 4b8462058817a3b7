//! `ecmock healthcheck`.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::CommandError;

/// Time limit of the whole check.
const TIME_MAX: Duration = Duration::from_secs(2);
const READY: &str = "HTTP/1.1 200 ";

/// Succeeds if the server at `address` is ready.
pub(super) fn healthcheck(address: SocketAddr) -> Result<(), CommandError> {
    let failed = |reason: String| CommandError::failed(format!("{address} is not ready: {reason}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| failed(error.to_string()))?;
    let asked = runtime.block_on(async { timeout(TIME_MAX, ask(address)).await });
    let asked =
        asked.map_err(|_| failed(format!("no response within {} s", TIME_MAX.as_secs())))?;
    let status = asked.map_err(|error| failed(error.to_string()))?;
    if status == READY {
        Ok(())
    } else {
        Err(failed(format!("unexpected response {:?}", status.trim_end())))
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
