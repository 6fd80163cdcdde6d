//! A pool over time: what was wanted, what was ready, and what was asked of it. Drawn by the server, told apart without
//! color, with a sentence for those who hear it and a table for those who want the numbers.

use std::fmt::Write;

use chrono::Timelike;
use leptos::prelude::*;

use crate::{
    address::Query,
    component::panel::Panel,
    copy::counted,
    time::{Now, Style},
    view::{HistoryView, SlotPool, SlotView},
};

/// The drawing in its own units; it is scaled to the width of the page.
const WIDTH: f64 = 960.0;
const TOP: f64 = 16.0;
const FLOOR: f64 = 150.0;
const LEFT: f64 = 32.0;

/// Where things lie.
#[derive(Clone, Copy)]
struct Scale {
    slots: usize,
    most: u32,
}

impl Scale {
    fn of(history: &HistoryView) -> Self {
        let pools = history.slots.iter().filter_map(|slot| slot.pool);
        let most = pools.map(|pool| pool.wanted.max(pool.ready)).max().unwrap_or(0).max(1);
        Self { slots: history.slots.len().max(1), most }
    }

    fn x(self, slot: usize) -> f64 {
        LEFT + (WIDTH - LEFT) * slot as f64 / self.slots as f64
    }

    fn y(self, count: u32) -> f64 {
        FLOOR - (FLOOR - TOP) * f64::from(count) / f64::from(self.most)
    }

    /// A stepped line through what is on record, broken where nothing is.
    fn steps(self, history: &HistoryView, of: fn(SlotPool) -> u32) -> String {
        let mut path = String::new();
        let mut drawing = false;
        for (at, slot) in history.slots.iter().enumerate() {
            let Some(pool) = slot.pool else {
                drawing = false;
                continue;
            };
            let (x, y) = (self.x(at), self.y(of(pool)));
            let command = if drawing { format!("V{y:.1}") } else { format!("M{x:.1} {y:.1}") };
            let _ = write!(path, "{command}H{:.1}", self.x(at + 1));
            drawing = true;
        }
        path
    }
}

/// Consecutive slots that agree.
fn runs(history: &HistoryView, holds: impl Fn(&SlotView) -> bool) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in history.slots.iter().enumerate().filter(|(_, slot)| holds(slot)) {
        match runs.last_mut() {
            Some((_, to)) if *to == at => *to = at + 1,
            _ => runs.push((at, at + 1)),
        }
    }
    runs
}

/// What the drawing shows, in a sentence or two.
fn sentence(history: &HistoryView) -> String {
    let short = runs(history, |slot| slot.pool.is_some_and(|pool| pool.ready < pool.wanted));
    let known = history.slots.iter().any(|slot| slot.pool.is_some());
    let (claims, misses) = history.slots.iter().fold((0, 0), |(claims, misses), slot| {
        (claims + slot.claims as usize, misses + slot.misses as usize)
    });
    let span = |(from, to): &(usize, usize)| format!("{} to {}", clock(history, *from), clock(history, *to));
    let pool = match short.as_slice() {
        _ if !known => "Nothing is on record yet.".to_owned(),
        [] => "As many were ready as were wanted, at all times.".to_owned(),
        [one] => format!("Fewer were ready than wanted from {} UTC.", span(one)),
        [.., last] => {
            format!("Fewer were ready than wanted {} times, last from {} UTC.", short.len(), span(last))
        }
    };
    match claims + misses {
        0 => format!("{pool} Nobody asked for one."),
        _ => format!(
            "{pool} {} served from the pool, {} found nothing ready.",
            counted(claims, "claim"),
            misses
        ),
    }
}

fn clock(history: &HistoryView, slot: usize) -> String {
    Style::Short.text(history.at(slot), history.at(history.slots.len().saturating_sub(1)))
}

