//! Logs: one line an event on standard error, for people or as JSON.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// Starts logging. `filter` is a level or a list like `hotline=debug,sqlx=warn`.
///
/// # Errors
/// If the filter cannot be read, or logging was started before.
pub fn start(filter: &str, format: LogFormat) -> anyhow::Result<()> {
    // In its finest detail it would write what pages send: keys that callers press.
    let filter = EnvFilter::try_new(filter)?.add_directive("tungstenite=info".parse()?);
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let started = match format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(|failed| anyhow::anyhow!(failed))
}
