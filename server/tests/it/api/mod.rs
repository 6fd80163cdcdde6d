mod identity;
mod server;
mod templates;
mod users;
