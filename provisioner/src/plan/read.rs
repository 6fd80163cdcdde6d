//! Finds what a claim would destroy, in the JSON form of its plan.
//!
//! The actions decide, not `replace_paths`: a tainted or triggered replacement has no such paths. A plain deletion
//! counts as well, unless the template means it: with `count = data.coder_workspace.me.prebuild_count` a resource is to
//! go at a claim. Terraform's reason says what took it away, and the caller ([`Meant`]) whether that was meant. With
//! `for_each` over something that belongs to the owner, one address goes and another comes, which is a replacement in
//! all but name.

use serde::Deserialize;
use serde_json::Value;

use super::{
    AttributeChange, ClaimPlan, Replacement, ReplacementKind, TakenBy, Update,
    diff::{self, Change},
};
use crate::error::Error;
use crate::terraform::{
    object::{is_bookkeeping, key_text, without_keys},
    stream::PlannedChange,
};

#[derive(Deserialize)]
struct Plan {
    #[serde(default)]
    resource_changes: Vec<ResourceChange>,
}

#[derive(Deserialize)]
struct ResourceChange {
    address: String,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    index: Option<Value>,
    /// An object that an earlier failed replacement left behind: its end is no news.
    deposed: Option<String>,
    action_reason: Option<String>,
    change: Change,
}

/// Whether the resource at an address is meant to go at a claim, by what takes it away.
pub(crate) type Meant<'a> = &'a dyn Fn(&str, TakenBy) -> bool;

/// Reads what `show -json` prints for a saved plan, in the order of the plan.
pub(crate) fn read(plan: &[u8], meant: Meant<'_>) -> Result<ClaimPlan, Error> {
    let plan: Plan = serde_json::from_slice(plan).map_err(|error| Error::Unexpected {
        step: "Read plan",
        status: "a plan".to_owned(),
        output: error.to_string(),
    })?;
    let mut managed = plan.resource_changes;
    managed.retain(|it| it.mode == "managed" && it.deposed.is_none() && it.counts());
    Ok(ClaimPlan {
        replacements: replacements(&managed, meant),
        updates: managed.iter().filter(|it| it.only("update")).map(ResourceChange::update).collect(),
    })
}

/// The same from what terraform said while it planned: which resources and why, but not which attributes.
pub(crate) fn said(planned: &[PlannedChange], meant: Meant<'_>) -> Vec<Replacement> {
    let changes = planned.iter().filter(|it| it.action != "read").map(ResourceChange::said);
    let mut managed = Vec::from_iter(changes);
    managed.retain(ResourceChange::counts);
    replacements(&managed, meant)
}

fn replacements(managed: &[ResourceChange], meant: Meant<'_>) -> Vec<Replacement> {
    let mut created = Vec::from_iter(managed.iter().filter(|it| it.only("create")));
    managed.iter().filter_map(|it| it.replacement(&mut created, meant)).collect()
}

impl ResourceChange {
    /// Translates the words of the stream into those of the plan.
    fn said(planned: &PlannedChange) -> Self {
        let actions: &[&str] = match planned.action.as_str() {
            "replace" => &["delete", "create"],
            "remove" | "forget" => &["forget"],
            other => &[other],
        };
        let reason = match planned.reason.as_str() {
            "tainted" => "replace_because_tainted",
            "replace_triggered_by" => "replace_by_triggers",
            other => other,
        };
        Self {
            address: planned.address.clone(),
            mode: "managed".to_owned(),
            kind: planned.resource_type.clone(),
            index: planned.key.clone(),
            deposed: None,
            action_reason: Some(reason.to_owned()),
            change: Change {
                actions: actions.iter().copied().map(str::to_owned).collect(),
                ..Change::default()
            },
        }
    }

    /// Types of the coder provider are records; but a new agent means a new token.
    fn counts(&self) -> bool {
        !is_bookkeeping(&self.kind) || self.is_agent()
    }

    fn is_agent(&self) -> bool {
        self.kind == "coder_agent"
    }

    fn does(&self, action: &str) -> bool {
        self.change.actions.iter().any(|it| it == action)
    }

    fn only(&self, action: &str) -> bool {
        self.change.actions == [action]
    }

