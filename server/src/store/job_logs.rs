//! job_logs
