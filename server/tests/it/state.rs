//! The state backend: what Terraform itself does with it, and what it refuses.

use hearth_app::backend::Role;
use hearth_prebuilds::ids::{BuildId, SYSTEM_USER, WorkspaceId};
use hearth_server::{
    clock::new_id,
    execute, one,
    store::{
        Db, agents, builds,
        builds::{NewBuild, Stage, Transition},
        jobs::JobStatus,
        jobs::Lane,
        rehearsals,
    },
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path, process::Output};
use tokio::process::Command;

use crate::{
    on_both_databases, on_both_servers,
    support::{
        server::{Answer, Server},
        world::{self, Like, ORGANIZATION},
    },
};

const PASSWORD: &str = "secret of the attempt";

/// A workspace whose first build runs.
struct Building {
    workspace: WorkspaceId,
    build: BuildId,
    template: world::Template,
}

async fn building(db: &Db) -> Building {
    let template = world::template(db, "web").await;
    let preset = world::preset(db, (template.id, template.version), "small", 1).await;
    let like = Like::build(Transition::Start, JobStatus::Running);
    let workspace = world::member(db, (template.id, template.version, preset), like).await;
    let build = builds::by_number(&mut db.read().await.unwrap(), workspace, 1).await.unwrap().unwrap().id;
    let building = Building { workspace, build, template };
    set_running(db, build).await;
    building
}

async fn set_running(db: &Db, build: BuildId) {
    let mut tx = db.write().await.unwrap();
    execute!(
        tx,
        "UPDATE jobs SET status = 'running', state_secret_hash = $2
         WHERE id = (SELECT job_id FROM builds WHERE id = $1)",
        build.0,
        agents::token_hash(PASSWORD)
    )
    .unwrap();
    tx.commit().await.unwrap();
}

async fn set_failed(db: &Db, build: BuildId) {
    let mut tx = db.write().await.unwrap();
    let sql = "UPDATE jobs SET status = 'failed' WHERE id = (SELECT job_id FROM builds WHERE id = $1)";
    execute!(tx, sql, build.0).unwrap();
    tx.commit().await.unwrap();
}

impl Building {
    async fn next_build(&self, db: &Db) -> BuildId {
        let build = NewBuild {
            id: new_id(),
            job_id: new_id(),
            workspace_id: self.workspace,
            organization_id: ORGANIZATION,
            number: 2,
            stage: Stage::Stop,
            version_id: self.template.version,
            preset_id: None,
            initiator_id: SYSTEM_USER,
            lane: Lane::People,
            parameters: &BTreeMap::new(),
        };
        let mut tx = db.write().await.unwrap();
        builds::insert(&mut tx, &build, world::start()).await.unwrap();
        tx.commit().await.unwrap();
        set_running(db, build.id).await;
        build.id
    }

    fn path(&self) -> String {
        format!("/internal/state/{}", self.workspace)
    }

    async fn send(&self, server: &Server, build: BuildId, method: &str, query: &str, body: &Value) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = server.stranger().request(method, &format!("{}{query}", self.path()));
        Answer::of(request.basic_auth(build, Some(PASSWORD)).json(body)).await
    }

    async fn lock(&self, server: &Server, build: BuildId, id: &str) -> Answer {
        self.send(server, build, "LOCK", "", &json!({ "ID": id, "Who": "test" })).await
    }

    async fn post(&self, server: &Server, state: &Value) -> StatusCode {
        self.send(server, self.build, "POST", "?ID=l1", state).await.status()
    }
}

fn state(serial: u64, lineage: &str, content: &str) -> Value {
    json!({ "version": 4, "serial": serial, "lineage": lineage, "outputs": { "x": content } })
}

on_both_servers!(terraform_keeps_its_state_here_and_only_sealed, |server| async {
    let db = &server.running.hearth.db;
    let building = building(db).await;
    let folder = tempfile::tempdir().unwrap();
    let main = "terraform {\n  backend \"http\" {}\n}\nvariable \"x\" {}\n\
                resource \"terraform_data\" \"a\" {\n  input = var.x\n}\n";
    std::fs::write(folder.path().join("main.tf"), main).unwrap();
    let address = format!("{}{}", server.running.url, building.path());
    let run = |args| terraform(folder.path(), &address, building.build, args);

    assert_succeeded(&run("init -input=false").await);
    assert_succeeded(&run("apply -input=false -auto-approve -var x=hunter2").await);
    assert_succeeded(&run("apply -input=false -auto-approve -var x=hunter3").await);
    let shown = run("state pull").await;
    assert_succeeded(&shown);
    let pulled: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(pulled["resources"][0]["instances"][0]["attributes"]["input"]["value"], "hunter3");
    assert_succeeded(&run("destroy -input=false -auto-approve -var x=hunter3").await);

    let (versions, locks): (i64, i64) = one!(
        db.read().await.unwrap(),
        (i64, i64),
        "SELECT (SELECT count(*) FROM state_versions WHERE workspace_id = $1), (SELECT count(*) FROM state_locks)",
        building.workspace.0
    )
    .unwrap();
    assert!(versions >= 3, "{versions} versions");
    assert_eq!(locks, 0);
    let (sealed,): (Vec<u8>,) = one!(
        db.read().await.unwrap(),
        (Vec<u8>,),
        "SELECT sealed FROM state_versions ORDER BY serial LIMIT 1"
    )
    .unwrap();
    assert!(!sealed.windows(7).any(|part| part == b"hunter2"));
});

