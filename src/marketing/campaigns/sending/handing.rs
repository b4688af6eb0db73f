//! The mails of a run, each made and handed to the mail server; as many at once as there are connections.

use std::sync::atomic::Ordering;

use futures_util::StreamExt;
use futures_util::stream;
use platform::mail::{
    Address, Campaign as Mailing, Delivery, Envelope, Mailbox, Purpose, Recipient, Token,
};
use platform::{Result, clock};
use serde_json::Value;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::claim::Claimed;
use super::recorder::Outcome;
use super::run::Run;

/// The server is away when so many mails in a row could not even be handed over.
const PATIENCE: usize = 20;

impl Run {
    pub async fn send_all(
        &self,
        mailing: &Mailing,
        from: &Address,
        batches: mpsc::Receiver<Vec<Claimed>>,
        told: mpsc::Sender<(Uuid, Outcome)>,
    ) -> Result<()> {
        let width = self.app.mail.transport()?.width().max(1);
        let recipients = stream::unfold(batches, |mut batches| async move {
            let batch = batches.recv().await?;
            Some((stream::iter(batch), batches))
        })
        .flatten();
        let told = &told;
        recipients
            .for_each_concurrent(width, |recipient| async move {
                let id = recipient.id;
                let outcome = if self.stop.load(Ordering::Relaxed) {
                    Outcome::Returned
                } else {
                    self.send(mailing, from, recipient).await
                };
                // The recorder is gone only when the database is: the journal has it.
                if told.send((id, outcome)).await.is_err() {
                    self.stop.store(true, Ordering::Relaxed);
                }
            })
            .await;
        Ok(())
    }

    async fn send(&self, mailing: &Mailing, from: &Address, recipient: Claimed) -> Outcome {
        let to = match Address::parse(&recipient.email) {
            Ok(address) => Mailbox::new(None, address),
            Err(problem) => return Outcome::Failed(problem.to_string()),
        };
        let token = self.app.mail.tokens.sign(&Token {
            workspace: self.subject.workspace,
            recipient: recipient.id,
            purpose: Purpose::Campaign,
        });
        let key = recipient.id.to_string();
        let contact = recipient.contact.unwrap_or_default();
        let fields = Value::Object([("contact".to_owned(), contact)].into_iter().collect());
        let reader = Recipient {
            to: &to,
            token: &token,
            key: &key,
            fields: &fields,
        };
        let mail = match mailing.mail(&reader, clock::now()) {
            Ok(mail) => mail,
            Err(problem) => return Outcome::Failed(problem.to_string()),
        };
        let envelope = Envelope {
            from: from.clone(),
            to: to.address().clone(),
        };
        self.hand_over(recipient.id, &envelope, &mail).await
    }

    async fn hand_over(&self, id: Uuid, envelope: &Envelope, mail: &[u8]) -> Outcome {
        let (Ok(transport), Ok(journal)) = (self.app.mail.transport(), self.app.mail.journal())
        else {
            return Outcome::Returned;
        };
        let delivery = transport
            .send_noting(envelope, mail, || journal.handed_over(id))
            .await;
        let accepted = delivery.is_accepted();
        if let Delivery::Unreachable { reason } = &delivery {
            if self.unreachable.fetch_add(1, Ordering::Relaxed) + 1 >= PATIENCE {
                let trouble = format!("The mail server can't be reached: {reason}");
                self.trouble.lock().get_or_insert(trouble);
                self.stop.store(true, Ordering::Relaxed);
            }
            return Outcome::Returned;
        }
        self.unreachable.store(0, Ordering::Relaxed);
        let answered = match &delivery {
            Delivery::Unanswered => Ok(()),
            _ => journal.answered(id, accepted),
        };
        if let Err(error) = answered {
            tracing::error!(%error, "the journal can't be written; sending stops");
            self.stop.store(true, Ordering::Relaxed);
        }
        Outcome::of(delivery)
    }
}
