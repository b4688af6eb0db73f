//! The pages of sequences, and their API.

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::db::Tx;
use platform::records::Editable;
use platform::records::editing::{self, Editing};
use platform::web::can::{Archive, Create, Edit, Member};
use platform::web::{Action, Can, Crumb, Form, Id, Page, Toast};
use serde::Serialize;

use super::plan::{MOST_STEPS, Plan};
use super::sequence::Sequence;
use crate::marketing::{templates, topics};

#[derive(Template, Serialize)]
#[template(path = "marketing/sequences/form.html")]
struct Editor {
    #[serde(flatten)]
    editing: Editing<Sequence>,
    #[serde(skip)]
    templates: Vec<(String, String)>,
    #[serde(skip)]
    topics: Vec<(String, String)>,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.editing.title()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        self.editing.crumbs()
    }
}

impl Editor {
    /// The rows of steps: those there are, and a blank one to add.
    fn rows(&self) -> Vec<usize> {
        let rows = self.editing.form.len_of("steps") + 1;
        (0..rows.min(MOST_STEPS as usize)).collect()
    }
    fn delay(&self, i: &usize) -> String {
        let typed = self.editing.form.value(&format!("steps.{i}.delay_hours"));
        if typed.is_empty() { "24".into() } else { typed }
    }
    fn chosen(&self, i: &usize, template: &str) -> bool {
        let form = &self.editing.form;
        form.checked(&format!("steps.{i}.template_id"), template)
    }
    fn error(&self, i: &usize) -> Option<&str> {
        self.editing.form.error(&format!("steps.{i}.delay_hours"))
    }
}

async fn editor<A: Action>(
    can: &Can<A, Sequence>,
    editing: Editing<Sequence>,
) -> Result<HttpResponse> {
    let choices = |tx: &mut Tx, plan: &Plan| {
        Ok((templates::choices(tx)?, topics::choices(tx, plan.topic_id)?))
    };
    let page = |editing, (templates, topics)| Editor {
        editing,
        templates,
        topics,
    };
    editing.show(can, choices, page).await
}

pub async fn new(can: Can<Create, Sequence>) -> Result<HttpResponse> {
    editor(&can, Editing::new(&can, Plan::default())?).await
}

pub async fn edit(can: Can<Edit, Sequence>, id: Id) -> Result<HttpResponse> {
    editor(&can, Editing::find(&can, id.0).await?).await
}

pub async fn create(can: Can<Create, Sequence>, form: Form<Plan>) -> Result<HttpResponse> {
    editing::create(&can, form, "is made", editor).await
}

pub async fn update(can: Can<Edit, Sequence>, id: Id, form: Form<Plan>) -> Result<HttpResponse> {
    editing::update(&can, id.0, form, editor).await
}

pub async fn activate(can: Can<Edit, Sequence>, Id(id): Id) -> Result<HttpResponse> {
    let sequence = can.tx(move |tx| Sequence::find(tx, id)?.activate(tx));
    answer(&can, &sequence.await?, "The sequence is active")
}

pub async fn pause(can: Can<Edit, Sequence>, Id(id): Id) -> Result<HttpResponse> {
    let sequence = can.tx(move |tx| Sequence::find(tx, id)?.pause(tx));
    answer(&can, &sequence.await?, "The sequence is paused")
}

pub async fn restore(can: Can<Archive, Sequence>, Id(id): Id) -> Result<HttpResponse> {
    let sequence = can.tx(move |tx| Sequence::find(tx, id)?.restore(tx));
    let sequence = sequence.await?;
    let words = format!("{} is back, and paused", sequence.name);
    answer(&can, &sequence, &words)
}

fn answer(member: &Member, sequence: &Sequence, words: &str) -> Result<HttpResponse> {
    let url = sequence.url(member);
    member.updated(&url, sequence.version, sequence, Toast::done(words))
}
