//! The questions of the preset page: claiming, and pausing the pool.

use hearth_prebuilds::pool_state::{DriftState, WorkspaceStage};
use leptos::prelude::*;

use crate::{
    address::{self, Query},
    caller::{caller, see_other},
    component::{
        dialog::{Dialog, Foot},
        field::{Field, FormError, refusal},
        notice::Notice,
        screen::query,
    },
    copy::Tone,
    error::AppError,
    icon::Shape,
    page::preset_values::{AskedFields, Given, belongs},
    time::{Now, duration},
    view::{ClaimOrder, ClaimOutcome, PresetView},
};

/// Hands a ready workspace to the caller, or builds one.
#[server(prefix = "/act", endpoint = "claim")]
pub async fn claim(
    template: String,
    preset: String,
    #[server(default)] name: String,
    #[server(default)] pool_only: bool,
    /// Build from nothing all the same.
    #[server(default)]
    anyway: bool,
    #[server(default)] values: Vec<Given>,
) -> Result<ClaimOutcome, AppError> {
    let caller = caller().await?;
    let order = ClaimOrder {
        template,
        preset,
        name: name.trim().to_owned(),
        pool_only: pool_only && !anyway,
        values: values.into_iter().filter_map(Given::pair).collect(),
    };
    let outcome = caller.backend.claim(&caller.actor, &order).await?;
    let done = match (outcome.from_pool, &outcome.blocked) {
        (true, _) => "claimed",
        (false, None) => "cold",
        (false, Some(_)) => "held-back",
    };
    see_other(&format!("/workspaces/{}?done={done}", outcome.workspace_id));
    Ok(outcome)
}

/// Stops creating and removing in one pool.
#[server(prefix = "/act", endpoint = "pause-pool")]
pub async fn pause_pool(template: String, preset: String, note: String) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.pause_pool(&caller.actor, &template, &preset, note.trim()).await?;
    see_other(&format!("{}?done=paused", address::preset(&template, &preset)));
    Ok(())
}

