//! A pool over time: what was wanted, what was ready, and what was asked of it. Drawn by the server, told apart without
//! color, with a sentence for those who hear it and a table for those who want the numbers.

use chrono::{DateTime, TimeDelta, Timelike};
use chrono_tz::Tz;
use leptos::prelude::*;

use crate::{
    address::Query,
    component::{
        filters::Unknown,
        panel::Panel,
        series::{Field, Scale, runs, shortfall},
    },
    copy::counted,
    time::Now,
    view::{HistoryView, SlotPool, SlotView},
};

/// What tells a drawing from another one on the same page.
#[derive(Clone, Copy)]
pub struct Drawn {
    /// The beginning of its ids.
    pub name: &'static str,
    pub title: &'static str,
    /// Room for numbers up to this.
    pub most: u32,
    /// What the table calls the ready ones.
    pub ready: &'static str,
}

/// A drawing has its own units and is scaled to the page. There are two, and the style sheet shows one of them: on a
/// phone the wide one's letters would be too small to read and its slots too thin to tell apart.
#[derive(Clone, Copy)]
struct Frame {
    /// Of its element, and the beginning of its parts' ids.
    id: &'static str,
    field: Field,
}

const TOP: f64 = 16.0;
const FLOOR: f64 = 150.0;
const WIDE: Frame = Frame { id: "wide", field: Field { left: 32.0, right: 960.0, top: TOP, floor: FLOOR } };
const NARROW: Frame =
    Frame { id: "narrow", field: Field { left: 24.0, right: 320.0, top: TOP, floor: FLOOR } };

/// What the drawing shows, in a sentence or two.
fn sentence(history: &HistoryView, now: Now) -> String {
    let pool = shortfall(history, now);
    let (claims, misses) = history.slots.iter().fold((0, 0), |(claims, misses), slot| {
        (claims + slot.claims as usize, misses + slot.misses as usize)
    });
    match claims + misses {
        0 => format!("{pool} Nobody asked for one."),
        _ => format!(
            "{pool} {} served from the pool, {} found nothing ready.",
            counted(claims, "claim"),
            misses
        ),
    }
}

/// The panel with the drawing, its range, and its table.
#[component]
pub fn PoolChart(
    history: HistoryView,
    /// The page that it lies on.
    here: Query,
    now: Now,
) -> impl IntoView {
    let week = history.is_week();
    let choice = |label: &'static str, range: &'static str, key: &'static str, current: bool| {
        let href = here.clone().with("range", range).href();
        view! { <a href=href data-shortcut=key aria-current=current.then_some("true")>{label}</a> }
    };
    let ranges = view! {
        <nav class="segments" aria-label="Range">
            {choice("24\u{a0}h", "", "[", !week)}
            {choice("7\u{a0}d", "7d", "]", week)}
        </nav>
    };
    let title = if week { "The last 7 days" } else { "The last 24 hours" };
    view! {
        <Panel id="history" title beside=move || ranges>
            <Unknown name="range" known=["24h", "7d"] href=here.with("range", "").href()/>
            <div class="panel-body">
                <Chart history drawn=Drawn { name: "", title, most: 0, ready: "Fewest ready" } now>
                    " Hatched: held back after failures."
                </Chart>
            </div>
        </Panel>
    }
    .into_any()
}

/// The drawing for either width, its words and its table.
#[component]
pub fn Chart(
    history: HistoryView,
    drawn: Drawn,
    now: Now,
    /// What else the drawing shows.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let sentence = sentence(&history, now);
    let zone = format!(" {}: {}.", if history.is_week() { "Days" } else { "Hours" }, now.zone());
    view! {
        <Drawing history=history.clone() frame=WIDE drawn sentence=sentence.clone() now/>
        <Drawing history=history.halved() frame=NARROW drawn sentence=sentence.clone() now/>
        <p class="muted small">
            {sentence}
            " Line: wanted. Area: ready. Ticks: claims. Rings: found nothing ready."
            {children.map(|children| children())}
            {zone}
        </p>
        <details class="disclosure">
            <summary>"Show as table"</summary>
            <Table history ready=drawn.ready now/>
        </details>
    }
    .into_any()
}

