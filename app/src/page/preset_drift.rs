//! The drift section of a preset's page: what a claim recreates, why, and the patch that was tried.

use hearth_prebuilds::policy::DriftPolicy;
use leptos::prelude::*;

use crate::{
    address,
    caller::{caller, see_other},
    component::{
        badge::Badge,
        field::refusal,
        notice::ActError,
        occurrence::{Changes, Difference, Fix},
        panel::{Copy, Panel},
    },
    copy,
    error::AppError,
    time::{Now, Time},
    view::{CauseLink, HopView, OccurrenceView, PatchView, PresetView, RehearsalView, ReplacedView},
};

/// Asks for a rehearsal of a claim.
#[server(prefix = "/act", endpoint = "rehearse")]
pub async fn rehearse(template: String, preset: String) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.rehearse(&caller.actor, &template, &preset).await?;
    see_other(&format!("{}?done=rehearsing#drift", address::preset(&template, &preset)));
    Ok(())
}

/// Imports the patched template as a new version.
#[server(prefix = "/act", endpoint = "import-patch")]
pub async fn import_patch(template: String, preset: String) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.import_patch(&caller.actor, &template, &preset).await?;
    see_other(&format!("{}?done=patched#drift", address::preset(&template, &preset)));
    Ok(())
}

/// Sets what the pool does with members whose claim would recreate something.
#[server(prefix = "/act", endpoint = "set-policy")]
pub async fn set_policy(template: String, preset: String, policy: String) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.set_policy(&caller.actor, &template, &preset, &policy).await?;
    see_other(&format!("{}?done=policy#drift", address::preset(&template, &preset)));
    Ok(())
}

/// Names the pool in a form.
#[component]
fn PoolFields(template: String, preset: String) -> impl IntoView {
    view! {
        <input type="hidden" name="template" value=template/>
        <input type="hidden" name="preset" value=preset/>
    }
}

/// Whether a claim recreates something, as far as a claim or a rehearsal has shown.
#[component]
pub fn Drift(view: PresetView, now: Now) -> impl IntoView {
    let PresetView { pool, replacements, causes, rehearsal, rehearsing, frame, policy, blocked, .. } = view;
    let all = copy::drift_href(&pool);
    let words = copy::drift_state(&pool.drift);
    let (template, preset) = (pool.template.clone(), pool.preset.clone());
    let may_ask = frame.administers && !rehearsing;
    let ask = if rehearsal.is_some() { "Rehearse again" } else { "Rehearse" };
    let beside = move || {
        view! {
            <Badge words/>
            {rehearsing.then(|| view! { <span class="meta">"A rehearsal is queued or running"</span> })}
            <div class="actions">
                {may_ask.then(|| view! {
                    <ActionForm action={ServerAction::<Rehearse>::new()}>
                        <PoolFields template preset/>
                        <button class="button" data-size="small">{ask}</button>
                    </ActionForm>
                })}
                <a class="button" data-size="small" href=all>"All causes"</a>
            </div>
        }
    };
    let import =
        frame.administers.then(|| Import { template: pool.template.clone(), preset: pool.preset.clone() });
    let drifts = pool.drift.replaces();
    let found = rehearsal.clone().filter(|rehearsal| drifts && !rehearsal.replaced.is_empty());
    let body = match (found, replacements.into_iter().next()) {
        (Some(rehearsal), _) => view! { <Rehearsed rehearsal import now/> }.into_any(),
        (None, Some(occurrence)) => view! { <Recreated occurrence now/> }.into_any(),
        (None, None) => view! { <p>{copy::drift_sentence(&pool.drift, now)}</p> }.into_any(),
    };
    let (template, preset) = (pool.template, pool.preset);
    let disruptive = rehearsal.map(|rehearsal| rehearsal.disruptive).unwrap_or_default();
    view! {
        <Panel id="drift" title="Drift on claim" beside=beside>
            <div class="panel-body">
                <ActError error={refusal::<Rehearse>()}/>
                <ActError error={refusal::<ImportPatch>()}/>
                <ActError error={refusal::<SetPolicy>()}/>
                {body}
                <Causes causes/>
                <Disruptive disruptive/>
                <Policy policy blocked may_change=frame.administers template preset/>
            </div>
        </Panel>
    }
    .into_any()
}

/// The way to each cause that is not fixed.
#[component]
fn Causes(causes: Vec<CauseLink>) -> impl IntoView {
    let links = causes.into_iter().map(|CauseLink { id, address, path }| {
        view! { <li><a href=address::cause(id)>"Open cause"</a>" "<code>{address}</code>" because of "<code>{path}</code></li> }
    });
    let links = links.collect_view();
    (!links.is_empty()).then(|| view! { <ul class="claims" aria-label="Causes">{links}</ul> })
}

