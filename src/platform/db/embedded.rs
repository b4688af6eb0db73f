//! A private PostgreSQL under the data directory, for everybody who has none: made, started and stopped by us.
//!
//! It listens on a unix socket alone. PostgreSQL refuses to run as root, so root starts it as `postgres` (or `nobody`).

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Gid, Pid, Uid, User, chown};
use sha2::{Digest, Sha256};

use super::settings;

const OWNER: &str = "nexus_owner";
/// Unix socket paths end at 107 bytes, and PostgreSQL adds `/.s.PGSQL.5432`.
const LONGEST_SOCKET_DIR: usize = 85;
/// A server that was cut off while much was written goes through its log again, and must be let.
const RECOVERS: Duration = Duration::from_secs(600);
/// A server that is stopped first writes down what it holds, which takes a slow disk a while.
const WRITES_DOWN: Duration = Duration::from_secs(60);

/// A running private server; dropping it stops it.
pub struct Embedded {
    child: Child,
    url: String,
}

/// The URL of this data directory's server, and the server where it was not running yet.
///
/// A command run beside `nexus serve` (a seed, a backup) finds the one that serve started.
pub fn find_or_start(data_dir: &Path) -> io::Result<(String, Option<Embedded>)> {
    let home = Account::choose()?.home_for(data_dir)?;
    if live_postmaster(&home.join("postgres")).is_some() {
        let url = url_at(&socket_dir(&home)?);
        let there: Result<diesel::PgConnection, _> = diesel::Connection::establish(&url);
        if there.is_ok() {
            return Ok((url, None));
        }
    }
    let server = Embedded::start(data_dir, true)?;
    Ok((server.url.clone(), Some(server)))
}

fn url_at(socket: &Path) -> String {
    let host = socket.display().to_string().replace('/', "%2F");
    format!("postgres:///nexus?host={host}&user={OWNER}&application_name=nexus")
}

impl Embedded {
    /// Starts the server of this data directory, making its cluster first where there is none.
    ///
    /// Call it from the main thread: the kernel stops PostgreSQL when the *thread* that spawned it ends,
    /// which is how `kill -9` of the app leaves nothing behind.
    pub fn start(data_dir: &Path, durable: bool) -> io::Result<Embedded> {
        let account = Account::choose()?;
        let home = account.home_for(data_dir)?;
        let bin = server_binaries()?;
        let cluster = home.join("postgres");
        let socket = socket_dir(&home)?;
        make_dir(&socket, &account)?;
        if !cluster.join("PG_VERSION").exists() {
            // A first start that was cut off leaves half a cluster, which initdb would refuse.
            if cluster.exists() {
                fs::remove_dir_all(&cluster)?;
            }
            make_dir(&cluster, &account)?;
            initdb(&bin, &cluster, &account)?;
        }
        wait_for_predecessor(&cluster)?;
        let log = fs::File::create(home.join("postgres.log"))?;
        let mut command = account.command(&bin.join("postgres"));
        command.arg("-D").arg(&cluster).arg("-k").arg(&socket).args(
            settings::all(durable)
                .into_iter()
                .flat_map(|s| ["-c".to_owned(), s]),
        );
        command
            .stdout(log.try_clone()?)
            .stderr(log)
            .stdin(Stdio::null());
        stop_with_parent(&mut command);
        let child = command.spawn()?;
        let mut server = Embedded {
            child,
            url: url_at(&socket),
        };
        server.wait_until_ready(&socket, &home.join("postgres.log"))?;
        server.make_database(&bin, &socket, &account)?;
        Ok(server)
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    fn wait_until_ready(&mut self, socket: &Path, log: &Path) -> io::Result<()> {
        let socket = socket.join(".s.PGSQL.5432");
        let started = Instant::now();
        while started.elapsed() < RECOVERS {
            if let Some(status) = self.child.try_wait()? {
                let text = fs::read_to_string(log).unwrap_or_default();
                let tail: Vec<_> = text.lines().rev().take(3).collect();
                return Err(io::Error::other(format!(
                    "PostgreSQL ended at once ({status}): {}",
                    tail.into_iter().rev().collect::<Vec<_>>().join(" | ")
                )));
            }
            // The socket answers before recovery is over; a real connection is what tells.
            if socket.exists()
                && diesel::Connection::establish(&self.url_of("postgres"))
                    .map(|_: diesel::PgConnection| ())
                    .is_ok()
            {
                return Ok(());
            }
            sleep(Duration::from_millis(10));
        }
        Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "PostgreSQL was not ready after ten minutes",
        ))
    }

    fn url_of(&self, database: &str) -> String {
        self.url
            .replacen("///nexus?", &format!("///{database}?"), 1)
    }

    fn make_database(&self, bin: &Path, socket: &Path, account: &Account) -> io::Result<()> {
        let there: Result<diesel::PgConnection, _> = diesel::Connection::establish(&self.url);
        if there.is_ok() {
            return Ok(());
        }
        let made = account
            .command(&bin.join("createdb"))
            .args(["-U", OWNER, "-h"])
            .arg(socket)
            .arg("nexus")
            .output()?;
        if !made.status.success() {
            let why = String::from_utf8_lossy(&made.stderr).into_owned();
            return Err(io::Error::other(why));
        }
        if let Ok(mut conn) = diesel::Connection::establish(&self.url) {
            settings::pack_faster(&mut conn);
        }
        Ok(())
    }

    fn stop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown: it ends the sessions and writes everything down.
        let pid = Pid::from_raw(self.child.id() as i32);
        let _ = kill(pid, Signal::SIGINT);
        let started = Instant::now();
        while started.elapsed() < WRITES_DOWN {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            sleep(Duration::from_millis(10));
        }
        let _ = kill(pid, Signal::SIGQUIT);
        let _ = self.child.wait();
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Whom PostgreSQL runs as.
struct Account {
    /// `None`: as ourselves.
    other: Option<(Uid, Gid)>,
}

