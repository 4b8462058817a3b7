//! `ecmock healthcheck`.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use super::Failure;

const TIME_MAX: Duration = Duration::from_secs(2);
const READY: &str = "HTTP/1.1 200 ";

/// Succeeds if the server at `address` is ready.
pub(super) fn healthcheck(address: SocketAddr) -> Result<(), Failure> {
    let failed = |reason: String| Failure::failed(format!("{address} is not ready: {reason}"));
    let status = ask(address).map_err(|error| failed(error.to_string()))?;
    if status == READY {
        Ok(())
    } else {
        Err(failed(format!("it answered {:?}", status.trim_end())))
    }
}

/// The beginning of the answer, as much as [`READY`] is long.
fn ask(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIME_MAX)?;
    stream.set_read_timeout(Some(TIME_MAX))?;
    write!(stream, "GET /_ecmock/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut status = vec![0; READY.len()];
    stream.read_exact(&mut status)?;
    Ok(String::from_utf8_lossy(&status).into_owned())
}
