//! The record of acts in words.

use crate::view::ActivityRow;

/// What an act of the record is called, for filters and sentences.
pub const VERBS: [(&str, &str); 34] = [
    ("acknowledge", "acknowledged"),
    ("activate", "activated"),
    ("archive", "archived"),
    ("cancel", "canceled the build of"),
    ("cancel_pending", "canceled pending jobs of"),
    ("change_password", "changed the password of"),
    ("claim", "claimed"),
    ("clear_away", "cleared away"),
    ("create", "created"),
    ("delete", "deleted"),
    ("delete_members", "deleted members of"),
    ("end_override", "ended the override of"),
    ("extend", "extended the session of"),
    ("fix", "noted the fix of"),
    ("interrupt", "gave up the build of"),
    ("invalidate", "invalidated the members of"),
    ("limit", "hard-limited"),
    ("login", "logged in"),
    ("logout", "logged out"),
    ("override", "overrode"),
    ("pause", "paused"),
    ("rehearse", "asked for a rehearsal of"),
    ("reset_failures", "reset the failures of"),
    ("reset_password", "reset the password of"),
    ("restore_state", "restored a state of"),
    ("resume", "resumed"),
    ("return", "noted the return of"),
    ("revoke", "revoked"),
    ("start", "started"),
    ("stop", "stopped"),
    ("suspend", "suspended"),
    ("unacknowledge", "opened again"),
    ("unarchive", "brought back"),
    ("write", "changed"),
];

/// An act of the record in words; one without words as it is written.
fn verb(verb: &str) -> &str {
    VERBS.iter().find(|(name, _)| *name == verb).map_or(verb, |(_, words)| words)
}

/// What was acted upon, in words.
fn target(kind: &str) -> &str {
    match kind {
        "api_key" => "token",
        "drift_cause" => "a cause of drift",
        "prebuilds_settings" => "all",
        "saved_filter" => "filter",
        "template_version" => "version",
        other => other,
    }
}

/// Who acted, as a sentence begins.
fn doer(actor: &str) -> &str {
    match actor {
        "reconciler" => "The reconciler",
        "system" => "The system",
        person => person,
    }
}

/// How the pool of a workspace follows what was done to it.
fn of_pool(verb: &str) -> &'static str {
    match verb {
        "create" => "for",
        "claim" => "from",
        _ => "of",
    }
}

/// Why the reconciler removed workspaces; a reason without words as it is written.
fn removal(reason: &str) -> &str {
    match reason {
        "expired" => "unclaimed for too long",
        "invalidated" => "invalidated",
        "extraneous" => "more than wanted",
        "inactive" => "not active any more",
        "failed_retention" => "failed and not kept any longer",
        other => other,
    }
}

/// What the record says of an act. Names stand between the parts, for whoever draws links.
#[derive(Debug)]
pub struct Sentence<'a> {
    /// `The reconciler deleted workspace`.
    pub begin: String,
    /// Of what it was done to; empty where it is no single thing.
    pub name: String,
    /// How its pool follows, template and preset.
    pub pool: Option<(&'static str, &'a str, &'a str)>,
    pub why: Option<&'a str>,
}

impl<'a> Sentence<'a> {
    pub fn of(act: &'a ActivityRow) -> Self {
        let begin = format!("{} {}", doer(&act.actor), verb(&act.verb));
        let (begin, name) = match (act.verb.as_str(), act.target_type.as_str()) {
            // Always the person who acts.
            ("login" | "logout", _) => (begin, String::new()),
            // A file has no name but the hash of what is in it.
            (_, "file") => (begin + " file", act.target_name.chars().take(12).collect()),
            (_, "pool") => (begin + " pool", act.target_name.replace('/', " / ")),
            (_, kind) => (format!("{begin} {}", target(kind)), act.target_name.clone()),
        };
        let pool = act.pool().map(|(template, preset)| (of_pool(&act.verb), template, preset));
        let why = act.became("reason").filter(|_| act.target_type == "workspace").map(removal);
        Self { begin, name, pool, why }
    }

    /// Of so many acts that are like this one, each upon another workspace of its pool.
    pub fn of_many(act: &'a ActivityRow, count: usize) -> Self {
        let begin = format!("{} {} {count} workspaces", doer(&act.actor), verb(&act.verb));
        Self { begin, name: String::new(), ..Self::of(act) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::FieldChange;

    fn sentence(actor: &str, verb: &str, (kind, name): (&str, &str), fields: &[(&str, &str)]) -> String {
        let change = |(field, after): &(&str, &str)| FieldChange {
            field: (*field).to_owned(),
            before: None,
            after: Some((*after).to_owned()),
        };
        let act = ActivityRow {
            id: String::new(),
            at: chrono::DateTime::UNIX_EPOCH,
            actor: actor.to_owned(),
            verb: verb.to_owned(),
            target_type: kind.to_owned(),
            target_id: String::new(),
            target_name: name.to_owned(),
            changes: fields.iter().map(change).collect(),
        };
        let Sentence { begin, name, pool, why } = Sentence::of(&act);
        let pool = pool.map(|(word, template, preset)| format!(" {word} {template} / {preset}"));
        let why = why.map(|why| format!(": {why}"));
        format!("{begin} {name}{}{}", pool.unwrap_or_default(), why.unwrap_or_default())
    }

    #[test]
    fn an_act_is_one_sentence_with_its_pool_and_its_reason() {
        let small = [("template", "web"), ("preset", "small")];
        let because = |reason: &'static str| [small[0], small[1], ("reason", reason)];
        let otter = ("workspace", "otter");
        let cases = [
            (
                sentence("reconciler", "create", otter, &small),
                "The reconciler created workspace otter for web / small",
            ),
            (
                sentence("reconciler", "delete", otter, &because("extraneous")),
                "The reconciler deleted workspace otter of web / small: more than wanted",
            ),
            (
                sentence("reconciler", "cancel", otter, &because("odd")),
                "The reconciler canceled the build of workspace otter of web / small: odd",
            ),
            (
                sentence("reconciler", "limit", ("pool", "web/small"), &[]),
                "The reconciler hard-limited pool web / small",
            ),
            (
                sentence("system", "interrupt", otter, &small[..1]),
                "The system gave up the build of workspace otter",
            ),
            (
                sentence("system", "fix", ("drift_cause", "docker_volume.home"), &[]),
                "The system noted the fix of a cause of drift docker_volume.home",
            ),
            (sentence("maria", "claim", otter, &small), "maria claimed workspace otter from web / small"),
            (sentence("maria", "pause", ("pool", "web/small"), &small), "maria paused pool web / small"),
            (
                sentence("maria", "override", ("pool", "web/small"), &[("reason", "a course")]),
                "maria overrode pool web / small",
            ),
            (
                sentence("maria", "create", ("file", "0123456789abcdef"), &[]),
                "maria created file 0123456789ab",
            ),
            (sentence("maria", "login", ("user", "maria"), &[]), "maria logged in "),
            (sentence("maria", "juggle", ("ball", "red"), &[]), "maria juggle ball red"),
        ];
        for (said, wanted) in cases {
            assert_eq!(said, wanted);
        }
    }

    #[test]
    fn verbs_are_offered_in_the_order_of_the_alphabet_and_once() {
        assert!(VERBS.is_sorted_by(|(one, _), (next, _)| one < next));
    }
}
