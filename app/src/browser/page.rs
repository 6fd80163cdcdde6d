//! Fetching a page and putting it on screen.

use std::{cell::Cell, time::Duration};

use leptos::{
    prelude::{document, request_animation_frame, set_timeout, window},
    task::spawn_local,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, DomParser, Element, HtmlElement, Request, RequestInit, Response, ScrollIntoViewOptions,
    SupportedType, Url,
};

use super::{acts, clock, morph, order, picks, place, toasts};

/// What only the page that an act led to had to know.
const SPENT: [&str; 5] = ["__path", "__err", "done", "read", "told"];

/// Which act was refused, and why; the form of the act shows it.
const REFUSAL: [&str; 2] = ["__path", "__err"];

thread_local! {
    /// What a page that is fetched again has to show again, until the person orders something else.
    static REFUSED: Cell<Option<[String; 2]>> = const { Cell::new(None) };
    /// How often the person has ordered something; what answers anything older is not shown.
    static ORDERS: Cell<u32> = const { Cell::new(0) };
    /// How many orders are under way; the page is not refreshed meanwhile.
    static BUSY: Cell<u32> = const { Cell::new(0) };
    /// A refresh is under way, and whether another one is wanted after it.
    static REFRESHING: Cell<Option<bool>> = const { Cell::new(None) };
    /// Something has changed that nobody sees, as the tab is hidden.
    static STALE: Cell<bool> = const { Cell::new(false) };
}

/// Why a form was not dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    Unreached,
    /// The session has ended.
    LoggedOut,
}

impl From<JsValue> for Lost {
    fn from(_: JsValue) -> Self {
        Self::Unreached
    }
}

/// A field of an act that somebody is at, or was.
const TYPED: &str = "form[method=post] :is(:user-valid, :user-invalid, input:focus, textarea:focus)";

/// Until then a page has said what it has to say of itself.
const SPOKEN: Duration = Duration::from_millis(200);

/// A log that goes to its end as lines come.
const FOLLOWED: &str = "[role=log][data-follow]";

/// What becomes of the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// The way back leads to what is on screen now.
    Pushed,
    /// It stays, or what was on screen was only a step to this.
    Replaced,
}

/// The script has come alive on a page that has just been loaded.
pub fn arrived() {
    clock::set();
    acts::hold_back();
    picks::count();
    toasts::take(&document());
    tidy_address();
    if location_hash().is_empty() {
        all(FOLLOWED).iter().for_each(to_end);
    }
    let within = document().referrer().starts_with(&origin());
    if place::returned() {
        place::restore();
    } else if within && location_hash().is_empty() && query("[autofocus]").is_none() {
        focus_heading();
    }
}

/// These things have changed. A page says in `data-live` which of them it shows.
pub fn changed(keys: &[String]) {
    let Some(main) = query("main[data-live]") else { return };
    let shown = main.get_attribute("data-live").unwrap_or_default();
    let concerns = |key: &String| key == "*" || shown.split(' ').any(|shown| shown == key);
    if keys.iter().any(concerns) {
        refresh();
    }
}

/// Whether the page is about one job or workspace, which may be under way.
pub fn shows_work() -> bool {
    query("main:is([data-live*='job:'], [data-live*='workspace:'])").is_some()
}

/// Fetches this page again: now, after the refresh that is under way, or when somebody looks at it.
pub fn refresh() {
    if document().hidden() {
        return STALE.set(true);
    }
    if REFRESHING.get().is_some() || BUSY.get() > 0 {
        return REFRESHING.set(Some(true));
    }
    REFRESHING.set(Some(false));
    spawn_local(async {
        if let Ok(request) = Request::new_with_str(&href_with_refusal()) {
            // A server that cannot be reached shows at the indicator, and there is another refresh when it is back.
            let _ = fetch(&request, Address::Replaced, ORDERS.get()).await;
        }
        if REFRESHING.take() == Some(true) {
            refresh();
        }
    });
}

/// Somebody looks at the tab again.
pub fn seen() {
    if !document().hidden() && STALE.take() {
        refresh();
    }
}

/// Follows a link to this same path.
pub fn visit(href: String, address: Address) {
    spawn_local(async move {
        let fetched = match Request::new_with_str(&href) {
            Ok(request) => ask(&request, address).await,
            Err(error) => Err(error.into()),
        };
        if fetched.is_err() {
            let _ = window().location().assign(&href);
        }
    });
}

