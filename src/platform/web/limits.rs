//! Rate limits over a sliding window: in Redis when there is one, in this process otherwise (PLT-17).

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{HttpMessage, HttpRequest};
use deadpool_redis::redis;
use parking_lot::Mutex;

use crate::clock;
use crate::error::{Error, Result};

/// So many in so long.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub name: &'static str,
    pub times: u32,
    pub window: Duration,
}

pub const SIGN_IN: Limit = limit("sign-in", 5, 15 * 60);
/// One address may serve an office; a guesser tries far more accounts than an office has people.
pub const SIGN_IN_ADDRESS: Limit = limit("sign-in-address", 30, 15 * 60);
pub const RESET: Limit = limit("reset", 5, 60 * 60);
pub const RESET_ADDRESS: Limit = limit("reset-address", 20, 60 * 60);
/// Tries of the current password by somebody who is signed in.
pub const CONFIRM: Limit = limit("confirm", 5, 15 * 60);
pub const API: Limit = limit("api", 120, 60);
pub const UPLOAD: Limit = limit("upload", 10, 60);
pub const BULK: Limit = limit("bulk", 5, 60);
pub const PUBLIC_FORM: Limit = limit("public-form", 20, 10 * 60);

const fn limit(name: &'static str, times: u32, seconds: u64) -> Limit {
    Limit {
        name,
        times,
        window: Duration::from_secs(seconds),
    }
}

/// Where somebody stands after this try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub limit: u32,
    pub remaining: u32,
    /// Seconds until the oldest try no longer counts.
    pub reset: u64,
    /// Seconds until the next try, where this one was refused.
    pub retry_after: Option<u64>,
}

impl Standing {
    fn new(limit: Limit, tries: u32, granted: bool, reset_millis: i64) -> Standing {
        let reset = (reset_millis.max(0) as u64).div_ceil(1000).max(1);
        Standing {
            limit: limit.times,
            remaining: limit.times.saturating_sub(tries),
            reset,
            retry_after: (!granted).then_some(reset),
        }
    }
}

/// Where a program stands with its requests; made with the request, filled in by its guard, told in the answer.
#[derive(Clone, Default)]
pub struct Counted(Rc<Cell<Option<Standing>>>);

impl Counted {
    pub fn of(req: &HttpRequest) -> Counted {
        req.extensions().get().cloned().unwrap_or_default()
    }

    /// Counts the request, however often it is asked to.
    pub async fn once(&self, limits: &Limits, limit: Limit, key: &str) -> Result<()> {
        let standing = match self.0.get() {
            Some(standing) => standing,
            None => limits.take(limit, key).await,
        };
        self.0.set(Some(standing));
        match standing.retry_after {
            Some(retry_after) => Err(Error::TooMany { retry_after }),
            None => Ok(()),
        }
    }

    pub fn tell(&self, headers: &mut HeaderMap) {
        let Some(standing) = self.0.get() else {
            return;
        };
        for (name, value) in [
            ("x-ratelimit-limit", u64::from(standing.limit)),
            ("x-ratelimit-remaining", u64::from(standing.remaining)),
            ("x-ratelimit-reset", standing.reset),
        ] {
            headers.insert(HeaderName::from_static(name), value.into());
        }
    }
}

/// The most keys remembered in this process; beyond, those whose window has passed are dropped first.
const MOST_KEYS: usize = 100_000;

pub struct Limits {
    redis: Option<deadpool_redis::Pool>,
    here: Mutex<HashMap<String, Vec<i64>>>,
}

impl Limits {
    pub fn new(redis: Option<deadpool_redis::Pool>) -> Limits {
        Limits {
            redis,
            here: Mutex::new(HashMap::new()),
        }
    }

    /// Whether Redis answers, where there is one.
    pub async fn redis_answers(&self) -> Option<bool> {
        let pool = self.redis.as_ref()?;
        let ping = async {
            let mut conn = pool.get().await.ok()?;
            redis::cmd("PING")
                .query_async::<String>(&mut conn)
                .await
                .ok()
        };
        Some(matches!(
            tokio::time::timeout(Duration::from_secs(2), ping).await,
            Ok(Some(_))
        ))
    }

    /// Counts a try; refuses it with 429 where there were too many.
    pub async fn check(&self, limit: Limit, key: &str) -> Result<Standing> {
        let standing = self.take(limit, key).await;
        match standing.retry_after {
            Some(retry_after) => Err(Error::TooMany { retry_after }),
            None => Ok(standing),
        }
    }

