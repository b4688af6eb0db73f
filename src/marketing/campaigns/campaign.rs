//! A campaign: its row, its lists, and what can be written about it while it is a draft.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::records::archiving::set_archived;
use platform::records::{Editable, Record};
use platform::schema::campaigns;
use platform::web::Resource;
use platform::{Error, Result, record_queries};
use serde::Serialize;
use uuid::Uuid;

use super::form::{CampaignForm, Status};

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = campaigns, check_for_backend(Pg))]
pub struct Campaign {
    pub id: Uuid,
    pub name: String,
    pub status: Status,
    pub subject: String,
    pub sender_name: String,
    pub sender_email: String,
    pub reply_to: String,
    pub template_id: Option<Uuid>,
    pub segment_id: Option<Uuid>,
    pub topic_id: Option<Uuid>,
    /// Why sending stopped, when it did not stop by itself.
    pub problem: String,
    pub scheduled_at: Option<DateTime<Utc>>,
    pub started_at: Option<DateTime<Utc>>,
    pub snapshot_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub owner_id: Option<Uuid>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

impl Resource for Campaign {
    const NAME: &'static str = "campaigns";
}

impl Record for Campaign {
    const KIND: &'static str = "campaign";
    fn id(&self) -> Uuid {
        self.id
    }
    fn title(&self) -> String {
        self.name.clone()
    }
    fn version(&self) -> i32 {
        self.version
    }
}

impl Editable for Campaign {
    type Form = CampaignForm;

    record_queries!(campaigns);

    fn create(tx: &mut Tx, form: CampaignForm) -> Result<Campaign> {
        let campaign: Campaign = diesel::insert_into(campaigns::table)
            .values((
                campaigns::id.eq(Uuid::now_v7()),
                campaigns::owner_id.eq(tx.person),
                &form,
            ))
            .returning(Campaign::as_returning())
            .get_result(&mut **tx)?;
        tx.track(&campaign, "campaign.created", Changes::of_new(&form));
        Ok(campaign)
    }

    fn save(&self, tx: &mut Tx, form: CampaignForm) -> Result<Campaign> {
        let changes = Changes::between(&self.form(), &form);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        if !self.is_open() {
            return Err(Error::Conflict(
                "A campaign can't be changed once it is being sent.".into(),
            ));
        }
        let campaign: Campaign = diesel::update(campaigns::table.filter(campaigns::id.eq(self.id)))
            .set(&form)
            .returning(Campaign::as_returning())
            .get_result(&mut **tx)?;
        tx.track(&campaign, "campaign.updated", changes);
        Ok(campaign)
    }

    fn form(&self) -> CampaignForm {
        CampaignForm::from(self)
    }

    fn archive(&self, tx: &mut Tx) -> Result<Campaign> {
        if matches!(self.status, Status::Sending | Status::Scheduled) {
            return Err(Error::Conflict(
                "Cancel the campaign before you archive it.".into(),
            ));
        }
        set_archived(tx, self, Some(tx.now))
    }
}

impl Campaign {
    /// Whether it can still be changed.
    pub fn is_open(&self) -> bool {
        matches!(self.status, Status::Draft | Status::Scheduled)
    }
}
