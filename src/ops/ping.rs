//! The job that does nothing: by it one sees that the workers work, and how fast.

use platform::Result;
use platform::jobs::{Job, JobContext, Queue, queue};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
pub struct Ping {}

impl Job for Ping {
    const QUEUE: Queue = queue::NOTIFICATIONS;
    const NAME: &'static str = "ops.ping";

    async fn run(self, _: JobContext) -> Result<()> {
        Ok(())
    }
}
