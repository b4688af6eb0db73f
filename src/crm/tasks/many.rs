//! Many tasks done at once, each as if it alone were.

use actix_web::HttpResponse;
use platform::db::Tx;
use platform::records::bulk::{self, Chosen, EachAct};
use platform::records::kinds::Each;
use platform::web::can::Edit;
use platform::web::{Can, Form};
use platform::{Error, Result};
use serde_json::{Value, json};
use uuid::Uuid;

use super::task::Task;

pub const COMPLETE: Each = Each {
    key: "complete",
    label: "Mark as done",
    icon: "circle-check",
    asks: &[],
    run: complete_one,
    back: open_again,
};

/// `POST /w/{workspace}/tasks/bulk/complete`.
pub async fn complete_all(can: Can<Edit, Task>, form: Form<Chosen>) -> Result<HttpResponse> {
    let title = "Mark tasks as done".to_owned();
    let act = EachAct::new(&COMPLETE, json!({}), title, "done".to_owned());
    bulk::each(&can, form.valid()?, act).await
}

fn complete_one(tx: &mut Tx, task: Uuid, _: &Value) -> Result<bool> {
    let task = Task::held(tx, task)?;
    if task.is_done() {
        return Ok(false);
    }
    task.complete(tx)?;
    Ok(true)
}

/// What was opened and done again since stays done.
fn open_again(tx: &mut Tx, task: Uuid, changes: &Value) -> Result<bool> {
    let task = Task::held(tx, task)?;
    let done = serde_json::to_value(task.completed_at).map_err(Error::internal)?;
    if !task.is_done() || changes["completed_at"][1] != done {
        return Ok(false);
    }
    task.reopen(tx)?;
    Ok(true)
}
