//! The history of drift.

use hearth_app::{
    backend::Actor,
    view::{DriftQuery, DriftView},
};

use crate::{
    error::{Error, Result},
    hearth::Hearth,
};

pub async fn drift(_hearth: &Hearth, _actor: &Actor, _query: &DriftQuery) -> Result<DriftView> {
    Err(Error::Internal("not built yet".to_owned()))
}
