//! The REST API, version 2: one file a noun, each with the JSON shapes it answers with.

mod accounts;
mod agent_body;
mod agents;
mod audit;
mod build_info;
mod builds;
mod decisions;
mod drift;
mod files;
mod follow;
mod jobs;
mod logs;
mod notifications;
mod organizations;
mod pool_acts;
mod pools;
mod prebuilds;
mod rehearsals;
mod resources;
mod search;
mod states;
mod template_body;
mod templates;
mod tokens;
mod users;
mod version_parts;
mod versions;
mod workspace_body;
mod workspaces;

use axum::Router;

use crate::hearth::Hearth;

pub fn routes() -> Router<Hearth> {
    Router::new()
        .merge(accounts::routes())
        .merge(agents::routes())
        .merge(audit::routes())
        .merge(build_info::routes())
        .merge(builds::routes())
        .merge(decisions::routes())
        .merge(drift::routes())
        .merge(files::routes())
        .merge(notifications::routes())
        .merge(organizations::routes())
        .merge(pool_acts::routes())
        .merge(pools::routes())
        .merge(prebuilds::routes())
        .merge(rehearsals::routes())
        .merge(states::routes())
        .merge(templates::routes())
        .merge(tokens::routes())
        .merge(users::routes())
        .merge(version_parts::routes())
        .merge(versions::routes())
        .merge(workspaces::routes())
}