/// Sends a form.
///
/// # Errors
/// When the server cannot be reached, or asks to log in first.
pub async fn send(action: &str, body: &JsValue) -> Result<(), Lost> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(body);
    ask(&Request::new_with_str_and_init(action, &init)?, Address::Replaced).await
}

/// An order of the person.
async fn ask(request: &Request, address: Address) -> Result<(), Lost> {
    BUSY.set(BUSY.get() + 1);
    ORDERS.set(ORDERS.get() + 1);
    REFUSED.take();
    let done = fetch(request, address, ORDERS.get()).await;
    BUSY.set(BUSY.get() - 1);
    if BUSY.get() == 0 && REFRESHING.take() == Some(true) {
        refresh();
    }
    done
}

/// Asks for a page.
pub async fn get(request: &Request) -> Result<Response, JsValue> {
    request.headers().set("Accept", "text/html")?;
    JsFuture::from(window().fetch_with_request(request)).await?.dyn_into()
}

pub async fn text(response: &Response) -> Result<String, JsValue> {
    Ok(JsFuture::from(response.text()?).await?.as_string().unwrap_or_default())
}

pub fn parse(html: &str) -> Option<Document> {
    DomParser::new().ok()?.parse_from_string(html, SupportedType::TextHtml).ok()
}

async fn fetch(request: &Request, address: Address, order: u32) -> Result<(), Lost> {
    let response = get(request).await?;
    let url = Url::new(&response.url())?;
    // The address of a response has lost its fragment.
    url.set_hash(&Url::new(&request.url())?.hash());
    let is_form = request.method() == "POST";
    // An answer to a form that was not sent on stands for the page that it was sent from.
    let answer = is_form && !response.redirected();
    let elsewhere = !answer && url.pathname() != window().location().pathname()?;
    if is_form && elsewhere && url.pathname() == "/login" && url.search_params().has("next") {
        return Err(Lost::LoggedOut);
    }
    let is_page = response.headers().get("Content-Type")?.unwrap_or_default().starts_with("text/html");
    let new = if is_page { parse(&text(&response).await?) } else { None };
    if order != ORDERS.get() {
        refresh();
        return Ok(());
    }
    // The page that a form has led to is here already; it fits in this document if both have a header.
    let fits = |new: &Document| !elsewhere || (is_form && has_header(new) && has_header(&document()));
    let Some(new) = new.filter(fits) else {
        // Nobody loses what they type because the session has ended: they are told when they send it.
        if BUSY.get() > 0 || query(TYPED).is_none() {
            window().location().assign(&url.href())?;
        }
        return Ok(());
    };
    let address = if elsewhere { Address::Pushed } else { address };
    if !answer && url.href() != href() {
        let history = window().history()?;
        match address {
            Address::Pushed => history.push_state_with_url(&JsValue::NULL, "", Some(&url.href()))?,
            Address::Replaced => history.replace_state_with_url(&JsValue::NULL, "", Some(&url.href()))?,
        }
    }
    if elsewhere {
        turn_to(&new);
    } else {
        show(&new);
    }
    // Whoever has sent a form that was refused goes on at the field to blame, and hears why.
    if let Some(field) = query("[aria-invalid=true]").filter(|_| is_form) {
        let _ = field.focus();
    } else if let Some(reason) = query("[data-refused]").filter(|_| is_form) {
        speak(&reason);
    }
    if address == Address::Pushed && url.hash().len() > 1 {
        // Not only shown, but marked as what the address points at.
        let _ = window().location().replace(&url.hash());
    }
    Ok(())
}

/// Puts another page on screen, of which nothing was there before.
fn turn_to(new: &Document) {
    OPENER.take();
    query("main").inspect(|main| main.set_inner_html(""));
    show(new);
    window().scroll_to_with_x_and_y(0.0, 0.0);
    focus_heading();
}

fn has_header(page: &Document) -> bool {
    page.query_selector("header leptos-island").is_ok_and(|island| island.is_some())
}

