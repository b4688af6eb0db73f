//! A playbook for the demo.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Jsonb, Uuid as SqlUuid};
use platform::Result;
use serde_json::json;
use uuid::Uuid;

/// Runs as the owner, whom the fence does not bind: the workspace is named.
pub fn demo(conn: &mut PgConnection, workspace: Uuid) -> Result<()> {
    let ask = |text: &str, question: &str, field: &str, required: bool| json!({"text": text, "question": question, "field": field, "required": required});
    let call = json!([
        ask(
            "Say who you are and how you came by their number. **Ask whether they have ten minutes.**",
            "",
            "",
            false
        ),
        ask(
            "",
            "What do they want to get done, in their own words?",
            "",
            true
        ),
        ask(
            "Boats, berths, storage, refit: note what they have now and what hurts.",
            "What do they have now?",
            "",
            false
        ),
        ask("", "What is it worth to them?", "amount", true),
        ask(
            "A season has an end. When must it be in the water?",
            "By when do they need it?",
            "closes_on",
            true
        ),
        ask("", "Who else decides, and how?", "", false),
        ask(
            "Read back what you heard, and agree on the next step before you hang up.",
            "Anything that the next one who calls must know?",
            "description",
            false
        ),
    ]);
    let account = json!([
        ask("Once a year with every key account.", "", "", false),
        ask("", "How many people work there now?", "employees", false),
        ask("", "Are we content with each other?", "", true),
        ask("", "What will they need next season?", "", true),
    ]);
    for (kind, name, steps) in [
        ("deal", "Discovery call", call),
        ("company", "Yearly account review", account),
    ] {
        sql_query(format!(
            "insert into playbooks (workspace_id, id, record_kind, name, steps) values ($1, new_id(), '{kind}', '{name}', $2)"
        ))
        .bind::<SqlUuid, _>(workspace)
        .bind::<Jsonb, _>(steps)
        .execute(conn)?;
    }
    Ok(())
}
