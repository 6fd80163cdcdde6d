//! Filters of the list of workspaces that a person keeps, in whatever browser.

use hearth_app::{backend::Actor, view::WorkspacesQuery};
use serde_json::{Value, json};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    clock::new_id,
    error::{Error, Result},
    hearth::Hearth,
    store::{
        audit::{self, Act},
        saved_filters::{self, Saved},
    },
};

/// So many a person may keep.
const MOST: usize = 12;
/// Both in characters.
const LONGEST_NAME: usize = 40;
const LONGEST_PART: usize = 200;

pub async fn save(hearth: &Hearth, actor: &Actor, name: &str, filter: &WorkspacesQuery) -> Result<()> {
    let name = name.trim();
    check(name, filter)?;
    let mut tx = hearth.db.write().await?;
    if saved_filters::list(&mut tx, actor.user_id).await?.len() >= MOST {
        let detail = format!("You keep {MOST} filters, which is as many as there can be. Remove one first.");
        return Err(Error::invalid("name", detail));
    }
    let now = hearth.clock.now();
    let saved = Saved { id: new_id(), name: name.to_owned(), filter: Json(filter.clone()) };
    saved_filters::insert(&mut tx, actor.user_id, &saved, now)
        .await
        .map_err(|error| Error::taken_or(error, "name", "You have a filter of this name already."))?;
    let filter = json!({ "filter": saved.filter });
    audit::record(&mut tx, act(actor, "create", &saved, (None, Some(filter))), now).await?;
    tx.commit().await?;
    Ok(())
}

pub async fn remove(hearth: &Hearth, actor: &Actor, id: Uuid) -> Result<()> {
    let mut tx = hearth.db.write().await?;
    let saved = saved_filters::delete(&mut tx, actor.user_id, id).await?;
    let saved = saved.ok_or(Error::NotFound("The filter"))?;
    let filter = json!({ "filter": saved.filter });
    audit::record(&mut tx, act(actor, "delete", &saved, (Some(filter), None)), hearth.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

fn check(name: &str, filter: &WorkspacesQuery) -> Result<()> {
    let detail = if name.is_empty() {
        "Give it a name.".to_owned()
    } else if name.chars().count() > LONGEST_NAME || name.contains(char::is_control) {
        format!("A name has {LONGEST_NAME} characters at most, in one line.")
    } else if *filter == WorkspacesQuery::default() {
        "Choose a filter first; this one shows all of yours.".to_owned()
    } else if filter.parts().iter().any(|(_, part)| part.chars().count() > LONGEST_PART) {
        format!("No part of a filter has more than {LONGEST_PART} characters.")
    } else {
        return Ok(());
    };
    Err(Error::invalid("name", detail))
}

fn act<'a>(
    actor: &Actor,
    verb: &'static str,
    saved: &'a Saved,
    (before, after): (Option<Value>, Option<Value>),
) -> Act<'a> {
    Act {
        actor: actor.user_id,
        verb,
        target_type: "saved_filter",
        target_id: saved.id.to_string(),
        target_name: &saved.name,
        before,
        after,
    }
}
