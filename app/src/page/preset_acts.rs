//! What admins do with a pool besides pausing it: an override until an instant, another try after failures, other
//! members. Each form carries the revision of the pool that it was drawn from, so that nobody overwrites what they have
//! not seen.

use chrono::{DateTime, TimeDelta, Utc};
use hearth_prebuilds::{ids::WorkspaceId, pool_state::PoolState};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    address::{self, Query},
    caller::{caller, see_other},
    component::{
        dialog::{Dialog, Foot, Weight},
        field::{Field, FormError, refusal},
        notice::ActError,
    },
    copy::{be, build_href, counted},
    error::AppError,
    icon::{Shape, ShapeIcon},
    time::{Now, Time},
    view::{OverrideView, PoolAct, PresetView, WorkspaceRow},
    zone,
};

/// Which pool, at which revision: the hidden part of each form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PoolAt {
    template: String,
    preset: String,
    revision: i64,
}

async fn change(pool: &PoolAt, act: &PoolAct, done: &str) -> Result<(), AppError> {
    let PoolAt { template, preset, revision } = pool;
    let caller = caller().await?;
    caller.backend.change_pool(&caller.actor, (template, preset), Some(*revision), act).await?;
    see_other(&format!("{}?done={done}", address::preset(template, preset)));
    Ok(())
}

/// So many are wanted until an instant; `at` counts before `until`, and is a time of the person's zone.
#[server(prefix = "/act", endpoint = "override-pool")]
pub async fn override_pool(
    pool: PoolAt,
    instances: String,
    until: String,
    #[server(default)] at: String,
    reason: String,
) -> Result<(), AppError> {
    let invalid =
        |field: &str, detail: &str| AppError::Invalid { field: field.to_owned(), detail: detail.to_owned() };
    let number = instances.trim().parse();
    let instances = number.map_err(|_| invalid("instances", "Must be a whole number, 0 or more."))?;
    let typed = if at.is_empty() { &until } else { &at };
    let until =
        zone::typed(typed, zone::current()).ok_or_else(|| invalid("at", "Must be a date and a time."))?;
    change(&pool, &PoolAct::Override { instances, until, reason }, "overridden").await
}

/// Ends an override before its time.
#[server(prefix = "/act", endpoint = "end-override")]
pub async fn end_override(pool: PoolAt) -> Result<(), AppError> {
    change(&pool, &PoolAct::EndOverride, "override_ended").await
}

/// Failures so far count no more: the reconciler tries again.
#[server(prefix = "/act", endpoint = "reset-failures")]
pub async fn reset_failures(pool: PoolAt) -> Result<(), AppError> {
    change(&pool, &PoolAct::ResetFailures, "failures_reset").await
}

/// Replaces every member made so far.
#[server(prefix = "/act", endpoint = "invalidate-pool")]
pub async fn invalidate_pool(pool: PoolAt) -> Result<(), AppError> {
    change(&pool, &PoolAct::Invalidate, "invalidated").await
}

/// Deletes members by name; the reconciler makes others.
#[server(prefix = "/act", endpoint = "delete-members")]
pub async fn delete_members(pool: PoolAt, #[server(default)] members: String) -> Result<(), AppError> {
    let caller = caller().await?;
    let members: Vec<WorkspaceId> = members.split(',').filter_map(|id| id.parse().ok()).collect();
    let PoolAt { template, preset, .. } = pool;
    caller.backend.delete_members(&caller.actor, (&template, &preset), &members).await?;
    see_other(&format!("{}?done=members_deleted", address::preset(&template, &preset)));
    Ok(())
}

/// The acts at the foot of the settings.
#[component]
pub fn PoolActs(view: PresetView) -> impl IntoView {
    let pool = &view.pool;
    let here = Query::new(address::preset(&pool.template, &pool.preset));
    let simulate = format!("{}/simulate", address::preset(&pool.template, &pool.preset));
    let (administers, reads_pools) = (view.frame.administers, view.frame.reads_pools);
    let acts = administers.then(|| {
        let dialog = |name: &str| here.clone().with("dialog", name).href();
        view! {
            <a class="button" data-size="small" href=dialog("scale")>"Override…"</a>
            <a class="button" data-size="small" href=dialog("invalidate")>"Replace all members…"</a>
        }
    });
    reads_pools.then(|| {
        view! {
            <div class="panel-foot"><a class="button" data-size="small" href=simulate>"What if…"</a>{acts}</div>
        }
    })
}

