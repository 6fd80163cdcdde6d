//! Organizations and who belongs to them. The system user belongs to every organization that has a pool.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{OrganizationId, UserId};
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx};
use crate::{all, execute, one, optional};

#[derive(Clone, Debug)]
pub struct Organization {
    pub id: OrganizationId,
    pub name: String,
    pub display_name: String,
    pub description: String,
    pub icon: String,
    pub is_default: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    display_name: String,
    description: String,
    icon: String,
    is_default: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for Organization {
    fn from(row: Row) -> Self {
        Self {
            id: OrganizationId(row.id),
            name: row.name,
            display_name: row.display_name,
            description: row.description,
            icon: row.icon,
            is_default: row.is_default,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

pub async fn list(conn: &mut Conn) -> Result<Vec<Organization>> {
    let rows = all!(conn, Row, "SELECT * FROM organizations ORDER BY lower(name)")?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub async fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<Organization>> {
    let rows = all!(
        conn,
        Row,
        "SELECT o.* FROM organizations o JOIN organization_members m ON m.organization_id = o.id
         WHERE m.user_id = $1 ORDER BY lower(o.name)",
        user.0
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// (user, organization) of everybody, for lists of people.
pub async fn memberships(conn: &mut Conn) -> Result<Vec<(UserId, OrganizationId)>> {
    let rows = all!(
        conn,
        (Uuid, Uuid),
        "SELECT user_id, organization_id FROM organization_members ORDER BY organization_id"
    )?;
    Ok(rows.into_iter().map(|(user, organization)| (UserId(user), OrganizationId(organization))).collect())
}

pub async fn by_id(conn: &mut Conn, id: OrganizationId) -> Result<Option<Organization>> {
    Ok(optional!(conn, Row, "SELECT * FROM organizations WHERE id = $1", id.0)?.map(Into::into))
}

pub async fn by_name(conn: &mut Conn, name: &str) -> Result<Option<Organization>> {
    Ok(optional!(conn, Row, "SELECT * FROM organizations WHERE lower(name) = lower($1)", name)?
        .map(Into::into))
}

pub async fn default(conn: &mut Conn) -> Result<Organization> {
    Ok(one!(conn, Row, "SELECT * FROM organizations WHERE is_default")?.into())
}

/// When the user joined.
pub async fn member_since(
    conn: &mut Conn,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<DateTime<Utc>>> {
    let row = optional!(
        conn,
        (Timestamp,),
        "SELECT created_at FROM organization_members WHERE organization_id = $1 AND user_id = $2",
        organization.0,
        user.0
    )?;
    Ok(row.map(|(at,)| at.into()))
}

/// Whether the user was not a member before.
pub async fn add_member(
    tx: &mut Tx,
    organization: OrganizationId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let added = execute!(
        tx,
        "INSERT INTO organization_members (organization_id, user_id, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (organization_id, user_id) DO NOTHING",
        organization.0,
        user.0,
        Timestamp::from(now)
    )?;
    Ok(added > 0)
}