/// The panel with the drawing, its range, and its table.
#[component]
pub fn PoolChart(
    history: HistoryView,
    /// The page that it lies on.
    here: Query,
    now: Now,
) -> impl IntoView {
    let week = history.slot_minutes > 15;
    let choice = |label: &'static str, range: &'static str, current: bool| {
        let href = here.clone().with("range", range).href();
        view! { <a href=href aria-current=current.then_some("true")>{label}</a> }
    };
    let ranges = view! {
        <nav class="segments" aria-label="Range">
            {choice("24\u{a0}h", "", !week)}
            {choice("7\u{a0}d", "7d", week)}
        </nav>
    };
    let title = if week { "The last 7 days" } else { "The last 24 hours" };
    let sentence = sentence(&history);
    view! {
        <Panel id="history" title beside=move || ranges>
            <div class="panel-body">
                <Drawing history=history.clone() title sentence=sentence.clone()/>
                <p class="muted small">
                    {sentence}
                    " Line: wanted. Area: ready. Ticks: claims. Rings: found nothing ready. Hatched: held back after failures."
                </p>
                <details>
                    <summary>"Show as table"</summary>
                    <Table history now/>
                </details>
            </div>
        </Panel>
    }
    .into_any()
}

#[component]
fn Drawing(history: HistoryView, title: &'static str, sentence: String) -> impl IntoView {
    let scale = Scale::of(&history);
    let area = |(from, to): (usize, usize)| {
        let mut path = format!("M{:.1} {FLOOR}", scale.x(from));
        for (at, slot) in history.slots.iter().enumerate().take(to).skip(from) {
            let y = scale.y(slot.pool.map_or(0, |pool| pool.ready));
            let _ = write!(path, "V{y:.1}H{:.1}", scale.x(at + 1));
        }
        view! { <path d=format!("{path}V{FLOOR}Z") fill="var(--info)" fill-opacity=".25"/> }
    };
    let areas = runs(&history, |slot| slot.pool.is_some()).into_iter().map(area).collect_view();
    let held =
        runs(&history, |slot| slot.pool.is_some_and(|pool| pool.held_back)).into_iter().map(|(from, to)| {
            let (x, width) = (scale.x(from), scale.x(to) - scale.x(from));
            view! { <rect x=x y=TOP width=width height=FLOOR - TOP fill="url(#held-back)"/> }
        });
    let held = held.collect_view();
    view! {
        <svg viewBox=format!("0 0 {WIDTH} 184") width="100%" role="img" aria-labelledby="history-title history-words" font-size="12">
            <title id="history-title">{title}</title>
            <desc id="history-words">{sentence}</desc>
            <pattern id="held-back" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <path d="M0 0V8" stroke="var(--warn)" stroke-width="3" stroke-opacity=".5"/>
            </pattern>
            <Axes history=history.clone()/>
            {held}
            {areas}
            <path d=scale.steps(&history, |pool| pool.wanted) fill="none" stroke="var(--accent)" stroke-width="2"/>
            <Asked history/>
        </svg>
    }
    .into_any()
}

/// Numbers at the left, hours or days below, and where versions took over.
#[component]
fn Axes(history: HistoryView) -> impl IntoView {
    let scale = Scale::of(&history);
    let lines = [0, scale.most].map(|count| {
        let y = scale.y(count);
        view! {
            <path d=format!("M{LEFT} {y}H{WIDTH}") stroke="var(--border)"/>
            <text x=LEFT - 8.0 y=y + 4.0 text-anchor="end" fill="var(--muted)">{count}</text>
        }
    });
    let week = history.slot_minutes > 15;
    let marks = (0..history.slots.len()).filter_map(|slot| {
        let at = history.at(slot);
        let (due, label) = if week {
            (at.hour() == 0, at.format("%a").to_string())
        } else {
            (at.hour().is_multiple_of(4) && at.minute() == 0, at.format("%H:00").to_string())
        };
        let x = scale.x(slot);
        // The last label would be cut off.
        (due && x < WIDTH - 32.0).then(|| {
            view! {
                <path d=format!("M{x:.1} {FLOOR}v6") stroke="var(--control)"/>
                <text x=x y="174" fill="var(--muted)">{label}</text>
            }
        })
    });
    let marks = marks.collect_view();
    let versions = history.versions.iter().map(|(slot, version)| {
        let x = scale.x(*slot);
        view! {
            <path d=format!("M{x:.1} {FLOOR}V4") stroke="var(--muted)" stroke-dasharray="2 3"/>
            <text x=x + 4.0 y="12" fill="var(--muted)">{version.clone()}</text>
        }
    });
    let versions = versions.collect_view();
    view! { {lines.into_iter().collect_view()} {marks} {versions} }.into_any()
}