/// What can be done about failures that hold creation back.
#[component]
pub fn Remedies(view: PresetView) -> impl IntoView {
    let retry = remedy(&view).map(|(label, doing)| {
        let kind = (view.pool.ready == 0).then_some("primary");
        let view = view.clone();
        view! {
            <ActionForm action={ServerAction::<ResetFailures>::new()}>
                <Place view/>
                <button class="button" data-kind=kind data-doing=doing>{label}</button>
            </ActionForm>
        }
    });
    let pause = (retry.is_some() && view.pool.pause.is_none()).then(|| {
        let here = Query::new(address::preset(&view.pool.template, &view.pool.preset));
        view! { <a class="button" href=here.with("dialog", "pause").href()>"Pause this pool"</a> }
    });
    view.pool.failed_build.map(|failed| {
        view! {
            <div class="actions">
                {retry}
                <a class="button" href=build_href(&failed)>"See failed build"</a>
                {pause}
                <ActError error={refusal::<ResetFailures>()}/>
            </div>
        }
    })
}

/// What makes the reconciler try again after failures, for those who may: the label, and what it says meanwhile.
pub fn remedy(view: &PresetView) -> Option<(&'static str, &'static str)> {
    match view.pool.state {
        _ if !view.frame.administers => None,
        PoolState::BackingOff { .. } => Some(("Retry now", "Retrying…")),
        PoolState::HardLimited { .. } => Some(("Reset failures", "Resetting…")),
        _ => None,
    }
}

/// The override that holds, beside the title: until when, and the way to end it.
#[component]
pub fn Overriding(view: PresetView, now: Now) -> impl IntoView {
    view.settings.override_.clone().map(|OverrideView { instances, until, .. }| {
        let end = view.frame.administers.then(|| {
            view! {
                <ActionForm action={ServerAction::<EndOverride>::new()}>
                    <Place view/>
                    <button class="button" data-size="small" data-doing="Ending…">"End now"</button>
                </ActionForm>
            }
        });
        view! {
            <span class="badge" data-tone="info">
                <ShapeIcon shape=Shape::Clock/>{format!("Overridden: {instances} wanted, ends ")}<Time at=until now/>
            </span>
            {end}
            <ActError error={refusal::<EndOverride>()}/>
        }
    })
}

/// Who wanted the override that holds, and why.
#[component]
pub fn Overridden(view: PresetView, now: Now) -> impl IntoView {
    view.settings.override_.map(|OverrideView { instances, until, by, reason }| {
        view! {
            <div>
                <dt>"Override"</dt>
                <dd>{format!("{instances} wanted, ends ")}<Time at=until now/>{format!(", by {by}: “{reason}”")}</dd>
            </div>
        }
    })
}

/// Fills in a [`PoolAt`].
#[component]
fn Place(view: PresetView) -> impl IntoView {
    view! {
        <input type="hidden" name="pool[template]" value=view.pool.template/>
        <input type="hidden" name="pool[preset]" value=view.pool.preset/>
        <input type="hidden" name="pool[revision]" value=view.settings.revision.to_string()/>
    }
}

/// The ends that are offered: soon, tonight, and the days after.
fn ends(now: Now) -> Vec<(DateTime<Utc>, String)> {
    let hours = [1, 4, 8].map(|hours| (now.get() + TimeDelta::hours(hours), format!("{hours} h")));
    let days = [1, 3, 7].map(|days| (now.get() + TimeDelta::days(days), format!("{} h", days * 24)));
    let mut ends = hours.to_vec();
    ends.push((now.midnight(), "end of the day".to_owned()));
    ends.extend(days);
    ends
}

