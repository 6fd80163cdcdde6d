//! Tells template admins what they should look at.

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::UserId;
use uuid::Uuid;

use crate::{
    error::Result,
    store::{
        Tx,
        notifications::{self, NewNotification},
        users,
    },
};

/// The upstream product's id of the notification that a claim replaced resources.
pub(super) const RESOURCE_REPLACED: Uuid = Uuid::from_u128(0x89d9745a_816e_4695_a17f_3d0a229e2b8d);
/// The upstream product's id of the notification that a preset reached the hard limit.
pub(super) const FAILURE_LIMIT: Uuid = Uuid::from_u128(0x414d9331_c1fc_4761_b40c_d1f4702279eb);

/// One row for each template admin and owner. Returns who had not heard of it; tell them after the commit.
pub(super) async fn template_admins(
    tx: &mut Tx,
    what: &NewNotification<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<UserId>> {
    let mut told = Vec::new();
    for admin in users::template_admins(tx).await? {
        if notifications::insert(tx, admin, what, now).await? {
            told.push(admin);
        }
    }
    Ok(told)
}