/// Claims as ticks on the floor, misses as rings above them.
#[component]
fn Asked(history: HistoryView) -> impl IntoView {
    let scale = Scale::of(&history);
    let marks = history.slots.iter().enumerate().filter(|(_, slot)| slot.claims + slot.misses > 0).map(|(at, slot)| {
        let x = f64::midpoint(scale.x(at), scale.x(at + 1));
        let tick = (slot.claims > 0).then(|| {
            view! { <path d=format!("M{x:.1} {FLOOR}v-10") stroke="var(--ok)" stroke-width="3"/> }
        });
        let ring = (slot.misses > 0).then(|| {
            view! { <circle cx=x cy=FLOOR - 18.0 r="4" fill="var(--surface)" stroke="var(--bad)" stroke-width="2"/> }
        });
        view! { {tick} {ring} }
    });
    let marks = marks.collect_view();
    view! { {marks} }.into_any()
}

/// The same in numbers: a row for each stretch in which nothing changed.
#[component]
fn Table(history: HistoryView, now: Now) -> impl IntoView {
    let mut rows: Vec<(usize, SlotView)> = Vec::new();
    for (at, slot) in history.slots.iter().enumerate() {
        match rows.last_mut() {
            Some((_, last)) if last.pool == slot.pool => {
                last.claims += slot.claims;
                last.misses += slot.misses;
            }
            _ => rows.push((at, *slot)),
        }
    }
    let row = |(at, slot): (usize, SlotView)| {
        let count = |of: fn(SlotPool) -> u32| slot.pool.map_or("—".to_owned(), |pool| of(pool).to_string());
        let begin = Style::Short.text(history.at(at), now.get());
        view! {
            <tr role="row">
                <th role="rowheader" scope="row">{begin}</th>
                <td role="cell" class="num" data-label="Wanted">{count(|pool| pool.wanted)}</td>
                <td role="cell" class="num" data-label="Ready">{count(|pool| pool.ready)}</td>
                <td role="cell" class="num" data-label="Claims">{slot.claims}</td>
                <td role="cell" class="num" data-label="Misses">{slot.misses}</td>
            </tr>
        }
    };
    let rows = rows.into_iter().map(row).collect_view();
    view! {
        <table class="table" role="table">
            <caption class="sr-only">"The pool over time, oldest first"</caption>
            <thead role="rowgroup"><tr role="row">
                <th role="columnheader" scope="col">"From (UTC)"</th>
                <th role="columnheader" scope="col" class="num">"Wanted"</th>
                <th role="columnheader" scope="col" class="num">"Fewest ready"</th>
                <th role="columnheader" scope="col" class="num">"Claims"</th>
                <th role="columnheader" scope="col" class="num">"Misses"</th>
            </tr></thead>
            <tbody role="rowgroup">{rows}</tbody>
        </table>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(pools: &[Option<(u32, u32)>]) -> HistoryView {
        let slot = |pool: &Option<(u32, u32)>| SlotView {
            pool: pool.map(|(wanted, ready)| SlotPool { wanted, ready, held_back: false }),
            ..SlotView::default()
        };
        let from = "2026-11-24T00:00:00Z".parse().unwrap();
        HistoryView { from, slot_minutes: 15, slots: pools.iter().map(slot).collect(), versions: vec![] }
    }

    #[test]
    fn the_words_say_when_fewer_were_ready_than_wanted() {
        let mut one = history(&[None, Some((2, 2)), Some((2, 0)), Some((2, 1)), Some((2, 2))]);
        assert_eq!(
            sentence(&one),
            "Fewer were ready than wanted from 00:30 to 01:00 UTC. Nobody asked for one."
        );
        one.slots[2].misses = 1;
        assert!(sentence(&one).ends_with("0 claims served from the pool, 1 found nothing ready."));
        assert!(sentence(&history(&[Some((1, 1))])).starts_with("As many were ready"));
        assert!(sentence(&history(&[None])).starts_with("Nothing is on record yet."));
    }

    #[test]
    fn the_line_is_broken_where_nothing_is_on_record() {
        let history = history(&[Some((1, 1)), None, Some((2, 1)), Some((1, 1))]);
        let path = Scale::of(&history).steps(&history, |pool| pool.wanted);
        assert_eq!(path, "M32.0 83.0H264.0M496.0 16.0H728.0V83.0H960.0");
    }
}
