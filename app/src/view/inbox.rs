use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::CauseId;
use serde::{Deserialize, Serialize};

use super::Frame;

/// The query string of `/inbox`, as typed; unknown values come back in `InboxView::ignored`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InboxQuery {
    /// `unread` (default) or `all`.
    pub status: String,
    /// As in `copy::KINDS`.
    pub kind: String,
    /// The last one of the page before.
    pub before: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InboxView {
    pub frame: Frame,
    /// Newest first.
    pub rows: Vec<NotificationRow>,
    /// Leads to older ones.
    pub older: Option<String>,
    /// Filters that were not understood, as `name=value`.
    pub ignored: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationRow {
    pub id: String,
    pub title: String,
    /// Markdown, of which only `**bold**` and paragraphs are used.
    pub content: String,
    /// Label and address.
    pub action: Option<(String, String)>,
    /// The cause of drift that it tells of.
    pub cause: Option<CauseId>,
    pub at: DateTime<Utc>,
    pub unread: bool,
}
