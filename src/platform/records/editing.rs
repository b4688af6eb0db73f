//! The page on which a record is made or changed, and what comes of sending its form.
//!
//! A slice gives its own template and what its form has to choose from, as the function `editor`; the rest is here.

use std::sync::Arc;

use actix_web::HttpResponse;
use serde::Serialize;
use uuid::Uuid;

use super::custom::{CustomInputs, Links};
use super::facts::capital;
use super::kinds::Kind;
use super::listing::{Trail, also};
use super::write::{self, Written};
use super::{Editable, RecordForm};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::live::Present;
use crate::web::can::{Action, Can, Create, Edit, Member};
use crate::web::{Crumb, Form, Page, Toast, View};

/// What such a page has whatever the kind: the form, and the record that it is about unless that is still to be made.
#[derive(Serialize)]
#[serde(bound = "")]
pub struct Editing<T: Editable> {
    pub form: Form<T::Form>,
    #[serde(skip)]
    pub record: Option<T>,
    #[serde(skip)]
    pub member: Arc<Member>,
    #[serde(skip)]
    kind: Kind,
    #[serde(skip)]
    links: Links,
}

impl<T: Editable> Editing<T> {
    /// A new one, filled in as far as that is known.
    pub fn new(can: &Can<Create, T>, data: T::Form) -> Result<Editing<T>> {
        Editing::with(can, Form::of(data), None)
    }

    /// The one that is there.
    pub async fn find(can: &Can<Edit, T>, id: Uuid) -> Result<Editing<T>> {
        let record = can.tx(move |tx| T::find(tx, id)).await?;
        Editing::with(can, Form::of(record.form()), Some(record))
    }

    /// What somebody has typed so far, about a new one or the one that is there.
    pub fn with<A>(can: &Can<A, T>, form: Form<T::Form>, record: Option<T>) -> Result<Editing<T>> {
        Ok(Editing {
            form,
            record,
            member: can.member.clone(),
            kind: *can.app.kinds.get(T::KIND).ok_or(Error::NotFound)?,
            links: Links::default(),
        })
    }

    /// The answer: the page that `page` makes of this and of what `choices` reads for its fields. A program, which sees
    /// no page, is told what is wrong.
    pub async fn show<A: Action, C: Send + 'static, P: Page>(
        mut self,
        can: &Can<A, T>,
        choices: impl FnOnce(&mut Tx, &T::Form) -> Result<C> + Send + 'static,
        page: impl FnOnce(Editing<T>, C) -> P,
    ) -> Result<HttpResponse> {
        self.form.for_people(&can.asked)?;
        let status = self.form.status();
        let (member, mut data) = (self.member.clone(), self.form.data.clone());
        let read = can.tx(move |tx| {
            let links = match data.custom() {
                Some(custom) => Links::load(tx, &member, T::KIND, custom)?,
                None => Links::default(),
            };
            Ok((links, choices(tx, &data)?))
        });
        let (links, choices) = read.await?;
        self.links = links;
        can.page_with(status, page(self, choices))
    }

    pub fn title(&self) -> String {
        match &self.record {
            Some(record) => format!("Edit {}", record.title()),
            None => format!("New {}", self.kind.singular),
        }
    }

    pub fn crumbs(&self) -> Vec<Crumb> {
        let list = self.member.url(&format!("/{}", T::COLLECTION));
        let mut crumbs = vec![Crumb::to(capital(self.kind.plural), list)];
        match &self.record {
            Some(record) => {
                crumbs.extend([Crumb::to(record.title(), self.url()), Crumb::here("Edit")])
            }
            None => crumbs.push(Crumb::here("New")),
        }
        crumbs
    }

    /// The record as it was opened, or the list that the new one goes into: where the form leads back to.
    pub fn url(&self) -> String {
        match &self.record {
            Some(record) => on_page(record, &self.member),
            None => self.member.url(&format!("/{}", T::COLLECTION)),
        }
    }

    /// Where the form is sent.
    pub fn action(&self) -> String {
        match &self.record {
            Some(_) => also(&self.url(), "_method=PATCH"),
            None => self.url(),
        }
    }

    /// The version that somebody began with, also when the form comes back to them: what others changed since is then
    /// still told apart.
    pub fn version(&self) -> Option<String> {
        let record = self.record.as_ref()?;
        let began = Some(self.form.value("version")).filter(|v| !v.is_empty());
        Some(began.unwrap_or_else(|| record.version().to_string()))
    }

    /// Who else looks at the record or has its form open.
    pub fn presence(&self) -> Option<Present> {
        let record = self.record.as_ref()?;
        let room = format!("{}:{}", T::KIND, record.id());
        Some(self.member.present(&room))
    }

    /// The fields that the workspace has added.
    pub fn custom(&self) -> CustomInputs<'_, T::Form> {
        CustomInputs::new(&self.form, &self.member, T::KIND, &self.links)
    }

    /// Where a chooser of records of that kind searches.
    pub fn choices_url(&self, kind: &str) -> String {
        self.member.url(&format!("/records/{kind}/choices"))
    }
}

/// The address of a record's page, with the list that one came from.
pub(super) fn on_page<T: Editable>(record: &T, member: &Member) -> String {
    record.url(member) + &Trail::carried(&member.asked.query)
}

/// Makes a record and says that it `is_made`, or shows the form again in the slice's `editor`.
pub async fn create<T: Editable>(
    can: &Can<Create, T>,
    form: Form<T::Form>,
    is_made: &str,
    editor: impl AsyncFnOnce(&Can<Create, T>, Editing<T>) -> Result<HttpResponse>,
) -> Result<HttpResponse> {
    match write::create(can, form).await? {
        Ok(record) => made(can, &record, format!("{} {is_made}", record.title())),
        Err(form) => editor(can, Editing::with(can, form, None)?).await,
    }
}

/// On to the page of what was just made, with these words. Where a rule gave it to somebody else and with that it went out
/// of sight, on to the list.
pub(super) fn made<T: Editable>(
    can: &Can<Create, T>,
    record: &T,
    words: String,
) -> Result<HttpResponse> {
    if can.asked.json() || can.may_with(T::NAME, "view", record.owner()) {
        let toast = Toast::done(words);
        return can.created(&record.url(can), record.version(), record, toast);
    }
    let owner = record.owner().and_then(|id| can.setup.person(id));
    let whose = match owner {
        Some(owner) => format!("given to {}", owner.name),
        None => "is nobody’s yet".to_owned(),
    };
    let toast = Toast::done(format!("{words}, and {whose}"));
    can.redirect(&can.url(&format!("/{}", T::COLLECTION)), Some(toast))
}

/// Changes a record; where that can't be, shows the form again in the slice's `editor`, or what somebody else changed.
pub async fn update<T: Editable>(
    can: &Can<Edit, T>,
    id: Uuid,
    form: Form<T::Form>,
    editor: impl AsyncFnOnce(&Can<Edit, T>, Editing<T>) -> Result<HttpResponse>,
) -> Result<HttpResponse> {
    match write::update(can, id, form).await? {
        Written::Saved(saved) => saved.answer(can),
        Written::Refused { form, record } => {
            editor(can, Editing::with(can, form, Some(record))?).await
        }
        Written::Stale(clash) => clash.answer(can).await,
    }
}
