//! Between processes: what one commits, the pages of the others see too.
//!
//! Redis pub/sub where there is Redis, PostgreSQL `LISTEN`/`NOTIFY` otherwise. A message that is lost costs nobody
//! anything but a moment: pages catch up by the last event they saw.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, future, stream};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_postgres::{AsyncMessage, NoTls};
use uuid::Uuid;

use super::dispatch::Dispatcher;
use super::whereabouts::Here;
use crate::error::{Error, Result};

const CHANNEL: &str = "nexus_live";
/// What waits to be told to others; beyond it messages are dropped, for the reason above.
const WAITING: usize = 4_096;
const MOMENT: Duration = Duration::from_millis(100);
/// NOTIFY takes payloads of less than 8,000 bytes.
const LONGEST: usize = 7_900;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Message {
    Events {
        workspace: Uuid,
        ids: Vec<Uuid>,
    },
    Html {
        workspace: Uuid,
        room: String,
        html: String,
    },
    /// Something was written that no event tells of.
    Changed {
        workspace: Uuid,
    },
    /// What is remembered of its custom fields, tags and people no longer holds.
    Setup {
        workspace: Uuid,
    },
    /// A page is somewhere, or there no longer.
    Whereabouts {
        workspace: Uuid,
        room: String,
        page: Uuid,
        here: Option<Here>,
    },
    /// There is something new to do in these queues.
    Jobs {
        queues: Vec<String>,
    },
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    from: Uuid,
    message: Message,
}

#[derive(Clone)]
pub struct Relay {
    outbox: mpsc::Sender<Message>,
    /// The workspaces of which others are about to hear that something changed.
    changed: Arc<Mutex<HashSet<Uuid>>>,
}

/// The way between the processes.
#[derive(Clone, Debug)]
pub enum Way {
    Redis(String),
    Postgres(String),
}

impl Relay {
    pub fn new() -> (Relay, mpsc::Receiver<Message>) {
        let (outbox, waiting) = mpsc::channel(WAITING);
        let changed = Arc::default();
        (Relay { outbox, changed }, waiting)
    }

    pub fn send(&self, message: Message) {
        if self.outbox.try_send(message).is_err() {
            tracing::warn!("the relay is behind; other processes' pages will catch up later");
        }
    }

    /// Something of no event was written. Jobs write often, so what comes within a moment is told once.
    pub fn changed(&self, workspace: Uuid) {
        if !self.changed.lock().insert(workspace) {
            return;
        }
        let this = self.clone();
        let tell = move || {
            this.changed.lock().remove(&workspace);
            this.send(Message::Changed { workspace });
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    tokio::time::sleep(MOMENT).await;
                    tell();
                });
            }
            Err(_) => tell(),
        }
    }

    /// Carries messages both ways until the process ends, starting anew whenever the connection breaks.
    pub async fn run(way: Way, mut waiting: mpsc::Receiver<Message>, ears: Ears) {
        let me = Uuid::now_v7();
        loop {
            let carried = match &way {
                Way::Redis(url) => redis(url, me, &mut waiting, &ears).await,
                Way::Postgres(url) => postgres(url, me, &mut waiting, &ears).await,
            };
            if let Err(error) = carried {
                tracing::warn!(?error, "the relay between processes broke; trying again");
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }
}

fn sealed(me: Uuid, message: Message) -> Option<String> {
    let text = serde_json::to_string(&Envelope { from: me, message }).ok()?;
    (text.len() <= LONGEST).then_some(text)
}

/// Who in this process wants to know what came from the others.
pub struct Ears {
    pub pages: Dispatcher,
    /// Wakes the workers of a queue.
    pub workers: Box<dyn Fn(&str)>,
}

fn received(me: Uuid, payload: &str, ears: &Ears) {
    match serde_json::from_str::<Envelope>(payload) {
        Ok(envelope) if envelope.from == me => {}
        Ok(envelope) => match envelope.message {
            Message::Jobs { queues } => queues.iter().for_each(|queue| (ears.workers)(queue)),
            shown => ears.pages.relayed(shown),
        },
        Err(error) => tracing::warn!(%error, "a relayed message can't be read"),
    }
}

async fn postgres(
    url: &str,
    me: Uuid,
    waiting: &mut mpsc::Receiver<Message>,
    ears: &Ears,
) -> Result<()> {
    let (client, mut connection) = tokio_postgres::connect(url, NoTls)
        .await
        .map_err(Error::internal)?;
    let mut messages = Box::pin(stream::poll_fn(move |cx| connection.poll_message(cx)));
    let work = async {
        client.batch_execute("listen nexus_live").await?;
        while let Some(message) = waiting.recv().await {
            if let Some(text) = sealed(me, message) {
                client
                    .execute("select pg_notify($1, $2)", &[&CHANNEL, &text])
                    .await?;
            }
        }
        Ok::<(), tokio_postgres::Error>(())
    };
    let listen = async {
        while let Some(message) = messages.next().await {
            if let AsyncMessage::Notification(n) = message? {
                received(me, n.payload(), ears);
            }
        }
        Ok::<(), tokio_postgres::Error>(())
    };
    match future::select(Box::pin(work), Box::pin(listen)).await {
        future::Either::Left((ended, _)) | future::Either::Right((ended, _)) => {
            ended.map_err(Error::internal)
        }
    }
}

async fn redis(
    url: &str,
    me: Uuid,
    waiting: &mut mpsc::Receiver<Message>,
    ears: &Ears,
) -> Result<()> {
    use deadpool_redis::redis::{self, AsyncTypedCommands};
    let client = redis::Client::open(url).map_err(Error::internal)?;
    let mut publisher = client
        .get_multiplexed_async_connection()
        .await
        .map_err(Error::internal)?;
    let mut subscriber = client.get_async_pubsub().await.map_err(Error::internal)?;
    subscriber
        .subscribe(CHANNEL)
        .await
        .map_err(Error::internal)?;
    let mut messages = subscriber.on_message();
    loop {
        tokio::select! {
            message = waiting.recv() => {
                let Some(message) = message else { return Ok(()) };
                if let Some(text) = sealed(me, message) {
                    publisher.publish(CHANNEL, text).await.map_err(Error::internal)?;
                }
            }
            message = messages.next() => {
                let Some(message) = message else { return Ok(()) };
                let payload: String = message.get_payload().map_err(Error::internal)?;
                received(me, &payload, ears);
            }
        }
    }
}
