//! What every page has around its content: header, navigation, notices.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_params_map, use_query_map};

use crate::{
    browser::live::LiveIndicator,
    component::{
        failure::Failure,
        flash::{Flash, Told},
        nav::{Brand, Nav, Place},
        notice::{Notices, SessionNotice},
        palette::Palette,
        theme::ThemeSwitch,
    },
    error::AppError,
    icon::Icon,
    page::login::Logout,
    time::{Now, Style, Time},
    view::{
        ActivityView, CausePageView, DriftView, Frame, InboxView, OverviewView, PeopleView, PreferencesView,
        PresetView, ReconcilerView, SearchView, SimulateView, TemplateView, TemplatesView, TokensView,
        UploadView, VersionView, WorkspaceView, WorkspacesView,
    },
    zone,
};

/// Data of a page, with what belongs around it.
pub trait Framed: Send + 'static {
    fn frame(&self) -> &Frame;
}

macro_rules! framed {
    ($($view:ty),+) => {$(
        impl Framed for $view {
            fn frame(&self) -> &Frame {
                &self.frame
            }
        }
    )+};
}

framed!(
    OverviewView,
    PresetView,
    SimulateView,
    WorkspacesView,
    WorkspaceView,
    DriftView,
    CausePageView,
    ActivityView,
    InboxView,
    SearchView,
    ReconcilerView,
    PeopleView,
    TokensView,
    PreferencesView,
    TemplatesView,
    TemplateView,
    VersionView,
    UploadView
);

impl Framed for Frame {
    fn frame(&self) -> &Frame {
        self
    }
}

/// What a page draws from its data.
pub struct Screen {
    title: String,
    main: AnyView,
    /// What it shows, by the names that the event stream tells changes by.
    live: String,
    /// Lies over everything else, which is out of reach then.
    dialog: Option<AnyView>,
    /// With what it offers; else it is empty.
    palette: Option<AnyView>,
    told: Told,
    /// The state in a few words; spoken when it changes.
    announce: String,
}

impl Screen {
    pub fn new(title: impl Into<String>, main: impl IntoAny) -> Self {
        Self {
            title: title.into(),
            main: main.into_any(),
            live: String::new(),
            dialog: None,
            palette: None,
            told: Told::default(),
            announce: String::new(),
        }
    }

    /// The page is fetched again whenever one of these things changes.
    pub fn live<'a>(mut self, keys: impl IntoIterator<Item = &'a str>) -> Self {
        self.live = Vec::from_iter(keys).join(" ");
        self
    }

    pub fn announcing(mut self, state: impl Into<String>) -> Self {
        self.announce = state.into();
        self
    }

    pub fn with_dialog(mut self, dialog: Option<AnyView>) -> Self {
        self.dialog = dialog;
        self
    }

    pub fn with_palette(mut self, palette: AnyView) -> Self {
        self.palette = Some(palette);
        self
    }

    /// What is told of the act that has led here.
    pub fn telling(mut self, told: Told) -> Self {
        self.told = told;
        self
    }
}

/// A part of the address's query; empty where it is absent.
pub fn query(key: &str) -> String {
    use_query_map().with_untracked(|query| query.get_str(key).unwrap_or_default().to_owned())
}

/// A part of the address's path.
pub fn parameter(name: &str) -> String {
    use_params_map().with_untracked(|parameters| parameters.get(name).unwrap_or_default())
}

/// A page: waits for its data and draws it.
#[component]
pub fn Page<T, L, F>(
    /// Reads the data.
    load: L,
    #[prop(optional)] place: Option<Place>,
    draw: F,
) -> impl IntoView
where
    T: Framed,
    L: Future<Output = Result<T, AppError>> + Send + 'static,
    F: FnOnce(T, Now) -> Screen + Send + 'static,
{
    view! {
        <Suspense>
            {Suspend::new(async move {
                match load.await {
                    Ok(view) => {
                        let frame = view.frame().clone();
                        let now = Now::new(frame.now, zone::current());
                        view! { <Around frame place screen=draw(view, now) now/> }.into_any()
                    }
                    Err(error) => view! { <Failure error=crate::caller::refused(error)/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

#[component]
fn Around(frame: Frame, place: Option<Place>, screen: Screen, now: Now) -> impl IntoView {
    let Screen { title, main, live, dialog, palette, told, announce } = screen;
    let inert = dialog.is_some();
    // The count of unread notifications stands on every page.
    let live = format!("{live} inbox");
    let palette = palette.unwrap_or_else(|| view! { <Palette groups=Vec::new() nothing=None/> }.into_any());
    let title = match frame.unread {
        0 => title,
        unread => format!("({unread}) {title}"),
    };
    view! {
        <Title text=title/>
        <a class="skip" href="#main" inert=inert>"Skip to content"</a>
        <Header username=frame.username.clone() reads_pools=frame.reads_pools now inert/>
        <Nav frame=frame.clone() place now inert/>
        <main class="main" id="main" inert=inert data-live=live data-now=now.get().timestamp_millis()>
            <SessionNotice now/>
            <Notices frame now/>
            <Flash told/>
            {main}
        </main>
        {dialog}
        {palette}
        <div class="toasts" id="toasts" data-kept=""></div>
        // The one place that is spoken when it changes: not in what a dialog puts out of reach.
        <p class="sr-only" id="spoken" role="status">{announce}</p>
    }
    .into_any()
}

#[component]
fn Header(username: String, reads_pools: bool, now: Now, inert: bool) -> impl IntoView {
    view! {
        <header class="header" inert=inert>
            <Brand/>
            <HeaderSearch/>
            <div class="header-end">
                <a class="button" data-kind="plain" data-palette="" href="/search" title="Search and go to (Ctrl K)">
                    <Icon href="#i-search"/><kbd>"Ctrl K"</kbd><span class="sr-only">"Search and go to"</span>
                </a>
                <span class="pulse"><LiveIndicator/><Time at=now.get() now style=Style::Clock/></span>
                <ThemeSwitch/>
                <Account username reads_pools/>
            </div>
        </header>
    }
    .into_any()
}

/// The page of the search has a field of its own.
#[component]
fn HeaderSearch() -> impl IntoView {
    (use_location().pathname.get_untracked() != "/search").then(|| {
        view! {
            <form class="search" role="search" action="/search" method="get">
                <input
                    class="input"
                    name="q"
                    type="search"
                    aria-label="Search"
                    placeholder="Search templates, presets, workspaces"
                    autocomplete="off"
                />
                <kbd aria-hidden="true">"/"</kbd>
            </form>
        }
    })
}

/// Who is logged in, and the way out.
#[component]
fn Account(username: String, reads_pools: bool) -> impl IntoView {
    let initial = username.chars().next().unwrap_or('?').to_string();
    view! {
        <details class="account">
            <summary class="button" data-kind="plain">
                <span class="avatar" aria-hidden="true">{initial}</span>
                <span class="user-name">{username.clone()}</span>
                <span class="sr-only">"Account"</span>
            </summary>
            <div class="menu">
                <p class="muted">"Logged in as " <b>{username}</b></p>
                {reads_pools.then(|| view! { <a href="/activity" data-shortcut="g a">"Activity"</a> })}
                <a href="/settings">"Settings"</a>
                <a href="/help">"Help"</a>
                <a href="/help/keyboard" data-shortcut="?">"Keyboard"</a>
                <ActionForm action={ServerAction::<Logout>::new()}>
                    <button class="button">"Log out"</button>
                </ActionForm>
            </div>
        </details>
    }
    .into_any()
}
