//! A file of ours on its way to somebody who keeps it.

use std::fs::File;
use std::io;

use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use futures_util::stream;
use tokio::io::AsyncReadExt;

const CHUNK: usize = 64 * 1024;

/// The file as a download, piece by piece; what it is, its name says.
pub fn file(file: File, name: &str) -> HttpResponse {
    let pieces = stream::try_unfold(tokio::fs::File::from_std(file), |mut file| async move {
        let mut piece = vec![0; CHUNK];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok::<_, io::Error>((read > 0).then(|| (Bytes::from(piece), file)))
    });
    let plain = plain(name);
    let kind = mime_guess::from_path(&plain).first_or_octet_stream();
    let kind = match kind.type_() {
        mime_guess::mime::TEXT => format!("{kind}; charset=utf-8"),
        _ => kind.to_string(),
    };
    attachment(&plain, &kind).streaming(pieces)
}

/// A short text as a download.
pub fn text(text: String, kind: &'static str, name: &str) -> HttpResponse {
    attachment(&plain(name), kind).body(text)
}

/// A name that every file system takes.
fn plain(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_. ".contains(c);
    let fitting = name.chars().map(|c| if fits(c) { c } else { '_' });
    fitting.collect()
}

fn attachment(name: &str, kind: &str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    answer
}
