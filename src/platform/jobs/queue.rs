//! The ten queues: how many of each run at once in a process, and how often a job is tried.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queue {
    pub name: &'static str,
    pub concurrency: u64,
    pub attempts: i32,
}

pub const EMAIL: Queue = queue("email", 5, 5);
pub const DOCUMENTS: Queue = queue("documents", 3, 5);
pub const NOTIFICATIONS: Queue = queue("notifications", 10, 3);
pub const IMPORT: Queue = queue("import", 1, 1);
pub const EXPORT: Queue = queue("export", 2, 3);
pub const REPORTS: Queue = queue("reports", 1, 3);
pub const WEBHOOKS: Queue = queue("webhooks", 5, 3);
pub const MAINTENANCE: Queue = queue("maintenance", 1, 3);
pub const AI: Queue = queue("ai", 2, 3);
pub const BULK: Queue = queue("bulk", 2, 3);

pub const ALL: [Queue; 10] = [
    EMAIL,
    DOCUMENTS,
    NOTIFICATIONS,
    IMPORT,
    EXPORT,
    REPORTS,
    WEBHOOKS,
    MAINTENANCE,
    AI,
    BULK,
];

const fn queue(name: &'static str, concurrency: u64, attempts: i32) -> Queue {
    Queue {
        name,
        concurrency,
        attempts,
    }
}

/// Where a pause or a count stands for the whole installation instead of one workspace.
pub const WHOLE: uuid::Uuid = uuid::Uuid::nil();

/// One of the ten, by name.
pub fn named(name: &str) -> Option<Queue> {
    ALL.into_iter().find(|queue| queue.name == name)
}
