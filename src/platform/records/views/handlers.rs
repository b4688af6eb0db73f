//! The pages of saved views, and their API.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};

use super::form::{ViewForm, checked};
use super::habits::Habits;
use super::pages::{Editor, Index, Told};
use super::seen::Views;
use super::view::{FOR_ALL, SavedView};
use crate::db::{Scope, Tx};
use crate::error::{Error, Result};
use crate::records::kinds::Kind;
use crate::records::list::{List, Total};
use crate::records::listing::Asked;
use crate::web::can::{Can, Create, Edit, Member, View as See};
use crate::web::{Action, Form, Id, Toast, View, link};

/// The kind of record that a view is about, if the member may see such records at all.
pub fn kind(member: &Member, name: &str) -> Result<Kind> {
    let kind = member.app.kinds.get(name);
    let kind = kind.filter(|kind| member.may(kind.resource(), "view"));
    kind.copied().ok_or(Error::NotFound)
}

/// The list as the view shows it.
pub fn list(member: &Member, view: &SavedView) -> Result<String> {
    let kind = kind(member, &view.record_kind)?;
    Ok(member.url(&view.path(kind.collection)))
}

/// The list as it stood: a change of the view's state carries along how.
pub fn back(member: &Member, view: &SavedView) -> Result<String> {
    let query = url::form_urlencoded::parse(member.asked.query.as_bytes());
    let query: Vec<_> = query.filter(|(key, _)| key != "_method").collect();
    if query.is_empty() {
        return list(member, view);
    }
    let kind = kind(member, &view.record_kind)?;
    Ok(link::with(&member.url(&view.place(kind.collection)), query))
}

/// Whether what may be done reaches this view.
pub fn within(scope: &Scope, view: &SavedView) -> Result<()> {
    let owners = scope.owners();
    match owners.is_some_and(|owners| !owners.contains(&view.person_id)) {
        true => Err(Error::Forbidden(
            "Somebody else made this view. Duplicate it, and the copy is yours to change.".into(),
        )),
        false => Ok(()),
    }
}

/// Does something with a view that this member sees.
pub async fn look<A: Action, T: Send + 'static>(
    can: &Can<A, SavedView>,
    Id(id): Id,
    work: impl FnOnce(&mut Tx, SavedView) -> Result<T> + Send + 'static,
) -> Result<T> {
    let member = can.member.clone();
    can.tx(move |tx| {
        let view = SavedView::find(tx, id)?;
        kind(&member, &view.record_kind)?;
        work(tx, view)
    })
    .await
}

/// The same where something is written: what is remembered of the views is forgotten.
pub async fn write<A: Action, T: Send + 'static>(
    can: &Can<A, SavedView>,
    id: Id,
    work: impl FnOnce(&mut Tx, SavedView) -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = look(can, id, work).await?;
    can.app.forget_setup(can.membership.workspace_id);
    Ok(done)
}

/// The same with a view that this member may change.
pub async fn change<A: Action, T: Send + 'static>(
    can: &Can<A, SavedView>,
    id: Id,
    work: impl FnOnce(&mut Tx, SavedView) -> Result<T> + Send + 'static,
) -> Result<T> {
    let scope = can.scope.clone();
    write(can, id, move |tx, view| {
        within(&scope, &view)?;
        work(tx, view)
    })
    .await
}

/// The views that the member sees: of one kind of record where the query names it.
pub async fn index(can: Can<See, SavedView>) -> Result<HttpResponse> {
    let mut query = url::form_urlencoded::parse(can.asked.query.as_bytes());
    let asked = query.find(|(key, _)| key == "record_kind");
    let asked = asked.map(|(_, name)| name.into_owned());
    let me = can.me();
    let views = can.tx(move |tx| Views::load(tx, me)).await?;
    let of_kind = |name: &str| asked.as_deref().is_none_or(|asked| asked == name);
    let kinds = can.app.kinds.all().iter();
    let items: Vec<Told> = kinds
        .filter(|kind| of_kind(kind.name) && can.may(kind.resource(), "view"))
        .flat_map(|kind| views.of_kind(kind.name))
        .map(|view| Told::of(&views, view))
        .collect();
    let total = Total {
        count: items.len() as i64,
        exact: true,
    };
    can.page(Index {
        list: List {
            items,
            next_cursor: None,
            previous_cursor: None,
            total,
            before: None,
        },
        member: can.member.clone(),
    })
}

