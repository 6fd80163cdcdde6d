//! `--demo`: an admin, and the sample templates with their pools, so that there is something to see after one command.
//!
//! Takes the way that a person takes through the API. What is there already is left alone, so a later start with
//! `--demo` only adds what is missing.

use std::{collections::BTreeMap, time::Duration};

use hearth_app::backend::{Actor, Role};
use rand::{RngExt, distr::Alphanumeric};
use rust_embed::RustEmbed;

use crate::{
    backend::{
        files,
        templates::{self, Order},
        versions::{self, Push},
    },
    config::Config,
    error::{Error, Result},
    hearth::Hearth,
    store::{
        self,
        jobs::{self, Job, JobStatus},
        organizations::{self, Organization},
        users,
    },
};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../templates"]
struct Samples;

/// (folder, display name, description).
const TEMPLATES: [(&str, &str, &str); 2] = [
    ("local", "Local", "A folder and an agent on this machine. No cloud needed."),
    ("local-drift", "Local with drift", "The same, with a mistake: every claim recreates a resource."),
];
const PASSWORD_LENGTH: usize = 16;
/// Events may be lost: look again anyway.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Fills in an admin with a random password where the settings name none.
pub fn name_admin(config: &mut Config) {
    if config.admin_password.is_none() {
        let letters = rand::rng().sample_iter(Alphanumeric).take(PASSWORD_LENGTH);
        config.admin_password = Some(letters.map(char::from).collect());
    }
    config.admin_username.get_or_insert_with(|| "admin".to_owned());
    config.admin_email.get_or_insert_with(|| "admin@example.com".to_owned());
}

/// Imports the sample templates that are not there yet.
pub async fn run(hearth: Hearth) {
    tokio::select! {
        () = hearth.shutdown.cancelled() => {}
        outcome = import_all(&hearth) => {
            if let Err(error) = outcome {
                tracing::error!(%error, "the sample templates could not be imported");
            }
        }
    }
}

async fn import_all(hearth: &Hearth) -> Result<()> {
    let mut conn = hearth.db.read().await?;
    let organization = organizations::default(&mut conn).await?;
    let people = users::list(&mut conn, false).await?;
    drop(conn);
    let owner =
        people.into_iter().find(|user| user.role == Role::Owner && user.status == users::Status::Active);
    let Some(owner) = owner else { return Err(Error::NotFound("An owner")) };
    let actor = Actor { user_id: owner.id, username: owner.username, role: owner.role };
    for sample in TEMPLATES {
        let there =
            store::templates::by_name(&mut hearth.db.read().await?, organization.id, sample.0).await?;
        if there.is_none() {
            import(hearth, &actor, &organization, sample).await?;
        }
    }
    Ok(())
}

async fn import(
    hearth: &Hearth,
    actor: &Actor,
    organization: &Organization,
    (name, display_name, description): (&str, &str, &str),
) -> Result<()> {
    let (file_id, _) = files::upload(hearth, actor, &archive(name)?).await?;
    let push = Push {
        organization_id: organization.id,
        template_id: None,
        name: None,
        message: "Came with Hearth",
        file_id,
        variables: BTreeMap::new(),
    };
    let pushed = versions::push(hearth, actor, &push).await?;
    let job = ended(hearth, &pushed.job).await?;
    if job.status != JobStatus::Succeeded {
        return Err(Error::Refused(format!("{name}: {}", job.error)));
    }
    let order = Order {
        organization_id: organization.id,
        version_id: pushed.version.id,
        name,
        display_name,
        description,
        icon: "",
        default_ttl_ms: 0,
    };
    templates::create(hearth, actor, &order).await?;
    tracing::info!(template = name, "imported a sample template");
    Ok(())
}

/// The job, once it has ended.
async fn ended(hearth: &Hearth, job: &Job) -> Result<Job> {
    let mut events = hearth.events.subscribe();
    loop {
        match jobs::by_id(&mut hearth.db.read().await?, job.id).await? {
            Some(job) if !job.status.is_open() => return Ok(job),
            Some(_) => {}
            None => return Err(Error::NotFound("The import")),
        }
        let _ = tokio::time::timeout(LOOK_AGAIN, events.recv()).await;
    }
}

/// The embedded folder as a tar, the same bytes at every call.
pub(crate) fn archive(template: &str) -> Result<Vec<u8>> {
    let fault = |error: std::io::Error| Error::Internal(format!("the sample {template}: {error}"));
    let mut tar = tar::Builder::new(Vec::new());
    let folder = format!("{template}/");
    for path in Samples::iter() {
        let (Some(name), Some(file)) = (path.strip_prefix(&folder), Samples::get(&path)) else { continue };
        let mut header = tar::Header::new_gnu();
        header.set_size(file.data.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, file.data.as_ref()).map_err(fault)?;
    }
    tar.into_inner().map_err(fault)
}
