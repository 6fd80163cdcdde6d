//! A new secrets key: at start, what the previous one has sealed is sealed with the present one.
//!
//! In batches, each a transaction, so that a start which is interrupted goes on where it was. The canary comes last: as
//! long as it is sealed with the previous key, that key is needed.

use crate::{clock::Clock, error::Result, secrets::Secrets, state, store::Db, variables};

/// How many values a transaction seals again.
const BATCH: i64 = 100;

/// For a database that the previous key sealed.
pub async fn seal_again(db: &Db, secrets: &Secrets, clock: &Clock) -> Result<()> {
    let mut count = 0;
    loop {
        let mut tx = db.write().await?;
        let sealed = state::reseal(secrets, &mut tx, BATCH).await?
            + variables::reseal(secrets, &mut tx, BATCH).await?;
        tx.commit().await?;
        if sealed == 0 {
            break;
        }
        count += sealed;
    }
    secrets.confirm(db, clock.now()).await?;
    tracing::info!(count, key_id = secrets.key_id(), "everything is sealed with the new secrets key");
    Ok(())
}
