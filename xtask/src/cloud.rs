//! `cargo xtask test-cloud`: Amazon's provider against moto, which pretends to be Amazon on this machine.

use std::{
    env, fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context, Result};
use nix::sys::signal::Signal;

use crate::{
    build,
    cache::{self, complete},
    front::Profile,
    process::output,
    service::Service,
    steps::Steps,
    tally::Tally,
    terraform, test,
};

/// What the template of the test asks for; it is 675 MB unpacked.
const PROVIDER: &str = "registry.terraform.io/hashicorp/aws/5.100.0";

/// What moto needs as a server, without what only its other services need.
const MOTO: [&str; 3] = ["moto==5.2.1", "flask==3.1.3", "flask-cors==6.0.5"];

/// Builds what is needed, then runs the test.
pub fn command() -> Result<ExitCode> {
    let terraform = terraform::program()?;
    let (mut steps, mut tally) = (Steps::default(), Tally::default());
    let result =
        build::site(&mut steps, Profile::Small).and_then(|()| run(&mut steps, &mut tally, &terraform));
    steps.summary();
    result.map(|()| ExitCode::SUCCESS)
}

/// The test alone.
pub fn run(steps: &mut Steps, tally: &mut Tally, terraform: &Path) -> Result<()> {
    let moto = steps.run("start a cloud", Moto::start)?;
    let folder = tempfile::tempdir()?;
    let settings = folder.path().join("terraform.rc");
    fs::write(&settings, mirrors())?;
    steps.run("tests in a cloud", || {
        let (runner, mut tests) = test::rust(Some("cloud::"));
        tests.env("HEARTH_TEST_CLOUD", moto.url()).env(terraform::VARIABLE, terraform);
        tally.run(runner, tests.env("TF_CLI_CONFIG_FILE", &settings))
    })
}

/// Terraform's settings: the provider from a mirror where one has it unpacked, else from its registry.
fn mirrors() -> String {
    let Some(mirror) = candidates().into_iter().find(|mirror| mirror.join(PROVIDER).is_dir()) else {
        return String::new();
    };
    let provider = "[\"registry.terraform.io/hashicorp/aws\"]";
    format!(
        "provider_installation {{
  filesystem_mirror {{
    path    = {mirror:?}
    include = {provider}
  }}
  direct {{
    exclude = {provider}
  }}
}}
"
    )
}

/// Where Terraform itself looks for mirrors, and whatever is installed below /opt.
fn candidates() -> Vec<PathBuf> {
    let home = env::home_dir().map(|home| home.join(".terraform.d/plugins"));
    let shared = ["/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins"].map(PathBuf::from);
    let installed = fs::read_dir("/opt").into_iter().flatten().filter_map(Result::ok);
    home.into_iter().chain(shared).chain(installed.map(|entry| entry.path())).collect()
}

/// A server that answers as Amazon's does, and forgets everything when it is dropped.
struct Moto {
    _service: Service,
    port: u16,
}

impl Moto {
    fn start() -> Result<Self> {
        let modules = cache::folder()?.join(MOTO[0]);
        if !modules.is_dir() {
            eprintln!("    fetching {} from PyPI (once)", MOTO[0]);
            complete(&modules, |_, folder| install(folder))?;
        }
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut python = Command::new("python3");
        python.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()]);
        python.env("PYTHONPATH", &modules).stdin(Stdio::null());
        let is_ready = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        let service = Service::start("moto", &mut python, Signal::SIGKILL, folder, is_ready)?;
        Ok(Self { _service: service, port })
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

fn install(folder: &Path) -> Result<()> {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]).arg(folder);
    output(pip.args(MOTO)).map(drop).context("moto is missing: install Python 3.10 or newer with pip")
}
