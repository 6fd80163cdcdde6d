//! The list of workspaces.

use hearth_app::{
    backend::Actor,
    view::{WorkspacesQuery, WorkspacesView},
};

use crate::{
    error::{Error, Result},
    hearth::Hearth,
};

pub async fn workspaces(
    _hearth: &Hearth,
    _actor: &Actor,
    _query: &WorkspacesQuery,
) -> Result<WorkspacesView> {
    Err(Error::Internal("not built yet".to_owned()))
}
