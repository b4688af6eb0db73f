//! Rate limits over a sliding window: in Redis when there is one, in this process otherwise (PLT-17).

use std::collections::HashMap;
use std::time::Duration;

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
    /// Seconds until the next try, where this one was refused.
    pub retry_after: Option<u64>,
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

    fn in_process(&self, limit: Limit, key: &str, now: i64) -> Standing {
        let window = limit.window.as_millis() as i64;
        let mut here = self.here.lock();
        if here.len() >= MOST_KEYS && !here.contains_key(key) {
            here.retain(|_, tries| tries.last().is_some_and(|t| now - t < window));
        }
        let tries = here.entry(key.to_owned()).or_default();
        tries.retain(|t| now - t < window);
        if tries.len() >= limit.times as usize {
            let wait = tries.first().map_or(window, |t| window - (now - t));
            return refused(limit, wait);
        }
        tries.push(now);
        Standing {
            limit: limit.times,
            remaining: limit.times - tries.len() as u32,
            retry_after: None,
        }
    }
}

fn refused(limit: Limit, wait_millis: i64) -> Standing {
    Standing {
        limit: limit.times,
        remaining: 0,
        retry_after: Some((wait_millis.max(0) as u64).div_ceil(1000).max(1)),
    }
}

/// A sorted set of the times of the tries; one script, so that two tries at once are counted as two.
const SCRIPT: &str = r"
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1] - ARGV[2])
local n = redis.call('ZCARD', KEYS[1])
if n >= tonumber(ARGV[3]) then
  local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return {n, ARGV[2] - (ARGV[1] - first[2])}
end
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {n + 1, -1}";

async fn in_redis(
    pool: &deadpool_redis::Pool,
    limit: Limit,
    key: &str,
    now: i64,
) -> std::result::Result<Standing, Box<dyn std::error::Error + Send + Sync>> {
    let mut conn = pool.get().await?;
    let (count, wait): (u32, i64) = redis::Script::new(SCRIPT)
        .key(key)
        .arg(now)
        .arg(limit.window.as_millis() as i64)
        .arg(limit.times)
        .arg(format!("{now}-{}", rand::random::<u32>()))
        .invoke_async(&mut *conn)
        .await?;
    Ok(if wait >= 0 {
        refused(limit, wait)
    } else {
        Standing {
            limit: limit.times,
            remaining: limit.times.saturating_sub(count),
            retry_after: None,
        }
    })
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
