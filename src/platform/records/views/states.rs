//! Changes of a view's state, each a noun below it: shared, pinned, copied, the default, its place, gone.

use actix_web::{HttpResponse, web};
use uuid::Uuid;

use super::habits::Habits;
use super::handlers::{back, change, kind, list, within, write};
use super::seen::Views;
use super::view::SavedView;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::web::can::{Archive, Can, Create, Edit, View as See};
use crate::web::{Action, Id, Toast};

/// The list as it stood, with a word; for a program nothing but that it is done.
fn done<A: Action>(
    can: &Can<A, SavedView>,
    view: &SavedView,
    toast: Toast,
) -> Result<HttpResponse> {
    can.done(&back(can, view)?, toast)
}

pub async fn share(can: Can<Edit, SavedView>, id: Id) -> Result<HttpResponse> {
    shared(can, id, true).await
}

pub async fn unshare(can: Can<Edit, SavedView>, id: Id) -> Result<HttpResponse> {
    shared(can, id, false).await
}

async fn shared(can: Can<Edit, SavedView>, id: Id, shared: bool) -> Result<HttpResponse> {
    let member = can.member.clone();
    let view = change(&can, id, move |tx, view| view.share(tx, &member, shared)).await?;
    let words = match shared {
        true => format!("Everybody sees {} now", view.name),
        false => format!("Only you see {} now", view.name),
    };
    done(&can, &view, Toast::done(words))
}

pub async fn pin(can: Can<Edit, SavedView>, id: Id) -> Result<HttpResponse> {
    pinned(can, id, true).await
}

pub async fn unpin(can: Can<Edit, SavedView>, id: Id) -> Result<HttpResponse> {
    pinned(can, id, false).await
}

async fn pinned(can: Can<Edit, SavedView>, id: Id, pinned: bool) -> Result<HttpResponse> {
    let member = can.member.clone();
    let view = change(&can, id, move |tx, view| view.pin(tx, &member, pinned)).await?;
    let words = match (pinned, view.shared) {
        (true, true) => format!("{} stands in everybody's sidebar", view.name),
        (true, false) => format!("{} stands in your sidebar", view.name),
        (false, _) => format!("{} is no longer pinned", view.name),
    };
    done(&can, &view, Toast::done(words))
}

pub async fn copy(can: Can<Create, SavedView>, id: Id) -> Result<HttpResponse> {
    let copy = write(&can, id, |tx, view| view.copy(tx)).await?;
    let toast = Toast::done(format!("{} is yours", copy.name));
    let api = can.url(&format!("/views/{}", copy.id));
    match can.asked.json() {
        true => can.created(&api, copy.version, &copy, toast),
        false => can.redirect(&list(&can, &copy)?, Some(toast)),
    }
}

pub async fn remove(can: Can<Archive, SavedView>, id: Id) -> Result<HttpResponse> {
    let view = change(&can, id, |tx, view| view.remove(tx)).await?;
    let undo = can.url(&format!("/views/{}/restoration", view.id));
    let toast = Toast::done(format!("The view {} is deleted", view.name)).undo(undo);
    let kind = kind(&can, &view.record_kind)?;
    can.done(&can.url(&format!("/{}?view=all", kind.collection)), toast)
}

pub async fn restore(can: Can<Archive, SavedView>, id: Id) -> Result<HttpResponse> {
    let (scope, id) = (can.scope.clone(), id.0);
    let view = can
        .tx(move |tx| {
            let view = SavedView::find_any(tx, id)?;
            within(&scope, &view)?;
            view.restore(tx)
        })
        .await?;
    can.app.forget_setup(can.membership.workspace_id);
    let list = list(&can, &view)?;
    can.updated(
        &list,
        view.version,
        &view,
        Toast::done(format!("{} is back", view.name)),
    )
}

pub async fn make_default(can: Can<See, SavedView>, id: Id) -> Result<HttpResponse> {
    opens(can, id, true).await
}

pub async fn unmake_default(can: Can<See, SavedView>, id: Id) -> Result<HttpResponse> {
    opens(can, id, false).await
}

async fn opens(can: Can<See, SavedView>, id: Id, opens: bool) -> Result<HttpResponse> {
    let view = write(&can, id, move |tx, view| {
        Habits::open_with(tx, &view, opens)?;
        Ok(view)
    })
    .await?;
    let words = match opens {
        true => format!("This list opens with {} for you", view.name),
        false => "This list opens with everything again".to_owned(),
    };
    done(&can, &view, Toast::done(words))
}

/// `/w/{workspace}/views/{id}/place/{way}`: a step to the left or to the right.
pub async fn place(
    can: Can<See, SavedView>,
    path: web::Path<(String, Uuid, String)>,
) -> Result<HttpResponse> {
    let (_, id, way) = path.into_inner();
    let right = match way.as_str() {
        "left" => false,
        "right" => true,
        _ => return Err(Error::NotFound),
    };
    let id = Id(id);
    let view = write(&can, id, move |tx, view| {
        step(tx, &view, right)?;
        Ok(view)
    })
    .await?;
    done(&can, &view, Toast::done(format!("{} is moved", view.name)))
}

fn step(tx: &mut Tx, view: &SavedView, right: bool) -> Result<()> {
    let me = tx.me()?;
    let views = Views::load(tx, me)?;
    match views.moved(view, right) {
        Some(order) => Habits::arrange(tx, view, &order),
        None => Ok(()),
    }
}
