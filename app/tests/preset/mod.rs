//! What a preset's page offers, and when.

use crate::support::{DECISIONS, browser::Browser};

/// What stands from `from` on to the next `to`.
fn part<'a>(html: &'a str, from: &str, to: &str) -> &'a str {
    let start = &html[html.find(from).unwrap_or_else(|| panic!("no {from}"))..];
    &start[..start.find(to).unwrap_or(start.len())]
}

#[tokio::test]
async fn what_can_be_done_about_failures_stands_where_they_are_told() {
    let browser = Browser::of("owner");
    let html = browser.page("/presets/web/large").await;
    let why = part(&html, r#"id="why""#, "</section>");
    for text in ["Retry now", r#"action="/act/reset-failures""#, ">See failed build<", ">Pause this pool<"] {
        assert!(why.contains(text), "{text}: {why}");
    }
    assert!(!part(&html, r#"id="settings""#, "</section>").contains("reset-failures"));
    let limited = browser.page("/presets/gpu/a100").await;
    assert!(part(&limited, r#"id="why""#, "</section>").contains("Reset failures"));
    let earlier = browser.page(&format!("/presets/web/large?decision={}", DECISIONS[1])).await;
    assert!(!earlier.contains("Retry now"), "what was cannot be mended");
    assert!(!browser.page("/presets/web/small").await.contains("/act/reset-failures"));
}

#[tokio::test]
async fn with_nothing_ready_another_try_comes_before_a_build_from_nothing() {
    let limited = "/presets/gpu/a100";
    let head = |html: &str| part(html, r#"class="page-head""#, "</header>").to_owned();
    let of_owner = Browser::of("owner").page(limited).await;
    assert!(head(&of_owner).contains("<span>Build<") && !head(&of_owner).contains(r#"data-kind="primary""#));
    assert!(part(&of_owner, "reset-failures", "</form>").contains(r#"data-kind="primary""#));
    let of_member = head(&Browser::of("member").page(limited).await);
    assert!(of_member.contains(r#"data-kind="primary""#), "nothing else is left to them");
    let some = head(&Browser::of("owner").page("/presets/web/large").await);
    assert!(some.contains("<span>Claim<") && some.contains(r#"data-kind="primary""#));
}

#[tokio::test]
async fn an_override_is_told_beside_the_title_and_ended_there() {
    let html = Browser::of("owner").page("/presets/web/small").await;
    let title = part(&html, r#"class="title""#, r#"class="actions""#);
    for text in ["Overridden: 12 wanted, ends ", "in 3 h", r#"action="/act/end-override""#, "End now"] {
        assert!(title.contains(text), "{text}: {title}");
    }
    assert!(html.contains(", by tom: “a course”"));
}

#[tokio::test]
async fn who_missed_can_wait_for_the_one_that_is_starting() {
    let browser = Browser::of("member");
    let form = "template=gpu&preset=a100&name=x&pool_only=true";
    let html = browser.refused("/presets/gpu/a100?dialog=claim", "/act/claim", form).await;
    let wait =
        r#"href="/presets/gpu/a100?dialog=claim&amp;wait=1" class="button">Wait for it (about 2 min 10 s)"#;
    assert!(html.contains(wait) && html.contains("Build from nothing (about 2 min 10 s)"));
    let waiting = browser.page("/presets/gpu/a100?dialog=claim&wait=1").await;
    assert!(waiting.contains("1 starting. A build usually takes about 2 min 10 s."));
    assert!(waiting.contains("The first that is ready is offered here.") && waiting.contains("Look again"));
    let ready = browser.page("/presets/web/small?dialog=claim&wait=1").await;
    assert!(ready.contains("Claim a workspace</button>") && !ready.contains("Look again"));
}

#[tokio::test]
async fn what_if_draws_both_weeks_on_one_scale_with_their_numbers() {
    let html = Browser::of("owner").page("/presets/web/large/simulate?schedule=*+8-18+*+*+1-5:+4").await;
    assert!(html.contains(">* 8-18 * * 1-5: 4</textarea>"), "{}", part(&html, "<textarea", "</div>"));
    for name in ["now", "if"] {
        let drawing = part(&html, &format!(r#"aria-labelledby="{name}-wide-title"#), "</svg>");
        assert!(drawing.contains("<desc") && drawing.contains(r#"stroke="var(--accent)""#), "{drawing}");
        assert!(drawing.contains(">9</text>"), "the taller of the two sets the scale: {drawing}");
    }
    assert_eq!(html.matches("Show as table").count(), 2);
    assert!(part(&html, r#"id="hcl""#, "</section>").contains("data-copy"));
    for field in ["desired", "timezone", "claims_morning", "build_p95", "failures", "interval"] {
        assert!(html.contains(&format!(r#"name="{field}""#)), "{field}");
    }
}
