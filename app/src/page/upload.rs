//! `/templates/new`: from a folder to a template, or to a new version of one.

use leptos::{
    attr::custom::custom_attribute,
    prelude::*,
    server_fn::{
        ServerFn,
        codec::{MultipartData, MultipartFormData},
    },
};

use crate::{
    address::{self, Query},
    caller::{caller, see_other},
    component::{
        badge::Badge,
        field::{Below, Field, FormError, Submit, refusal},
        log_view::{LogPlace, asked_part},
        nav::Place,
        notice::ActError,
        panel::Panel,
        screen::{Page, Screen, query},
    },
    copy,
    error::AppError,
    page::{
        first_steps::{FirstSteps, skipped},
        version::{Findings, ImportState},
    },
    time::{Now, Time},
    view::{TemplateOrder, UploadQuery, UploadStep, UploadView, Uploaded, VersionView, WaitingUpload},
};

async fn load(query: UploadQuery) -> Result<UploadView, AppError> {
    let caller = caller().await?;
    caller.backend.upload_step(&caller.actor, &query).await
}

/// Takes a folder or an archive.
#[server(prefix = "/act", endpoint = "upload-template", input = MultipartFormData)]
pub async fn upload(form: MultipartData) -> Result<(), AppError> {
    let caller = caller().await?;
    let nothing = || AppError::Transport { detail: "Something in the form could not be read.".to_owned() };
    let form = form.into_inner().ok_or_else(nothing)?;
    go_on(&caller.backend.upload(&caller.actor, form).await?);
    Ok(())
}

/// Takes the sample that comes along.
#[server(prefix = "/act", endpoint = "upload-sample")]
pub async fn upload_sample() -> Result<(), AppError> {
    let caller = caller().await?;
    go_on(&caller.backend.upload_sample(&caller.actor).await?);
    Ok(())
}

/// To the page that shows the import.
fn go_on(uploaded: &Uploaded) {
    see_other(&match &uploaded.template {
        Some(template) => {
            Query::new(address::version(template, &uploaded.name)).with("done", "uploaded").href()
        }
        None => address::new_template()
            .with("version", &uploaded.id.to_string())
            .with("name", &uploaded.template_name)
            .with("done", "uploaded")
            .href(),
    });
}

/// Makes a template of what was uploaded.
#[server(prefix = "/act", endpoint = "create-template")]
pub async fn create_template(
    version: String,
    name: String,
    #[server(default)] display_name: String,
    #[server(default)] description: String,
    #[server(default)] first: bool,
) -> Result<(), AppError> {
    let caller = caller().await?;
    let order = TemplateOrder { version, name: name.trim().to_owned(), display_name, description };
    caller.backend.create_template(&caller.actor, &order).await?;
    let next = if first { "/".to_owned() } else { address::template(&order.name) };
    see_other(&Query::new(next).with("done", "created").href());
    Ok(())
}

#[component]
pub fn UploadPage() -> impl IntoView {
    let asked = UploadQuery {
        template: query("template"),
        version: query("version"),
        name: query("name"),
        after: asked_part("after"),
    };
    view! {
        <Page load=load(asked) place=Place::Templates draw=move |view: UploadView, now| {
          let first = view.first && !skipped();
          match view.step {
            UploadStep::Template { waiting } => Screen::new("New template", new_template(waiting, first, now)),
            UploadStep::Version { template } => {
                Screen::new(format!("New version of {template}"), new_version(template))
            }
            UploadStep::Review { version, name } => {
                let key = format!("job:{}", version.job);
                let state = copy::version_state(&version.row).label;
                Screen::new("New template", review(*version, name, first, now))
                    .live([key.as_str(), "templates"])
                    .announcing(state)
            }
          }
        }/>
    }
}

#[component]
fn Head(#[prop(optional)] template: Option<String>, title: &'static str) -> impl IntoView {
    let of = template.map(|name| {
        let href = address::template(&name);
        view! { <li><a href=href>{name}</a></li> }
    });
    view! {
        <header class="page-head">
            <nav class="crumbs" aria-label="Breadcrumb"><ol>
                <li><a href="/templates">"Templates"</a></li>
                {of}
                <li aria-current="page">{title}</li>
            </ol></nav>
            <div class="title"><h1 tabindex="-1">{title}</h1></div>
            <ActError error={refusal::<UploadSample>()}/>
        </header>
    }
    .into_any()
}

