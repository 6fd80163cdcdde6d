//! `/login`, and logging out.

use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    address::{Query, safe_next},
    component::{
        field::{Field, FormError, Submit, refusal},
        icon::Mark,
        send_to::SendTo,
    },
    error::AppError,
    page::setup::load_setup_status,
};

/// The log-in page that leads back to an address of this server.
pub fn login_href(path: &str, search: &str) -> String {
    let search = search.trim_start_matches('?');
    let back = if search.is_empty() { path.to_owned() } else { format!("{path}?{search}") };
    Query::new("/login").with("next", if back == "/" { "" } else { &back }).href()
}

/// Opens a session and goes on to `next`.
#[server(prefix = "/act", endpoint = "login")]
pub async fn login(login: String, password: String, #[server(default)] next: String) -> Result<(), AppError> {
    use crate::caller::{backend, see_other, set_cookie, visitor};
    let backend = backend()?;
    let token = backend.login(&login, &password, &visitor().origin).await?;
    set_cookie(&backend.session_cookie(Some(&token)));
    see_other(safe_next(&next));
    Ok(())
}

/// Ends the session of this browser.
#[server(prefix = "/act", endpoint = "logout")]
pub async fn logout() -> Result<(), AppError> {
    use crate::caller::{backend, see_other, set_cookie, visitor};
    let backend = backend()?;
    if let Some(token) = visitor().token {
        backend.logout(&token).await?;
    }
    set_cookie(&backend.session_cookie(None));
    see_other("/login");
    Ok(())
}

#[component]
pub fn LoginPage() -> impl IntoView {
    let status = Resource::new_blocking(|| (), |()| load_setup_status());
    let action = ServerAction::<Login>::new();
    let next = use_query_map().with_untracked(|query| query.get("next").unwrap_or_default());
    let next = StoredValue::new(safe_next(&next).to_owned());
    let error = refusal(action);
    view! {
        <Title text="Log in"/>
        <Suspense>
            {move || Suspend::new(async move {
                if status.await.is_ok_and(|status| status.open) {
                    return Either::Left(view! { <SendTo path="/setup"/> });
                }
                Either::Right(view! {
                    <main class="main gate" id="main">
                        <p class="brand"><Mark/>"Hearth"</p>
                        <section class="panel" aria-labelledby="login-h">
                            <ActionForm action=action>
                                <div class="panel-body">
                                    <h1 id="login-h" tabindex="-1">"Log in"</h1>
                                    <FormError error fields=&["login", "password"]/>
                                    <input type="hidden" name="next" value=next.get_value()/>
                                    <Field
                                        name="login"
                                        label="Username or email"
                                        autocomplete="username"
                                        autofocus=true
                                        error
                                    />
                                    <Field
                                        name="password"
                                        label="Password"
                                        kind="password"
                                        autocomplete="current-password"
                                        error
                                    />
                                    <Submit label="Log in" doing="Logging in…" busy=action.pending()/>
                                </div>
                            </ActionForm>
                        </section>
                    </main>
                })
            })}
        </Suspense>
    }
}
