//! In whose name a workspace writes: its sender, its brand, and the footer that the law asks for.

use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::mail::Mailbox;
use platform::schema::workspaces;
use platform::web::shell::WorkspaceRef;

#[derive(Clone, Debug, Queryable)]
pub struct Brand {
    pub slug: String,
    pub name: String,
    pub postal_address: String,
    pub accent: Option<String>,
    pub sender_name: String,
    pub sender_email: String,
    pub zone: String,
}

impl Brand {
    pub fn of(tx: &mut Tx) -> Result<Brand> {
        let workspace = tx.workspace;
        Ok(workspaces::table
            .find(workspace)
            .select((
                workspaces::slug,
                workspaces::name,
                workspaces::postal_address,
                workspaces::accent,
                workspaces::sender_name,
                workspaces::sender_email,
                workspaces::zone,
            ))
            .first(&mut **tx)?)
    }

    pub fn reference(&self) -> WorkspaceRef {
        WorkspaceRef {
            name: self.name.clone(),
            slug: self.slug.clone(),
            accent: self.accent.clone(),
            logo: None,
        }
    }

    /// The sender named, with the workspace's own and then the installation's in the place of what is left out.
    pub fn sender(&self, name: &str, email: &str, fallback: &str) -> Result<Mailbox, String> {
        let email = [email, &self.sender_email]
            .into_iter()
            .find(|e| !e.is_empty());
        let Some(email) = email else {
            let fallback = Mailbox::parse(fallback).map_err(|e| format!("MAIL_FROM: {e}"))?;
            return Ok(Mailbox::new(
                Some(self.named(name)),
                fallback.address().clone(),
            ));
        };
        let address = platform::mail::Address::parse(email).map_err(|e| e.to_string())?;
        Ok(Mailbox::new(Some(self.named(name)), address))
    }

    fn named<'a>(&'a self, name: &'a str) -> &'a str {
        [name, &self.sender_name, &self.name]
            .into_iter()
            .find(|n| !n.is_empty())
            .unwrap_or_default()
    }

    /// Who writes, from where, and the way out: as HTML and as text.
    pub fn footer(&self) -> (String, String) {
        let name = self.name.replace(['\r', '\n'], " ");
        let address = self.postal_address.lines().map(str::trim);
        // Many write the name at the head of their address.
        let named = self.postal_address.trim_start().starts_with(name.trim());
        let sender: Vec<&str> = [name.trim()]
            .into_iter()
            .filter(|_| !named)
            .chain(address)
            .filter(|line| !line.is_empty())
            .collect();
        let html: Vec<String> = sender.iter().map(|line| escaped(line)).collect();
        (
            format!(
                "<div style=\"margin:32px auto 16px;max-width:600px;font:12px/18px sans-serif;color:#5F677D;text-align:center\">\
                 {}<br><a href=\"{{{{ unsubscribe_url }}}}\" style=\"color:#5F677D\">Unsubscribe</a> · \
                 <a href=\"{{{{ preferences_url }}}}\" style=\"color:#5F677D\">Choose what you get</a></div>",
                html.join(" · ")
            ),
            format!(
                "--\n{}\nUnsubscribe: {{{{ unsubscribe_url }}}}\nChoose what you get: {{{{ preferences_url }}}}\n",
                literal(&sender.join("\n"))
            ),
        )
    }
}

/// A brace begins a merge field: in plain text one that writes a brace stands for it.
fn literal(text: &str) -> String {
    text.replace('{', "{{ '{' }}")
}

/// In HTML an entity does.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '{' => out.push_str("&#123;"),
            c => out.push(c),
        }
    }
    out
}
