use hearth_app::{backend::Role, view::InboxQuery};
use hearth_provisioner::plan::{AttributeChange, Replacement, ReplacementKind};
use hearth_server::{
    backend::inbox,
    error::Error,
    one,
    store::{
        drift::{self, CauseStatus},
        job_logs,
        notifications::{self, Wanted},
    },
};
use serde_json::json;

use super::claim::{claim, filled, id};
use crate::{
    on_both_databases,
    support::{hearth::actor, works::Works, world},
};

pub fn replacement(address: &str) -> Replacement {
    let change = |path: &str, forces, before: &str, after: &str| AttributeChange {
        path: path.to_owned(),
        forces,
        sensitive: false,
        before: json!(before),
        after: json!(after),
        after_unknown: false,
    };
    let secret = AttributeChange {
        sensitive: true,
        before: json!(null),
        after: json!(null),
        ..change("input.token", false, "", "")
    };
    Replacement {
        address: address.to_owned(),
        resource_type: "docker_container".to_owned(),
        kind: ReplacementKind::Forced,
        changes: vec![change("env[0]", true, "prebuilds", "ann"), secret],
    }
}

async fn claimed(
    works: &Works,
    ann: &hearth_app::backend::Actor,
    name: &str,
) -> hearth_prebuilds::ids::WorkspaceId {
    works.until_running(1).await;
    works.agents_get_ready().await;
    let taken = claim(works, ann, name, true).await.unwrap();
    let mine = id(&taken);
    works
        .until("the claim build done", async |works| !works.workspace(mine).await.latest_status.is_open())
        .await;
    mine
}

async fn counts(works: &Works) -> (i64, i64, i64) {
    let mut conn = works.db().read().await.unwrap();
    one!(
        conn,
        (i64, i64, i64),
        "SELECT (SELECT COUNT(*) FROM replacements), (SELECT COUNT(*) FROM notifications), replaced_total FROM pools"
    )
    .unwrap()
}

on_both_databases!(a_claim_that_recreates_resources_is_logged_recorded_and_told_once, |db| async {
    world::admin(&db, "root").await;
    world::admin(&db, "second").await;
    let (mut works, ann) = filled(db, 1).await;
    works
        .terraform
        .replaces(vec![replacement("docker_container.dev[0]"), replacement("docker_container.dev[1]")]);
    let first = claimed(&works, &ann, "first").await;
    // Two resources of one cause: two records, one notification an admin and one the owner, one workspace counted.
    assert_eq!(counts(&works).await, (2, 3, 1));
    let mut conn = works.db().read().await.unwrap();
    let told = notifications::list(&mut conn, ann.user_id, &Wanted::default()).await.unwrap();
    assert!(told[0].content.contains("- `docker_container.dev[0]`\n- `docker_container.dev[1]`"), "{told:?}");
    let causes = drift::causes(&mut conn).await.unwrap();
    assert_eq!(causes.len(), 1);
    assert_eq!(
        (causes[0].address.as_str(), causes[0].path.as_str(), causes[0].claims, causes[0].status),
        ("docker_container.dev", "env[0]", 1, CauseStatus::Open)
    );
    let build = works.builds(first).await.remove(0);
    let lines = job_logs::after(&mut conn, build.job_id, 0, 100).await.unwrap();
    let drift_lines: Vec<_> =
        lines.iter().filter(|line| line.stage == "Drift").map(|line| line.output.clone()).collect();
    let all = drift_lines.join("\n");
    assert!(all.contains("docker_container.dev[0]"), "{all}");
    assert!(all.contains("\"prebuilds\" -> \"ann\""), "{all}");
    drop(conn);

    claimed(&works, &ann, "second").await;
    assert_eq!(counts(&works).await, (4, 4, 2));
    works.stop().await;
});

on_both_databases!(a_cause_is_fixed_by_a_clean_claim_of_a_newer_version_and_may_come_back, |db| async {
    world::admin(&db, "root").await;
    let mona = actor(world::admin(&db, "mona").await, "mona", Role::TemplateAdmin);
    let (mut works, ann) = filled(db, 1).await;
    works.terraform.replaces(vec![replacement("docker_container.dev")]);
    claimed(&works, &ann, "first").await;
    let rows = inbox::page(&works.hearth, &mona, &InboxQuery::default()).await.unwrap().rows;
    let cause = rows[0].cause.unwrap();
    inbox::mute(&works.hearth, &mona, cause).await.unwrap();
    let refused = inbox::mute(&works.hearth, &ann, cause).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    let status = async |works: &Works| {
        let mut conn = works.db().read().await.unwrap();
        drift::causes(&mut conn).await.unwrap().remove(0).status
    };
    works.terraform.replaces(Vec::new());
    claimed(&works, &ann, "same-version").await;
    assert_eq!(status(&works).await, CauseStatus::Open);

    let template = works.workspaces().await[0].template_id;
    for (version, fixed) in [("v22", true), ("v333", false)] {
        let id = world::version(works.db(), template, version).await;
        let preset = world::preset(works.db(), (template, id), "small", 1).await;
        world::activate(works.db(), template, id).await;
        works.hearth.events.publish(hearth_server::events::Event::Templates);
        works
            .until("members of the new version", async |works| {
                let members = works.members().await;
                members.len() == 1 && members[0].preset_id == Some(preset.0)
            })
            .await;
        if !fixed {
            works.terraform.replaces(vec![replacement("docker_container.dev")]);
        }
        claimed(&works, &ann, version).await;
        let wanted = if fixed { CauseStatus::Fixed } else { CauseStatus::Back };
        assert_eq!(status(&works).await, wanted);
    }
    // Admins are told when it was new and when it came back, but mona, who has muted it in between; and the owner of each
    // workspace that it hit.
    assert_eq!(counts(&works).await, (2, 5, 2));
    let mut conn = works.db().read().await.unwrap();
    let back = "SELECT COUNT(*) FROM notifications WHERE title = 'A cause of drift that was fixed is back'";
    let (back,): (i64,) = one!(conn, (i64,), back).unwrap();
    assert_eq!(back, 1);
    drop(conn);
    let act = |verb: &str, status, version| {
        let after = json!({ "status": status, "version": version });
        (verb.to_owned(), "docker_container.dev".to_owned(), after)
    };
    let acts = world::acts(works.db(), "system").await;
    assert_eq!(acts, [act("fix", "fixed", "v22"), act("return", "back", "v333")]);
    works.stop().await;
});

on_both_databases!(replacements_of_other_builds_are_no_drift, |db| async {
    let (mut works, ann) = filled(db, 1).await;
    works.terraform.replaces(vec![replacement("docker_container.dev")]);
    let refused = claim(&works, &ann, "mine", true).await.unwrap();
    let mine = id(&refused);
    works
        .until("the claim build done", async |works| !works.workspace(mine).await.latest_status.is_open())
        .await;
    let before = counts(&works).await;
    hearth_server::backend::acts::stop_workspace(&works.hearth, &ann, mine).await.unwrap();
    works.until("stopped", async |works| !works.workspace(mine).await.latest_status.is_open()).await;
    hearth_server::backend::acts::start_workspace(&works.hearth, &ann, mine).await.unwrap();
    works.until("started", async |works| !works.workspace(mine).await.latest_status.is_open()).await;
    assert_eq!(counts(&works).await, before);
    works.stop().await;
});
