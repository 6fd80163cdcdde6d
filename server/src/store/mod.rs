//! All SQL of Hearth, one file a noun. Knows neither the engine nor HTTP.

pub mod agent_details;
pub mod agent_logs;
pub mod agent_parts;
pub mod agents;
pub mod audit;
pub mod blueprints;
pub mod builds;
pub mod cause_events;
pub mod claims;
pub mod db;
pub mod decisions;
pub mod drift;
pub mod files;
pub mod job_logs;
pub mod jobs;
pub mod leader;
pub mod members;
pub mod notifications;
pub mod orders;
pub mod organizations;
pub mod page;
pub mod pattern;
pub mod place;
pub mod pool_demand;
pub mod pool_events;
pub mod pools;
pub mod presets;
pub mod pulse;
pub mod rehearsals;
pub mod resources;
pub mod saved_filters;
pub mod sessions;
pub mod settings;
pub mod snapshot;
pub mod states;
pub mod templates;
mod text_enum;
pub mod timestamp;
pub mod users;
pub mod versions;
pub mod workspaces;

pub use db::{Conn, Db, Tx};
pub use timestamp::Timestamp;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What the database can answer besides rows.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "the database has schema version {version}, which this Hearth does not know: start the newer Hearth that made it"
    )]
    NewerSchema { version: i64 },
    #[error("the schema could not be brought up to date: {0}")]
    Migration(sqlx::migrate::MigrateError),
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A stored value that this version cannot read.
    #[error("{table}.{column} holds an unknown value: {value}")]
    Corrupt { table: &'static str, column: &'static str, value: String },
}

impl Error {
    /// Whether a unique constraint or index refused the row; on SQLite the message names columns, on PostgreSQL the constraint.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(e)) if e.is_unique_violation())
    }

    /// Whether the same may succeed a moment later: the connection broke, the server restarts, too many are waiting.
    pub fn is_passing(&self) -> bool {
        let Self::Database(error) = self else { return false };
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::WorkerCrashed => true,
            // PostgreSQL: connection, serialization, resources, operator; SQLite: busy, locked.
            sqlx::Error::Database(e) => e.code().is_some_and(|code| {
                ["08", "40", "53", "57"].iter().any(|class| code.len() == 5 && code.starts_with(class))
                    || matches!(code.as_ref(), "5" | "6" | "261" | "517")
            }),
            _ => false,
        }
    }
}

/// A count as the database has it; what does not fit is cut off.
pub fn count(n: i64) -> u32 {
    u32::try_from(n.max(0)).unwrap_or(u32::MAX)
}
