//! What the newest pass of this process was like.

use std::sync::{Arc, PoisonError, RwLock};

use crate::store::pulse::Pass;

/// Shared between the engine, which writes, and whoever shows it. Empty on a replica that does not lead.
#[derive(Clone, Debug, Default)]
pub struct LastPass(Arc<RwLock<Option<Pass>>>);

impl LastPass {
    pub fn get(&self) -> Option<Pass> {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set(&self, pass: Pass) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(pass);
    }
}
