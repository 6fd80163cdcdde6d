use hearth_prebuilds::pool_state::PoolState;
use serde::{Deserialize, Serialize};

use super::{Frame, WorkspaceRow};

/// What a search found, as far as the person may see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchView {
    pub frame: Frame,
    /// What was searched for; empty: nothing yet.
    pub q: String,
    pub templates: Found<TemplateFound>,
    pub presets: Found<PresetFound>,
    pub acts: Found<PresetActFound>,
    pub workspaces: Found<WorkspaceRow>,
    pub people: Found<PersonFound>,
}

/// The first of what was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found<T> {
    pub rows: Vec<T>,
    /// There is more than these.
    pub more: bool,
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), more: false }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateFound {
    pub name: String,
    /// May be empty.
    pub display_name: String,
    pub archived: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PresetFound {
    pub template: String,
    pub preset: String,
    /// `None`: it has no pool.
    pub pool: Option<PoolFound>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PoolFound {
    pub state: PoolState,
    pub ready: u32,
    pub wanted: u32,
}

/// Something that this person may do with a preset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresetActFound {
    pub act: PresetAct,
    pub template: String,
    pub preset: String,
}

/// What can be done with a preset from anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresetAct {
    Claim,
    Pause,
    Override,
    WhatIf,
}

impl PresetAct {
    pub const ALL: [Self; 4] = [Self::Claim, Self::Pause, Self::Override, Self::WhatIf];
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonFound {
    pub username: String,
    pub email: String,
}
