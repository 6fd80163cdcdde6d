//! The pages of templates.

use axum::http::StatusCode;
use pretty_assertions::assert_eq;

use crate::support::{Fake, NEW, browser::Browser};

const PAGES: [&str; 18] = [
    "/templates",
    "/templates?q=nothing",
    "/templates/web",
    "/templates/web?range=7d",
    "/templates/web?tab=versions",
    "/templates/web?tab=rehearsals",
    "/templates/web?dialog=edit",
    "/templates/web?dialog=archive",
    "/templates/web?dialog=delete",
    "/templates/docs",
    "/templates/web/versions/v13",
    "/templates/web/versions/v14",
    "/templates/web/versions/v15",
    "/templates/web/versions/v15?dialog=promote",
    "/templates/web/versions/v16",
    "/templates/new",
    "/templates/new?template=web",
    "/templates/new?version=0198a000-0000-7000-8000-000000000015&name=api",
];

#[tokio::test]
async fn every_page_of_templates_is_complete_without_scripts() {
    let browser = Browser::of("owner");
    for path in PAGES {
        let html = browser.page(path).await;
        assert_eq!(html.matches("<h1").count(), 1, "{path} has one heading");
        assert!(html.contains("<main") && html.contains("<nav"), "{path} has its landmarks");
        assert!(!html.contains(" style=") && !html.contains("onclick="), "{path} keeps to the policy");
        assert!(!html.contains("<script>alert"), "{path} shows logs as text");
        assert!(html.contains(r#"href="/templates" data-shortcut="g t" aria-current="page""#), "{path}");
    }
}

#[tokio::test]
async fn the_list_says_which_pool_needs_a_person_and_what_claims_do() {
    let html = Browser::of("owner").page("/templates").await;
    for text in
        ["GPU machines", "A100: Hard-limited", "Replaces 1", "Archived", "v14, promoted 2 h ago by maria"]
    {
        assert!(html.contains(text), "{text}");
    }
    let found = Browser::of("owner").page("/templates?q=nothing").await;
    assert!(found.contains("No template has such a name."));
    let empty = Browser::on(Fake { empty: true, ..Fake::default() }).page("/templates").await;
    for text in ["No templates yet", "Upload a template", "Try the sample"] {
        assert!(empty.contains(text), "{text}");
    }
}

#[tokio::test]
async fn a_template_shows_schedules_in_words_versions_with_changes_and_rehearsals_with_verdicts() {
    let browser = Browser::of("owner");
    let presets = browser.page("/templates/web").await;
    for text in [
        "Mon–Fri 8–19: 4 · ",
        "else 1",
        "Tue 19:00 Europe/Berlin → 1",
        "nothing prebuilt",
        "Versions 14",
        "The last 24 hours",
        r#"href="/templates/web?range=7d""#,
        "Tue 08:00 to 19:00: 4 wanted",
        "Why: web / large",
        "See failed build",
    ] {
        assert!(presets.contains(text), "{text}");
    }
    let member = Browser::of("member").page("/templates/web").await;
    assert!(!member.contains("The last 24 hours") && !member.contains("Why: web"));
    let versions = browser.page("/templates/web?tab=versions").await;
    for text in ["Larger disks · large: 3 → 4 wanted", "Not rehearsed", "before=v14"] {
        assert!(versions.contains(text), "{text}");
    }
    let rehearsals = browser.page("/templates/web?tab=rehearsals").await;
    assert!(rehearsals.contains("Replaces 1") && rehearsals.contains("by itself"));
    let archived = browser.page("/templates/docs").await;
    assert!(archived.contains("Archived: moved to web.") && archived.contains("Bring back"));
    assert_eq!(browser.get("/templates/nope").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_version_shows_its_import_its_checks_and_what_promoting_does() {
    let browser = Browser::of("owner");
    let version = browser.page("/templates/web/versions/v15").await;
    for text in [
        "Compared with v14",
        "3 → 4 wanted",
        "main.tf:13",
        "2 warnings",
        "3 prebuilds are removed (large 3). 4 are built instead, which takes about 2 min.",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "?dialog=promote",
    ] {
        assert!(version.contains(text), "{text}");
    }
    let question = browser.page("/templates/web/versions/v15?dialog=promote").await;
    assert!(question.contains("Until then a claim may find nothing ready."));
    let running = browser.page("/templates/web/versions/v16").await;
    assert!(running.contains("Terraform reads it now.") && running.contains("Cancel the import"));
    let waiting = browser.page("/templates/web/versions/v17").await;
    assert!(waiting.contains("1 import or build comes first."));
    let failed = browser.page("/templates/web/versions/v13").await;
    assert!(failed.contains("The import failed: main.tf:3: Invalid reference"));
    let active = browser.page("/templates/web/versions/v14?dialog=promote").await;
    assert!(!active.contains("Promote"), "the active one cannot be promoted");
}

#[tokio::test]
async fn every_act_on_templates_is_a_form_and_leads_on() {
    let browser = Browser::of("owner");
    let template = "template=web";
    let named = format!("{template}&version=v15");
    let posts = [
        ("promote", named.clone(), "/templates/web/versions/v15?done=promoted"),
        ("archive-version", format!("{named}&archived=true"), "/templates/web/versions/v15?done=archived"),
        ("edit-template", format!("{template}&name=site"), "/templates/site?done=saved"),
        ("archive-template", format!("{template}&why=old"), "/templates/web?done=archived"),
        ("restore-template", template.to_owned(), "/templates/web?done=restored"),
        ("delete-template", format!("{template}&typed=web"), "/templates?done=deleted"),
        ("create-template", format!("version={NEW}&name=api"), "/templates/api?done=created"),
        ("cancel-import", format!("id={NEW}&back=/templates/web"), "/templates/web"),
        ("cancel-import", format!("id={NEW}&back=https://evil.example"), "/"),
        (
            "upload-sample",
            String::new(),
            "/templates/new?version=0198a000-0000-7000-8000-000000000015&name=local&done=uploaded",
        ),
    ];
    for (act, form, leads_to) in posts {
        let (status, location, _) = browser.post("/templates", &format!("/act/{act}"), &form).await;
        assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, leads_to), "{act}");
    }
    assert_eq!(browser.acts().len(), 10);
}

#[tokio::test]
async fn a_refused_act_on_a_template_says_why_at_its_field() {
    let browser = Browser::of("owner");
    let form = "template=web&typed=wab";
    let html = browser.refused("/templates/web?dialog=delete", "/act/delete-template", form).await;
    assert!(html.contains("Type web to delete it.") && html.contains(r#"aria-invalid="true""#));
    let from = format!("/templates/new?version={NEW}");
    let form = format!("version={NEW}&name=web");
    let html = browser.refused(&from, "/act/create-template", &form).await;
    assert!(html.contains("A template named `web` exists already."));
    let (status, _, _) = browser.post("/templates/new", "/act/upload-template", "name=web").await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "what is no form with files is no fault of the server");
    assert_eq!(browser.acts(), [""; 0]);
}

#[tokio::test]
async fn a_member_sees_templates_and_nothing_to_change_them_with() {
    let browser = Browser::of("member");
    let html = browser.page("/templates/web?tab=versions&dialog=delete").await;
    for text in ["Delete", "New version", "Rehearsals", "?tab=versions"] {
        assert!(!html.contains(text), "{text}");
    }
    assert!(!browser.page("/templates").await.contains("New template"));
    for path in ["/templates/new", "/templates/web/versions/v14"] {
        assert_eq!(browser.get(path).await.0, StatusCode::FORBIDDEN, "{path}");
    }
}
