//! A labeled field of a form, with its hint and its error.

use leptos::prelude::*;

use crate::error::AppError;

/// The error of an act, if it has one.
pub type Refusal = Signal<Option<AppError>>;

/// The error of an act as a signal.
pub fn refusal<S>(action: ServerAction<S>) -> Refusal
where
    S: leptos::server_fn::ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    Signal::derive(move || {
        action.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()))
    })
}

/// A line of text.
#[component]
pub fn Field(
    name: &'static str,
    label: &'static str,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional)] hint: Option<&'static str>,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] autofocus: bool,
    #[prop(default = true)] required: bool,
    error: Refusal,
) -> impl IntoView {
    let own = Memo::new(move |_| {
        error.get().filter(|error| error.field() == Some(name)).map(|error| error.to_string())
    });
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || match (own.read().is_some(), hint.is_some()) {
            (true, true) => Some(format!("{error_id} {hint_id}")),
            (true, false) => Some(error_id.clone()),
            (false, true) => Some(hint_id.clone()),
            (false, false) => None,
        }
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                class="input"
                id=name
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                autofocus=autofocus
                required=required
                spellcheck="false"
                autocapitalize="none"
                aria-invalid=move || own.read().is_some().then_some("true")
                aria-describedby=described
            />
            {move || own.get().map(|text| view! { <p class="error" id=error_id.clone()>{text}</p> })}
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
        </div>
    }
    .into_any()
}

/// What no field is to blame for, above the fields.
#[component]
pub fn FormError(
    error: Refusal,
    /// The fields that show their own errors.
    #[prop(default = &[])]
    fields: &'static [&'static str],
) -> impl IntoView {
    let text = move || {
        error
            .get()
            .filter(|error| !error.field().is_some_and(|field| fields.contains(&field)))
            .map(|e| e.to_string())
    };
    move || text().map(|text| view! { <p class="error" role="alert">{text}</p> })
}

/// The primary button of a form, which says what it is doing while it does it.
#[component]
pub fn Submit(label: &'static str, doing: &'static str, busy: Memo<bool>) -> impl IntoView {
    view! {
        <button class="button" data-kind="primary" aria-disabled=move || busy.get().then_some("true")>
            {move || if busy.get() { doing } else { label }}
        </button>
    }
}