/// What the pool does with members whose claim would recreate something, and what that means now.
#[component]
fn Policy(
    policy: DriftPolicy,
    blocked: Option<String>,
    may_change: bool,
    template: String,
    preset: String,
) -> impl IntoView {
    let (other, label) = match policy {
        DriftPolicy::Allow => (DriftPolicy::Block, "Hold such members back"),
        DriftPolicy::Block => (DriftPolicy::Allow, "Hand such members over"),
    };
    view! {
        <div>
            <h3>"Policy: "{policy.as_str()}</h3>
            <p class="muted">{copy::policy(policy)}</p>
            {blocked.map(|why| view! { <p><b>"No member is handed over now."</b>" "{why}</p> })}
            {may_change.then(|| view! {
                <ActionForm action={ServerAction::<SetPolicy>::new()}>
                    <PoolFields template preset/>
                    <input type="hidden" name="policy" value=other.as_str()/>
                    <button class="button" data-size="small">{label}</button>
                </ActionForm>
            })}
        </div>
    }
    .into_any()
}

/// For whom it is allowed: importing the patched template.
#[derive(Clone)]
pub struct Import {
    pub template: String,
    pub preset: String,
}

/// What a rehearsal found: each resource with its cause, then the patch.
#[component]
pub fn Rehearsed(rehearsal: RehearsalView, import: Option<Import>, now: Now) -> impl IntoView {
    let RehearsalView { id, at, member, replaced, fix, .. } = rehearsal;
    let download = format!("/api/v2/rehearsals/{id}/patch");
    let replaced = replaced.into_iter().map(|replaced| view! { <Replaced replaced/> }).collect_view();
    view! {
        <p class="muted">"Rehearsed as a claim of " <code>{member}</code> ", " <Time at now/> ". Nothing was changed."</p>
        {replaced}
        {fix.map(|patch| view! { <Patch patch download import/> })}
    }
    .into_any()
}

#[component]
fn Replaced(replaced: ReplacedView) -> impl IntoView {
    let ReplacedView { address, changes, cause, follows, path, advice } = replaced;
    let why = match follows {
        Some(other) => view! { "It is dragged along by " <code>{other}</code> "." }.into_any(),
        None => copy::cause(&cause).into_any(),
    };
    let hops = path.into_iter().map(|HopView { what, place }| {
        view! { <li><code>{what}</code><span class="at">{place}</span></li> }
    });
    let hops = hops.collect_view();
    view! {
        <div class="cause-head">
            <p class="verdict"><code>{address}</code> " would be destroyed and recreated"</p>
            <ol class="blame" aria-label="Because of">{hops}</ol>
            <p class="muted">{why}</p>
        </div>
        {(!changes.is_empty()).then(|| view! { <Changes owner="rehearsal".to_owned() changes/> })}
        {advice.map(|advice| view! { <p>{advice}</p> })}
    }
    .into_any()
}

#[component]
fn Patch(patch: PatchView, download: String, import: Option<Import>) -> impl IntoView {
    let PatchView { diff, proved, left, trade_off } = patch;
    let import = import.filter(|_| proved).map(|Import { template, preset }| {
        view! {
            <ActionForm action={ServerAction::<ImportPatch>::new()}>
                <PoolFields template preset/>
                <button class="button" data-size="small">"Import as a new version"</button>
            </ActionForm>
        }
    });
    let left = (!left.is_empty()).then(|| {
        let left = left.join(", ");
        view! { <p class="muted">"Not proved: with it a claim still recreates " <code>{left}</code> "."</p> }
    });
    view! {
        <div>
            <h3>"Patch of the template "<Badge words=copy::proof(proved)/></h3>
            <div class="code">
                <p class="code-bar">"Unified diff, from the template's folder"<Copy/></p>
                <pre tabindex="0" aria-label="Patch, unified diff">{diff}</pre>
            </div>
            {left}
            <p class="muted small">"Trade-off: " {trade_off}</p>
            <div class="actions">
                <a class="button" data-size="small" href=download rel="external" download="fix.patch">"Download"</a>
                {import}
            </div>
        </div>
    }
    .into_any()
}

/// Updates that are no replacements, and yet interrupt.
#[component]
fn Disruptive(disruptive: Vec<(String, String, String)>) -> impl IntoView {
    let lines = disruptive.into_iter().map(|(address, path, effect)| {
        view! { <p>"Not recreated, but interrupted: " <code>{address}</code> " changes " <code>{path}</code> ", so " {effect} "."</p> }
    });
    lines.collect_view()
}

/// What the last claim that recreated something has recreated.
#[component]
fn Recreated(occurrence: OccurrenceView, now: Now) -> impl IntoView {
    let (address, path) = (occurrence.address.clone(), forcing(&occurrence));
    let href = format!("/workspaces/{}", occurrence.workspace_id);
    view! {
        <div class="cause-head">
            <p class="verdict">
                <code>{address.clone()}</code> " was destroyed and recreated, because of " <code>{path.clone()}</code>
            </p>
            <p class="muted">
                "Claim of " <a href=href>{occurrence.workspace_name.clone()}</a>
                {format!(" by {}, ", occurrence.claimed_by)} <Time at=occurrence.at now/>
            </p>
        </div>
        <Difference occurrence/>
        <div class="cause-grid"><Fix address path/></div>
    }
    .into_any()
}

/// The attribute that forced a resource to be made again.
fn forcing(occurrence: &OccurrenceView) -> String {
    let forcing = occurrence.changes.iter().find(|change| change.forces).or(occurrence.changes.first());
    forcing.map(|change| change.path.clone()).unwrap_or_default()
}
