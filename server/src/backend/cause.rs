//! One cause of drift.

use hearth_app::{
    backend::Actor,
    view::{CauseEventView, CausePageView, RehearsedCause},
};
use hearth_prebuilds::ids::CauseId;

use super::{
    drift::{Lost, cause_view, occurrence},
    frame, rehearsals,
};
use crate::{
    error::{Error, Result},
    hearth::Hearth,
    store::{
        Conn,
        cause_events::{self, CauseEvent},
        drift::{self, Cause},
        page,
        rehearsals::{of_cause, shown},
    },
};

/// How many claims are shown.
const NEWEST_CLAIMS: i64 = 50;

/// The page.
pub async fn cause(hearth: &Hearth, actor: &Actor, id: CauseId) -> Result<CausePageView> {
    Error::unless(actor.role.reads_pools(), "Only template admins see what claims recreated.")?;
    let now = hearth.clock.now();
    let mut conn = hearth.db.snapshot().await?;
    let found = drift::cause(&mut conn, id).await?.ok_or(Error::NotFound("This cause"))?;
    let rehearsed = rehearsed(&mut conn, &found).await?;
    let occurrences = page::drift::newest(&mut conn, &[id], NEWEST_CLAIMS).await?;
    let occurrences = occurrences.into_iter().map(occurrence).collect();
    let lost = Lost::read(&mut conn).await?;
    let history = cause_events::list(&mut conn, id).await?.into_iter().map(event).collect();
    let frame = frame::read(&mut conn, hearth, actor, now).await?;
    Ok(CausePageView { frame, cause: cause_view(found, occurrences, &lost), rehearsed, history })
}

/// What the newest rehearsal that met the cause found about its resource.
async fn rehearsed(conn: &mut Conn, cause: &Cause) -> Result<Option<RehearsedCause>> {
    let Some(found) = of_cause(conn, cause.id).await? else { return Ok(None) };
    let (preset_id, preset) = (found.preset_id, found.preset_name.clone());
    let active = page::presets::active(conn, &cause.template_name, &preset).await?;
    let is_active = active.is_some_and(|active| active.id == preset_id);
    let is_current = is_active && shown(conn, preset_id).await?.is_some_and(|shown| shown.id == found.id);
    let replacements = found.result.iter().flat_map(|result| result.0.replacements());
    let of_cause = replacements.filter(|it| it.block() == cause.address).map(|it| it.address.clone());
    let of_cause: Vec<String> = of_cause.collect();
    let Some(mut rehearsal) = rehearsals::view(found) else { return Ok(None) };
    rehearsal.replaced.retain(|replaced| of_cause.contains(&replaced.address));
    Ok(Some(RehearsedCause { preset, rehearsal, is_current }))
}

fn event(event: CauseEvent) -> CauseEventView {
    CauseEventView {
        status: event.status.as_str().to_owned(),
        version: event.version_name,
        by: event.username,
        at: event.at,
    }
}
