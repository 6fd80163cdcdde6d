pub mod databases;
pub mod server;
