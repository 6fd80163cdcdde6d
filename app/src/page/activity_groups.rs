//! Acts that the record tells in one row: what somebody did again and again to the workspaces of one pool.

use chrono::TimeDelta;

use crate::{copy::Sentence, view::ActivityRow};

/// How far apart the first and the last of them may be.
const APART: TimeDelta = TimeDelta::hours(1);

/// One row of the page.
#[derive(Debug)]
pub struct Group {
    pub newest: ActivityRow,
    /// Those told with it, newest first.
    pub others: Vec<ActivityRow>,
}

impl Group {
    /// Acts in the order shown, newest first; none is lost, and none changes places.
    pub fn of(rows: Vec<ActivityRow>) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for row in rows {
            match groups.last_mut() {
                Some(group) if group.takes(&row) => group.others.push(row),
                _ => groups.push(Self { newest: row, others: Vec::new() }),
            }
        }
        groups
    }

    fn takes(&self, row: &ActivityRow) -> bool {
        let newest = &self.newest;
        row.pool().is_some()
            && row.pool() == newest.pool()
            && row.actor == newest.actor
            && row.verb == newest.verb
            && newest.at - row.at <= APART
    }

    pub fn oldest(&self) -> &ActivityRow {
        self.others.last().unwrap_or(&self.newest)
    }

    /// Says why only where all of them have the same reason.
    pub fn sentence(&self) -> Sentence<'_> {
        if self.others.is_empty() {
            return Sentence::of(&self.newest);
        }
        let mut sentence = Sentence::of_many(&self.newest, self.others.len() + 1);
        let why = self.newest.became("reason");
        if self.others.iter().any(|row| row.became("reason") != why) {
            sentence.why = None;
        }
        sentence
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::view::FieldChange;

    /// An act upon a workspace: who, what, the preset (if any), why, and the minute.
    type Case = (&'static str, &'static str, &'static str, &'static str, i64);

    fn row((actor, verb, preset, reason, minute): Case) -> ActivityRow {
        let fields = [("template", "web"), ("preset", preset), ("reason", reason)];
        let fields = fields.into_iter().filter(|(_, after)| !after.is_empty());
        ActivityRow {
            id: minute.to_string(),
            at: DateTime::UNIX_EPOCH + TimeDelta::minutes(minute),
            actor: actor.to_owned(),
            verb: verb.to_owned(),
            target_type: "workspace".to_owned(),
            target_id: String::new(),
            target_name: "otter".to_owned(),
            changes: fields
                .map(|(field, after)| FieldChange {
                    field: field.to_owned(),
                    before: None,
                    after: Some(after.to_owned()),
                })
                .collect(),
        }
    }

    #[test]
    fn what_is_done_again_within_an_hour_to_one_pool_is_one_row() {
        let made = |preset, minute| ("reconciler", "create", preset, "", minute);
        let cases: [(&str, Vec<Case>, &[usize]); 9] = [
            ("nothing", vec![], &[]),
            ("one alone", vec![made("small", 1)], &[1]),
            ("five", (0..5).rev().map(|minute| made("small", minute)).collect(), &[5]),
            ("another pool between", vec![made("small", 3), made("large", 2), made("small", 1)], &[1, 1, 1]),
            ("another actor", vec![made("small", 3), ("maria", "create", "small", "", 2)], &[1, 1]),
            ("another act", vec![made("small", 3), ("reconciler", "delete", "small", "expired", 2)], &[1, 1]),
            ("an hour", vec![made("small", 61), made("small", 30), made("small", 1)], &[3]),
            (
                "longer than an hour",
                vec![made("small", 61), made("small", 30), made("small", 0), made("small", -1)],
                &[2, 2],
            ),
            (
                "people, and no pool",
                vec![
                    ("maria", "claim", "small", "", 4),
                    ("maria", "claim", "small", "", 3),
                    ("maria", "claim", "", "", 2),
                    ("maria", "claim", "", "", 1),
                ],
                &[2, 1, 1],
            ),
        ];
        for (case, acts, sizes) in cases {
            let rows: Vec<_> = acts.into_iter().map(row).collect();
            let groups = Group::of(rows.clone());
            assert_eq!(
                groups.iter().map(|group| group.others.len() + 1).collect::<Vec<_>>(),
                sizes,
                "{case}"
            );
            let told: Vec<_> =
                groups.into_iter().flat_map(|group| [group.newest].into_iter().chain(group.others)).collect();
            assert_eq!(told, rows, "{case}: nothing is lost");
        }
    }

    #[test]
    fn a_row_of_many_says_how_many_and_why_if_there_is_one_reason() {
        let gone = |reason, minute| ("reconciler", "delete", "small", reason, minute);
        for (acts, begin, why) in [
            (vec![gone("expired", 2)], "The reconciler deleted workspace", Some("unclaimed for too long")),
            (
                vec![gone("extraneous", 2), gone("extraneous", 1)],
                "The reconciler deleted 2 workspaces",
                Some("more than wanted"),
            ),
            (vec![gone("extraneous", 2), gone("expired", 1)], "The reconciler deleted 2 workspaces", None),
        ] {
            let groups = Group::of(acts.into_iter().map(row).collect());
            let said = groups[0].sentence();
            assert_eq!(
                (said.begin.as_str(), said.pool, said.why),
                (begin, Some(("of", "web", "small")), why)
            );
        }
    }
}