/// Puts a whole page on screen, with the focus where the person expects it.
fn show(new: &Document) {
    let opener = focused();
    let had_dialog = query(".scrim").is_some();
    let hidden = query(".scrim[hidden]").is_some();
    order::keep(new);
    toasts::take(new);
    document().set_title(&new.title());
    let roots = |document: &Document| (document.document_element(), document.body());
    let ((Some(root), Some(body)), (Some(new_root), Some(new_body))) = (roots(&document()), roots(new))
    else {
        return;
    };
    for name in ["data-theme", "data-keys", "data-density"] {
        let _ = root.set_attribute(name, &new_root.get_attribute(name).unwrap_or_default());
    }
    follow_logs(|| morph::morph(&body, &new_body));
    clock::set();
    acts::hold_back();
    picks::count();
    tidy_address();
    // Toasts are no part of what the server draws as out of reach.
    if let Some(toasts) = query("#toasts") {
        let _ = toasts.toggle_attribute_with_force("inert", query(".scrim").is_some());
    }
    match (had_dialog, query(".scrim").is_some()) {
        (false, true) => {
            OPENER.set(opener);
            focus_dialog();
        }
        (true, true) if hidden => focus_dialog(),
        (true, false) => {
            let opener = OPENER.take().filter(|opener| opener.is_connected());
            // After the page has stopped being inert.
            request_animation_frame(move || match opener {
                Some(opener) => {
                    let _ = opener.focus();
                }
                None => focus_heading(),
            });
        }
        _ => {}
    }
}

fn focus_dialog() {
    query(".scrim [autofocus]").inspect(|first| drop(first.focus()));
}

thread_local! {
    /// What had the focus before a dialog came.
    static OPENER: Cell<Option<HtmlElement>> = const { Cell::new(None) };
}

/// A log that is followed stays at its end while lines are added, until somebody scrolls away from there.
fn follow_logs(change: impl FnOnce()) {
    let away = |log: &Element| log.scroll_height() - log.scroll_top() - log.client_height() > 8;
    let left: Vec<_> = all(FOLLOWED).into_iter().filter(away).collect();
    change();
    all(FOLLOWED).iter().filter(|log| !left.contains(log)).for_each(to_end);
}

fn to_end(log: &Element) {
    log.set_scroll_top(log.scroll_height());
}

/// The address, with what the page shows of a refused act.
fn href_with_refusal() -> String {
    let (refused, url) = (REFUSED.take(), Url::new(&href()));
    REFUSED.set(refused.clone());
    let (Some(refused), Ok(url)) = (refused, url) else { return href() };
    for (key, value) in REFUSAL.into_iter().zip(&refused) {
        url.search_params().set(key, value);
    }
    url.href()
}

/// Takes what is spent out of the address, so that a reload or a bookmark does not repeat it.
fn tidy_address() {
    let Ok(url) = Url::new(&href()) else { return };
    let query = url.search_params();
    if SPENT.iter().any(|key| query.has(key)) {
        let refusal = REFUSAL.map(|key| query.get(key));
        REFUSED.set(match refusal {
            [Some(act), Some(why)] => Some([act, why]),
            _ => None,
        });
        SPENT.iter().for_each(|key| query.delete(key));
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&url.href()));
        }
    }
}

/// A screen reader starts at the heading.
fn focus_heading() {
    if let Some(heading) = query("h1[tabindex]") {
        let _ = heading.focus();
        scroll_near(&heading);
    }
}

/// Has the sentence of a notice spoken, which is not the page's own state. A moment later, because the page that has just
/// come speaks its state at the same place.
pub fn speak(notice: &Element) {
    let within = notice.query_selector("p").ok().flatten();
    let sentence = within.as_ref().unwrap_or(notice).text_content();
    let said = move || drop(query("#spoken").inspect(|spoken| spoken.set_text_content(sentence.as_deref())));
    set_timeout(said, SPOKEN);
}

/// Scrolls as little as is needed to see it.
pub fn scroll_near(element: &Element) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

pub fn focused() -> Option<HtmlElement> {
    document().active_element().and_then(|element| element.dyn_into().ok())
}

pub fn query(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok().flatten().and_then(|element| element.dyn_into().ok())
}

pub fn all(selector: &str) -> Vec<Element> {
    elements(document().query_selector_all(selector))
}

pub fn elements(list: Result<web_sys::NodeList, JsValue>) -> Vec<Element> {
    let list = list.ok();
    let length = list.as_ref().map_or(0, web_sys::NodeList::length);
    let at = |index| list.as_ref().and_then(|list| list.get(index)).and_then(|node| node.dyn_into().ok());
    (0..length).filter_map(at).collect()
}

pub fn href() -> String {
    window().location().href().unwrap_or_default()
}

fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

fn location_hash() -> String {
    window().location().hash().unwrap_or_default()
}
