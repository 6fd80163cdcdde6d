//! A throw-away PostgreSQL for the tests: its own data folder, port and process, gone when the value is dropped.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use nix::{
    sys::signal::Signal,
    unistd::{User, chown},
};

use crate::{
    process::{install, is_root, on_path, output},
    service::Service,
};

/// A running server.
pub struct Postgres {
    _service: Service,
    port: u16,
}

impl Postgres {
    /// Starts one from the newest installed PostgreSQL; as root, Debian's package is installed when there is none.
    pub fn start() -> Result<Self> {
        let programs = match programs() {
            Some(programs) => programs,
            None => {
                install("postgresql", "PostgreSQL")?;
                programs().context("PostgreSQL was installed but is not to be found")?
            }
        };
        let folder = tempfile::Builder::new().prefix("hearth-postgres-").tempdir()?;
        if is_root() {
            let nobody = nobody()?;
            chown(folder.path(), Some(nobody.uid), Some(nobody.gid))?;
        }
        let data = folder.path().join("data");
        let mut initdb = unprivileged(&programs.join("initdb"))?;
        initdb.args([
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "-D",
        ]);
        output(initdb.arg(&data))?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = unprivileged(&programs.join("postgres"))?;
        server.arg("-D").arg(&data).arg("-k").arg(folder.path()).args(["-p", &port.to_string()]);
        // Nothing here outlives the run, so nothing needs to reach the disk.
        for setting in
            ["listen_addresses=127.0.0.1", "max_connections=500", "fsync=off", "full_page_writes=off"]
        {
            server.args(["-c", setting]);
        }
        let is_ready = || {
            let mut probe = Command::new(programs.join("pg_isready"));
            output(probe.args(["-h", "127.0.0.1", "-p", &port.to_string()])).is_ok()
        };
        // SIGINT: without waiting for connections to be closed.
        let service = Service::start("PostgreSQL", &mut server, Signal::SIGINT, folder, is_ready)?;
        Ok(Self { _service: service, port })
    }

    /// What `HEARTH_TEST_POSTGRES` is set to.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }
}

/// The folder with the newest server's programs.
fn programs() -> Option<PathBuf> {
    let complete = |folder: &PathBuf| {
        ["initdb", "postgres", "pg_isready"].iter().all(|name| folder.join(name).is_file())
    };
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(Result::ok);
    let debian = versions
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, folder)| complete(folder))
        .max();
    let elsewhere = || on_path("initdb").and_then(|path| Some(path.parent()?.to_owned())).filter(complete);
    debian.map(|(_, folder)| folder).or_else(elsewhere)
}

/// A command as an ordinary user, because PostgreSQL refuses to run as root. Where setpriv exists the kernel ends the
/// process with xtask, should that be killed.
fn unprivileged(program: &Path) -> Result<Command> {
    if on_path("setpriv").is_none() {
        if is_root() {
            bail!("PostgreSQL refuses to run as root and setpriv is missing: run the tests as another user");
        }
        return Ok(Command::new(program));
    }
    let mut command = Command::new("setpriv");
    if is_root() {
        let nobody = nobody()?;
        command
            .arg(format!("--reuid={}", nobody.uid))
            .arg(format!("--regid={}", nobody.gid))
            .arg("--clear-groups");
    }
    command.args(["--pdeathsig", "INT", "--"]).arg(program).current_dir("/");
    Ok(command)
}

fn nobody() -> Result<User> {
    User::from_name("nobody")?.context("this system has no user `nobody` to run PostgreSQL as")
}
