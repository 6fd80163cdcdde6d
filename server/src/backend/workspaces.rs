//! The list of workspaces.

use chrono::{DateTime, Utc};
use hearth_app::{
    backend::Actor,
    view::{MOST_AT_ONCE, SavedFilter, WorkspaceRow, WorkspacesQuery, WorkspacesView},
};
use hearth_prebuilds::{
    ids::{UserId, WorkspaceId},
    pool_state::WorkspaceStage,
};

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
    let offered = page::presets::offered(&mut conn).await?;
    let presets: Vec<String> =
        offered.iter().map(|(template, preset)| format!("{template}/{preset}")).collect();
    let asked = asked(&mut conn, actor, query).await?;
    let mut rows = read(&mut conn, actor, &asked, ROWS + 1, now).await?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let next = rows.last().filter(|_| more).map(|last| format!("{}/{}", last.owner, last.name));
    let (owner, ignored) = (asked.owner.clone(), asked.ignored.clone());
    let matches = if more || asked.filter.after.is_some() {
        matching(&mut conn, actor, asked, now).await?.len()
    } else {
        rows.iter().filter(|row| row.may_change).count()
    };
    let frame = frame::read(&mut conn, hearth, actor, now).await?;
    let saved = saved_filters::list(&mut conn, actor.user_id).await?;
    let saved =
        saved.into_iter().map(|it| SavedFilter { id: it.id.to_string(), name: it.name, filter: it.filter.0 });
    Ok(WorkspacesView { frame, saved: saved.collect(), owner, ignored, rows, next, matches, presets })
}

/// What a query asks for, as far as it is understood.
pub(super) struct Asked<'a> {
    /// As the page names it.
    owner: String,
    filter: workspaces::Filter<'a>,
    stage: Option<WorkspaceStage>,
    /// Only what this person may change.
    changeable: bool,
    pub ignored: Vec<String>,
}

pub(super) async fn asked<'a>(
    conn: &mut Conn,
    actor: &Actor,
    query: &'a WorkspacesQuery,
) -> Result<Asked<'a>> {
    let mut ignored = Vec::new();
    let (owner, owner_id) = owner(conn, actor, query, &mut ignored).await?;
    let preset = preset(query, &mut ignored);
    let filter = workspaces::Filter {
        owner: owner_id,
        name: Some(query.q.trim()).filter(|name| !name.is_empty()),
        template: preset.map(|(template, _)| template),
        preset: preset.map(|(_, preset)| preset),
        after: after(query, &mut ignored),
        limit: None,
    };
    Ok(Asked { owner, filter, stage: stage(query, &mut ignored), changeable: false, ignored })
}

/// On all pages together, those that this person may change; one more than [`MOST_AT_ONCE`] stands for more.
pub(super) async fn matching(
    conn: &mut Conn,
    actor: &Actor,
    mut asked: Asked<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<WorkspaceId>> {
    asked.filter.after = None;
    asked.changeable = true;
    let rows = read(conn, actor, &asked, MOST_AT_ONCE + 1, now).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The first so many rows. Neither the stage nor what one may change is a column, so more is read where they restrict.
async fn read(
    conn: &mut Conn,
    actor: &Actor,
    asked: &Asked<'_>,
    most: usize,
    now: DateTime<Utc>,
) -> Result<Vec<WorkspaceRow>> {
    let at_once = if asked.stage.is_some() { most.max(10 * ROWS) } else { most };
    let mut filter = workspaces::Filter { limit: Some(at_once as u32), ..asked.filter.clone() };
    let mut rows: Vec<WorkspaceRow> = Vec::new();
    loop {
        let found = workspaces::list(conn, &filter).await?;
        let is_last = found.len() < at_once;
        filter.after = found.last().map(|last| (last.owner_name.clone(), last.name.clone()));
        let found = workspace_row::rows(conn, actor, found, now).await?;
        let wanted = |row: &WorkspaceRow| {
            asked.stage.is_none_or(|stage| row.stage == stage) && (row.may_change || !asked.changeable)
        };
        rows.extend(found.into_iter().filter(wanted));
        if is_last || rows.len() >= most {
            break;
        }
    }
    rows.truncate(most);
    Ok(rows)
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
