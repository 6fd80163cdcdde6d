//! A whole server on a free port, with its own data folder, and a client that speaks its API.

use std::{path::PathBuf, time::Duration};

use clap::Parser;
use hearth_app::backend::{Origin, Role};
use hearth_server::{
    backend::identity,
    clock::new_id,
    config::Config,
    serve,
    store::{organizations, users},
};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{databases::postgres_url, replay};

pub const ADMIN: &str = "admin";
pub const PASSWORD: &str = "a long enough password";

/// Which database the server under test keeps its truth in.
#[derive(Clone, Copy, Debug)]
pub enum Kept {
    Sqlite,
    Postgres,
}

pub struct Server {
    pub running: serve::Running,
    /// Ends with the server.
    folder: tempfile::TempDir,
}

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    config: Config,
}

/// Settings as from an empty command line, on a free port and in this folder.
pub fn config(data_dir: PathBuf) -> Config {
    let mut config = Flags::parse_from(["hearth"]).config;
    config.data_dir = data_dir;
    config.listen = "127.0.0.1:0".parse().unwrap();
    config.agent_binary = Some(env!("CARGO_BIN_EXE_hearth").into());
    config
}

/// A server in which nobody exists yet.
pub async fn spawn_empty_server(kept: Kept) -> Server {
    spawn_with(kept, |_| {}).await
}

/// A server whose first admin is [`ADMIN`].
pub async fn spawn_server(kept: Kept) -> Server {
    spawn_with(kept, name_admin).await
}

/// A server with settings of its own; see [`name_admin`].
pub async fn spawn_with(kept: Kept, set: impl FnOnce(&mut Config)) -> Server {
    spawn_in(tempfile::tempdir().unwrap(), kept, set).await
}

/// A server in the folder of one that was stopped; with PostgreSQL its database is a fresh one all the same.
pub async fn spawn_in(folder: tempfile::TempDir, kept: Kept, set: impl FnOnce(&mut Config)) -> Server {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut config = config(folder.path().join("data"));
    if let Kept::Postgres = kept {
        config.database_url = Some(postgres_url().await);
    }
    set(&mut config);
    Server { running: serve::start(config).await.unwrap(), folder }
}

pub fn name_admin(config: &mut Config) {
    config.admin_username = Some(ADMIN.to_owned());
    config.admin_email = Some("admin@example.org".to_owned());
    config.admin_password = Some(PASSWORD.to_owned());
}

impl Server {
    /// A client without a session.
    pub fn stranger(&self) -> Caller {
        Caller::to(&self.running.url)
    }

    /// A client with a session of the first admin.
    pub async fn admin(&self) -> Caller {
        let stranger = self.stranger();
        let login = json!({ "email": ADMIN, "password": PASSWORD });
        let answer = stranger.post("/api/v2/users/login", &login).await.json(StatusCode::CREATED).await;
        stranger.with_token(answer["session_token"].as_str().unwrap())
    }

    /// A client with a session of a new person without any rights.
    pub async fn member(&self, username: &str) -> Caller {
        self.person(username, Role::Member).await
    }

    /// A client with a session of a new person; the API cannot make people yet.
    pub async fn person(&self, username: &str, role: Role) -> Caller {
        let hearth = &self.running.hearth;
        let now = hearth.clock.now();
        let id = new_id();
        let email = format!("{username}@example.org");
        let user = users::NewUser { id, username, email: &email, name: "", password_hash: "!", role };
        let mut tx = hearth.db.write().await.unwrap();
        users::insert(&mut tx, &user, now).await.unwrap();
        let organization = organizations::default(&mut tx).await.unwrap();
        organizations::add_member(&mut tx, organization.id, id, now).await.unwrap();
        let token = identity::issue(&mut tx, hearth, id, &Origin::default()).await.unwrap();
        tx.commit().await.unwrap();
        self.stranger().with_token(&token)
    }

    /// Starts again with the data of a stopped one (SQLite).
    pub async fn restart(folder: tempfile::TempDir) -> Self {
        let running = serve::start(config(folder.path().join("data"))).await.unwrap();
        Self { running, folder }
    }

