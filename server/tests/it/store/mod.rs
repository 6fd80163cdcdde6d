mod agents;
mod claims;
mod decisions;
mod demand;
mod job_logs;
mod queue;
mod schema;
mod snapshot;
