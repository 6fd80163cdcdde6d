//! What can be done about drift, and the values that a claim may give.

use axum::http::StatusCode;

use crate::support::browser::Browser;

#[tokio::test]
async fn the_policy_of_a_pool_is_shown_and_changed_by_a_form() {
    let browser = Browser::of("owner");
    let html = browser.page("/presets/mobile/ios-sim").await;
    assert!(html.contains("No member is handed over now.") && html.contains("has not been rehearsed yet."));
    assert!(html.contains("Held back: ") && html.contains("0 can be claimed"), "each member says so");
    assert!(browser.page("/presets/web/large").await.contains("Hold such members back"));
    let form = "template=web&preset=large&policy=block";
    let (status, location, _) = browser.post("/presets/web/large", "/act/set-policy", form).await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/presets/web/large?done=policy#drift"));
    assert_eq!(browser.acts(), ["policy of web/large: block"]);
    assert!(!Browser::of("member").page("/presets/web/large").await.contains("Hold such members back"));
}

#[tokio::test]
async fn a_cause_is_acknowledged_by_a_form() {
    let browser = Browser::of("owner");
    let cause = "0198b000-0000-7000-8000-000000000001";
    let page = format!("/drift/{cause}");
    assert!(browser.page(&page).await.contains(r#"action="/act/acknowledge""#));
    let (status, location, _) = browser.post(&page, "/act/acknowledge", &format!("cause={cause}")).await;
    assert_eq!((status, location), (StatusCode::SEE_OTHER, format!("{page}?done=acknowledged")));
    assert_eq!(browser.acts(), [format!("acknowledge {cause}")]);
    let known = browser.page("/drift/0198b000-0000-7000-8000-000000000004").await;
    assert!(!known.contains("/act/acknowledge"), "nobody says so twice");
}

#[tokio::test]
async fn a_cause_is_muted_by_a_form_of_the_notification_that_tells_of_it() {
    let browser = Browser::of("owner");
    assert_eq!(browser.page("/inbox?status=all").await.matches("Mute this cause for 7 days").count(), 1);
    let form = "cause=0198b000-0000-7000-8000-000000000001";
    let (status, location, _) = browser.post("/inbox", "/act/mute-cause", form).await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/inbox?done=muted"));
    assert_eq!(browser.acts(), ["mute 0198b000-0000-7000-8000-000000000001"]);
}

#[tokio::test]
async fn a_cause_has_a_page_with_its_way_its_fix_its_claims_and_its_history() {
    let browser = Browser::of("owner");
    let list = browser.page("/drift").await;
    let link = r#"href="/drift/0198b000-0000-7000-8000-000000000001""#;
    for text in ["about 2 h 10 min lost", link, "Cost", " ← the owner's name"] {
        assert!(list.contains(text), "{text}");
    }
    let html = browser.page("/drift/0198b000-0000-7000-8000-000000000001").await;
    for text in [
        "main.tf:12",
        "data.coder_workspace_owner.me.name",
        "Proved clean",
        "Import as a new version",
        "keen-stoat-22",
        r#"href="/workspaces/0198a000-0000-7000-8000-000000000001""#,
        "the newest 2 of 11",
        "Back in v14",
        "Fixed in v13",
        "Acknowledged by ada",
        "Open, first seen in v12",
    ] {
        assert!(html.contains(text), "{text}");
    }
    let member = Browser::of("member").get("/drift/0198b000-0000-7000-8000-000000000001").await;
    assert_eq!(member.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_claim_asks_for_what_the_preset_leaves_open() {
    let browser = Browser::of("member");
    let from = "/presets/web/large?dialog=claim";
    let html = browser.page(from).await;
    assert!(html.contains(r#"name="values[0][value]""#) && html.contains("Of the prompt."), "{html}");
    let form = "template=web&preset=large&name=x&values%5B0%5D%5Bname%5D=color&values%5B0%5D%5Bvalue%5D=red\
                &values%5B1%5D%5Bname%5D=disk&values%5B1%5D%5Bvalue%5D=\
                &values%5B2%5D%5Bname%5D=tools&values%5B2%5D%5Bis_list%5D=true&values%5B2%5D%5Bvalue%5D=a%0D%0Ab";
    let (status, ..) = browser.post(from, "/act/claim", form).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(browser.acts(), ["claim web/large as x pool_only=false color=red tools=[\"a\",\"b\"]"]);
}

#[tokio::test]
async fn a_claim_that_the_policy_refuses_is_offered_a_build_from_nothing() {
    let browser = Browser::of("member");
    let from = "/presets/mobile/ios-sim?dialog=claim";
    let form = "template=mobile&preset=ios-sim&name=x&pool_only=true";
    let html = browser.refused(from, "/act/claim", form).await;
    for text in ["has not been rehearsed yet.", "One can be built from nothing.", "Build from nothing"] {
        assert!(html.contains(text), "{text}");
    }
    let (status, ..) = browser.post(from, "/act/claim", &format!("{form}&anyway=true")).await;
    assert_eq!((status, browser.acts().len()), (StatusCode::SEE_OTHER, 1));
}
