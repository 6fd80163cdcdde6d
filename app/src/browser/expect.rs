//! What can be undone shows at once. The server has drawn what a button with `data-expect` brings about, as a
//! template; here it is put on screen when the button is pressed. The answer puts what is so in its place, and when
//! there is none, what was there before comes back.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlTemplateElement};

use super::{
    morph,
    page::{elements, query},
};

const THEME: &str = "data-theme";

/// What was on screen before.
pub struct Before {
    /// Each with how it was.
    changed: Vec<(Element, Element)>,
    theme: Option<String>,
    /// A dialog that has been put out of sight, with what was typed there.
    dialog: Option<Element>,
}

/// Shows what this button brings about. `None`: that is not known before the answer.
pub fn show(button: &HtmlElement) -> Option<Before> {
    let (name, theme) = (button.get_attribute("data-expect"), button.get_attribute("data-wears"));
    if name.is_none() && theme.is_none() {
        return None;
    }
    let template = name.and_then(|name| query(&format!("#expect-{name}")));
    let template = template.and_then(|it| it.dyn_into::<HtmlTemplateElement>().ok());
    let parts = template.map(|template| elements(template.content().query_selector_all("[data-for]")));
    let changed = parts.into_iter().flatten().filter_map(|part| put(&part, button)).collect();
    let dialog = button.closest(".scrim").ok().flatten();
    let before = Before { changed, theme: wear(theme), dialog };
    before.hide_dialog(true);
    Some(before)
}

/// Makes what a part stands for equal to it: an element of the button's row, or else of the page. Returns it as it was.
fn put(part: &Element, button: &HtmlElement) -> Option<(Element, Element)> {
    let selector = part.get_attribute("data-for")?;
    let row = button.closest("[data-key]").ok().flatten();
    let of_row = row.and_then(|row| row.query_selector(&selector).ok().flatten());
    let target = of_row.or_else(|| document().query_selector(&selector).ok().flatten())?;
    let (new, old) = (copy(&part.first_element_child()?)?, copy(&target)?);
    morph::morph(&target, &new);
    Some((target, old))
}

fn copy(element: &Element) -> Option<Element> {
    element.clone_node_with_deep(true).ok()?.dyn_into().ok()
}

/// Puts on a theme; returns the one that was worn.
fn wear(theme: Option<String>) -> Option<String> {
    let root = document().document_element()?;
    let worn = root.get_attribute(THEME);
    root.set_attribute(THEME, &theme?).ok()?;
    worn
}

impl Before {
    /// Nothing has come of it. The button has the focus again, which it lost with the dialog.
    pub fn restore(self, button: &HtmlElement) {
        for (element, old) in &self.changed {
            morph::morph(element, old);
        }
        self.hide_dialog(false);
        let _ = button.focus();
        wear(self.theme);
    }

    fn hide_dialog(&self, hidden: bool) {
        if let Some(dialog) = &self.dialog {
            let _ = dialog.toggle_attribute_with_force("hidden", hidden);
        }
    }
}
