//! The first person: an owner.

use hearth_app::{
    backend::{Origin, Role},
    view::SetupStatus,
};
use hearth_prebuilds::ids::UserId;

use super::{Gate, issue, password};
use crate::{
    clock::new_id,
    config::Config,
    error::{Error, Result},
    hearth::Hearth,
    names,
    store::{Db, Tx, audit, organizations, users},
};

/// Somebody to be made.
pub struct NewPerson<'a> {
    pub username: &'a str,
    pub email: &'a str,
    pub name: &'a str,
    pub password: &'a str,
}

impl NewPerson<'_> {
    pub(super) fn check(&self) -> Result<()> {
        names::check("username", self.username)?;
        if matches!(self.username.to_ascii_lowercase().as_str(), "reconciler" | "system") {
            return Err(Error::invalid("username", "is what the record of acts calls Hearth itself"));
        }
        names::check_email("email", self.email)?;
        if self.name.chars().count() > 128 {
            return Err(Error::invalid("name", "must have at most 128 characters"));
        }
        password::check(self.password, self.username, self.email)
    }
}

/// `/setup` is open only while there is no person.
pub async fn setup_status(hearth: &Hearth) -> Result<SetupStatus> {
    Ok(SetupStatus { open: !first_exists(&hearth.db).await? })
}

pub async fn first_exists(db: &Db) -> Result<bool> {
    Ok(users::anybody(&mut db.read().await?).await?)
}

/// Makes the first person and logs in. Returns the id and the session token.
pub async fn setup(
    hearth: &Hearth,
    code: &str,
    person: &NewPerson<'_>,
    origin: &Origin,
) -> Result<(UserId, String)> {
    const NAME: &str = "the set-up code";
    let now = hearth.clock.now();
    if first_exists(&hearth.db).await? {
        return Err(Error::Conflict(ALREADY.to_owned()));
    }
    hearth.gate.enter(&origin.ip, NAME, now)?;
    if !hearth.gate.code_fits(code) {
        return Err(Error::invalid("code", "is not the code that the server printed on its console"));
    }
    hearth.gate.succeeded(&origin.ip, NAME);
    person.check()?;
    let hash = hearth.gate.hash(person.password).await?;
    let mut tx = hearth.db.write().await?;
    let id = insert_owner(&mut tx, person, &hash, now).await?;
    let token = issue(&mut tx, hearth, id, origin).await?;
    tx.commit().await?;
    hearth.gate.close_setup();
    Ok((id, token))
}

const ALREADY: &str = "The first user exists already.";

/// Who is there when the server starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstAdmin {
    /// Nobody: `/setup` is open.
    Missing,
    /// Made just now from the settings.
    Made,
    /// Somebody was there before.
    There,
}

/// Makes the first person from `HEARTH_ADMIN_*` when there is nobody yet and all three are given.
pub async fn admin_from_config(
    db: &Db,
    gate: &Gate,
    config: &Config,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<FirstAdmin> {
    if first_exists(db).await? {
        return Ok(FirstAdmin::There);
    }
    let (Some(username), Some(email), Some(password)) =
        (&config.admin_username, &config.admin_email, &config.admin_password)
    else {
        return Ok(FirstAdmin::Missing);
    };
    let person = NewPerson { username, email, name: "", password };
    person.check()?;
    let hash = gate.hash(password).await?;
    let mut tx = db.write().await?;
    match insert_owner(&mut tx, &person, &hash, now).await {
        Ok(_) => {
            tx.commit().await?;
            Ok(FirstAdmin::Made)
        }
        // Another replica was faster.
        Err(Error::Conflict(_)) => Ok(FirstAdmin::There),
        Err(error) => Err(error),
    }
}

/// The check and the insertion are one step: two who race make one person.
async fn insert_owner(
    tx: &mut Tx,
    person: &NewPerson<'_>,
    password_hash: &str,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<UserId> {
    users::lock(tx).await?;
    if users::anybody(tx).await? {
        return Err(Error::Conflict(ALREADY.to_owned()));
    }
    let id = new_id();
    let user = users::NewUser {
        id,
        username: person.username,
        email: person.email,
        name: person.name,
        password_hash,
        role: Role::Owner,
    };
    let inserted = users::insert(tx, &user, now).await;
    inserted.map_err(|error| Error::taken_or(error, "username", "This name is taken."))?;
    let organization = organizations::default(tx).await?;
    organizations::add_member(tx, organization.id, id, now).await?;
    let act = audit::Act {
        actor: id,
        verb: "create",
        target_type: "user",
        target_id: id.to_string(),
        target_name: person.username,
        before: None,
        after: Some(serde_json::json!({ "email": person.email, "role": Role::Owner.as_str() })),
    };
    audit::record(tx, act, now).await?;
    Ok(id)
}
