pub mod databases;
pub mod hearth;
pub mod home;
pub mod server;
pub mod site;
pub mod template;
pub mod works;
pub mod world;
