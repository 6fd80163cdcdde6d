//! What is recorded about a preset, and who hears of it.

use hearth_prebuilds::snapshot::PresetHealth;
use serde_json::json;

use super::{record, tell};
use crate::{
    error::Result,
    hearth::Hearth,
    store::{
        members,
        notifications::{Action, NewNotification},
        snapshot::PresetRead,
    },
};

/// Writes a health that a decision computed. Reaching the hard limit is recorded, and told once to every template admin.
pub(super) async fn change(hearth: &Hearth, read: &PresetRead, health: PresetHealth) -> Result<()> {
    let word = match health {
        PresetHealth::Healthy => "healthy",
        PresetHealth::HardLimited => "hard_limited",
        PresetHealth::ValidationFailed => "validation_failed",
    };
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    let changed = members::set_health(&mut tx, read.snapshot.id, word, "").await?;
    let mut told = Vec::new();
    if changed && health == PresetHealth::HardLimited {
        // The instant makes it a transition of its own: a preset that recovers and fails again is told again.
        let dedupe = format!("hard_limited:{}:{}", read.snapshot.id, now.timestamp_micros());
        let preset = &read.snapshot;
        let what = NewNotification {
            template_id: tell::FAILURE_LIMIT,
            dedupe: &dedupe,
            title: "There is a problem creating prebuilt workspaces",
            content: &format!(
                "The newest builds of preset **{}** of template **{}** (version **{}**) all failed, so no more are \
                 created. Mend the template and push a new version. Ready ones can still be claimed.",
                preset.name, preset.template, preset.version
            ),
            icon: "DEFAULT_ICON_TEMPLATE",
            targets: &[read.pool.template_id.0],
            actions: &[Action {
                label: "View failed prebuilds".to_owned(),
                url: format!(
                    "{}/workspaces?owner=prebuilds&state=failed&preset={}/{}",
                    hearth.access_url, preset.template, preset.name
                ),
            }],
        };
        told = tell::template_admins(&mut tx, &what, now).await?;
        let name = format!("{}/{}", preset.template, preset.name);
        let pool = ("pool", read.pool.template_id.to_string(), name.as_str());
        let after = json!({ "health": word, "version": preset.version });
        record::act(&mut tx, "limit", pool, (None, Some(after)), now).await?;
    }
    tx.commit().await?;
    hearth.events.publish_inboxes(told);
    Ok(())
}
