//! `/healthz`, `/readyz`, `/api/health` and `/metrics` (PLT-05, PLT-06).

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Text};
use platform::db::pool;
use platform::jobs::queue;
use platform::web::meters::Now;
use platform::web::{App, Machine, Public, Routes};
use platform::{Result, clock};
use schemars::JsonSchema;
use serde::Serialize;

use crate::ops::jobs::queues;

pub fn routes(r: &mut Routes) {
    r.get("/healthz", live)
        .get("/readyz", ready)
        .shows::<Health>()
        .get("/api/health", health)
        .shows::<Health>()
        .get("/metrics", metrics);
}

#[derive(Serialize, JsonSchema, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "HealthStatus")]
pub enum Status {
    Healthy,
    Degraded,
    Down,
}

#[derive(Serialize, JsonSchema)]
pub struct Service {
    name: &'static str,
    status: Status,
    latency_ms: f64,
    detail: String,
}

#[derive(Serialize, JsonSchema)]
struct Health {
    status: Status,
    services: Vec<Service>,
    timestamp: DateTime<Utc>,
}

async fn live(_: Public) -> &'static str {
    "ok"
}

async fn ready(public: Public) -> Result<HttpResponse> {
    answer(public).await
}

async fn health(public: Public) -> Result<HttpResponse> {
    answer(public).await
}

async fn answer(public: Public) -> Result<HttpResponse> {
    let services = vec![database(&public.app).await, redis(&public.app).await];
    let status = services
        .iter()
        .map(|s| s.status)
        .max()
        .unwrap_or(Status::Healthy);
    let health = Health {
        status,
        services,
        timestamp: clock::now(),
    };
    Ok(match status {
        Status::Down => HttpResponse::ServiceUnavailable().json(health),
        _ => HttpResponse::Ok().json(health),
    })
}

pub async fn database(app: &Arc<App>) -> Service {
    let started = Instant::now();
    let app = app.clone();
    let asked = web::block(move || -> Result<()> {
        sql_query("select 1").execute(&mut *pool::get(&app.pool)?)?;
        Ok(())
    });
    let well = matches!(
        tokio::time::timeout(Duration::from_secs(3), asked).await,
        Ok(Ok(Ok(())))
    );
    Service {
        name: "postgresql",
        status: if well { Status::Healthy } else { Status::Down },
        latency_ms: started.elapsed().as_secs_f64() * 1_000.0,
        detail: if well { "answers" } else { "does not answer" }.into(),
    }
}

/// Redis is optional: without it limits and fan-out work within this process, which health says.
async fn redis(app: &Arc<App>) -> Service {
    let started = Instant::now();
    let (status, detail) = match app.limits.redis_answers().await {
        None => (
            Status::Degraded,
            "not configured: limits are counted in this process",
        ),
        Some(true) => (Status::Healthy, "answers"),
        Some(false) => (
            Status::Degraded,
            "does not answer: limits are counted in this process",
        ),
    };
    Service {
        name: "redis",
        status,
        latency_ms: started.elapsed().as_secs_f64() * 1_000.0,
        detail: detail.into(),
    }
}

/// For Prometheus.
async fn metrics(machine: Machine) -> Result<HttpResponse> {
    let app = &machine.app;
    let queues = app.directory(depths).await?;
    let pool = app.pool.state();
    let text = app.meters.text(&Now {
        uptime: app.started.elapsed(),
        open_connections: pool.connections,
        idle_connections: pool.idle_connections,
        sockets: app.live.sockets(),
        queues,
    })?;
    Ok(HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(text))
}

#[derive(QueryableByName)]
struct Depth {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    waiting: i64,
    #[diesel(sql_type = BigInt)]
    running: i64,
    #[diesel(sql_type = BigInt)]
    dead: i64,
}

/// How many jobs each queue has waiting, running and dead; counting stops after 10,000.
fn depths(conn: &mut PgConnection) -> Result<Vec<(String, [i64; 3])>> {
    let names: Vec<&str> = queue::ALL.iter().map(|queue| queue.name).collect();
    let [waiting, running, dead] =
        ["new", "running", "dead"].map(|status| queues::count(status, "true"));
    let sql = format!(
        "select q.name, {waiting} waiting, {running} running, {dead} dead from unnest($1) q (name)"
    );
    let depths: Vec<Depth> = sql_query(sql).bind::<Array<Text>, _>(names).load(conn)?;
    let depths = depths.into_iter();
    Ok(depths
        .map(|depth| (depth.name, [depth.waiting, depth.running, depth.dead]))
        .collect())
}
