//! agent_logs
