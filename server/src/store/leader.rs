//! Which of several replicas runs the reconciler.
//!
//! On PostgreSQL a session-level advisory lock on a connection of its own, with no transaction open; it is free as
//! soon as that connection is gone. On SQLite there is one process. There may be two leaders for a moment when a
//! connection breaks, so every action of the reconciler guards itself.

use sqlx::{Connection, PgConnection};

use super::{Db, Result};

/// "hearth", as a number.
const LOCK: i64 = 0x6865_6172_7468;

/// The right to run the reconciler.
#[derive(Debug)]
pub enum Leadership {
    Process,
    Session(Box<PgConnection>),
}

impl Leadership {
    /// `None`: another replica leads.
    pub async fn acquire(db: &Db) -> Result<Option<Self>> {
        let Db::Postgres(pool) = db else { return Ok(Some(Self::Process)) };
        let mut session = pool.acquire().await?.detach();
        let (led,): (bool,) = sqlx::query_as::<sqlx::Postgres, _>("SELECT pg_try_advisory_lock($1)")
            .bind(LOCK)
            .fetch_one(&mut session)
            .await?;
        if led {
            return Ok(Some(Self::Session(Box::new(session))));
        }
        session.close().await?;
        Ok(None)
    }

    /// Whether the connection that holds the lock lives.
    pub async fn is_held(&mut self) -> bool {
        match self {
            Self::Process => true,
            Self::Session(session) => session.ping().await.is_ok(),
        }
    }

    /// Lets another replica lead at once.
    pub async fn release(self) {
        if let Self::Session(session) = self {
            // An error means that the connection is gone, and the lock with it.
            let _ = session.close().await;
        }
    }
}
