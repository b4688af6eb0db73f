//! The ground that tests stand on: a real database, the seed world, and requests through the real router.
//!
//! Each test has one connection in a transaction that never commits.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{LazyLock, mpsc};

use actix_http::Request;
use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::{App as Actix, test, web};
use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::config::Config;
use crate::db::{embedded::Embedded, migrate, pool};
use crate::jobs::Registry;
use crate::jobs::here::{self, Ran};
use crate::web::app::App;
use crate::web::navigation::Navigation;
use crate::web::server::{RouteTables, mount};
use crate::web::session::Sessions;
use crate::{records::kinds::Kinds, world};

pub mod pdf;

/// The URL of the tests' database: `TEST_DATABASE_URL`, or a private server started for this process.
pub fn database() -> &'static str {
    static URL: LazyLock<String> = LazyLock::new(|| {
        let url = std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| private_server());
        migrate::run(&url).expect("the migrations run");
        let mut conn = PgConnection::establish(&url).expect("the tests' database answers");
        conn.transaction(world::seed)
            .expect("the seed world can be made");
        url
    });
    &URL
}

/// Starts PostgreSQL from a thread that lives as long as the process: the kernel stops it with that thread.
fn private_server() -> String {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let server = Embedded::start(&test_dir(), false).expect("a private PostgreSQL starts");
        let admin = server.url().replacen("///nexus?", "///postgres?", 1);
        let mut conn = PgConnection::establish(&admin).expect("it answers");
        // What an earlier run left may be from other migrations.
        sql_query("drop database if exists nexus with (force)")
            .execute(&mut conn)
            .expect("drop");
        sql_query("create database nexus")
            .execute(&mut conn)
            .expect("create");
        send.send(server.url().to_owned()).expect("somebody waits");
        loop {
            std::thread::park();
        }
    });
    receive.recv().expect("the server's thread lives")
}

fn test_dir() -> PathBuf {
    use sha2::{Digest, Sha256};
    let exe = std::env::current_exe().unwrap_or_default();
    let hash = hex::encode(&Sha256::digest(exe.as_os_str().as_encoded_bytes())[..5]);
    std::env::temp_dir().join(format!(
        "nexus-test-{}-{hash}",
        nix::unistd::Uid::effective()
    ))
}

/// Answers requests as the server would.
type Router = Box<dyn Fn(Request) -> LocalBoxFuture<'static, Answer>>;

/// One router for all browsers of a test: making one compiles a pattern for each route.
#[derive(Clone)]
struct SharedRouter {
    routes: RouteTables,
    made: Rc<OnceCell<Router>>,
}

impl SharedRouter {
    async fn of(&self, app: &web::Data<App>) -> &Router {
        self.made
            .get_or_init(|| async {
                let (app, routes) = (app.clone(), self.routes);
                let service = test::init_service(
                    Actix::new()
                        .app_data(app.clone())
                        .configure(|config| mount(config, routes))
                        .wrap(app.sessions.middleware(&app.config))
                        .wrap(actix_web::middleware::from_fn(
                            crate::web::middleware::around,
                        )),
                )
                .await;
                let service = Rc::new(service);
                Box::new(move |request: Request| -> LocalBoxFuture<'static, Answer> {
                    let service = service.clone();
                    Box::pin(async move { read(&*service, request).await })
                }) as Router
            })
            .await
    }
}

/// The application of one test.
pub struct World {
    pub app: web::Data<App>,
    router: SharedRouter,
    jobs: Registry,
    /// Whether jobs that nobody ran are none of this test's business.
    leaves_jobs: std::cell::Cell<bool>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub text: String,
    pub bytes: web::Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    }
    /// Where what was just done can be undone, as the word about it offers.
    pub fn undo(&self) -> String {
        self.said()["undo"].as_str().unwrap_or_default().to_owned()
    }
    /// The word about what was just done.
    pub fn toast(&self) -> String {
        self.said()["text"].as_str().unwrap_or_default().to_owned()
    }
    fn said(&self) -> Value {
        let toast = self.header("set-cookie").split(';').next();
        let sealed = toast.and_then(|toast| toast.split_once('.'));
        let (_, text) = sealed.unwrap_or_else(|| panic!("no toast: {:?}", self.headers));
        serde_json::from_slice(&hex::decode(text).unwrap()).unwrap()
    }
    /// Whether the page says so, ignoring how the text is broken into lines.
    pub fn says(&self, text: &str) -> bool {
        self.text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .contains(text)
    }
}

