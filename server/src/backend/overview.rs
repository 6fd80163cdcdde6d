//! The overview page.

use hearth_app::{
    backend::Actor,
    view::{OverviewQuery, OverviewView},
};

use crate::{
    error::{Error, Result},
    hearth::Hearth,
};

pub async fn overview(_hearth: &Hearth, _actor: &Actor, _query: &OverviewQuery) -> Result<OverviewView> {
    Err(Error::Internal("not built yet".to_owned()))
}
