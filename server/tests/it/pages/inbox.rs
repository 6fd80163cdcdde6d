use chrono::TimeDelta;
use hearth_app::{
    backend::{Actor, Origin, Role},
    view::{InboxQuery, NotificationRow, PoolAct},
};
use hearth_server::{
    backend::{identity::tokens, inbox, pool_acts, templates},
    engine::{KINDS, elapsed, watch},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::scene::Scene;
use crate::{
    on_both_databases, on_both_servers,
    support::{
        hearth::actor,
        server::Answer,
        world::{self, admin, version},
    },
};

/// What this person has been told of this kind.
async fn told(scene: &Scene, who: &Actor, kind: &str) -> Vec<NotificationRow> {
    let query = InboxQuery { kind: kind.to_owned(), ..InboxQuery::default() };
    let view = inbox::page(&scene.hearth, who, &query).await.unwrap();
    assert_eq!(view.ignored, Vec::<String>::new());
    view.rows
}

on_both_databases!(an_override_that_ends_is_told_once_and_is_gone, |db| async move {
    let scene = Scene::new(db).await;
    let olga = actor(admin(scene.db(), "olga").await, "olga", Role::TemplateAdmin);
    scene.pass().await;
    let until = scene.hearth.clock.now() + TimeDelta::hours(1);
    let more = PoolAct::Override { instances: 5, until, reason: "a workshop".to_owned() };
    pool_acts::change(&scene.hearth, &scene.maria, ("web", "small"), None, &more).await.unwrap();
    elapsed::turn(&scene.hearth).await.unwrap();
    assert_eq!(told(&scene, &olga, "override").await, []);
    scene.hearth.clock.advance(TimeDelta::hours(2));
    for _ in 0..2 {
        elapsed::turn(&scene.hearth).await.unwrap();
    }
    let rows = told(&scene, &olga, "override").await;
    assert_eq!(rows.len(), 1);
    assert!(rows[0].content.contains("a workshop"), "{}", rows[0].content);
    assert_eq!(rows[0].action.as_ref().unwrap().1, "/presets/web/small");
    assert_eq!(told(&scene, &scene.tom, "override").await, []);
    let ended = ("end_override".to_owned(), "web/small".to_owned(), Value::Null);
    assert_eq!(world::acts(scene.db(), "system").await, [ended], "and it is on record");
});

on_both_databases!(the_owner_of_a_token_hears_once_that_it_expires_within_7_days, |db| async move {
    let scene = Scene::new(db).await;
    for (name, days) in [("ci", 30), ("short", 5)] {
        let days = TimeDelta::days(days);
        tokens::create(&scene.hearth, &scene.tom, name, days, &Origin::default()).await.unwrap();
    }
    elapsed::turn(&scene.hearth).await.unwrap();
    assert_eq!(told(&scene, &scene.tom, "token").await, []);
    scene.hearth.clock.advance(TimeDelta::days(24));
    for _ in 0..2 {
        elapsed::turn(&scene.hearth).await.unwrap();
    }
    let rows = told(&scene, &scene.tom, "token").await;
    assert_eq!(rows.len(), 1);
    assert!(rows[0].content.contains("**ci**"), "{}", rows[0].content);
    assert_eq!(told(&scene, &scene.maria, "token").await, []);
});

on_both_databases!(admins_hear_of_a_new_active_version_but_not_from_themselves, |db| async move {
    let scene = Scene::new(db).await;
    let [olga, lena] = [admin(scene.db(), "olga").await, admin(scene.db(), "lena").await];
    let olga = actor(olga, "olga", Role::TemplateAdmin);
    let lena = actor(lena, "lena", Role::TemplateAdmin);
    let next = version(scene.db(), scene.web.id, "v2").await;
    templates::promote(&scene.hearth, &olga, scene.web.id, next).await.unwrap();
    let rows = told(&scene, &lena, "version").await;
    assert_eq!(rows.len(), 1);
    assert!(rows[0].content.contains("**olga** made **v2**"), "{}", rows[0].content);
    assert_eq!(told(&scene, &olga, "version").await, []);
});

on_both_databases!(
    a_kind_that_is_switched_off_is_told_to_nobody_who_did_so_and_the_rest_is,
    |db| async move {
        let scene = Scene::new(db).await;
        let [olga, lena] = [admin(scene.db(), "olga").await, admin(scene.db(), "lena").await];
        let olga = actor(olga, "olga", Role::TemplateAdmin);
        let lena = actor(lena, "lena", Role::TemplateAdmin);
        let promote = async |name: &str| {
            let next = version(scene.db(), scene.web.id, name).await;
            templates::promote(&scene.hearth, &scene.maria, scene.web.id, next).await.unwrap();
        };
        promote("v2").await;
        let all_but_version: Vec<String> =
            KINDS.iter().map(|(kind, _)| (*kind).to_owned()).filter(|kind| kind != "version").collect();
        inbox::choose_kinds(&scene.hearth, &lena, &all_but_version).await.unwrap();
        promote("v3").await;
        assert_eq!(told(&scene, &lena, "version").await.len(), 1, "what was told before stays");
        assert_eq!(told(&scene, &olga, "version").await.len(), 2);

        scene.pass().await;
        scene.hearth.clock.advance(TimeDelta::minutes(5));
        watch::turn(&scene.hearth).await.unwrap();
        assert_eq!(told(&scene, &lena, "stalled").await.len(), 1);

        let all = KINDS.map(|(kind, _)| kind.to_owned());
        inbox::choose_kinds(&scene.hearth, &lena, &all).await.unwrap();
        promote("v4").await;
        assert_eq!(told(&scene, &lena, "version").await.len(), 2);
    }
);

on_both_databases!(who_does_not_want_to_hear_of_tokens_is_warned_when_they_do_again, |db| async move {
    let scene = Scene::new(db).await;
    let days = TimeDelta::days(30);
    tokens::create(&scene.hearth, &scene.tom, "ci", days, &Origin::default()).await.unwrap();
    scene.hearth.clock.advance(TimeDelta::days(24));
    for (kinds, warnings) in [(&["claim", "drift"][..], 0), (&["token"], 1)] {
        let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        inbox::choose_kinds(&scene.hearth, &scene.tom, &kinds).await.unwrap();
        elapsed::turn(&scene.hearth).await.unwrap();
        assert_eq!(told(&scene, &scene.tom, "token").await.len(), warnings);
    }
});

on_both_servers!(notifications_are_chosen_by_a_form_whose_act_is_on_record, |server| async {
    let tom = server.member("tom").await;
    let choose = async |kinds: &[&str]| {
        let form = kinds.iter().map(|kind| format!("kinds%5B%5D={kind}")).collect::<Vec<_>>().join("&");
        let request =
            tom.request(Method::POST, "/act/notification-kinds").header("accept", "application/json");
        Answer::of(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await
    };
    let checked = async || {
        let page = tom.get("/settings/preferences").await.0.text().await.unwrap();
        let boxes = page.split("name=\"kinds[]\" value=\"").skip(1);
        let checked = boxes.filter(|rest| rest.split('>').next().unwrap().contains("checked"));
        checked.map(|rest| rest.split('"').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(checked().await, ["drift", "token", "claim"]);
    assert_eq!(choose(&["claim", "token"]).await.status(), StatusCode::OK);
    assert_eq!(checked().await, ["token", "claim"]);
    for kind in ["nonsense", "stalled"] {
        let refused = choose(&["claim", kind]).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        assert!(refused.0.text().await.unwrap().contains(&format!("`{kind}`")));
    }
    assert_eq!(checked().await, ["token", "claim"]);
    assert_eq!(choose(&[]).await.status(), StatusCode::OK);
    assert_eq!(checked().await, Vec::<String>::new());

    let admin = server.admin().await;
    let record = admin.get("/api/v2/audit?q=username:tom").await.json(StatusCode::OK).await;
    let diff = &record["audit_logs"][0]["diff"]["muted_kinds"];
    assert_eq!((&diff["old"], &diff["new"]), (&json!(["drift"]), &json!(["drift", "token", "claim"])));
});

on_both_databases!(a_reconciler_that_stands_still_is_told_once_each_time, |db| async move {
    let scene = Scene::new(db).await;
    let olga = actor(admin(scene.db(), "olga").await, "olga", Role::TemplateAdmin);
    for times in 1..=2 {
        scene.pass().await;
        watch::turn(&scene.hearth).await.unwrap();
        assert_eq!(told(&scene, &olga, "stalled").await.len(), times - 1);
        scene.hearth.clock.advance(TimeDelta::minutes(5));
        for _ in 0..2 {
            watch::turn(&scene.hearth).await.unwrap();
        }
        assert_eq!(told(&scene, &olga, "stalled").await.len(), times);
    }
});

on_both_databases!(people_who_wait_behind_prebuild_jobs_are_told_of_once, |db| async move {
    let scene = Scene::new(db).await;
    let olga = actor(admin(scene.db(), "olga").await, "olga", Role::TemplateAdmin);
    scene.pass().await;
    scene.claim(&scene.tom, "cold").await;
    watch::turn(&scene.hearth).await.unwrap();
    assert_eq!(told(&scene, &olga, "queue").await, []);
    scene.hearth.clock.advance(TimeDelta::minutes(2));
    for _ in 0..2 {
        watch::turn(&scene.hearth).await.unwrap();
    }
    assert_eq!(told(&scene, &olga, "queue").await.len(), 1);
    assert_eq!(told(&scene, &scene.tom, "queue").await, []);
});
