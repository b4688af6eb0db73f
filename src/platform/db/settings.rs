//! How the private PostgreSQL is set up for the machine that it runs on.

use std::fs;

use diesel::prelude::*;

const FIXED: [&str; 13] = [
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=80",
    "work_mem=16MB",
    "maintenance_work_mem=256MB",
    "max_wal_size=4GB",
    "wal_compression=on",
    "checkpoint_timeout=15min",
    "random_page_cost=1.1",
    "jit=off",
    "max_locks_per_transaction=256",
    "log_min_duration_statement=2000",
    "log_checkpoints=off",
];
/// What a crash may cost is speed that a database made for one test can have.
const FORGETFUL: [&str; 3] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
];
const MEGABYTE: u64 = 1 << 20;

/// What the server is started with, as `name=value`.
pub fn all(durable: bool) -> Vec<String> {
    let forgetful = if durable { &[][..] } else { &FORGETFUL };
    let fixed = FIXED.iter().chain(forgetful).map(|s| (*s).to_owned());
    fixed.chain([shared_buffers(memory())]).collect()
}

/// A quarter of the memory, as PostgreSQL's manual advises (20.4.1); at most what is written down within seconds when
/// the server is stopped.
fn shared_buffers(memory: Option<u64>) -> String {
    let quarter = memory.map_or(0, |bytes| bytes / 4 / MEGABYTE);
    format!("shared_buffers={}MB", quarter.clamp(256, 1_024))
}

/// The memory in bytes that this machine has, or the container that we are in.
fn memory() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo").ok();
    let machine = machine.as_deref().and_then(total);
    let limit = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let limit = limit.and_then(|text| text.trim().parse().ok());
    machine.into_iter().chain(limit).min()
}

/// The first line of `/proc/meminfo` (proc(5)), in bytes.
fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// Packs the pages in the write-ahead log with LZ4, which is several times faster than the server's own way; a server
/// that was built without it keeps that.
pub fn pack_faster(conn: &mut PgConnection) {
    let set = diesel::sql_query("alter database nexus set wal_compression = 'lz4'");
    if let Err(error) = set.execute(conn) {
        tracing::debug!(%error, "the log is packed the slower way");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_the_memory_within_bounds() {
        let of = |gigabytes: u64| shared_buffers(Some(gigabytes * 1024 * MEGABYTE));
        assert_eq!(of(2), "shared_buffers=512MB");
        assert_eq!(of(512), "shared_buffers=1024MB");
        assert_eq!(shared_buffers(Some(1)), "shared_buffers=256MB");
        assert_eq!(shared_buffers(None), "shared_buffers=256MB");
    }

    #[test]
    fn the_memory_is_read_as_the_kernel_writes_it() {
        let text = "MemTotal:       16384000 kB\nMemFree:         1024 kB\n";
        assert_eq!(total(text), Some(16_384_000 * 1024));
        for text in ["", "MemTotal: many kB", "MemTotal: 99999999999999999999 kB"] {
            assert_eq!(total(text), None, "{text}");
        }
    }
}
