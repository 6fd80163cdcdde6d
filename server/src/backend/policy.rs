//! What a pool does with members whose claim would recreate something.

use hearth_app::backend::Actor;
use hearth_prebuilds::policy::DriftPolicy;
use serde_json::json;

use super::pool_acts::{self, Done};
use crate::{
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    store::pools,
};

/// Sets the policy of a pool, by its name. The same again is no change.
pub async fn set_policy(hearth: &Hearth, actor: &Actor, place: (&str, &str), policy: &str) -> Result<()> {
    let allowed = actor.role.administers_templates();
    Error::unless(allowed, "Only template admins can change the policy of a pool.")?;
    let policy: DriftPolicy = policy.parse().map_err(|error| Error::invalid("policy", format!("{error}")))?;
    let place = pool_acts::find(hearth, place).await?;
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    pools::ensure(&mut tx, &place.key, place.blueprint.organization_id, now).await?;
    pools::begin_change(&mut tx, &place.key, None, actor.user_id, now).await?;
    let before = pools::set_policy(&mut tx, &place.key, policy).await?.ok_or(Error::NotFound("The pool"))?;
    if before == policy {
        return Ok(());
    }
    let done = Done::new("write", Some(json!({ "policy": before })), Some(json!({ "policy": policy })));
    pool_acts::record(&mut tx, &place, actor, &done, now).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Preset(place.preset.id));
    Ok(())
}
