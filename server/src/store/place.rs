//! Where a row stands in a record that is sorted by time, for paging through it.

use uuid::Uuid;

use super::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub at: Timestamp,
    pub id: Uuid,
}

impl Place {
    /// After every row.
    pub fn end() -> Self {
        Self { at: Timestamp(i64::MAX), id: Uuid::max() }
    }

    /// As people hand it back to get the next page.
    pub fn cursor(self) -> String {
        format!("{}_{}", self.at.0, self.id.simple())
    }

    /// `None`: it is not one that was given out.
    pub fn of_cursor(cursor: &str) -> Option<Self> {
        let (at, id) = cursor.split_once('_')?;
        Some(Self { at: Timestamp(at.parse().ok()?), id: id.parse().ok()? })
    }
}
