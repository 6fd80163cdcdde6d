//! The provider that most templates have, on a cloud that costs nothing. `cargo xtask test-cloud` runs this; an ordinary
//! run of the tests leaves it out, because it needs Amazon's provider and moto.

mod moto;

use std::fmt::Write;

use chrono::{DateTime, Utc};
use hearth_prebuilds::ids::JobId;
use hearth_server::{
    backend::acts,
    hearth::Hearth,
    store::{self, job_logs},
};
use pretty_assertions::assert_eq;
use reqwest::StatusCode;
use serde_json::{Value, json};

use self::moto::Moto;
use crate::support::{
    server::{Caller, Kept, Server, spawn_server},
    site::{
        agent, build, build_log, claim, filled, first_admin, is_ready, presets, rehearsal, take_fix, text,
        workspace,
    },
    template,
};

#[ignore = "needs a cloud: cargo xtask test-cloud"]
#[tokio::test(flavor = "multi_thread")]
async fn drift_in_a_cloud_is_found_blamed_and_fixed_and_nothing_is_left_there() {
    let server = spawn_server(Kept::Sqlite).await;
    let (hearth, admin) = (server.running.hearth.clone(), server.admin().await.patient());
    let moto = Moto::running(admin.http.clone());
    let _hypervisor = moto.boot_machines();
    let actor = first_admin(&admin).await;
    let mut times = Times::default();

    let template = admin.make_template("cloud", sources(&moto)).await;
    times.took("a machine from nothing", &filled(&admin, 1).await[0]);
    assert_eq!((moto.machines().await.len(), moto.disks().await.len()), (1, 1));

    let found = rehearsed(&admin, &template["active_version_id"], "replaces").await;
    times.rehearsal(&hearth, &found).await;
    check(&found["result"]);

    // What is claimed now meets exactly what was foreseen. The pool is paused so that it makes no more of this version.
    acts::pause_all(&hearth, &actor, "A fix is on its way").await.unwrap();
    let before = moto.machines().await;
    let first = claim(&admin, &template, "small", "first").await;
    let first = workspace(&admin, &first["id"], is_ready).await;
    times.claim("a claim that recreates the machine, in two steps", &first);
    assert_ne!(moto.machines().await, before);
    let log = build_log(&admin, &first).await;
    assert!(log.contains("aws_instance.machine[0] is destroyed and recreated"), "{log}");
    assert!(log.contains("(forces the replacement)"), "{log}");
    assert_eq!(replaced_total(&server).await, 1);

    let version = take_fix(&hearth, &admin, &template, "small").await;
    acts::resume_all(&hearth, &actor).await.unwrap();
    let fixed = json!({ "id": template["id"], "active_version_id": version["id"] });
    filled(&admin, 1).await;
    let clean = rehearsed(&admin, &version["id"], "clean").await;
    times.rehearsal(&hearth, &clean).await;
    acts::pause_all(&hearth, &actor, "No more machines").await.unwrap();
    clean_claim(&server, &admin, &moto, (&fixed, &mut times)).await;

    let all = admin.get("/api/v2/workspaces?q=").await.json(StatusCode::OK).await;
    for workspace in all["workspaces"].as_array().unwrap() {
        build(&admin, &workspace["id"], "delete").await;
    }
    admin.wait_for("/api/v2/workspaces?q=", |list| list["count"] == 0).await;
    assert_eq!((moto.machines().await, moto.disks().await), (vec![], vec![]), "left in the cloud");
    server.stop().await;
    eprintln!("{}", times.0);
}

fn sources(moto: &Moto) -> Vec<u8> {
    let text = include_str!("main.tf");
    let with_url = text.replace("https://ec2.us-east-1.amazonaws.com", &moto.url);
    assert_ne!(with_url, text);
    template::of(&[("main.tf", &with_url)])
}

