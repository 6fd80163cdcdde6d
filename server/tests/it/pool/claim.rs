use std::fs;

use serde_json::{Value, json};

use hearth_server::{backend::acts, store::pools};

use crate::{
    on_both_servers,
    support::{
        server::{Caller, Server},
        site::{
            Ground, agent, build, claim, clear, filled, first_admin, is_ready, members, sample, workspace,
        },
    },
};

async fn totals(server: &Server, preset: &str) -> (i64, i64) {
    let pools = pools::list(&mut server.running.hearth.db.read().await.unwrap()).await.unwrap();
    let pool = pools.into_iter().find(|pool| pool.preset_name == preset).unwrap();
    (pool.claimed_total, pool.missed_total)
}

/// What the set-up script of a workspace has said to its owners, once it has spoken so often.
async fn greetings(caller: &Caller, workspace: &Value, count: usize) -> Vec<String> {
    let path = format!("/api/v2/workspaceagents/{}/logs", agent(workspace)["id"].as_str().unwrap());
    let said = |lines: &Value| -> Vec<String> {
        let lines = lines.as_array().unwrap().iter().filter_map(|line| line["output"].as_str());
        lines.filter(|line| line.starts_with("Welcome")).map(str::to_owned).collect()
    };
    // Lines are sent in batches, so the last one may come after the agent has said that it is ready.
    said(&caller.wait_for(&path, |lines| said(lines).len() >= count).await)
}

on_both_servers!(a_pool_is_filled_claimed_refilled_paused_and_cleared_away, |server| async {
    let ground = Ground::new();
    let admin = server.admin().await;
    let template = admin.make_template("local", sample("local", ground.path())).await;
    let before = filled(&admin, 3).await;

    // A claim: the same machine with the same agent, which begins again for its new owner.
    let jon = server.member("jon").await;
    let claimed = claim(&jon, &template, "small", "mine").await;
    let member = before.iter().find(|member| member["id"] == claimed["id"]).expect("one of the pool");
    assert_eq!((&claimed["owner_name"], &claimed["is_prebuild"]), (&json!("jon"), &json!(false)));
    assert_eq!(claimed["latest_build"]["build_number"], 2);
    let folder = ground.path().join(claimed["id"].as_str().unwrap());
    assert!(folder.join(".hearth/set-up").exists());
    let mine = workspace(&jon, &claimed["id"], |workspace| {
        is_ready(workspace) && fs::read_to_string(folder.join("owner")).is_ok_and(|owner| owner == "jon\n")
    })
    .await;
    assert_eq!(agent(&mine)["id"], agent(member)["id"]);
    let greetings = greetings(&jon, &mine, 2).await;
    assert_eq!(greetings.len(), 2, "{greetings:?}");
    assert!(greetings[1].contains("jon") && greetings[1].contains("mine"), "{greetings:?}");

    // The place is taken by a new one, and what is claimed stays claimed.
    let after = filled(&admin, 3).await;
    assert!(after.iter().all(|member| member["id"] != claimed["id"]));
    assert_eq!(totals(server, "small").await, (1, 0));

    // Paused, the last large one is claimed, and the next request is built from nothing.
    let maria = first_admin(&admin).await;
    acts::pause_all(&server.running.hearth, &maria, "counting").await.unwrap();
    let last = claim(&jon, &template, "large", "last").await;
    assert!(after.iter().any(|member| member["id"] == last["id"]));
    let cold = claim(&jon, &template, "large", "cold").await;
    assert_eq!(cold["latest_build"]["build_number"], 1);
    workspace(&jon, &cold["id"], is_ready).await;
    assert_eq!(totals(server, "large").await, (1, 1));
    assert_eq!(members(&admin).await.len(), 2);

    // A later stop and start is no claim.
    workspace(&jon, &last["id"], is_ready).await;
    build(&jon, &claimed["id"], "stop").await;
    workspace(&jon, &claimed["id"], |workspace| workspace["latest_build"]["status"] == "stopped").await;
    build(&jon, &claimed["id"], "start").await;
    workspace(&jon, &claimed["id"], is_ready).await;
    assert_eq!(members(&admin).await.len(), 2);
    clear(&admin, &ground).await;
});
