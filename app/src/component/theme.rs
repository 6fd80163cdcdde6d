//! Light, dark, or as the system has it. A cookie carries the choice, so that the first HTML already wears it.

use leptos::{prelude::*, server};

use crate::{component::icon::Icon, error::AppError};

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

/// The theme of this page.
#[derive(Clone, Copy)]
pub struct ThemeState {
    theme: RwSignal<Theme>,
    set: ServerAction<SetTheme>,
}

impl ThemeState {
    /// Follows the switch. In the browser the change shows at once.
    pub fn start() -> Self {
        let theme = RwSignal::new(imp::current());
        let set = ServerAction::<SetTheme>::new();
        Effect::new(move || {
            if let Some(SetTheme { theme: name }) = set.input().get() {
                theme.set(Theme::named(&name));
                if let Some(root) = document().document_element() {
                    let _ = root.set_attribute("data-theme", &name);
                }
            }
        });
        Self { theme, set }
    }
}

/// Chooses the theme of this browser, and remembers it for the person.
#[server(prefix = "/act", endpoint = "theme")]
pub async fn set_theme(theme: String) -> Result<(), AppError> {
    use crate::caller::{backend, set_cookie, visitor};
    let name = Theme::named(&theme).name();
    set_cookie(&format!("hearth_theme={name}; Path=/; Max-Age=31536000; SameSite=Lax"));
    match visitor().actor {
        Some(actor) => backend()?.set_theme(&actor, name).await,
        None => Ok(()),
    }
}

#[component]
pub fn ThemeSwitch(theme: ThemeState) -> impl IntoView {
    let next = move || theme.theme.get().next().name();
    let label = move || format!("Theme: {}. Switch to {}", theme.theme.get().name(), next());
    view! {
        <ActionForm action=theme.set>
            <button
                class="button"
                data-kind="plain"
                data-icon=""
                name="theme"
                value=next
                aria-label=label
                title=label
            >
                <Icon href="#i-theme"/>
            </button>
        </ActionForm>
    }
}

#[cfg(feature = "ssr")]
mod imp {
    use super::Theme;

    pub fn current() -> Theme {
        crate::caller::cookie("hearth_theme").map(|name| Theme::named(&name)).unwrap_or_default()
    }
}

#[cfg(not(feature = "ssr"))]
mod imp {
    use leptos::prelude::document;

    use super::Theme;

    pub fn current() -> Theme {
        let root = document().document_element();
        root.and_then(|root| root.get_attribute("data-theme"))
            .map(|name| Theme::named(&name))
            .unwrap_or_default()
    }
}
