//! The workspace's own row, which stands outside the fence: every statement here names it.

use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::events::Changes;
use platform::schema::workspaces;
use platform::web::Resource;

use super::form::WorkspaceForm;

pub struct Settings;

impl Resource for Settings {
    const NAME: &'static str = "settings";
}

impl WorkspaceForm {
    pub fn current(tx: &mut Tx) -> Result<WorkspaceForm> {
        Ok(workspaces::table
            .find(tx.workspace)
            .select(WorkspaceForm::as_select())
            .first(&mut **tx)?)
    }

    pub fn save(&self, tx: &mut Tx) -> Result<()> {
        let changes = Changes::between(&WorkspaceForm::current(tx)?, self);
        if changes.is_empty() {
            return Ok(());
        }
        diesel::update(workspaces::table.find(tx.workspace))
            .set((self, workspaces::updated_at.eq(tx.now)))
            .execute(&mut **tx)?;
        tx.note_event("workspace.changed", &self.name, changes);
        Ok(())
    }
}
