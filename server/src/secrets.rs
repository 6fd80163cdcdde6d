//! Sealing of what must not lie in clear in the database.

/// Seals and opens. Cheap to clone.
#[derive(Clone)]
pub struct Secrets {}
