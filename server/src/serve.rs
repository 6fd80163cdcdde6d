//! Starts and stops a whole server.
