//! The reconciler, claims and workers on both databases, with builds that end as each test says.

mod claim;
mod drift;
mod hand_over;
mod jobs;
mod policy;
mod pool;
mod recover;
mod rehearsal;
mod values;
