//! Slots as coals: one glyph for each workspace that a pool has or wants, in the shapes of the states.

use leptos::prelude::*;

use crate::{icon::Shape, view::Counts};

/// Above so many a row of coals is no longer read as a number.
const MOST: u32 = 60;
const PITCH: u32 = 13;

/// What one slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    Ready,
    Starting,
    Extra,
    Missing,
}

/// Ready first, then what is on its way, then what goes, then what is missing.
fn slots(counts: Counts) -> Vec<(Slot, u32)> {
    let Counts { ready, leaving, wanted, .. } = counts;
    let extra = ready.saturating_sub(wanted);
    let coming = counts.coming();
    let missing = wanted.saturating_sub(ready + coming);
    let all = [
        (Slot::Ready, ready - extra),
        (Slot::Starting, coming),
        (Slot::Extra, extra + leaving),
        (Slot::Missing, missing),
    ];
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

/// The row of coals; empty pools that want nothing show a dash.
#[component]
pub fn Coals(
    counts: Counts,
    /// The pool is in trouble: what is missing is red.
    hot: bool,
) -> impl IntoView {
    let slots = slots(counts);
    let total: u32 = slots.iter().map(|(_, count)| count).sum();
    if total > MOST {
        return view! { <Bar counts/> }.into_any();
    }
    let mut glyphs: Vec<_> =
        slots.into_iter().flat_map(|(slot, count)| (0..count).map(move |_| slot)).map(glyph).collect();
    if glyphs.is_empty() {
        glyphs.push(("missing", Shape::Dash));
    }
    let width = glyphs.len() as u32 * PITCH - 1;
    let glyphs = glyphs
        .into_iter()
        .enumerate()
        .map(|(at, (class, shape))| {
            view! { <use href=shape.href() class=class x=at as u32 * PITCH width="12" height="12"></use> }
        })
        .collect_view();
    view! { <svg class="coals" data-hot=hot width=width height="12" aria-hidden="true">{glyphs}</svg> }
        .into_any()
}

/// How many pools stand beside each other.
const DOTS: usize = 18;

/// One glyph a pool, for more pools than slots can be shown of: ready as wanted, ready in part or on its way, all to
/// be removed, or none.
#[component]
pub fn Dots(
    /// With whether the pool is in trouble.
    dots: Vec<(Counts, bool)>,
) -> impl IntoView {
    let (columns, rows) = (dots.len().min(DOTS), dots.len().div_ceil(DOTS));
    let size = |count: usize| (count as u32 * PITCH).saturating_sub(1);
    let dots = dots.into_iter().enumerate().map(|(at, (counts, hot))| {
        let Counts { ready, leaving, wanted, .. } = counts;
        let (class, shape) = match ready + counts.coming() {
            0 if wanted > 0 => glyph(Slot::Missing),
            0 if leaving > 0 => glyph(Slot::Extra),
            0 => ("missing", Shape::Dash),
            _ if ready >= wanted => glyph(Slot::Ready),
            _ => glyph(Slot::Starting),
        };
        let class = if hot { "hot" } else { class };
        let (x, y) = ((at % DOTS) as u32 * PITCH, (at / DOTS) as u32 * PITCH);
        view! { <use href=shape.href() class=class x=x y=y width="12" height="12"/> }
    });
    let dots = dots.collect_view();
    view! { <svg class="coals" width=size(columns) height=size(rows) aria-hidden="true">{dots}</svg> }
        .into_any()
}

fn glyph(slot: Slot) -> (&'static str, Shape) {
    match slot {
        Slot::Ready => ("ready", Shape::Disc),
        Slot::Starting => ("starting", Shape::Half),
        Slot::Extra => ("extra", Shape::HalfInverted),
        Slot::Missing => ("missing", Shape::Ring),
    }
}

/// One bar for a pool too large for coals.
#[component]
fn Bar(counts: Counts) -> impl IntoView {
    let of = counts.wanted.max(counts.ready).max(1);
    let width = format!("{}%", u64::from(counts.ready) * 100 / u64::from(of));
    view! {
        <svg class="coals meter" width="160" height="12" aria-hidden="true">
            <rect class="track" y="2" width="100%" height="8" rx="1"></rect>
            <rect class="hot" y="2" width=width height="8" rx="1"></rect>
        </svg>
    }
}

/// What the shapes mean.
#[component]
pub fn Legend() -> impl IntoView {
    let marks = [
        (Slot::Ready, "Ready"),
        (Slot::Starting, "Starting"),
        (Slot::Extra, "To be removed"),
        (Slot::Missing, "Missing"),
    ];
    let marks = marks.into_iter().map(|(slot, word)| {
        let (class, shape) = glyph(slot);
        view! {
            <li>
                <svg class="coals" data-hot="" width="12" height="12" aria-hidden="true">
                    <use href=shape.href() class=class width="12" height="12"></use>
                </svg>
                {word}
            </li>
        }
    });
    view! { <ul class="legend" aria-label="Marks">{marks.collect_view()}</ul> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wanted_slot_is_drawn_once() {
        let counts =
            |ready, running, starting, wanted| Counts { ready, running, starting, leaving: 0, wanted };
        assert_eq!(slots(counts(1, 1, 0, 4)), [(Slot::Ready, 1), (Slot::Missing, 3)]);
        assert_eq!(slots(counts(5, 5, 1, 6)), [(Slot::Ready, 5), (Slot::Starting, 1)]);
        assert_eq!(slots(counts(4, 4, 0, 3)), [(Slot::Ready, 3), (Slot::Extra, 1)]);
        assert_eq!(slots(counts(0, 1, 0, 1)), [(Slot::Starting, 1)]);
        assert_eq!(slots(counts(0, 0, 0, 0)), []);
    }

    #[test]
    fn what_leaves_is_drawn_as_leaving_and_replaces_nothing_that_is_wanted() {
        let old = Counts { ready: 1, running: 4, starting: 0, leaving: 2, wanted: 3 };
        assert_eq!(slots(old), [(Slot::Ready, 1), (Slot::Starting, 1), (Slot::Extra, 2), (Slot::Missing, 1)]);
        let retired = Counts { ready: 0, running: 2, starting: 0, leaving: 2, wanted: 0 };
        assert_eq!(slots(retired), [(Slot::Extra, 2)]);
    }
}
