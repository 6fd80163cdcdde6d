//! One act on several workspaces.

use pretty_assertions::assert_eq;

use crate::support::browser::Browser;

const ONE: &str = "0198a000-0000-7000-8000-000000000001";

#[tokio::test]
async fn rows_are_ticked_for_a_form_that_asks_before_each_act() {
    let browser = Browser::of("owner");
    let html = browser.page("/workspaces?owner=all&q=o").await;
    for text in [
        r#"id="pick""#,
        r#"name="owner" value="all""#,
        "Select all 62 that match",
        r#"name="dialog" value="delete""#,
    ] {
        assert!(html.contains(text), "{text}");
    }
    assert_eq!(html.matches(r#"name="member""#).count(), html.matches(r#"form="pick""#).count());
    let html = browser.page(&format!("/workspaces?owner=all&member={ONE}&dialog=stop")).await;
    for text in [
        "This stops 1 workspace. What runs there ends; each can be started again.",
        "1 prebuild is among them; the reconciler leaves alone what is parked.",
        "2 left out: they have a build under way.",
        &format!(r#"name="members" value="{ONE}""#),
        r#"name="filter[owner]" value="all""#,
        ">Stop 1 workspace</button>",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert!(!html.contains(r#"name="typed""#) && !html.contains(r#"name="seen""#));
    let none = browser.page("/workspaces?dialog=delete").await;
    assert!(
        none.contains("Select workspaces in the table first.") && !none.contains("data-doing=\"Deleting…\"")
    );
}

#[tokio::test]
async fn all_that_match_are_sent_as_the_filter_and_their_number() {
    let browser = Browser::of("owner");
    let asks = "/workspaces?owner=all&q=o&all=62&dialog=delete";
    let html = browser.page(asks).await;
    for text in [
        "This destroys 60 workspaces with everything inside.",
        "ws-7, ws-8 and 52 more.",
        r#"name="seen" value="62""#,
        r#"data-confirm="60""#,
        ">Delete 60 workspaces</button>",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    let form = "act=delete&seen=62&filter%5Bowner%5D=all&filter%5Bq%5D=o&typed=";
    let refused = browser.refused(asks, "/act/change-workspaces", form).await;
    assert!(
        refused.contains("Type 60: so many would be deleted.") && refused.contains(r#"aria-invalid="true""#)
    );
    assert_eq!(browser.acts().len(), 0);
    let (_, location, _) = browser.post(asks, "/act/change-workspaces", &format!("{form}60")).await;
    assert_eq!(location, "/workspaces?owner=all&q=o&done=changing&told=delete.2.1.0.0.0");
    assert!(
        browser.acts()[0].starts_with("delete Matching { filter: WorkspacesQuery { owner: \"all\", q: \"o\"")
    );
    let told = browser.page(&location).await;
    assert!(told.contains("2 workspaces are being deleted, 1 left out: it has a build under way."), "{told}");
    let forged = browser.page("/workspaces?done=changing&told=delete.%3Cb%3E").await;
    assert!(forged.contains("They are being changed."));
}

#[tokio::test]
async fn those_named_are_sent_by_their_ids_and_an_act_that_is_none_is_refused() {
    let browser = Browser::of("member");
    let form = format!("act=stop&members={ONE},nonsense");
    let (_, location, _) = browser.post("/workspaces", "/act/change-workspaces", &form).await;
    assert_eq!(location, "/workspaces?done=changing&told=stop.2.1.0.0.0");
    assert_eq!(browser.acts(), [format!("stop Named([WorkspaceId({ONE})])")]);
    let (_, refused, _) = browser.post("/workspaces", "/act/change-workspaces", "act=explode").await;
    assert!(refused.contains("__err="), "{refused}");
}
