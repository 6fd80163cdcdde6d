mod demo;
mod identity;
mod imports;
mod pools;
mod server;
mod templates;
mod users;
mod workspaces;
