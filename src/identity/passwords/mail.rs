//! The mails that carry a link to set a password. The link's token is made when the mail is, so no job ever holds it.

use std::sync::Arc;

use platform::Result;
use platform::db::tx::Aftermath;
use platform::jobs::NewJob;
use platform::web::App;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// To somebody who lost their password; a person who is not there gets nothing.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendReset {
    pub person: Uuid,
}

/// To somebody who was added to a workspace.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendInvitation {
    pub person: Uuid,
}

impl SendReset {
    pub fn new_job(&self) -> NewJob {
        job("identity.send_reset", self)
    }
}

impl SendInvitation {
    pub fn new_job(&self) -> NewJob {
        job("identity.send_invitation", self)
    }
}

/// Promises a mail that belongs to no workspace, and tells who sends it.
pub async fn promise(app: &Arc<App>, job: NewJob) -> Result<()> {
    let queues = app
        .directory(move |conn| NewJob::insert_all(conn, None, &[job]))
        .await?;
    let aftermath = Aftermath {
        queues,
        ..Aftermath::default()
    };
    for reader in &app.readers {
        reader.committed(Uuid::nil(), &aftermath);
    }
    Ok(())
}

fn job(name: &'static str, payload: &impl Serialize) -> NewJob {
    NewJob {
        queue: "email",
        name,
        payload: serde_json::to_value(payload).unwrap_or_default(),
        run_at: None,
    }
}
