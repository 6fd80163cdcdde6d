//! Every page, rendered to HTML as a browser without scripts gets it.
#![allow(clippy::unwrap_used, reason = "a test")]

mod bulk;
mod drift;
mod expected;
mod gate;
mod lists;
mod logs;
mod members;
mod notices;
mod preferences;
mod preset;
mod refusals;
mod search;
mod support;
mod templates;

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use http_body_util::BodyExt;
use pretty_assertions::assert_eq;
use support::{CLAIMED, DECISIONS, FAILED, Fake, POOL, browser::Browser};

const PAGES: [&str; 33] = [
    "/",
    "/?dialog=pause-all",
    "/?state=nonsense",
    "/presets/web/large",
    "/presets/web/large?dialog=claim",
    "/presets/web/large?dialog=pause",
    "/presets/web/large?at=noon",
    "/presets/docs/default",
    "/presets/web/large?dialog=scale",
    "/presets/web/large?dialog=invalidate",
    "/presets/web/large?dialog=delete",
    "/presets/web/large/simulate",
    "/presets/web/large/simulate?desired=many",
    "/search",
    "/search?q=web",
    "/search?q=nothing-of-that-name",
    "/activity",
    "/activity?verb=pause&range=odd",
    "/inbox",
    "/settings",
    "/settings/reconciler",
    "/settings/users?dialog=new",
    "/settings/tokens",
    "/help",
    "/help/keyboard",
    "/workspaces",
    "/workspaces?owner=prebuilds",
    "/workspaces?owner=all",
    "/drift",
    "/drift?status=fixed",
    "/drift?resource=docker_volume.home&range=7d",
    "/drift/0198b000-0000-7000-8000-000000000001",
    "/drift/0198b000-0000-7000-8000-000000000002",
];

