use pretty_assertions::assert_eq;
use serde_json::json;

use hearth_server::{
    backend::acts,
    store::{drift, pools},
};

use crate::support::{
    server::{Kept, spawn_server},
    site::{
        Ground, build_log, claim, clear, filled, first_admin, is_ready, presets, rehearsal, sample, take_fix,
        text, workspace,
    },
};

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_recreates_a_resource_says_so_in_its_log_and_is_recorded() {
    let server = spawn_server(Kept::Postgres).await;
    let ground = Ground::new();
    let admin = server.admin().await;
    let template = admin.make_template("local-drift", sample("local-drift", ground.path())).await;
    filled(&admin, 3).await;
    for preset in presets(&admin, &template["active_version_id"]).await {
        let found = rehearsal(&admin, &preset, "replaces").await;
        let result = &found["result"];
        assert_eq!(result["replaced"][0]["cause"]["fields"], json!(["the owner's name"]));
        assert_eq!(result["replaced"][0]["path"][1]["what"], "local.title");
        assert_eq!(result["fix"]["proved"], true, "{result}");
        let patch = admin.get(&format!("/api/v2/rehearsals/{}/patch", text(&found["id"]))).await;
        assert_eq!(patch.0.text().await.unwrap(), text(&result["fix"]["diff"]));
    }
    let claimed = claim(&admin, &template, "large", "mine").await;
    workspace(&admin, &claimed["id"], is_ready).await;

    let log = build_log(&admin, &claimed).await;
    assert!(log.contains("terraform_data.agent[0] is destroyed and recreated"), "{log}");
    let title = "triggers_replace.title: \"Workspace of prebuilds\" -> \"Workspace of admin\" (forces the replacement)";
    assert!(log.contains(title), "{log}");
    let mut conn = server.running.hearth.db.read().await.unwrap();
    let causes = drift::causes(&mut conn).await.unwrap();
    assert!(
        causes.iter().any(|cause| cause.address == "terraform_data.agent" && cause.claims == 1),
        "{causes:?}"
    );
    let replaced: i64 = pools::list(&mut conn).await.unwrap().iter().map(|pool| pool.replaced_total).sum();
    assert_eq!(replaced, 1);
    drop(conn);

    filled(&admin, 3).await;

    // The patched template is a new version, and a rehearsal of that is clean.
    let hearth = &server.running.hearth;
    let version = take_fix(hearth, &admin, &template, "large").await;
    rehearsal(&admin, &presets(&admin, &version["id"]).await[0], "clean").await;
    acts::pause_all(hearth, &first_admin(&admin).await, "the end").await.unwrap();
    clear(&admin, &ground).await;
    server.stop().await;
}
