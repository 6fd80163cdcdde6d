//! What a build made, or what an import says that a build would make.

use chrono::{DateTime, Utc};
use hearth_provisioner::engine::{self, ResourceMetadata};
use serde::Serialize;
use uuid::Uuid;

use super::agent_body::AgentBody;
use crate::{
    backend::{details::Made, versions::Imported},
    store::builds::Build,
};

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
    pub fn of_build(build: &Build, resources: Vec<Made>, now: DateTime<Utc>) -> Vec<Self> {
        let (job_id, transition) = (build.job_id.0, build.transition.as_str());
        let body = |(resource, agents): Made| Self {
            agents: agents.into_iter().map(|agent| AgentBody::of(agent, resource.id, now)).collect(),
            id: resource.id,
            created_at: resource.created_at,
            job_id,
            workspace_transition: transition,
            r#type: resource.r#type,
            name: resource.name,
            hide: resource.hide,
            icon: resource.icon,
            metadata: resource.metadata.0.into_iter().map(Into::into).collect(),
            daily_cost: resource.daily_cost,
        };
        resources.into_iter().map(body).collect()
    }

    /// Agents that should be there and are not.
    pub fn failing_agents(&self) -> impl Iterator<Item = Uuid> {
        self.agents.iter().filter(|agent| agent.is_failing()).map(AgentBody::id)
    }

    /// These resources do not exist, so their ids are made up: the job's, counted on.
    pub fn of_import(imported: &Imported) -> Vec<Self> {
        let job = imported.job.id.0;
        let body = |(position, resource): (u128, &engine::Resource)| {
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
