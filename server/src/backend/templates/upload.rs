//! The way from a folder on somebody's machine to a template: upload, look at what the import found, give it a name.
//!
//! A form brings everything in one body of several parts, which is read as it comes. What does not belong to a template
//! is dropped unread (a folder may hold what `terraform init` has fetched), and after a refusal the rest is dropped as
//! well: a browser that is cut off shows no answer at all.

use std::collections::BTreeMap;

use hearth_app::{
    backend::Actor,
    view::{UploadQuery, UploadStep, UploadView, Uploaded, VersionView, WaitingUpload},
};
use hearth_prebuilds::ids::VersionId;
use hearth_provisioner::{
    archive::{ArchiveError, Limits},
    sources::{Keep, Sources},
};
use multer::{Field, Multipart};

use super::{VERSION_NOT_FOUND, named, require_admin, version::loose};
use crate::{
    backend::{
        files, frame, overview,
        versions::{self, Push},
    },
    demo,
    error::{Error, Result},
    hearth::Hearth,
    names,
    store::{self, organizations, templates::Template, versions::Version},
    variables,
};

/// How many uploads that became no template are offered.
const WAITING: u32 = 5;
/// Everything that one form may send, kept or not.
const LONGEST: u64 = 1 << 30;
/// A field that is no file.
const LONGEST_TEXT: u64 = 64 * 1024;
/// The sample that comes along.
const SAMPLE: &str = "local";

/// What is asked next.
pub async fn step(hearth: &Hearth, actor: &Actor, query: &UploadQuery) -> Result<UploadView> {
    require_admin(actor)?;
    let step = if !query.version.is_empty() {
        let id = query.version.parse().map_err(|_| VERSION_NOT_FOUND)?;
        let version: VersionView = loose(hearth, actor, id, query.after).await?;
        UploadStep::Review { version: Box::new(version), name: query.name.clone() }
    } else if query.template.is_empty() {
        UploadStep::Template { waiting: waiting(hearth).await? }
    } else {
        UploadStep::Version { template: named(hearth, &query.template).await?.name }
    };
    let mut conn = hearth.db.snapshot().await?;
    let frame = frame::read(&mut conn, hearth, actor, hearth.clock.now()).await?;
    let first =
        overview::first_steps(&mut conn, actor).await? && !store::page::templates::any(&mut conn).await?;
    Ok(UploadView { frame, first, step })
}

async fn waiting(hearth: &Hearth) -> Result<Vec<WaitingUpload>> {
    let mut conn = hearth.db.snapshot().await?;
    let found = store::versions::without_template(&mut conn, WAITING).await?;
    let ids: Vec<VersionId> = found.iter().map(|version| version.id).collect();
    let imports = store::page::templates::imports(&mut conn, &ids).await?;
    let upload = |version: Version| {
        let import = imports.iter().find(|job| job.subject_id == version.id.0)?;
        Some(WaitingUpload {
            id: version.id,
            message: version.message,
            by: version.creator_username,
            at: version.created_at,
            status: import.status.as_str().to_owned(),
        })
    };
    Ok(found.into_iter().filter_map(upload).collect())
}

/// Stores what a form brings, and queues its import.
pub async fn upload(hearth: &Hearth, actor: &Actor, form: Multipart<'static>) -> Result<Uploaded> {
    require_admin(actor)?;
    let mut form = Form::read(form).await?;
    let template = match form.text("template") {
        "" => None,
        name => Some(named(hearth, name).await?),
    };
    if template.is_none() {
        check_free(hearth, form.text("name")).await?;
    }
    let given = variables_of(form.text("variables"))?;
    let (message, version) = (form.message(), form.text("version").to_owned());
    let tar = form.tar().await?;
    let order =
        Order { message: &message, version: Some(version.as_str()).filter(|it| !it.is_empty()), given };
    let mut uploaded = push(hearth, actor, template.as_ref(), &tar, order).await?;
    if uploaded.template.is_none() {
        uploaded.template_name = form.text("name").to_owned();
    }
    Ok(uploaded)
}

