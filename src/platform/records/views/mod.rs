//! Saved views: what a list shows, kept under a name, for oneself or for everybody.

mod arranged;
mod form;
mod habits;
mod handlers;
pub mod pages;
mod rights;
mod seen;
mod states;
mod view;

pub use habits::Habits;
pub use seen::Views;
pub use view::SavedView;

use crate::web::Routes;

pub fn routes(r: &mut Routes) {
    r.get("/views", handlers::index)
        .post("/views", handlers::create)
        .get("/views/new", handlers::new)
        .get("/views/{id}", handlers::show)
        .get("/views/{id}/edit", handlers::edit)
        .patch("/views/{id}", handlers::update)
        .delete("/views/{id}", states::remove)
        .post("/views/{id}/restoration", states::restore)
        .post("/views/{id}/sharing", states::share)
        .delete("/views/{id}/sharing", states::unshare)
        .post("/views/{id}/pin", states::pin)
        .delete("/views/{id}/pin", states::unpin)
        .post("/views/{id}/copies", states::copy)
        .post("/views/{id}/default", states::make_default)
        .delete("/views/{id}/default", states::unmake_default)
        .post("/views/{id}/place/{way}", states::place);
}
