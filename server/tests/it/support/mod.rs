pub mod databases;
pub mod server;
pub mod world;
