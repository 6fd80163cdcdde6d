//! Set-up, log-in and sessions.

use hearth_app::{
    backend::{Actor, Origin},
    view::SetupStatus,
};

use crate::{
    error::{Error, Result},
    hearth::Hearth,
};

/// Somebody to be made.
pub struct NewPerson<'a> {
    pub username: &'a str,
    pub email: &'a str,
    pub password: &'a str,
}

pub async fn setup_status(_hearth: &Hearth) -> Result<SetupStatus> {
    Err(Error::Internal("not built yet".to_owned()))
}

pub async fn setup(
    _hearth: &Hearth,
    _code: &str,
    _person: &NewPerson<'_>,
    _origin: &Origin,
) -> Result<String> {
    Err(Error::Internal("not built yet".to_owned()))
}

pub async fn login(_hearth: &Hearth, _login: &str, _password: &str, _origin: &Origin) -> Result<String> {
    Err(Error::Internal("not built yet".to_owned()))
}

pub async fn logout(_hearth: &Hearth, _token: &str) -> Result<()> {
    Err(Error::Internal("not built yet".to_owned()))
}

pub fn session_cookie(_hearth: &Hearth, _token: Option<&str>) -> String {
    String::new()
}

pub async fn set_theme(_hearth: &Hearth, _actor: &Actor, _theme: &str) -> Result<()> {
    Err(Error::Internal("not built yet".to_owned()))
}