impl World {
    pub fn new(kinds: Kinds, navigation: Navigation, routes: RouteTables) -> World {
        let dir = std::env::temp_dir().join(format!("nexus-test-files-{}", uuid::Uuid::now_v7()));
        let Ok(config) =
            Config::from(|name| (name == "DATA_DIR").then(|| dir.display().to_string()))
        else {
            panic!("an empty environment is enough");
        };
        let pool = pool::for_test(database()).expect("a connection");
        let app = App::new(config, pool, None, kinds, navigation);
        World {
            app: web::Data::new(app),
            router: SharedRouter {
                routes,
                made: Rc::default(),
            },
            jobs: Registry::new(),
            leaves_jobs: std::cell::Cell::new(false),
        }
    }

    /// With these kinds of job and schedules.
    pub fn with_jobs(mut self, jobs: Registry) -> World {
        self.jobs = jobs;
        self
    }

    /// Runs every job that is due, here and now; gives how many. One that fails fails the test.
    pub async fn run_jobs(&self) -> usize {
        let ran = self.try_jobs().await;
        for job in &ran {
            if let Some(error) = &job.error {
                panic!("{} failed: {error}", job.name);
            }
        }
        ran.len()
    }

    /// The same for a test about jobs that fail.
    pub async fn try_jobs(&self) -> Vec<Ran> {
        let app = self.app.clone().into_inner();
        let ran = here::run_due(&app, &self.jobs).await;
        ran.expect("the jobs can be run")
    }

    /// Runs a schedule, due or not; gives its words.
    pub async fn run_schedule(&self, name: &str) -> String {
        let app = self.app.clone().into_inner();
        let ran = here::run_schedule(&app, &self.jobs, name).await;
        ran.expect("a schedule of this name")
            .expect("the schedule succeeds")
    }

    /// Says that this test is not about the jobs it leaves behind; others fail by them.
    pub fn leave_jobs(&self) {
        self.leaves_jobs.set(true);
    }

    /// Somebody of the seed world, by e-mail.
    pub fn person(&self, email: &str) -> uuid::Uuid {
        use diesel::prelude::*;
        let mut conn = self.app.pool.get().expect("a connection");
        let people = crate::schema::people::table;
        people
            .filter(crate::schema::people::email.eq(email))
            .select(crate::schema::people::id)
            .first(&mut conn)
            .expect("in the seed world")
    }

    /// A tenant transaction as a machine, to set the scene or to look behind it.
    pub fn within<T>(
        &self,
        slug: &str,
        work: impl FnOnce(&mut crate::db::Tx) -> crate::Result<T>,
    ) -> T {
        use diesel::prelude::*;
        let workspace = {
            let mut conn = self.app.pool.get().expect("a connection");
            let table = crate::schema::workspaces::table;
            table
                .filter(crate::schema::workspaces::slug.eq(slug))
                .select(crate::schema::workspaces::id)
                .first(&mut conn)
                .expect("in the seed world")
        };
        let subject = crate::db::tx::Subject::machine(workspace, "test");
        self.app
            .tx_now(subject, work)
            .expect("the transaction works")
    }

    /// A browser of `email`, signed in.
    pub async fn browser(&self, email: &str) -> Browser {
        let sessions: Sessions = self.app.sessions.clone();
        let person = self.person(email);
        let cookie = sign_in(&self.app, &sessions, person).await;
        Browser {
            cookie: Some(cookie),
            app: self.app.clone(),
            router: self.router.clone(),
        }
    }

