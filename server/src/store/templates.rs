//! Templates. A deleted one stays, without its name, for the workspaces and the history that mention it.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{OrganizationId, TemplateId, UserId, VersionId};
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx};
use crate::{all, execute, optional};

pub struct NewTemplate<'a> {
    pub id: TemplateId,
    pub organization_id: OrganizationId,
    pub name: &'a str,
    pub display_name: &'a str,
    pub description: &'a str,
    pub icon: &'a str,
    pub active_version_id: VersionId,
    pub default_ttl_ms: i64,
    pub created_by: UserId,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Template {
    #[sqlx(try_from = "Uuid")]
    pub id: TemplateId,
    #[sqlx(try_from = "Uuid")]
    pub organization_id: OrganizationId,
    pub organization_name: String,
    pub organization_display_name: String,
    pub organization_icon: String,
    pub name: String,
    pub display_name: String,
    pub description: String,
    pub icon: String,
    #[sqlx(try_from = "Uuid")]
    pub active_version_id: VersionId,
    pub deprecation_message: String,
    pub deleted: bool,
    pub default_ttl_ms: i64,
    #[sqlx(try_from = "Uuid")]
    pub created_by: UserId,
    pub creator_username: String,
    #[sqlx(try_from = "Timestamp")]
    pub created_at: DateTime<Utc>,
    #[sqlx(try_from = "Timestamp")]
    pub updated_at: DateTime<Utc>,
    /// Workspaces of people that are not deleted.
    pub workspaces: i64,
}

macro_rules! templates {
    ($rest:literal) => {
        concat!(
            "SELECT t.*, o.name AS organization_name, o.display_name AS organization_display_name,
                    o.icon AS organization_icon, u.username AS creator_username,
                    (SELECT COUNT(*) FROM workspaces w JOIN users owner ON owner.id = w.owner_id
                     WHERE w.template_id = t.id AND NOT w.deleted AND NOT owner.is_system) AS workspaces
             FROM templates t JOIN organizations o ON o.id = t.organization_id JOIN users u ON u.id = t.created_by ",
            $rest
        )
    };
}

/// A unique violation means that the name is taken.
pub async fn insert(tx: &mut Tx, template: &NewTemplate<'_>, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO templates (id, organization_id, name, display_name, description, icon, active_version_id,
             default_ttl_ms, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
        template.id.0,
        template.organization_id.0,
        template.name,
        template.display_name,
        template.description,
        template.icon,
        template.active_version_id.0,
        template.default_ttl_ms,
        template.created_by.0,
        Timestamp::from(now)
    )?;
    Ok(())
}

/// Finds deleted ones too.
pub async fn by_id(conn: &mut Conn, id: TemplateId) -> Result<Option<Template>> {
    Ok(optional!(conn, Template, templates!("WHERE t.id = $1"), id.0)?)
}

pub async fn by_name(conn: &mut Conn, organization: OrganizationId, name: &str) -> Result<Option<Template>> {
    Ok(optional!(
        conn,
        Template,
        templates!("WHERE t.organization_id = $1 AND lower(t.name) = lower($2) AND NOT t.deleted"),
        organization.0,
        name
    )?)
}

/// By its name in whichever organization made one of that name first.
pub async fn named(conn: &mut Conn, name: &str) -> Result<Option<Template>> {
    Ok(optional!(
        conn,
        Template,
        templates!("WHERE lower(t.name) = lower($1) AND NOT t.deleted ORDER BY t.created_at LIMIT 1"),
        name
    )?)
}

/// Those that are not deleted, by name.
pub async fn list(conn: &mut Conn) -> Result<Vec<Template>> {
    Ok(all!(conn, Template, templates!("WHERE NOT t.deleted ORDER BY lower(t.name), t.id"))?)
}

pub async fn activate(tx: &mut Tx, id: TemplateId, version: VersionId, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "UPDATE templates SET active_version_id = $2, updated_at = $3 WHERE id = $1",
        id.0,
        version.0,
        Timestamp::from(now)
    )?;
    Ok(())
}

/// What people may change about a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    pub name: String,
    pub display_name: String,
    pub description: String,
    pub icon: String,
    pub default_ttl_ms: i64,
    /// Empty: workspaces can be made of it.
    pub deprecation_message: String,
}

impl Template {
    pub fn details(&self) -> Details {
        Details {
            name: self.name.clone(),
            display_name: self.display_name.clone(),
            description: self.description.clone(),
            icon: self.icon.clone(),
            default_ttl_ms: self.default_ttl_ms,
            deprecation_message: self.deprecation_message.clone(),
        }
    }
}

/// A unique violation means that the name is taken.
pub async fn update(tx: &mut Tx, id: TemplateId, details: &Details, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "UPDATE templates SET name = $2, display_name = $3, description = $4, icon = $5, default_ttl_ms = $6,
             deprecation_message = $7, updated_at = $8 WHERE id = $1",
        id.0,
        details.name.as_str(),
        details.display_name.as_str(),
        details.description.as_str(),
        details.icon.as_str(),
        details.default_ttl_ms,
        details.deprecation_message.as_str(),
        Timestamp::from(now)
    )?;
    Ok(())
}

/// Keeps the template from being deleted, and workspaces from being made of it, until the transaction ends; SQLite has
/// one writer anyway. False: it is deleted.
pub async fn hold(tx: &mut Tx, id: TemplateId) -> Result<bool> {
    let sql = tx.pick(
        "SELECT id FROM templates WHERE id = $1 AND NOT deleted",
        "SELECT id FROM templates WHERE id = $1 AND NOT deleted FOR UPDATE",
    );
    Ok(optional!(tx, (Uuid,), sql, id.0)?.is_some())
}

pub async fn delete(tx: &mut Tx, id: TemplateId, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        "UPDATE templates SET deleted = TRUE, updated_at = $2 WHERE id = $1",
        id.0,
        Timestamp::from(now)
    )?;
    Ok(())
}