    /// `created` has what is newly made and not yet taken as the other half of a rekeyed pair.
    fn replacement(&self, created: &mut Vec<&Self>, meant: Meant<'_>) -> Option<Replacement> {
        if !self.does("delete") && !self.does("forget") {
            return None;
        }
        if self.does("create") {
            let kind = match self.action_reason.as_deref() {
                Some("replace_because_tainted") => ReplacementKind::Tainted,
                Some("replace_by_triggers") => ReplacementKind::Triggered,
                _ => ReplacementKind::Forced,
            };
            return Some(self.found(kind, diff::changes(&self.change)));
        }
        if let Some(successor) = self.take_successor(created) {
            return Some(self.found(ReplacementKind::Rekeyed, self.rekeyed(successor)));
        }
        let is_meant = self.taken_by().is_some_and(|taken_by| meant(&self.address, taken_by));
        (!is_meant).then(|| self.found(ReplacementKind::Deleted, Vec::new()))
    }

    fn update(&self) -> Update {
        Update {
            address: self.address.clone(),
            resource_type: self.kind.clone(),
            changes: diff::changes(&self.change),
        }
    }

    fn found(&self, kind: ReplacementKind, changes: Vec<AttributeChange>) -> Replacement {
        let kind = if self.is_agent() { ReplacementKind::Agent } else { kind };
        Replacement { address: self.address.clone(), resource_type: self.kind.clone(), kind, changes }
    }

