//! Requests that write.

use super::Ground;
use crate::Result;
use crate::load::Requests;
use crate::report::Figure;
use crate::statements::Recorder;

const LIST: &str = "/w/acme/contacts";
const HEADERS: [(&str, &str); 2] = [
    ("Accept", "application/json"),
    ("Content-Type", "application/json"),
];

pub fn create(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    ground.stop();
    let script = {
        let mut recorder = Recorder::start(&ground.home)?;
        let browser = recorder.app.browser()?;
        let mut number = 0;
        recorder.script(|| {
            number += 1;
            let contact = serde_json::json!({
                "first_name": "Bench", "last_name": "Person",
                "email": format!("recorded.{number}.{}@bench.example", std::process::id()),
            });
            browser.api("POST", LIST, &contact).map(drop)
        })?
    };
    let body =
        r#"{"first_name":"Bench","last_name":"Person","email":"load.%d.%d.%d@bench.example"}"#;
    let requests = Requests::Post(LIST.into(), body.into());
    ground.beside_pgbench(&requests, &HEADERS, &[script])
}
