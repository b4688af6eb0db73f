//! The real binary with a data directory of its own, for black-box tests and benches.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::http::{Browser, Result};

const NEXUS: &str = env!("CARGO_BIN_EXE_nexus");
const OWNER: &str = "owner@acme.test";

/// A data directory that is gone when this is dropped.
pub struct Home {
    path: PathBuf,
}

impl Home {
    pub fn new() -> Result<Home> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        // PostgreSQL runs as another user than root, so the way here must be open to it.
        let name = format!("nexus-home-{}-{number}", std::process::id());
        let path = Path::new("/var/tmp").join(name);
        fs::create_dir_all(&path)?;
        Ok(Home { path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(NEXUS);
        for name in [
            "DATABASE_URL",
            "REDIS_URL",
            "SMTP_URL",
            "PUBLIC_URL",
            "NEXUS_ENV",
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "SENTRY_DSN",
        ] {
            command.env_remove(name);
        }
        command
            .env("DATA_DIR", &self.path)
            .env("HOST", "127.0.0.1")
            .env("PORT", "0")
            .env("LOG", "error");
        command
    }

    /// How libpq finds the app's database, as its owner.
    pub fn conninfo(&self) -> String {
        let run = self.path.join("run");
        format!("host={} user=nexus_owner dbname=nexus", run.display())
    }

    pub fn sql(&self, statements: &str) -> Result<()> {
        self.connect()?.batch_execute(statements)?;
        Ok(())
    }

    pub fn connect(&self) -> Result<PgConnection> {
        Ok(PgConnection::establish(&self.conninfo())?)
    }

    /// What PostgreSQL has logged so far.
    pub fn postgres_log(&self) -> Result<String> {
        let bytes = fs::read(self.path.join("postgres.log"))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Adds contacts; gives how long it took.
    pub fn seed(&self, contacts: u64) -> Result<Duration> {
        let started = Instant::now();
        let seeded = self
            .command()
            .args(["seed", "--scale", &contacts.to_string()])
            .stdout(Stdio::null())
            .status()?;
        if !seeded.success() {
            return Err(format!("nexus seed: {seeded}").into());
        }
        Ok(started.elapsed())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// `nexus serve`, ready.
pub struct App {
    child: Child,
    pub address: SocketAddr,
    pub ready_after: Duration,
}

impl App {
    pub fn start(home: &Home, env: &[(&str, &str)]) -> Result<App> {
        let started = Instant::now();
        let mut child = home
            .command()
            .arg("serve")
            .envs(env.iter().copied())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        let address = lines.find_map(|line| {
            let line = line.ok()?;
            line.strip_prefix("ready http://")?.trim().parse().ok()
        });
        let ready_after = started.elapsed();
        let Some(address) = address else {
            let _ = child.kill();
            let _ = child.wait();
            return Err("nexus serve ended before it was ready".into());
        };
        // A full pipe would block the app.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(App {
            child,
            address,
            ready_after,
        })
    }

    pub fn browser(&self) -> Result<Browser> {
        Browser::signed_in(self.address, OWNER)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Memory in use by the process itself, in MB.
    pub fn memory(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .ok_or("no VmRSS")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes / 1024.0)
    }
}

impl App {
    pub fn signal(&self, signal: Signal) {
        // One that has ended already needs no signal.
        let _ = kill(Pid::from_raw(self.child.id() as i32), signal);
    }

    /// Waits for the end.
    pub fn wait(&mut self, at_most: Duration) -> Result<ExitStatus> {
        let asked = Instant::now();
        while asked.elapsed() < at_most {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            sleep(Duration::from_millis(10));
        }
        Err("nexus serve does not end".into())
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.signal(Signal::SIGTERM);
        if self.wait(Duration::from_secs(20)).is_err() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