on_both_servers!(another_build_is_told_who_holds_the_lock_until_that_build_is_over, |server| async {
    let db = &server.running.hearth.db;
    let building = building(db).await;
    let second = building.next_build(db).await;
    assert_eq!(building.lock(server, building.build, "l1").await.status(), StatusCode::OK);
    let refusal = building.lock(server, second, "l2").await.json(StatusCode::LOCKED).await;
    assert_eq!(refusal["ID"], "l1");
    let unlock = building.send(server, second, "UNLOCK", "", &json!({ "ID": "l1" })).await;
    assert_eq!(unlock.status(), StatusCode::CONFLICT);
    set_failed(db, building.build).await;
    assert_eq!(building.lock(server, second, "l2").await.status(), StatusCode::OK);
    for _ in 0..2 {
        let unlock = building.send(server, second, "UNLOCK", "", &json!({ "ID": "l2" })).await;
        assert_eq!(unlock.status(), StatusCode::OK, "a repeated UNLOCK is fine");
    }
});

on_both_servers!(an_attempt_that_runs_again_takes_over_its_own_lock, |server| async {
    let building = building(&server.running.hearth.db).await;
    assert_eq!(building.lock(server, building.build, "l0").await.status(), StatusCode::OK);
    assert_eq!(building.lock(server, building.build, "l1").await.status(), StatusCode::OK);
    assert_eq!(building.post(server, &state(1, "a", "x")).await, StatusCode::OK);
});

on_both_servers!(a_state_must_continue_the_newest_one, |server| async {
    let building = building(&server.running.hearth.db).await;
    assert_eq!(building.post(server, &state(1, "a", "x")).await, StatusCode::CONFLICT, "without a lock");
    building.lock(server, building.build, "other").await;
    assert_eq!(building.post(server, &state(1, "a", "x")).await, StatusCode::CONFLICT, "with another lock");
    building.lock(server, building.build, "l1").await;
    let get = || building.send(server, building.build, "GET", "", &Value::Null);
    assert_eq!(get().await.status(), StatusCode::NOT_FOUND);
    for (what, next, expected) in [
        ("the first", state(3, "a", "x"), StatusCode::OK),
        ("the same again, after a lost answer", state(3, "a", "x"), StatusCode::OK),
        ("the same serial with other content", state(3, "a", "y"), StatusCode::CONFLICT),
        ("an older one", state(2, "a", "x"), StatusCode::CONFLICT),
        ("another lineage", state(4, "b", "x"), StatusCode::CONFLICT),
        ("no state at all", json!({ "a": 1 }), StatusCode::BAD_REQUEST),
        (
            "a state of an unknown version",
            json!({ "version": 9, "serial": 9, "lineage": "a" }),
            StatusCode::BAD_REQUEST,
        ),
        (
            "a state that OpenTofu itself has encrypted",
            json!({ "serial": 9, "lineage": "a", "encrypted_data": "bm8=", "encryption_version": "v0" }),
            StatusCode::BAD_REQUEST,
        ),
        ("the next", state(7, "a", "z"), StatusCode::OK),
    ] {
        assert_eq!(building.post(server, &next).await, expected, "{what}");
    }
    assert_eq!(get().await.json(StatusCode::OK).await, state(7, "a", "z"));
});