#[component]
fn Drawing(history: HistoryView, frame: Frame, drawn: Drawn, sentence: String, now: Now) -> impl IntoView {
    let Frame { id, field } = frame;
    let Drawn { name, title, most, .. } = drawn;
    let part = move |what: &str| format!("{name}{id}-{what}");
    let scale = Scale::of(&history, field).up_to(most);
    let areas = scale.areas(&history).into_iter();
    let areas =
        areas.map(|path| view! { <path d=path fill="var(--info)" fill-opacity=".25"/> }).collect_view();
    let held = runs(&history, |slot| slot.pool.is_some_and(|pool| pool.held_back)).into_iter();
    let hatch = format!("url(#{})", part("held-back"));
    let held = held.map(|(from, to)| {
        let (x, width) = (scale.x(from), scale.x(to) - scale.x(from));
        view! { <rect x=x y=TOP width=width height=FLOOR - TOP fill=hatch.clone()/> }
    });
    let held = held.collect_view();
    let named = format!("{} {}", part("title"), part("words"));
    view! {
        <svg class=id viewBox=format!("0 0 {} 184", field.right) width="100%" role="img" aria-labelledby=named font-size="12">
            <title id=part("title")>{title}</title>
            <desc id=part("words")>{sentence}</desc>
            <pattern id=part("held-back") width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <path d="M0 0V8" stroke="var(--warn)" stroke-width="3" stroke-opacity=".5"/>
            </pattern>
            <Axes history=history.clone() field scale now/>
            {held}
            {areas}
            <path d=scale.wanted(&history) fill="none" stroke="var(--accent)" stroke-width="2"/>
            <Asked history scale/>
        </svg>
    }
    .into_any()
}

/// Numbers at the left, hours or days below, and where versions took over.
#[component]
fn Axes(history: HistoryView, field: Field, scale: Scale, now: Now) -> impl IntoView {
    let Field { left, right, .. } = field;
    let lines = [0, scale.most].map(|count| {
        let y = scale.y(count);
        view! {
            <path d=format!("M{left} {y}H{right}") stroke="var(--border)"/>
            <text x=left - 8.0 y=y + 4.0 text-anchor="end" fill="var(--muted)">{count}</text>
        }
    });
    let marks = marks(&history, now).into_iter().map(|(slots, label)| (scale.between(slots), label));
    // The last label would be cut off.
    let marks = marks.filter(|(x, _)| *x < right - 32.0).map(|(x, label)| {
        view! {
            <path d=format!("M{x} {FLOOR}v6") stroke="var(--control)"/>
            <text x=x y="174" fill="var(--muted)">{label}</text>
        }
    });
    let marks = marks.collect_view();
    let versions = history.versions.iter().map(|(slot, version)| {
        let x = scale.x(*slot);
        // At the right edge the name stands on the other side of its line.
        let (from, anchor) = if x > right - 64.0 { (x - 4.0, "end") } else { (x + 4.0, "start") };
        view! {
            <path d=format!("M{x} {FLOOR}V4") stroke="var(--muted)" stroke-dasharray="2 3"/>
            <text x=from y="12" text-anchor=anchor fill="var(--muted)">{version.clone()}</text>
        }
    });
    let versions = versions.collect_view();
    view! { {lines.into_iter().collect_view()} {marks} {versions} }.into_any()
}

/// Each fourth hour of a day, or each day of a week: how many slots from the left it begins, and its name.
fn marks(history: &HistoryView, now: Now) -> Vec<(f64, String)> {
    // Clocks of every zone show whole hours at some quarter of one, which can lie within a slot: joined slots may begin
    // at a quarter to, simulated ones at any minute.
    let first = (QUARTER - history.from.minute() % QUARTER) % QUARTER;
    let quarters = (first..history.slots.len() as u32 * history.slot_minutes).step_by(QUARTER as usize);
    let week = history.is_week();
    let name = if week { "%a" } else { "%H:00" };
    let begun = |shown: DateTime<Tz>| (shown.date_naive(), if week { 0 } else { shown.hour() / 4 });
    let mark = |minute: u32| {
        let at = history.from + TimeDelta::minutes(minute.into());
        let (shown, before) = (now.local(at), now.local(at - TimeDelta::minutes(QUARTER.into())));
        (begun(shown) > begun(before))
            .then(|| (f64::from(minute) / f64::from(history.slot_minutes), shown.format(name).to_string()))
    };
    quarters.filter_map(mark).collect()
}

/// In minutes.
const QUARTER: u32 = 15;

