//! What every page has around its content: header, navigation, notices, and what shows while or instead of loading.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_query_map};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::{
    address::Query,
    component::{
        failure::Failure,
        flash::Flash,
        live::{Live, LiveIndicator},
        nav::{Brand, Nav, Place},
        notice::PausedNotice,
        theme::{ThemeState, ThemeSwitch},
        time::Now,
    },
    error::AppError,
    page::{login::Logout, overview::ResumeAll},
    view::{DriftView, Frame, OverviewView, PresetView, WorkspaceView, WorkspacesView},
};

/// Data of a page, with what belongs around it.
pub trait Framed: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
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

framed!(OverviewView, PresetView, WorkspacesView, WorkspaceView, DriftView);

/// A page's one resource.
pub type Loaded<T> = Resource<Result<T, AppError>>;

/// What a page draws from its data.
pub struct Screen {
    pub title: String,
    pub main: AnyView,
    /// Lies over everything while `open`.
    pub dialog: AnyView,
    /// Whether the rest is out of reach because a dialog is open.
    pub open: Signal<bool>,
    /// The state in a few words; spoken when it changes.
    pub announce: String,
}

impl Screen {
    pub fn new(title: impl Into<String>, main: impl IntoAny) -> Self {
        Self {
            title: title.into(),
            main: main.into_any(),
            dialog: ().into_any(),
            open: Signal::from(false),
            announce: String::new(),
        }
    }

    pub fn announcing(mut self, state: impl Into<String>) -> Self {
        self.announce = state.into();
        self
    }

    pub fn with_dialog(mut self, open: Signal<bool>, dialog: impl IntoAny) -> Self {
        self.open = open;
        self.dialog = dialog.into_any();
        self
    }
}

/// Reads a page's data again when an act is done.
pub fn read_again_after<T, S>(action: ServerAction<S>, data: Loaded<T>)
where
    T: Framed,
    S: ServerFn + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
    S::Error: Send + Sync + 'static,
{
    Effect::new(move || {
        if action.version().get() > 0 {
            data.refetch();
        }
    });
}

/// The name of the dialog that the address asks for.
pub fn use_dialog() -> Memo<String> {
    let query = use_query_map();
    Memo::new(move |_| query.read().get_str("dialog").unwrap_or_default().to_owned())
}

/// A page: waits for its data, draws it, keeps the old picture while it reads anew.
#[component]
pub fn Page<T, F>(data: Loaded<T>, place: Option<Place>, draw: F) -> impl IntoView
where
    T: Framed,
    F: Fn(T, Now) -> Screen + Copy + Send + Sync + 'static,
{
    let (pending, set_pending) = signal(false);
    let acts = Acts { logout: ServerAction::new(), resume: ServerAction::new() };
    read_again_after(acts.resume, data);
    let (live, tick, moved) = (expect_context(), expect_context(), expect_context());
    view! {
        <Transition fallback=move || view! { <Skeleton place/> } set_pending=set_pending>
            {move || Suspend::new(async move {
                match data.await {
                    Ok(view) => {
                        let frame = view.frame().clone();
                        let now = Now::starting(frame.now, tick);
                        let screen = draw(view, now);
                        arrived(live, moved);
                        view! { <Around frame place screen acts now pending/> }.into_any()
                    }
                    Err(error) => view! { <Failure error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

/// What can be ordered from every page.
#[derive(Clone, Copy)]
struct Acts {
    logout: ServerAction<Logout>,
    resume: ServerAction<ResumeAll>,
}

#[component]
fn Around(
    frame: Frame,
    place: Option<Place>,
    screen: Screen,
    acts: Acts,
    now: Now,
    pending: ReadSignal<bool>,
) -> impl IntoView {
    let Screen { title, main, dialog, open, announce } = screen;
    let theme = expect_context::<ThemeState>();
    view! {
        <Title text=title/>
        <a class="skip" href="#main">"Skip to content"</a>
        <header class="header" inert=open>
            <Brand/>
            <div class="header-end">
                <LiveIndicator now/>
                <ThemeSwitch theme/>
                <Account username=frame.username.clone() logout=acts.logout/>
            </div>
        </header>
        <Nav frame=frame.clone() place now inert=open/>
        <main class="main" id="main" inert=open aria-busy=move || pending.get().to_string()>
            <PausedNotice frame now resume=acts.resume/>
            <Flash/>
            <p class="sr-only" role="status">{announce}</p>
            {main}
        </main>
        {dialog}
    }
    .into_any()
}

/// In the browser, once a page is drawn: hears of changes, and after a move inside the app the heading gets the
/// focus, so that a screen reader starts there.
fn arrived(live: Live, Moved(moved): Moved) {
    if cfg!(feature = "ssr") {
        return;
    }
    live.connect();
    if moved.get_untracked() {
        moved.set(false);
        request_animation_frame(|| {
            if let Ok(Some(heading)) = document().query_selector("h1") {
                let _ = heading.unchecked_into::<HtmlElement>().focus();
            }
        });
    }
}

/// Who is logged in, and the way out.
#[component]
fn Account(username: String, logout: ServerAction<Logout>) -> impl IntoView {
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
                <ActionForm action=logout>
                    <button class="button">"Log out"</button>
                </ActionForm>
            </div>
        </details>
    }
    .into_any()
}

/// Whether the person has just moved to another page inside the app.
#[derive(Clone, Copy)]
pub struct Moved(pub RwSignal<bool>);

/// Watches the address; call once, inside the router.
pub fn watch_navigation() {
    let moved = RwSignal::new(false);
    provide_context(Moved(moved));
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            moved.set(true);
        }
        path
    });
    tidy_address();
}

/// Takes what only the next page had to know out of the address, so that a reload or a bookmark does not repeat it.
fn tidy_address() {
    let location = use_location();
    Effect::new(move || {
        const SPENT: [&str; 3] = ["__path", "__err", "done"];
        let query = location.query.read();
        if !SPENT.iter().any(|key| query.get_str(key).is_some()) {
            return;
        }
        let kept = query.clone().into_iter().filter(|(key, _)| !SPENT.contains(&key.as_ref()));
        let href = kept
            .fold(Query::new(location.pathname.get()), |href, (key, value)| href.with(&key, &value))
            .href();
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&history.state().unwrap_or_default(), "", Some(&href));
        }
    });
}

/// The outline of a page, shown while the next one loads after a move inside the app. Never in the first HTML.
#[component]
fn Skeleton(place: Option<Place>) -> impl IntoView {
    view! {
        <header class="header"><Brand/><div class="header-end"></div></header>
        <Nav place/>
        <main class="main skeleton" id="main" aria-busy="true">
            <div class="page-head"></div>
            <div class="panel"></div>
            <div class="panel"></div>
        </main>
    }
    .into_any()
}