    fn take_successor<'a>(&self, created: &mut Vec<&'a Self>) -> Option<&'a Self> {
        if !["delete_because_each_key", "delete_because_no_module"].contains(&self.action_reason.as_deref()?)
        {
            return None;
        }
        let block = without_keys(&self.address);
        let place = created.iter().position(|it| without_keys(&it.address) == block)?;
        Some(created.remove(place))
    }

    fn rekeyed(&self, successor: &Self) -> Vec<AttributeChange> {
        let key = |it: &Self| Value::from(it.index.as_ref().map_or_else(|| it.address.clone(), key_text));
        let key = AttributeChange {
            path: "each.key".to_owned(),
            forces: true,
            sensitive: false,
            before: key(self),
            after: key(successor),
            after_unknown: false,
        };
        let change = Change {
            before: self.change.before.clone(),
            before_sensitive: self.change.before_sensitive.clone(),
            ..successor.change.clone()
        };
        [key].into_iter().chain(diff::changes(&change)).collect()
    }

    /// The configuration is the same as before, so whatever went did so by one of these.
    fn taken_by(&self) -> Option<TakenBy> {
        Some(match self.action_reason.as_deref()? {
            "delete_because_count_index" | "delete_because_each_key" | "delete_because_wrong_repetition" => {
                TakenBy::Repetition
            }
            "delete_because_enabled_false" => TakenBy::Enabled,
            "delete_because_no_module" => TakenBy::Module,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    fn change(address: &str, actions: &[&str], reason: Option<&str>, before: &str, after: &str) -> Value {
        let block = without_keys(address);
        let mut parts = block.rsplit('.');
        let (name, kind) = (parts.next().unwrap(), parts.next().unwrap());
        let paths = (reason == Some("replace_because_cannot_update")).then(|| json!([["owner"]]));
        json!({"address": address, "mode": "managed", "type": kind, "name": name,
            "action_reason": reason, "change": {"actions": actions, "before": {"owner": before}, "after": {"owner": after},
            "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}, "replace_paths": paths}})
    }

    fn kinds(changes: &[Value]) -> Vec<(String, ReplacementKind)> {
        let plan = json!({"format_version": "1.2", "resource_changes": changes});
        let meant = |address: &str, _: TakenBy| address.contains("warm");
        let found = read(plan.to_string().as_bytes(), &meant).unwrap().replacements;
        found.into_iter().map(|it| (it.address, it.kind)).collect()
    }

    #[test]
    fn the_actions_decide_in_either_order() {
        let forced = Some("replace_because_cannot_update");
        let found = kinds(&[
            change("a.forced", &["delete", "create"], forced, "p", "alice"),
            change("a.before_destroy", &["create", "delete"], forced, "p", "alice"),
            change("module.m.a.triggered[0]", &["delete", "create"], Some("replace_by_triggers"), "p", "p"),
            change("a.tainted", &["delete", "create"], Some("replace_because_tainted"), "p", "p"),
            change("a.requested", &["delete", "create"], Some("replace_by_request"), "p", "p"),
            change("a.forgotten", &["create", "forget"], forced, "p", "alice"),
            change("a.updated", &["update"], None, "p", "alice"),
            change("a.untouched", &["no-op"], None, "p", "p"),
            change("a.made", &["create"], None, "p", "p"),
        ]);
        assert_eq!(
            found,
            [
                ("a.forced".to_owned(), ReplacementKind::Forced),
                ("a.before_destroy".to_owned(), ReplacementKind::Forced),
                ("module.m.a.triggered[0]".to_owned(), ReplacementKind::Triggered),
                ("a.tainted".to_owned(), ReplacementKind::Tainted),
                ("a.requested".to_owned(), ReplacementKind::Forced),
                ("a.forgotten".to_owned(), ReplacementKind::Forced),
            ]
        );
    }

    #[test]
    fn records_do_not_count_but_a_new_agent_does() {
        let forced = Some("replace_because_cannot_update");
        let found = kinds(&[
            change("coder_env.who", &["delete", "create"], forced, "p", "alice"),
            change("coder_app.web", &["delete"], None, "p", "p"),
            change("coder_agent.main", &["delete", "create"], forced, "p", "alice"),
        ]);
        assert_eq!(found, [("coder_agent.main".to_owned(), ReplacementKind::Agent)]);
    }

    #[test]
    fn a_deletion_counts_unless_the_template_means_it() {
        let found = kinds(&[
            change("a.warm[0]", &["delete"], Some("delete_because_count_index"), "p", "p"),
            change("a.warm_once", &["delete"], Some("delete_because_wrong_repetition"), "p", "p"),
            change("a.warm_each[\"k\"]", &["delete"], Some("delete_because_each_key"), "p", "p"),
            change("a.warm_enabled", &["delete"], Some("delete_because_enabled_false"), "p", "p"),
            change("module.warm[0].a.x", &["delete"], Some("delete_because_no_module"), "p", "p"),
            change("a.warm_before", &["delete"], Some("delete_because_no_resource_config"), "p", "p"),
            change("a.warm_by_nothing", &["forget"], None, "p", "p"),
            change("a.disk[0]", &["delete"], Some("delete_because_count_index"), "p", "p"),
            change("a.disk_enabled", &["delete"], Some("delete_because_enabled_false"), "p", "p"),
            change("module.m[\"k\"].a.x", &["delete"], Some("delete_because_no_module"), "p", "p"),
            change("a.each[\"gone\"]", &["delete"], Some("delete_because_each_key"), "p", "p"),
        ]);
        let addresses = Vec::from_iter(found.iter().map(|(address, _)| address.as_str()));
        let expected = [
            "a.warm_before",
            "a.warm_by_nothing",
            "a.disk[0]",
            "a.disk_enabled",
            "module.m[\"k\"].a.x",
            "a.each[\"gone\"]",
        ];
        assert_eq!(addresses, expected);
        assert!(found.iter().all(|(_, kind)| *kind == ReplacementKind::Deleted));
    }

    #[test]
    fn another_key_of_for_each_is_a_replacement_with_two_addresses() {
        let mut gone =
            change("a.each[\"prebuilds\"]", &["delete"], Some("delete_because_each_key"), "prebuilds", "");
        gone["index"] = json!("prebuilds");
        gone["change"]["after"] = Value::Null;
        let mut made = change("a.each[\"alice\"]", &["create"], None, "", "alice");
        made["index"] = json!("alice");
        made["change"]["before"] = Value::Null;
        let plan = json!({"resource_changes": [made, gone, change("a.other", &["create"], None, "", "")]});
        let found = read(plan.to_string().as_bytes(), &|_, _| true).unwrap().replacements;
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].address.as_str(), found[0].kind),
            ("a.each[\"prebuilds\"]", ReplacementKind::Rekeyed)
        );
        let paths = Vec::from_iter(found[0].changes.iter().map(|it| (it.path.as_str(), it.after.clone())));
        assert_eq!(paths, [("each.key", json!("alice")), ("owner", json!("alice"))]);
    }

    #[test]
    fn what_was_left_behind_and_what_is_only_read_is_no_replacement() {
        let mut deposed = change("a.vm", &["delete"], None, "p", "p");
        deposed["deposed"] = json!("12345678");
        let mut data = change("a.read", &["delete", "create"], None, "p", "p");
        data["mode"] = json!("data");
        assert_eq!(kinds(&[deposed, data]), []);
    }
}
