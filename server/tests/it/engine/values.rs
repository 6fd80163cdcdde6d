//! Values that a person gives at the claim.

use hearth_app::{
    backend::Role,
    view::{ClaimOrder, ClaimOutcome},
};
use hearth_provisioner::engine::{Parameter, ParameterOption};
use hearth_server::{
    backend::{acts, preset::preset},
    error::{Error, Result},
    execute,
};
use sqlx::types::Json;

use super::claim::id;
use crate::{
    on_both_databases,
    support::{hearth::actor, works::Works, world},
};

fn parameter(name: &str, mutable: bool, values: &[&str]) -> Parameter {
    let option = |value: &&str| ParameterOption {
        name: value.to_uppercase(),
        value: (*value).to_owned(),
        ..ParameterOption::default()
    };
    Parameter {
        name: name.to_owned(),
        r#type: "string".to_owned(),
        mutable,
        default_value: Some(values[0].to_owned()),
        options: values.iter().map(option).collect(),
        ..Parameter::default()
    }
}

on_both_databases!(what_the_preset_leaves_open_is_asked_checked_and_kept_for_the_build, |db| async {
    let t = world::template(&db, "web").await;
    world::preset(&db, (t.id, t.version), "small", 1).await;
    let declared = [parameter("color", true, &["blue", "red"]), parameter("zone", false, &["a", "b"])];
    let mut tx = db.write().await.unwrap();
    execute!(tx, "UPDATE template_versions SET parameters = $1", Json(&declared[..])).unwrap();
    execute!(tx, "UPDATE presets SET parameters = $1", Json(serde_json::json!({}))).unwrap();
    tx.commit().await.unwrap();
    let ann = actor(world::person(&db, "ann").await, "ann", Role::Member);
    let mut works = Works::new(db);
    works.start();
    works.until_running(1).await;
    works.agents_get_ready().await;
    let page = preset(&works.hearth, &ann, ("web", "small"), &Default::default()).await.unwrap();
    let asked: Vec<_> =
        page.asked.iter().map(|it| (it.name.as_str(), it.value.as_str(), it.options.len())).collect();
    assert_eq!(asked, [("color", "blue", 2)], "a zone cannot change any more");

    let claim = async |name: &str, given: &[(&str, &str)]| -> Result<ClaimOutcome> {
        let values = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let order = ClaimOrder {
            template: "web".to_owned(),
            preset: "small".to_owned(),
            name: name.to_owned(),
            pool_only: false,
            values,
        };
        acts::claim(&works.hearth, &ann, &order).await
    };
    for (given, field) in [(("color", "pink"), "color"), (("taste", "sweet"), "taste")] {
        let refused = claim("mine", &[given]).await.unwrap_err();
        let Error::Invalid(problems) = &refused else { panic!("{refused:?}") };
        assert_eq!(problems[0].field, field);
    }
    let cold = claim("elsewhere", &[("zone", "b")]).await.unwrap();
    assert!(!cold.from_pool, "no member is in that zone");
    let taken = claim("mine", &[("color", "red")]).await.unwrap();
    assert!(taken.from_pool);
    let builds = works.builds(id(&taken)).await;
    assert_eq!(
        (&builds[0].parameters["color"], &builds[1].parameters["color"]),
        (&"red".to_owned(), &"blue".to_owned())
    );
    works.stop().await;
});
