//! `/api/v2/templateversions/{version}/...`: parameters, presets, variables, resources, and the dry run.

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hearth_prebuilds::ids::VersionId;
use hearth_provisioner::engine::{Parameter, ParameterOption, Variable};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    follow::Upgrade,
    jobs::{JobBody, MatchedProvisioners},
    resources::ResourceBody,
    versions::NameValue,
};
use crate::{
    backend::versions,
    error::Result,
    hearth::Hearth,
    http::{
        auth::Caller,
        extract::{Body, Segments},
    },
    parameters::{self, Sources},
    store::presets::{self, Preset},
};

pub fn routes() -> Router<Hearth> {
    let at = |part: &str| format!("/api/v2/templateversions/{{version}}/{part}");
    Router::new()
        .route(&at("rich-parameters"), get(rich_parameters))
        .route(&at("presets"), get(of_version))
        .route(&at("variables"), get(variables))
        .route(&at("resources"), get(resources))
        .route(&at("external-auth"), get(external_auth))
        .route(&at("dry-run"), post(dry_run))
        .route(&at("dry-run/{job}"), get(dry_run_job))
        .route(&at("dry-run/{job}/matched-provisioners"), get(matched_provisioners))
        .route(&at("dry-run/{job}/logs"), get(dry_run_log))
        .route(&at("dry-run/{job}/resources"), get(dry_run_resources))
}

#[derive(Serialize)]
struct ParameterBody {
    name: String,
    display_name: String,
    description: String,
    description_plaintext: String,
    r#type: String,
    form_type: String,
    mutable: bool,
    default_value: String,
    icon: String,
    options: Vec<OptionBody>,
    #[serde(skip_serializing_if = "String::is_empty")]
    validation_error: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    validation_regex: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_min: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_max: Option<i64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    validation_monotonic: String,
    required: bool,
    ephemeral: bool,
}

#[derive(Serialize)]
struct OptionBody {
    name: String,
    description: String,
    value: String,
    icon: String,
}

impl From<ParameterOption> for OptionBody {
    fn from(ParameterOption { name, description, value, icon }: ParameterOption) -> Self {
        Self { name, description, value, icon }
    }
}

impl From<Parameter> for ParameterBody {
    fn from(parameter: Parameter) -> Self {
        Self {
            required: parameter.default_value.is_none(),
            default_value: parameter.default_value.unwrap_or_default(),
            name: parameter.name,
            display_name: parameter.display_name,
            description_plaintext: parameter.description.clone(),
            description: parameter.description,
            r#type: parameter.r#type,
            form_type: parameter.form_type,
            mutable: parameter.mutable,
            icon: parameter.icon,
            options: parameter.options.into_iter().map(Into::into).collect(),
            validation_error: parameter.validation_error,
            validation_regex: parameter.validation_regex,
            validation_min: parameter.validation_min,
            validation_max: parameter.validation_max,
            validation_monotonic: parameter.validation_monotonic,
            ephemeral: parameter.ephemeral,
        }
    }
}

