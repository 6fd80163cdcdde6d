//! The sample templates, through the engine.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use hearth_provisioner::{
    engine::{BuildRequest, Stage},
    rehearsal::{Cause, Field, Rehearsed, Verdict},
};
use pretty_assertions::assert_eq;

use crate::support::bench::{Bench, assert_left, processes_in};

/// Stands in for the agent: stays until it is ended.
const AGENT: &str = "#!/bin/sh\nsleep 1000 & wait\n";

async fn bench(name: &str) -> Bench {
    Bench::new(&[("main.tf", &fs::read_to_string(template(name)).unwrap())]).await
}

fn template(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates").join(name).join("main.tf")
}

fn request(bench: &Bench, stage: Stage, owner: &str) -> BuildRequest {
    let mut request = bench.request(stage, owner);
    request.variables =
        BTreeMap::from([("root".to_owned(), bench.path("made").to_str().unwrap().to_owned())]);
    request.parameters = BTreeMap::from([("size".to_owned(), "large".to_owned())]);
    for script in request.init_scripts.values_mut() {
        AGENT.clone_into(script);
    }
    request
}

#[tokio::test]
async fn the_local_template_is_claimed_without_a_replacement_and_deleted_without_a_trace() {
    let bench = bench("local").await;
    let imported = bench.import().await.0.unwrap();
    let pools =
        imported.presets.iter().map(|it| (it.name.as_str(), it.prebuilds.as_ref().map(|it| it.instances)));
    assert_eq!(Vec::from_iter(pools), [("large", Some(1)), ("small", Some(2))]);
    assert_eq!(imported.warnings, [] as [&str; 0]);

    let created = bench.run(request(&bench, Stage::Create, "prebuilds")).await.0.unwrap();
    let rehearsed = bench.rehearse_made(&request(&bench, Stage::Create, "prebuilds")).await;
    assert_eq!(rehearsed.verdict, Verdict::Clean);
    assert!(rehearsed.leaves_agents_alone(), "{rehearsed:?}");
    assert_eq!(created.agents[0].scripts[0].display_name, "Set up");
    assert!(!processes_in(&bench.path("made")).is_empty(), "the agent outlives the build");

    let (claimed, observer) = bench.run(request(&bench, Stage::Claim, "alice")).await;
    assert_eq!(claimed.unwrap().agents[0].token, created.agents[0].token);
    assert_eq!(observer.plan().replacements, []);
    assert!(!processes_in(&bench.path("made")).is_empty());

    bench.run(request(&bench, Stage::Delete, "alice")).await.0.unwrap();
    assert_left(&bench.path("made")).await;
    assert_eq!(fs::read_dir(bench.path("made")).unwrap().count(), 0);
}

fn check_rehearsal(rehearsed: &Rehearsed) {
    let Verdict::Replaces { replacements } = &rehearsed.verdict else { panic!("{rehearsed:?}") };
    assert_eq!(replacements[0].changes.iter().filter(|it| it.forces).count(), 1);
    assert_eq!(rehearsed.blame[0].cause, Cause::Fields { fields: vec![Field::OwnerName] });
    let path = Vec::from_iter(rehearsed.blame[0].path.iter().map(|hop| (hop.what.as_str(), hop.line)));
    let source = fs::read_to_string(template("local-drift")).unwrap();
    let line = |text: &str| {
        u32::try_from(source.lines().position(|line| line.trim_start().starts_with(text)).unwrap() + 1)
    };
    assert_eq!(
        path,
        [
            ("terraform_data.agent.triggers_replace.title", line("title  =").unwrap()),
            ("local.title", line("title = ").unwrap()),
            ("data.coder_workspace_owner.me.name", line("title = ").unwrap()),
        ]
    );
    let fix = rehearsed.fix.as_ref().unwrap();
    assert!(fix.proved);
    assert!(fix.diff.contains("+    ignore_changes = [triggers_replace.title]"), "{}", fix.diff);
    assert_eq!(fix.diff.lines().filter(|line| line.starts_with('-')).count(), 1, "{}", fix.diff);
}

#[tokio::test]
async fn the_drifting_template_is_caught_at_the_claim() {
    let bench = bench("local-drift").await;
    let member = request(&bench, Stage::Create, "prebuilds");
    bench.run(member.clone()).await.0.unwrap();
    let rehearsed = bench.rehearse_made(&member).await;
    check_rehearsal(&rehearsed);
    let (claimed, observer) = bench.run(request(&bench, Stage::Claim, "alice")).await;
    claimed.unwrap();
    let plan = observer.plan();
    assert_eq!(plan.replacements.len(), 1);
    assert_eq!(plan.replacements[0].address, "terraform_data.agent[0]");
    let forcing =
        Vec::from_iter(plan.replacements[0].changes.iter().filter(|it| it.forces).map(|it| it.path.as_str()));
    assert_eq!(forcing, ["triggers_replace.title"]);
    bench.run(request(&bench, Stage::Delete, "alice")).await.0.unwrap();
    assert_left(&bench.path("made")).await;
}
