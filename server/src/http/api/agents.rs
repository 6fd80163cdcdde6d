//! Agents as people's clients see them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

#[derive(Serialize)]
pub struct AgentBody {
    pub id: Uuid,
    pub name: String,
    pub resource_id: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub status: &'static str,
    pub lifecycle_state: String,
    pub operating_system: String,
    pub architecture: String,
    pub version: String,
    pub environment_variables: BTreeMap<String, String>,
    pub apps: Vec<()>,
}

impl AgentBody {
    /// One that an import announces.
    pub fn planned(name: &str, resource: Uuid) -> Self {
        Self {
            id: resource,
            name: name.to_owned(),
            resource_id: resource,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            status: "connecting",
            lifecycle_state: "created".to_owned(),
            operating_system: String::new(),
            architecture: String::new(),
            version: String::new(),
            environment_variables: BTreeMap::new(),
            apps: Vec::new(),
        }
    }
}
