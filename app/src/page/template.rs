//! `/templates/:template`: its presets, its versions, its rehearsals.

use leptos::prelude::*;

use crate::{
    address::{self, Query},
    caller::caller,
    component::{
        badge::Badge,
        field::refusal,
        filters::Unknown,
        nav::Place,
        notice::{ActError, Notice},
        pool_chart::PoolChart,
        screen::{Page, Screen, parameter, query},
    },
    copy::{self, Tone, counted},
    error::AppError,
    icon::Shape,
    page::{
        template_dialogs::{ArchiveDialog, DeleteDialog, EditDialog, RestoreTemplate},
        template_presets::{Neediest, Presets},
    },
    time::{Now, Time},
    view::{RehearsalRow, TemplateQuery, TemplateTab, TemplateView, VersionRow},
};

async fn load(template: String, query: TemplateQuery) -> Result<TemplateView, AppError> {
    let caller = caller().await?;
    caller.backend.template(&caller.actor, &template, &query).await
}

#[component]
pub fn TemplatePage() -> impl IntoView {
    let asked = TemplateQuery { tab: query("tab"), range: query("range"), before: query("before") };
    let dialog = query("dialog");
    view! {
        <Page load=load(parameter("template"), asked) place=Place::Templates draw=move |view: TemplateView, now| {
            let row = view.row.clone();
            let dialog = match dialog.as_str() {
                _ if !view.frame.administers => None,
                "edit" => Some(view! { <EditDialog row=row.clone()/> }.into_any()),
                "archive" if row.archived.is_none() => Some(view! { <ArchiveDialog row=row.clone()/> }.into_any()),
                "delete" => Some(view! { <DeleteDialog row=row.clone()/> }.into_any()),
                _ => None,
            };
            Screen::new(row.title().to_owned(), template(view, now))
                .live(["templates", "pools"])
                .announcing(format!("{} of {} ready", row.ready, row.wanted))
                .with_dialog(dialog)
        }/>
    }
}

fn template(view: TemplateView, now: Now) -> impl IntoView {
    let (name, reads) = (view.row.name.clone(), view.frame.reads_pools);
    let body = match view.tab.clone() {
        TemplateTab::Presets { rows, .. } => view! { <Presets template=name rows reads now/> }.into_any(),
        TemplateTab::Versions { rows, older } => {
            view! { <Versions template=name rows older now/> }.into_any()
        }
        TemplateTab::Rehearsals(rows) => view! { <Rehearsals template=name rows now/> }.into_any(),
    };
    let (history, needy) = match &view.tab {
        TemplateTab::Presets { history, needy, .. } => (history.clone(), needy.clone()),
        TemplateTab::Versions { .. } | TemplateTab::Rehearsals(_) => (None, None),
    };
    let (name, may_pause) = (view.row.name.clone(), view.frame.administers);
    let here = Query::new(address::template(&name));
    view! {
        <Head view=view.clone() now/>
        <Archived view=view.clone()/>
        {history.map(|history| view! { <PoolChart history here now/> })}
        <section class="panel" aria-label="About this template">
            <Tabs view/>
            <Unknown name="tab" known=["presets", "versions", "rehearsals"] href=address::template(&name)/>
            {body}
        </section>
        {needy.map(|needy| view! { <Neediest template=name needy=*needy may_pause now/> })}
    }
    .into_any()
}

#[component]
fn Head(view: TemplateView, now: Now) -> impl IntoView {
    let row = view.row.clone();
    let promoted = row.promoted.clone().map(|it| {
        view! { ", promoted "<Time at=it.at now/>" by "{it.by} }
    });
    let numbers = format!(" · {} of {} ready · {}", row.ready, row.wanted, counted(row.presets, "preset"));
    let in_use = (row.workspaces > 0).then(|| format!(" · {} in use", counted(row.workspaces, "workspace")));
    let version = match view.frame.reads_pools {
        true => {
            view! { <a href=address::version(&row.name, &row.version)>{row.version.clone()}</a> }.into_any()
        }
        false => row.version.clone().into_any(),
    };
    view! {
        <header class="page-head">
            <nav class="crumbs" aria-label="Breadcrumb"><ol>
                <li><a href="/templates">"Templates"</a></li>
                <li aria-current="page">{row.name.clone()}</li>
            </ol></nav>
            <div class="title">
                <h1 tabindex="-1">{row.title().to_owned()}</h1>
                {row.archived.is_some().then(|| view! { <Badge words=copy::archived()/> })}
            </div>
            <Acts name=row.name.clone() administers=view.frame.administers/>
            {(!row.description.is_empty()).then(|| view! { <p class="sub">{row.description.clone()}</p> })}
            <p class="sub">"Active: "{version}{promoted}{numbers}{in_use}</p>
        </header>
    }
    .into_any()
}

