//! Logs, traces and reports of errors: what an operator sees of a running process.
//!
//! Logs always go to standard error. Traces go out where `OTEL_EXPORTER_OTLP_ENDPOINT` is set and errors where
//! `SENTRY_DSN` is; without them their layers are not there and their spans cost nothing.

mod masking;
mod reports;
mod traces;

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

pub use traces::{Answer, Span};

use crate::config::Config;
use masking::Masking;

type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What is still to be sent when the process ends; dropping it sends it.
#[derive(Default)]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
    _reports: Option<sentry::ClientInitGuard>,
}

/// Sets all of it up, once for the process.
pub fn start(config: &Config) -> Result<Telemetry, Failure> {
    let mut layers = vec![log(&config.log_filter, config.log_json)];
    let mut telemetry = Telemetry::default();
    if let Some(endpoint) = &config.otlp_endpoint {
        let provider = traces::provider(endpoint)
            .map_err(|error| format!("OTEL_EXPORTER_OTLP_ENDPOINT: {error}"))?;
        layers.push(traces::layer(&provider));
        telemetry.traces = Some(provider);
    }
    if let Some(dsn) = &config.sentry_dsn {
        let (guard, layer) = reports::start(dsn, config.production);
        layers.push(layer);
        telemetry._reports = Some(guard);
    }
    if tracing_subscriber::registry()
        .with(layers)
        .try_init()
        .is_err()
    {
        tracing::debug!("logging was set up already");
    }
    Ok(telemetry)
}

/// `filter` is in the syntax of `RUST_LOG`.
fn log(filter: &str, json: bool) -> BoxedLayer {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let layer = tracing_subscriber::fmt::layer().with_writer(|| Masking(std::io::stderr()));
    match json {
        true => layer.json().flatten_event(true).with_filter(filter).boxed(),
        false => layer
            .with_target(false)
            .compact()
            .with_filter(filter)
            .boxed(),
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(traces) = &self.traces
            && let Err(error) = traces.shutdown_with_timeout(traces::LAST)
        {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}