fn new_template(waiting: Vec<WaitingUpload>, first: bool, now: Now) -> impl IntoView {
    view! {
        <Head title="New template"/>
        {first.then(|| view! { <FirstSteps/> })}
        <div class="split" data-cols="7-5">
            <Panel id="source" title="Upload the source"><Source/></Panel>
            <div class="stack">
                <Panel id="other" title="Another way">
                    <div class="panel-body">
                        <p>"To see how it works, without any cloud:"</p>
                        <div class="actions"><Sample/></div>
                    </div>
                </Panel>
                <Waiting uploads=waiting now/>
            </div>
        </div>
    }
    .into_any()
}

fn new_version(template: String) -> impl IntoView {
    view! {
        <Head template=template.clone() title="New version"/>
        <Panel id="source" title="Upload the source"><Source template/></Panel>
    }
    .into_any()
}

/// The button that takes the sample.
#[component]
pub fn Sample() -> impl IntoView {
    view! {
        <ActionForm action={ServerAction::<UploadSample>::new()}>
            <button class="button" data-doing="Importing…">"Try the sample"</button>
        </ActionForm>
    }
    .into_any()
}

/// The form for files. It is a plain one: a browser sends a folder file by file.
#[component]
fn Source(
    /// Of which it becomes a new version.
    #[prop(optional, into)]
    template: Option<String>,
) -> impl IntoView {
    let error = refusal::<Upload>();
    let is_new = template.is_none();
    let label = if is_new { "Upload" } else { "Upload the version" };
    let name = is_new.then(|| {
        view! {
            <Field
                name="name"
                label="Name"
                value=query("name")
                hint="Lowercase letters, digits and dashes."
                error=error.clone()
            />
        }
    });
    let version = (!is_new).then(|| {
        view! {
            <Field
                name="version"
                label="Version"
                required=false
                hint="Left empty, the next number is taken."
                error=error.clone()
            />
            <Field name="message" label="What is new" required=false error=error.clone()/>
        }
    });
    view! {
        <form method="post" action=Upload::url() enctype="multipart/form-data">
            <div class="panel-body">
                <FormError error=error.clone() fields=&["name", "version", "message", "folder", "archive", "variables"]/>
                {template.map(|template| view! { <input type="hidden" name="template" value=template/> })}
                {name}
                {version}
                <Files
                    name="folder"
                    label="Folder with Terraform files"
                    hint="Hidden files and states stay behind; what Terraform reads is at most 20 MiB."
                    error=error.clone()
                />
                <Files
                    name="archive"
                    label="Or an archive of it"
                    hint="A .tar, .tar.gz or .zip."
                    error=error.clone()
                />
                <Variables is_new error/>
            </div>
            <div class="panel-foot"><Submit label doing="Uploading…"/></div>
        </form>
    }
    .into_any()
}

/// A field for files: a folder, or an archive.
#[component]
fn Files(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    error: Option<AppError>,
) -> impl IntoView {
    let own = error.filter(|error| error.field() == Some(name)).map(|error| error.to_string());
    let below = Below::new(name, own, Some(hint.to_owned()));
    let is_folder = name == "folder";
    let folder = custom_attribute("webkitdirectory", is_folder.then_some(""));
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                id=name
                name=name
                type="file"
                multiple=is_folder
                accept=(!is_folder).then_some(".tar,.tar.gz,.tgz,.zip")
                aria-invalid=below.invalid
                aria-describedby={below.described}
                {..folder}
            />
            {below.words}
        </div>
    }
    .into_any()
}

