//! __Many__ in a list, and the names that their ids stand for.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use platform::db::{Fixed, fixed};
use platform::list_queries;
use platform::records::list::Sort;
use platform::records::{Cells, Custom, Listed, Shown};
use schemars::JsonSchema;
use serde::Serialize;

use super::fields::{COLUMNS, SORTS};
use super::widget::Widget;

#[derive(Clone, Debug, Queryable, Selectable, Serialize, JsonSchema)]
#[schemars(rename = "WidgetRow")]
#[diesel(table_name = widgets, check_for_backend(diesel::pg::Pg))]
pub struct Row {
    #[serde(flatten)]
    #[diesel(embed)]
    pub widget: Widget,
    #[diesel(select_expression = fixed(OWNER), select_expression_type = Fixed<Nullable<Text>>)]
    pub owner: Option<String>,
}

const OWNER: &str = "(select name from members m where m.workspace_id = widgets.workspace_id and m.person_id = widgets.owner_id)";

impl Listed for Widget {
    type Row = Row;
    const ABOUT: &'static str = "__Many__ that your team adds stand here.";
    const SORTS: &'static [Sort] = &SORTS;
    const COLUMNS: &'static [&'static str] = &COLUMNS;

    list_queries!(widgets);

    fn place(&self, key: &str) -> String {
        match key {
            "updated_at" => self.updated_at.to_rfc3339(),
            "name" => self.name.clone(),
            _ => self.created_at.to_rfc3339(),
        }
    }

    fn of(row: &Row) -> &Widget {
        &row.widget
    }
}

impl Cells for Row {
    fn shown(&self, key: &str) -> Shown<'_> {
        let w = &self.widget;
        match key {
            "name" => Shown::text(&w.name),
            "description" => Shown::long(&w.description),
            "owner_id" => Shown::member(w.owner_id),
            "tags" => Shown::tags(&w.tags),
            "created_at" => Shown::Moment(w.created_at),
            "updated_at" => Shown::Moment(w.updated_at),
            _ => Shown::Nothing,
        }
    }

    fn custom(&self) -> &Custom {
        &self.widget.custom
    }
}
