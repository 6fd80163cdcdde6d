//! Server side of the agent protocol.
