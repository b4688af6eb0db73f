//! What stands below every mail: who sent it, from where (CAN-SPAM), and the way out.

use askama::filters::{Html, escape};

/// The footer as HTML and as plain text, for a template to be compiled with.
pub fn footer(name: &str, postal_address: &str) -> (String, String) {
    let safe = |text: &str| {
        escape(text, Html)
            .map(|t| t.to_string())
            .unwrap_or_default()
    };
    let html = format!(
        "<p style=\"font-size:12px;color:#666;text-align:center\">{} · {}<br>\
         <a href=\"{{{{ unsubscribe_url }}}}\">Unsubscribe</a></p>",
        safe(name),
        safe(postal_address)
    );
    let text = format!("\n--\n{name}\n{postal_address}\nUnsubscribe: {{{{ unsubscribe_url }}}}\n");
    (html, text)
}
