//! `GET /api/v2/buildinfo`: what clients ask first. Needs no session.

use axum::{Json, Router, extract::State, routing::get};
use serde::Serialize;

use crate::{hearth::Hearth, http::envelope::BUILD_VERSION};

pub fn routes() -> Router<Hearth> {
    Router::new().route("/api/v2/buildinfo", get(build_info))
}

#[derive(Serialize)]
struct BuildInfo {
    version: &'static str,
    external_url: String,
    dashboard_url: String,
    telemetry: bool,
    workspace_proxy: bool,
    agent_api_version: &'static str,
    provisioner_api_version: &'static str,
    upgrade_message: &'static str,
    deployment_id: &'static str,
}

async fn build_info(State(hearth): State<Hearth>) -> Json<BuildInfo> {
    Json(BuildInfo {
        version: BUILD_VERSION,
        external_url: hearth.access_url.to_string(),
        dashboard_url: hearth.access_url.to_string(),
        telemetry: false,
        workspace_proxy: false,
        agent_api_version: "1.0",
        provisioner_api_version: "1.0",
        upgrade_message: "",
        deployment_id: "",
    })
}
