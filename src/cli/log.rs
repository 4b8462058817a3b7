//! The log: one line a call, on stderr.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, ParseError, Targets},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// Filter of the log.
const FILTER: &str = "RUST_LOG";

/// Form of the log.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Pretty,
    /// For machines
    Json,
}

/// Starts the log.
pub(super) fn start(format: Format) -> Result<(), ParseError> {
    let filter: Targets = match std::env::var(FILTER) {
        Ok(text) if !text.is_empty() => text.parse()?,
        _ => Targets::new().with_default(LevelFilter::INFO),
    };
    let layer = fmt::layer().with_writer(io::stderr).with_target(false);
    let layer = match format {
        Format::Pretty => layer.with_ansi(io::stderr().is_terminal()).boxed(),
        Format::Json => layer.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter)).init();
    Ok(())
}
