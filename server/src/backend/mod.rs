//! What people may do.
