//! The browser's entry point. Exists so that cdylib settings touch nothing else.

#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
    hearth_app::browser::start();
}