    /// Takes every decision again, stops the server and keeps its data, for [`Server::restart`].
    pub async fn stop(self) -> tempfile::TempDir {
        replay::every_decision(&self.running.hearth.db).await;
        self.running.shutdown().await;
        self.folder
    }
}

/// Speaks to the API.
#[derive(Clone)]
pub struct Caller {
    pub http: Client,
    pub url: String,
    pub token: Option<String>,
    /// For how long it asks again.
    patience: Duration,
}

impl Caller {
    /// Without a session.
    pub fn to(url: &str) -> Self {
        let patience = Duration::from_secs(60);
        Self { http: Client::new(), url: url.to_owned(), token: None, patience }
    }

    /// The same for a cloud, where a build takes minutes.
    pub fn patient(&self) -> Self {
        Self { patience: Duration::from_secs(600), ..self.clone() }
    }

    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        // As the command line does: the header is there, empty, even before a log-in.
        self.http
            .request(method, format!("{}{path}", self.url))
            .header("Coder-Session-Token", self.token.as_deref().unwrap_or_default())
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::PUT, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    /// Pushes an archive and waits until its import has ended.
    pub async fn import(&self, archive: Vec<u8>) -> Value {
        let request = self.request(Method::POST, "/api/v2/files").header("content-type", "application/x-tar");
        let file: Value = request.body(archive).send().await.unwrap().json().await.unwrap();
        let body = json!({ "file_id": file["hash"], "provisioner": "terraform" });
        let path = "/api/v2/organizations/default/templateversions";
        let version = self.post(path, &body).await.json(StatusCode::CREATED).await;
        let path = format!("/api/v2/templateversions/{}", version["id"].as_str().unwrap());
        self.wait_for(&path, |version| version["job"]["completed_at"].is_string()).await
    }

    /// Imports an archive and makes a template of it.
    pub async fn make_template(&self, name: &str, archive: Vec<u8>) -> Value {
        let version = self.import(archive).await;
        assert_eq!(version["job"]["status"], "succeeded", "{version:#}");
        let order = json!({ "name": name, "template_version_id": version["id"] });
        self.post("/api/v2/organizations/default/templates", &order).await.json(StatusCode::CREATED).await
    }

    /// Asks again until the answer is as wanted; a test fails after a minute, if it has no more patience.
    pub async fn wait_for(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        let mut last = Value::Null;
        while start.elapsed() < self.patience {
            last = self.get(path).await.json(StatusCode::OK).await;
            if wanted(&last) {
                return last;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{path} never became as wanted; at last it was {last:#}");
    }
}

/// What the server said.
pub struct Answer(pub Response);

impl Answer {
    pub async fn of(request: RequestBuilder) -> Self {
        Self(request.send().await.unwrap())
    }

    /// The body, after checking the status; a failed check shows the body.
    pub async fn json(self, status: StatusCode) -> Value {
        let (got, text) = (self.0.status(), self.0.text().await.unwrap());
        assert_eq!(got, status, "{text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    pub fn status(&self) -> StatusCode {
        self.0.status()
    }
}

/// `on_both_servers!(a_sentence, |server| async move { ... })` makes two tests, each with its own server and admin.
/// `on_both_servers!(a_sentence, |server, config| { ... } async move { ... })` changes the settings first.
#[macro_export]
macro_rules! on_both_servers {
    ($name:ident, |$server:ident| $body:expr) => {
        $crate::on_both_servers!($name, |$server, _config| {} $body);
    };
    ($name:ident, |$server:ident, $config:ident| $set:block $body:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn check(kept: $crate::support::server::Kept) {
                let set = |$config: &mut hearth_server::config::Config| {
                    $crate::support::server::name_admin($config);
                    $set
                };
                let server = $crate::support::server::spawn_with(kept, set).await;
                {
                    let $server = &server;
                    $body.await;
                }
                server.stop().await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                check($crate::support::server::Kept::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                check($crate::support::server::Kept::Postgres).await;
            }
        }
    };
}