async fn rich_parameters(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<Vec<ParameterBody>>> {
    let version = versions::find_ready(&hearth, &actor, VersionId(id)).await?;
    Ok(Json(version.parameters.0.into_iter().map(Into::into).collect()))
}

/// Upstream's keys are capitalised here.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PresetBody {
    #[serde(rename = "ID")]
    id: Uuid,
    name: String,
    parameters: Vec<PresetParameter>,
    default: bool,
    desired_prebuild_instances: Option<i64>,
    description: String,
    icon: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PresetParameter {
    name: String,
    value: String,
}

impl From<Preset> for PresetBody {
    fn from(preset: Preset) -> Self {
        let pair = |(name, value)| PresetParameter { name, value };
        Self {
            id: preset.id.0,
            name: preset.name,
            parameters: preset.parameters.0.into_iter().map(pair).collect(),
            default: preset.is_default,
            desired_prebuild_instances: preset.instances,
            description: preset.description,
            icon: preset.icon,
        }
    }
}

async fn of_version(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<Vec<PresetBody>>> {
    let version = versions::find(&hearth, &actor, VersionId(id)).await?.version;
    let presets = presets::of_version(&mut hearth.db.read().await?, version.id).await?;
    Ok(Json(presets.into_iter().map(Into::into).collect()))
}

#[derive(Serialize)]
struct VariableBody {
    name: String,
    description: String,
    r#type: String,
    value: String,
    default_value: String,
    required: bool,
    sensitive: bool,
}

impl VariableBody {
    /// A given value is shown only to who may push, and a sensitive one to nobody.
    fn of(variable: Variable, given: Option<&String>) -> Self {
        let required = variable.default_value.is_none();
        let shown = |value: String| {
            if variable.sensitive && !value.is_empty() { "*redacted*".to_owned() } else { value }
        };
        let default_value = variable.default_value.unwrap_or_default();
        Self {
            value: shown(given.cloned().unwrap_or_else(|| default_value.clone())),
            default_value: shown(default_value),
            name: variable.name,
            description: variable.description,
            r#type: variable.r#type,
            required,
            sensitive: variable.sensitive,
        }
    }
}

async fn variables(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<Vec<VariableBody>>> {
    crate::backend::templates::require_admin(&actor)?;
    let version = versions::find(&hearth, &actor, VersionId(id)).await?.version;
    let given = crate::variables::open(&hearth.secrets, version.id, &version.variables)?;
    let declared = version.variables.0.declared.into_iter();
    Ok(Json(
        declared
            .map(|one| {
                let value = given.get(&one.name);
                VariableBody::of(one, value)
            })
            .collect(),
    ))
}

async fn resources(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<Vec<ResourceBody>>> {
    let imported = versions::find(&hearth, &actor, VersionId(id)).await?;
    Ok(Json(ResourceBody::of_import(&imported)))
}

/// No template needs an account elsewhere.
async fn external_auth(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
) -> Result<Json<[(); 0]>> {
    versions::find(&hearth, &actor, VersionId(id)).await?;
    Ok(Json([]))
}

#[derive(Deserialize)]
struct DryRun {
    #[serde(default)]
    rich_parameter_values: Vec<NameValue>,
}

/// The values are checked; what a first build would make is known from the import, so the job has ended already.
async fn dry_run(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments(id): Segments<Uuid>,
    Body(body): Body<DryRun>,
) -> Result<(StatusCode, Json<JobBody>)> {
    let version = versions::find_ready(&hearth, &actor, VersionId(id)).await?;
    let given = NameValue::pairs(body.rich_parameter_values);
    parameters::resolve(&version.parameters, &Sources { given: &given, ..Sources::default() })?;
    let imported = versions::find(&hearth, &actor, VersionId(id)).await?;
    Ok((StatusCode::CREATED, Json(JobBody::of_dry_run(&imported))))
}

async fn dry_run_job(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments((id, _job)): Segments<(Uuid, Uuid)>,
) -> Result<Json<JobBody>> {
    let imported = versions::find(&hearth, &actor, VersionId(id)).await?;
    Ok(Json(JobBody::of_dry_run(&imported)))
}

async fn matched_provisioners(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments((id, _job)): Segments<(Uuid, Uuid)>,
) -> Result<Json<MatchedProvisioners>> {
    versions::find(&hearth, &actor, VersionId(id)).await?;
    Ok(Json(MatchedProvisioners::at(hearth.clock.now())))
}

/// Empty: the socket closes at once.
async fn dry_run_log(
    State(hearth): State<Hearth>,
    Caller(actor): Caller,
    Segments((id, _job)): Segments<(Uuid, Uuid)>,
    upgrade: Upgrade,
) -> Result<Response> {
    versions::find(&hearth, &actor, VersionId(id)).await?;
    Ok(match upgrade {
        Ok(upgrade) => upgrade.on_upgrade(|mut socket| async move {
            let _ = socket.send(axum::extract::ws::Message::Close(None)).await;
        }),
        Err(_) => Json([(); 0]).into_response(),
    })
}

async fn dry_run_resources(
    state: State<Hearth>,
    caller: Caller,
    Segments((id, _job)): Segments<(Uuid, Uuid)>,
) -> Result<Json<Vec<ResourceBody>>> {
    resources(state, caller, Segments(id)).await
}
