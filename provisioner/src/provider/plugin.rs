//! The provider as a plugin that Terraform starts: for a `filesystem_mirror`, and for work on a template outside Hearth.
//! What a build knows comes from the environment then, under the names that `coder/coder` has for it.

use std::{
    collections::BTreeMap,
    env,
    io::{self, Write},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use tokio::signal::unix::{SignalKind, signal};
use tokio_stream::wrappers::UnixListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Identity, Server, ServerTlsConfig};
use uuid::Uuid;

use super::{
    Given, ProviderData, Task,
    serve::{bind, router},
};
use crate::engine::{Owner, WorkspaceFacts};

const MAGIC_COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// What a template gets where the environment names no server.
const NO_ACCESS_URL: &str = "https://hearth.example";

/// How often to look whether Terraform is still there.
const PARENT_CHECK: Duration = Duration::from_secs(1);

/// Whether Terraform has started this process as a provider.
pub fn started_as_plugin() -> bool {
    text(MAGIC_COOKIE.0) == MAGIC_COOKIE.1
}

/// Serves until Terraform says that it is done, or is gone.
pub async fn run_as_plugin() -> io::Result<()> {
    let folder = tempfile::Builder::new().prefix("hearth-provider-").tempdir()?;
    let socket = folder.path().join("provider.sock");
    let listener = bind(&socket)?;
    let (server, certificate) = with_tls(Server::builder())?;
    let shutdown = CancellationToken::new();
    let router = router(server, data_from_environment(), shutdown.clone());

    // An interrupt at the keyboard goes to the whole group; Terraform alone decides what it means.
    let _interrupts = signal(SignalKind::interrupt())?;
    let mut out = io::stdout();
    writeln!(out, "1|6|unix|{}|grpc|{certificate}", socket.display())?;
    out.flush()?;
    tokio::select! {
        served = router.serve_with_incoming_shutdown(UnixListenerStream::new(listener), shutdown.cancelled()) => {
            served.map_err(io::Error::other)
        }
        () = parent_is_gone() => Ok(()),
    }
}

/// Terraform checks our certificate, which we tell it in the greeting. We do not check Terraform's: the socket lies in a
/// folder that nobody else can enter.
fn with_tls(server: Server) -> io::Result<(Server, String)> {
    if text("PLUGIN_CLIENT_CERT").is_empty() {
        return Ok((server, String::new()));
    }
    let key = rcgen::KeyPair::generate().map_err(io::Error::other)?;
    let mut parameters =
        rcgen::CertificateParams::new(vec!["localhost".to_owned()]).map_err(io::Error::other)?;
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let certificate = parameters.self_signed(&key).map_err(io::Error::other)?;
    let identity = Identity::from_pem(certificate.pem(), key.serialize_pem());
    let server = server.tls_config(ServerTlsConfig::new().identity(identity)).map_err(io::Error::other)?;
    Ok((server, STANDARD_NO_PAD.encode(certificate.der())))
}

async fn parent_is_gone() {
    let parent = nix::unistd::getppid();
    while nix::unistd::getppid() == parent {
        tokio::time::sleep(PARENT_CHECK).await;
    }
}

fn data_from_environment() -> ProviderData {
    let access_url = Some(text("CODER_AGENT_URL")).filter(|url| !url.is_empty());
    ProviderData {
        workspace: WorkspaceFacts {
            id: id("CODER_WORKSPACE_ID"),
            name: text("CODER_WORKSPACE_NAME"),
            template_id: id("CODER_WORKSPACE_TEMPLATE_ID"),
            template_name: text("CODER_WORKSPACE_TEMPLATE_NAME"),
            template_version: text("CODER_WORKSPACE_TEMPLATE_VERSION"),
        },
        owner: Owner {
            id: id("CODER_WORKSPACE_OWNER_ID"),
            username: text("CODER_WORKSPACE_OWNER"),
            full_name: text("CODER_WORKSPACE_OWNER_NAME"),
            email: text("CODER_WORKSPACE_OWNER_EMAIL"),
            login_type: text("CODER_WORKSPACE_OWNER_LOGIN_TYPE"),
            ..Owner::default()
        },
        transition: match text("CODER_WORKSPACE_TRANSITION").as_str() {
            "stop" => "stop",
            "delete" => "delete",
            _ => "start",
        },
        is_prebuild: flag("CODER_WORKSPACE_IS_PREBUILD"),
        is_prebuild_claim: flag("CODER_WORKSPACE_IS_PREBUILD_CLAIM"),
        previous_parameters: all("CODER_PARAMETER_PREVIOUS_"),
        parameters: all("CODER_PARAMETER_"),
        init_scripts: all("CODER_AGENT_SCRIPT_"),
        in_build: !text("CODER_WORKSPACE_BUILD_ID").is_empty(),
        access_url: access_url.unwrap_or_else(|| NO_ACCESS_URL.to_owned()),
        given: given_by_environment(),
    }
}

fn given_by_environment() -> Given {
    let task = text("CODER_TASK_ID").parse().ok();
    Given {
        ssh_public_key: text("CODER_WORKSPACE_OWNER_SSH_PUBLIC_KEY"),
        ssh_private_key: text("CODER_WORKSPACE_OWNER_SSH_PRIVATE_KEY"),
        session_token: text("CODER_WORKSPACE_OWNER_SESSION_TOKEN"),
        oidc_access_token: text("CODER_WORKSPACE_OWNER_OIDC_ACCESS_TOKEN"),
        groups: text("CODER_WORKSPACE_OWNER_GROUPS"),
        rbac_roles: text("CODER_WORKSPACE_OWNER_RBAC_ROLES"),
        access_tokens: all("CODER_EXTERNAL_AUTH_ACCESS_TOKEN_"),
        secrets: all("CODER_SECRET_"),
        task: task.map(|id| Task { id, prompt: text("CODER_TASK_PROMPT") }),
    }
}

fn text(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

fn id(name: &str) -> Uuid {
    text(name).parse().unwrap_or_default()
}

fn flag(name: &str) -> bool {
    text(name).eq_ignore_ascii_case("true")
}

/// The variables whose names start so, by the rest of their names.
fn all(prefix: &str) -> BTreeMap<String, String> {
    let named = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        let rest = name.to_str()?.strip_prefix(prefix)?.to_owned();
        Some((rest, value.into_string().ok()?))
    };
    env::vars_os().filter_map(named).collect()
}