/// The first rehearsal of the version's preset with this verdict.
async fn rehearsed(admin: &Caller, version: &Value, verdict: &str) -> Value {
    rehearsal(admin, &presets(admin, version).await[0], verdict).await
}

/// What a claim would recreate, why, and what was proved to help.
fn check(result: &Value) {
    let replaced = result["replaced"].as_array().unwrap();
    let by_address = |address: &str| replaced.iter().find(|it| it["address"] == address).unwrap();
    assert_eq!(replaced.len(), 2, "{result:#}");
    let machine = by_address("aws_instance.machine[0]");
    assert_eq!(machine["cause"]["fields"], json!(["the owner's name"]));
    let path = Vec::from_iter(machine["path"].as_array().unwrap().iter().map(|hop| text(&hop["what"])));
    assert_eq!(path, ["aws_instance.machine.user_data", "local.owner", "data.coder_workspace_owner.me.name"]);
    assert!(
        machine["path"].as_array().unwrap().iter().all(|hop| text(&hop["place"]).starts_with("main.tf:"))
    );
    assert_eq!(by_address("aws_volume_attachment.home[0]")["follows"], "aws_instance.machine");
    assert_eq!(result["fix"]["proved"], true, "{result:#}");
    assert!(text(&result["fix"]["diff"]).contains("+    ignore_changes = [user_data]"), "{result:#}");
}

async fn replaced_total(server: &Server) -> i64 {
    let mut conn = server.running.hearth.db.read().await.unwrap();
    store::pools::list(&mut conn).await.unwrap().iter().map(|pool| pool.replaced_total).sum()
}

/// A claim that is known to be clean keeps its machine.
async fn clean_claim(server: &Server, admin: &Caller, moto: &Moto, (template, times): (&Value, &mut Times)) {
    let before = moto.machines().await;
    let second = claim(admin, template, "small", "second").await;
    let second = workspace(admin, &second["id"], is_ready).await;
    times.claim("a claim that is known to be clean, in one step", &second);
    assert_eq!(moto.machines().await, before);
    let log = build_log(admin, &second).await;
    assert!(!log.contains("destroyed and recreated"), "{log}");
    assert_eq!(replaced_total(server).await, 1, "the one of before");
}

/// What took how long, as the server wrote it down. Nothing is asserted of it.
#[derive(Default)]
struct Times(String);

impl Times {
    fn say(&mut self, what: &str, (from, to): (&Value, &Value)) {
        let at = |value: &Value| text(value).parse::<DateTime<Utc>>().unwrap();
        let seconds = (at(to) - at(from)).as_seconds_f64();
        let _ = writeln!(self.0, "{seconds:>8.1} s  {what}");
    }

    fn took(&mut self, what: &str, workspace: &Value) {
        let job = &workspace["latest_build"]["job"];
        self.say(what, (&job["started_at"], &job["completed_at"]));
    }

    fn claim(&mut self, what: &str, workspace: &Value) {
        self.took(what, workspace);
        let claimed = &workspace["latest_build"]["created_at"];
        let agent = agent(workspace);
        self.say("    from the order to the agent's being ready", (claimed, &agent["ready_at"]));
    }

    /// The whole, and its parts as its log tells them apart.
    async fn rehearsal(&mut self, hearth: &Hearth, rehearsal: &Value) {
        let (start, end) = (&rehearsal["started_at"], &rehearsal["finished_at"]);
        self.say(&format!("a rehearsal: {}", text(&rehearsal["verdict"])), (start, end));
        let job = JobId(text(&rehearsal["job_id"]).parse().unwrap());
        let lines = job_logs::after(&mut hearth.db.read().await.unwrap(), job, 0, 10_000).await.unwrap();
        for part in ["Planning with", "Planning the claim again"] {
            if let Some(line) = lines.iter().find(|line| line.output.starts_with(part)) {
                self.say(&format!("    from \"{}\" to the end", line.output), (&json!(line.created_at), end));
            }
        }
    }
}
