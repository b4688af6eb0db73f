//! Receives a file of any size piece by piece, straight to the disk.

use std::path::{Path, PathBuf};

use actix_multipart::{Field, Multipart};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;
use platform::{Error, Result};
use serde_json::{Map, Value};
use tokio::io::AsyncWriteExt;

const LARGEST: u64 = 300 * 1024 * 1024;
const LARGEST_FIELD: usize = 256 * 1024;
const MOST_FIELDS: usize = 200;
const LONGEST_NAME: usize = 200;

/// A file that came in. It is removed again unless somebody keeps it.
pub struct Upload {
    pub name: String,
    pub size: u64,
    /// The other fields of the form.
    pub fields: Map<String, Value>,
    path: PathBuf,
    kept: bool,
}

impl Upload {
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if !self.kept {
            remove(&self.path);
        }
    }
}

/// Removes a file that may be gone already.
pub fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(%error, path = %path.display(), "an uploaded file could not be removed");
    }
}

/// Writes the part called `file` to `path` as it arrives.
pub async fn receive(req: &HttpRequest, payload: web::Payload, path: PathBuf) -> Result<Upload> {
    let mut upload = Upload {
        name: String::new(),
        size: 0,
        fields: Map::new(),
        path,
        kept: false,
    };
    let mut parts = Multipart::new(req.headers(), payload);
    let (mut pairs, mut came) = (Vec::new(), false);
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(broken)?;
        let field = part.name().unwrap_or_default().to_owned();
        if field == "file" && !came {
            came = true;
            upload.name = name_of(&part);
            write(&mut part, &mut upload).await?;
        } else if pairs.len() < MOST_FIELDS {
            pairs.push((field, text(&mut part).await?));
        }
    }
    if !came || upload.name.is_empty() {
        return Err(Error::invalid("file", "Please choose a file."));
    }
    upload.fields = platform::web::fields::from_pairs(pairs);
    Ok(upload)
}

fn broken(error: actix_multipart::MultipartError) -> Error {
    Error::bad_request(format!("The upload can't be read: {error}."))
}

/// What the file is called where it comes from, without the way there.
fn name_of(part: &Field) -> String {
    let given = part.content_disposition().and_then(|d| d.get_filename());
    let name = given.unwrap_or_default().rsplit(['/', '\\']).next();
    let name: String = name
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    name.trim().chars().take(LONGEST_NAME).collect()
}

async fn write(part: &mut Field, upload: &mut Upload) -> Result<()> {
    if let Some(folder) = upload.path.parent() {
        tokio::fs::create_dir_all(folder)
            .await
            .map_err(Error::internal)?;
    }
    let file = tokio::fs::File::create(&upload.path)
        .await
        .map_err(Error::internal)?;
    let mut file = tokio::io::BufWriter::with_capacity(1024 * 1024, file);
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(broken)?;
        upload.size += chunk.len() as u64;
        if upload.size > LARGEST {
            return Err(Error::Refused(
                StatusCode::PAYLOAD_TOO_LARGE,
                "The file is larger than 300 MB. Please split it into several.".into(),
            ));
        }
        file.write_all(&chunk).await.map_err(Error::internal)?;
    }
    file.flush().await.map_err(Error::internal)
}

async fn text(part: &mut Field) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(broken)?;
        if bytes.len() + chunk.len() > LARGEST_FIELD {
            return Err(Error::Refused(
                StatusCode::PAYLOAD_TOO_LARGE,
                "One of the fields is larger than 256 kB.".into(),
            ));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
