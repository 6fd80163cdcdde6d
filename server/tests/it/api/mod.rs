mod identity;
mod imports;
mod server;
mod templates;
mod users;
mod workspaces;
