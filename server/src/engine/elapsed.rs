//! What time alone brings about besides decisions: overrides end, and tokens are about to. Done by whoever leads,
//! between passes. Each is told once: an override is cleared in the transaction that tells of it, and a token is known
//! by what its owner was told.

use chrono::TimeDelta;
use hearth_prebuilds::words::moment;
use serde_json::json;

use super::{record, tell};
use crate::{
    error::Result,
    events::Event,
    hearth::Hearth,
    store::{
        notifications::{self, Action, NewNotification},
        pools::{self, EndedOverride},
        sessions::{self, Token},
    },
};

/// So long before its end the owner of a token hears of it.
const WARNING: TimeDelta = TimeDelta::days(7);

pub async fn turn(hearth: &Hearth) -> Result<()> {
    let now = hearth.clock.now();
    let mut conn = hearth.db.read().await?;
    let overrides = pools::ended_overrides(&mut conn, now).await?;
    let tokens = sessions::expiring(&mut conn, now, WARNING, tell::TOKEN_EXPIRES).await?;
    drop(conn);
    for ended in &overrides {
        end(hearth, ended).await?;
    }
    for token in &tokens {
        warn(hearth, token).await?;
    }
    Ok(())
}

async fn end(hearth: &Hearth, ended: &EndedOverride) -> Result<()> {
    let EndedOverride { template_name, preset_name, instances, until, reason, .. } = ended;
    let now = hearth.clock.now();
    let mut tx = hearth.db.write().await?;
    if !pools::clear_ended_override(&mut tx, ended).await? {
        return Ok(());
    }
    let what = NewNotification {
        template_id: tell::OVERRIDE_ENDED,
        dedupe: &format!("override:{}:{preset_name}:{}", ended.template_id, until.timestamp_micros()),
        title: "An override has ended",
        content: &format!(
            "Preset **{preset_name}** of template **{template_name}** was overridden to **{instances}** wanted: \
             {reason}\n\nSchedule and template say again how many are kept ready."
        ),
        icon: "DEFAULT_ICON_TEMPLATE",
        targets: &[ended.template_id],
        actions: &[Action {
            label: "View preset".to_owned(),
            url: format!("{}/presets/{template_name}/{preset_name}", hearth.access_url),
        }],
    };
    let told = tell::template_admins(&mut tx, &what, now).await?;
    let name = format!("{template_name}/{preset_name}");
    let pool = ("pool", ended.template_id.to_string(), name.as_str());
    let before = json!({ "instances": instances, "until": until, "reason": reason });
    record::act(&mut tx, "end_override", pool, (Some(before), None), now).await?;
    tx.commit().await?;
    hearth.events.publish_inboxes(told);
    Ok(())
}

async fn warn(hearth: &Hearth, token: &Token) -> Result<()> {
    let mut tx = hearth.db.write().await?;
    let what = NewNotification {
        template_id: tell::TOKEN_EXPIRES,
        dedupe: &sessions::warning(&token.id),
        title: "A token expires soon",
        content: &format!(
            "Your token **{}** counts until {}. Whatever uses it is refused from then on; give it another one in time.",
            token.name,
            moment(token.expires_at)
        ),
        icon: "DEFAULT_ICON_ACCOUNT",
        targets: &[token.user_id.0],
        actions: &[Action {
            label: "View tokens".to_owned(),
            url: format!("{}/settings/tokens", hearth.access_url),
        }],
    };
    let told = notifications::insert(&mut tx, token.user_id, &what, hearth.clock.now()).await?;
    tx.commit().await?;
    if told {
        hearth.events.publish(Event::Inbox(token.user_id));
    }
    Ok(())
}
