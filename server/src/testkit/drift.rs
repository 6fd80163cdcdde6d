//! What claims of the scene recreate, and what rehearsals know of it.

use std::collections::BTreeMap;

use hearth_provisioner::{
    plan::{AttributeChange, Replacement, ReplacementKind},
    rehearsal::{Advice, Blame, Cause, Field, Fix, Hop, Rehearsed, Verdict},
};
use serde_json::{Value, json};

/// What a claim by this person destroys and makes again.
pub fn replacements(pool: &str, version: &str, owner: &str) -> Vec<Replacement> {
    match (pool, version) {
        ("data/default", _) => vec![
            forced("docker_container.workspace[0]", "docker_container", environment(owner)),
            forced("docker_volume.cache", "docker_volume", vec![cache(owner)]),
        ],
        ("ml/small", _) => vec![forced(
            "kubernetes_pod.main",
            "kubernetes_pod",
            vec![change("metadata.labels.owner", json!("prebuilds"), json!(owner))],
        )],
        ("docs/default", "v1") => vec![forced(
            "docker_volume.home",
            "docker_volume",
            vec![change("name", json!("prebuilds-home"), json!(format!("{owner}-home")))],
        )],
        _ => Vec::new(),
    }
}

fn forced(address: &str, resource_type: &str, changes: Vec<AttributeChange>) -> Replacement {
    Replacement {
        address: address.to_owned(),
        resource_type: resource_type.to_owned(),
        kind: ReplacementKind::Forced,
        changes,
    }
}

fn change(path: &str, before: Value, after: Value) -> AttributeChange {
    AttributeChange {
        path: path.to_owned(),
        forces: true,
        sensitive: false,
        before,
        after,
        after_unknown: false,
    }
}

fn environment(owner: &str) -> Vec<AttributeChange> {
    let unforced = |path: &str| AttributeChange { forces: false, ..change(path, Value::Null, Value::Null) };
    vec![
        change("env[0]", json!("OWNER=prebuilds"), json!(format!("OWNER={owner}"))),
        AttributeChange { sensitive: true, ..unforced("env[1]") },
        AttributeChange { after_unknown: true, before: json!("9c1f4e7a"), ..unforced("id") },
    ]
}

fn cache(owner: &str) -> AttributeChange {
    change("name", json!("prebuilds-brave-otter-cache"), json!(format!("{owner}-cache")))
}

/// What a rehearsal of a claim from this pool comes to.
pub fn rehearsed(pool: &str, version: &str) -> Rehearsed {
    if pool == "mobile/android" {
        return Rehearsed::unknown(
            "main.tf:36: the registry of the emulator image did not answer within 60 s",
        );
    }
    let replacements = replacements(pool, version, "rehearsal");
    let clean = replacements.is_empty();
    let verdict = if clean { Verdict::Clean } else { Verdict::Replaces { replacements } };
    let known = Rehearsed { verdict, agents_stay: clean, ..Rehearsed::unknown("") };
    match pool {
        "data/default" => Rehearsed { blame: data_blame(), fix: Some(data_fix()), ..known },
        "ml/small" => Rehearsed { blame: vec![pod_blame()], advice: vec![pod_advice()], ..known },
        _ => known,
    }
}

fn hop(what: &str, line: u32) -> Hop {
    Hop { what: what.to_owned(), file: "main.tf".to_owned(), line }
}

fn blame(address: &str, path: Vec<Hop>) -> Blame {
    let cause = Cause::Fields { fields: vec![Field::OwnerName] };
    Blame { address: address.to_owned(), cause, follows: None, path }
}

fn data_blame() -> Vec<Blame> {
    let owner = || hop("data.coder_workspace_owner.me.name", 12);
    vec![
        blame("docker_container.workspace[0]", vec![hop("env", 46), hop("local.env", 27), owner()]),
        blame("docker_volume.cache", vec![hop("name", 40), hop("local.name", 26), owner()]),
    ]
}

fn pod_blame() -> Blame {
    blame(
        "kubernetes_pod.main",
        vec![hop("metadata.labels.owner", 36), hop("data.coder_workspace_owner.me.name", 12)],
    )
}

fn pod_advice() -> Advice {
    let words = "The owner's name is in a label of the pod. Put it into the environment of the agent, which a claim \
                 changes without recreating anything.";
    Advice { address: "kubernetes_pod.main".to_owned(), words: words.to_owned() }
}

fn data_fix() -> Fix {
    let diff = "--- a/main.tf\n+++ b/main.tf\n@@ -39,2 +39,5 @@\n resource \"docker_volume\" \"cache\" {\n   name = \
                \"${local.name}-cache\"\n+  lifecycle {\n+    ignore_changes = [name]\n+  }\n }\n@@ -43,5 +46,8 @@\n   \
                image = \"codercom/enterprise-base:ubuntu\"\n   name  = data.coder_workspace.me.id\n   env   = \
                local.env\n+  lifecycle {\n+    ignore_changes = [env]\n+  }\n   volumes {\n";
    Fix {
        diff: diff.to_owned(),
        files: BTreeMap::from([("main.tf".to_owned(), include_str!("main.tf").to_owned())]),
        proved: true,
        left: Vec::new(),
        trade_off: "A resource that exists keeps the value it was made with: later changes of env of \
                    docker_container.workspace; name of docker_volume.cache take effect only on new workspaces, \
                    whoever makes them. So a claimed workspace keeps what it got in the pool."
            .to_owned(),
    }
}
