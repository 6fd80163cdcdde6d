//! The statements of a claim.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{BuildId, OrganizationId, PresetId, UserId, VersionId, WorkspaceId};
use uuid::Uuid;

use super::{Result, Timestamp, Tx};
use crate::optional;

/// Which members may be taken. An expired or invalidated one is older than `not_before`.
#[derive(Clone, Copy, Debug)]
pub struct Eligible {
    pub preset_id: PresetId,
    /// The template's active version.
    pub version_id: VersionId,
    pub not_before: DateTime<Utc>,
}

/// Whose it becomes, and with which settings.
#[derive(Clone, Copy, Debug)]
pub struct NewOwner<'a> {
    pub owner_id: UserId,
    pub name: &'a str,
    pub build_id: BuildId,
    pub autostart_schedule: Option<&'a str>,
    pub ttl_ms: Option<i64>,
}

/// A member that has changed hands.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Taken {
    #[sqlx(try_from = "Uuid")]
    pub id: WorkspaceId,
    #[sqlx(try_from = "Uuid")]
    pub organization_id: OrganizationId,
    /// Of the claim build.
    pub number: i64,
    pub prebuild_name: String,
}

/// Hands the oldest eligible member to its new owner, in one statement. `None`: there is none. A unique violation
/// means that the owner has a workspace of this name.
///
/// Two claims never get the same one: on PostgreSQL each skips the rows that others have locked, SQLite has one writer.
pub async fn take(
    tx: &mut Tx,
    which: &Eligible,
    owner: &NewOwner<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Taken>> {
    macro_rules! take {
        ($lock:literal) => {
            concat!(
                "UPDATE workspaces SET owner_id = $1, prebuild_name = name, name = $2, claimed_at = $3, claimed_by = $1,
                     latest_build_id = $4, latest_number = latest_number + 1, latest_status = 'pending',
                     latest_ended_at = NULL, ready = FALSE, autostart_schedule = $5, ttl_ms = $6, next_start_at = NULL,
                     last_used_at = $3, dormant_at = NULL, deleting_at = NULL, updated_at = $3
                 WHERE id = (SELECT id FROM workspaces
                     WHERE preset_id = $7 AND latest_version_id = $8 AND created_at >= $9
                     AND prebuilt_at IS NOT NULL AND claimed_at IS NULL AND NOT deleted
                     AND ready AND latest_transition = 'start' AND latest_status = 'succeeded'
                     ORDER BY created_at, id LIMIT 1 ",
                $lock,
                ") RETURNING id, organization_id, latest_number AS number, prebuild_name"
            )
        };
    }
    // Not FOR UPDATE: that would also skip a row which a new row elsewhere refers to in this moment.
    let sql = tx.pick(take!(""), take!("FOR NO KEY UPDATE SKIP LOCKED"));
    Ok(optional!(
        tx,
        Taken,
        sql,
        owner.owner_id.0,
        owner.name,
        Timestamp::from(now),
        owner.build_id.0,
        owner.autostart_schedule,
        owner.ttl_ms,
        which.preset_id.0,
        which.version_id.0,
        Timestamp::from(which.not_before)
    )?)
}
