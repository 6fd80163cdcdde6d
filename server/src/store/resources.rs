//! What exists after a build.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::{BuildId, WorkspaceId};
use hearth_provisioner::engine::{Resource as Made, ResourceMetadata};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Conn, Result, Timestamp, Tx, agents};
use crate::{all, clock, execute};

#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Resource {
    pub id: Uuid,
    #[sqlx(try_from = "Uuid")]
    pub build_id: BuildId,
    pub address: String,
    pub r#type: String,
    pub name: String,
    pub hide: bool,
    pub icon: String,
    pub daily_cost: i64,
    pub metadata: Json<Vec<ResourceMetadata>>,
    #[sqlx(try_from = "Timestamp")]
    pub created_at: DateTime<Utc>,
}

/// Keeps what a build made, and ties the agents that run on it; these are stored already.
pub async fn insert(
    tx: &mut Tx,
    (workspace, build): (WorkspaceId, BuildId),
    made: &[Made],
    now: DateTime<Utc>,
) -> Result<()> {
    for (position, resource) in (0_i64..).zip(made) {
        let id: Uuid = clock::new_id();
        execute!(
            tx,
            "INSERT INTO resources (id, build_id, position, address, type, name, hide, icon, daily_cost, metadata, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            id,
            build.0,
            position,
            &resource.address,
            &resource.r#type,
            &resource.name,
            resource.hide,
            &resource.icon,
            resource.daily_cost,
            Json(masked(&resource.metadata)),
            Timestamp::from(now)
        )?;
        for agent in &resource.agents {
            agents::set_resource(tx, workspace, agent, id).await?;
        }
    }
    Ok(())
}

/// A sensitive value is not kept at all: nobody may read it from here.
fn masked(metadata: &[ResourceMetadata]) -> Vec<ResourceMetadata> {
    let mask = |item: &ResourceMetadata| ResourceMetadata {
        value: if item.sensitive { String::new() } else { item.value.clone() },
        ..item.clone()
    };
    metadata.iter().map(mask).collect()
}

/// In the order of the plan.
pub async fn of_build(conn: &mut Conn, build: BuildId) -> Result<Vec<Resource>> {
    Ok(all!(
        conn,
        Resource,
        "SELECT id, build_id, address, type, name, hide, icon, daily_cost, metadata, created_at
         FROM resources WHERE build_id = $1 ORDER BY position",
        build.0
    )?)
}

/// The same for several builds, by build.
pub async fn of_builds(conn: &mut Conn, builds: &[BuildId]) -> Result<BTreeMap<BuildId, Vec<Resource>>> {
    let sql = conn.pick(
        "SELECT id, build_id, address, type, name, hide, icon, daily_cost, metadata, created_at FROM resources
         WHERE build_id IN (SELECT unhex(replace(value, '-', '')) FROM json_each($1)) ORDER BY build_id, position",
        "SELECT id, build_id, address, type, name, hide, icon, daily_cost, metadata, created_at FROM resources
         WHERE build_id IN (SELECT value::uuid FROM jsonb_array_elements_text($1)) ORDER BY build_id, position",
    );
    let mut by_build: BTreeMap<BuildId, Vec<Resource>> = BTreeMap::new();
    for resource in all!(conn, Resource, sql, Json(builds))? {
        by_build.entry(resource.build_id).or_default().push(resource);
    }
    Ok(by_build)
}