    /// A browser of nobody.
    pub fn stranger(&self) -> Browser {
        Browser {
            cookie: None,
            app: self.app.clone(),
            router: self.router.clone(),
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // What is left behind harms nobody.
        let _ = std::fs::remove_dir_all(&self.app.config.data_dir);
        if self.leaves_jobs.get() || std::thread::panicking() {
            return;
        }
        // Where the connection is taken or broken, the test has said what is wrong already.
        let unrun = self
            .app
            .pool
            .try_get()
            .map(|mut conn| here::unrun(&mut conn));
        if let Some(Ok(names)) = unrun {
            assert!(
                names.is_empty(),
                "jobs were left unrun (run_jobs, or leave_jobs): {names:?}"
            );
        }
    }
}

/// Makes a session and gives its cookie, by a request through the session middleware.
async fn sign_in(app: &web::Data<App>, sessions: &Sessions, person: uuid::Uuid) -> String {
    use actix_session::Session;
    let service = test::init_service(Actix::new().wrap(sessions.middleware(&app.config)).route(
        "/",
        web::get().to(move |session: Session| async move {
            crate::web::session::sign_in(&session, person, &Default::default())
                .expect("ids are JSON");
            actix_web::HttpResponse::Ok().finish()
        }),
    ))
    .await;
    let response =
        test::call_service(&service, test::TestRequest::get().uri("/").to_request()).await;
    let cookie = response
        .response()
        .cookies()
        .next()
        .expect("a session cookie");
    format!("{}={}", cookie.name(), cookie.value())
}

/// Somebody's browser: it keeps its cookie and asks through the real router.
pub struct Browser {
    pub cookie: Option<String>,
    app: web::Data<App>,
    router: SharedRouter,
}

impl Browser {
    pub async fn get(&self, url: &str) -> Answer {
        self.send(test::TestRequest::get().uri(url)).await
    }

    pub async fn get_json(&self, url: &str) -> Answer {
        let request = test::TestRequest::get().uri(url);
        self.send(request.insert_header((header::ACCEPT, "application/json")))
            .await
    }

    pub async fn post(&self, url: &str, form: &[(&str, &str)]) -> Answer {
        self.send(test::TestRequest::post().uri(url).set_form(form))
            .await
    }

    /// A JSON request of any method.
    pub async fn api(&self, method: Method, url: &str, body: Value) -> Answer {
        let request = test::TestRequest::default().method(method).uri(url);
        self.send(
            request
                .insert_header((header::ACCEPT, "application/json"))
                .set_json(body),
        )
        .await
    }

    /// The same browser, with the word that an answer left for the next page.
    pub fn told(&self, answer: &Answer) -> Browser {
        let word = answer.header("set-cookie").split(';').next();
        let cookies = self.cookie.as_deref().into_iter().chain(word);
        Browser {
            cookie: Some(cookies.collect::<Vec<_>>().join("; ")),
            app: self.app.clone(),
            router: self.router.clone(),
        }
    }

    pub async fn send(&self, request: test::TestRequest) -> Answer {
        let mut answers = self.send_all([request]).await;
        answers.remove(0)
    }

    /// Many requests, one after the other.
    pub async fn send_all(
        &self,
        requests: impl IntoIterator<Item = test::TestRequest>,
    ) -> Vec<Answer> {
        let router = self.router.of(&self.app).await;
        let mut answers = Vec::new();
        for request in requests {
            let request = match &self.cookie {
                Some(cookie) => request.insert_header((header::COOKIE, cookie.clone())),
                None => request,
            };
            answers.push(router(request.to_request()).await);
        }
        answers
    }
}

async fn read<B: actix_web::body::MessageBody + 'static>(
    service: &impl Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    request: Request,
) -> Answer {
    let (status, headers, body) = match service.call(request).await {
        Ok(response) => {
            let response = response.map_into_boxed_body();
            (
                response.status(),
                response.headers().clone(),
                response.into_body(),
            )
        }
        Err(error) => {
            let response = error.error_response();
            (
                response.status(),
                response.headers().clone(),
                response.into_body(),
            )
        }
    };
    let bytes = to_bytes::<BoxBody>(body).await.unwrap_or_default();
    Answer {
        status,
        headers: headers
            .into_iter()
            .collect::<Vec<_>>()
            .into_iter()
            .collect(),
        text: String::from_utf8_lossy(&bytes).into_owned(),
        bytes,
    }
}
