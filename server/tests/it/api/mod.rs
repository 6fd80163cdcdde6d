mod identity;
mod server;
mod users;
