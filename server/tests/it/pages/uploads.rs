//! Forms with files, over HTTP as a browser without scripts sends them.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    on_both_servers,
    support::{
        server::{Answer, Caller},
        template,
    },
};

/// A field, or a file with its path.
enum Part<'a> {
    Text(&'a str, &'a str),
    File(&'a str, &'a str, &'a [u8]),
}

use Part::{File, Text};

async fn post(caller: &Caller, parts: &[Part<'_>]) -> Answer {
    let mut body = Vec::new();
    for part in parts {
        body.extend(b"--cut\r\ncontent-disposition: form-data; ");
        match part {
            Text(name, value) => body.extend(format!("name=\"{name}\"\r\n\r\n{value}\r\n").bytes()),
            File(name, path, content) => {
                body.extend(format!("name=\"{name}\"; filename=\"{path}\"\r\n\r\n").bytes());
                body.extend(*content);
                body.extend(b"\r\n");
            }
        }
    }
    body.extend(b"--cut--\r\n");
    let request = caller.request(Method::POST, "/act/upload-template");
    Answer::of(request.header("content-type", "multipart/form-data; boundary=cut").body(body)).await
}

async fn act(caller: &Caller, name: &str, fields: &[(&str, &str)]) -> Answer {
    let pairs = fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    let request = caller.request(Method::POST, &format!("/act/{name}"));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    Answer::of(request.body(pairs.join("&"))).await
}

/// The id in the address that an upload led to.
fn version_in(answer: &Answer) -> String {
    assert_eq!(answer.status(), StatusCode::OK, "{}", answer.0.url());
    let mut query = answer.0.url().query_pairs();
    query.find(|(name, _)| name == "version").unwrap().1.into_owned()
}

async fn text(answer: Answer) -> String {
    answer.0.text().await.unwrap()
}

on_both_servers!(an_uploaded_archive_is_imported_reviewed_and_becomes_a_template, |server| async {
    let admin = server.admin().await;
    let tar = template::with_pool("UTC", "* 8-18 * * 1-5");
    let uploaded =
        post(&admin, &[Text("name", "web"), File("folder", "", b""), File("archive", "web.tar", &tar)]).await;
    let version = version_in(&uploaded);
    let path = format!("/api/v2/templateversions/{version}");
    let imported = admin.wait_for(&path, |version| version["job"]["completed_at"].is_string()).await;
    assert_eq!((&imported["job"]["status"], &imported["message"]), (&json!("succeeded"), &json!("web.tar")));
    let page = text(admin.get(&format!("/templates/new?version={version}&name=web")).await).await;
    for words in ["Make a template of it", "1–2 wanted", "region"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let made = act(&admin, "create-template", &[("version", &version), ("name", "web")]).await;
    assert_eq!((made.0.url().path(), made.status()), ("/templates/web", StatusCode::OK));
    assert!(text(made).await.contains("small"));

    let next =
        post(&admin, &[Text("template", "web"), Text("message", "more"), File("archive", "x.tar", &tar)])
            .await;
    assert_eq!(next.0.url().path(), "/templates/web/versions/v2");
    let pushed = admin.get("/api/v2/templates?q=web").await.json(StatusCode::OK).await;
    let path = format!("/api/v2/templates/{}/versions/v2", pushed[0]["id"].as_str().unwrap());
    admin.wait_for(&path, |version| version["job"]["status"] == "succeeded").await;
    let promoted = act(&admin, "promote", &[("template", "web"), ("version", "v2")]).await;
    assert!(text(promoted).await.contains("Active"));
});

on_both_servers!(a_folder_is_kept_without_its_name_and_what_is_no_source, |server, config| { config.workers = 0 } async {
    let admin = server.admin().await;
    let parts = [
        Text("name", "web"),
        File("folder", "web/main.tf", b"terraform {}"),
        File("folder", "web/mod/m.tf", b"locals {}"),
        File("folder", "web/.terraform/providers/large", &vec![0; 21 << 20]),
        File("folder", "web/terraform.tfstate", b"secret"),
    ];
    let version = version_in(&post(&admin, &parts).await);
    let pushed = admin.get(&format!("/api/v2/templateversions/{version}")).await.json(StatusCode::OK).await;
    assert_eq!(pushed["message"], "Folder web");
    let file = admin.get(&format!("/api/v2/files/{}", pushed["job"]["file_id"].as_str().unwrap())).await;
    let tar = file.0.bytes().await.unwrap();
    let mut archive = tar::Archive::new(&tar[..]);
    let names = archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string());
    assert_eq!(names.collect::<Vec<_>>(), ["main.tf", "mod/m.tf"]);
});

on_both_servers!(what_cannot_be_a_template_is_refused_at_its_field, |server, config| { config.workers = 0 } async {
    let admin = server.admin().await;
    let named = Text("name", "web");
    let evil = template::zip(&[("../evil", "")]);
    let large = vec![b'#'; 21 << 20];
    let file = || File("folder", "web/main.tf", b"");
    let cases: [(&[Part<'_>], &str, &str); 6] = [
        (&[named, File("archive", "web.zip", &evil)], "archive", "leaves the template's folder"),
        (&[Text("name", "web"), File("archive", "web.zip", b"no zip")], "archive", "not a readable"),
        (&[Text("name", "web"), File("folder", "", b"")], "folder", "Choose the folder"),
        (&[Text("name", "a b"), file()], "name", ""),
        (&[Text("name", "web"), Text("variables", "hunter2"), file()], "variables", "name = value"),
        (&[Text("name", "web"), file(), File("archive", "web.tar", b"x")], "archive", "not both"),
    ];
    for (parts, field, words) in cases {
        let refused: Value = post(&admin, parts).await.json(StatusCode::BAD_REQUEST).await;
        assert_eq!(refused["field"], field, "{refused}");
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains(words) && !detail.contains("hunter2"), "{refused}");
    }
    let refused = post(&admin, &[Text("name", "web"), File("folder", "web/main.tf", &large)]).await;
    let refused = refused.json(StatusCode::CONFLICT).await;
    assert!(refused["detail"].as_str().unwrap().contains("20 MiB"), "{refused}");
    let no_form = act(&admin, "upload-template", &[("name", "web")]).await;
    assert_eq!(no_form.status(), StatusCode::BAD_REQUEST);
    let files = hearth_server::one!(
        server.running.hearth.db.read().await.unwrap(),
        (i64,),
        "SELECT COUNT(*) FROM files"
    );
    assert_eq!(files.unwrap().0, 0, "nothing of it is kept");
});

on_both_servers!(a_member_sees_no_button_and_is_refused_by_every_act, |server, config| { config.workers = 0 } async {
    let hearth = &server.running.hearth;
    crate::support::world::template(&hearth.db, "web").await;
    let member = server.member("jon").await;
    let page = text(member.get("/templates/web?dialog=delete").await).await;
    assert!(page.contains("web") && !page.contains("Delete") && !page.contains("New version"), "{page}");
    assert!(!text(member.get("/templates").await).await.contains("New template"));
    for path in ["/templates/new", "/templates/web/versions/v1"] {
        assert_eq!(member.get(path).await.status(), StatusCode::FORBIDDEN, "{path}");
    }
    let uploaded = post(&member, &[Text("name", "x"), File("folder", "x/main.tf", b"")]).await;
    assert_eq!(uploaded.status(), StatusCode::FORBIDDEN);
    let template = ("template", "web");
    let acts: [(&str, &[(&str, &str)]); 8] = [
        ("delete-template", &[template, ("typed", "web")]),
        ("archive-template", &[template, ("why", "x")]),
        ("restore-template", &[template]),
        ("edit-template", &[template, ("name", "mine")]),
        ("promote", &[template, ("version", "v1")]),
        ("archive-version", &[template, ("version", "v1"), ("archived", "true")]),
        ("upload-sample", &[]),
        ("create-template", &[("version", "0198a000-0000-7000-8000-000000000001"), ("name", "x")]),
    ];
    for (name, fields) in acts {
        let refused = act(&member, name, fields).await.status();
        assert_eq!(refused, StatusCode::FORBIDDEN, "{name}");
    }
    let audit = hearth_server::one!(hearth.db.read().await.unwrap(), (i64,), "SELECT COUNT(*) FROM audit WHERE target_type = 'template'");
    assert_eq!(audit.unwrap().0, 0);
});
