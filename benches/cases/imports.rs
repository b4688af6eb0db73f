//! A file of contacts as people have them, with broken and repeated addresses in it.

use std::thread::sleep;
use std::time::{Duration, Instant};

use super::Ground;
use crate::report::{Better, Figure};
use crate::{Result, csv_files};

const ROWS: usize = 100_000;
const AT_MOST: Duration = Duration::from_secs(300);
const EDGE: &str = "--edge-of-the-bench";

/// From the upload to the last row, on top of all the rows that the bench is about.
pub fn import(ground: &mut Ground) -> Result<Figure> {
    let browser = ground.full()?.browser()?;
    let mut file = Vec::new();
    let contents = csv_files::large(&mut file, ROWS, usize::MAX)?;
    let begun = Instant::now();
    let answer = browser
        .send(
            "POST",
            "/api/v1/w/acme/contacts/imports",
            &[
                ("Accept", "application/json"),
                (
                    "Content-Type",
                    &format!("multipart/form-data; boundary={EDGE}"),
                ),
            ],
            &multipart(&file),
        )?
        .success("the upload")?;
    let import = answer
        .header("location")
        .ok_or("no address of the import")?;
    let done = loop {
        sleep(Duration::from_millis(100));
        let import = browser.get_json(import)?;
        match import["state"].as_str() {
            Some("done") => break import,
            Some("failed") => return Err(format!("the import failed: {import}").into()),
            _ if begun.elapsed() > AT_MOST => return Err(format!("still at {import}").into()),
            _ => {}
        }
    };
    let took = begun.elapsed().as_secs_f64();
    let count = |name: &str| done[name].as_u64().unwrap_or_default() as usize;
    let [created, skipped, refused] = ["created", "skipped", "refused"].map(count);
    if created + skipped + refused != ROWS || refused != contents.broken {
        return Err(format!("{contents:?} came out as {done}").into());
    }
    Ok(Figure {
        value: took,
        unit: "s",
        limit: Some(20.0),
        of: "asked for",
        better: Better::Lower,
        aim: 1.0,
        note: format!("{created} made, {skipped} skipped, {refused} refused"),
    })
}

fn multipart(file: &[u8]) -> Vec<u8> {
    let field = |name: &str, value: &str| {
        format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let mut body = (field("run", "1") + &field("duplicates", "skip")).into_bytes();
    body.extend(
        format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"bench.csv\"\r\n\r\n")
            .bytes(),
    );
    body.extend(file);
    body.extend(format!("\r\n--{EDGE}--\r\n").bytes());
    body
}
