//! `/settings/preferences`: what a person sets for themselves.

use chrono_tz::TZ_VARIANTS;
use leptos::prelude::*;

use super::Head;
use crate::{
    caller::{caller, remember, see_other, visitor},
    component::{
        field::{Field, FormError, Submit, refusal},
        panel::Panel,
        screen::{Page, Screen},
        theme::{self, SetTheme, Theme},
    },
    copy,
    error::AppError,
    time::Now,
    view::PreferencesView,
    zone,
};

async fn load() -> Result<PreferencesView, AppError> {
    let caller = caller().await?;
    caller.backend.preferences(&caller.actor).await
}

/// Whether single keys act as shortcuts in this browser.
#[server(prefix = "/act", endpoint = "single-keys")]
pub async fn set_single_keys(on: bool) -> Result<(), AppError> {
    caller().await?;
    remember("keys", if on { "on" } else { "off" });
    see_other("/settings/preferences?done=saved");
    Ok(())
}

/// How high the rows of tables are in this browser.
#[server(prefix = "/act", endpoint = "rows")]
pub async fn set_rows(rows: String) -> Result<(), AppError> {
    caller().await?;
    remember("rows", if rows == "compact" { "compact" } else { "comfortable" });
    see_other("/settings/preferences?done=saved");
    Ok(())
}

/// The zone that pages tell times in in this browser.
#[server(prefix = "/act", endpoint = "zone")]
pub async fn set_zone(zone: String) -> Result<(), AppError> {
    caller().await?;
    let zone = zone::named(&zone).ok_or_else(|| AppError::Invalid {
        field: "zone".to_owned(),
        detail: "Must be the name of a time zone, such as Europe/Berlin or UTC.".to_owned(),
    })?;
    remember("zone", zone.name());
    see_other("/settings/preferences?done=saved");
    Ok(())
}

/// What one is told of from now on.
#[server(prefix = "/act", endpoint = "notification-kinds")]
pub async fn choose_kinds(#[server(default)] kinds: Vec<String>) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.choose_kinds(&caller.actor, &kinds).await?;
    see_other("/settings/preferences?done=saved");
    Ok(())
}

/// Changes one's own password. Every other log-in ends.
#[server(prefix = "/act", endpoint = "change-password")]
pub async fn change_password(current: String, password: String) -> Result<(), AppError> {
    let caller = caller().await?;
    let token = visitor().token.unwrap_or_default();
    caller.backend.change_password(&caller.actor, &current, &password, &token).await?;
    see_other("/settings/preferences?done=password_changed");
    Ok(())
}

#[component]
pub fn PreferencesPage() -> impl IntoView {
    view! {
        <Page load=load() draw=|view: PreferencesView, now| Screen::new("Preferences", preferences(view, now))/>
    }
}

fn preferences(view: PreferencesView, now: Now) -> AnyView {
    let PreferencesView { frame, email, role, kinds } = view;
    let username = frame.username.clone();
    view! {
        <Head frame here="/settings/preferences"/>
        <Panel id="you" title="You">
            <dl class="facts">
                <div><dt>"Username"</dt><dd>{username}</dd></div>
                <div><dt>"Email"</dt><dd>{email}</dd></div>
                <div><dt>"Role"</dt><dd>{role}</dd></div>
            </dl>
        </Panel>
        <Panel id="theme" title="Theme">
            <ActionForm action={ServerAction::<SetTheme>::new()}>
                <div class="panel-body"><div class="actions">{themes()}</div></div>
            </ActionForm>
        </Panel>
        <Panel id="rows" title="Rows of tables">
            <ActionForm action={ServerAction::<SetRows>::new()}>
                <div class="panel-body"><div class="actions">{rows()}</div></div>
            </ActionForm>
        </Panel>
        <Zone now/>
        <Kinds kinds/>
        <Keys/>
        <Password/>
    }
    .into_any()
}

fn themes() -> AnyView {
    let current = theme::current();
    let choices = [(Theme::Auto, "As the system has it"), (Theme::Light, "Light"), (Theme::Dark, "Dark")];
    let buttons =
        choices.into_iter().map(|(theme, label)| choice("theme", theme.name(), label, theme == current));
    buttons.collect_view().into_any()
}

fn rows() -> AnyView {
    let compact = crate::document::compact_rows();
    let choices = [("comfortable", "Comfortable", !compact), ("compact", "Compact", compact)];
    choices.map(|(value, label, chosen)| choice("rows", value, label, chosen)).collect_view().into_any()
}

