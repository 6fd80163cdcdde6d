//! What a build made, or what an import says that a build would make.

use chrono::{DateTime, Utc};
use hearth_provisioner::engine::ResourceMetadata;
use serde::Serialize;
use uuid::Uuid;

use super::agents::AgentBody;
use crate::backend::versions::Imported;

#[derive(Serialize)]
pub struct ResourceBody {
    id: Uuid,
    created_at: DateTime<Utc>,
    job_id: Uuid,
    workspace_transition: &'static str,
    r#type: String,
    name: String,
    hide: bool,
    icon: String,
    agents: Vec<AgentBody>,
    metadata: Vec<MetadataBody>,
    daily_cost: i64,
}

#[derive(Serialize)]
struct MetadataBody {
    key: String,
    value: String,
    sensitive: bool,
}

impl From<ResourceMetadata> for MetadataBody {
    fn from(ResourceMetadata { key, value, sensitive }: ResourceMetadata) -> Self {
        Self { key, value: if sensitive { String::new() } else { value }, sensitive }
    }
}

impl ResourceBody {
    /// These resources do not exist, so their ids are made up: the job's, counted on.
    pub fn of_import(imported: &Imported) -> Vec<Self> {
        let job = imported.job.id.0;
        let body = |(position, resource): (u128, &hearth_provisioner::engine::Resource)| {
            let id = Uuid::from_u128(job.as_u128().wrapping_add(position));
            Self {
                id,
                created_at: imported.version.created_at,
                job_id: job,
                workspace_transition: "start",
                r#type: resource.r#type.clone(),
                name: resource.name.clone(),
                hide: resource.hide,
                icon: resource.icon.clone(),
                agents: resource.agents.iter().map(|name| AgentBody::planned(name, id)).collect(),
                metadata: resource.metadata.iter().cloned().map(Into::into).collect(),
                daily_cost: resource.daily_cost,
            }
        };
        (1..).zip(imported.version.resources.iter()).map(body).collect()
    }
}