/// The sample, on its way to a template.
pub async fn sample(hearth: &Hearth, actor: &Actor) -> Result<Uploaded> {
    require_admin(actor)?;
    let order = Order { message: "The sample that comes with Hearth", version: None, given: BTreeMap::new() };
    let mut uploaded = push(hearth, actor, None, &demo::archive(SAMPLE)?, order).await?;
    uploaded.template_name = SAMPLE.to_owned();
    Ok(uploaded)
}

struct Order<'a> {
    message: &'a str,
    /// How the version shall be called.
    version: Option<&'a str>,
    given: variables::Values,
}

async fn push(
    hearth: &Hearth,
    actor: &Actor,
    template: Option<&Template>,
    tar: &[u8],
    order: Order<'_>,
) -> Result<Uploaded> {
    let mut conn = hearth.db.read().await?;
    let (organization_id, mut values) = match template {
        Some(template) => {
            let active = store::versions::by_id(&mut conn, template.active_version_id).await?;
            let active = active.ok_or(VERSION_NOT_FOUND)?;
            (template.organization_id, variables::open(&hearth.secrets, active.id, &active.variables.0)?)
        }
        None => (organizations::default(&mut conn).await?.id, BTreeMap::new()),
    };
    drop(conn);
    values.extend(order.given);
    let (file_id, _) = files::upload(hearth, actor, tar).await?;
    let push = Push {
        organization_id,
        template_id: template.map(|template| template.id),
        name: order.version,
        message: order.message,
        file_id,
        variables: values,
    };
    let pushed = versions::push(hearth, actor, &push).await?.version;
    let name = template.map(|template| template.name.clone());
    Ok(Uploaded {
        id: pushed.id,
        name: pushed.name,
        template_name: name.clone().unwrap_or_default(),
        template: name,
    })
}

