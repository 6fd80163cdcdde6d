//! Lists: filters, pages, and what stands where nothing is.

use axum::{
    body::Body,
    http::{Request, header},
};
use pretty_assertions::assert_eq;

use crate::support::browser::Browser;

#[tokio::test]
async fn the_overview_draws_the_last_day_with_its_words_and_leads_to_the_next_page() {
    let html = Browser::of("owner").page("/?page=1&sort=name&q=a").await;
    assert!(
        html.contains("<title>Fewer were ready than wanted from 23 Nov, 21:19 to 11:04 UTC.</title>"),
        "{html}"
    );
    assert!(html.contains(r#"href="/?q=a&amp;sort=name&amp;page=2" rel="next""#), "{html}");
    assert!(!html.contains(r#"rel="prev""#));
    assert!(!Browser::of("member").page("/").await.contains("class=\"spark\""));
}

#[tokio::test]
async fn filters_are_addresses_and_an_unknown_one_is_named() {
    let browser = Browser::of("owner");
    let html = browser.page("/?state=backing_off&sort=name").await;
    let table = &html[html.find("id=\"presets\"").unwrap()..];
    assert_eq!(table.matches("<tbody").count(), 1);
    assert!(table.contains(r#"aria-sort="ascending""#));
    for address in [
        "/?state=nonsense",
        "/presets/data/default?range=nonsense",
        "/templates/web?tab=nonsense",
        "/activity?verb=nonsense",
        "/settings/tokens?whose=nonsense",
    ] {
        let html = browser.page(address).await;
        let (_, filter) = address.split_once('?').unwrap();
        assert!(html.contains(&format!("Ignored filter <code>{filter}</code>")), "{address}");
    }
    let request = Request::get("/?q=&state=empty&template=").body(Body::empty()).unwrap();
    assert_eq!(browser.send(request).await.headers()[header::LOCATION], "/?state=empty");
}

#[tokio::test]
async fn an_empty_pool_says_what_it_waits_for_and_an_empty_list_what_was_looked_for() {
    let html = Browser::of("owner").page("/presets/docs/default").await;
    for text in ["Nothing wanted until Tue 14:00 Europe/Berlin", "Override for today"] {
        assert!(html.contains(text), "{text}");
    }
    let html = Browser::of("owner").page("/presets/ml/notebook").await;
    for text in ["The first one is being built", "Usually ready in about 2 min.", "See its log"] {
        assert!(html.contains(text), "{text}");
    }
    let html = Browser::of("owner").page("/?state=empty&q=nothing").await;
    assert!(html.contains("No preset matches state = empty, name ~ nothing."), "{html}");
    let html = Browser::of("owner").page("/activity?verb=revoke&range=1h").await;
    let html = html.replace("<!>", "");
    for text in [
        "Quiet: no change between <time",
        ">10:04</time> and <time",
        ">11:04</time>",
        r#"href="/activity?verb=revoke&amp;range=24h""#,
    ] {
        assert!(html.contains(text), "{text}");
    }
}

#[tokio::test]
async fn a_list_of_workspaces_leads_to_its_next_page_with_its_filters() {
    let html = Browser::of("owner").page("/workspaces?owner=all&q=o&after=maria%2Fmaria-old").await;
    for text in [
        r#"href="/workspaces?owner=all&amp;q=o&amp;after=prebuilds%2Fold-marten-09" rel="next""#,
        r#"<a href="/workspaces?owner=all&amp;q=o">First page</a>"#,
    ] {
        assert!(html.contains(text), "{text}");
    }
}
