//! A row of __many__, and its verbs.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::events::Changes;
use platform::record_queries;
use platform::records::{Custom, Editable, Record};
use platform::schema::widgets;
use platform::web::Resource;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::form::WidgetForm;

#[derive(Clone, Debug, Queryable, Selectable, Serialize, JsonSchema)]
#[diesel(table_name = widgets, check_for_backend(diesel::pg::Pg))]
pub struct Widget {
    pub id: Uuid,
    pub name: String,
    pub description: String,
    pub owner_id: Option<Uuid>,
    pub tags: Vec<String>,
    pub custom: Custom,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

impl Resource for Widget {
    const NAME: &'static str = "widgets";
}

impl Record for Widget {
    const KIND: &'static str = "widget";
    fn id(&self) -> Uuid {
        self.id
    }
    fn title(&self) -> String {
        self.name.clone()
    }
    fn version(&self) -> i32 {
        self.version
    }
}

impl Editable for Widget {
    type Form = WidgetForm;

    record_queries!(widgets);

    fn create(tx: &mut Tx, mut form: WidgetForm) -> Result<Widget> {
        form.owner_id = form.owner_id.or(tx.person);
        let widget: Widget = diesel::insert_into(widgets::table)
            .values((widgets::id.eq(Uuid::now_v7()), &form))
            .returning(Widget::as_returning())
            .get_result(&mut **tx)?;
        tx.track(&widget, "widget.created", Changes::of_new(&form));
        Ok(widget)
    }

    fn save(&self, tx: &mut Tx, form: WidgetForm) -> Result<Widget> {
        let changes = Changes::between(&self.form(), &form);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let widget: Widget = diesel::update(widgets::table.filter(widgets::id.eq(self.id)))
            .set(&form)
            .returning(Widget::as_returning())
            .get_result(&mut **tx)?;
        tx.track(&widget, "widget.updated", changes);
        Ok(widget)
    }

    fn form(&self) -> WidgetForm {
        WidgetForm::from(self)
    }
}