/// A program gets the view, a person the list as it shows it.
pub async fn show(can: Can<See, SavedView>, id: Id) -> Result<HttpResponse> {
    let me = can.me();
    let (view, views) = look(&can, id, move |tx, view| Ok((view, Views::load(tx, me)?))).await?;
    let list = list(&can, &view)?;
    if !can.asked.json() {
        return can.redirect(&list, None);
    }
    let told = Told::of(&views, &view);
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, format!("\"{}\"", view.version)))
        .json(&told))
}

/// The form for the list that the query describes.
pub async fn new(can: Can<Create, SavedView>) -> Result<HttpResponse> {
    let mut query = url::form_urlencoded::parse(can.asked.query.as_bytes());
    let asked = query.find(|(key, _)| key == "record_kind");
    let kind = kind(&can, &asked.ok_or(Error::NotFound)?.1)?;
    let shown = Asked::read(&can, &kind, &can.asked.query)?
        .params
        .arrangement();
    let form = Form::of(ViewForm {
        record_kind: kind.name.to_owned(),
        filter: shown.tree(),
        search: shown.search,
        sort: shown.sort,
        columns: shown.columns,
        ..ViewForm::default()
    });
    can.page(Editor::new(&can, kind, form, None))
}

pub async fn create(can: Can<Create, SavedView>, form: Form<ViewForm>) -> Result<HttpResponse> {
    let Ok(kind) = kind(&can, &form.data.record_kind) else {
        return Err(Error::invalid("record_kind", "There is no such list."));
    };
    let mut form = checked(form, |_| true, &kind, &can.setup.catalogue(&kind));
    if form.data.shared && form.data.pinned && !SavedView::may_for_all(&can) {
        form.refuse("pinned", FOR_ALL);
    }
    if !form.is_valid() {
        return refused(&can, kind, form, None);
    }
    let view = can
        .tx(move |tx| {
            let opens = form.data.is_default;
            let view = SavedView::create(tx, form.data)?;
            if opens {
                Habits::open_with(tx, &view, true)?;
            }
            Ok(view)
        })
        .await?;
    can.app.forget_setup(can.membership.workspace_id);
    let toast = Toast::done(format!("The view {} is saved", view.name));
    match can.asked.json() {
        true => can.created(
            &can.url(&format!("/views/{}", view.id)),
            view.version,
            &view,
            toast,
        ),
        false => can.redirect(&list(&can, &view)?, Some(toast)),
    }
}

/// One to be changed.
async fn mine(can: &Can<Edit, SavedView>, id: Id) -> Result<SavedView> {
    let view = look(can, id, |_, view| Ok(view)).await?;
    within(&can.scope, &view)?;
    Ok(view)
}

pub async fn edit(can: Can<Edit, SavedView>, id: Id) -> Result<HttpResponse> {
    let view = mine(&can, id).await?;
    let kind = kind(&can, &view.record_kind)?;
    let form = Form::of(ViewForm::from(&view));
    can.page(Editor::new(&can, kind, form, Some(view)))
}

pub async fn update(
    can: Can<Edit, SavedView>,
    id: Id,
    form: Form<ViewForm>,
) -> Result<HttpResponse> {
    let view = mine(&can, id).await?;
    let asked = can.asked.version();
    let version = asked.or_else(|| form.value("version").parse().ok());
    let version = version.unwrap_or(view.version);
    let kind = kind(&can, &view.record_kind)?;
    let sent: Vec<String> = form.names().map(str::to_owned).collect();
    let sent = |name: &str| sent.iter().any(|sent| sent == name);
    let form = form.over(&ViewForm::from(&view));
    let form = checked(form, sent, &kind, &can.setup.catalogue(&kind));
    if !form.is_valid() {
        return refused(&can, kind, form, Some(view));
    }
    let member = can.member.clone();
    let view = change(&can, id, move |tx, view| {
        let (shared, pinned) = (form.data.shared, form.data.pinned);
        let view = view.update(tx, version, form.data)?;
        view.share(tx, &member, shared)?.pin(tx, &member, pinned)
    })
    .await?;
    can.updated(
        &back(&can, &view)?,
        view.version,
        &view,
        Toast::done("Saved"),
    )
}

fn refused<A: Action>(
    can: &Can<A, SavedView>,
    kind: Kind,
    form: Form<ViewForm>,
    view: Option<SavedView>,
) -> Result<HttpResponse> {
    if can.asked.json() {
        return Err(form.valid().err().unwrap_or(Error::NotFound));
    }
    let page = Editor::new(can, kind, form, view);
    can.page_with(StatusCode::UNPROCESSABLE_ENTITY, page)
}
