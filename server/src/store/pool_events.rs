//! pool_events
