//! Who there is, and who may see whom.

use reqwest::StatusCode;

use crate::on_both_servers;

on_both_servers!(lists_of_users_hide_the_system_user_unless_asked, |server| async {
    let admin = server.admin().await;
    let names = |list: serde_json::Value| -> Vec<String> {
        let users = list["users"].as_array().unwrap();
        users.iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect()
    };
    let list = admin.get("/api/v2/users?q=").await.json(StatusCode::OK).await;
    assert_eq!(list["count"], 1);
    assert_eq!(names(list), ["admin"]);
    let all = admin.get("/api/v2/users?q=include_system:true").await.json(StatusCode::OK).await;
    assert_eq!(names(all), ["admin", "prebuilds"]);
    let one = admin.get("/api/v2/users/prebuilds").await.json(StatusCode::OK).await;
    assert_eq!(one["id"], "c42fdf75-3097-471c-8c33-fb52454d81c0");
    admin.get("/api/v2/organizations/default/members/prebuilds").await.json(StatusCode::NOT_FOUND).await;
});

on_both_servers!(the_one_organization_is_found_by_name_id_and_the_word_default, |server| async {
    let admin = server.admin().await;
    let mine = admin.get("/api/v2/users/me/organizations").await.json(StatusCode::OK).await;
    let id = mine[0]["id"].as_str().unwrap();
    assert_eq!(mine.as_array().unwrap().len(), 1);
    for which in ["default", "Hearth", id] {
        let one = admin.get(&format!("/api/v2/organizations/{which}")).await.json(StatusCode::OK).await;
        assert_eq!(one["id"], id);
    }
    admin.get("/api/v2/organizations/elsewhere").await.json(StatusCode::NOT_FOUND).await;
    let me = admin.get("/api/v2/organizations/default/members/me").await.json(StatusCode::OK).await;
    assert_eq!(me["username"], "admin");
});

on_both_servers!(a_search_for_users_refuses_what_it_does_not_know, |server| async {
    let admin = server.admin().await;
    let found = admin.get("/api/v2/users?q=adm%20status:active").await.json(StatusCode::OK).await;
    assert_eq!(found["count"], 1);
    let none = admin.get("/api/v2/users?q=status:suspended").await.json(StatusCode::OK).await;
    assert_eq!(none["count"], 0);
    let refused = admin.get("/api/v2/users?q=colour:red").await.json(StatusCode::BAD_REQUEST).await;
    assert_eq!(refused["validations"][0]["field"], "colour");
    server.stranger().get("/api/v2/users").await.json(StatusCode::UNAUTHORIZED).await;
});
