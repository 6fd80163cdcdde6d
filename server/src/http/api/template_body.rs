//! How a template looks.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::store::templates::Template;

#[derive(Serialize)]
pub struct TemplateBody {
    id: Uuid,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    organization_id: Uuid,
    organization_name: String,
    organization_display_name: String,
    organization_icon: String,
    name: String,
    display_name: String,
    provisioner: &'static str,
    active_version_id: Uuid,
    /// -1: not counted.
    active_user_count: i64,
    build_time_stats: BTreeMap<&'static str, Percentiles>,
    description: String,
    deprecated: bool,
    deprecation_message: String,
    deleted: bool,
    icon: String,
    default_ttl_ms: i64,
    activity_bump_ms: i64,
    time_til_autostop_notify_ms: i64,
    autostop_requirement: Requirement,
    autostart_requirement: Requirement,
    created_by_id: Uuid,
    created_by_name: String,
    allow_user_autostart: bool,
    allow_user_autostop: bool,
    allow_user_cancel_workspace_jobs: bool,
    failure_ttl_ms: i64,
    time_til_dormant_ms: i64,
    time_til_dormant_autodelete_ms: i64,
    require_active_version: bool,
    max_port_share_level: &'static str,
    cors_behavior: &'static str,
    /// True: clients take the plain list of parameters.
    use_classic_parameter_flow: bool,
    disable_module_cache: bool,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "UPPERCASE")]
struct Percentiles {
    p50: Option<i64>,
    p95: Option<i64>,
}

#[derive(Serialize)]
struct Requirement {
    days_of_week: Vec<&'static str>,
    weeks: i64,
}

impl TemplateBody {
    pub fn of(template: Template) -> Self {
        let unknown = || Percentiles::default();
        Self {
            id: template.id.0,
            created_at: template.created_at,
            updated_at: template.updated_at,
            organization_id: template.organization_id.0,
            organization_name: template.organization_name,
            organization_display_name: template.organization_display_name,
            organization_icon: template.organization_icon,
            name: template.name,
            display_name: template.display_name,
            provisioner: "terraform",
            active_version_id: template.active_version_id.0,
            active_user_count: -1,
            build_time_stats: ["start", "stop", "delete"].map(|transition| (transition, unknown())).into(),
            description: template.description,
            deprecated: !template.deprecation_message.is_empty(),
            deprecation_message: template.deprecation_message,
            deleted: template.deleted,
            icon: template.icon,
            default_ttl_ms: template.default_ttl_ms,
            activity_bump_ms: 0,
            time_til_autostop_notify_ms: 0,
            autostop_requirement: Requirement { days_of_week: Vec::new(), weeks: 1 },
            autostart_requirement: Requirement { days_of_week: EVERY_DAY.to_vec(), weeks: 1 },
            created_by_id: template.created_by.0,
            created_by_name: template.creator_username,
            allow_user_autostart: true,
            allow_user_autostop: true,
            allow_user_cancel_workspace_jobs: true,
            failure_ttl_ms: 0,
            time_til_dormant_ms: 0,
            time_til_dormant_autodelete_ms: 0,
            require_active_version: false,
            max_port_share_level: "owner",
            cors_behavior: "simple",
            use_classic_parameter_flow: true,
            disable_module_cache: false,
        }
    }
}

const EVERY_DAY: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