impl Account {
    fn choose() -> io::Result<Account> {
        if !Uid::effective().is_root() {
            return Ok(Account { other: None });
        }
        for name in ["postgres", "nobody"] {
            if let Some(user) = User::from_name(name)? {
                return Ok(Account {
                    other: Some((user.uid, user.gid)),
                });
            }
        }
        Err(io::Error::other(
            "PostgreSQL can't run as root, and there is no account postgres or nobody",
        ))
    }

    /// The folder for the cluster: the data directory, or, where another account can't get at it, a place of its own.
    fn home_for(&self, data_dir: &Path) -> io::Result<PathBuf> {
        fs::create_dir_all(data_dir)?;
        let data_dir = data_dir.canonicalize()?;
        let reachable = self.other.is_none()
            || data_dir
                .ancestors()
                .skip(1)
                .all(|p| fs::metadata(p).is_ok_and(|m| m.mode() & 0o001 != 0));
        if reachable {
            if self.other.is_some() {
                let mode = fs::metadata(&data_dir)?.mode();
                fs::set_permissions(&data_dir, fs::Permissions::from_mode(mode | 0o011))?;
            }
            return Ok(data_dir);
        }
        let home = Path::new("/var/tmp").join(format!("nexus-{}", short_hash(&data_dir)));
        fs::create_dir_all(&home)?;
        Ok(home)
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir("/")
            .env_remove("PGDATA")
            .env("LC_ALL", "C");
        if let Some((uid, gid)) = self.other {
            command.uid(uid.as_raw()).gid(gid.as_raw());
        }
        command
    }
}

fn make_dir(dir: &Path, account: &Account) -> io::Result<()> {
    if !dir.exists() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)?;
    }
    if let Some((uid, gid)) = account.other {
        chown(dir, Some(uid), Some(gid))?;
    }
    Ok(())
}

fn initdb(bin: &Path, cluster: &Path, account: &Account) -> io::Result<()> {
    let made = account
        .command(&bin.join("initdb"))
        .arg("-D")
        .arg(cluster)
        .args([
            "-U",
            OWNER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-instructions",
        ])
        .output()?;
    if made.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "initdb: {}",
        String::from_utf8_lossy(&made.stderr)
    )))
}

/// After `kill -9` the old server is still writing its last pages; a second Nexus on the same folder never ends.
fn wait_for_predecessor(cluster: &Path) -> io::Result<()> {
    let started = Instant::now();
    while let Some(pid) = live_postmaster(cluster) {
        if started.elapsed() > WRITES_DOWN {
            return Err(io::Error::other(format!(
                "another PostgreSQL (process {pid}) is using {}: is Nexus running already?",
                cluster.display()
            )));
        }
        sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn live_postmaster(cluster: &Path) -> Option<i32> {
    let text = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    let pid: i32 = text.lines().next()?.trim().parse().ok()?;
    let command = fs::read_to_string(format!("/proc/{pid}/cmdline")).ok()?;
    command.contains("postgres").then_some(pid)
}

fn socket_dir(home: &Path) -> io::Result<PathBuf> {
    let dir = home.join("run");
    if dir.as_os_str().len() <= LONGEST_SOCKET_DIR {
        return Ok(dir);
    }
    Ok(std::env::temp_dir().join(format!("nexus-{}", short_hash(home))))
}

fn short_hash(path: &Path) -> String {
    hex::encode(&Sha256::digest(path.as_os_str().as_encoded_bytes())[..6])
}

/// The newest installed server, from Debian's, Homebrew's and Fedora's places or the path.
fn server_binaries() -> io::Result<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for root in ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"] {
        let Ok(entries) = fs::read_dir(root) else {
            continue;
        };
        found.extend(entries.flatten().take(200).map(|e| e.path().join("bin")));
    }
    found.push("/usr/pgsql/bin".into());
    found.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    found.retain(|bin| bin.join("postgres").exists() && bin.join("initdb").exists());
    found.sort_by_key(|bin| std::cmp::Reverse(version_in(bin)));
    found.into_iter().next().ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::NotFound,
            "no PostgreSQL server is installed (apt-get install postgresql), and DATABASE_URL is not set",
        )
    })
}

fn version_in(bin: &Path) -> u32 {
    let text = bin
        .parent()
        .and_then(Path::file_name)
        .map(|n| n.to_string_lossy().into_owned());
    text.unwrap_or_default()
        .trim_start_matches("postgresql@")
        .parse()
        .unwrap_or(0)
}

#[cfg(target_os = "linux")]
fn stop_with_parent(command: &mut Command) {
    // SAFETY: prctl is async-signal-safe and touches nothing of ours.
    unsafe {
        command
            .pre_exec(|| nix::sys::prctl::set_pdeathsig(Signal::SIGINT).map_err(io::Error::from));
    }
}

#[cfg(not(target_os = "linux"))]
fn stop_with_parent(_: &mut Command) {}
