//! What is known of the drift of claims: the newest claim and the newest rehearsal of a preset together.

use std::collections::HashMap;

use hearth_prebuilds::{ids::PresetId, pool_state::DriftState};

use crate::{
    error::Result,
    store::{
        Conn, count,
        page::pools::{self, ClaimDrift},
        rehearsals::{self, Known, Verdict},
    },
};

/// Of every preset of an active version.
pub struct KnownDrift {
    claims: HashMap<PresetId, ClaimDrift>,
    rehearsals: HashMap<PresetId, Known>,
}

impl KnownDrift {
    pub async fn read(conn: &mut Conn) -> Result<Self> {
        let claims = pools::drift(conn).await?;
        let rehearsals = rehearsals::known(conn).await?;
        Ok(Self {
            claims: claims.into_iter().map(|claim| (claim.preset_id, claim)).collect(),
            rehearsals: rehearsals.into_iter().map(|known| (known.preset_id, known)).collect(),
        })
    }

    pub fn of(&self, preset: PresetId) -> DriftState {
        state(self.claims.get(&preset), self.rehearsals.get(&preset))
    }
}

/// Of one preset of an active version.
pub async fn of_preset(conn: &mut Conn, preset: PresetId) -> Result<DriftState> {
    let claim = pools::drift_of(conn, preset).await?;
    let rehearsal = rehearsals::known_of(conn, preset).await?;
    Ok(state(claim.as_ref(), rehearsal.as_ref()))
}

/// Whichever came later, as far as it says anything.
fn state(claim: Option<&ClaimDrift>, rehearsal: Option<&Known>) -> DriftState {
    match (claim, rehearsal) {
        (None, None) => DriftState::NotRehearsed,
        (Some(claim), Some(known)) if known.verdict != Verdict::Unknown && known.at > claim.at => {
            rehearsed(known)
        }
        (Some(claim), _) if claim.replaced == 0 => DriftState::Clean { at: claim.at },
        (Some(claim), _) => DriftState::Replaces {
            count: count(claim.replaced),
            resource: claim.resource.clone().unwrap_or_default(),
            attribute: claim.attribute.clone().unwrap_or_default(),
        },
        (None, Some(known)) => rehearsed(known),
    }
}

/// What a rehearsal says by itself.
pub fn rehearsed(known: &Known) -> DriftState {
    match known.verdict {
        Verdict::Unknown => DriftState::Unknown { why: known.why.clone() },
        Verdict::Clean => DriftState::Clean { at: known.at },
        Verdict::Replaces => DriftState::Replaces {
            count: count(known.replaced),
            resource: known.resource.clone(),
            attribute: known.attribute.clone(),
        },
    }
}
