//! A labeled field of a form, with its hint and its error.

use leptos::{
    prelude::*,
    server_fn::{ServerFn, error::ServerFnUrlError},
};

use crate::{error::AppError, typed::typed};

/// Why an act was refused, when that is how this page has come about: a refused form leads back to its page.
pub fn refusal<S>() -> Option<AppError>
where
    S: ServerFn<Error = AppError>,
{
    let error = use_context::<ServerActionError>().filter(|error| error.path() == S::PATH)?;
    Some(ServerFnUrlError::<AppError>::decode_err(error.err()))
}

/// What stands below a control, its error before its hint, and what ties them to it.
pub struct Below {
    /// The control's `aria-invalid`.
    pub invalid: Option<&'static str>,
    /// The control's `aria-describedby`.
    pub described: Option<String>,
    pub words: AnyView,
}

impl Below {
    pub fn new(name: &str, error: Option<String>, hint: Option<String>) -> Self {
        let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
        let described = match (&error, &hint) {
            (Some(_), Some(_)) => Some(format!("{error_id} {hint_id}")),
            (Some(_), None) => Some(error_id.clone()),
            (None, Some(_)) => Some(hint_id.clone()),
            (None, None) => None,
        };
        let invalid = error.is_some().then_some("true");
        let words = view! {
            {error.map(|text| view! { <p class="error" id=error_id>{text}</p> })}
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
        };
        Self { invalid, described, words: words.into_any() }
    }
}

/// A line of text.
#[component]
pub fn Field(
    name: &'static str,
    label: &'static str,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(default = "off")] autocomplete: &'static str,
    /// The id of a `datalist` of values to choose from.
    #[prop(optional)]
    list: Option<&'static str>,
    #[prop(optional)] autofocus: bool,
    #[prop(default = true)] required: bool,
    /// What has to be typed before the act can be chosen.
    #[prop(optional, into)]
    confirm: Option<String>,
    error: Option<AppError>,
) -> impl IntoView {
    let value = typed(name).filter(|_| error.is_some() && kind != "password").unwrap_or(value);
    let own = error.filter(|error| error.field() == Some(name)).map(|error| error.to_string());
    let below = Below::new(name, own, hint);
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <div class="with-button">
                <input
                    class="input"
                    id=name
                    name=name
                    type=kind
                    value=value
                    list=list
                    autocomplete=autocomplete
                    // Without scripts a refused form is taken up again here.
                    autofocus=autofocus || below.invalid.is_some()
                    required=required
                    data-confirm=confirm
                    spellcheck="false"
                    autocapitalize="none"
                    aria-invalid=below.invalid
                    aria-describedby=below.described
                />
                {(kind == "password").then(|| view! {
                    <button class="button" type="button" data-reveal=name aria-pressed="false">"Show"</button>
                })}
            </div>
            {below.words}
        </div>
    }
    .into_any()
}

/// What no field is to blame for, above the fields.
#[component]
pub fn FormError(
    error: Option<AppError>,
    /// The fields that show their own errors.
    #[prop(default = &[])]
    fields: &'static [&'static str],
) -> impl IntoView {
    error
        .filter(|error| !error.field().is_some_and(|field| fields.contains(&field)))
        .map(|error| view! { <p class="error" role="alert">{error.to_string()}</p> })
}

/// The primary button of a form, which says what it is doing while it does it.
#[component]
pub fn Submit(label: &'static str, doing: &'static str) -> impl IntoView {
    view! { <button class="button" data-kind="primary" data-doing=doing>{label}</button> }
}
