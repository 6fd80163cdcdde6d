//! Set-up, log-in and sessions.
//!
//! A stranger must not win the race for the first account, so that account needs the code printed on the console (or
//! the `HEARTH_ADMIN_*` variables). A session is checked at every request: its age, its last use, and whether its
//! person may still use Hearth.

pub mod accounts;
mod first;
mod gate;
mod password;
mod session;
pub mod tokens;

use hearth_app::backend::{Actor, Origin};
use hearth_prebuilds::ids::UserId;

pub use first::{FirstAdmin, NewPerson, admin_from_config, first_exists, setup, setup_status};
pub use gate::Gate;
pub use session::{COOKIES, authenticate, extend, is_secure, issue, session_cookie, split};

use crate::{
    backend::people,
    error::{Error, Result},
    hearth::Hearth,
    store::{audit, sessions, users},
};

/// The one answer to a wrong name, a wrong password and a suspended person, so that none can be told from the others.
const REFUSED: &str = "Incorrect username, e-mail or password.";

/// Checks the password and makes a session. `login` is a username or an e-mail address.
pub async fn login(hearth: &Hearth, login: &str, password: &str, origin: &Origin) -> Result<String> {
    let now = hearth.clock.now();
    hearth.gate.enter(&origin.ip, login, now)?;
    let known = users::credentials(&mut hearth.db.read().await?, login).await?;
    let (user, hash) = match known {
        Some((id, hash, status)) => (Some((id, status)), Some(hash)),
        None => (None, None),
    };
    let fits = hearth.gate.verify(password, hash).await?;
    let Some((id, status)) = user.filter(|_| fits) else {
        tracing::warn!(ip = origin.ip, "a log-in was refused");
        return Err(Error::BadCredentials(REFUSED));
    };
    if status == users::Status::Suspended {
        tracing::warn!(ip = origin.ip, user = %id, "a suspended person tried to log in");
        return Err(Error::BadCredentials(REFUSED));
    }
    hearth.gate.succeeded(&origin.ip, login);
    let mut tx = hearth.db.write().await?;
    let token = issue(&mut tx, hearth, id, origin).await?;
    users::seen(&mut tx, id, now).await?;
    audit::record(&mut tx, session_act(id, "login", login), now).await?;
    tx.commit().await?;
    Ok(token)
}

/// Ends the session of this token; a token that counts no more is fine.
pub async fn logout(hearth: &Hearth, token: &str) -> Result<()> {
    let Some(session::Session { actor, .. }) = authenticate(hearth, token).await? else { return Ok(()) };
    let Some((id, _)) = session::split(token) else { return Ok(()) };
    let mut tx = hearth.db.write().await?;
    sessions::delete(&mut tx, id).await?;
    audit::record(&mut tx, session_act(actor.user_id, "logout", &actor.username), hearth.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Another session for oneself, for a program. Nobody makes one for somebody else, least of all for the system user.
pub async fn make_key(hearth: &Hearth, actor: &Actor, user: &str, origin: &Origin) -> Result<String> {
    let user = people::find_user(&mut hearth.db.read().await?, actor, user).await?;
    if user.id != actor.user_id {
        return Err(Error::Forbidden("You can make keys only for yourself.".to_owned()));
    }
    let mut tx = hearth.db.write().await?;
    let key = issue(&mut tx, hearth, user.id, origin).await?;
    let act = audit::Act { target_type: "api_key", ..session_act(user.id, "create", &user.username) };
    audit::record(&mut tx, act, hearth.clock.now()).await?;
    tx.commit().await?;
    Ok(key)
}

pub async fn set_theme(hearth: &Hearth, actor: &Actor, theme: &str) -> Result<()> {
    if !matches!(theme, "auto" | "light" | "dark") {
        return Err(Error::invalid("theme", "must be one of auto, light, dark"));
    }
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    users::set_theme(&mut tx, actor.user_id, theme, now).await?;
    let own = ("write", actor.user_id, actor.username.as_str());
    accounts::record(&mut tx, hearth, actor, own, (None, Some(serde_json::json!({ "theme": theme }))))
        .await?;
    tx.commit().await?;
    Ok(())
}

fn session_act<'a>(user: UserId, verb: &'static str, name: &'a str) -> audit::Act<'a> {
    audit::Act {
        actor: user,
        verb,
        target_type: "user",
        target_id: user.to_string(),
        target_name: name,
        before: None,
        after: None,
    }
}
