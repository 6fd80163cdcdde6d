//! Logs: a part at a time, with an address for each line, and the whole as text.

use crate::support::{CLAIMED, browser::Browser};

#[tokio::test]
async fn a_part_of_a_log_says_which_lines_it_has_and_leads_to_the_others() {
    let html = Browser::of("owner").page(&format!("/workspaces/{CLAIMED}?after=500&wrap=1")).await;
    for text in [
        "Lines 501 to 505 of 2300",
        r#"id="L501""#,
        r##"href="?build=2&amp;wrap=1&amp;after=0#L501""##,
        r##"href="?build=2&amp;wrap=1&amp;after=0#L500" class="button">Earlier lines"##,
        r##"href="?build=2&amp;wrap=1&amp;after=0#L506" class="button">Later lines"##,
        r#"href="?build=2&amp;wrap=1&amp;follow=1" class="button">Follow"#,
        r#"href="?build=2&amp;after=500" class="button">Unwrap lines"#,
        r#"logs?format=text" class="button">Raw"#,
        r#"download="maria-web-2.log" class="button">Download"#,
        " data-wrap",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert!(!html.contains(r#"id="L1""#) && !html.contains("data-follow"));
}

#[tokio::test]
async fn a_whole_log_has_no_other_part_and_a_followed_one_can_be_let_go() {
    let browser = Browser::of("owner");
    let html = browser.page(&format!("/workspaces/{CLAIMED}")).await;
    assert!(
        html.contains("5 lines") && html.contains(r##"?build=2&amp;after=0#L5" class="button">To the end"##)
    );
    assert!(!html.contains("Earlier lines") && !html.contains("Later lines"));
    let html = browser.page(&format!("/workspaces/{CLAIMED}?after=500&follow=1")).await;
    assert!(
        html.contains(" data-follow") && html.contains(r#"href="?build=2" class="button">Stop following"#)
    );
}

#[tokio::test]
async fn the_log_of_an_import_has_addresses_too() {
    let html = Browser::of("owner").page("/templates/web/versions/v13").await;
    for text in
        [r##"href="?after=0#L2">See the line"##, r#"href="?wrap=1" class="button">Wrap lines"#, ">Raw</a>"]
    {
        assert!(html.contains(text), "{text}");
    }
    let html = Browser::of("owner").page("/templates/web/versions/v13?wrap=1").await;
    assert!(html.contains(r#"href="?" class="button">Unwrap lines"#));
}
