//! `/setup`: makes the first person. Open only while there is nobody, and only to whoever can read the server's
//! console.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    caller::{backend, see_other, set_cookie, visitor},
    component::field::{Field, FormError, Submit, refusal},
    error::AppError,
    icon::Mark,
    page::{
        first_steps::{Step, Steps},
        not_found::NotFoundPage,
    },
    view::SetupStatus,
};

/// Whether `/setup` is open.
pub async fn setup_status() -> Result<SetupStatus, AppError> {
    backend()?.setup_status().await
}

/// Makes the first person and logs in.
#[server(prefix = "/act", endpoint = "setup")]
pub async fn setup(code: String, username: String, email: String, password: String) -> Result<(), AppError> {
    let backend = backend()?;
    let token = backend.setup(code.trim(), &username, &email, &password, &visitor().origin).await?;
    set_cookie(&backend.session_cookie(Some(&token)));
    see_other("/");
    Ok(())
}

#[component]
pub fn SetupPage() -> impl IntoView {
    view! {
        <Suspense>
            {Suspend::new(async move {
                match setup_status().await {
                    Ok(SetupStatus { open: true }) => view! { <SetupForm/> }.into_any(),
                    _ => view! { <NotFoundPage/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn SetupForm() -> impl IntoView {
    let error = refusal::<Setup>();
    view! {
        <Title text="Set up"/>
        <main class="main gate" id="main">
            <p class="brand"><Mark/>"Hearth"</p>
            <section class="panel" aria-labelledby="setup-h">
                <ActionForm action={ServerAction::<Setup>::new()}>
                    <div class="panel-body">
                        <h1 id="setup-h" tabindex="-1">"Set up Hearth"</h1>
                        <Steps next=Step::Account/>
                        <p class="muted">
                            "This makes the first account, which owns the server. "
                            "The server printed a one-time code on its console."
                        </p>
                        <FormError error=error.clone() fields=&["code", "username", "email", "password"]/>
                        <Field name="code" label="Set-up code" autocomplete="one-time-code" autofocus=true error=error.clone()/>
                        <Field
                            name="username"
                            label="Username"
                            autocomplete="username"
                            hint="Lowercase letters, digits and dashes."
                            error=error.clone()
                        />
                        <Field name="email" label="Email" kind="email" autocomplete="email" error=error.clone()/>
                        <Field
                            name="password"
                            label="Password"
                            kind="password"
                            autocomplete="new-password"
                            hint="At least 8 characters."
                            error
                        />
                        <Submit label="Make the account" doing="Making the account…"/>
                    </div>
                </ActionForm>
            </section>
        </main>
    }
    .into_any()
}
