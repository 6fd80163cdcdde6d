//! The list of workspaces.

use chrono::{DateTime, Utc};
use hearth_app::{
    backend::Actor,
    view::{SavedFilter, WorkspaceRow, WorkspacesQuery, WorkspacesView},
};
use hearth_prebuilds::{ids::UserId, pool_state::WorkspaceStage};

use super::{frame, workspace_row};
use crate::{
    error::{Error, Result},
    hearth::Hearth,
    store::{Conn, page, saved_filters, users, workspaces},
};

/// How many workspaces a page lists.
const ROWS: usize = 50;

pub async fn workspaces(hearth: &Hearth, actor: &Actor, query: &WorkspacesQuery) -> Result<WorkspacesView> {
    let now = hearth.clock.now();
    let mut conn = hearth.db.snapshot().await?;
    let mut ignored = Vec::new();
    let (owner, owner_id) = owner(&mut conn, actor, query, &mut ignored).await?;
    let offered = page::presets::offered(&mut conn).await?;
    let presets: Vec<String> =
        offered.iter().map(|(template, preset)| format!("{template}/{preset}")).collect();
    let preset = preset(query, &mut ignored);
    let stage = stage(query, &mut ignored);
    let after = after(query, &mut ignored);
    let filter = workspaces::Filter {
        owner: owner_id,
        name: Some(query.q.trim()).filter(|name| !name.is_empty()),
        template: preset.map(|(template, _)| template),
        preset: preset.map(|(_, preset)| preset),
        after,
        limit: None,
    };
    let (rows, next) = page_of(&mut conn, filter, stage, now).await?;
    let frame = frame::read(&mut conn, hearth, actor, now).await?;
    let saved = saved_filters::list(&mut conn, actor.user_id).await?;
    let saved =
        saved.into_iter().map(|it| SavedFilter { id: it.id.to_string(), name: it.name, filter: it.filter.0 });
    Ok(WorkspacesView { frame, saved: saved.collect(), owner, ignored, rows, next, presets })
}

/// The rows of a page, and where the next one begins. The stage is no column, so more is read where it is asked for.
async fn page_of(
    conn: &mut Conn,
    mut filter: workspaces::Filter<'_>,
    stage: Option<WorkspaceStage>,
    now: DateTime<Utc>,
) -> Result<(Vec<WorkspaceRow>, Option<String>)> {
    let at_once = if stage.is_some() { 10 * ROWS } else { ROWS + 1 };
    filter.limit = Some(at_once as u32);
    let mut rows: Vec<WorkspaceRow> = Vec::new();
    loop {
        let found = workspaces::list(conn, &filter).await?;
        let is_last = found.len() < at_once;
        filter.after = found.last().map(|last| (last.owner_name.clone(), last.name.clone()));
        let found = workspace_row::rows(conn, found, now).await?;
        rows.extend(found.into_iter().filter(|row| stage.is_none_or(|stage| row.stage == stage)));
        if is_last || rows.len() > ROWS {
            break;
        }
    }
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let next = rows.last().filter(|_| more).map(|last| format!("{}/{}", last.owner, last.name));
    Ok((rows, next))
}

fn after(query: &WorkspacesQuery, ignored: &mut Vec<String>) -> Option<(String, String)> {
    let after = query.after.split_once('/').map(|(owner, name)| (owner.to_owned(), name.to_owned()));
    if after.is_none() && !query.after.is_empty() {
        ignored.push(format!("after={}", query.after));
    }
    after
}

/// Whose are shown, as the page names it, and by id; `None` for everybody's. Only who reads pools sees others'.
async fn owner(
    conn: &mut Conn,
    actor: &Actor,
    query: &WorkspacesQuery,
    ignored: &mut Vec<String>,
) -> Result<(String, Option<UserId>)> {
    let mine = || ("me".to_owned(), Some(actor.user_id));
    let wanted = query.owner.as_str();
    if matches!(wanted, "" | "me") || wanted.eq_ignore_ascii_case(&actor.username) {
        return Ok(mine());
    }
    if !actor.role.reads_pools() {
        return Err(Error::Forbidden("Only template admins see the workspaces of others.".to_owned()));
    }
    if wanted == "all" {
        return Ok(("all".to_owned(), None));
    }
    Ok(match users::by_username(conn, wanted).await? {
        Some(user) => (user.username, Some(user.id)),
        None => {
            ignored.push(format!("owner={wanted}"));
            mine()
        }
    })
}

/// A preset that was there once may still have workspaces, so only the form of it is checked.
fn preset<'a>(query: &'a WorkspacesQuery, ignored: &mut Vec<String>) -> Option<(&'a str, &'a str)> {
    let split =
        query.preset.split_once('/').filter(|(template, preset)| !template.is_empty() && !preset.is_empty());
    if split.is_none() && !query.preset.is_empty() {
        ignored.push(format!("preset={}", query.preset));
    }
    split
}

fn stage(query: &WorkspacesQuery, ignored: &mut Vec<String>) -> Option<WorkspaceStage> {
    let stage = WorkspaceStage::ALL.into_iter().find(|stage| stage.slug() == query.state);
    if stage.is_none() && !query.state.is_empty() {
        ignored.push(format!("state={}", query.state));
    }
    stage
}
