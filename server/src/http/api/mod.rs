//! The REST API, version 2: one file a noun, each with the JSON shapes it answers with.

mod build_info;
mod organizations;
mod search;
mod users;

use axum::Router;

use crate::hearth::Hearth;

pub fn routes() -> Router<Hearth> {
    Router::new().merge(build_info::routes()).merge(organizations::routes()).merge(users::routes())
}
