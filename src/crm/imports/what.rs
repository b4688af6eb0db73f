//! What a file holds: the kind of record that its rows become.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use platform::Error;
use platform::records::kinds::Kind;
use platform::text_enum;
use platform::web::openapi::route::Argument;

use crate::crm::{companies, contacts, deals, tasks};

text_enum! {
    pub enum What {
        Contact => "contact", "Contacts";
        Company => "company", "Companies";
        Deal => "deal", "Deals";
        Task => "task", "Tasks";
    }
}

impl What {
    pub const ALL: [What; 4] = [What::Contact, What::Company, What::Deal, What::Task];

    pub fn kind(self) -> &'static Kind {
        match self {
            What::Contact => &contacts::KIND,
            What::Company => &companies::KIND,
            What::Deal => &deals::KIND,
            What::Task => &tasks::KIND,
        }
    }

    pub fn collection(self) -> &'static str {
        self.kind().collection
    }

    /// How it is asked what becomes of those who are here already.
    pub fn repeated(self) -> &'static str {
        match self {
            What::Contact => "People who are here already, by their e-mail address",
            What::Company => {
                "Companies that are here already, by their Nexus ID, their domain or else their name"
            }
            What::Deal => {
                "Deals that are here already, by their Nexus ID or by their name within their company"
            }
            What::Task => {
                "Tasks that are here already, by their Nexus ID or by their name, what they are about and when they are due"
            }
        }
    }

    /// How it is asked what becomes of values that can't be read.
    pub fn unreadable(self) -> &'static str {
        match self {
            What::Contact => {
                "Values that can’t be read (e-mail addresses and names always refuse the row)"
            }
            What::Company => {
                "Values that can’t be read (what the form of a company refuses always refuses the row)"
            }
            What::Deal => {
                "Values that can’t be read (what the form or the stage of a deal refuses always refuses the row)"
            }
            What::Task => {
                "Values that can’t be read (what the form of a task refuses always refuses the row)"
            }
        }
    }

    /// What the page to upload a file on says of it.
    pub fn invites(self) -> &'static str {
        match self {
            What::Contact => {
                "A CSV file of up to 300 MB, with any separator and in any encoding, the first sheet of an Excel workbook, or vCards. Exports of HubSpot, Salesforce, Google Contacts, Outlook, Pipedrive, Zoho and Zendesk are recognised."
            }
            What::Company => {
                "A CSV file of up to 300 MB, with any separator and in any encoding, or the first sheet of an Excel workbook. Exports of Nexus, HubSpot, Salesforce, Pipedrive and Zoho are recognised. A parent company is found by its name or its domain."
            }
            What::Deal => {
                "A CSV file of up to 300 MB, with any separator and in any encoding, or the first sheet of an Excel workbook. Exports of Nexus, HubSpot and Salesforce are recognised. A deal names its company and its contacts; a company that is not here yet is added."
            }
            What::Task => {
                "A CSV file of up to 300 MB, with any separator and in any encoding, or the first sheet of an Excel workbook. Exports of Nexus and HubSpot are recognised. A task names what it is about: a contact, a company or a deal."
            }
        }
    }

    /// A file to try it with, and what is in it.
    pub fn sample(self) -> (&'static str, &'static str) {
        match self {
            What::Contact => (
                "samples/contacts.csv",
                "two dozen people, two of them with a mistake",
            ),
            What::Company => (
                "samples/companies.csv",
                "a dozen companies, two of them below another",
            ),
            What::Deal => (
                "samples/deals.csv",
                "a dozen deals with those companies, one of them with a mistake",
            ),
            What::Task => (
                "samples/tasks.csv",
                "ten tasks, most of them about those companies",
            ),
        }
    }
}

/// What the address says, `/deals/imports/…`.
pub struct Of(pub What);

impl Argument for Of {}

impl FromRequest for Of {
    type Error = Error;
    type Future = Ready<Result<Of, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut parts = req.path().split('/').rev();
        let named = parts
            .find(|part| *part == "imports")
            .and_then(|_| parts.next());
        let what = What::ALL
            .into_iter()
            .find(|what| Some(what.collection()) == named);
        ready(what.map(Of).ok_or(Error::NotFound))
    }
}
