//! Presets of a version: named sets of parameter values; one with `instances` has a pool.

use std::collections::BTreeMap;

use hearth_prebuilds::ids::{PresetId, VersionId};
use hearth_provisioner::engine;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Conn, Result, Tx};
use crate::{all, clock::new_id, execute, optional};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Preset {
    #[sqlx(try_from = "Uuid")]
    pub id: PresetId,
    #[sqlx(try_from = "Uuid")]
    pub version_id: VersionId,
    pub name: String,
    pub description: String,
    pub icon: String,
    pub is_default: bool,
    pub parameters: Json<BTreeMap<String, String>>,
    /// `None`: no pool.
    pub instances: Option<i64>,
    pub ttl_seconds: Option<i64>,
}

pub async fn insert(tx: &mut Tx, version: VersionId, preset: &engine::Preset) -> Result<()> {
    let id: Uuid = new_id();
    let pool = preset.prebuilds.as_ref();
    execute!(
        tx,
        "INSERT INTO presets (id, version_id, name, description, icon, is_default, parameters, instances, ttl_seconds,
             schedule_timezone)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        id,
        version.0,
        preset.name.as_str(),
        preset.description.as_str(),
        preset.icon.as_str(),
        preset.default,
        Json(&preset.parameters),
        pool.map(|pool| i64::from(pool.instances)),
        pool.and_then(|pool| pool.ttl_seconds).map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX)),
        pool.and_then(|pool| pool.timezone.as_deref())
    )?;
    let schedules = pool.map(|pool| pool.schedules.as_slice()).unwrap_or_default();
    for (position, (cron, instances)) in (0_i64..).zip(schedules) {
        execute!(
            tx,
            "INSERT INTO preset_schedules (preset_id, position, cron, instances) VALUES ($1, $2, $3, $4)",
            id,
            position,
            cron.as_str(),
            i64::from(*instances)
        )?;
    }
    Ok(())
}

macro_rules! presets {
    ($rest:literal) => {
        concat!(
            "SELECT id, version_id, name, description, icon, is_default, parameters, instances, ttl_seconds
             FROM presets ",
            $rest
        )
    };
}

/// As Terraform lists them.
pub async fn of_version(conn: &mut Conn, version: VersionId) -> Result<Vec<Preset>> {
    Ok(all!(conn, Preset, presets!("WHERE version_id = $1 ORDER BY id"), version.0)?)
}

pub async fn by_id(conn: &mut Conn, id: PresetId) -> Result<Option<Preset>> {
    Ok(optional!(conn, Preset, presets!("WHERE id = $1"), id.0)?)
}

/// Members made before now count as expired from now on. Only presets with a pool.
pub async fn invalidate(tx: &mut Tx, version: VersionId, now: super::Timestamp) -> Result<Vec<Preset>> {
    execute!(
        tx,
        "UPDATE presets SET invalidated_at = $2 WHERE version_id = $1 AND instances IS NOT NULL",
        version.0,
        now
    )?;
    Ok(all!(tx, Preset, presets!("WHERE version_id = $1 AND instances IS NOT NULL ORDER BY id"), version.0)?)
}

/// The same for one preset.
pub async fn invalidate_one(tx: &mut Tx, preset: PresetId, now: super::Timestamp) -> Result<()> {
    execute!(tx, "UPDATE presets SET invalidated_at = $2 WHERE id = $1", preset.0, now)?;
    Ok(())
}