on_both_servers!(only_the_running_attempt_of_a_build_of_this_workspace_comes_in, |server| async {
    let db = &server.running.hearth.db;
    let building = building(db).await;
    let get = |path: String, user: String, password: &'static str| async move {
        let request = server.stranger().request(Method::GET, &path);
        Answer::of(request.basic_auth(user, Some(password))).await.status()
    };
    let (ours, build) = (building.path(), building.build.to_string());
    let elsewhere = format!("/internal/state/{}", new_id::<WorkspaceId>());
    assert_eq!(get(ours.clone(), build.clone(), PASSWORD).await, StatusCode::NOT_FOUND);
    assert_eq!(get(ours.clone(), build.clone(), "guess").await, StatusCode::UNAUTHORIZED);
    assert_eq!(get(ours.clone(), "nobody".to_owned(), PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert_eq!(get(ours.clone(), new_id::<BuildId>().to_string(), PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert_eq!(get(elsewhere, build.clone(), PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert_eq!(server.stranger().get(&ours).await.status(), StatusCode::UNAUTHORIZED);
    set_failed(db, building.build).await;
    assert_eq!(get(ours, build, PASSWORD).await, StatusCode::FORBIDDEN);
});

on_both_servers!(a_lock_cannot_be_broken_by_force, |server| async {
    let building = building(&server.running.hearth.db).await;
    building.lock(server, building.build, "l1").await;
    let method = Method::from_bytes(b"UNLOCK").unwrap();
    let request =
        server.stranger().request(method, &building.path()).basic_auth(building.build, Some(PASSWORD));
    assert_eq!(Answer::of(request).await.status(), StatusCode::BAD_REQUEST);
    let request = server.stranger().request(Method::DELETE, &building.path());
    let answer = Answer::of(request.basic_auth(building.build, Some(PASSWORD))).await;
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
});

on_both_databases!(a_database_is_opened_only_with_the_key_that_sealed_it, |db| async move {
    use hearth_server::secrets::Secrets;
    let key = |digit: &str| Secrets::load(Some(&digit.repeat(64)), Path::new("/nowhere")).unwrap();
    let (ours, other) = (key("1"), key("2"));
    ours.verify(&db, world::start()).await.unwrap();
    ours.verify(&db, world::start()).await.unwrap();
    let refusal = other.verify(&db, world::start()).await.unwrap_err().to_string();
    assert!(refusal.contains(ours.key_id()) && refusal.contains(other.key_id()), "{refusal}");
});

async fn terraform(folder: &Path, address: &str, build: BuildId, args: &str) -> Output {
    let program = std::env::var_os("HEARTH_TERRAFORM").unwrap_or_else(|| "terraform".into());
    let mut command = Command::new(program);
    for name in ["ADDRESS", "LOCK_ADDRESS", "UNLOCK_ADDRESS"] {
        command.env(format!("TF_HTTP_{name}"), address);
    }
    command
        .env("TF_HTTP_USERNAME", build.to_string())
        .env("TF_HTTP_PASSWORD", PASSWORD)
        .env("CHECKPOINT_DISABLE", "1")
        .args(args.split(' '))
        .current_dir(folder)
        .output()
        .await
        .unwrap()
}

fn assert_succeeded(output: &Output) {
    let words = [&output.stdout[..], &output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&words));
}

on_both_servers!(a_rehearsal_may_read_a_state_and_nothing_else, |server, config| { config.workers = 0 } async {
    let db = &server.running.hearth.db;
    let building = building(db).await;
    let now = server.running.hearth.clock.now();
    let mut tx = db.write().await.unwrap();
    let (preset,): (uuid::Uuid,) = one!(tx, (uuid::Uuid,), "SELECT id FROM presets").unwrap();
    let wanted = rehearsals::Wanted { preset_id: preset.into(), organization_id: ORGANIZATION };
    let id = rehearsals::queue(&mut tx, wanted, SYSTEM_USER, now).await.unwrap();
    execute!(
        tx,
        "UPDATE jobs SET status = 'running', state_secret_hash = $1 WHERE kind = 'rehearsal'",
        agents::token_hash(PASSWORD)
    )
    .unwrap();
    tx.commit().await.unwrap();
    let as_rehearsal = BuildId(id.0);
    assert_eq!(building.lock(server, building.build, "l1").await.status(), StatusCode::OK);
    assert_eq!(building.post(server, &state(1, "a", "x")).await, StatusCode::OK);
    let get = async || building.send(server, as_rehearsal, "GET", "", &Value::Null).await.status();
    assert_eq!(get().await, StatusCode::UNAUTHORIZED, "it has no member yet");

    let mut tx = db.write().await.unwrap();
    execute!(tx, "UPDATE rehearsals SET workspace_id = $1", building.workspace.0).unwrap();
    tx.commit().await.unwrap();
    assert_eq!(get().await, StatusCode::OK);
    for (method, query) in [("POST", "?ID=l1"), ("POST", ""), ("LOCK", ""), ("UNLOCK", "")] {
        let answer = building.send(server, as_rehearsal, method, query, &json!({ "ID": "l1", "serial": 9 })).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{method}");
    }
    let mut tx = db.write().await.unwrap();
    execute!(tx, "UPDATE jobs SET status = 'succeeded' WHERE kind = 'rehearsal'").unwrap();
    tx.commit().await.unwrap();
    assert_eq!(get().await, StatusCode::FORBIDDEN);
});

/// No build of the workspace runs any more.
async fn set_idle(db: &Db, workspace: WorkspaceId) {
    let mut tx = db.write().await.unwrap();
    execute!(tx, "UPDATE jobs SET status = 'succeeded' WHERE subject_id = $1", workspace.0).unwrap();
    execute!(tx, "UPDATE workspaces SET latest_status = 'succeeded' WHERE id = $1", workspace.0).unwrap();
    tx.commit().await.unwrap();
}

on_both_servers!(an_owner_makes_an_older_state_the_newest_again, |server, config| { config.workers = 0 } async {
    let hearth = &server.running.hearth;
    let building = building(&hearth.db).await;
    building.lock(server, building.build, "l1").await;
    for (serial, content) in [(1, "first"), (3, "second")] {
        assert_eq!(building.post(server, &state(serial, "a", content)).await, StatusCode::OK);
    }
    let admin = server.admin().await;
    let path = format!("/api/v2/workspaces/{}/states", building.workspace);
    let restore = |serial: i64| format!("{path}/{serial}/restore");
    admin.post(&restore(1), &Value::Null).await.json(StatusCode::CONFLICT).await;
    set_idle(&hearth.db, building.workspace).await;
    let helper = server.person("tam", Role::TemplateAdmin).await;
    helper.get(&path).await.json(StatusCode::FORBIDDEN).await;
    helper.post(&restore(1), &Value::Null).await.json(StatusCode::FORBIDDEN).await;
    admin.post(&restore(2), &Value::Null).await.json(StatusCode::NOT_FOUND).await;
    admin.post(&restore(3), &Value::Null).await.json(StatusCode::CONFLICT).await;

    let restored = admin.post(&restore(1), &Value::Null).await.json(StatusCode::CREATED).await;
    assert_eq!(restored, json!({ "serial": 4, "restored_from": 1 }));
    let newest = hearth_server::state::latest(hearth, building.workspace).await.unwrap().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&newest).unwrap(), state(4, "a", "first"));
    let states = admin.get(&path).await.json(StatusCode::OK).await;
    let serials: Vec<_> = states.as_array().unwrap().iter().map(|it| (&it["serial"], &it["restored_from"])).collect();
    assert_eq!(serials, [(&json!(4), &json!(1)), (&json!(3), &Value::Null), (&json!(1), &Value::Null)]);
    let (acts,): (i64,) =
        one!(hearth.db.read().await.unwrap(), (i64,), "SELECT COUNT(*) FROM audit WHERE verb = 'restore_state'").unwrap();
    assert_eq!(acts, 1);
});

on_both_databases!(everything_is_sealed_again_with_a_new_key, |db| async move {
    use hearth_server::{rotation, secrets::Secrets, state, store::versions, variables};
    let key = |digit: &str| Secrets::load(Some(&digit.repeat(64)), Path::new("/nowhere")).unwrap();
    let building = building(&db).await;
    let mut hearth = crate::support::hearth::hearth(db);
    hearth.secrets = key("1");
    assert!(hearth.secrets.verify(&hearth.db, world::start()).await.unwrap());
    for serial in 1..=130 {
        let clear = self::state(serial, "a", "hunter2").to_string();
        state::save(&hearth, building.workspace, building.build, clear.as_bytes()).await.unwrap();
    }
    let values = BTreeMap::from([("token".to_owned(), "hunter3".to_owned())]);
    let sealed = variables::seal(&hearth.secrets, building.template.version, &values).unwrap();
    let mut tx = hearth.db.write().await.unwrap();
    versions::set_variables(&mut tx, building.template.version, &sealed).await.unwrap();
    tx.commit().await.unwrap();

    let both = key("2").after(Some(&"1".repeat(64))).unwrap();
    assert!(!both.verify(&hearth.db, world::start()).await.unwrap());
    rotation::seal_again(&hearth.db, &both, &hearth.clock).await.unwrap();

    hearth.secrets = key("2");
    assert!(hearth.secrets.verify(&hearth.db, world::start()).await.unwrap());
    let newest = state::latest(&hearth, building.workspace).await.unwrap().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&newest).unwrap(), self::state(130, "a", "hunter2"));
    let mut conn = hearth.db.read().await.unwrap();
    let (old,): (i64,) =
        one!(conn, (i64,), "SELECT COUNT(*) FROM state_versions WHERE key_id <> $1", hearth.secrets.key_id())
            .unwrap();
    assert_eq!(old, 0);
    let foreign = versions::foreign_variables(&mut conn, "none", 10).await.unwrap();
    let (_, stored) = foreign.iter().find(|(version, _)| *version == building.template.version).unwrap();
    assert_eq!(variables::open(&hearth.secrets, building.template.version, stored).unwrap(), values);
    let refused = key("1").verify(&hearth.db, world::start()).await;
    assert!(refused.is_err(), "the old key alone opens nothing any more");
});
