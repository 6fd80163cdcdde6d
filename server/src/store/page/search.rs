//! The names that a search looks at in memory: they may have any letters, and SQLite folds the case of ASCII alone.

use crate::{
    all,
    store::{Conn, Result},
};

/// A template that is there, with a preset of its active version; one without presets has one row.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Name {
    pub template: String,
    pub display_name: String,
    /// Nothing is made of it any more.
    pub archived: bool,
    pub preset: Option<String>,
}

/// By template and preset.
pub async fn names(conn: &mut Conn) -> Result<Vec<Name>> {
    Ok(all!(
        conn,
        Name,
        "SELECT t.name AS template, t.display_name, t.deprecation_message <> '' AS archived, p.name AS preset
         FROM templates t LEFT JOIN presets p ON p.version_id = t.active_version_id
         WHERE NOT t.deleted ORDER BY lower(t.name), t.id, p.name"
    )?)
}
