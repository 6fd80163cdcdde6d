//! What is told of the server as a whole, on every page.

use axum::http::StatusCode;
use hearth_app::view::{QueueView, SlowPass, SystemNotices};
use pretty_assertions::assert_eq;

use crate::support::{Fake, browser::Browser, now};

#[tokio::test]
async fn pausing_everything_is_shown_on_every_page_with_who_when_and_why() {
    let browser = Browser::on(Fake { paused: true, ..Fake::default() });
    for path in ["/", "/workspaces", "/drift", "/presets/web/small"] {
        let html = browser.page(path).await;
        assert!(html.contains("tom paused all prebuilds 2 h ago: “registry migration”."), "{path}");
        assert!(html.contains("Resume all"), "{path}");
    }
    let (status, location, _) = browser.post("/drift", "/act/resume-all", "").await;
    assert_eq!(status, StatusCode::FOUND);
    assert_eq!(location.trim_end_matches('?'), "http://hearth.test/drift");
    assert_eq!(browser.acts(), ["resume all"]);
}

#[tokio::test]
async fn pausing_everything_asks_for_its_name() {
    let browser = Browser::of("owner");
    let html = browser.refused("/?dialog=pause-all", "/act/pause-all", "note=why&confirm=").await;
    assert!(html.contains(r#"id="confirm-error""#));
    let (status, location, _) = browser.post("/", "/act/pause-all", "note=why&confirm=Pause+all").await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/?done=paused"));
    assert_eq!(browser.acts(), ["pause all: why"]);
}

fn wrong() -> SystemNotices {
    SystemNotices {
        stalled_since: Some(now() - chrono::TimeDelta::seconds(200)),
        slow_pass: Some(SlowPass { took_ms: 75_000, interval_ms: 60_000 }),
        queue: Some(QueueView { people: 2, prebuild_jobs: 5, pending: 3 }),
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_server_is_told_on_every_page() {
    let browser = Browser::on(Fake { notices: wrong(), ..Fake::default() });
    for path in ["/", "/workspaces", "/drift", "/presets/web/small"] {
        let html = browser.page(path).await;
        for text in [
            "The reconciler has not run for 3 min 20 s.",
            "The last pass took 1 min 15 s, longer than the 1 min between two.",
            "2 people wait for a worker behind 5 prebuild jobs.",
            "href=\"/?dialog=cancel-pending\"",
        ] {
            assert!(html.contains(text), "{path}: {text}");
        }
    }
    let member = Browser { session: "member", ..browser };
    assert!(!member.page("/").await.contains("System notices"));
    assert!(!Browser::of("owner").page("/").await.contains("System notices"));
}

#[tokio::test]
async fn the_title_of_every_page_has_the_number_of_unread_notifications() {
    let browser = Browser::of("owner");
    for (path, title) in [("/", "(3) Overview"), ("/drift", "(3) Drift"), ("/inbox", "(3) Inbox")] {
        assert!(browser.page(path).await.contains(&format!("<title>{title} · Hearth</title>")), "{path}");
    }
}

#[tokio::test]
async fn pending_prebuild_jobs_are_canceled_after_a_question_that_says_how_many() {
    let browser = Browser::on(Fake { notices: wrong(), ..Fake::default() });
    let html = browser.page("/?dialog=cancel-pending").await;
    assert!(html.contains("No worker has taken 3 prebuild jobs yet"), "{html}");
    assert!(html.contains("Cancel 3 prebuild jobs") && html.contains("makes them again within a minute"));
    let (status, location, _) = browser.post("/", "/act/cancel-pending", "").await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/?done=pending_canceled"));
    assert_eq!(browser.acts(), ["cancel pending"]);
    assert!(!Browser::of("owner").page("/?dialog=cancel-pending").await.contains("<dialog class=\"dialog\""));
}
