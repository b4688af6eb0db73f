//! The pages of tags.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::header;
use askama::Template;
use platform::web::can::{Manage, View as See};
use platform::web::filters::thousands;
use platform::web::{Action, Can, Crumb, Form, Id, Page, Toast, View, filters, link};
use platform::{Error, Result};
use serde::Serialize;

use super::form::{Colour, MergeForm, TagForm, check};
use super::tag::Tag;
use crate::workspaces::settings;

const PATH: &str = "/settings/tags";

#[derive(Serialize)]
struct Counted {
    #[serde(flatten)]
    tag: Tag,
    records: i64,
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/tags/index.html", blocks = ["results"])]
struct Index {
    items: Vec<Counted>,
    #[serde(skip)]
    form: Form<TagForm>,
    #[serde(skip)]
    search: String,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    may_manage: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Tags".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![settings::crumb(&self.base, PATH), Crumb::here("Tags")]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "results").then(|| self.as_results().render())
    }
}

impl Index {
    fn url(&self, tag: &Tag, path: &str) -> String {
        format!("{}/{}{path}", self.base, tag.id)
    }
    /// The contacts that have it.
    fn list(&self, tag: &Tag) -> String {
        let root = self.base.strip_suffix(PATH).unwrap_or_default();
        let filter = serde_json::json!({"field": "tags", "op": "has_any", "value": [tag.name]});
        link::filtered(&format!("{root}/contacts"), &filter)
    }
    fn colours(&self) -> Vec<(&'static str, &'static str)> {
        Colour::options()
    }
}

pub async fn index(can: Can<See, Tag>) -> Result<HttpResponse> {
    show(&can, Form::of(TagForm::default())).await
}

async fn show<A: Action>(can: &Can<A, Tag>, form: Form<TagForm>) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let search = can.asked.param("search").unwrap_or_default();
    let search: String = search
        .chars()
        .filter(|c| !c.is_control())
        .take(60)
        .collect();
    let (app, words) = (can.app.clone(), search.clone());
    let (all, counts) = can
        .tx(move |tx| Ok((Tag::all(tx, &words)?, Tag::counts(tx, &app.kinds)?)))
        .await?;
    let count = |tag: &Tag, counts: &HashMap<String, i64>| counts.get(&tag.name).copied();
    let items = all.into_iter().map(|tag| Counted {
        records: count(&tag, &counts).unwrap_or(0),
        tag,
    });
    can.page_with(
        form.status(),
        Index {
            items: items.collect(),
            form,
            search,
            base: can.url(PATH),
            may_manage: can.may("tags", "manage"),
        },
    )
}

pub async fn create(can: Can<Manage, Tag>, mut form: Form<TagForm>) -> Result<HttpResponse> {
    check(&mut form);
    let made = form.write(&can, |tx, data| Tag::create(tx, &data));
    let tag = match made.await? {
        Ok(tag) => tag,
        Err(form) => return show(&can, form).await,
    };
    can.app.forget_setup(can.membership.workspace_id);
    if can.asked.json() {
        let url = can.url(&format!("{PATH}/{}", tag.id));
        return Ok(HttpResponse::Created()
            .insert_header((header::LOCATION, format!("/api/v1{url}")))
            .json(tag));
    }
    let toast = Toast::done(format!("“{}” is added", tag.name));
    can.redirect(&can.url(PATH), Some(toast))
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/tags/form.html")]
struct Editor {
    form: Form<TagForm>,
    tag: Tag,
    #[serde(skip)]
    others: Vec<(String, String)>,
    #[serde(skip)]
    base: String,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.tag.name.clone()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            settings::crumb(&self.base, PATH),
            Crumb::to("Tags", &self.base),
            Crumb::here(self.title()),
        ]
    }
}

impl Editor {
    fn url(&self, path: &str) -> String {
        format!("{}/{}{path}", self.base, self.tag.id)
    }
    fn colours(&self) -> Vec<(&'static str, &'static str)> {
        Colour::options()
    }
}

