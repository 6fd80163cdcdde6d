//! Tells people what they should look at.

use chrono::{DateTime, Utc};
use hearth_app::backend::Actor;
use hearth_prebuilds::ids::{CauseId, UserId};
use hearth_provisioner::plan::Replacement;
use uuid::Uuid;

use crate::{
    error::Result,
    store::{
        Tx,
        notifications::{self, Action, NewNotification},
        orders::BuildOrder,
        templates::Template,
        users,
        versions::Version,
    },
};

/// The upstream product's id of the notification that a claim replaced resources.
pub(super) const RESOURCE_REPLACED: Uuid = Uuid::from_u128(0x89d9745a_816e_4695_a17f_3d0a229e2b8d);
/// The upstream product's id of the notification that a preset reached the hard limit.
pub(super) const FAILURE_LIMIT: Uuid = Uuid::from_u128(0x414d9331_c1fc_4761_b40c_d1f4702279eb);

/// Our own ids, of what the upstream product does not tell.
const CLAIM_FAILED: Uuid = Uuid::from_u128(0x5f0c3b7e_9d41_4a86_8e0b_2c6d1a94f7b3);
pub(super) const CAUSE_BACK: Uuid = Uuid::from_u128(0xf1139f50_1e4f_4e6c_9486_3210be6681c0);
pub(super) const OVERRIDE_ENDED: Uuid = Uuid::from_u128(0x59916596_1c6e_4071_b756_42a8c5b2110b);
pub(super) const TOKEN_EXPIRES: Uuid = Uuid::from_u128(0x60ccee6b_cb26_4830_b6fd_c9b5ded9158c);
pub(super) const STALLED: Uuid = Uuid::from_u128(0x50d7bd1c_89a9_455a_b1b9_a25d095c1f53);
pub(super) const SATURATED: Uuid = Uuid::from_u128(0x9b9a2c53_9ad0_440b_83f9_bf085a08b6c8);
const VERSION_ACTIVE: Uuid = Uuid::from_u128(0x688743d5_0033_46ef_b96f_1fc9dcb3f6a0);

/// What people can be told of, by the name that the inbox filters by.
pub const KINDS: [(&str, Uuid); 9] = [
    ("drift", RESOURCE_REPLACED),
    ("back", CAUSE_BACK),
    ("failures", FAILURE_LIMIT),
    ("stalled", STALLED),
    ("queue", SATURATED),
    ("override", OVERRIDE_ENDED),
    ("version", VERSION_ACTIVE),
    ("token", TOKEN_EXPIRES),
    ("claim", CLAIM_FAILED),
];

/// The kinds that tell of what is one's own; of the others only those hear who answer for templates.
pub const ONES_OWN: [Uuid; 3] = [RESOURCE_REPLACED, TOKEN_EXPIRES, CLAIM_FAILED];

/// The owner of a workspace hears that its claim build failed: it may be in use already.
pub(crate) async fn claim_failed(
    tx: &mut Tx,
    access_url: &str,
    order: &BuildOrder,
    why: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let what = NewNotification {
        template_id: CLAIM_FAILED,
        dedupe: &order.build_id.to_string(),
        title: "A workspace of yours was not set up completely",
        content: &format!(
            "**{}** is yours, but the build that makes it so failed: {why}\n\nStart it again to try once more.",
            order.workspace_name
        ),
        icon: "DEFAULT_ICON_WORKSPACE",
        targets: &[order.workspace_id.0],
        actions: &[view_workspace(access_url, order)],
    };
    notifications::insert(tx, order.owner_id, &what, now).await?;
    Ok(())
}

/// The owner of a workspace hears what its claim build recreates: it may be in use already. False: told before.
pub(super) async fn claim_replaces(
    tx: &mut Tx,
    access_url: &str,
    order: &BuildOrder,
    replacements: &[Replacement],
    now: DateTime<Utc>,
) -> Result<bool> {
    let resources: Vec<String> = replacements.iter().map(|it| format!("- `{}`", it.address)).collect();
    let what = NewNotification {
        template_id: RESOURCE_REPLACED,
        dedupe: &format!("claim:{}", order.build_id),
        title: "Parts of a workspace of yours are recreated",
        content: &format!(
            "**{}** is yours. The build that makes it so destroys and recreates:\n\n{}\n\nUntil that is done it cannot \
             be used, and what was in them is lost.",
            order.workspace_name,
            resources.join("\n"),
        ),
        icon: "DEFAULT_ICON_WORKSPACE",
        targets: &[order.workspace_id.0],
        actions: &[view_workspace(access_url, order)],
    };
    Ok(notifications::insert(tx, order.owner_id, &what, now).await?)
}

fn view_workspace(access_url: &str, order: &BuildOrder) -> Action {
    Action {
        label: "View workspace".to_owned(),
        url: format!("{access_url}/workspaces/{}", order.workspace_id),
    }
}

/// Whoever answers for templates hears that another version is active, but for who made it so. Returns who was told;
/// publish that after the commit.
pub(crate) async fn promoted(
    tx: &mut Tx,
    access_url: &str,
    (template, version): (&Template, &Version),
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<Vec<UserId>> {
    let what = NewNotification {
        template_id: VERSION_ACTIVE,
        dedupe: &format!("version:{}:{}", version.id, now.timestamp_micros()),
        title: "A new version is active",
        content: &format!(
            "**{}** made **{}** the active version of template **{}**. Members of the version before are replaced, so \
             fewer may be ready for a while.",
            by.username, version.name, template.name
        ),
        icon: "DEFAULT_ICON_TEMPLATE",
        targets: &[template.id.0],
        actions: &[Action {
            label: "View version".to_owned(),
            url: format!("{access_url}/templates/{}/versions/{}", template.name, version.name),
        }],
    };
    all_admins_but(tx, &[by.user_id], &what, now).await
}

/// The same of a cause of drift, but for whoever has muted it.
pub(super) async fn of_cause(
    tx: &mut Tx,
    cause: CauseId,
    what: &NewNotification<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<UserId>> {
    let muted = notifications::muted(tx, cause, now).await?;
    all_admins_but(tx, &muted, what, now).await
}

/// One row for each template admin and owner. Returns who had not heard of it; tell them after the commit.
pub(super) async fn template_admins(
    tx: &mut Tx,
    what: &NewNotification<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<UserId>> {
    all_admins_but(tx, &[], what, now).await
}

async fn all_admins_but(
    tx: &mut Tx,
    left_out: &[UserId],
    what: &NewNotification<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<UserId>> {
    let mut told = Vec::new();
    for admin in users::template_admins(tx).await? {
        if !left_out.contains(&admin) && notifications::insert(tx, admin, what, now).await? {
            told.push(admin);
        }
    }
    Ok(told)
}
