//! What people set for themselves: times are told in the zone that they have chosen.

use axum::http::StatusCode;
use pretty_assertions::assert_eq;

use crate::support::browser::Browser;

/// Whoever has chosen a zone five hours and 45 minutes ahead of UTC.
fn in_kathmandu() -> Browser {
    Browser::of("owner; hearth_zone=Asia/Kathmandu")
}

#[tokio::test]
async fn a_zone_is_chosen_by_its_name_and_remembered() {
    let browser = Browser::of("owner");
    let from = "/settings/preferences";
    let (status, location, cookie) = browser.post(from, "/act/zone", "zone=asia%2Fkathmandu").await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/settings/preferences?done=saved"));
    assert!(cookie.unwrap().starts_with("hearth_zone=Asia/Kathmandu; "));
    let html = in_kathmandu().page(from).await;
    for text in [r#"value="Asia/Kathmandu""#, r#"<option value="Europe/Berlin">"#, r#"<datalist id="zones">"#]
    {
        assert!(html.contains(text), "{text}");
    }
}

#[tokio::test]
async fn what_is_no_zone_is_refused_at_the_field_and_stays_typed() {
    let html =
        Browser::of("owner").refused("/settings/preferences", "/act/zone", "zone=Europe%2FBerln").await;
    for text in [
        r#"value="Europe/Berln""#,
        r#"aria-invalid="true""#,
        r#"aria-describedby="zone-error zone-hint""#,
        "Must be the name of a time zone, such as Europe/Berlin or UTC.",
    ] {
        assert!(html.contains(text), "{text}");
    }
}

#[tokio::test]
async fn every_time_of_a_page_is_one_of_the_zone_which_is_named() {
    let html = in_kathmandu().page("/presets/web/large").await;
    for text in [
        "16:49:31</time>",
        r#"title="Tue 24 Nov 2026, 16:49:31 Asia/Kathmandu""#,
        "Hours: Asia/Kathmandu.",
        "From (Asia/Kathmandu)",
        "Time (Asia/Kathmandu)",
    ] {
        assert!(html.contains(text), "{text}");
    }
    for path in ["/presets/web/large", "/", "/activity", "/workspaces?owner=all"] {
        let html = in_kathmandu().page(path).await;
        let mut titles = html.split(" title=\"").filter(|part| part.contains("data-tick"));
        assert!(titles.all(|title| title.split('"').next().unwrap().ends_with(" Asia/Kathmandu")), "{path}");
    }
    let schedule = in_kathmandu().page("/presets/docs/default").await;
    assert!(
        schedule.contains("Nothing wanted until Tue 14:00 Europe/Berlin"),
        "a schedule keeps its own zone"
    );
}

#[tokio::test]
async fn an_unknown_zone_of_a_browser_counts_as_none_chosen() {
    let html = Browser::of("owner; hearth_zone=Nowhere").page("/presets/web/large").await;
    assert!(html.contains("Tue 24 Nov 2026, 11:04:31 UTC"));
}

#[tokio::test]
async fn what_is_typed_as_the_end_of_an_override_is_a_time_of_the_zone() {
    let browser = in_kathmandu();
    let from = "/presets/web/large?dialog=scale";
    let html = browser.page(from).await;
    for text in ["In Asia/Kathmandu, at most", "end of the day: until 25 Nov, 00:00 Asia/Kathmandu"] {
        assert!(html.contains(text), "{text}");
    }
    let pool = "pool%5Btemplate%5D=web&pool%5Bpreset%5D=large&pool%5Brevision%5D=0";
    let form = format!("{pool}&instances=8&until=2026-11-24T12%3A00%3A00Z&at=2026-11-24T20%3A45&reason=x");
    browser.post(from, "/act/override-pool", &form).await;
    let acts = browser.acts().join("\n");
    assert!(acts.contains("until: 2026-11-24T15:00:00Z"), "{acts}");
}

#[tokio::test]
async fn notifications_are_chosen_in_one_form_from_those_that_one_can_get() {
    let browser = Browser::of("member");
    let html = browser.page("/settings/preferences").await;
    for (kind, checked, when) in [
        ("drift", " checked", "a claim recreates something"),
        ("token", "", "a token of yours expires soon"),
        ("claim", " checked", "a workspace of yours was not set up completely"),
    ] {
        let field = format!(r#"name="kinds[]" value="{kind}"{checked}><span>{when}"#);
        assert!(html.contains(&field), "{field}");
    }
    assert_eq!(html.matches("kinds[]").count(), 3);
    for (form, told) in [("kinds%5B%5D=token&kinds%5B%5D=claim", "told of token claim"), ("", "told of ")] {
        let (status, location, _) =
            browser.post("/settings/preferences", "/act/notification-kinds", form).await;
        assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/settings/preferences?done=saved"));
        assert_eq!(browser.acts().last().map(String::as_str), Some(told));
    }
}