#[component]
fn Variables(is_new: bool, error: Option<AppError>) -> impl IntoView {
    let own = error.filter(|error| error.field() == Some("variables")).map(|error| error.to_string());
    let hint = if is_new {
        "One `name = value` a line. Values are kept sealed."
    } else {
        "One `name = value` a line. The rest is as in the active version."
    };
    let below = Below::new("variables", own, Some(hint.to_owned()));
    view! {
        <details class="disclosure" open=below.invalid.is_some()>
            <summary>"Values of Terraform variables"</summary>
            <div class="field">
                <label class="sr-only" for="variables">"Values of Terraform variables"</label>
                <textarea class="input" id="variables" name="variables" rows="3" spellcheck="false"
                    aria-invalid=below.invalid aria-describedby=below.described></textarea>
                {below.words}
            </div>
        </details>
    }
    .into_any()
}

/// Uploads that somebody has begun with and not finished.
#[component]
fn Waiting(uploads: Vec<WaitingUpload>, now: Now) -> impl IntoView {
    let items = uploads.into_iter().map(|upload| {
        let href = address::new_template().with("version", &upload.id.to_string()).href();
        let status = copy::build_status(&upload.status).label.to_lowercase();
        view! {
            <li>
                <Time at=upload.at now/>
                <span>
                    <a href=href>{upload.message}</a>
                    <span class="muted">{format!(" by {}, {status}", upload.by)}</span>
                </span>
            </li>
        }
    });
    let items = items.collect_view();
    (!items.is_empty()).then(|| {
        view! { <Panel id="waiting" title="Uploaded, not yet a template"><ol class="events">{items}</ol></Panel> }
    })
}

/// What was found, and the name it shall have.
fn review(version: VersionView, name: String, first: bool, now: Now) -> impl IntoView {
    let row = version.row.clone();
    let imported = row.is_imported();
    let log = LogPlace::first(Query::new("").with("version", &version.id.to_string()).with("name", &name));
    let name = imported.then(|| {
        let built = version.presets.iter().filter_map(|preset| preset.wanted).sum();
        view! { <Name version=version.id.to_string() name built first/> }
    });
    let again = (!imported && !row.is_open()).then(|| {
        view! { <a class="button" href=address::new_template().with("name", &query("name")).href()>"Upload again"</a> }
    });
    view! {
        <header class="page-head">
            <nav class="crumbs" aria-label="Breadcrumb"><ol>
                <li><a href="/templates">"Templates"</a></li>
                <li aria-current="page">"New template"</li>
            </ol></nav>
            <div class="title">
                <h1 tabindex="-1">"New template"</h1>
                <Badge words=copy::version_state(&row)/>
            </div>
            <div class="actions">{again}</div>
            <p class="sub">{format!("{} · uploaded by {}", row.message, row.by)}</p>
        </header>
        {first.then(|| view! { <FirstSteps/> })}
        <ImportState view=version.clone() log=log.clone()/>
        {name}
        <Findings view=version log now/>
    }
    .into_any()
}

#[component]
fn Name(
    version: String,
    name: String,
    built: u32,
    /// Leads on to the next of the first steps.
    first: bool,
) -> impl IntoView {
    let error = refusal::<CreateTemplate>();
    let consequence = match built {
        0 => "Nothing is prebuilt: no preset has a pool.".to_owned(),
        1 => "1 workspace is prebuilt at once.".to_owned(),
        count => format!("{count} workspaces are prebuilt at once."),
    };
    view! {
        <Panel id="name-it" title="Make a template of it">
            <ActionForm action={ServerAction::<CreateTemplate>::new()}>
                <div class="panel-body">
                    <FormError error=error.clone() fields=&["name", "display_name", "description"]/>
                    <input type="hidden" name="version" value=version/>
                    <input type="hidden" name="first" value=first.to_string()/>
                    <Field
                        name="name"
                        label="Name"
                        value=name
                        hint="Lowercase letters, digits and dashes. Addresses and commands have it."
                        error=error.clone()
                    />
                    <Field name="display_name" label="Display name" required=false error=error.clone()/>
                    <Field name="description" label="What it is for" required=false error/>
                </div>
                <div class="panel-foot">
                    <Submit label="Create the template" doing="Creating…"/>
                    <span>{consequence}</span>
                </div>
            </ActionForm>
        </Panel>
    }
    .into_any()
}
