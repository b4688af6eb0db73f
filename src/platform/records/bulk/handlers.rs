//! The bulk bar's buttons.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::header;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use validator::Validate;

use super::{Act, Ask, Deed, EachAct, RunBulk};
use crate::clock;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::filter::FieldType;
use crate::jobs::Job;
use crate::live;
use crate::records::kinds::Kind;
use crate::records::list::ListParams;
use crate::records::listing::{Asked, shown_columns};
use crate::records::work::{AT_ONCE, Lane, Selection, State, Work};
use crate::records::{Listed, export};
use crate::schema::notifications;
use crate::web::can::{Action, Archive, Can, Edit, Export, Member};
use crate::web::{Form, Toast, limits, link};

/// The rows that are chosen, and what the buttons beside them want to know.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate)]
#[serde(default)]
pub struct Chosen {
    #[validate(length(max = 1000, message = "Choose at most 1,000 rows, or all that match."))]
    ids: Vec<Uuid>,
    /// Not those, but all that the list shows on all its pages.
    all: bool,
    /// The list as its URL says it: `?search=…`.
    #[validate(length(max = 20000))]
    query: String,
    /// The page of it that one looks at.
    #[validate(length(max = 2000))]
    cursor: String,
    /// `none` for nobody.
    owner_id: String,
    #[validate(length(max = 60, message = "A tag has at most 60 characters."))]
    tag: String,
    /// `lifecycle_stage=customer`.
    #[validate(length(max = 300))]
    value: String,
    mark: bool,
    format: export::Format,
    /// What a verb of the kind's own wants to know: `{"stage_id": …}`.
    with: BTreeMap<String, String>,
}

impl Chosen {
    /// What was said beside the choice; nothing where it was left empty.
    pub fn said(&self, field: &str) -> Option<&str> {
        let said = self.with.get(field).map(|text| text.trim());
        said.filter(|text| !text.is_empty())
    }
}

/// Does what the kind itself does to each of the chosen ones.
pub async fn each<T: Listed>(
    can: &Can<Edit, T>,
    chosen: Chosen,
    act: EachAct,
) -> Result<HttpResponse> {
    run(can, chosen, Deed::Each(act)).await
}

pub(super) async fn archive<T: Listed>(
    can: Can<Archive, T>,
    form: Form<Chosen>,
) -> Result<HttpResponse> {
    run(&can, form.valid()?, Act::Archive).await
}

pub(super) async fn restore<T: Listed>(
    can: Can<Archive, T>,
    form: Form<Chosen>,
) -> Result<HttpResponse> {
    run(&can, form.valid()?, Act::Restore).await
}

pub(super) async fn assign<T: Listed>(
    can: Can<Edit, T>,
    form: Form<Chosen>,
) -> Result<HttpResponse> {
    let chosen = form.valid()?;
    let act = owner(&can, &chosen.owner_id)?;
    run(&can, chosen, act).await
}

fn owner(member: &Member, owner: &str) -> Result<Act> {
    if owner == "none" {
        return Ok(Act::Assign {
            owner: None,
            name: "nobody".into(),
        });
    }
    let id = owner.parse::<Uuid>().ok();
    let person = id.and_then(|id| member.setup.person(id));
    match person.filter(|person| person.active) {
        Some(person) => Ok(Act::Assign {
            owner: Some(person.id),
            name: person.name.clone(),
        }),
        None => Err(Error::invalid("owner_id", "Choose somebody of the team.")),
    }
}

pub(super) async fn tag<T: Listed>(can: Can<Edit, T>, form: Form<Chosen>) -> Result<HttpResponse> {
    let chosen = form.valid()?;
    let tag = named(&can, &chosen.tag)?;
    run(&can, chosen, Act::Tag { tag }).await
}

pub(super) async fn untag<T: Listed>(
    can: Can<Edit, T>,
    form: Form<Chosen>,
) -> Result<HttpResponse> {
    let chosen = form.valid()?;
    let tag = named(&can, &chosen.tag)?;
    run(&can, chosen, Act::Untag { tag }).await
}

fn named(member: &Member, tag: &str) -> Result<String> {
    let tag = tag.trim();
    if tag.is_empty() || tag.contains(',') || tag.contains(char::is_control) {
        return Err(Error::invalid("tag", "Name one tag, without a comma."));
    }
    Ok(member.setup.spelled(tag))
}

pub(super) async fn set<T: Listed>(can: Can<Edit, T>, form: Form<Chosen>) -> Result<HttpResponse> {
    let chosen = form.valid()?;
    let kind = kind_of::<T>(&can)?;
    let act = choice(&can, &kind, &chosen.value)?;
    run(&can, chosen, act).await
}

