//! Sentences about templates and their versions.

use crate::{
    copy::{Badge, Tone, be, counted},
    icon::Shape,
    time::coarse,
    view::{PromotionView, ScheduleView, VersionRow},
};

const DAYS: [&str; 8] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// When how many are wanted, on one line.
pub fn schedule(schedule: &ScheduleView) -> String {
    if schedule.lines.is_empty() {
        return format!("always {}", schedule.otherwise);
    }
    let lines = schedule.lines.iter().map(|(cron, wanted)| format!("{}: {wanted}", when(cron)));
    let lines: Vec<_> = lines.chain([format!("else {}", schedule.otherwise)]).collect();
    lines.join(" · ")
}

/// `* 8-18 * * 1-5` as `Mon–Fri 8–19`; what has no such words is said as it is written.
fn when(cron: &str) -> String {
    match cron.split_whitespace().collect::<Vec<_>>()[..] {
        ["*", hours, "*", "*", days] => words(hours, days).unwrap_or_else(|| cron.to_owned()),
        _ => cron.to_owned(),
    }
}

fn words(hours: &str, days: &str) -> Option<String> {
    let hours = match hours {
        "*" => "all day".to_owned(),
        hours => listed(hours, |from, to| Some(format!("{from}–{}", to.parse::<u32>().ok()? + 1)))?,
    };
    let days = match days {
        "*" => return Some(if hours == "all day" { "always".to_owned() } else { format!("daily {hours}") }),
        days => listed(days, |from, to| {
            let name = |day: &str| DAYS.get(day.parse::<usize>().ok()?).copied();
            Some(if from == to { name(from)?.to_owned() } else { format!("{}–{}", name(from)?, name(to)?) })
        })?,
    };
    Some(format!("{days} {hours}"))
}

/// Numbers and ranges with commas between.
fn listed(field: &str, item: impl Fn(&str, &str) -> Option<String>) -> Option<String> {
    let items = field.split(',').map(|part| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        from.parse::<u32>().ok()?;
        item(from, to)
    });
    Some(items.collect::<Option<Vec<_>>>()?.join(", "))
}

/// The state of a version in one word.
pub fn version_state(row: &VersionRow) -> Badge {
    let quiet = |label: &str, shape, tone| Badge { label: label.to_owned(), shape, tone, quiet: true };
    match row.status.as_str() {
        "succeeded" if row.active => quiet("Active", Shape::Disc, Tone::Ok),
        "succeeded" if row.archived => quiet("Archived", Shape::Archive, Tone::Idle),
        "succeeded" => quiet("Imported", Shape::Check, Tone::Idle),
        "pending" => quiet("Waiting for a worker", Shape::Ring, Tone::Info),
        "running" => quiet("Importing", Shape::Half, Tone::Info),
        "canceling" => quiet("Being canceled", Shape::HalfInverted, Tone::Info),
        "canceled" => quiet("Canceled", Shape::Dash, Tone::Idle),
        _ => Badge { quiet: false, ..quiet("Import failed", Shape::Octagon, Tone::Bad) },
    }
}

/// What becomes of the pools, in numbers, before anybody says yes.
pub fn promotion(promotion: &PromotionView) -> String {
    let removed = match promotion.removed_in_all() {
        0 => "No prebuild is replaced.".to_owned(),
        count => {
            let pools = promotion.removed.iter().map(|(preset, count)| format!("{preset} {count}"));
            format!(
                "{} {} removed ({}).",
                counted(count, "prebuild"),
                be(count),
                pools.collect::<Vec<_>>().join(", ")
            )
        }
    };
    let built = match (promotion.built, promotion.takes_ms) {
        (0, _) => "None is built.".to_owned(),
        (count, Some(ms)) => {
            format!("{count} {} built instead, which takes about {}.", be(count), coarse(ms))
        }
        (count, None) => format!("{count} {} built instead.", be(count)),
    };
    format!("{removed} {built}")
}

/// What may happen meanwhile.
pub fn thin_pool(promotion: &PromotionView) -> Option<&'static str> {
    (promotion.removed_in_all() > 0)
        .then_some("Until then a claim may find nothing ready. Claimed workspaces stay as they are.")
}

/// What the import of a version is at; `before` it so many jobs are taken.
pub fn import_state(row: &VersionRow, before: u32) -> String {
    match row.status.as_str() {
        "pending" => match before {
            0 => "A worker takes it in a moment.".to_owned(),
            1 => "1 import or build comes first.".to_owned(),
            _ => format!("{before} imports and builds come first."),
        },
        "running" => "Terraform reads it now. Nothing is built by this.".to_owned(),
        "canceling" => "The import is being canceled.".to_owned(),
        "canceled" => "The import was canceled. Upload it again to try once more.".to_owned(),
        "failed" => format!("The import failed: {}", row.error),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_reads_as_people_say_it_where_that_is_possible() {
        let cases = [
            ("* 8-18 * * 1-5", "Mon–Fri 8–19"),
            ("* 8-11,14-17 * * 6,0", "Sat, Sun 8–12, 14–18"),
            ("* 9 * * *", "daily 9–10"),
            ("* * * * 3", "Wed all day"),
            ("* * * * *", "always"),
            ("* */2 * * 1", "* */2 * * 1"),
            ("* 8 1 * *", "* 8 1 * *"),
            ("odd", "odd"),
        ];
        for (cron, expected) in cases {
            assert_eq!(when(cron), expected, "{cron}");
        }
        let lines = vec![("* 8-18 * * 1-5".to_owned(), 4)];
        let view = ScheduleView { lines, otherwise: 1, timezone: "UTC".to_owned() };
        assert_eq!(schedule(&view), "Mon–Fri 8–19: 4 · else 1");
        assert_eq!(schedule(&ScheduleView { otherwise: 2, ..ScheduleView::default() }), "always 2");
    }

    #[test]
    fn a_promotion_says_what_is_removed_and_what_is_built() {
        let view = PromotionView {
            removed: vec![("large".to_owned(), 3), ("small".to_owned(), 1)],
            built: 5,
            takes_ms: Some(130_000),
        };
        assert_eq!(
            promotion(&view),
            "4 prebuilds are removed (large 3, small 1). 5 are built instead, which takes about 2\u{a0}min."
        );
        assert!(thin_pool(&view).is_some());
        let one = PromotionView { removed: vec![("small".to_owned(), 1)], built: 1, takes_ms: None };
        assert_eq!(promotion(&one), "1 prebuild is removed (small 1). 1 is built instead.");
        let nothing = PromotionView::default();
        assert_eq!(promotion(&nothing), "No prebuild is replaced. None is built.");
        assert_eq!(thin_pool(&nothing), None);
    }
}