/// Shows what a claim costs before the button that does it.
#[component]
pub fn ClaimDialog(view: PresetView, now: Now) -> impl IntoView {
    let error = refusal::<Claim>();
    let pool = view.pool.clone();
    let close = address::preset(&pool.template, &pool.preset);
    let (some_ready, cold) = (pool.ready > 0, usually(&view));
    let waits = waits(&view);
    let offer = if waits { coming(&view) } else { offer(&view, now) };
    let hint = format!("If none is ready at that moment, do not build one from nothing{cold}; ask again.");
    let label = match (some_ready, waits) {
        (true, _) => "Claim a workspace",
        (false, true) => "Build from nothing",
        (false, false) => "Build a workspace",
    };
    let missed = error.as_ref().and_then(missed);
    let besides = match &error {
        Some(AppError::Missed { starting, .. }) => {
            let wait = starting.is_some_and(|count| count > 0);
            Some(view! { <Instead wait close=close.clone() cold/> }.into_any())
        }
        _ if waits => Some(view! { <a class="button" href=waiting(&close)>"Look again"</a> }.into_any()),
        _ => None,
    };
    view! {
        <Dialog title="Claim a workspace" close=close.clone()>
            <ActionForm action={ServerAction::<Claim>::new()}>
                <div class="dialog-body">
                    <p>{offer}</p>
                    <Cost view=view.clone()/>
                    <div role="alert">
                        <FormError error=error.clone().filter(|error| missed.is_none() && !belongs(error, &view.asked)) fields=&["name"]/>
                        {missed.map(|words| view! { <p class="error">{words}</p> })}
                    </div>
                    <input type="hidden" name="template" value=pool.template/>
                    <input type="hidden" name="preset" value=pool.preset/>
                    <Field
                        name="name"
                        label="Workspace name"
                        value=view.suggested_name.clone()
                        required=false
                        autofocus=true
                        hint="Lowercase letters, digits and dashes. Left empty, a name is made up."
                        error=error.clone()
                    />
                    <AskedFields asked=view.asked.clone() error/>
                    {some_ready.then(|| view! {
                        <label class="check">
                            <input type="checkbox" name="pool_only" value="true"/>
                            <span>"Only from the pool"</span>
                            <span class="hint">{hint}</span>
                        </label>
                    })}
                </div>
                <Foot close act=label doing="Claiming…" besides=move || besides/>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}

/// What a build from nothing takes, in brackets.
fn usually(view: &PresetView) -> String {
    view.pool.cold_ms.map(|ms| format!(" (about {})", duration(ms))).unwrap_or_default()
}

/// Why nothing was handed over, and what is left to do.
fn missed(error: &AppError) -> Option<String> {
    match error {
        AppError::Missed { starting: None, detail } => {
            Some(format!("{detail} One can be built from nothing."))
        }
        // Only who has seen one that was ready can have asked for no other.
        AppError::Missed { starting: Some(starting), .. } => {
            let next = match starting {
                0 => "None is starting: build one from nothing, or ask again later.".to_owned(),
                _ => format!("{starting} starting: wait for it, or build one from nothing."),
            };
            Some(format!("Somebody else took the last one a moment ago. {next}"))
        }
        _ => None,
    }
}

/// What can be done instead of a claim that has missed.
#[component]
fn Instead(wait: bool, close: String, cold: String) -> impl IntoView {
    view! {
        {wait.then(|| view! { <a class="button" href=waiting(&close)>{format!("Wait for it{cold}")}</a> })}
        <button class="button" name="anyway" value="true" data-doing="Building…">
            {format!("Build from nothing{cold}")}
        </button>
    }
}

/// The claim's question, asked again when one is ready.
fn waiting(preset: &str) -> String {
    Query::new(preset).with("dialog", "claim").with("wait", "1").href()
}

/// Somebody waits for a member that is being built.
fn waits(view: &PresetView) -> bool {
    !query("wait").is_empty() && view.pool.ready == 0 && view.pool.counts().coming() > 0
}

fn coming(view: &PresetView) -> String {
    let takes = view.pool.cold_ms.map(|ms| format!(" A build usually takes about {}.", duration(ms)));
    let count = view.pool.counts().coming();
    format!("{count} starting.{} The first that is ready is offered here.", takes.unwrap_or_default())
}

/// What one gets, and what is left in the pool.
fn offer(view: &PresetView, now: Now) -> String {
    let pool = &view.pool;
    let Some(left) = pool.ready.checked_sub(1) else {
        let cold =
            pool.cold_ms.map(|ms| format!(" It usually takes about {}.", duration(ms))).unwrap_or_default();
        return format!(
            "None is ready in {} / {}, so the workspace is built from nothing.{cold}",
            pool.template, pool.preset
        );
    };
    let first = view.members.iter().find(|row| row.stage == WorkspaceStage::Ready);
    let which = first.map_or("A workspace is ready".to_owned(), |row| {
        let made = now.relative(row.created_at);
        format!("{} is ready ({}, made {made})", row.name, row.version)
    });
    format!("{which}. It becomes yours; the pool then has {left} of {} ready.", pool.wanted)
}

/// The drift that a claim brings, or the time that it takes.
#[component]
fn Cost(view: PresetView) -> impl IntoView {
    let usual = view.claim_p50_ms.map(|ms| format!("Ready for you in about {}.", duration(ms)));
    match view.pool.drift {
        DriftState::Replaces { count, resource, attribute } => {
            let what = if count == 1 { "1 resource".to_owned() } else { format!("{count} resources") };
            view! {
                <Notice tone=Tone::Drift shape=Shape::Triangle>
                    <p>
                        <b>{format!("This claim recreates {what}.")}</b> " "
                        <code>{resource}</code> ", because of " <code>{attribute}</code> ". " {usual}
                    </p>
                </Notice>
            }
            .into_any()
        }
        DriftState::Clean { .. } | DriftState::NotRehearsed | DriftState::Unknown { .. } => usual
            .filter(|_| view.pool.ready > 0)
            .map(|usual| view! { <p class="muted">{usual}</p> })
            .into_any(),
    }
}

/// Asks why, and says what pausing means.
#[component]
pub fn PauseDialog(view: PresetView) -> impl IntoView {
    let error = refusal::<PausePool>();
    let pool = view.pool;
    let close = address::preset(&pool.template, &pool.preset);
    let kept = format!(
        "The {} of {} that are ready can still be claimed; they are not replaced.",
        pool.ready, pool.wanted,
    );
    view! {
        <Dialog title=format!("Pause {} / {}", pool.template, pool.preset) close=close.clone()>
            <ActionForm action={ServerAction::<PausePool>::new()}>
                <div class="dialog-body">
                    <p>"Until somebody resumes, nothing is created or removed in this pool. " {kept}</p>
                    <FormError error=error.clone() fields=&["note"]/>
                    <input type="hidden" name="template" value=pool.template/>
                    <input type="hidden" name="preset" value=pool.preset/>
                    <Field
                        name="note"
                        label="Why"
                        autofocus=true
                        hint="Shown to everybody, with your name and the time."
                        error
                    />
                </div>
                <Foot close=close act="Pause" doing="Pausing…" expect="paused"/>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}
