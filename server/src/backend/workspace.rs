//! The page of one workspace.

use hearth_app::{
    backend::Actor,
    view::{WorkspaceQuery, WorkspaceView},
};
use hearth_prebuilds::ids::WorkspaceId;

use crate::{
    error::{Error, Result},
    hearth::Hearth,
};

pub async fn workspace(
    _hearth: &Hearth,
    _actor: &Actor,
    _id: WorkspaceId,
    _query: &WorkspaceQuery,
) -> Result<WorkspaceView> {
    Err(Error::Internal("not built yet".to_owned()))
}
