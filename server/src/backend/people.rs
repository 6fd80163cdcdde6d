//! Who there is.
//!
//! A member sees only themselves; whoever reads pools sees everybody. System users are found by id and name, but left
//! out of lists unless asked for.

use hearth_app::backend::Actor;
use hearth_prebuilds::ids::{OrganizationId, UserId};

use crate::{
    error::{Error, Result},
    hearth::Hearth,
    store::{
        Conn,
        organizations::{self, Organization},
        users::{self, User},
    },
};

/// A person with the organizations they belong to.
pub struct Person {
    pub user: User,
    pub organizations: Vec<OrganizationId>,
}

/// `me`, a username or an id.
pub async fn find(hearth: &Hearth, actor: &Actor, which: &str) -> Result<Person> {
    let mut conn = hearth.db.read().await?;
    let user = find_user(&mut conn, actor, which).await?;
    let organizations = organizations::of_user(&mut conn, user.id).await?.iter().map(|o| o.id).collect();
    Ok(Person { user, organizations })
}

/// `me`, a username or an id; not found when the actor may not see them.
pub async fn find_user(conn: &mut Conn, actor: &Actor, which: &str) -> Result<User> {
    let found = match which.parse::<UserId>() {
        _ if which == "me" => users::by_id(conn, actor.user_id).await?,
        Ok(id) => users::by_id(conn, id).await?,
        Err(_) => users::by_username(conn, which).await?,
    };
    found
        .filter(|user| user.id == actor.user_id || actor.role.reads_pools())
        .ok_or(Error::NotFound("The user"))
}

pub async fn list(hearth: &Hearth, actor: &Actor, include_system: bool) -> Result<Vec<Person>> {
    let mut conn = hearth.db.snapshot().await?;
    let memberships = organizations::memberships(&mut conn).await?;
    let mut users = users::list(&mut conn, include_system).await?;
    if !actor.role.reads_pools() {
        users.retain(|user| user.id == actor.user_id);
    }
    let person = |user: User| {
        let of_user = memberships.iter().filter(|(member, _)| *member == user.id);
        Person { organizations: of_user.map(|(_, organization)| *organization).collect(), user }
    };
    Ok(users.into_iter().map(person).collect())
}

/// `default`, a name or an id.
pub async fn find_organization(conn: &mut Conn, which: &str) -> Result<Organization> {
    let found = match which.parse::<OrganizationId>() {
        _ if which.eq_ignore_ascii_case("default") => Some(organizations::default(conn).await?),
        Ok(id) => organizations::by_id(conn, id).await?,
        Err(_) => organizations::by_name(conn, which).await?,
    };
    found.ok_or(Error::NotFound("The organization"))
}

pub async fn organizations_of(hearth: &Hearth, actor: &Actor, which: &str) -> Result<Vec<Organization>> {
    let mut conn = hearth.db.read().await?;
    let user = find_user(&mut conn, actor, which).await?;
    Ok(organizations::of_user(&mut conn, user.id).await?)
}
