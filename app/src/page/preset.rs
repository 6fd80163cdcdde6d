//! `/presets/:template/:preset`: one pool, and why it is as it is.

use leptos::prelude::*;

use crate::error::AppError;

/// Lets a paused pool go on.
#[server(prefix = "/act", endpoint = "resume-pool")]
pub async fn resume_pool(template: String, preset: String) -> Result<(), AppError> {
    let caller = crate::caller::caller().await?;
    caller.backend.resume_pool(&caller.actor, &template, &preset).await?;
    crate::caller::see_other(&crate::address::preset(&template, &preset));
    Ok(())
}
