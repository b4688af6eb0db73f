//! The tools that make the load and the limits: wrk, pgbench, nginx.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Result;
use crate::http::Browser;
use crate::statements::Script;

pub const CONNECTIONS: &str = "16";

/// What wrk saw.
#[derive(Clone, Copy, Default)]
pub struct Load {
    pub rate: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

impl Load {
    pub fn note(&self) -> String {
        format!("p50 {:.1} ms, p99 {:.1} ms", self.p50_ms, self.p99_ms)
    }
}

/// What every client asks for, in turn.
pub enum Requests {
    Get(Vec<String>),
    /// The same at an address that nobody asked for before, so that no page kept from then answers it.
    First(Vec<String>),
    /// JSON bodies, made unlike each other by `%d` for the thread, the round and the number.
    Post(String, String),
}

impl Requests {
    fn lua(&self, round: u64) -> String {
        match self {
            Requests::Get(paths) => format!(
                "local paths = {{ {} }}\nlocal at = 0\n\
                 request = function()\n  at = at % #paths + 1\n  return wrk.format('GET', paths[at])\nend\n",
                listed(paths.iter().cloned())
            ),
            Requests::First(paths) => format!(
                "local threads = 0\nfunction setup(thread) threads = threads + 1; thread:set('id', threads) end\n\
                 local paths = {{ {} }}\nlocal at = 0\nrequest = function()\n  at = at + 1\n  \
                 return wrk.format('GET', paths[at % #paths + 1] .. id .. '-' .. at)\nend\n",
                listed(paths.iter().map(|path| unlike_any(path, round)))
            ),
            Requests::Post(path, body) => format!(
                "local threads = 0\nfunction setup(thread) threads = threads + 1; thread:set('id', threads) end\n\
                 local at = 0\nrequest = function()\n  at = at + 1\n  \
                 return wrk.format('POST', {path:?}, nil, string.format({body:?}, id, {round}, at))\nend\n"
            ),
        }
    }
}

fn listed(paths: impl Iterator<Item = String>) -> String {
    let quoted: Vec<_> = paths.map(|path| format!("{path:?}")).collect();
    quoted.join(", ")
}

/// The address with a word to which nobody listens.
pub fn unlike_any(path: &str, number: u64) -> String {
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}anew={number}-")
}

/// Loads the app for some seconds; anything but success fails it.
pub fn wrk(
    browser: &Browser,
    requests: &Requests,
    headers: &[(&str, &str)],
    seconds: u64,
    scratch: &Path,
) -> Result<Load> {
    let script = scratch.join("load.lua");
    fs::write(&script, requests.lua(unique()))?;
    let mut command = Command::new("wrk");
    command
        .args(["-t2", "-c", CONNECTIONS, "--latency", "-d"])
        .arg(format!("{seconds}s"))
        .arg("-s")
        .arg(&script);
    if !browser.cookie.is_empty() {
        command.args(["-H", &format!("Cookie: {}", browser.cookie)]);
    }
    for (name, value) in headers {
        command.args(["-H", &format!("{name}: {value}")]);
    }
    command.arg(format!("http://{}/", browser.address));
    let said = run(&mut command)?;
    for bad in ["Non-2xx or 3xx responses", "Socket errors"] {
        if let Some(line) = said.lines().find(|line| line.contains(bad)) {
            return Err(format!("wrk: {}", line.trim()).into());
        }
    }
    Ok(Load {
        rate: number_after(&said, "Requests/sec:").ok_or("wrk said no rate")?,
        p50_ms: milliseconds(&said, "50%").ok_or("wrk said no median")?,
        p99_ms: milliseconds(&said, "99%").ok_or("wrk said no 99th percentile")?,
    })
}

pub fn unique() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |now| now.as_millis() as u64)
}

/// Transactions a second of the scripts, by turns, as the app's role.
pub fn pgbench(
    conninfo: &str,
    scripts: &[Script],
    clients: &str,
    seconds: u64,
    scratch: &Path,
) -> Result<f64> {
    let mut command = Command::new(postgres_program("pgbench"));
    command
        .args(["-n", "-M", "prepared", "-j", "2", "-c", clients, "-T"])
        .arg(seconds.to_string())
        .env(
            "PGOPTIONS",
            "-c role=nexus_app -c jit=off -c random_page_cost=1.1",
        );
    for (number, script) in scripts.iter().enumerate() {
        let path = scratch.join(format!("limit-{number}.sql"));
        fs::write(&path, &script.text)?;
        command.arg("-f").arg(path);
        for (name, value) in &script.variables {
            command.arg("-D").arg(format!("{name}={value}"));
        }
    }
    let said = run(command.arg(conninfo))?;
    number_after(&said, "tps =").ok_or_else(|| format!("pgbench said no rate: {said}").into())
}

/// An nginx that serves one folder.
pub struct Nginx {
    child: Child,
    pub address: SocketAddr,
}

impl Nginx {
    pub fn start(folder: &Path) -> Result<Nginx> {
        let address = free_address()?;
        let user = if nix::unistd::Uid::effective().is_root() {
            "user root;"
        } else {
            ""
        };
        let text = format!(
            "{user} daemon off; worker_processes 2; pid {0}/nginx.pid; error_log stderr crit;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=100;\n\
             default_type text/css; client_body_temp_path {0}/t1; proxy_temp_path {0}/t2; fastcgi_temp_path {0}/t3;\n\
             uwsgi_temp_path {0}/t4; scgi_temp_path {0}/t5;\n\
             server {{ listen {address}; root {0}; }} }}\n",
            folder.display()
        );
        let config = folder.join("nginx.conf");
        fs::write(&config, text)?;
        let program = if Path::new("/usr/sbin/nginx").exists() {
            "/usr/sbin/nginx"
        } else {
            "nginx"
        };
        let child = Command::new(program)
            .arg("-p")
            .arg(folder)
            .arg("-c")
            .arg(&config)
            .stdin(Stdio::null())
            .spawn()?;
        let nginx = Nginx { child, address };
        let started = Instant::now();
        while std::net::TcpStream::connect(address).is_err() {
            if started.elapsed() > Duration::from_secs(5) {
                return Err("nginx does not listen".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(self.child.id() as i32);
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        let _ = self.child.wait();
    }
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// From the path, or from where Debian keeps what belongs to one version.
fn postgres_program(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<_> = versions
        .flatten()
        .map(|version| version.path().join("bin").join(name))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| name.into())
}

fn run(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{}: {error}", command.get_program().to_string_lossy()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "{}: {}",
        command.get_program().to_string_lossy(),
        said.trim()
    )
    .into())
}

fn number_after(said: &str, word: &str) -> Option<f64> {
    let rest = said.split_once(word)?.1;
    rest.split_whitespace().next()?.parse().ok()
}

/// `  50%    1.23ms` → 1.23; wrk also says `us` and `s`.
fn milliseconds(said: &str, percentile: &str) -> Option<f64> {
    let line = said
        .lines()
        .find_map(|line| line.trim().strip_prefix(percentile))?;
    let text = line.trim();
    let digits = text.trim_end_matches(char::is_alphabetic);
    let number: f64 = digits.parse().ok()?;
    Some(match &text[digits.len()..] {
        "us" => number / 1_000.0,
        "s" => number * 1_000.0,
        "m" => number * 60_000.0,
        _ => number,
    })
}
