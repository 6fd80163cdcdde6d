//! What people are told: one row a person and transition.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::UserId;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Result, Timestamp, Tx};
use crate::{clock, execute};

/// What is told, the same to everybody.
#[derive(Clone, Debug)]
pub struct NewNotification<'a> {
    /// The fixed id of the kind.
    pub template_id: Uuid,
    /// Names the transition: nobody hears of it twice.
    pub dedupe: &'a str,
    pub title: &'a str,
    /// Markdown.
    pub content: &'a str,
    pub icon: &'a str,
    pub targets: &'a [Uuid],
    pub actions: &'a [Action],
}

/// Where to go from a notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    pub label: String,
    pub url: String,
}

/// False: this person was told already.
pub async fn insert(
    tx: &mut Tx,
    user: UserId,
    new: &NewNotification<'_>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let inserted = execute!(
        tx,
        "INSERT INTO notifications (id, user_id, template_id, dedupe, title, content, icon, targets, actions, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
        clock::new_id::<Uuid>(),
        user.0,
        new.template_id,
        new.dedupe,
        new.title,
        new.content,
        new.icon,
        Json(new.targets),
        Json(new.actions),
        Timestamp::from(now)
    )?;
    Ok(inserted > 0)
}
