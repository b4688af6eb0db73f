//! A mail on the screen: a document of its own that can neither run anything nor reach us.

use actix_web::HttpResponse;
use actix_web::http::header;

/// Pictures and styles of the mail, and nothing else; `sandbox` takes away scripts, forms and our origin.
const FENCE: &str = "default-src 'none'; img-src https: http: data:; style-src 'unsafe-inline' https:; \
     font-src https: data:; sandbox allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'self'";

/// The HTML of a mail. Its links open beside the frame, where they work.
pub fn html(mail: &str) -> HttpResponse {
    const AWAY: &str = "<base target=\"_blank\">";
    let (before, after) = mail.split_at(after_tag(mail, "<head").unwrap_or(0));
    fenced("text/html; charset=utf-8", format!("{before}{AWAY}{after}"))
}

/// The same with something of ours above it, in the same document.
pub fn html_below(above: &str, mail: &str) -> HttpResponse {
    let at = after_tag(mail, "<body").unwrap_or(0);
    let (before, after) = mail.split_at(at);
    html(&format!("{before}{above}{after}"))
}

/// Where the first tag of that name ends.
fn after_tag(mail: &str, tag: &str) -> Option<usize> {
    let lower = mail.to_ascii_lowercase();
    let is_name = |at: usize| !lower[at + tag.len()..].starts_with(char::is_alphanumeric);
    let (at, _) = lower.match_indices(tag).find(|(at, _)| is_name(*at))?;
    lower[at..].find('>').map(|end| at + end + 1)
}

/// Its plain text.
pub fn text(mail: String) -> HttpResponse {
    fenced("text/plain; charset=utf-8", mail)
}

fn fenced(kind: &str, body: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, FENCE))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type(kind)
        .body(body)
}
