//! What a person fills in about a campaign.

use diesel::prelude::*;
use platform::mail::Address;
use platform::records::RecordForm;
use platform::schema::campaigns;
use platform::text_enum;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::campaign::Campaign;

text_enum! {
    pub enum Status {
        Draft => "draft", "Draft";
        Scheduled => "scheduled", "Scheduled";
        Sending => "sending", "Sending";
        Paused => "paused", "Paused";
        Sent => "sent", "Sent";
        Cancelled => "cancelled", "Cancelled";
    }
}

impl Status {
    pub fn tone(self) -> &'static str {
        match self {
            Status::Draft | Status::Cancelled => "",
            Status::Scheduled => "info",
            Status::Sending => "accent",
            Status::Paused => "warning",
            Status::Sent => "success",
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, Insertable, AsChangeset)]
#[diesel(table_name = campaigns, treat_none_as_null = true)]
#[serde(default)]
pub struct CampaignForm {
    #[validate(length(min = 1, max = 150, message = "Please give the campaign a name."))]
    pub name: String,
    /// The template's own where it is empty.
    #[validate(length(max = 500))]
    pub subject: String,
    #[validate(length(max = 150))]
    pub sender_name: String,
    #[validate(length(max = 254), custom(function = "address_or_nothing"))]
    pub sender_email: String,
    #[validate(length(max = 254), custom(function = "address_or_nothing"))]
    pub reply_to: String,
    pub template_id: Option<Uuid>,
    pub segment_id: Option<Uuid>,
    pub topic_id: Option<Uuid>,
}

impl RecordForm for CampaignForm {}

fn address_or_nothing(text: &str) -> Result<(), ValidationError> {
    if text.is_empty() {
        return Ok(());
    }
    match Address::parse(text) {
        Ok(_) => Ok(()),
        Err(problem) => {
            Err(ValidationError::new("address").with_message(problem.to_string().into()))
        }
    }
}

impl From<&Campaign> for CampaignForm {
    fn from(c: &Campaign) -> CampaignForm {
        CampaignForm {
            name: c.name.clone(),
            subject: c.subject.clone(),
            sender_name: c.sender_name.clone(),
            sender_email: c.sender_email.clone(),
            reply_to: c.reply_to.clone(),
            template_id: c.template_id,
            segment_id: c.segment_id,
            topic_id: c.topic_id,
        }
    }
}
