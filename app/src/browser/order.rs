//! Rows never change places under the pointer or the focus: the order that is on screen stays, and a button shows the
//! new one.

use web_sys::{Document, Element};

use super::{morph, page};

/// Gives the tables of a new page the order that is on screen, with new rows at the end, where somebody is at them.
pub fn keep(new: &Document) {
    for table in page::all("table[data-ordered]") {
        let held =
            [":hover", ":focus-within"].into_iter().any(|state| table.matches(state).unwrap_or_default());
        let id = table.id();
        if let (true, Some(fresh)) = (held, new.get_element_by_id(&id)) {
            hold(&table, &fresh);
        }
    }
}

fn hold(shown: &Element, fresh: &Element) {
    let rows = |table: &Element| page::elements(table.query_selector_all(":scope > [data-key]"));
    let keys = |rows: &[Element]| rows.iter().filter_map(|row| morph::key(row)).collect::<Vec<_>>();
    let (old, mut ordered) = (keys(&rows(shown)), rows(fresh));
    let kept: Vec<_> = keys(&ordered).into_iter().filter(|key| old.contains(key)).collect();
    let before: Vec<_> = old.into_iter().filter(|key| kept.contains(key)).collect();
    if kept == before {
        return;
    }
    ordered.sort_by_key(|row| {
        let key = morph::key(row);
        before.iter().position(|before| Some(before) == key.as_ref()).unwrap_or(usize::MAX)
    });
    for row in ordered {
        let _ = fresh.append_child(&row);
    }
    if let Some(pill) =
        fresh.parent_element().and_then(|panel| panel.query_selector("[data-refresh]").ok().flatten())
    {
        let _ = pill.remove_attribute("hidden");
    }
}
