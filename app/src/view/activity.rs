use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Frame;

/// The query string of `/activity`, as typed; unknown values come back in `ActivityView::ignored`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActivityQuery {
    /// A username.
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
    pub actor: String,
    pub verb: String,
    pub target_type: String,
    pub target_id: String,
    pub target_name: String,
    pub changes: Vec<FieldChange>,
}

/// A field before and after, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}
