//! The questions of the template page: another name, out of the way, gone.

use leptos::prelude::*;

use crate::{
    address::{self, Query},
    caller::{caller, see_other},
    component::{
        dialog::{Dialog, Foot, Weight},
        field::{Field, FormError, refusal},
    },
    copy::{be, counted},
    error::AppError,
    view::{TemplateOrder, TemplateRow},
};

fn done(template: &str, done: &str) {
    see_other(&Query::new(address::template(template)).with("done", done).href());
}

/// Gives it another name, display name and description.
#[server(prefix = "/act", endpoint = "edit-template")]
pub async fn edit_template(
    template: String,
    name: String,
    #[server(default)] display_name: String,
    #[server(default)] description: String,
) -> Result<(), AppError> {
    let caller = caller().await?;
    let order =
        TemplateOrder { version: String::new(), name: name.trim().to_owned(), display_name, description };
    caller.backend.edit_template(&caller.actor, &template, &order).await?;
    done(&order.name, "saved");
    Ok(())
}

/// Nothing is made of it any more.
#[server(prefix = "/act", endpoint = "archive-template")]
pub async fn archive_template(template: String, #[server(default)] why: String) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.archive_template(&caller.actor, &template, &why).await?;
    done(&template, "archived");
    Ok(())
}

/// Undoes it.
#[server(prefix = "/act", endpoint = "restore-template")]
pub async fn restore_template(template: String) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.restore_template(&caller.actor, &template).await?;
    done(&template, "restored");
    Ok(())
}

/// `typed` has to be its name.
#[server(prefix = "/act", endpoint = "delete-template")]
pub async fn delete_template(template: String, #[server(default)] typed: String) -> Result<(), AppError> {
    let caller = caller().await?;
    caller.backend.delete_template(&caller.actor, &template, &typed).await?;
    see_other("/templates?done=deleted");
    Ok(())
}

#[component]
pub fn EditDialog(row: TemplateRow) -> impl IntoView {
    let error = refusal::<EditTemplate>();
    let close = address::template(&row.name);
    view! {
        <Dialog title=format!("Rename and describe {}", row.name) close=close.clone()>
            <ActionForm action={ServerAction::<EditTemplate>::new()}>
                <div class="dialog-body">
                    <FormError error=error.clone() fields=&["name", "display_name", "description"]/>
                    <input type="hidden" name="template" value=row.name.clone()/>
                    <Field
                        name="name"
                        label="Name"
                        value=row.name
                        autofocus=true
                        hint="Addresses and commands have it: links to the old one end."
                        error=error.clone()
                    />
                    <Field
                        name="display_name"
                        label="Display name"
                        value=row.display_name
                        required=false
                        error=error.clone()
                    />
                    <Field name="description" label="What it is for" value=row.description required=false error/>
                </div>
                <Foot close=close act="Save" doing="Saving…"/>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}

#[component]
pub fn ArchiveDialog(row: TemplateRow) -> impl IntoView {
    let error = refusal::<ArchiveTemplate>();
    let close = address::template(&row.name);
    let emptied = match row.ready + row.coming {
        0 => "Nothing is made of it any more.".to_owned(),
        count => {
            let (prebuilds, be) = (counted(count, "prebuild"), be(count));
            format!("Nothing is made of it any more, and its {prebuilds} {be} removed.")
        }
    };
    view! {
        <Dialog title=format!("Archive {}", row.name) close=close.clone()>
            <ActionForm action={ServerAction::<ArchiveTemplate>::new()}>
                <div class="dialog-body">
                    <p>{emptied}" Workspaces that people have stay. It can be brought back."</p>
                    <FormError error=error.clone() fields=&["why"]/>
                    <input type="hidden" name="template" value=row.name/>
                    <Field name="why" label="Why" autofocus=true hint="Whoever asks for a workspace reads it." error/>
                </div>
                <Foot close=close act="Archive" doing="Archiving…"/>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}

#[component]
pub fn DeleteDialog(row: TemplateRow) -> impl IntoView {
    let error = refusal::<DeleteTemplate>();
    let close = address::template(&row.name);
    let name = row.name;
    let prebuilds = match row.ready + row.coming {
        0 => String::new(),
        count => format!(" and {}", counted(count, "prebuild")),
    };
    let in_use = (row.workspaces > 0).then(|| {
        let workspaces = counted(row.workspaces, "workspace");
        let have = if row.workspaces == 1 { "has" } else { "have" };
        view! { <p class="error">{format!("People have {workspaces} of it, which {have} to be deleted first.")}</p> }
    });
    view! {
        <Dialog title=format!("Delete {name}") close=close.clone()>
            <ActionForm action={ServerAction::<DeleteTemplate>::new()}>
                <div class="dialog-body">
                    <p>{format!("The template with its versions{prebuilds} goes away. This cannot be undone.")}</p>
                    {in_use}
                    <FormError error=error.clone() fields=&["typed"]/>
                    <input type="hidden" name="template" value=name.clone()/>
                    <Field name="typed" label="Type its name to delete it" confirm=name.clone() error/>
                </div>
                <Foot close=close act=format!("Delete {name}") doing="Deleting…" weight=Weight::Destructive/>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}
