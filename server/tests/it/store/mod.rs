mod agents;
mod claims;
mod job_logs;
mod queue;
mod schema;
mod snapshot;
