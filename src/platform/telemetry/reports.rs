//! Errors and panics, reported to Sentry.

use sentry::integrations::tracing::ErrorLayer;
use sentry::protocol::Event;
use sentry::{ClientInitGuard, ClientOptions};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;

use super::BoxedLayer;
use super::masking::masked;

/// What is logged as an error becomes a report; what it holds of people is masked as in the log.
pub fn start(dsn: &str, production: bool) -> (ClientInitGuard, BoxedLayer) {
    let environment = match production {
        true => "production",
        false => "development",
    };
    let options = ClientOptions::new()
        .dsn(dsn)
        .release(concat!("nexus@", env!("CARGO_PKG_VERSION")))
        .environment(environment)
        .send_default_pii(false)
        .before_send(without_people);
    let layer = ErrorLayer::new().with_filter(LevelFilter::ERROR);
    (sentry::init(options), layer.boxed())
}

/// A report that can't be masked is not sent.
fn without_people(event: Event<'static>) -> Option<Event<'static>> {
    let text = serde_json::to_string(&event).ok()?;
    serde_json::from_str(&masked(&text)).ok()
}
