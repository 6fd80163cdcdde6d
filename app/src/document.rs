//! The HTML document around the app, and how its server half is wired into axum.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*, server_fn::ServerFn};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};
use leptos_meta::MetaTags;

use crate::{
    answer, backend::Backend, caller::Visitor, component::theme, page::upload::Upload, routes::App, typed,
};

/// Addresses of the files that the browser needs.
#[derive(Clone, Debug)]
pub struct Assets {
    pub css: String,
    /// A module that loads the wasm and takes the page over by itself.
    pub js: String,
    /// For a preload; the script knows it too.
    pub wasm: String,
    pub icon: String,
}

/// All pages, and the server functions behind them. `visitor` reads what the authentication left in the request.
/// Without `assets` the pages are plain HTML.
pub fn routes<S>(
    backend: Arc<dyn Backend>,
    assets: Option<Assets>,
    visitor: fn(&Parts) -> Visitor,
) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    // The same context for a page and for a call of its server functions.
    let context = move || {
        let visitor = use_context::<Parts>().map(|parts| visitor(&parts)).unwrap_or_default();
        provide_context(visitor);
        provide_context(backend.clone());
        protect();
    };
    let options = LeptosOptions::builder().output_name("hearth").build();
    let files = assets.clone();
    let shell = move || document(assets.as_ref());
    Router::new()
        .leptos_routes_with_context(&options, generate_route_list(App), context, shell)
        .layer(from_fn(move |request, next| answer::with_status(files.clone(), request, next)))
        .layer(from_fn(typed::keep))
        .layer(from_fn(drop_empty_filters))
        .layer(from_fn(refuse_upload_without_files))
        .with_state(options)
}

/// A form without scripts sends its empty fields too; the address of what it shows has none.
async fn drop_empty_filters(request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let (kept, empty): (Vec<_>, Vec<_>) = query.split('&').partition(|pair| !pair.ends_with('='));
    let path = request.uri().path();
    let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    let is_page = request.method() == Method::GET && !path.starts_with("//");
    match HeaderValue::from_str(&format!("{path}{query}")) {
        Ok(location) if is_page && !empty.is_empty() => {
            (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
        }
        _ => next.run(request).await,
    }
}

/// The library that reads a form with files panics on a body that is no such form.
async fn refuse_upload_without_files(request: Request, next: Next) -> Response {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_form = kind.is_some_and(|kind| multer::parse_boundary(kind).is_ok());
    if request.uri().path() == Upload::PATH && request.method() == Method::POST && !is_form {
        return (StatusCode::BAD_REQUEST, "Send the form as multipart/form-data.").into_response();
    }
    next.run(request).await
}

/// Headers of every page and every answer: nothing but our own files runs, and no other site frames us.
fn protect() {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    let script =
        use_nonce().map(|nonce| format!(" script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval';"));
    let policy = format!(
        "default-src 'none';{} style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
         object-src 'none'; form-action 'self'; frame-ancestors 'none'",
        script.unwrap_or_default()
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    // A refused form finds back to its page through the Referer, so our own pages must keep it.
    response.insert_header(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response.insert_header(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// Whether single keys act as shortcuts in this browser; a cookie carries the choice.
pub fn single_keys() -> bool {
    crate::caller::cookie("hearth_keys").as_deref() != Some("off")
}

/// Whether tables have low rows in this browser; a cookie carries the choice.
pub fn compact_rows() -> bool {
    crate::caller::cookie("hearth_rows").as_deref() == Some("compact")
}

const SPRITE: &str = include_str!("sprite.svg");

fn document(assets: Option<&Assets>) -> impl IntoView + use<> {
    html(assets, view! { <MetaTags/> }, view! { <App/> })
}

/// A whole document.
pub(crate) fn html<H, B>(assets: Option<&Assets>, head: H, body: B) -> impl IntoView + use<H, B>
where
    H: IntoView + 'static,
    B: IntoView + 'static,
{
    let assets = assets.cloned().map(|Assets { css, js, wasm, icon }| {
        view! {
            <link rel="icon" href=icon type="image/svg+xml"/>
            <link rel="stylesheet" href=css/>
            <link rel="preload" r#as="fetch" type="application/wasm" href=wasm crossorigin=""/>
            <script type="module" src=js nonce=use_nonce()></script>
        }
    });
    view! {
        <!DOCTYPE html>
        <html lang="en-US" data-theme=theme::current().name() data-keys=(!single_keys()).then_some("off")
            data-density=compact_rows().then_some("compact")>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                {assets}
                {head}
            </head>
            <body>
                {body}
                <svg class="sprite" aria-hidden="true" inner_html=SPRITE></svg>
            </body>
        </html>
    }
}
