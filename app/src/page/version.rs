//! `/templates/:name/versions/:version`: one version, its import, and what promoting it would do.

use leptos::prelude::*;

use crate::{
    address::{self, Query},
    caller::{caller, see_other},
    component::{
        badge::Badge,
        dialog::{Dialog, Foot, Weight},
        field::refusal,
        log_view::{LogPlace, LogView, RawLog, asked_part},
        nav::Place,
        notice::{ActError, Notice},
        panel::Panel,
        screen::{Page, Screen, parameter, query},
    },
    copy::{self, Tone, counted},
    error::AppError,
    icon::Shape,
    time::{Now, Style, Time, duration},
    view::{DeclaredPresetView, LintView, ParameterView, VersionRow, VersionView},
};

async fn load(template: String, version: String, after: Option<i64>) -> Result<VersionView, AppError> {
    let caller = caller().await?;
    caller.backend.version(&caller.actor, &template, &version, after).await
}

/// Makes it the active version.
#[server(prefix = "/act", endpoint = "promote")]
pub async fn promote(template: String, version: String) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.promote(&caller.actor, &template, &version).await?;
    see_other(&Query::new(address::version(&template, &version)).with("done", "promoted").href());
    Ok(())
}

/// Puts a version out of the way, or back.
#[server(prefix = "/act", endpoint = "archive-version")]
pub async fn archive_version(template: String, version: String, archived: bool) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.set_version_archived(&caller.actor, &template, &version, archived).await?;
    let done = if archived { "archived" } else { "restored" };
    see_other(&Query::new(address::version(&template, &version)).with("done", done).href());
    Ok(())
}

/// Asks an import to stop.
#[server(prefix = "/act", endpoint = "cancel-import")]
pub async fn cancel_import(id: hearth_prebuilds::ids::VersionId, back: String) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.cancel_import(&caller.actor, id).await?;
    see_other(address::safe_next(&back));
    Ok(())
}

#[component]
pub fn VersionPage() -> impl IntoView {
    let dialog = query("dialog");
    let load = load(parameter("template"), parameter("version"), asked_part("after"));
    view! {
        <Page load place=Place::Templates draw=move |view: VersionView, now| {
            let template = view.template.clone().unwrap_or_default();
            let key = format!("job:{}", view.job);
            let may = view.frame.administers && view.promotion.is_some();
            let dialog = (may && dialog == "promote").then(|| view! { <PromoteDialog view=view.clone()/> });
            let state = copy::version_state(&view.row).label;
            Screen::new(format!("{template} {}", view.row.name), version(view, now))
                .live([key.as_str(), "templates"])
                .announcing(state)
                .with_dialog(dialog.map(IntoAny::into_any))
        }/>
    }
}

fn version(view: VersionView, now: Now) -> impl IntoView {
    let log = LogPlace::first(Query::new(""));
    view! {
        <Head view=view.clone() now/>
        <ImportState view=view.clone() log=log.clone()/>
        <Changes view=view.clone()/>
        <Findings view log now/>
    }
    .into_any()
}

#[component]
fn Head(view: VersionView, now: Now) -> impl IntoView {
    let template = view.template.clone().unwrap_or_default();
    let VersionRow { name, message, by, at, .. } = view.row.clone();
    let message = (!message.is_empty()).then(|| format!("{message} · "));
    view! {
        <header class="page-head">
            <nav class="crumbs" aria-label="Breadcrumb"><ol>
                <li><a href="/templates">"Templates"</a></li>
                <li><a href=address::template(&template)>{template.clone()}</a></li>
                <li><a href=address::versions(&template)>"Versions"</a></li>
                <li aria-current="page">{name.clone()}</li>
            </ol></nav>
            <div class="title">
                <h1 tabindex="-1"><span class="of">{template}</span>" "{name}</h1>
                <Badge words=copy::version_state(&view.row)/>
            </div>
            <Acts view=view/>
            <p class="sub">{message}"by "{by}", "<Time at now/></p>
            <ActError error={refusal::<ArchiveVersion>()}/>
        </header>
    }
    .into_any()
}

