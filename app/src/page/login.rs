//! `/login`, and logging out.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    address::{Query, safe_next},
    caller::{backend, caller, see_other, set_cookie, visitor},
    component::{
        failure::sent_on,
        field::{Field, FormError, Submit, refusal},
        screen::query,
    },
    error::AppError,
    icon::Mark,
    page::setup::setup_status,
    view::SetupStatus,
};

/// The log-in page that leads back to an address of this server. What a refused form or a done act has left in it is
/// spent.
pub fn login_href(path: &str, search: &str) -> String {
    let pairs = search.trim_start_matches('?').split('&');
    let kept = |pair: &&str| !["__path=", "__err=", "done="].iter().any(|spent| pair.starts_with(spent));
    let search = pairs.filter(kept).collect::<Vec<_>>().join("&");
    let back = if search.is_empty() { path.to_owned() } else { format!("{path}?{search}") };
    Query::new("/login").with("next", if back == "/" { "" } else { &back }).href()
}

/// Opens a session and goes on to `next`.
#[server(prefix = "/act", endpoint = "login")]
pub async fn login(login: String, password: String, #[server(default)] next: String) -> Result<(), AppError> {
    let backend = backend()?;
    let token = backend.login(&login, &password, &visitor().origin).await?;
    set_cookie(&backend.session_cookie(Some(&token)));
    see_other(safe_next(&next));
    Ok(())
}

/// Ends the session of this browser.
#[server(prefix = "/act", endpoint = "logout")]
pub async fn logout() -> Result<(), AppError> {
    let backend = backend()?;
    if let Some(token) = visitor().token {
        backend.logout(&token).await?;
    }
    set_cookie(&backend.session_cookie(None));
    see_other("/login");
    Ok(())
}

/// The session of this browser goes on, and so does the page.
#[server(prefix = "/act", endpoint = "extend-session")]
pub async fn extend_session() -> Result<(), AppError> {
    let (caller, token) = (caller().await?, visitor().token.unwrap_or_default());
    caller.backend.extend_session(&caller.actor, &token).await?;
    set_cookie(&caller.backend.session_cookie(Some(&token)));
    Ok(())
}

#[component]
pub fn LoginPage() -> impl IntoView {
    let next = query("next");
    view! {
        <Title text="Log in"/>
        <Suspense>
            {Suspend::new(async move {
                match setup_status().await {
                    Ok(SetupStatus { open: true }) => sent_on("/setup"),
                    _ => view! { <LoginForm next=safe_next(&next).to_owned()/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn LoginForm(next: String) -> impl IntoView {
    let error = refusal::<Login>();
    view! {
        <main class="main gate" id="main">
            <p class="brand"><Mark/>"Hearth"</p>
            <section class="panel" aria-labelledby="login-h">
                <ActionForm action={ServerAction::<Login>::new()}>
                    <div class="panel-body">
                        <h1 id="login-h" tabindex="-1">"Log in"</h1>
                        <FormError error=error.clone() fields=&["login", "password"]/>
                        <input type="hidden" name="next" value=next/>
                        <Field
                            name="login"
                            label="Username or email"
                            autocomplete="username"
                            autofocus=true
                            error=error.clone()
                        />
                        <Field
                            name="password"
                            label="Password"
                            kind="password"
                            autocomplete="current-password"
                            error
                        />
                        <Submit label="Log in" doing="Logging in…"/>
                    </div>
                </ActionForm>
            </section>
        </main>
    }
    .into_any()
}
