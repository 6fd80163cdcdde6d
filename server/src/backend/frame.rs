//! What every page shows around its content.

use hearth_app::{backend::Actor, view::Frame};

use crate::{
    error::{Error, Result},
    hearth::Hearth,
};

pub async fn frame(_hearth: &Hearth, _actor: &Actor) -> Result<Frame> {
    Err(Error::Internal("not built yet".to_owned()))
}
