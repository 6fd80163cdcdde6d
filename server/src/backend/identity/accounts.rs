//! What owners change about people, and what people change about themselves. Nobody is ever deleted: the record of
//! what they did stays true. At least one owner can always log in.

use hearth_app::{
    backend::{Actor, Role},
    view::{NewPersonOrder, PeopleQuery, PeopleView, PersonAct, PersonRow, PreferencesView},
};
use hearth_prebuilds::ids::UserId;
use serde_json::{Value, json};

use super::{NewPerson, password, session};
use crate::{
    backend::{frame, inbox, people},
    clock::new_id,
    error::{Error, Result},
    hearth::Hearth,
    store::{
        Tx, audit, organizations, sessions,
        users::{self, Status, User},
    },
};

fn check_owner(actor: &Actor) -> Result<()> {
    Error::unless(actor.role == Role::Owner, "Only owners change people.")
}

fn role(field: &str, text: &str) -> Result<Role> {
    text.parse().map_err(|error: hearth_app::backend::UnknownRole| Error::invalid(field, error.to_string()))
}

/// Makes a person with a first password, who is a member of the default organization.
pub async fn create(hearth: &Hearth, actor: &Actor, order: &NewPersonOrder, name: &str) -> Result<UserId> {
    check_owner(actor)?;
    let role = role("role", &order.role)?;
    let NewPersonOrder { username, email, password, .. } = order;
    NewPerson { username, email, name, password }.check()?;
    let hash = hearth.gate.hash(password).await?;
    let now = hearth.clock.now();
    let id = new_id();
    let user = users::NewUser { id, username, email, name, password_hash: &hash, role };
    let mut tx = hearth.db.write().await?;
    users::insert(&mut tx, &user, now).await.map_err(|error| {
        Error::taken_or(error, "username", "Somebody has this name or this e-mail address already.")
    })?;
    let organization = organizations::default(&mut tx).await?;
    organizations::add_member(&mut tx, organization.id, id, now).await?;
    let after = json!({ "email": email, "role": role.as_str() });
    record(&mut tx, hearth, actor, ("create", id, username), (None, Some(after))).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes another person, by username or id.
pub async fn change(hearth: &Hearth, actor: &Actor, which: &str, act: &PersonAct) -> Result<UserId> {
    check_owner(actor)?;
    let user = people::find_user(&mut hearth.db.read().await?, actor, which).await?;
    if user.is_system {
        return Err(Error::Forbidden("The system user cannot be changed.".to_owned()));
    }
    if user.id == actor.user_id {
        return Err(Error::Refused(
            "Nobody changes their own role, status or password here: ask another owner, or go to Preferences."
                .to_owned(),
        ));
    }
    let hash = match act {
        PersonAct::ResetPassword(new) => {
            password::check(new, &user.username, &user.email)?;
            Some(hearth.gate.hash(new).await?)
        }
        PersonAct::Role(_) | PersonAct::Suspend | PersonAct::Activate => None,
    };
    let mut tx = hearth.db.write().await?;
    // Two owners who demote each other at once must not both succeed.
    users::lock(&mut tx).await?;
    let user = users::by_id(&mut tx, user.id).await?.ok_or(Error::NotFound("The user"))?;
    apply(&mut tx, hearth, actor, &user, (act, hash.as_deref())).await?;
    if !users::has_owner(&mut tx).await? {
        return Err(Error::Refused("At least one owner must be able to log in.".to_owned()));
    }
    tx.commit().await?;
    Ok(user.id)
}

async fn apply(
    tx: &mut Tx,
    hearth: &Hearth,
    actor: &Actor,
    user: &User,
    (act, hash): (&PersonAct, Option<&str>),
) -> Result<()> {
    let now = hearth.clock.now();
    let status = |status: Status| json!({ "status": status.as_str() });
    let (verb, before, after) = match act {
        PersonAct::Role(wanted) => {
            let wanted = role("role", wanted)?;
            users::set_role(tx, user.id, wanted, now).await?;
            ("write", Some(json!({ "role": user.role.as_str() })), Some(json!({ "role": wanted.as_str() })))
        }
        PersonAct::Suspend => {
            users::set_status(tx, user.id, Status::Suspended, now).await?;
            sessions::delete_others(tx, user.id, "").await?;
            ("suspend", Some(status(user.status)), Some(status(Status::Suspended)))
        }
        PersonAct::Activate => {
            users::set_status(tx, user.id, Status::Active, now).await?;
            ("activate", Some(status(user.status)), Some(status(Status::Active)))
        }
        PersonAct::ResetPassword(_) => {
            users::set_password(tx, user.id, hash.unwrap_or_default(), now).await?;
            sessions::delete_others(tx, user.id, "").await?;
            ("reset_password", None, None)
        }
    };
    record(tx, hearth, actor, (verb, user.id, &user.username), (before, after)).await
}

/// Changes one's own password. Every other log-in of this person ends; `token` is the one that stays.
pub async fn change_password(
    hearth: &Hearth,
    actor: &Actor,
    (current, new): (&str, &str),
    token: &str,
) -> Result<()> {
    let now = hearth.clock.now();
    let known = users::credentials(&mut hearth.db.read().await?, &actor.username).await?;
    let hash = known.map(|(_, hash, _)| hash);
    // Whoever finds an open browser must not find the password out by trying.
    hearth.gate.enter("", &actor.username, now)?;
    if !hearth.gate.verify(current, hash).await? {
        return Err(Error::invalid("current", "This is not the current password."));
    }
    hearth.gate.succeeded("", &actor.username);
    let mut conn = hearth.db.read().await?;
    let user = users::by_id(&mut conn, actor.user_id).await?.ok_or(Error::NotFound("The user"))?;
    drop(conn);
    password::check(new, &user.username, &user.email)?;
    let hash = hearth.gate.hash(new).await?;
    let kept = session::split(token).map(|(id, _)| id).unwrap_or_default();
    let mut tx = hearth.db.write().await?;
    users::set_password(&mut tx, user.id, &hash, now).await?;
    sessions::delete_others(&mut tx, user.id, kept).await?;
    record(&mut tx, hearth, actor, ("change_password", user.id, &user.username), (None, None)).await?;
    tx.commit().await?;
    Ok(())
}

/// What somebody did to an account, their own or another, for the record of acts.
pub(in crate::backend) async fn record(
    tx: &mut Tx,
    hearth: &Hearth,
    actor: &Actor,
    (verb, id, username): (&'static str, UserId, &str),
    (before, after): (Option<Value>, Option<Value>),
) -> Result<()> {
    let act = audit::Act {
        actor: actor.user_id,
        verb,
        target_type: "user",
        target_id: id.to_string(),
        target_name: username,
        before,
        after,
    };
    Ok(audit::record(tx, act, hearth.clock.now()).await?)
}

/// The page of people.
pub async fn page(hearth: &Hearth, actor: &Actor, query: &PeopleQuery) -> Result<PeopleView> {
    Error::unless(actor.role.reads_pools(), "Only template admins and auditors see who there is.")?;
    let people = people::list(hearth, actor, query.system == "show").await?;
    let row = |person: people::Person| PersonRow {
        role: person.user.role.as_str().to_owned(),
        suspended: person.user.status == Status::Suspended,
        is_system: person.user.is_system,
        last_seen_at: person.user.last_seen_at,
        myself: person.user.id == actor.user_id,
        username: person.user.username,
        email: person.user.email,
    };
    Ok(PeopleView {
        frame: frame::frame(hearth, actor).await?,
        people: people.into_iter().map(row).collect(),
        may_change: actor.role == Role::Owner,
    })
}

/// The page of one's own preferences.
pub async fn preferences(hearth: &Hearth, actor: &Actor) -> Result<PreferencesView> {
    let user = users::by_id(&mut hearth.db.read().await?, actor.user_id).await?;
    let user = user.ok_or(Error::NotFound("The user"))?;
    Ok(PreferencesView {
        frame: frame::frame(hearth, actor).await?,
        email: user.email,
        role: user.role.as_str().to_owned(),
        kinds: inbox::kinds(hearth, actor).await?,
    })
}
