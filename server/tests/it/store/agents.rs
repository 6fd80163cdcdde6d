use hearth_prebuilds::ids::AgentId;
use hearth_server::{
    one,
    store::{
        Db,
        agent_logs::{self, LIMIT_BYTES, NewLine},
        agent_parts, agents,
        builds::{Outcome, Stage},
    },
};
use uuid::Uuid;

use crate::{
    on_both_databases,
    support::{
        home::{Home, agent},
        world::{person, start},
    },
};

on_both_databases!(a_member_is_ready_when_every_agent_is_and_there_is_one, |db| async move {
    let home = Home::new(&db).await;
    let second = agent("second");
    assert!(!home.workspace().await.ready);
    home.built(&[home.agent.clone(), second.clone()]).await;
    assert!(!home.report(&home.agent, "ready").await);
    assert!(!home.report(&second, "starting").await);
    assert!(home.report(&second, "ready").await);
    assert!(home.workspace().await.ready);
    assert!(!home.report(&second, "start_error").await);
    home.built(std::slice::from_ref(&home.agent)).await;
    assert!(home.workspace().await.ready, "an agent that the template no longer has does not count");
    home.built(&[]).await;
    assert!(!home.workspace().await.ready);
});

on_both_databases!(
    an_agent_lives_through_a_claim_and_its_workspace_is_ready_again_when_it_is,
    |db| async move {
        let mut home = Home::new(&db).await;
        assert!(home.report(&home.agent, "ready").await);
        let ann = person(&db, "ann").await;
        let claim = home.begin_claim(ann).await;
        home.end(Outcome::Succeeded).await;
        assert_eq!(home.lifecycle().await, "ready");
        assert!(!home.workspace().await.ready, "it was ready for the pool, not for its owner");
        assert!(!home.report(&home.agent, "starting").await);
        let mut tx = db.write().await.unwrap();
        agents::acknowledge_reinit(&mut tx, home.agent.id.into(), claim).await.unwrap();
        tx.commit().await.unwrap();
        assert!(home.report(&home.agent, "ready").await);
    }
);

on_both_databases!(an_agent_of_a_stopped_workspace_is_off_and_its_token_is_worth_nothing, |db| async move {
    let home = Home::new(&db).await;
    home.report(&home.agent, "ready").await;
    assert!(caller(&db, &home.agent.token).await.is_some());
    home.begin(Stage::Stop).await;
    home.end(Outcome::Succeeded).await;
    assert!(caller(&db, &home.agent.token).await.is_none());
    home.begin(Stage::Start).await;
    home.built(std::slice::from_ref(&home.agent)).await;
    assert!(caller(&db, &home.agent.token).await.is_some());
});

on_both_databases!(an_agent_that_the_template_keeps_through_a_stop_is_off_after_it, |db| async move {
    let home = Home::new(&db).await;
    home.report(&home.agent, "ready").await;
    home.begin(Stage::Stop).await;
    home.built(std::slice::from_ref(&home.agent)).await;
    assert_eq!(home.lifecycle().await, "off");
    assert!(!home.workspace().await.ready);
});

on_both_databases!(a_token_is_nowhere_in_the_database, |db| async move {
    let home = Home::new(&db).await;
    let sql = "SELECT token_hash FROM agents WHERE id = $1";
    let (hash,): (Vec<u8>,) = one!(db.read().await.unwrap(), (Vec<u8>,), sql, home.agent.id).unwrap();
    assert_eq!(hash, agents::token_hash(&home.agent.token));
    assert!(caller(&db, "guess").await.is_none());
});

on_both_databases!(nobody_takes_over_an_agent_of_another_workspace, |db| async move {
    let home = Home::new(&db).await;
    let elsewhere = crate::support::world::member(
        &db,
        (home.template.id, home.template.version, home.preset),
        crate::support::world::Like::ready(),
    )
    .await;
    let mut tx = db.write().await.unwrap();
    let build = home.latest_build().await;
    let stolen = std::slice::from_ref(&home.agent);
    agents::replace_for_build(&mut tx, build, elsewhere, stolen, start()).await.unwrap_err();
});

on_both_databases!(scripts_keep_their_ids_and_results_as_long_as_the_template_keeps_them, |db| async move {
    let home = Home::new(&db).await;
    let scripts =
        async || agent_parts::scripts(&mut db.read().await.unwrap(), home.agent.id.into()).await.unwrap();
    let before = scripts().await[0].id;
    let mut changed = home.agent.clone();
    changed.scripts[0].script = "echo changed".to_owned();
    changed.scripts.push(changed.scripts[0].clone());
    changed.metadata.clear();
    home.built(&[changed]).await;
    let after = scripts().await;
    assert_eq!((after.len(), after[0].id, after[0].script.as_str()), (2, before, "echo changed"));
    let metadata = agent_parts::metadata(&mut db.read().await.unwrap(), home.agent.id.into()).await.unwrap();
    assert!(metadata.is_empty());
    home.built(std::slice::from_ref(&home.agent)).await;
    assert_eq!(scripts().await.len(), 1);
});

on_both_databases!(lines_that_are_sent_twice_are_kept_once_and_in_order, |db| async move {
    let home = Home::new(&db).await;
    let id: AgentId = home.agent.id.into();
    let (first_run, second_run) = (Uuid::new_v4(), Uuid::new_v4());
    for (run, first, outputs) in [
        (first_run, 0, vec!["a", "b"]),
        (first_run, 0, vec!["a", "b"]),
        (first_run, 1, vec!["b", "c"]),
        (second_run, 0, vec!["d"]),
    ] {
        append(&db, id, run, (first..).zip(outputs)).await;
    }
    let lines = agent_logs::after(&mut db.read().await.unwrap(), id, 0, 100).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.output.as_str()).collect::<Vec<_>>(), ["a", "b", "c", "d"]);
});

on_both_databases!(a_log_that_grows_too_long_is_cut_and_marked_until_the_next_build, |db| async move {
    let home = Home::new(&db).await;
    let (id, run): (AgentId, _) = (home.agent.id.into(), Uuid::new_v4());
    let long = "x".repeat(LIMIT_BYTES as usize - 10);
    append(&db, id, run, [(0, long.as_str())]).await;
    append(&db, id, run, [(1, "0123456789-too-much")]).await;
    append(&db, id, run, [(2, "a")]).await;
    let overflowed = async || {
        let sql = "SELECT logs_overflowed FROM agents WHERE id = $1";
        one!(db.read().await.unwrap(), (bool,), sql, home.agent.id).unwrap().0
    };
    let count = async || agent_logs::after(&mut db.read().await.unwrap(), id, 0, 100).await.unwrap().len();
    assert_eq!((count().await, overflowed().await), (1, true));
    home.built(std::slice::from_ref(&home.agent)).await;
    append(&db, id, run, [(3, "b")]).await;
    assert_eq!((count().await, overflowed().await), (2, false));
});

async fn append(db: &Db, agent: AgentId, run: Uuid, lines: impl IntoIterator<Item = (i64, &str)>) {
    let lines = lines.into_iter().map(|(sequence, output)| NewLine {
        sequence,
        at: 0,
        level: "info",
        source: "test".to_owned(),
        output: output.to_owned(),
    });
    let mut tx = db.write().await.unwrap();
    agent_logs::append(&mut tx, agent, run, lines.collect()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn caller(db: &Db, token: &str) -> Option<agents::Caller> {
    agents::by_token_hash(&mut db.read().await.unwrap(), &agents::token_hash(token)).await.unwrap()
}
