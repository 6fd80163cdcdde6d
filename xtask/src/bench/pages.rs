//! The dashboard as a browser meets it, on a seeded server that is built for speed: how long pages take, how large they
//! are, and what Lighthouse thinks of them.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::Table;
use crate::{
    build::{self, Build},
    e2e,
    front::Profile,
    process::{self, output},
    steps::Steps,
};

const ADMIN: &str = "ada";
const PASSWORD: &str = "correct horse battery staple";
/// What the scene has without plain ones.
const OF_THE_SCENE: u32 = 13;
const WARM_UP: usize = 20;
const ASKED: usize = 200;
const LIGHTHOUSE: &str = "lighthouse@12.8.2";

pub fn run(steps: &mut Steps, table: &mut Table) -> Result<()> {
    build::site(steps, Profile::Small)?;
    build::server(steps, Build::Bench)?;
    bytes(table)?;
    for presets in [OF_THE_SCENE, 500] {
        let server = Server::start(presets - OF_THE_SCENE)?;
        let what = format!("overview with {presets} presets");
        let (p50, p95) = server.times("/")?;
        table.row(&format!("{what}: p50"), &format!("{p50:.1} ms"), "")?;
        table.row(&format!("{what}: p95"), &format!("{p95:.1} ms"), "50 ms")?;
        let size = server.ask("/")?.len();
        table.row(&format!("{what}: HTML, not compressed"), &format!("{} KB", size / 1000), "250 KB")?;
    }
    let server = Server::start(0)?;
    let chromium = steps.run("find a browser", || {
        e2e::packages(&e2e::folder())?;
        e2e::chromium(&e2e::folder())
    })?;
    for path in ["/", "/presets/data/default"] {
        for form in ["desktop", "mobile"] {
            for (category, score) in server.lighthouse(path, form, &chromium)? {
                table.row(
                    &format!("Lighthouse, {form}, {path}: {category}"),
                    &format!("{score:.0}"),
                    "95",
                )?;
            }
        }
    }
    Ok(())
}

/// What a first visit loads besides the page.
fn bytes(table: &mut Table) -> Result<()> {
    let site = crate::root().join("target/site");
    let mut sum = 0;
    for file in fs::read_dir(&site)? {
        let file = file?;
        let name = file.file_name().to_string_lossy().into_owned();
        let kind = ["wasm", "js", "css"].into_iter().find(|kind| name.ends_with(&format!(".{kind}.br")));
        if let Some(kind) = kind {
            let size = file.metadata()?.len();
            sum += if kind == "css" { 0 } else { size };
            table.row(&format!("{kind}, brotli"), &format!("{:.1} KB", size as f64 / 1000.0), "")?;
        }
    }
    table.row("wasm and script of a first visit", &format!("{:.1} KB", sum as f64 / 1000.0), "250 KB")?;
    Ok(())
}

/// A seeded server on which nothing happens.
struct Server {
    process: Child,
    url: String,
    token: String,
    folder: TempDir,
}

impl Server {
    fn start(plain: u32) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let hearth = |verb: &str| {
            let mut hearth = Command::new(build::binary(Build::Bench));
            hearth.arg(verb).arg("--data-dir").arg(folder.path().join("data"));
            hearth.args(["--listen", &format!("127.0.0.1:{port}")]);
            let admin = [("USERNAME", ADMIN), ("EMAIL", "ada@example.com"), ("PASSWORD", PASSWORD)];
            hearth.envs(admin.map(|(name, value)| (format!("HEARTH_ADMIN_{name}"), value)));
            hearth
        };
        // It prints the instant at which its scene is to be looked at.
        let now = output(hearth("seed").args(["--presets", &plain.to_string()]))?;
        let mut serve = hearth("serve");
        serve.args(["--test-now", now.trim()]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = process::spawn(&mut serve)?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("no output")?).read_line(&mut line)?;
        let url = line.trim().strip_prefix("Hearth is ready at ").context("the server does not start")?;
        let mut server = Self { process, url: url.to_owned(), token: String::new(), folder };
        server.token = server.log_in()?;
        Ok(server)
    }

    fn log_in(&self) -> Result<String> {
        let mut curl = Command::new("curl");
        let body = json!({ "email": "ada@example.com", "password": PASSWORD }).to_string();
        curl.args(["-fsS", "-H", "content-type: application/json", "-d", &body]);
        let answer: Value =
            serde_json::from_str(&output(curl.arg(format!("{}/api/v2/users/login", self.url)))?)?;
        Ok(answer["session_token"].as_str().context("no session")?.to_owned())
    }

    fn curl(&self) -> Command {
        let mut curl = Command::new("curl");
        curl.args(["-fsS", "-b", &format!("coder_session_token={}", self.token)]);
        curl
    }

    fn ask(&self, path: &str) -> Result<String> {
        output(self.curl().arg(format!("{}{path}", self.url)))
    }

    /// Milliseconds from a request to the first byte of its answer, which is when the page is drawn: median, and what 95
    /// of 100 stay below.
    fn times(&self, path: &str) -> Result<(f64, f64)> {
        let mut curl = self.curl();
        curl.args(["-o", "/dev/null", "-w", "%{time_pretransfer} %{time_starttransfer}\n"]);
        // One address with a range asks over one connection, as a browser does.
        curl.arg(format!("{}{path}?n=[1-{}]", self.url, WARM_UP + ASKED));
        let mut times = Vec::new();
        for line in output(&mut curl)?.lines().skip(WARM_UP) {
            let (from, to) = line.split_once(' ').context("curl told no times")?;
            times.push((to.parse::<f64>()? - from.parse::<f64>()?) * 1000.0);
        }
        times.sort_by(f64::total_cmp);
        match (times.get(times.len() / 2), times.get(times.len() * 95 / 100)) {
            (Some(p50), Some(p95)) => Ok((*p50, *p95)),
            _ => bail!("curl told no times"),
        }
    }

    /// Category and score, up to 100.
    fn lighthouse(&self, path: &str, form: &str, chromium: &Path) -> Result<Vec<(String, f64)>> {
        let headers = self.folder.path().join("headers.json");
        fs::write(&headers, json!({ "Cookie": format!("coder_session_token={}", self.token) }).to_string())?;
        let mut lighthouse = Command::new("npm");
        lighthouse.args(["exec", "--yes", &format!("--package={LIGHTHOUSE}"), "--", "lighthouse"]);
        lighthouse.arg(format!("{}{path}", self.url)).args(["--quiet", "--output=json"]);
        lighthouse.args(["--only-categories=performance,accessibility,best-practices"]);
        lighthouse.args((form == "desktop").then_some("--preset=desktop"));
        lighthouse.arg(format!("--extra-headers={}", headers.display()));
        lighthouse
            .arg("--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking");
        let report: Value = serde_json::from_str(&output(lighthouse.env("CHROME_PATH", chromium))?)?;
        let categories = report["categories"].as_object().context("Lighthouse reports nothing")?;
        let score = |score: &Value| score["score"].as_f64().unwrap_or_default() * 100.0;
        Ok(categories.iter().map(|(name, it)| (name.clone(), score(it))).collect())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = process::stop(&mut self.process, Signal::SIGTERM);
    }
}
