//! Traces by OpenTelemetry: a span for each request, job and transaction, sent in batches by OTLP over HTTP.
//!
//! Names and attributes follow OpenTelemetry's semantic conventions for HTTP servers; `traceparent` (W3C Trace Context)
//! of a caller is taken up. `OTEL_TRACES_SAMPLER`, `OTEL_SERVICE_NAME` and `OTEL_EXPORTER_OTLP_HEADERS` hold as usual.

use std::sync::OnceLock;
use std::time::Duration;

use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};
use async_trait::async_trait;
use opentelemetry::KeyValue;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{Status, TraceContextExt, TracerProvider};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;

use super::{BoxedLayer, Failure};
use crate::http;

/// How long the end of the process waits for the last batch.
pub const LAST: Duration = Duration::from_secs(3);

/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is read of a collector's answer, in bytes.
const ANSWER: u64 = 64 * 1024;

static ON: OnceLock<()> = OnceLock::new();

pub fn provider(endpoint: &str) -> Result<SdkTracerProvider, Failure> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Client(http::agent(PATIENCE)))
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()?;
    let named = std::env::var_os("OTEL_SERVICE_NAME").is_some();
    let resource = Resource::builder();
    let resource = match named {
        true => resource,
        false => resource.with_service_name("nexus"),
    };
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource.with_attribute(version).build());
    _ = ON.set(());
    Ok(provider.build())
}

/// Our own spans, with the warnings and errors within them.
pub fn layer(provider: &SdkTracerProvider) -> BoxedLayer {
    let ours = |target: &str| target.starts_with("platform") || target.starts_with("nexus");
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("nexus"))
        .with_filter(filter_fn(move |meta| {
            ours(meta.target()) && (meta.is_span() || *meta.level() <= tracing::Level::WARN)
        }))
        .boxed()
}

/// The span of a request.
#[derive(Clone)]
pub struct Span(pub tracing::Span);

/// What is known of a request once it is answered.
pub struct Answer<'a> {
    pub route: Option<&'a str>,
    pub status: StatusCode,
    pub user: Option<String>,
    pub workspace: Option<String>,
}

impl Span {
    /// `path` without what must not be known of it.
    pub fn begin(id: &str, method: &Method, path: &str, headers: &HeaderMap) -> Span {
        let span = tracing::info_span!("request", id, otel.kind = "server");
        if ON.get().is_some() {
            let caller = TraceContextPropagator::new().extract(&Headers(headers));
            // It fails only where the layer is not there.
            _ = span.set_parent(caller);
            span.set_attribute("http.request.method", method.to_string());
            span.set_attribute("url.path", path.to_owned());
        }
        Span(span)
    }

    pub fn end(&self, method: &Method, answer: Answer) {
        if ON.get().is_none() {
            return;
        }
        let span = &self.0;
        if let Some(route) = answer.route {
            let traced = span.context();
            traced.span().update_name(format!("{method} {route}"));
            span.set_attribute("http.route", route.to_owned());
        }
        let status = i64::from(answer.status.as_u16());
        span.set_attribute("http.response.status_code", status);
        if answer.status.is_server_error() {
            span.set_status(Status::error(answer.status.as_str().to_owned()));
        }
        for (key, id) in [("user.id", answer.user), ("workspace.id", answer.workspace)] {
            if let Some(id) = id {
                span.set_attribute(key, id);
            }
        }
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|key| key.as_str()).collect()
    }
}

/// Sends a batch from the exporter's own thread, which may wait for the answer.
#[derive(Debug)]
struct Client(ureq::Agent);

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let response = self.0.run(request.map(|body| body.to_vec()))?;
        let (parts, mut body) = response.into_parts();
        let body = body.with_config().limit(ANSWER).read_to_vec()?;
        Ok(Response::from_parts(parts, body.into()))
    }
}
