//! What people see who may not read pools.

use axum::http::StatusCode;
use pretty_assertions::assert_eq;

use crate::support::browser::Browser;

#[tokio::test]
async fn a_member_sees_no_pool_controls_and_may_not_use_them() {
    let browser = Browser::of("member");
    let html = browser.page("/").await;
    assert!(!html.contains("Pause all prebuilds") && !html.contains("href=\"/drift\""));
    assert_eq!(browser.get("/drift").await.0, StatusCode::FORBIDDEN);
    assert!(!browser.page("/?dialog=pause-all").await.contains("Type “pause all”"));
    let html = browser.refused("/presets/web/large", "/act/resume-pool", "template=web&preset=large").await;
    assert!(html.contains("Only template admins can pause prebuilds. Ask maria."));
}

#[tokio::test]
async fn a_member_is_shown_how_many_there_are_and_no_figure_that_is_not_known() {
    let browser = Browser::of("member");
    let overview = browser.page("/").await.replace("<!>", "");
    assert!(overview.contains("Ready now") && overview.contains("of 50 wanted"));
    for text in [
        "5 builds failed in a row, so creation stopped.</b>",
        "<td role=\"cell\" colspan=\"4\">Ready ones can still be claimed.",
    ] {
        assert!(overview.contains(text), "{text}");
    }
    for page in [overview, browser.page("/?sort=claims").await, browser.page("/presets/legacy/java8").await] {
        for text in ["Claims today", "From the pool", "from the pool in", "Not rehearsed", "Today"] {
            assert!(!page.contains(text), "{text}");
        }
        assert!(!page.contains("<b></b>"), "no empty sentence");
    }
    let admin = Browser::of("owner").page("/").await;
    assert!(admin.contains("Claims today") && admin.contains("Not rehearsed"));
}
