//! What `/metrics` tells of the process, in OpenMetrics text (<https://prometheus.io/docs/specs/om/open_metrics_spec/>).

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::error::{Error, Result};

/// What a request asked for. A route is its pattern, so there are as many as there are lines in `nexus routes`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: &'static str,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct State {
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QueueState {
    queue: String,
    state: &'static str,
}

type Durations = Family<Request, Histogram, fn() -> Histogram>;

/// Counters that grow as requests are answered. Cheap to clone.
#[derive(Clone)]
pub struct Meters {
    answers: Family<Answer, Counter>,
    durations: Durations,
}

impl Default for Meters {
    fn default() -> Meters {
        Meters {
            answers: Family::default(),
            // 1 ms to 4 s.
            durations: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.001, 2.0, 13))
            }),
        }
    }
}

/// What is looked up when somebody asks.
pub struct Now {
    pub uptime: Duration,
    pub open_connections: u32,
    pub idle_connections: u32,
    pub sockets: usize,
    /// Queue, and how many of its jobs are waiting, running and dead.
    pub queues: Vec<(String, [i64; 3])>,
}

impl Meters {
    pub fn answered(
        &self,
        method: &Method,
        route: Option<String>,
        status: StatusCode,
        took: Duration,
    ) {
        let method = match *method {
            Method::GET => "GET",
            Method::HEAD => "HEAD",
            Method::POST => "POST",
            Method::PUT => "PUT",
            Method::PATCH => "PATCH",
            Method::DELETE => "DELETE",
            Method::OPTIONS => "OPTIONS",
            _ => "other",
        };
        let route = route.unwrap_or_else(|| "none".into());
        let answer = Answer {
            method,
            route: route.clone(),
            status: status.as_u16(),
        };
        self.answers.get_or_create(&answer).inc();
        self.durations
            .get_or_create(&Request { method, route })
            .observe(took.as_secs_f64());
    }

    /// Everything as text.
    pub fn text(&self, now: &Now) -> Result<String> {
        let mut registry = Registry::with_prefix("nexus");
        registry.register("http_answers", "Requests answered", self.answers.clone());
        registry.register_with_unit(
            "http_answer",
            "How long answers took",
            Unit::Seconds,
            self.durations.clone(),
        );
        let uptime = Gauge::<f64, AtomicU64>::default();
        uptime.set(now.uptime.as_secs_f64());
        registry.register_with_unit("uptime", "Since the process started", Unit::Seconds, uptime);
        let connections = Family::<State, Gauge>::default();
        for (state, count) in [
            ("open", now.open_connections),
            ("idle", now.idle_connections),
        ] {
            let of = connections.get_or_create(&State { state });
            of.set(i64::from(count));
        }
        registry.register("db_connections", "Connections of the pool", connections);
        let sockets = Gauge::<i64>::default();
        sockets.set(now.sockets as i64);
        registry.register("live_sockets", "Pages that are open", sockets);
        let jobs = Family::<QueueState, Gauge>::default();
        for (queue, counts) in &now.queues {
            for (state, count) in ["waiting", "running", "dead"].into_iter().zip(counts) {
                let queue = queue.clone();
                jobs.get_or_create(&QueueState { queue, state }).set(*count);
            }
        }
        registry.register("jobs", "Jobs of all workspaces", jobs);
        let mut written = String::new();
        text::encode(&mut written, &registry).map_err(Error::internal)?;
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_route_and_status() {
        let meters = Meters::default();
        for took in [3, 30] {
            let route = Some("/w/{workspace}/contacts".to_owned());
            let took = Duration::from_millis(took);
            meters.answered(&Method::GET, route, StatusCode::OK, took);
        }
        let strange = Method::from_bytes(b"BREW").unwrap();
        meters.answered(&strange, None, StatusCode::NOT_FOUND, Duration::ZERO);
        let text = meters
            .text(&Now {
                uptime: Duration::from_secs(5),
                open_connections: 3,
                idle_connections: 1,
                sockets: 2,
                queues: vec![("email".into(), [4, 1, 0])],
            })
            .unwrap();
        for line in [
            "nexus_http_answers_total{method=\"GET\",route=\"/w/{workspace}/contacts\",status=\"200\"} 2",
            "nexus_http_answers_total{method=\"other\",route=\"none\",status=\"404\"} 1",
            "nexus_http_answer_seconds_bucket{le=\"0.004\",method=\"GET\",route=\"/w/{workspace}/contacts\"} 1",
            "nexus_uptime_seconds 5.0",
            "nexus_db_connections{state=\"open\"} 3",
            "nexus_live_sockets 2",
            "nexus_jobs{queue=\"email\",state=\"waiting\"} 4",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}