/// What can be done with it now.
#[component]
fn Acts(view: VersionView) -> impl IntoView {
    let template = view.template.clone().unwrap_or_default();
    let row = view.row;
    let here = Query::new(address::version(&template, &row.name));
    let promote = view.promotion.is_some().then(|| {
        view! { <a class="button" data-kind="primary" href=here.with("dialog", "promote").href()>"Promote…"</a> }
    });
    let archive = (!row.is_open() && !row.active).then(|| {
        let (label, archived) = if row.archived { ("Bring back", "false") } else { ("Archive", "true") };
        view! {
            <ActionForm action={ServerAction::<ArchiveVersion>::new()}>
                <input type="hidden" name="template" value=template/>
                <input type="hidden" name="version" value=row.name/>
                <input type="hidden" name="archived" value=archived/>
                <button class="button">{label}</button>
            </ActionForm>
        }
    });
    view.frame.administers.then(|| view! { <div class="actions" data-sticky="">{promote}{archive}</div> })
}

/// Where the import is, while it is not over or did not go well.
#[component]
pub fn ImportState(view: VersionView, log: LogPlace) -> impl IntoView {
    let row = &view.row;
    let open = row.is_open();
    let text = copy::import_state(row, view.queue_position);
    let (tone, shape) = if open { (Tone::Info, Shape::Half) } else { (Tone::Bad, Shape::Octagon) };
    let line = log.first_error(&view.log).filter(|_| !open);
    let back = match &view.template {
        Some(template) => address::version(template, &row.name),
        None => address::new_template().with("version", &view.id.to_string()).href(),
    };
    let cancel = (open && row.status != "canceling" && view.frame.administers).then(|| {
        view! {
            <ActionForm action={ServerAction::<CancelImport>::new()}>
                <input type="hidden" name="id" value=view.id.to_string()/>
                <input type="hidden" name="back" value=back/>
                <button class="button" data-size="small" data-doing="Canceling…">"Cancel the import"</button>
            </ActionForm>
        }
    });
    (!row.is_imported()).then(|| {
        view! {
            <Notice tone shape>
                <p>{text}" "{line.map(|href| view! { <a href=href>"See the line"</a> })}</p>
                <div class="actions">{cancel}<ActError error={refusal::<CancelImport>()}/></div>
            </Notice>
        }
    })
}

/// What is different from the active version, and what promoting does.
#[component]
fn Changes(view: VersionView) -> impl IntoView {
    let promotion = view.promotion.as_ref().map(|it| {
        view! { <p class="panel-foot"><span>"Promoting it: "{copy::promotion(it)}</span></p> }
    });
    view.against.map(|against| {
        let changes = view.row.changes.unwrap_or_default();
        let items = changes.iter().map(|change| {
            let of = change.preset.as_ref().map(|preset| view! { <b>{preset.clone()}</b>": " });
            view! { <li><span>{of}{change.text.clone()}</span></li> }
        });
        let body = if changes.is_empty() {
            view! { <p class="empty-row">"Presets and parameters are the same. What Terraform builds may differ."</p> }
                .into_any()
        } else {
            view! { <ul class="facts">{items.collect_view()}</ul> }.into_any()
        };
        let title = format!("Compared with {against}, the active version");
        view! { <Panel id="changes" title=title>{body}{promotion}</Panel> }
    })
}

/// What the import has said and found.
#[component]
pub fn Findings(view: VersionView, log: LogPlace, now: Now) -> impl IntoView {
    view! {
        <div class="split" data-cols="1-336">
            <div class="stack">
                <Lint lint=view.lint.clone() imported=view.row.is_imported()/>
                <Import view=view.clone() place=log now/>
            </div>
            <div class="stack">
                <Presets presets=view.presets/>
                <Claims row=view.row/>
                <Parameters parameters=view.parameters/>
            </div>
        </div>
    }
    .into_any()
}

/// What is worth mending before anybody meets it.
#[component]
fn Lint(lint: Vec<LintView>, imported: bool) -> impl IntoView {
    let count = lint.len();
    let items = lint.into_iter().map(|LintView { place, text }| {
        let place = place.map(|place| view! { <code>{place}</code>" " });
        view! { <li><span>{place}{text}</span></li> }
    });
    let body = if count == 0 {
        view! { <p class="empty-row">"Nothing to mend was found."</p> }.into_any()
    } else {
        view! { <ul class="facts">{items.collect_view()}</ul> }.into_any()
    };
    imported.then(|| {
        let words = if count == 0 { String::new() } else { counted(count, "warning") };
        view! {
            <Panel id="lint" title="Checks" beside=move || view! { <span class="meta">{words}</span> }>{body}</Panel>
        }
    })
}

