//! Rows that are ticked for an act. Without scripts the form sends them all the same; here they are counted, and the
//! box that stands for all that match ticks those on the page.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlFormElement, HtmlInputElement};

use super::page::query;

fn form() -> Option<HtmlFormElement> {
    query("form[data-picks]")?.dyn_into().ok()
}

/// The boxes of the form; those of the rows lie outside it.
fn boxes(form: &HtmlFormElement) -> Vec<HtmlInputElement> {
    let elements = form.elements();
    let inputs =
        (0..elements.length()).filter_map(|at| elements.item(at)?.dyn_into::<HtmlInputElement>().ok());
    inputs.filter(|input| input.type_() == "checkbox").collect()
}

fn stands_for_all(input: &HtmlInputElement) -> bool {
    input.name() == "all"
}

/// A box was ticked or cleared.
pub fn changed(field: &Element) {
    let Some((field, form)) = field.dyn_ref::<HtmlInputElement>().zip(form()) else { return };
    if field.form().as_ref() != Some(&form) {
        return;
    }
    for other in boxes(&form) {
        if stands_for_all(field) {
            other.set_checked(field.checked());
        } else if stands_for_all(&other) && !field.checked() {
            other.set_checked(false);
        }
    }
    count();
}

/// Says how many are ticked.
pub fn count() {
    let Some(form) = form() else { return };
    let ticked: Vec<_> = boxes(&form).into_iter().filter(HtmlInputElement::checked).collect();
    let count = match ticked.iter().find(|input| stands_for_all(input)) {
        Some(all) => all.value(),
        None => ticked.len().to_string(),
    };
    if let Some(told) = query("[data-picked]") {
        let _ = told.toggle_attribute_with_force("hidden", ticked.is_empty());
        told.first_element_child().inspect(|figure| figure.set_text_content(Some(&count)));
    }
}

/// Nothing is ticked any more.
pub fn clear() {
    form().inspect(HtmlFormElement::reset);
    count();
}
