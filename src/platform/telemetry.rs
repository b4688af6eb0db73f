//! Logs: pretty on a terminal, JSON lines elsewhere.

use tracing_subscriber::EnvFilter;

/// Sets up logging once for the process. `filter` is in the syntax of `RUST_LOG`.
pub fn start(filter: &str, json: bool) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = if json {
        builder.json().flatten_event(true).try_init()
    } else {
        builder.with_target(false).compact().try_init()
    };
    if started.is_err() {
        tracing::debug!("logging was set up already");
    }
}