#[component]
fn Acts(name: String, administers: bool) -> impl IntoView {
    let here = Query::new(address::template(&name));
    let item = |dialog: &'static str, label: &'static str| {
        view! { <li><a href=here.clone().with("dialog", dialog).href()>{label}</a></li> }
    };
    let items =
        [item("edit", "Rename and describe…"), item("archive", "Archive…"), item("delete", "Delete…")];
    let new = address::new_template().with("template", &name).href();
    administers.then(|| {
        view! {
            <div class="actions" data-sticky="">
                <a class="button" data-kind="primary" data-shortcut="n" href=new>"New version"</a>
                <details class="picker">
                    <summary class="button">"More"</summary>
                    <ul class="menu" aria-label="More">{items.into_iter().collect_view()}</ul>
                </details>
            </div>
        }
    })
}

#[component]
fn Archived(view: TemplateView) -> impl IntoView {
    let administers = view.frame.administers;
    view.row.archived.map(|why| {
        let restore = administers.then(|| {
            view! {
                <div class="actions">
                    <ActionForm action={ServerAction::<RestoreTemplate>::new()}>
                        <input type="hidden" name="template" value=view.row.name/>
                        <button class="button" data-size="small">"Bring back"</button>
                    </ActionForm>
                    <ActError error={refusal::<RestoreTemplate>()}/>
                </div>
            }
        });
        view! {
            <Notice tone=Tone::Idle shape=Shape::Archive>
                <p><b>{format!("Archived: {why}.")}</b>" Nothing is made of it any more, and its pools are emptied."</p>
                {restore}
            </Notice>
        }
    })
}

/// The tabs are addresses.
#[component]
fn Tabs(view: TemplateView) -> impl IntoView {
    let here = Query::new(address::template(&view.row.name));
    let shown = view.tab.word();
    let tab = |word: &'static str, label: String| {
        let current = (shown == word).then_some("true");
        view! { <a href=here.clone().with("tab", word).href() aria-current=current>{label}</a> }
    };
    let tabs = [
        tab("", "Presets".to_owned()),
        tab("versions", format!("Versions {}", view.versions)),
        tab("rehearsals", "Rehearsals".to_owned()),
    ];
    view.frame.reads_pools.then(|| {
        view! {
            <div class="filters"><nav class="segments" aria-label="Parts">{tabs.into_iter().collect_view()}</nav></div>
        }
    })
}

#[component]
fn Versions(template: String, rows: Vec<VersionRow>, older: Option<String>, now: Now) -> impl IntoView {
    let older = older.map(|name| {
        let href =
            Query::new(address::template(&template)).with("tab", "versions").with("before", &name).href();
        view! { <a href=href>"Older versions"</a> }
    });
    let count = rows.len();
    let rows =
        rows.into_iter().map(|row| view! { <Version template=template.clone() row now/> }).collect_view();
    view! {
        <table class="table" role="table" id="versions">
            <caption class="sr-only">"Versions, newest first"</caption>
            <thead role="rowgroup"><tr role="row">
                <th role="columnheader" scope="col">"Version"</th>
                <th role="columnheader" scope="col">"State"</th>
                <th role="columnheader" scope="col">"By"</th>
                <th role="columnheader" scope="col">"Uploaded"</th>
                <th role="columnheader" scope="col" data-rest="">"Promoted"</th>
                <th role="columnheader" scope="col">"Claims"</th>
            </tr></thead>
            {rows}
        </table>
        <p class="table-foot"><span>{format!("{count} shown")}</span>{older}</p>
    }
    .into_any()
}