#[component]
pub fn OverrideDialog(view: PresetView, now: Now) -> impl IntoView {
    let error = refusal::<OverridePool>();
    let pool = &view.pool;
    let close = address::preset(&pool.template, &pool.preset);
    let holding = view.settings.override_.as_ref().map(|OverrideView { instances, until, by, .. }| {
        let (be, until) = (be(*instances), now.full(*until));
        format!("Now {instances} {be} wanted until {until}, by {by}: this takes its place.")
    });
    let after =
        format!("{} wanted now. When it ends, schedule and template say how many again.", pool.wanted);
    let options = ends(now).into_iter().map(|(at, words)| {
        let value = at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        view! { <option value=value>{format!("{words}: until {} {}", now.short(at), now.zone())}</option> }
    });
    let options = options.collect_view();
    let title = format!("Override {} / {}", pool.template, pool.preset);
    let wanted = pool.wanted.to_string();
    view! {
        <Dialog title close=close.clone()>
            <ActionForm action={ServerAction::<OverridePool>::new()}>
                <div class="dialog-body">
                    <p>{after}</p>
                    {holding.map(|words| view! { <p>{words}</p> })}
                    <FormError error=error.clone() fields=&["instances", "at", "reason"]/>
                    <Place view/>
                    <Field
                        name="instances" label="Wanted" kind="number" value=wanted autofocus=true
                        error=error.clone()
                    />
                    <div class="field">
                        <label for="until">"Until"</label>
                        <select class="select" id="until" name="until">{options}</select>
                    </div>
                    <Field
                        name="at" label="Or until a time of your own" kind="datetime-local" required=false
                        hint=format!("In {}, at most 30 days from now.", now.zone()) error=until_at(error.clone())
                    />
                    <Field
                        name="reason" label="Why" hint="Shown to everybody, with your name." error
                    />
                </div>
                <Foot close=close act="Override" doing="Overriding…"/>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}

/// What the server finds wrong with the end is told at the field that can be typed into.
fn until_at(error: Option<AppError>) -> Option<AppError> {
    match error {
        Some(AppError::Invalid { field, detail }) if field == "until" => {
            Some(AppError::Invalid { field: "at".to_owned(), detail })
        }
        other => other,
    }
}

#[component]
pub fn InvalidateDialog(view: PresetView) -> impl IntoView {
    let error = refusal::<InvalidatePool>();
    let pool = &view.pool;
    let close = address::preset(&pool.template, &pool.preset);
    let title = format!("Replace all members of {} / {}", pool.template, pool.preset);
    let what = format!(
        "{} made so far can be claimed no more; each is deleted and another one is built.",
        counted(pool.running, "workspace")
    );
    view! {
        <Dialog title close=close.clone()>
            <ActionForm action={ServerAction::<InvalidatePool>::new()}>
                <div class="dialog-body">
                    <p>{what} " Until the first is built, a claim waits for a build from nothing."</p>
                    <FormError error/>
                    <Place view/>
                </div>
                <Foot close=close act="Replace all members" doing="Replacing…" weight=Weight::Destructive/>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}

/// `chosen` are ids as they came with the address.
#[component]
pub fn DeleteMembersDialog(view: PresetView, chosen: Vec<String>) -> impl IntoView {
    let error = refusal::<DeleteMembers>();
    let close = address::preset(&view.pool.template, &view.pool.preset);
    let rows: Vec<&WorkspaceRow> =
        view.members.iter().filter(|row| chosen.contains(&row.id.to_string())).collect();
    let ids = rows.iter().map(|row| row.id.to_string()).collect::<Vec<_>>().join(",");
    let count = counted(u32::try_from(rows.len()).unwrap_or(u32::MAX), "workspace");
    let names = rows.iter().map(|row| view! { <li>{row.name.clone()}</li> }).collect_view();
    let any = !rows.is_empty();
    let (act, doing) = (format!("Delete {count}"), "Deleting…");
    view! {
        <Dialog title="Delete members" close=close.clone()>
            <ActionForm action={ServerAction::<DeleteMembers>::new()}>
                <div class="dialog-body">
                    {if any {
                        view! {
                            <p>{format!("This destroys {count} with everything inside. The reconciler builds others where they are wanted.")}</p>
                            <ul>{names}</ul>
                        }.into_any()
                    } else {
                        view! { <p>"Select members in the table first."</p> }.into_any()
                    }}
                    <FormError error/>
                    <Place view/>
                    <input type="hidden" name="members" value=ids/>
                </div>
                <div class="dialog-foot">
                    <a class="button" href=close autofocus=true>"Cancel"</a>
                    {any.then(|| view! {
                        <button class="button" data-kind="danger" data-doing=doing>{act}</button>
                    })}
                </div>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}
