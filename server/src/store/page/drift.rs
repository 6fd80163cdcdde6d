//! Occurrences of drift, for several causes at once.

use hearth_prebuilds::ids::{CauseId, VersionId};
use hearth_provisioner::rehearsal::Rehearsed;
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    all,
    store::{Conn, Result, drift::Seen, pools::PoolKey},
};

macro_rules! seen {
    ($rest:literal) => {
        concat!(
            "SELECT r.cause_id, r.build_id, r.workspace_id, w.name AS workspace_name, r.preset_name,
                 u.username AS claimed_by, r.address, r.resource_type, r.kind, r.changes, r.created_at ",
            $rest
        )
    };
}

/// What the newest rehearsal found that met each cause; none where only claims have met it.
pub async fn rehearsed(conn: &mut Conn) -> Result<Vec<(CauseId, Rehearsed)>> {
    let rows = all!(
        conn,
        (Uuid, Json<Rehearsed>),
        "SELECT c.id, r.result FROM drift_causes c JOIN rehearsals r ON r.id =
             (SELECT n.id FROM rehearsal_causes rc JOIN rehearsals n ON n.id = rc.rehearsal_id
              WHERE rc.cause_id = c.id ORDER BY n.finished_at DESC, n.id LIMIT 1)
         WHERE r.result IS NOT NULL"
    )?;
    Ok(rows.into_iter().map(|(id, Json(rehearsed))| (CauseId(id), rehearsed)).collect())
}

/// The newest occurrences of each cause, newest first.
pub async fn newest(conn: &mut Conn, causes: &[CauseId], each: i64) -> Result<Vec<Seen>> {
    let sql = conn.pick(
        seen!(
            "FROM drift_causes c JOIN replacements r ON r.id IN (SELECT id FROM replacements WHERE cause_id = c.id
                 ORDER BY created_at DESC, id LIMIT $2)
             JOIN workspaces w ON w.id = r.workspace_id JOIN users u ON u.id = r.claimed_by
             WHERE c.id IN (SELECT unhex(replace(value, '-', '')) FROM json_each($1)) ORDER BY r.created_at DESC, r.id"
        ),
        seen!(
            "FROM drift_causes c CROSS JOIN LATERAL (SELECT * FROM replacements WHERE cause_id = c.id
                 ORDER BY created_at DESC, id LIMIT $2) r
             JOIN workspaces w ON w.id = r.workspace_id JOIN users u ON u.id = r.claimed_by
             WHERE c.id IN (SELECT value::uuid FROM jsonb_array_elements_text($1)) ORDER BY r.created_at DESC, r.id"
        ),
    );
    Ok(all!(conn, Seen, sql, Json(causes), each)?)
}

/// What the newest claim of a preset that recreated something recreated.
pub async fn of_newest_claim(conn: &mut Conn, version: VersionId, preset: &str) -> Result<Vec<Seen>> {
    Ok(all!(
        conn,
        Seen,
        seen!(
            "FROM replacements r JOIN workspaces w ON w.id = r.workspace_id JOIN users u ON u.id = r.claimed_by
             WHERE r.build_id = (SELECT build_id FROM replacements WHERE version_id = $1 AND preset_name = $2
                                 ORDER BY created_at DESC, id LIMIT 1)
             AND r.version_id = $1 AND r.preset_name = $2 ORDER BY r.address"
        ),
        version.0,
        preset
    )?)
}

/// Causes of a pool that are not fixed, the one seen last first: id, address, path.
pub async fn unfixed(conn: &mut Conn, pool: &PoolKey) -> Result<Vec<(uuid::Uuid, String, String)>> {
    Ok(all!(
        conn,
        (uuid::Uuid, String, String),
        "SELECT c.id, c.address, c.path FROM drift_causes c WHERE c.template_id = $1 AND c.status <> 'fixed'
         AND (EXISTS (SELECT 1 FROM replacements r WHERE r.cause_id = c.id AND r.preset_name = $2)
             OR EXISTS (SELECT 1 FROM rehearsal_causes rc JOIN rehearsals r ON r.id = rc.rehearsal_id
                        JOIN presets p ON p.id = r.preset_id WHERE rc.cause_id = c.id AND p.name = $2))
         ORDER BY c.last_seen_at DESC, c.id LIMIT 10",
        pool.template_id.0,
        &pool.preset_name
    )?)
}

/// Names of presets that any cause was met with.
pub async fn presets(conn: &mut Conn) -> Result<Vec<String>> {
    let names = all!(
        conn,
        (String,),
        "SELECT preset_name FROM replacements
         UNION
         SELECT p.name FROM rehearsal_causes rc JOIN rehearsals r ON r.id = rc.rehearsal_id
         JOIN presets p ON p.id = r.preset_id ORDER BY 1"
    )?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}

/// Which causes a preset of this name was hit by.
pub async fn causes_of_preset(conn: &mut Conn, preset: &str) -> Result<Vec<CauseId>> {
    let causes = all!(
        conn,
        (uuid::Uuid,),
        "SELECT cause_id FROM replacements WHERE preset_name = $1
         UNION
         SELECT rc.cause_id FROM rehearsal_causes rc JOIN rehearsals r ON r.id = rc.rehearsal_id
         JOIN presets p ON p.id = r.preset_id WHERE p.name = $1",
        preset
    )?;
    Ok(causes.into_iter().map(|(id,)| CauseId(id)).collect())
}
