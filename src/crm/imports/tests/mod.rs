//! Files as people have them, through the whole import.

mod contacts;
mod records;
mod workbooks;

use actix_web::http::{StatusCode, header};
use actix_web::test::TestRequest;
use platform::testing::{Answer, Browser, World};
use serde_json::Value;
use uuid::Uuid;

use super::import::Import;
use super::source;
use super::way::Way;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("tests/fixtures/csv/{name}")).expect("a fixture")
}

fn multipart(file: &str, content: &[u8], fields: &[(&str, &str)]) -> (&'static str, Vec<u8>) {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(
            format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .bytes(),
        );
    }
    body.extend(format!("--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{file}\"\r\ncontent-type: text/csv\r\n\r\n").bytes());
    body.extend(content);
    body.extend(b"\r\n--edge--\r\n");
    ("multipart/form-data; boundary=edge", body)
}

async fn upload(
    browser: &Browser,
    url: &str,
    file: &str,
    content: &[u8],
    fields: &[(&str, &str)],
) -> Answer {
    let (kind, body) = multipart(file, content, fields);
    let request = TestRequest::post().uri(url);
    browser
        .send(
            request
                .insert_header((header::CONTENT_TYPE, kind))
                .set_payload(body),
        )
        .await
}

/// Imports a file of contacts in one go; what came of it.
pub async fn import(
    world: &World,
    browser: &Browser,
    file: &str,
    content: &[u8],
    fields: &[(&str, &str)],
) -> Value {
    import_of("contacts", world, browser, file, content, fields).await
}

/// The same of a file that holds something else.
pub async fn import_of(
    list: &str,
    world: &World,
    browser: &Browser,
    file: &str,
    content: &[u8],
    fields: &[(&str, &str)],
) -> Value {
    let fields: Vec<_> = fields.iter().copied().chain([("run", "1")]).collect();
    let url = format!("/api/v1/w/acme/{list}/imports");
    let answer = upload(browser, &url, file, content, &fields).await;
    assert_eq!(
        answer.status,
        StatusCode::ACCEPTED,
        "{file}: {}",
        answer.text
    );
    world.run_jobs().await;
    browser.get_json(answer.header("location")).await.json()
}

/// What a worker does before it is killed: the first batch is written, and no more.
async fn first_batch<W: Way>(world: &World, id: Uuid) {
    let (import, reader, mut work, workspace) = world.within("acme", |tx| {
        let import = Import::find(tx, id)?;
        let (reader, work) = (W::reader(tx, &import)?, W::begin(tx, import.clone())?);
        Ok((import, reader, work, tx.workspace))
    });
    let path = source::path(&world.app.config, workspace, id);
    let format = import.format().expect("a format");
    let mut batches = source::read(path, format, reader, 0);
    let batch = batches
        .recv()
        .await
        .expect("a batch")
        .expect("that can be read");
    assert!(world.within("acme", |tx| work.write(tx, batch)));
}

fn number(import: &Value, field: &str) -> i64 {
    import[field]
        .as_i64()
        .unwrap_or_else(|| panic!("{field} of {import}"))
}

fn id(import: &Value) -> Uuid {
    import["id"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .expect("an id")
}
