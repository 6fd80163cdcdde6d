//! The page of one preset.

use hearth_app::{backend::Actor, view::PresetView};

use crate::{
    error::{Error, Result},
    hearth::Hearth,
};

pub async fn preset(_hearth: &Hearth, _actor: &Actor, _template: &str, _preset: &str) -> Result<PresetView> {
    Err(Error::Internal("not built yet".to_owned()))
}
