//! What a pool does with members whose claim would recreate something.

use hearth_app::backend::Actor;
use hearth_prebuilds::policy::DriftPolicy;
use serde_json::json;

use super::acts;
use crate::{
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    store::{
        audit::{self, Act},
        pools,
    },
};

/// Sets the policy of a pool, by its name. The same again is no change.
pub async fn set_policy(
    hearth: &Hearth,
    actor: &Actor,
    (template, preset): (&str, &str),
    policy: &str,
) -> Result<()> {
    let allowed = actor.role.administers_templates();
    Error::unless(allowed, "Only template admins can change the policy of a pool.")?;
    let policy: DriftPolicy = policy.parse().map_err(|error| Error::invalid("policy", format!("{error}")))?;
    let blueprint = acts::blueprint_named(hearth, template).await?;
    let preset = blueprint.preset_named(preset).filter(|preset| preset.instances.is_some());
    let preset = preset.ok_or(Error::NotFound("The pool"))?;
    let pool = blueprint.pool(preset);
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    pools::ensure(&mut tx, &pool, blueprint.organization_id, now).await?;
    pools::begin_change(&mut tx, &pool, None, actor.user_id, now).await?;
    let before = pools::set_policy(&mut tx, &pool, policy).await?.ok_or(Error::NotFound("The pool"))?;
    if before == policy {
        return Ok(());
    }
    let act = Act {
        actor: actor.user_id,
        verb: "write",
        target_type: "pool",
        target_id: pool.template_id.to_string(),
        target_name: &format!("{}/{}", blueprint.template_name, pool.preset_name),
        before: Some(json!({ "policy": before })),
        after: Some(json!({ "policy": policy })),
    };
    audit::record(&mut tx, act, now).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Preset(preset.id));
    Ok(())
}
