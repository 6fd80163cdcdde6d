//! One act on several workspaces: those that a person has ticked, or all that match a filter.
//!
//! It is one transaction in which everything is looked at again, so what is done is what would have been allowed one by
//! one at that instant. What cannot be changed is left out and counted by its reason; each of the others gets a build and
//! an audit row of its own. Rows are taken in the order of their ids, so that two such acts never wait for each other.

use std::collections::HashMap;

use hearth_app::{
    backend::Actor,
    copy,
    view::{BulkOutcome, BulkQuestion, Chosen, LeftOut, MOST_AT_ONCE},
};
use hearth_prebuilds::{
    ids::{SYSTEM_USER, TemplateId, WorkspaceId},
    stage::Transition,
};

use super::{
    acts::{self, Change},
    workspaces::{self, Asked},
};
use crate::{
    engine::transitions,
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    store::{
        Conn, builds, count,
        workspaces::{self as store, Workspace},
    },
};

/// Whoever deletes more than this types how many they are.
const MANY: usize = 20;

/// What an act on these workspaces would come to.
pub async fn question(
    hearth: &Hearth,
    actor: &Actor,
    act: Transition,
    chosen: &Chosen,
) -> Result<BulkQuestion> {
    let mut conn = hearth.db.snapshot().await?;
    let (found, left_out) = sorted(&mut conn, hearth, actor, act, chosen).await?;
    Ok(BulkQuestion {
        typed: act == Transition::Delete && is_much(&mut conn, &found).await?,
        prebuilds: number(found.iter().filter(|workspace| workspace.owner_id == SYSTEM_USER).count()),
        names: found.into_iter().map(|workspace| workspace.name).collect(),
        left_out,
    })
}

/// Starts, stops or deletes them.
pub async fn change(
    hearth: &Hearth,
    actor: &Actor,
    act: Transition,
    chosen: &Chosen,
    typed: &str,
) -> Result<BulkOutcome> {
    let mut tx = hearth.db.write().await?;
    let (found, mut left_out) = sorted(&mut tx, hearth, actor, act, chosen).await?;
    if act == Transition::Delete && is_much(&mut tx, &found).await? && typed.trim() != found.len().to_string()
    {
        return Err(Error::invalid("typed", format!("Type {}: so many would be deleted.", found.len())));
    }
    let mut changed = Vec::new();
    for workspace in found {
        let queued = acts::queue_build(hearth, &mut tx, actor, &workspace, &Change::to(stored(act))).await;
        match queued {
            Ok(_) => changed.push(workspace),
            Err(error @ (Error::Store(_) | Error::Internal(_))) => return Err(error),
            Err(Error::Conflict(_)) => left_out.busy += 1,
            Err(_) => left_out.unfit += 1,
        }
    }
    if changed.is_empty() {
        return Err(nothing(act, left_out));
    }
    tx.commit().await?;
    for workspace in &changed {
        acts::publish(hearth, workspace);
    }
    hearth.events.publish(Event::JobQueued);
    Ok(BulkOutcome { changed: number(changed.len()), left_out })
}

/// Why nothing was done at all.
fn nothing(act: Transition, left_out: LeftOut) -> Error {
    let others = LeftOut { denied: 0, ..left_out };
    if others == LeftOut::default() {
        return Error::Forbidden("None of these is there and yours to change. Nothing was done.".to_owned());
    }
    let why = copy::left_out(act, left_out).unwrap_or_default();
    Error::Conflict(format!("Nothing was done: {why}."))
}

/// Those that the act changes, by id, and how many it does not.
async fn sorted(
    conn: &mut Conn,
    hearth: &Hearth,
    actor: &Actor,
    act: Transition,
    chosen: &Chosen,
) -> Result<(Vec<Workspace>, LeftOut)> {
    let ids = match chosen {
        Chosen::Named(ids) => named(ids)?,
        Chosen::Matching { filter, seen } => {
            let asked = workspaces::asked(conn, actor, filter).await?;
            let ids = matching(conn, hearth, actor, asked).await?;
            if seen.is_some_and(|seen| seen != number(ids.len())) {
                return Err(changed_meanwhile(ids.len()));
            }
            ids
        }
    };
    let mut found = store::by_ids(conn, &ids).await?;
    found.retain(|workspace| !workspace.deleted && acts::check_may_change(actor, workspace).is_ok());
    let mut left_out = LeftOut { denied: number(ids.len() - found.len()), ..LeftOut::default() };
    found.retain(|workspace| {
        let busy = transitions::check(workspace, stored(act)).is_err();
        let already = !busy && acts::is_already(workspace, stored(act));
        left_out.busy += u32::from(busy);
        left_out.already += u32::from(already);
        !busy && !already
    });
    Ok((found, left_out))
}

fn named(ids: &[WorkspaceId]) -> Result<Vec<WorkspaceId>> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    match ids.len() {
        0 => Err(Error::invalid("members", "Select workspaces in the table first.")),
        1..=MOST_AT_ONCE => Ok(ids),
        _ => Err(too_many()),
    }
}

/// Every one that matches and that this person may change, at most as many as can be changed at once.
async fn matching(
    conn: &mut Conn,
    hearth: &Hearth,
    actor: &Actor,
    asked: Asked<'_>,
) -> Result<Vec<WorkspaceId>> {
    // What is not understood restricts nothing, which is harmless only for a list.
    if let Some(unknown) = asked.ignored.first() {
        return Err(Error::Refused(format!("The filter {unknown} is not known. Nothing was done.")));
    }
    let ids = workspaces::matching(conn, actor, asked, hearth.clock.now()).await?;
    match ids.len() {
        0 => Err(changed_meanwhile(0)),
        1..=MOST_AT_ONCE => Ok(ids),
        _ => Err(too_many()),
    }
}

fn too_many() -> Error {
    Error::invalid("members", format!("{MOST_AT_ONCE} at most in one go. Narrow the filter first."))
}

fn changed_meanwhile(now: usize) -> Error {
    let match_ = if now == 1 { "matches" } else { "match" };
    Error::Conflict(format!("This changed while you were looking: {now} {match_} now. Nothing was done."))
}

/// Whether these are many, or all members of a pool that has several.
async fn is_much(conn: &mut Conn, found: &[Workspace]) -> Result<bool> {
    if found.len() > MANY {
        return Ok(true);
    }
    let mut pools: HashMap<(TemplateId, &str), usize> = HashMap::new();
    for member in found.iter().filter(|workspace| workspace.owner_id == SYSTEM_USER) {
        if let Some(preset) = &member.preset_name {
            *pools.entry((member.template_id, preset)).or_default() += 1;
        }
    }
    for ((template, preset), going) in pools {
        if going > 1 && store::members(conn, template, preset).await?.len() == going {
            return Ok(true);
        }
    }
    Ok(false)
}

/// There are never more than [`MOST_AT_ONCE`].
fn number(of: usize) -> u32 {
    count(of as i64)
}

fn stored(act: Transition) -> builds::Transition {
    match act {
        Transition::Start => builds::Transition::Start,
        Transition::Stop => builds::Transition::Stop,
        Transition::Delete => builds::Transition::Delete,
    }
}
