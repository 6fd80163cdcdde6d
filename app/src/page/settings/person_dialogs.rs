//! The questions of the page of people: a new one, another role, a new password.

use leptos::prelude::*;

use super::people::{HERE, role_options};
use crate::{
    caller::{caller, see_other},
    component::{
        dialog::{Dialog, Foot},
        field::{Field, FormError, refusal},
    },
    error::AppError,
    view::{NewPersonOrder, PersonAct},
};

/// Makes a person with a first password.
#[server(prefix = "/act", endpoint = "make-person")]
pub async fn make_person(
    username: String,
    email: String,
    role: String,
    password: String,
) -> Result<(), AppError> {
    let caller = caller().await?;
    let order = NewPersonOrder {
        username: username.trim().to_owned(),
        email: email.trim().to_owned(),
        role,
        password,
    };
    caller.backend.make_person(&caller.actor, &order).await?;
    see_other(&format!("{HERE}?done=person_made"));
    Ok(())
}

/// Gives a person another role.
#[server(prefix = "/act", endpoint = "change-role")]
pub async fn change_role(username: String, role: String) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.change_person(&caller.actor, &username, &PersonAct::Role(role)).await?;
    see_other(&format!("{HERE}?done=saved"));
    Ok(())
}

/// Sets somebody's password and ends their log-ins.
#[server(prefix = "/act", endpoint = "reset-password")]
pub async fn reset_password(username: String, password: String) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.change_person(&caller.actor, &username, &PersonAct::ResetPassword(password)).await?;
    see_other(&format!("{HERE}?done=password_changed"));
    Ok(())
}

#[component]
pub fn NewPersonDialog() -> impl IntoView {
    let error = refusal::<MakePerson>();
    view! {
        <Dialog title="Add a user" close=HERE>
            <ActionForm action={ServerAction::<MakePerson>::new()}>
                <div class="dialog-body">
                    <FormError error=error.clone() fields=&["username", "email", "password"]/>
                    <Field name="username" label="Username" autofocus=true error=error.clone()/>
                    <Field name="email" label="Email" kind="email" error=error.clone()/>
                    <div class="field">
                        <label for="role">"Role"</label>
                        <select class="select" id="role" name="role">{role_options("member")}</select>
                        <p class="hint">"Template admins manage pools, auditors read them, members claim."</p>
                    </div>
                    <Field
                        name="password"
                        label="First password"
                        kind="password"
                        autocomplete="new-password"
                        hint="At least 8 characters. They change it under Preferences."
                        error
                    />
                </div>
                <Foot close=HERE act="Add the user" doing="Adding…"/>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}

#[component]
pub fn ResetPasswordDialog(username: String) -> impl IntoView {
    let error = refusal::<ResetPassword>();
    view! {
        <Dialog title=format!("Reset the password of {username}") close=HERE>
            <ActionForm action={ServerAction::<ResetPassword>::new()}>
                <div class="dialog-body">
                    <p>"Their log-ins end at once. Their tokens stay until somebody revokes them."</p>
                    <FormError error=error.clone() fields=&["password"]/>
                    <input type="hidden" name="username" value=username/>
                    <Field
                        name="password"
                        label="New password"
                        kind="password"
                        autocomplete="new-password"
                        autofocus=true
                        error
                    />
                </div>
                <Foot close=HERE act="Reset the password" doing="Resetting…"/>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}