/// One of the values of a preference.
fn choice(name: &'static str, value: &'static str, label: &'static str, chosen: bool) -> AnyView {
    let pressed = if chosen { "true" } else { "false" };
    let kind = chosen.then_some("primary");
    let wears = (name == "theme").then_some(value);
    view! {
        <button class="button" name=name value=value data-wears=wears aria-pressed=pressed data-kind=kind>{label}</button>
    }
    .into_any()
}

#[component]
fn Zone(now: Now) -> impl IntoView {
    let error = refusal::<SetZone>();
    let zones = TZ_VARIANTS.iter().map(|zone| view! { <option value=zone.name()></option> }).collect_view();
    view! {
        <Panel id="zone-h" title="Time zone">
            <ActionForm action={ServerAction::<SetZone>::new()}>
                <div class="panel-body">
                    <FormError error=error.clone() fields=&["zone"]/>
                    <Field
                        name="zone"
                        label="Times are told in"
                        value=now.zone()
                        list="zones"
                        // Some browsers offer nothing to choose from otherwise.
                        autocomplete="on"
                        hint="On your pages in this browser. Schedules keep their own zone; the API, downloads and the command line are in UTC."
                        error
                    />
                    <datalist id="zones">{zones}</datalist>
                    <div class="actions">
                        <Submit label="Use this zone" doing="Saving…"/>
                        // The script knows the zone of the browser, and offers it where it is another one.
                        <button class="button" data-offer=now.zone() hidden></button>
                    </div>
                </div>
            </ActionForm>
        </Panel>
    }
    .into_any()
}

#[component]
fn Kinds(
    /// Those that can be chosen, and whether they are.
    kinds: Vec<(String, bool)>,
) -> impl IntoView {
    let boxes = copy::KINDS.into_iter().filter_map(|(kind, _, when)| {
        let (_, chosen) = kinds.iter().find(|(known, _)| known == kind)?;
        Some(view! {
            <label class="check">
                <input type="checkbox" name="kinds[]" value=kind checked=*chosen/>
                <span>{when}</span>
            </label>
        })
    });
    let boxes = boxes.collect_view();
    view! {
        <Panel id="notifications" title="Notifications">
            <ActionForm action={ServerAction::<ChooseKinds>::new()}>
                <div class="panel-body">
                    <FormError error={refusal::<ChooseKinds>()}/>
                    <fieldset class="field">
                        <legend>"Tell me in the inbox when"</legend>
                        {boxes}
                    </fieldset>
                    <div class="actions"><Submit label="Save the notifications" doing="Saving…"/></div>
                </div>
            </ActionForm>
        </Panel>
    }
    .into_any()
}

#[component]
fn Keys() -> impl IntoView {
    let on = crate::document::single_keys();
    let (state, label) = if on { ("on", "Switch single keys off") } else { ("off", "Switch single keys on") };
    view! {
        <Panel id="keys" title="Keyboard" beside=|| view! { <a class="meta" href="/help/keyboard">"All keys"</a> }>
            <ActionForm action={ServerAction::<SetSingleKeys>::new()}>
                <div class="panel-body">
                    <p>{format!("Single keys are {state} in this browser. They never act while you type in a field.")}</p>
                    <div class="actions">
                        <button class="button" name="on" value=(!on).to_string()>{label}</button>
                    </div>
                </div>
            </ActionForm>
        </Panel>
    }
    .into_any()
}

#[component]
fn Password() -> impl IntoView {
    let error = refusal::<ChangePassword>();
    view! {
        <Panel id="password-h" title="Password">
            <ActionForm action={ServerAction::<ChangePassword>::new()}>
                <div class="panel-body">
                    <FormError error=error.clone() fields=&["current", "password"]/>
                    <Field
                        name="current"
                        label="Current password"
                        kind="password"
                        autocomplete="current-password"
                        error=error.clone()
                    />
                    <Field
                        name="password"
                        label="New password"
                        kind="password"
                        autocomplete="new-password"
                        hint="At least 8 characters. Your other log-ins end; tokens stay until you revoke them."
                        error
                    />
                    <div class="actions"><Submit label="Change the password" doing="Changing…"/></div>
                </div>
            </ActionForm>
        </Panel>
    }
    .into_any()
}
