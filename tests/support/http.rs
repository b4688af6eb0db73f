//! A browser small enough for black-box tests and benches: one connection a request, one cookie.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

pub const PASSWORD: &str = "Nexus-Demo-2026!";

#[derive(Clone)]
pub struct Browser {
    pub address: SocketAddr,
    /// As the `Cookie` header wants it; empty for a stranger.
    pub cookie: String,
}

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Result<serde_json::Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// Itself, or an error that tells what came instead of a success.
    pub fn success(self, what: &str) -> Result<Answer> {
        if self.status < 400 {
            return Ok(self);
        }
        let text: String = self.text().chars().take(300).collect();
        Err(format!("{what} answered {}: {text}", self.status).into())
    }
}

impl Browser {
    pub fn stranger(address: SocketAddr) -> Browser {
        Browser {
            address,
            cookie: String::new(),
        }
    }

    pub fn signed_in(address: SocketAddr, email: &str) -> Result<Browser> {
        let form = format!(
            "email={}&password={}",
            email.replace('@', "%40"),
            PASSWORD.replace('!', "%21")
        );
        let answer = Browser::stranger(address).send(
            "POST",
            "/login",
            &[("Content-Type", "application/x-www-form-urlencoded")],
            form.as_bytes(),
        )?;
        let cookies = answer
            .headers
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case("set-cookie"));
        let cookie: Vec<_> = cookies
            .filter_map(|(_, value)| value.split(';').next())
            .collect();
        if cookie.is_empty() {
            return Err(format!("{email} can't sign in: {}", answer.status).into());
        }
        Ok(Browser {
            address,
            cookie: cookie.join("; "),
        })
    }

    pub fn get(&self, path: &str) -> Result<Answer> {
        self.send("GET", path, &[("Accept", "text/html")], b"")?
            .success(path)
    }

    pub fn get_json(&self, path: &str) -> Result<serde_json::Value> {
        self.send("GET", path, &[("Accept", "application/json")], b"")?
            .success(path)?
            .json()
    }

    /// A JSON request, answered in JSON.
    pub fn api(&self, method: &str, path: &str, body: &serde_json::Value) -> Result<Answer> {
        let headers = [
            ("Accept", "application/json"),
            ("Content-Type", "application/json"),
        ];
        self.send(method, path, &headers, body.to_string().as_bytes())?
            .success(path)
    }

    /// Any request, and whatever answers it.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer> {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
            self.address,
            body.len()
        );
        if !self.cookie.is_empty() {
            head += &format!("Cookie: {}\r\n", self.cookie);
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        stream.write_all(format!("{head}\r\n").as_bytes())?;
        stream.write_all(body)?;
        let mut raw = Vec::new();
        stream.read_to_end(&mut raw)?;
        Ok(parse(&raw).ok_or("no HTTP answer")?)
    }
}

fn parse(raw: &[u8]) -> Option<Answer> {
    let end = raw.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&raw[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key.to_owned(), value.trim().to_owned()))
        .collect();
    let mut answer = Answer {
        status,
        headers,
        body: raw[end + 4..].to_vec(),
    };
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = unchunk(&answer.body)?;
    }
    Some(answer)
}

fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(end + 2..end + 2 + size)?);
        rest = rest.get(end + 4 + size..)?;
    }
}
