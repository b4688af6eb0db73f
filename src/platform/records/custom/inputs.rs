//! The custom fields in a form.

use std::collections::HashMap;

use askama::Template;
use serde_json::Value;

use super::{Custom, CustomField};
use crate::db::Tx;
use crate::error::Result;
use crate::records::{RecordForm, chooser, shown::decimal};
use crate::web::Form;
use crate::web::can::Member;

/// The records that the fields of the type `record` can point at, by the field's key.
#[derive(Debug, Default)]
pub struct Links(HashMap<String, Vec<(String, String)>>);

impl Links {
    /// Those that are likely, and those chosen already.
    pub fn load(tx: &mut Tx, member: &Member, kind: &str, custom: &Custom) -> Result<Links> {
        let mut links = Links::default();
        for field in member.setup.fields_of(kind).filter(|f| f.kind == "record") {
            let Some(target) = member.app.kinds.get(&field.target) else {
                continue;
            };
            let chosen = custom.get(&field.key).and_then(Value::as_str);
            let chosen = chosen.and_then(|id| id.parse().ok());
            let likely = chooser::likely(tx, target, chosen)?;
            links.0.insert(field.key.clone(), likely);
        }
        Ok(links)
    }
}

#[derive(Template)]
#[template(path = "records/custom_inputs.html")]
pub struct CustomInputs<'a, F: RecordForm> {
    form: &'a Form<F>,
    fields: Vec<&'a CustomField>,
    people: Vec<(String, String)>,
    root: String,
    currency: &'a str,
    links: &'a Links,
}

impl<'a, F: RecordForm> CustomInputs<'a, F> {
    pub fn new(form: &'a Form<F>, member: &'a Member, kind: &'a str, links: &'a Links) -> Self {
        CustomInputs {
            form,
            fields: member.setup.fields_of(kind).collect(),
            people: member.setup.owners(),
            root: member.url(""),
            currency: &member.membership.currency,
            links,
        }
    }

    /// An amount as people write it: what is kept is a whole number, what was typed is text.
    fn amount(&self, name: &str) -> String {
        match self.form.raw(name).and_then(Value::as_i64) {
            Some(minor) => decimal(minor),
            None => self.form.value(name),
        }
    }

    /// The choices there are, and one that was made while there was it.
    fn options(&self, field: &CustomField) -> Vec<(String, String)> {
        let mut all = field.choices.clone();
        let chosen = self.form.value(&field.name());
        if field.kind == "choice" && !chosen.is_empty() && !all.contains(&chosen) {
            all.push(chosen);
        }
        all.into_iter().map(|c| (c.clone(), c)).collect()
    }

    fn likely(&self, field: &CustomField) -> &[(String, String)] {
        self.links.0.get(&field.key).map_or(&[], Vec::as_slice)
    }

    fn search_url(&self, field: &CustomField) -> String {
        format!("{}/records/{}/choices", self.root, field.target)
    }
}
