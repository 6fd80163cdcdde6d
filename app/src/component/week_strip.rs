//! A week of a schedule at a glance: seven rows of 24 hours, darker where more are wanted.

use leptos::prelude::*;

use crate::view::WeekView;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Hours of one day in which as many are wanted.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    day: usize,
    from: usize,
    to: usize,
    wanted: u32,
}

impl Run {
    fn title(&self) -> String {
        format!("{} {:02}:00 to {:02}:00: {} wanted", DAYS[self.day], self.from, self.to, self.wanted)
    }
}

fn runs(hours: &[Option<u32>]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (place, wanted) in hours.iter().take(7 * 24).enumerate() {
        let (day, from, Some(wanted)) = (place / 24, place % 24, *wanted) else { continue };
        match runs.last_mut() {
            Some(run) if (run.day, run.to, run.wanted) == (day, from, wanted) => run.to += 1,
            _ => runs.push(Run { day, from, to: from + 1, wanted }),
        }
    }
    runs
}

/// How large it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// As wide as there is room.
    Full,
    /// In a row of a table.
    Row,
}

/// The drawing. What it shows is written beside it as well, line by line.
#[component]
pub fn WeekStrip(week: WeekView, size: Size) -> impl IntoView {
    let runs = runs(&week.hours);
    let most = runs.iter().map(|run| run.wanted).max().unwrap_or(0).max(1);
    let cells = runs.into_iter().map(|run| {
        let opacity = 0.06 + 0.74 * f64::from(run.wanted) / f64::from(most);
        view! {
            <rect
                x=run.from * 10
                y=run.day * 10
                width=(run.to - run.from) * 10
                height="9"
                fill="currentColor"
                fill-opacity=format!("{opacity:.2}")
            >
                <title>{run.title()}</title>
            </rect>
        }
    });
    let (x, y) = (week.now % 24 * 10, week.now / 24 * 10);
    view! {
        <svg viewBox="0 0 240 69" class=(size == Size::Row).then_some("in-row") width=(size == Size::Row).then_some("120") role="img" aria-label="Wanted in each hour of this week, Monday to Sunday">
            {cells.collect_view()}
            <rect x=x y=y width="10" height="9" fill="var(--coal)" stroke="var(--surface)" stroke-width="2" paint-order="stroke">
                <title>"Now"</title>
            </rect>
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_with_one_number_are_one_run_and_no_run_goes_past_midnight() {
        let mut hours = vec![Some(1); 7 * 24];
        hours[8..19].fill(Some(4));
        hours[6 * 24 + 2] = None;
        let runs = runs(&hours);
        assert_eq!(runs[1], Run { day: 0, from: 8, to: 19, wanted: 4 });
        assert_eq!(runs[1].title(), "Mon 08:00 to 19:00: 4 wanted");
        assert_eq!((runs.len(), runs[3].day, runs[3].from), (3 + 5 + 2, 1, 0));
        assert_eq!(runs[9], Run { day: 6, from: 3, to: 24, wanted: 1 });
    }
}