#[component]
fn Version(template: String, row: VersionRow, now: Now) -> impl IntoView {
    let href = address::version(&template, &row.name);
    let key = href.clone();
    let promoted = row.promoted.as_ref().map(|it| {
        view! { <Time at=it.at now/>" by "{it.by.clone()} }
    });
    let verdicts = row.verdicts.iter().map(|(preset, verdict)| {
        view! { <span class="keep"><span class="of">{preset.clone()}" "</span><Badge words=copy::drift_state(verdict)/></span>" " }
    });
    let verdicts = verdicts.collect_view();
    let told = if row.error.is_empty() { changed(&row) } else { row.error.clone() };
    let about = [row.message.clone(), told].into_iter().filter(|text| !text.is_empty());
    let about = about.collect::<Vec<_>>().join(" · ");
    let note = !about.is_empty();
    view! {
        <tbody role="rowgroup" data-key=key>
            <tr role="row">
                <th role="rowheader" scope="rowgroup" rowspan=note.then_some(2)><a href=href>{row.name.clone()}</a></th>
                <td role="cell" data-col="state"><Badge words=copy::version_state(&row)/></td>
                <td role="cell" data-label="By">{row.by.clone()}</td>
                <td role="cell" data-label="Uploaded"><Time at=row.at now/></td>
                <td role="cell" data-rest="">{promoted}</td>
                <td role="cell" data-card="wide">{verdicts}</td>
            </tr>
            {note.then(|| view! { <tr role="row" class="note"><td role="cell" colspan="5">{about}</td></tr> })}
        </tbody>
    }
    .into_any()
}

/// What it changes, on one line.
fn changed(row: &VersionRow) -> String {
    let changes = row.changes.iter().flatten().map(|change| match &change.preset {
        Some(preset) => format!("{preset}: {}", change.text),
        None => change.text.clone(),
    });
    changes.collect::<Vec<_>>().join("; ")
}

#[component]
fn Rehearsals(template: String, rows: Vec<RehearsalRow>, now: Now) -> impl IntoView {
    if rows.is_empty() {
        return view! {
            <div class="empty">
                <h2>"Nothing has been rehearsed"</h2>
                <p>"A claim is rehearsed by itself when the first member of a pool is ready."</p>
            </div>
        }
        .into_any();
    }
    let rows =
        rows.into_iter().map(|row| view! { <Rehearsal template=template.clone() row now/> }).collect_view();
    view! {
        <table class="table" role="table" id="rehearsals">
            <caption class="sr-only">"Rehearsals, newest first"</caption>
            <thead role="rowgroup"><tr role="row">
                <th role="columnheader" scope="col">"Preset"</th>
                <th role="columnheader" scope="col">"Verdict"</th>
                <th role="columnheader" scope="col">"Version"</th>
                <th role="columnheader" scope="col">"Time"</th>
                <th role="columnheader" scope="col" data-rest="">"Asked by"</th>
                <th role="columnheader" scope="col" data-rest="">"Member"</th>
            </tr></thead>
            {rows}
        </table>
    }
    .into_any()
}

#[component]
fn Rehearsal(template: String, row: RehearsalRow, now: Now) -> impl IntoView {
    let words = row.verdict.as_ref().map_or_else(|| copy::build_status(&row.status), copy::drift_state);
    let href = format!("{}#drift", address::preset(&template, &row.preset));
    view! {
        <tbody role="rowgroup" data-key=row.id.to_string()>
            <tr role="row">
                <th role="rowheader" scope="row"><a href=href>{row.preset}</a></th>
                <td role="cell" data-col="state"><Badge words/></td>
                <td role="cell" data-label="Version">{row.version}</td>
                <td role="cell" data-label="Time"><Time at=row.at now/></td>
                <td role="cell" data-rest="">{row.asked_by.unwrap_or_else(|| "by itself".to_owned())}</td>
                <td role="cell" data-rest="">{row.member}</td>
            </tr>
        </tbody>
    }
    .into_any()
}