#[component]
fn Import(view: VersionView, place: LogPlace, now: Now) -> impl IntoView {
    let took = match (view.started_at, view.finished_at) {
        (Some(from), Some(to)) => Some(duration((to - from).num_milliseconds().unsigned_abs())),
        _ => None,
    };
    let finished = view.finished_at;
    let finished =
        move || finished.map(|at| view! { " · finished " <Time at now style=Style::Short/> " "{now.zone()} });
    let (status, href) = (view.row.status, format!("/api/v2/templateversions/{}/logs?format=text", view.id));
    let beside = move || {
        view! {
            <Badge words=copy::build_status(&status)/><span class="meta">{took}</span>
            <RawLog href file="import.log".to_owned()/>
        }
    };
    view! {
        <Panel id="import" title="Import" beside=beside>
            <LogView log=view.log place label="Log of the import".to_owned() rest=finished/>
        </Panel>
    }
    .into_any()
}

#[component]
fn Presets(presets: Vec<DeclaredPresetView>) -> impl IntoView {
    let items = presets.into_iter().map(|preset| {
        let wanted = match (preset.wanted, preset.span) {
            (None, _) => "nothing prebuilt".to_owned(),
            (_, (least, most)) if least == most => format!("{most} wanted"),
            (_, (least, most)) => format!("{least}–{most} wanted"),
        };
        let values: Vec<_> =
            preset.parameters.into_iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let values = (!values.is_empty()).then(|| view! { <dd class="muted">{values.join(", ")}</dd> });
        view! { <div><dt>{preset.name}</dt><dd>{wanted}</dd>{values}</div> }
    });
    let items = items.collect_view();
    (!items.is_empty()).then(|| {
        view! { <Panel id="presets" title="Presets"><dl class="facts">{items}</dl></Panel> }
    })
}

/// What is known of claims from each pool.
#[component]
fn Claims(row: VersionRow) -> impl IntoView {
    let items = row.verdicts.into_iter().map(|(preset, verdict)| {
        view! { <div><dt>{preset}</dt><dd><Badge words=copy::drift_state(&verdict)/></dd></div> }
    });
    let items = items.collect_view();
    (!items.is_empty()).then(|| {
        view! { <Panel id="claims" title="Claims, as rehearsed"><dl class="facts">{items}</dl></Panel> }
    })
}

#[component]
fn Parameters(parameters: Vec<ParameterView>) -> impl IntoView {
    let items = parameters.into_iter().map(|parameter| {
        let default = parameter.default.map_or("no default".to_owned(), |value| format!("default {value:?}"));
        view! {
            <div>
                <dt title=parameter.description>{parameter.name}</dt>
                <dd>{format!("{}, {default}", parameter.r#type)}</dd>
            </div>
        }
    });
    let items = items.collect_view();
    (!items.is_empty()).then(|| {
        view! { <Panel id="parameters" title="Parameters"><dl class="facts">{items}</dl></Panel> }
    })
}

/// Says what is replaced before the button that does it.
#[component]
fn PromoteDialog(view: VersionView) -> impl IntoView {
    let template = view.template.unwrap_or_default();
    let version = view.row.name;
    let promotion = view.promotion.unwrap_or_default();
    let close = address::version(&template, &version);
    let instead = view.against.map(|against| format!(" It takes the place of {against}."));
    view! {
        <Dialog title=format!("Promote {template} {version}") close=close.clone()>
            <ActionForm action={ServerAction::<Promote>::new()}>
                <div class="dialog-body">
                    <p>"New workspaces and pools are made from " {version.clone()} " from now on." {instead}</p>
                    <p><b>{copy::promotion(&promotion)}</b>" "{copy::thin_pool(&promotion)}</p>
                    <ActError error={refusal::<Promote>()}/>
                    <input type="hidden" name="template" value=template/>
                    <input type="hidden" name="version" value=version.clone()/>
                </div>
                <Foot close=close act=format!("Promote {version}") doing="Promoting…" weight=Weight::Grave/>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}
