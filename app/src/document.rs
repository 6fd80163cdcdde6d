//! The HTML document around the app, and how its server half is wired into axum.

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderValue, header, request::Parts},
};
use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};
use leptos_meta::MetaTags;

use crate::{App, backend::Backend, caller::Visitor, component::theme::Theme};

/// Addresses of the files that the browser needs.
#[derive(Clone, Debug)]
pub struct Assets {
    pub css: String,
    pub js: String,
    pub wasm: String,
}

/// All pages, and the server functions behind them. `visitor` reads what the authentication left in the request.
pub fn routes<S>(backend: Arc<dyn Backend>, assets: Assets, visitor: fn(&Parts) -> Visitor) -> Router<S>
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
    let shell = move || document(&assets);
    Router::new()
        .leptos_routes_with_context(&options, generate_route_list(App), context, shell)
        .with_state(options)
}

/// Headers of every page and every answer: nothing but our own files runs, and no other site frames us.
fn protect() {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    let script = use_nonce().map(|nonce| format!(" script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval';"));
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

const SPRITE: &str = include_str!("sprite.svg");

/// The mark on a dark tile, small enough to travel with the page.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='7' fill='%231f1d1a'/%3E%3Cpath d='M6 5.5h4.5v6.6A10 10 0 0 1 26 20.5v6h-4.5v-6a5.5 5.5 0 0 0-11 0v6H6z' fill='%23f1eeea'/%3E%3Ccircle cx='16' cy='23.3' r='3.2' fill='%23fb9a63'/%3E%3C/svg%3E";

fn document(assets: &Assets) -> impl IntoView + use<> {
    let Assets { css, js, wasm } = assets.clone();
    let theme = crate::caller::cookie("hearth_theme").map(|name| Theme::named(&name)).unwrap_or_default();
    let start = format!(
        "import({js:?}).then(hearth => hearth.default({{ module_or_path: {wasm:?} }}).then(() => hearth.hydrate()))"
    );
    view! {
        <!DOCTYPE html>
        <html lang="en-US" data-theme=theme.name()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href=ICON type="image/svg+xml"/>
                <link rel="stylesheet" href=css/>
                <link rel="modulepreload" href=js nonce=use_nonce()/>
                <link rel="preload" r#as="fetch" type="application/wasm" href=wasm crossorigin=""/>
                <script type="module" nonce=use_nonce() inner_html=start></script>
                <MetaTags/>
            </head>
            <body>
                <App/>
                <svg class="sprite" aria-hidden="true" inner_html=SPRITE></svg>
            </body>
        </html>
    }
}
