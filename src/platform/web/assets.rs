//! Static files, compiled in: style sheets and scripts joined in name order, but for those of single pages; fingerprinted, compressed once.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/static"]
struct Static;

struct Asset {
    body: Bytes,
    mime: String,
    etag: String,
    compressed: OnceLock<Option<Bytes>>,
}

impl Asset {
    fn new(body: Vec<u8>, mime: String) -> Asset {
        let etag = hex::encode(&Sha256::digest(&body)[..6]);
        Asset {
            body: body.into(),
            mime,
            etag,
            compressed: OnceLock::new(),
        }
    }

    /// Brotli at its best setting, made at the first request that takes it.
    fn brotli(&self) -> Option<Bytes> {
        let compress = || {
            let worth = self.mime.starts_with("text/")
                || self.mime.contains("javascript")
                || self.mime.contains("svg");
            if !worth {
                return None;
            }
            brotli(&self.body, 9)
        };
        self.compressed.get_or_init(compress).clone()
    }
}

/// Scripts that only some pages need: they come as soon as the page has something that is theirs: an element with
/// this attribute (`data-…`), or one that this selector finds.
const PARTS: [(&str, &str); 19] = [
    ("#fresh", "js/pages/rows.js"),
    (".fact", "js/pages/facts.js"),
    ("chooser", "js/pages/chooser.js"),
    ("copies", "js/pages/copy.js"),
    ("edit", "js/pages/inline.js"),
    ("filter-editor", "js/pages/filter-editor.js"),
    ("finds", "js/pages/chooser.js"),
    ("guard", "js/pages/unsaved.js"),
    ("here", "js/pages/presence.js"),
    ("inline", "js/pages/inline.js"),
    ("news-list", "js/pages/chat.js"),
    ("news-of", "js/pages/chat.js"),
    ("renews", "js/pages/facts.js"),
    ("repeat", "js/pages/repeat.js"),
    ("rich", "js/pages/rich.js"),
    ("rows", "js/pages/rows.js"),
    ("select", "js/pages/selection.js"),
    ("sends", "js/pages/chat.js"),
    ("tags", "js/pages/tags.js"),
];

/// The same with their addresses, as the frame hands them to the pages' loader (`static/js/07-pages.js`).
pub fn parts() -> &'static str {
    static PARTS_JSON: LazyLock<String> = LazyLock::new(|| {
        let parts: serde_json::Map<_, _> = PARTS
            .iter()
            .map(|(theirs, name)| ((*theirs).to_owned(), url(name).into()))
            .collect();
        serde_json::Value::Object(parts).to_string()
    });
    &PARTS_JSON
}

static ASSETS: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let mut names: Vec<_> = Static::iter().map(|n| n.into_owned()).collect();
    names.sort();
    let mut assets = HashMap::new();
    let mut joined: [(&str, &str, Vec<u8>); 2] = [
        ("app.css", "text/css; charset=utf-8", Vec::new()),
        ("app.js", "text/javascript; charset=utf-8", Vec::new()),
    ];
    // Libraries come before what uses them.
    let (vendor, own): (Vec<_>, Vec<_>) = names.iter().partition(|n| n.starts_with("vendor/"));
    for name in vendor.into_iter().chain(own) {
        let Some(file) = Static::get(name) else {
            continue;
        };
        let bundle = match name.rsplit_once('.').map(|(_, ext)| ext) {
            Some("css") if name.starts_with("css/") => Some(0),
            Some("js") if name.contains("/pages/") => None,
            Some("js") if name.starts_with("vendor/") || name.starts_with("js/") => Some(1),
            _ => None,
        };
        match bundle {
            Some(i) => {
                joined[i].2.extend_from_slice(&file.data);
                joined[i].2.extend_from_slice(b"\n");
            }
            None => {
                let mime = mime_guess::from_path(name)
                    .first_or_octet_stream()
                    .to_string();
                assets.insert(name.clone(), Asset::new(file.data.into_owned(), mime));
            }
        }
    }
    for (name, mime, body) in joined {
        assets.insert(name.to_owned(), Asset::new(body, mime.to_owned()));
    }
    assets
});

/// The address of a static file with its fingerprint, so that it can be kept for ever.
pub fn url(name: &str) -> String {
    match ASSETS.get(name) {
        Some(asset) => format!("/static/{name}?v={}", asset.etag),
        None => {
            tracing::error!(name, "a page names a static file that isn't there");
            format!("/static/{name}")
        }
    }
}

/// RFC 7932; `quality` is 0 to 11.
pub(super) fn brotli(body: &[u8], quality: i32) -> Option<Bytes> {
    let params = brotli::enc::BrotliEncoderParams {
        quality,
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*body, &mut out, &params).ok()?;
    Some(Bytes::from(out))
}

pub(super) fn takes_brotli(req: &HttpRequest) -> bool {
    let accepted = req.headers().get(header::ACCEPT_ENCODING);
    let mut codings = accepted
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
        .split(',');
    codings.any(|coding| coding.trim().split(';').next() == Some("br"))
}

/// `GET /static/{name}`.
pub async fn serve(
    guard: super::Public,
    req: HttpRequest,
    name: actix_web::web::Path<String>,
) -> crate::error::Result<HttpResponse> {
    drop(guard);
    let asset = ASSETS
        .get(name.as_str())
        .ok_or(crate::error::Error::NotFound)?;
    let quoted = format!("\"{}\"", asset.etag);
    let sent = req.headers().get(header::IF_NONE_MATCH);
    if sent.is_some_and(|v| v.as_bytes() == quoted.as_bytes()) {
        return Ok(HttpResponse::NotModified()
            .insert_header((header::ETAG, quoted))
            .finish());
    }
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, asset.mime.as_str()))
        .insert_header((header::ETAG, quoted))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((
            header::CACHE_CONTROL,
            // What is vendored has its version in its name.
            if req.query_string().starts_with("v=") || name.starts_with("vendor/") {
                "public, max-age=31536000, immutable"
            } else {
                "public, max-age=300"
            },
        ));
    if let Some(body) = takes_brotli(&req).then(|| asset.brotli()).flatten() {
        return Ok(response
            .insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("br")))
            .body(body));
    }
    // What is served as it lies must not be compressed again by the middleware.
    Ok(response
        .insert_header((
            header::CONTENT_ENCODING,
            HeaderValue::from_static("identity"),
        ))
        .body(asset.body.clone()))
}
