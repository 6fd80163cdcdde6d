//! Claims, pauses, and the transitions of one workspace.

use hearth_app::{
    backend::Actor,
    view::{ClaimOrder, ClaimOutcome},
};
use hearth_prebuilds::ids::WorkspaceId;

use crate::{
    error::{Error, Result},
    hearth::Hearth,
};

pub async fn claim(_hearth: &Hearth, _actor: &Actor, _order: &ClaimOrder) -> Result<ClaimOutcome> {
    Err(Error::Internal("not built yet".to_owned()))
}

pub async fn pause_pool(
    _hearth: &Hearth,
    _actor: &Actor,
    _template: &str,
    _preset: &str,
    _note: &str,
) -> Result<()> {
    Err(Error::Internal("not built yet".to_owned()))
}

pub async fn resume_pool(_hearth: &Hearth, _actor: &Actor, _template: &str, _preset: &str) -> Result<()> {
    Err(Error::Internal("not built yet".to_owned()))
}

pub async fn pause_all(_hearth: &Hearth, _actor: &Actor, _note: &str) -> Result<()> {
    Err(Error::Internal("not built yet".to_owned()))
}

pub async fn resume_all(_hearth: &Hearth, _actor: &Actor) -> Result<()> {
    Err(Error::Internal("not built yet".to_owned()))
}

pub async fn start_workspace(_hearth: &Hearth, _actor: &Actor, _id: WorkspaceId) -> Result<()> {
    Err(Error::Internal("not built yet".to_owned()))
}

pub async fn stop_workspace(_hearth: &Hearth, _actor: &Actor, _id: WorkspaceId) -> Result<()> {
    Err(Error::Internal("not built yet".to_owned()))
}

pub async fn delete_workspace(_hearth: &Hearth, _actor: &Actor, _id: WorkspaceId) -> Result<()> {
    Err(Error::Internal("not built yet".to_owned()))
}