#[tokio::test]
async fn every_page_is_complete_without_scripts() {
    let browser = Browser::of("owner");
    let workspaces = [CLAIMED, FAILED, POOL].map(|id| format!("/workspaces/{id}"));
    for path in PAGES.into_iter().map(str::to_owned).chain(workspaces) {
        let html = browser.page(&path).await;
        assert!(html.starts_with("<!DOCTYPE html>"), "{path}");
        assert_eq!(html.matches("<h1").count(), 1, "{path} has one heading");
        assert!(html.contains("<main") && html.contains("<nav"), "{path} has its landmarks");
        assert!(!html.contains("Loading") && !html.contains("skeleton"), "{path} waits for nothing");
        assert!(!html.contains(" style=") && !html.contains("onclick="), "{path} keeps to the policy");
        assert!(html.contains(r#"data-theme="dark""#), "{path} wears its theme from the first byte");
    }
}

#[tokio::test]
async fn every_server_function_acts_and_is_a_post() {
    let acts = leptos_server_functions();
    assert!(acts.iter().any(|(path, _)| path == "/act/claim"));
    for (path, method) in acts {
        assert_eq!(method, "POST", "{path}");
        assert!(path.starts_with("/act/"), "{path}");
    }
}

fn leptos_server_functions() -> Vec<(String, String)> {
    // Making the routes registers them.
    let _ = support::pages(Arc::default(), None);
    leptos::server_fn::axum::server_fn_paths()
        .map(|(path, method)| (path.to_owned(), method.as_str().to_owned()))
        .collect()
}

#[tokio::test]
async fn the_overview_tells_each_state_with_its_sentence() {
    let html = Browser::of("owner").page("/").await;
    for text in [
        "44",
        "of 50 wanted",
        "Hard-limited",
        "5 builds failed in a row, so creation stopped:",
        "title=\"googleapi: quota exceeded for gpus (limit 8, in use 8)\"",
        "“googleapi: quota exceeded for gpus (limit 8, in…”.",
        "href=\"/?state=missing\"",
        "2 builds failed.",
        "Next try in 2 min 38 s.",
        "None ready.",
        "The next developer waits about 2 min 10 s. 1 running cannot be claimed any more and will be removed.",
        "tom paused this 2 h ago: “registry migration”. Ready ones can still be claimed.",
        "0 wanted now; 1 again at Tue 14:00 Europe/Berlin.",
        "Replaces 2",
        "A claim recreates docker_container.ws",
    ] {
        assert!(html.contains(text), "{text}");
    }
    let html = Browser::of("owner").page("/presets/gpu/a100").await.replace("<!>", "");
    let whole = "<span>“googleapi: quota exceeded for gpus (limit 8, in use 8)”.</span>";
    assert!(html.contains(whole), "the page of the pool has room for all of it, and ends it once");
}

#[tokio::test]
async fn activity_tells_who_did_what_with_before_and_after() {
    let html = Browser::of("owner").page("/activity?range=odd").await.replace("<!>", "");
    for text in [
        r#"maria overrode pool <a href="/presets/web/large">web / large</a>"#,
        "<code>4</code>",
        "<code>8</code>",
        "range=odd",
        r#">old-marten-09</a> of <a href="/presets/web/small">web / small</a>: unclaimed for too long</th>"#,
        r#"<option value="reconciler">"#,
        r#"The reconciler created 2 workspaces for <a href="/presets/web/small">web / small</a></th>"#,
        ">08:29</time> to <time",
        ">08:31</time>",
        "<summary>Each of them</summary>",
        ">calm-heron-12</a>",
        ">dry-lynx-07</a>",
    ] {
        assert!(html.contains(text), "{text}");
    }
}

#[tokio::test]
async fn what_could_not_be_simulated_is_told_at_the_field() {
    let html = Browser::of("owner").page("/presets/web/large/simulate?desired=many").await;
    assert!(html.contains(r#"aria-invalid="true""#) && html.contains("Must be a number from 0 to 1000."));
    let html = Browser::of("owner").page("/presets/web/large/simulate?desired=8").await;
    assert!(html.contains("3 misses fewer a day, 14 machine-hours more a day."), "the difference in words");
    assert!(html.contains("instances = 8"));
}

#[tokio::test]
async fn an_override_is_ordered_for_the_pool_that_the_form_was_drawn_from() {
    let browser = Browser::of("owner");
    let from = "/presets/web/large?dialog=scale";
    assert!(browser.page(from).await.contains(r#"name="pool[revision]""#));
    let pool = "pool%5Btemplate%5D=web&pool%5Bpreset%5D=large&pool%5Brevision%5D=0";
    let form = format!("{pool}&instances=8&until=2026-11-24T12%3A00%3A00Z&at=&reason=a+course");
    let (status, location, _) = browser.post(from, "/act/override-pool", &form).await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/presets/web/large?done=overridden"));
    let acts = browser.fake.acts.lock().unwrap().join("\n");
    assert!(acts.contains("instances: 8") && acts.contains("web/large"), "{acts}");
    let typed = format!("{pool}&instances=8&until=2026-11-24T12%3A00%3A00Z&at=soon&reason=x");
    let (_, location, _) = browser.post(from, "/act/override-pool", &typed).await;
    assert!(location.contains("__err"), "{location}");
}

#[tokio::test]
async fn a_new_token_is_shown_only_while_its_cookie_is_there() {
    let browser = Browser::of("owner");
    let token = "abcdefghij-0123456789012345678901";
    let page = async |cookie: &str| {
        let request =
            Request::get("/settings/tokens").header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        let body = browser.send(request).await.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    };
    assert!(page(&format!("session=owner; hearth_new_token={token}")).await.contains(token));
    assert!(!page("session=owner").await.contains(token));
}

#[tokio::test]
async fn a_new_token_is_kept_from_plain_http_where_there_is_https() {
    for (secure, end) in [(false, "SameSite=Strict"), (true, "SameSite=Strict; Secure")] {
        let browser = Browser::on(Fake { secure, ..Fake::default() });
        let (_, _, cookie) = browser.post("/settings/tokens", "/act/make-token", "name=ci&days=9").await;
        assert!(cookie.unwrap().ends_with(end));
    }
}

#[tokio::test]
async fn the_reasons_of_a_decision_add_up_on_the_page() {
    let html = Browser::of("owner").page("/presets/web/large").await;
    for text in
        ["Wait until 11:07 UTC", "missing", "to create now", "−3", "1 stopped workspace was left alone."]
    {
        assert!(html.contains(text), "{text}");
    }
}

#[tokio::test]
async fn log_lines_and_template_values_are_text_and_never_markup() {
    let html = Browser::of("owner").page(&format!("/workspaces/{CLAIMED}")).await;
    assert!(html.contains("&lt;script&gt;alert('line')&lt;/script&gt;"));
    assert!(!html.contains("<script>alert") && !html.contains("<img src=x"));
    assert!(!html.contains("javascript:alert(1)\""), "a template links only to the web");
    assert!(html.contains(r#"<span class="green">Apply complete!</span>"#));
    assert!(!html.contains('\u{1b}'));
}

#[tokio::test]
async fn a_claimed_workspace_shows_its_owner_the_rerun_script_and_what_was_saved() {
    let html = Browser::of("owner").page(&format!("/workspaces/{CLAIMED}")).await;
    for text in [
        "Yours",
        "was prebuilds, as swift-otter-31",
        "2.1 s from claim to ready",
        "dotfiles of maria installed",
    ] {
        assert!(html.contains(text), "{text}");
    }
}

#[tokio::test]
async fn a_failed_build_shows_its_first_error_and_links_to_the_line() {
    let html = Browser::of("owner").page(&format!("/workspaces/{FAILED}")).await;
    assert!(html.contains("Stopped at Build"));
    assert!(html.contains("This counts towards the limit of 5: 3 of 5."));
    assert!(html.contains("googleapi: quota exceeded for gpus"));
    assert!(html.contains(r##"href="?build=1&amp;after=0#L4""##) && html.contains(r#"id="L4""#));
}

#[tokio::test]
async fn drift_shows_before_and_after_and_keeps_secrets() {
    let html = Browser::of("owner").page("/drift/0198b000-0000-7000-8000-000000000002").await;
    for text in
        ["OWNER=prebuilds", "OWNER=jonas", "(sensitive)", "(known after apply)", "ignore_changes = [env]"]
    {
        assert!(html.contains(text), "{text}");
    }
}

#[tokio::test]
async fn a_claim_by_form_leads_to_the_workspace() {
    let browser = Browser::of("member");
    let from = "/presets/web/large?dialog=claim";
    assert!(browser.page(from).await.contains(r#"action="/act/claim" method="post""#));
    let form = "template=web&preset=large&name=my-web&pool_only=true";
    let (status, location, _) = browser.post(from, "/act/claim", form).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(location, format!("/workspaces/{CLAIMED}?done=claimed"));
    assert_eq!(browser.acts(), ["claim web/large as my-web pool_only=true"]);
    assert!(browser.page(&location).await.contains("maria-web is yours. Ready in 2.1 s."));
}

#[tokio::test]
async fn a_missed_claim_returns_to_its_dialog_with_both_choices() {
    let browser = Browser::of("member");
    let form = "template=gpu&preset=a100&name=x&pool_only=true";
    let html = browser.refused("/presets/gpu/a100?dialog=claim", "/act/claim", form).await;
    assert!(html.contains("Somebody else took the last one a moment ago."));
    assert!(html.contains("1 starting: wait for it, or build one from nothing."));
    assert!(html.contains("Build from nothing"));
    assert_eq!(browser.acts(), Vec::<String>::new());
    let (status, ..) = browser.post("/presets/gpu/a100", "/act/claim", &format!("{form}&anyway=true")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_rehearsal_shows_why_and_the_patch_and_can_be_asked_for_again() {
    let browser = Browser::of("owner");
    let html = browser.page("/presets/web/large").await;
    for text in [
        "local.env",
        "main.tf:12",
        "Only the owner's name does this",
        "+    ignore_changes = [env]",
        "Proved clean",
        "Rehearse again",
        "Import as a new version",
        "/patch\"",
        r#"href="/drift/0198b000-0000-7000-8000-000000000001""#,
    ] {
        assert!(html.contains(text), "{text}");
    }
    let form = "template=web&preset=large";
    let (status, location, _) = browser.post("/presets/web/large", "/act/rehearse", form).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(location, "/presets/web/large?done=rehearsing#drift");
    let (status, location, _) = browser.post("/presets/web/large", "/act/import-patch", form).await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/presets/web/large?done=patched#drift"));
    assert_eq!(browser.acts(), ["rehearse web/large", "import the patch of web/large"]);
    assert!(browser.page("/presets/mobile/ios-sim").await.contains("A rehearsal is queued or running"));
    let never = browser.page("/presets/docs/default").await;
    assert!(never.contains(">Rehearse</button>") && !never.contains("Rehearse again"));
    let of_member = Browser::of("member").page("/presets/web/large").await;
    assert!(!of_member.contains("Rehearse again") && !of_member.contains("local.env"));
}

#[tokio::test]
async fn a_pause_needs_a_reason_and_says_so_at_the_field() {
    let browser = Browser::of("owner");
    let from = "/presets/web/large?dialog=pause";
    let html = browser.refused(from, "/act/pause-pool", "template=web&preset=large&note=").await;
    assert!(html.contains(r#"id="note-error""#) && html.contains("Say why."));
    assert!(html.contains(r#"aria-invalid="true""#));
    let (status, location, _) =
        browser.post(from, "/act/pause-pool", "template=web&preset=large&note=registry+migration").await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/presets/web/large?done=paused"));
    assert_eq!(browser.acts(), ["pause web/large: registry migration"]);
}

#[tokio::test]
async fn what_an_act_destroys_is_counted_in_words_that_fit_the_number() {
    let browser = Browser::of("owner");
    let members = browser.page(&format!("/presets/web/large?dialog=delete&member={POOL}")).await;
    assert!(members.contains("This destroys 1 workspace with everything inside."));
    let template = browser.page("/templates/web?dialog=delete").await;
    assert!(template.contains("People have 6 workspaces of it, which have to be deleted first."));
}

#[tokio::test]
async fn what_is_not_there_is_404() {
    let browser = Browser::of("owner");
    for path in [
        "/nope",
        "/presets/web/nope",
        "/workspaces/nope",
        "/drift/nope",
        "/drift/0198b000-0000-7000-8000-0000000000ff",
    ] {
        let (status, html) = browser.get(path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(html.contains("Not found"), "{path}");
    }
}

#[tokio::test]
async fn an_empty_server_says_how_to_begin() {
    let browser = Browser::on(Fake { empty: true, ..Fake::default() });
    let overview = browser.page("/").await;
    for text in ["First steps, 2 of 3", "No templates yet"] {
        assert!(overview.contains(text), "{text}");
    }
    assert!(browser.page("/workspaces").await.contains("No workspaces yet"));
    assert!(browser.page("/drift").await.contains("No claim has recreated anything"));
    let (status, location, _) = browser.post("/drift", "/act/rehearse-all", "").await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/drift?done=rehearsing_all"));
}

#[tokio::test]
async fn a_page_allows_nothing_but_its_own_files() {
    let browser = Browser::of("owner");
    let request = Request::get("/").header(header::COOKIE, "session=owner").body(Body::empty()).unwrap();
    let response = browser.send(request).await;
    let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    let html = String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap();
    for part in [
        "default-src 'none'",
        "'strict-dynamic'",
        "style-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe-inline"));
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert_eq!(html.matches("<script").count(), html.matches(&format!("nonce=\"{nonce}\"")).count());
}

#[tokio::test]
async fn decisions_are_stepped_through_by_links_and_looked_up_by_a_form_that_reads() {
    let [newest, older] = DECISIONS;
    let browser = Browser::of("owner");
    let step = |id: &str| format!(r#"href="/presets/web/large?decision={id}#why""#);
    let html = browser.page("/presets/web/large").await;
    assert!(html.contains(&step(older)), "a step back");
    assert!(!html.contains("Newer decision"));
    assert!(html.contains(&format!(r#"href="/api/v2/decisions/{newest}/document""#)));
    assert!(html.contains(r#"action="/presets/web/large" method="get" class="filters""#));
    assert!(html.contains("Tue 08:00 to 19:00: 4 wanted"), "the week at a glance");
    assert!(html.contains("12 of 17 from the pool") && html.contains("<b>71%</b>"));
    let html = browser.page(&format!("/presets/web/large?decision={older}")).await;
    assert!(html.contains("Why, Tue 24 Nov 2026"), "an old decision says when it was made");
    assert!(html.contains(&step(newest)), "a step on");
    let html = browser.page("/presets/web/large?at=noon").await;
    assert!(html.contains("That is no instant."));
    let html = Browser::of("member").page("/presets/web/large").await;
    assert!(!html.contains("Decisions") && !html.contains("Demand"));
}