    pub async fn take(&self, limit: Limit, key: &str) -> Standing {
        let key = format!("limit:{}:{key}", limit.name);
        let now = clock::now().timestamp_millis();
        if let Some(pool) = &self.redis {
            match tokio::time::timeout(Duration::from_millis(300), in_redis(pool, limit, &key, now))
                .await
            {
                Ok(Ok(standing)) => return standing,
                other => {
                    tracing::warn!(failed = ?other.is_err(), "Redis is away: limits are counted in this process")
                }
            }
        }
        self.in_process(limit, &key, now)
    }

    /// Forgets the tries of a key, after a success.
    pub async fn clear(&self, limit: Limit, key: &str) {
        let key = format!("limit:{}:{key}", limit.name);
        if let Some(pool) = &self.redis {
            let _ = tokio::time::timeout(Duration::from_millis(300), async {
                let mut conn = pool.get().await.ok()?;
                redis::cmd("DEL")
                    .arg(&key)
                    .query_async::<()>(&mut conn)
                    .await
                    .ok()
            })
            .await;
        }
        self.here.lock().remove(&key);
    }

    /// Takes back the latest try of a key, which turned out not to be one to count.
    pub async fn give_back(&self, limit: Limit, key: &str) {
        let key = format!("limit:{}:{key}", limit.name);
        if let Some(pool) = &self.redis {
            let _ = tokio::time::timeout(Duration::from_millis(300), async {
                let mut conn = pool.get().await.ok()?;
                redis::cmd("ZPOPMAX")
                    .arg(&key)
                    .exec_async(&mut conn)
                    .await
                    .ok()
            })
            .await;
        }
        if let Some(tries) = self.here.lock().get_mut(&key) {
            tries.pop();
        }
    }

    fn in_process(&self, limit: Limit, key: &str, now: i64) -> Standing {
        let window = limit.window.as_millis() as i64;
        let mut here = self.here.lock();
        if here.len() >= MOST_KEYS && !here.contains_key(key) {
            here.retain(|_, tries| tries.last().is_some_and(|t| now - t < window));
        }
        let tries = here.entry(key.to_owned()).or_default();
        tries.retain(|t| now - t < window);
        let granted = tries.len() < limit.times as usize;
        if granted {
            tries.push(now);
        }
        let reset = tries.first().map_or(window, |t| window - (now - t));
        Standing::new(limit, tries.len() as u32, granted, reset)
    }
}

/// A sorted set of the times of the tries; one script, so that two tries at once are counted as two.
const SCRIPT: &str = r"
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1] - ARGV[2])
local n = redis.call('ZCARD', KEYS[1])
local granted = 0
if n < tonumber(ARGV[3]) then
  redis.call('ZADD', KEYS[1], ARGV[1], ARGV[4])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  granted = 1
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {n + granted, granted, ARGV[2] - (ARGV[1] - first[2])}";

async fn in_redis(
    pool: &deadpool_redis::Pool,
    limit: Limit,
    key: &str,
    now: i64,
) -> std::result::Result<Standing, Box<dyn std::error::Error + Send + Sync>> {
    let mut conn = pool.get().await?;
    let (tries, granted, reset): (u32, bool, i64) = redis::Script::new(SCRIPT)
        .key(key)
        .arg(now)
        .arg(limit.window.as_millis() as i64)
        .arg(limit.times)
        .arg(format!("{now}-{}", rand::random::<u32>()))
        .invoke_async(&mut *conn)
        .await?;
    Ok(Standing::new(limit, tries, granted, reset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_sixth_try_is_refused_until_the_window_has_slid_on() {
        let limits = Limits::new(None);
        let start = clock::now();
        let frozen = clock::freeze(start);
        for left in (0..5).rev() {
            assert_eq!(limits.take(SIGN_IN, "a").await.remaining, left);
        }
        assert_eq!(limits.take(SIGN_IN, "a").await.retry_after, Some(900));
        assert_eq!(limits.take(SIGN_IN, "b").await.retry_after, None);
        drop(frozen);
        let _later = clock::freeze(start + chrono::TimeDelta::minutes(15));
        assert_eq!(limits.take(SIGN_IN, "a").await.retry_after, None);
    }
}
