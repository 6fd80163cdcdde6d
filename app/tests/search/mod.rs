//! The search as a page, as the list of the palette, and what is told with a way to undo it.

use axum::http::StatusCode;
use pretty_assertions::assert_eq;

use crate::support::browser::Browser;

/// The page without the palette, and the palette.
fn halves(html: &str) -> (String, String) {
    let (page, palette) = html.split_once(r#"id="palette""#).unwrap();
    (page.to_owned(), palette.to_owned())
}

#[tokio::test]
async fn every_page_has_a_search_that_needs_no_script() {
    for session in ["owner", "member"] {
        let browser = Browser::of(session);
        for path in ["/", "/workspaces", "/presets/web/large", "/help"] {
            let html = browser.page(path).await;
            assert!(html.contains(r#"action="/search" method="get""#), "{path}");
            assert!(html.contains(r#"data-palette="" href="/search""#), "{path}");
        }
        let html = browser.page("/search").await;
        assert_eq!(halves(&html).0.matches(r#"type="search""#).count(), 1, "one field");
    }
}

#[tokio::test]
async fn what_is_found_is_linked_in_groups_and_offered_by_the_palette() {
    let html = Browser::of("owner").page("/search?q=web").await;
    let (page, palette) = halves(&html);
    for text in [
        r#"href="/templates/web""#,
        r#"href="/presets/web/large""#,
        "Backing off",
        "1 of 4 ready",
        "There are more.",
        r#"href="/workspaces?owner=weber""#,
        r#"href="/presets/web/large?dialog=claim""#,
        "Claim from web / large",
        r#"href="/presets/web/large?dialog=pause""#,
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(palette.contains(r#"role="listbox""#) && palette.contains(r#"aria-label="Presets""#));
    assert!(palette.contains("Backing off · 1 of 4 ready"));
    assert_eq!(palette.matches(r#"aria-selected="true""#).count(), 1);
    assert!(palette.matches(r#"role="option""#).count() > 5);
}

#[tokio::test]
async fn pages_are_found_by_what_they_are_about_and_only_those_that_one_may_see() {
    let page = async |session, q: &str| {
        let path = if q.is_empty() { "/search".to_owned() } else { format!("/search?q={q}") };
        halves(&Browser::of(session).page(&path).await).0
    };
    assert!(page("owner", "token").await.contains("Settings › Tokens"));
    assert!(page("member", "dark").await.contains("Settings › Preferences"));
    assert!(page("owner", "reconciler").await.contains(r#"href="/settings/reconciler""#));
    assert!(!page("member", "reconciler").await.contains(r#"href="/settings/reconciler""#));
    assert!(!page("member", "").await.contains("dialog=pause-all"));
    assert!(page("owner", "").await.contains("dialog=pause-all"), "without a word there are all pages");
}

#[tokio::test]
async fn an_unknown_word_is_said_to_match_nothing_and_is_no_markup() {
    let html = Browser::of("owner").page("/search?q=%3C%2Ftitle%3E%3Cb%3Exyz").await;
    let words = "Nothing matches “&lt;/title&gt;&lt;b&gt;xyz”";
    assert_eq!(html.matches(words).count(), 3, "page, palette, and spoken");
    assert!(html.contains("<title>(3) &lt;/title>&lt;b>xyz · Search · Hearth</title>"), "{html}");
    assert!(html.contains("Try fewer words or letters."));
}

#[tokio::test]
async fn an_act_that_can_be_undone_offers_it_where_it_is_told() {
    let browser = Browser::of("owner");
    let undo =
        |html: String| html.split("Undo").next().filter(|_| html.contains(">Undo<")).map(str::to_owned);
    let html = undo(browser.page("/presets/legacy/java8?done=paused").await).expect("it is paused");
    assert!(html.contains(r#"action="/act/resume-pool""#), "{html}");
    assert!(undo(browser.page("/presets/web/large?done=paused").await).is_none(), "it is not paused");
    assert!(undo(Browser::of("member").page("/presets/legacy/java8?done=paused").await).is_none());

    let form = "id=7&back=%2Finbox%3Fstatus%3Dall";
    let (status, location, _) = browser.post("/inbox", "/act/mark-read", form).await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/inbox?status=all&done=read&read=7"));
    let html = undo(browser.page(&location).await).unwrap();
    assert!(html.contains(r#"name="unread" value="true""#) && html.contains(r#"value="/inbox?status=all""#));
    let (_, location, _) = browser.post("/inbox", "/act/mark-read", &format!("{form}&unread=true")).await;
    assert_eq!(location, "/inbox?status=all");
}

#[tokio::test]
async fn an_acknowledgement_is_taken_back_by_a_form() {
    let browser = Browser::of("owner");
    let cause = "0198b000-0000-7000-8000-000000000004";
    let page = format!("/drift/{cause}");
    let told = browser.page(&format!("{page}?done=acknowledged")).await;
    assert!(told.contains(r#"action="/act/unacknowledge""#) && told.contains(">Undo<"));
    assert!(!browser.page(&page).await.contains("/act/unacknowledge"));
    let (status, location, _) = browser.post(&page, "/act/unacknowledge", &format!("cause={cause}")).await;
    assert_eq!((status, location), (StatusCode::SEE_OTHER, format!("{page}?done=unacknowledged")));
    assert_eq!(browser.acts(), [format!("unacknowledge {cause}")]);
}

#[tokio::test]
async fn a_filter_is_kept_by_a_form_and_applied_by_a_chip() {
    let browser = Browser::of("owner");
    let html = browser.page("/workspaces").await;
    assert!(html.contains(r#"href="/workspaces?state=failed" class="chip">Broken"#), "{html}");
    assert!(!html.contains("Save this filter"), "nothing to keep");
    assert!(
        !browser.page("/workspaces?state=failed").await.contains("Save this filter"),
        "it is kept already"
    );
    let from = "/workspaces?q=blue&state=ready";
    assert!(browser.page(from).await.contains("Save this filter"));
    let parts = "filter%5Bowner%5D=&filter%5Bq%5D=blue&filter%5Bpreset%5D=&filter%5Bstate%5D=ready";
    let (status, location, _) = browser.post(from, "/act/save-filter", &format!("name=Blue&{parts}")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(location, "/workspaces?q=blue&state=ready&done=filter_saved");
    let html = browser.refused(from, "/act/save-filter", &format!("name=taken&{parts}")).await;
    assert!(html.contains(r#"id="name-error""#) && html.contains("You have a filter of this name already."));
    let form = "id=1&back=%2Fworkspaces%3Fq%3Dblue";
    let (_, location, _) = browser.post(from, "/act/remove-filter", form).await;
    assert_eq!(location, "/workspaces?q=blue&done=filter_removed");
    let acts = browser.acts();
    assert!(acts[0].contains(r#"q: "blue""#) && acts[0].ends_with("as Blue"), "{acts:?}");
    assert_eq!(acts[1..], ["remove filter 1"]);
}

#[tokio::test]
async fn a_session_that_ends_soon_says_so_and_is_extended_by_a_form() {
    let browser = Browser::of("owner; ends=soon");
    let html = browser.page("/drift").await;
    assert!(html.contains("Your session ends") && html.contains("in 1 min"), "{html}");
    assert!(!Browser::of("owner").page("/drift").await.contains("Your session ends"));
    let (status, _, cookie) = browser.post("/drift", "/act/extend-session", "").await;
    assert_eq!(status, StatusCode::FOUND, "back to the page");
    assert!(cookie.unwrap().starts_with("session=token;"));
    assert_eq!(browser.acts(), ["extend token"]);
}
