//! Tokens that people make for their programs.

use chrono::TimeDelta;
use hearth_app::{
    backend::{Actor, Origin, Role},
    view::{TokenRow, TokensQuery, TokensView},
};

use super::session;
use crate::{
    backend::frame,
    error::{Error, Result},
    hearth::Hearth,
    names,
    store::{
        Tx, audit,
        sessions::{self, Token},
    },
};

/// The longest a token may count.
pub const LONGEST: TimeDelta = TimeDelta::days(365);
/// Nobody has so many by intent.
const MOST: usize = 100;
const NOT_FOUND: Error = Error::NotFound("The token");

/// A token for oneself; what proves it is returned once and never kept.
pub async fn create(
    hearth: &Hearth,
    actor: &Actor,
    name: &str,
    lifetime: TimeDelta,
    origin: &Origin,
) -> Result<String> {
    names::check_version("name", name)?;
    if lifetime <= TimeDelta::zero() || lifetime > LONGEST {
        let days = LONGEST.num_days();
        return Err(Error::invalid("lifetime", format!("must be positive, and {days} days at most")));
    }
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    if sessions::tokens(&mut tx, Some(actor.user_id)).await?.len() >= MOST {
        return Err(Error::Refused(format!("You have {MOST} tokens already. Revoke one first.")));
    }
    let expires_at = now + lifetime;
    let made = session::insert(&mut tx, (actor.user_id, origin), (Some(name), expires_at), now).await;
    let key = made.map_err(|error| {
        Error::taken_or(error, "name", format!("You have a token named `{name}` already."))
    })?;
    let after = serde_json::json!({ "name": name, "expires_at": expires_at });
    record(&mut tx, hearth, actor, ("create", name), (None, Some(after))).await?;
    tx.commit().await?;
    Ok(key)
}

/// One's own, or for an owner those of everybody.
pub async fn list(hearth: &Hearth, actor: &Actor, everybody: bool) -> Result<Vec<Token>> {
    let of = (!everybody).then_some(actor.user_id);
    Error::unless(of.is_some() || may_see_all(actor), "Only owners see the tokens of other people.")?;
    Ok(sessions::tokens(&mut hearth.db.read().await?, of).await?)
}

/// By id, or one's own by name.
pub async fn find(hearth: &Hearth, actor: &Actor, which: &str) -> Result<Token> {
    let tokens = list(hearth, actor, may_see_all(actor)).await?;
    let is_it = |token: &Token| {
        token.id == which || token.user_id == actor.user_id && token.name.eq_ignore_ascii_case(which)
    };
    tokens.into_iter().find(is_it).ok_or(NOT_FOUND)
}

/// What becomes of a token that is not to count any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It stays in the list.
    Expire,
    Delete,
}

/// Ends one's own token, or as an owner anybody's.
pub async fn revoke(hearth: &Hearth, actor: &Actor, id: &str, end: End) -> Result<()> {
    let token = find(hearth, actor, id).await?;
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    match end {
        End::Expire => sessions::expire(&mut tx, &token.id, now.min(token.expires_at)).await?,
        End::Delete => sessions::delete(&mut tx, &token.id).await?,
    }
    let before = serde_json::json!({ "owner": token.username, "expires_at": token.expires_at });
    record(&mut tx, hearth, actor, ("revoke", &token.name), (Some(before), None)).await?;
    tx.commit().await?;
    Ok(())
}

fn may_see_all(actor: &Actor) -> bool {
    actor.role == Role::Owner
}

async fn record(
    tx: &mut Tx,
    hearth: &Hearth,
    actor: &Actor,
    (verb, name): (&'static str, &str),
    (before, after): (Option<serde_json::Value>, Option<serde_json::Value>),
) -> Result<()> {
    let act = audit::Act {
        actor: actor.user_id,
        verb,
        target_type: "api_key",
        target_id: String::new(),
        target_name: name,
        before,
        after,
    };
    Ok(audit::record(tx, act, hearth.clock.now()).await?)
}

/// The page; tokens that have expired are left out.
pub async fn page(hearth: &Hearth, actor: &Actor, query: &TokensQuery) -> Result<TokensView> {
    let may_see_all = may_see_all(actor);
    let tokens = list(hearth, actor, may_see_all && query.whose == "all").await?;
    let frame = frame::frame(hearth, actor).await?;
    let row = |token: Token| TokenRow {
        id: token.id,
        name: token.name,
        owner: token.username,
        created_at: token.created_at,
        last_used_at: Some(token.last_used_at).filter(|at| *at > token.created_at),
        expires_at: token.expires_at,
    };
    let tokens = tokens.into_iter().filter(|token| token.expires_at > frame.now).map(row).collect();
    Ok(TokensView { frame, tokens, may_see_all })
}