pub async fn edit(can: Can<See, Tag>, Id(id): Id) -> Result<HttpResponse> {
    let tag = can.tx(move |tx| Tag::find(tx, id)).await?;
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(tag));
    }
    let form = Form::of(TagForm {
        name: tag.name.clone(),
        colour: tag.colour,
    });
    editor(&can, form, tag).await
}

async fn editor<A: Action>(
    can: &Can<A, Tag>,
    form: Form<TagForm>,
    tag: Tag,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let all = can.tx(|tx| Tag::all(tx, "")).await?;
    let others = all.into_iter().filter(|other| other.id != tag.id);
    let page = Editor {
        others: others.map(|t| (t.id.to_string(), t.name)).collect(),
        form,
        tag,
        base: can.url(PATH),
    };
    can.page_with(page.form.status(), page)
}

pub async fn update(
    can: Can<Manage, Tag>,
    Id(id): Id,
    form: Form<TagForm>,
) -> Result<HttpResponse> {
    let tag = can.tx(move |tx| Tag::find(tx, id)).await?;
    let mut form = form.over(&TagForm {
        name: tag.name.clone(),
        colour: tag.colour,
    });
    check(&mut form);
    let (app, before) = (can.app.clone(), tag.clone());
    let saved = form.write(&can, move |tx, data| before.save(tx, &app.kinds, &data));
    let (tag, records) = match saved.await? {
        Ok(saved) => saved,
        Err(form) => return editor(&can, form, tag).await,
    };
    can.app.forget_setup(can.membership.workspace_id);
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(Counted { tag, records }));
    }
    let words = match records {
        0 => "Saved".to_owned(),
        _ => format!("Saved, and renamed on {}", told(records)),
    };
    can.redirect(&can.url(PATH), Some(Toast::done(words)))
}

pub async fn merge(
    can: Can<Manage, Tag>,
    Id(id): Id,
    form: Form<MergeForm>,
) -> Result<HttpResponse> {
    let into = form.valid()?.into;
    let into = into.ok_or_else(|| Error::invalid("into", "Choose the tag that stays."))?;
    let app = can.app.clone();
    let (gone, stays, records) = can
        .tx(move |tx| {
            let (gone, stays) = (Tag::find(tx, id)?, Tag::find(tx, into)?);
            let records = gone.merge(tx, &app.kinds, &stays)?;
            Ok((gone, stays, records))
        })
        .await?;
    can.app.forget_setup(can.membership.workspace_id);
    let words = format!(
        "“{}” is “{}” now, on {}",
        gone.name,
        stays.name,
        told(records)
    );
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(Counted {
            tag: stays,
            records,
        }));
    }
    can.redirect(&can.url(PATH), Some(Toast::done(words)))
}

pub async fn destroy(can: Can<Manage, Tag>, Id(id): Id) -> Result<HttpResponse> {
    let app = can.app.clone();
    let (tag, event, records) = can
        .tx(move |tx| {
            let tag = Tag::find(tx, id)?;
            let (event, records) = tag.delete(tx, &app.kinds)?;
            Ok((tag, event, records))
        })
        .await?;
    can.app.forget_setup(can.membership.workspace_id);
    let undo = can.url(&format!("{PATH}/deletions/{event}/undo"));
    let words = format!("“{}” is deleted, off {}", tag.name, told(records));
    can.done(&can.url(PATH), Toast::done(words).undo(undo))
}

pub async fn undo(can: Can<Manage, Tag>, Id(event): Id) -> Result<HttpResponse> {
    let app = can.app.clone();
    let (name, records) = can
        .tx(move |tx| Tag::put_back(tx, &app.kinds, event))
        .await?;
    can.app.forget_setup(can.membership.workspace_id);
    let words = format!("“{name}” is back on {}", told(records));
    can.done(&can.url(PATH), Toast::done(words))
}

fn told(records: i64) -> String {
    match records {
        1 => "one record".to_owned(),
        _ => format!("{} records", thousands(&records.to_string())),
    }
}
