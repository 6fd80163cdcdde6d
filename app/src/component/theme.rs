//! Light, dark, or as the system has it. A cookie carries the choice, so that the first HTML already wears it.

use leptos::{prelude::*, server};

use crate::{error::AppError, icon::Icon};

/// How the pages look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    /// The value of `data-theme`; anything unknown is `Auto`.
    pub fn named(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn next(self) -> Self {
        match self {
            Self::Auto => Self::Dark,
            Self::Dark => Self::Light,
            Self::Light => Self::Auto,
        }
    }
}

/// Chooses the theme of this browser, and remembers it for the person.
#[server(prefix = "/act", endpoint = "theme")]
pub async fn set_theme(theme: String) -> Result<(), AppError> {
    use crate::caller::{backend, remember, visitor};
    let name = Theme::named(&theme).name();
    remember("theme", name);
    match visitor().actor {
        Some(actor) => backend()?.set_theme(&actor, name).await,
        None => Ok(()),
    }
}

/// The theme of this request.
pub fn current() -> Theme {
    crate::caller::cookie("hearth_theme").map(|name| Theme::named(&name)).unwrap_or_default()
}

#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let theme = current();
    let next = theme.next().name();
    let label = format!("Theme: {}. Switch to {next}", theme.name());
    view! {
        <ActionForm action={ServerAction::<SetTheme>::new()}>
            <button
                class="button"
                data-kind="plain"
                data-icon=""
                name="theme"
                value=next
                data-wears=next
                aria-label=label.clone()
                title=label
            >
                <Icon href="#i-theme"/>
            </button>
        </ActionForm>
    }
    .into_any()
}
