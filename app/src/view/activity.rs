use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Frame;

/// The query string of `/activity`, as typed; unknown values come back in `ActivityView::ignored`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActivityQuery {
    /// A username, `reconciler` or `system`.
    pub actor: String,
    pub verb: String,
    /// A kind of target, such as `pool`, or a part of its name.
    pub target: String,
    /// `1h`, `24h`, `7d` (default), `30d` or `all`.
    pub range: String,
    /// Where the page before ended.
    pub cursor: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActivityView {
    pub frame: Frame,
    /// Newest first.
    pub rows: Vec<ActivityRow>,
    /// Who can be asked for by name; there may be more.
    pub actors: Vec<String>,
    /// Leads to older ones.
    pub older: Option<String>,
    /// Filters that were not understood, as `name=value`.
    pub ignored: Vec<String>,
}

/// Who did what to which thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityRow {
    pub id: String,
    pub at: DateTime<Utc>,
    /// A username; `reconciler` or `system` for what Hearth did by itself.
    pub actor: String,
    pub verb: String,
    pub target_type: String,
    pub target_id: String,
    pub target_name: String,
    pub changes: Vec<FieldChange>,
}

impl ActivityRow {
    /// What a field became.
    pub fn became(&self, field: &str) -> Option<&str> {
        self.changes.iter().find(|change| change.field == field)?.after.as_deref()
    }

    /// Template and preset of a workspace.
    pub fn pool(&self) -> Option<(&str, &str)> {
        let of = self.became("template").zip(self.became("preset"));
        of.filter(|_| self.target_type == "workspace")
    }
}

/// A field before and after, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}
