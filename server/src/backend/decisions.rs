//! The record of what the reconciler decided, for those who read pools.

use hearth_app::backend::Actor;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    hearth::Hearth,
    store::decisions::{self, Of, Recorded, Stretch},
};

const MISSING: Error = Error::NotFound("The decision");

fn check(actor: &Actor) -> Result<()> {
    if actor.role.reads_pools() {
        return Ok(());
    }
    Err(Error::Forbidden("Only template admins see what the reconciler decided.".to_owned()))
}

/// Newest first.
pub async fn list(hearth: &Hearth, actor: &Actor, of: Of<'_>, stretch: Stretch) -> Result<Vec<Recorded>> {
    check(actor)?;
    Ok(decisions::list(&mut hearth.db.read().await?, of, stretch).await?)
}

pub async fn one(hearth: &Hearth, actor: &Actor, id: Uuid) -> Result<Recorded> {
    check(actor)?;
    decisions::by_id(&mut hearth.db.read().await?, id).await?.ok_or(MISSING)
}

/// What `hearth decide` takes to come to the same decision again.
pub async fn document(hearth: &Hearth, actor: &Actor, id: Uuid) -> Result<Value> {
    check(actor)?;
    decisions::document(&mut hearth.db.read().await?, id).await?.ok_or(MISSING)
}