/// Claims as ticks on the floor, misses as rings above them.
#[component]
fn Asked(history: HistoryView, scale: Scale) -> impl IntoView {
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
fn Table(history: HistoryView, ready: &'static str, now: Now) -> impl IntoView {
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
        let begin = now.short(history.at(at));
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
                <th role="columnheader" scope="col">{format!("From ({})", now.zone())}</th>
                <th role="columnheader" scope="col" class="num">"Wanted"</th>
                <th role="columnheader" scope="col" class="num">{ready}</th>
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
    use crate::component::series::tests::history;

    fn now(history: &HistoryView, zone: Tz) -> Now {
        Now::new(history.from, zone)
    }

    #[test]
    fn the_words_say_what_was_asked_of_the_pool() {
        let mut one = history(&[Some((2, 2)), Some((2, 0))]);
        let words = |one: &HistoryView| sentence(one, now(one, Tz::UTC));
        assert!(words(&one).ends_with("Nobody asked for one."));
        one.slots[1].misses = 1;
        assert!(words(&one).ends_with("0 claims served from the pool, 1 found nothing ready."));
    }

    #[test]
    fn hours_are_marked_where_they_lie_though_slots_are_joined() {
        let marks = |history: &HistoryView| marks(history, now(history, Tz::UTC));
        let mut day = history(&[Some((1, 1)); 96]);
        day.from += TimeDelta::minutes(15);
        let halved = day.halved();
        assert_eq!((halved.slots.len(), halved.slot_minutes), (48, 30));
        let expected = [7.5, 15.5, 23.5, 31.5, 39.5, 47.5];
        assert_eq!(marks(&halved).iter().map(|(slots, _)| *slots).collect::<Vec<_>>(), expected);
        assert_eq!(marks(&halved)[0].1, "04:00");
        assert_eq!(marks(&day)[0].0, 15.0);
        day.from += TimeDelta::seconds(7 * 60 + 30);
        let hours: Vec<_> = marks(&day).into_iter().map(|(_, hour)| hour).collect();
        assert_eq!(hours, ["04:00", "08:00", "12:00", "16:00", "20:00", "00:00"]);
    }

    /// What is marked in a drawing from an instant on, each after its distance from the left in hours.
    fn marked(from: &str, slot_minutes: u32, zone: Tz) -> String {
        let count = if slot_minutes == 60 { 168 } else { 96 };
        let slots = history(&vec![None; count]).slots;
        let drawn = HistoryView { from: from.parse().unwrap(), slot_minutes, slots, versions: vec![] };
        let mark = |(slots, name)| format!("{} {name}", slots * f64::from(slot_minutes) / 60.0);
        marks(&drawn, now(&drawn, zone))
            .into_iter()
            .map(mark)
            .collect::<Vec<_>>()
            .join(", ")
            .replace(":00", "")
    }

    #[test]
    fn hours_are_those_of_the_zone_also_where_clocks_change() {
        let cases = [
            ("2026-11-24T00:00:00Z", Tz::UTC, "0 00, 4 04, 8 08, 12 12, 16 16, 20 20"),
            ("2026-11-24T00:15:00Z", Tz::Asia__Kathmandu, "2 08, 6 12, 10 16, 14 20, 18 00, 22 04"),
            ("2026-11-24T00:00:00Z", Tz::Asia__Kolkata, "2.5 08, 6.5 12, 10.5 16, 14.5 20, 18.5 00, 22.5 04"),
            // An hour is skipped after midnight, or comes twice.
            ("2026-03-28T23:00:00Z", Tz::Europe__Berlin, "0 00, 3 04, 7 08, 11 12, 15 16, 19 20, 23 00"),
            ("2026-10-24T22:00:00Z", Tz::Europe__Berlin, "0 00, 5 04, 9 08, 13 12, 17 16, 21 20"),
            // Midnight comes twice.
            ("2026-10-25T00:00:00Z", Tz::Atlantic__Azores, "0 00, 5 04, 9 08, 13 12, 17 16, 21 20"),
        ];
        for (from, zone, expected) in cases {
            assert_eq!(marked(from, 15, zone), expected, "{zone}");
        }
    }

    #[test]
    fn days_begin_at_midnight_of_the_zone_or_where_clocks_skip_it() {
        let cases = [
            ("2026-11-24T12:00:00Z", Tz::UTC, "12 Wed, 36 Thu, 60 Fri, "),
            ("2026-11-24T12:00:00Z", Tz::Asia__Kathmandu, "6.25 Wed, 30.25 Thu, 54.25 Fri, "),
            ("2026-10-23T12:00:00Z", Tz::Europe__Berlin, "10 Sat, 34 Sun, 59 Mon, "),
            ("2026-09-05T00:00:00Z", Tz::America__Santiago, "4 Sat, 28 Sun, 51 Mon, "),
        ];
        for (from, zone, expected) in cases {
            let days = marked(from, 60, zone);
            assert!(days.starts_with(expected), "{zone}: {days}");
        }
    }
}