/// `lifecycle_stage=customer`, held against the fields and choices there are.
fn choice(member: &Member, kind: &Kind, text: &str) -> Result<Act> {
    let refused = || Error::invalid("value", "Choose a field and its value from the list.");
    let (key, value) = text.split_once('=').ok_or_else(refused)?;
    let catalogue = member.setup.catalogue(kind);
    let field = catalogue.get(key).ok_or_else(refused)?;
    let custom = key.starts_with("custom.");
    let settable = custom || kind.settable.iter().any(|s| s.key == key);
    if field.kind != FieldType::Choice || !settable {
        return Err(refused());
    }
    let shown = field.choices.iter().find(|c| c.value == value);
    let required = || {
        let mut fields = member.setup.fields_of(kind.name);
        fields.any(|f| f.name() == key && f.required)
    };
    let (value, shown) = match shown {
        Some(choice) => (Some(choice.value.clone()), choice.label.clone()),
        None if custom && value.is_empty() && !required() => (None, "nothing".to_owned()),
        None => return Err(refused()),
    };
    Ok(Act::Set {
        field: key.to_owned(),
        value,
        label: field.label.clone(),
        shown,
    })
}

pub(super) async fn export<T: Listed>(
    can: Can<Export, T>,
    form: Form<Chosen>,
) -> Result<HttpResponse> {
    let chosen = form.valid()?;
    let kind = kind_of::<T>(&can)?;
    let asked = list(&can, &kind, &chosen)?;
    let columns = shown_columns(&asked, T::COLUMNS);
    export::ask(&can, &asked, columns, (chosen.format, chosen.mark)).await
}

fn kind_of<T: Listed>(member: &Member) -> Result<Kind> {
    Ok(*member.app.kinds.get(T::KIND).ok_or(Error::NotFound)?)
}

/// The list that was chosen from, narrowed to what was chosen. Nothing chosen is nothing, never everything.
fn list(member: &Member, kind: &Kind, chosen: &Chosen) -> Result<Asked> {
    if !chosen.all && chosen.ids.is_empty() {
        return Err(Error::invalid("ids", "Choose some rows first."));
    }
    let mut asked = Asked::read(member, kind, chosen.query.trim_start_matches('?'))?;
    if let Some(problem) = asked.problems.first() {
        return Err(Error::invalid("query", problem.message.clone()));
    }
    asked.params.cursor = None;
    asked.params.ids = Vec::new();
    if !chosen.all {
        // What was ticked is meant, wherever the list has gone since.
        asked.params = ListParams {
            archived: asked.params.archived,
            columns: asked.params.columns,
            sort: asked.params.sort,
            ids: chosen.ids.clone(),
            ..ListParams::default()
        };
    }
    Ok(asked)
}

/// Does it: at once where they are few, as a job where they are many.
async fn run<A: Action, T: Listed>(
    can: &Can<A, T>,
    chosen: Chosen,
    act: impl Into<Deed>,
) -> Result<HttpResponse> {
    let act = act.into();
    let kind = kind_of::<T>(can)?;
    let mut params = list(can, &kind, &chosen)?.params;
    params.archived |= matches!(act, Deed::Field(Act::Restore));
    params.limit = AT_ONCE + 1;
    let ask = Ask {
        selection: Selection::of(&params, clock::now(), can.zone),
        back: back(&chosen),
        act,
    };
    let (wanted, most) = (params.clone(), ask.act.at_once());
    let many = match chosen.all {
        true => can.tx(move |tx| T::ids(tx, &wanted, most + 1)).await?.len(),
        false => chosen.ids.len(),
    };
    let many = many as i64 > most;
    if many {
        let me = can.me().to_string();
        can.app.limits.check(limits::BULK, &me).await?;
        let title = ask.act.title(&kind);
        let work = can
            .tx(move |tx| {
                let id = Uuid::now_v7();
                let work = Work::begin(tx, id, ("bulk", kind.name), &title, 0, &ask)?;
                tx.enqueue(RunBulk { work: id }.new_job());
                Ok(work)
            })
            .await?;
        return on_its_way(can, &work);
    }
    at_once(can, &kind, params, ask, chosen.ids.len() as i64).await
}

