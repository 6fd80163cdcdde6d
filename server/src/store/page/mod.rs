//! What pages read beyond the nouns. Each function is one query, whatever the number of rows.

pub mod drift;
pub mod pools;
pub mod presets;
pub mod scenario;
pub mod search;
pub mod templates;
pub mod workspace;
pub mod workspaces;
