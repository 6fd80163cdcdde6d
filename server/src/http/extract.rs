//! Parts of a request, refused in the API's own words.

use axum::extract::{FromRequest, FromRequestParts, Json, Path, Query};
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

use crate::error::Error;

/// A JSON body.
#[derive(FromRequest)]
#[from_request(via(Json), rejection(Error))]
pub struct Body<T>(pub T);

/// The variable parts of the address.
#[derive(FromRequestParts)]
#[from_request(via(Path), rejection(Error))]
pub struct Segments<T>(pub T);

/// What stands after `?`.
#[derive(FromRequestParts)]
#[from_request(via(Query), rejection(Error))]
pub struct Params<T>(pub T);

/// `limit` and `offset`; absent or 0 means no limit.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct Page {
    limit: u32,
    offset: u32,
}

impl Page {
    pub fn of<T>(self, rows: Vec<T>) -> Vec<T> {
        let limit = if self.limit == 0 { usize::MAX } else { self.limit as usize };
        rows.into_iter().skip(self.offset as usize).take(limit).collect()
    }
}

/// For `deserialize_with`: clients that cannot leave an id out send the nil one.
pub fn set_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Uuid>, D::Error> {
    Ok(Option::<Uuid>::deserialize(deserializer)?.filter(|id| !id.is_nil()))
}
