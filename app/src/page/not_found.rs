//! For addresses that lead nowhere.

use leptos::prelude::*;

use crate::{component::failure::Failure, error::AppError};

#[component]
pub fn NotFoundPage() -> impl IntoView {
    let error = AppError::NotFound { what: "This page".to_owned() };
    view! { <Failure error=crate::caller::refused(error)/> }
}
