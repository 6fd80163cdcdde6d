use hearth_provisioner::plan::{Replacement, ReplacementKind};
use hearth_server::store::{
    Db,
    builds::Transition,
    drift::{self, CauseKey, CauseStatus, Occurrence, SeenBy},
    jobs::JobStatus,
    workspaces,
};

use crate::{
    on_both_databases,
    support::world::{self, Like, minutes, person},
};

/// Claims of both presets of a version have met one cause.
async fn met(db: &Db, template: &world::Template, presets: &[&str]) {
    let ann = person(db, "ann").await;
    for name in presets {
        let preset = world::preset(db, (template.id, template.version), name, 1).await;
        let like = Like::build(Transition::Start, JobStatus::Succeeded);
        let workspace_id = world::member(db, (template.id, template.version, preset), like).await;
        let mut tx = db.write().await.unwrap();
        let key = CauseKey {
            address: "docker_volume.home".to_owned(),
            resource_type: "docker_volume".to_owned(),
            path: "name".to_owned(),
        };
        let of = (template.id, template.version);
        let hit = drift::hit(&mut tx, of.0, of.1, &key, SeenBy::Claim, minutes(1)).await.unwrap();
        let occurrence = Occurrence {
            build_id: workspaces::by_id(&mut tx, workspace_id).await.unwrap().unwrap().latest_build_id,
            workspace_id,
            template_id: template.id,
            version_id: template.version,
            preset_name: name,
            claimed_by: ann,
        };
        let replacement = Replacement {
            address: key.address,
            resource_type: key.resource_type,
            kind: ReplacementKind::Forced,
            changes: Vec::new(),
        };
        drift::insert_replacement(&mut tx, hit.id, &occurrence, &replacement, minutes(1)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

on_both_databases!(
    a_cause_is_fixed_when_the_last_preset_that_had_it_is_known_to_be_without,
    |db| async move {
        let template = world::template(&db, "web").await;
        met(&db, &template, &["small", "large"]).await;
        let newer = world::version(&db, template.id, "v22").await;
        let small = world::preset(&db, (template.id, newer), "small", 1).await;
        let large = world::preset(&db, (template.id, newer), "large", 1).await;
        for (name, preset, wanted) in
            [("small", small, CauseStatus::Open), ("large", large, CauseStatus::Fixed)]
        {
            let mut tx = db.write().await.unwrap();
            drift::settle(&mut tx, template.id, newer, name, minutes(2)).await.unwrap();
            drift::remember_claim(&mut tx, preset.0, 0, minutes(2)).await.unwrap();
            assert_eq!(drift::causes(&mut tx).await.unwrap()[0].status, wanted, "{name}");
            tx.commit().await.unwrap();
        }
    }
);
