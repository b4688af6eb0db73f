//! What is filled in about a tag.

use platform::text_enum;
use platform::web::Form;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

text_enum! {
    pub enum Colour {
        Slate => "slate", "Slate";
        Red => "red", "Red";
        Amber => "amber", "Amber";
        Green => "green", "Green";
        Teal => "teal", "Teal";
        Blue => "blue", "Blue";
        Violet => "violet", "Violet";
        Pink => "pink", "Pink";
    }
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct TagForm {
    #[validate(length(min = 1, max = 60))]
    pub name: String,
    pub colour: Colour,
}

/// What else a name must be.
pub fn check(form: &mut Form<TagForm>) {
    form.data.name = form.data.name.trim().to_owned();
    let name = &form.data.name;
    if name.contains([',', '\n', '\r', '\t', '\0']) {
        form.refuse("name", "A tag holds no comma.");
    } else if name.is_empty() && form.error("name").is_none() {
        form.refuse("name", "Please fill this in.");
    }
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct MergeForm {
    /// The tag that stays.
    pub into: Option<Uuid>,
}