async fn at_once<A: Action, T: Listed>(
    can: &Can<A, T>,
    kind: &Kind,
    params: ListParams,
    ask: Ask,
    ticked: i64,
) -> Result<HttpResponse> {
    let (of, asked, me) = (*kind, ask.clone(), can.me());
    let id = Uuid::now_v7();
    let (done, refusals, owner) = can
        .tx(move |tx| {
            let (done, refusals) =
                asked
                    .act
                    .run(tx, &of, &params, (id, Lane::default()), None, AT_ONCE + 1)?;
            if done.changed == 0 && refusals.is_empty() {
                return Ok((done, refusals, None));
            }
            let title = asked.act.title(&of);
            let mut work = Work::begin(tx, id, ("bulk", of.name), &title, done.seen, &asked)?;
            (work.done, work.skipped) = (done.seen, done.seen - done.changed);
            work.refuse(refusals.clone());
            if let Some(work) = work.went_on(tx)? {
                work.finish(tx, State::Done, false)?;
            }
            let owner = tell_owner(tx, &of, &asked.act, done.changed, me)?;
            Ok((done, refusals, owner))
        })
        .await?;
    if done.changed > 0 {
        let workspace = can.membership.workspace_id;
        let lists = kind.collection;
        can.app.dispatcher.tell_lists(&can.app, workspace, lists);
    }
    if let Some((owner, unread)) = owner {
        let room = format!("me:{owner}");
        let workspace = can.membership.workspace_id;
        let bell = live::bell(unread);
        can.app.dispatcher.tell(&can.app, workspace, &room, bell);
    }
    let shut = refusals.len() as i64;
    let (already, refused) = (done.seen - done.changed - shut, (ticked - done.seen).max(0));
    let undo = (done.changed > 0).then(|| can.url(&format!("/work/{id}/undo")));
    if can.asked.json() {
        return Ok(
            HttpResponse::Ok().json(json!({"changed": done.changed, "already": already,
            "refused": refused + shut, "refusals": refusals,
            "undo": undo.map(|url| format!("/api/v1{url}"))})),
        );
    }
    let mut words = match done.changed {
        0 => "Nothing was changed".to_owned(),
        changed => ask.act.done(changed, kind),
    };
    if already > 0 {
        words += &format!("; {already} already so");
    }
    if refused > 0 {
        words += &format!("; {refused} not yours to change");
    }
    match shut {
        0 => {}
        1 => words += "; one refused, and says why below",
        _ => words += &format!("; {shut} refused, and say why below"),
    }
    let toast = Toast::done(words).toned(match (done.changed, refused + shut) {
        (0, _) | (_, 1..) => "info",
        _ => "success",
    });
    let toast = match undo {
        Some(url) => toast.undo(url),
        None => toast,
    };
    let url = match shut {
        0 => can.url(&format!("/{}{}", T::COLLECTION, ask.back)),
        _ => can.url(&format!("/work/{id}")),
    };
    can.redirect(&url, Some(toast))
}

/// One word to somebody who was given records: how many, and not each of them. Gives what their bell says then.
pub(super) fn tell_owner(
    tx: &mut Tx,
    kind: &Kind,
    act: &Deed,
    count: i64,
    me: Uuid,
) -> Result<Option<(Uuid, i64)>> {
    use diesel::prelude::*;
    let Deed::Field(Act::Assign {
        owner: Some(owner), ..
    }) = act
    else {
        return Ok(None);
    };
    if *owner == me || count == 0 {
        return Ok(None);
    }
    let noun = if count == 1 {
        kind.singular
    } else {
        kind.plural
    };
    let (name, now) = (tx.origin.name.clone(), tx.now);
    diesel::insert_into(notifications::table)
        .values((
            notifications::id.eq(Uuid::now_v7()),
            notifications::person_id.eq(owner),
            notifications::kind.eq("work.assigned_to_you"),
            notifications::title.eq(format!("{count} {noun}")),
            notifications::actor_name.eq(name),
            notifications::path.eq(format!("/{}", kind.collection)),
            notifications::created_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(Some((*owner, live::unread(tx, *owner)?)))
}

/// The page of the list one came from.
fn back(chosen: &Chosen) -> String {
    let query = chosen.query.trim_start_matches('?');
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let cursor = Some(&chosen.cursor).filter(|cursor| !cursor.is_empty());
    let cursor = cursor.map(|cursor| ("cursor".into(), cursor.as_str().into()));
    link::with("", pairs.chain(cursor))
}

/// On to the page that shows how far it is.
pub(super) fn on_its_way(member: &Member, work: &Work) -> Result<HttpResponse> {
    let url = member.url(&format!("/work/{}", work.id));
    match member.asked.json() {
        true => Ok(HttpResponse::Accepted()
            .insert_header((header::LOCATION, format!("/api/v1{url}")))
            .json(work)),
        false => member.redirect(&url, None),
    }
}