/// Says before the upload is imported what would be refused after it.
async fn check_free(hearth: &Hearth, name: &str) -> Result<()> {
    names::check("name", name)?;
    match named(hearth, name).await {
        Ok(taken) => {
            let detail = format!("A template named `{}` exists already.", taken.name);
            Err(Error::Taken { field: "name", detail })
        }
        Err(Error::NotFound(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// One `name = value` a line.
fn variables_of(text: &str) -> Result<variables::Values> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let pair = |line: &str| {
        let (name, value) = line.split_once('=').ok_or_else(|| {
            // The line itself may be a secret that lost its name.
            Error::invalid("variables", "Write one variable a line, as `name = value`.")
        })?;
        Ok((name.trim().to_owned(), value.trim().to_owned()))
    };
    lines.map(pair).collect()
}

/// What a form has brought.
struct Form {
    texts: BTreeMap<String, String>,
    /// Its name, and what is in it.
    archive: Option<(String, Vec<u8>)>,
    folder: Sources,
    folder_name: String,
    /// All bytes so far.
    read: u64,
}

fn limits() -> Limits {
    Limits { bytes: files::LARGEST as u64, ..Limits::default() }
}

fn too_large() -> Error {
    let most = files::LARGEST / (1024 * 1024);
    Error::TooLarge(format!(
        "The sources are larger than {most} MiB. Leave out what Terraform does not read."
    ))
}

#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` wants")]
fn cut_off(error: multer::Error) -> Error {
    Error::Malformed { message: "The upload did not arrive.", detail: error.to_string() }
}

impl Form {
    async fn read(mut parts: Multipart<'static>) -> Result<Self> {
        let mut form = Self {
            texts: BTreeMap::new(),
            archive: None,
            folder: Sources::new(Keep::Sources, limits()),
            folder_name: String::new(),
            read: 0,
        };
        let mut refusal = None;
        while let Some(mut part) = parts.next_field().await.map_err(cut_off)? {
            if refusal.is_none() {
                refusal = form.take(&mut part).await.err();
            }
            form.take_bytes(&mut part, 0).await?;
        }
        refusal.map_or(Ok(form), Err)
    }

    async fn take(&mut self, part: &mut Field<'static>) -> Result<()> {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(|file| file.replace('\\', "/"));
        match (name.as_str(), file) {
            // A field for files into which nothing was put.
            (_, Some(file)) if file.is_empty() => Ok(()),
            ("folder", Some(file)) => {
                if !self.folder.keeps(&file) {
                    return Ok(());
                }
                let content = self.take_bytes(part, self.folder.room()).await?.ok_or_else(too_large)?;
                if let Some((top, _)) = file.split_once('/') {
                    self.folder_name = top.to_owned();
                }
                self.folder.add(&file, content).map_err(|error| refused("folder", &error))
            }
            ("archive", Some(file)) => {
                let content = self.take_bytes(part, files::LARGEST as u64).await?.ok_or_else(too_large)?;
                self.archive = Some((file, content));
                Ok(())
            }
            (_, Some(_)) => Ok(()),
            (_, None) => {
                let text = self.take_bytes(part, LONGEST_TEXT).await?;
                let text = text.ok_or_else(|| Error::invalid(name.clone(), "This is too long."))?;
                self.texts.insert(name, String::from_utf8_lossy(&text).trim().to_owned());
                Ok(())
            }
        }
    }

    /// The rest of a part, if it is at most so long; it is read to its end all the same.
    async fn take_bytes(&mut self, part: &mut Field<'static>, most: u64) -> Result<Option<Vec<u8>>> {
        let (mut kept, mut fits) = (Vec::new(), true);
        while let Some(chunk) = part.chunk().await.map_err(cut_off)? {
            self.read += chunk.len() as u64;
            if self.read > LONGEST {
                return Err(too_large());
            }
            fits = fits && (kept.len() + chunk.len()) as u64 <= most;
            if fits {
                kept.extend_from_slice(&chunk);
            }
        }
        Ok(fits.then_some(kept))
    }

    fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", String::as_str)
    }

    /// What the person says about it, else what it was.
    fn message(&self) -> String {
        match (self.text("message"), &self.archive) {
            ("", Some((name, _))) => name.clone(),
            ("", None) if self.folder_name.is_empty() => "Uploaded from a browser".to_owned(),
            ("", None) => format!("Folder {}", self.folder_name),
            (said, _) => said.to_owned(),
        }
    }

    async fn tar(&mut self) -> Result<Vec<u8>> {
        let folder = std::mem::replace(&mut self.folder, Sources::new(Keep::Sources, limits()));
        let sources = match (self.archive.take(), folder) {
            (None, folder) if folder.is_empty() => {
                let words = "Choose the folder of the template, or an archive of it.";
                return Err(Error::invalid("folder", words));
            }
            (Some(_), folder) if !folder.is_empty() => {
                return Err(Error::invalid("archive", "Choose a folder or an archive, not both."));
            }
            (None, folder) => folder,
            (Some((_, archive)), _) => unpacked(archive).await?,
        };
        sources.without_top_folder().into_tar().map_err(|error| Error::Internal(error.to_string()))
    }
}

/// Reading an archive is work for a thread of its own.
async fn unpacked(archive: Vec<u8>) -> Result<Sources> {
    let read = move || {
        let mut sources = Sources::new(Keep::Sources, limits());
        sources.add_archive(&archive).map(|()| sources)
    };
    let sources = tokio::task::spawn_blocking(read).await;
    let sources = sources.map_err(|error| Error::Internal(error.to_string()))?;
    let sources = sources.map_err(|error| refused("archive", &error))?;
    if sources.is_empty() {
        return Err(Error::invalid("archive", "There is no file of a template in this archive."));
    }
    Ok(sources)
}

fn refused(field: &str, error: &ArchiveError) -> Error {
    let words = error.to_string();
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    Error::invalid(field, format!("{first}{}.", letters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_line_by_line_and_a_bad_line_is_not_repeated() {
        let read = variables_of(" region = eu=west \n\ntoken=\n").unwrap();
        assert_eq!(
            read,
            BTreeMap::from([
                ("region".to_owned(), "eu=west".to_owned()),
                ("token".to_owned(), String::new())
            ])
        );
        let error = variables_of("hunter2").unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}
