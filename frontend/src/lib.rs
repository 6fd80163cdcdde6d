//! The browser's entry point: takes over the server-rendered page. Exists so that cdylib settings touch nothing else.

#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(hearth_app::App);
}
