//! A week of a busy site, told in order. What is left at its end shows every state that a pool, a workspace, a cause
//! of drift and a rehearsal can be in; `end2end` looks for many of them by name.

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use hearth_app::{
    backend::{Actor, Origin, Role},
    view::{PersonAct, PoolAct},
};
use hearth_prebuilds::ids::{TemplateId, VersionId, WorkspaceId};
use hearth_provisioner::error::Diagnostic;

use super::{
    history, log,
    play::Play,
    templates::{self, TEMPLATES},
};
use crate::{
    backend::{
        acts, drift,
        identity::{accounts, tokens},
        inbox,
        templates::{self as acts_on_templates, Edit},
    },
    store::{
        drift::{CauseStatus, causes},
        jobs::Lane,
        notifications::Wanted,
        workspaces,
    },
};

/// When the scene is looked at: a Tuesday, 13:04 in Berlin.
pub const NOW: &str = "2026-11-24T12:04:31Z";

const HOUR: TimeDelta = TimeDelta::hours(1);
/// Passes begin now; what was before is history that is only recorded.
const OPENING: &str = "09:00:00";

/// When the site was set up.
pub fn beginning() -> DateTime<Utc> {
    today("08:00:00") - TimeDelta::days(8)
}

/// A time of the day of the scene.
fn today(time: &str) -> DateTime<Utc> {
    format!("{}T{time}Z", &NOW[..10]).parse().unwrap_or_default()
}

/// Everything, with so many plain presets besides.
pub async fn tell(play: &mut Play, plain: u32) -> anyhow::Result<()> {
    people_join(play).await?;
    plain_templates(play, plain).await?;
    templates_come(play).await?;
    history::record(play, today(OPENING)).await?;
    pools_fill(play).await?;
    a_fix_lands(play).await?;
    a_version_is_promoted(play).await?;
    a_morning_of_claims(play).await?;
    people_change_pools(play).await?;
    builds_fail(play).await?;
    drift_is_met(play).await?;
    a_disk_is_full(play).await?;
    the_last_minute(play).await?;
    play.at(today(&NOW[11..19]))
}

async fn people_join(play: &mut Play) -> anyhow::Result<()> {
    for (username, name, role) in [
        ("maria", "Maria Lindqvist", Role::TemplateAdmin),
        ("priya", "Priya Nair", Role::Member),
        ("tom", "Tom Becker", Role::Member),
        ("lena", "Lena Hoffmann", Role::Member),
        ("jonas", "Jonas Weber", Role::Member),
        ("wei", "Wei Zhang", Role::Member),
        ("olu", "Olu Adeyemi", Role::Auditor),
        ("sam", "Sam Carter", Role::Member),
    ] {
        play.hearth.clock.advance(TimeDelta::minutes(2));
        play.joins(username, name, role).await?;
    }
    let owner = play.owner()?;
    for (name, days, earlier) in [("grafana", 5, 3), ("ci-pipeline", 90, 2), ("laptop", 365, 0)] {
        play.at(beginning() + HOUR * (6 - earlier))?;
        let days = TimeDelta::days(days);
        tokens::create(&play.hearth, owner, name, days, &Origin::default()).await?;
    }
    accounts::change(&play.hearth, owner, "sam", &PersonAct::Suspend).await?;
    Ok(())
}

/// For measurements.
async fn plain_templates(play: &Play, presets: u32) -> anyhow::Result<()> {
    for n in 0..presets.div_ceil(10) {
        let name = format!("plain-{:02}", n + 1);
        let count = (presets - n * 10).min(10);
        let version = play.push("maria", None, ("v1", "Plain"), &templates::plain_source(count)?).await?;
        play.makes("maria", (&name, "", "One of many"), version).await?;
    }
    Ok(())
}

/// The versions that were there this morning, oldest first.
async fn templates_come(play: &Play) -> anyhow::Result<()> {
    let first = today("09:00:00") - TimeDelta::days(7) - HOUR;
    for (template, hours) in TEMPLATES.iter().zip(0..) {
        play.at(first - HOUR * 8 + HOUR * hours)?;
        let version = if template.name == "web" { "v11" } else { "v1" };
        let source = templates::source(template, version)?;
        let id = play.push("maria", None, (version, "First version"), &source).await?;
        play.makes("maria", (template.name, template.display_name, template.description), id).await?;
    }
    for (version, days, message) in
        [("v12", 5, "Node 24"), ("v13", 3, "Larger volumes for the database of sample orders")]
    {
        play.at(today("10:20:00") - TimeDelta::days(days))?;
        new_version(play, "web", (version, message), true).await?;
    }
    Ok(())
}

/// Pushes a version of a template, and makes it the active one if it is to be.
async fn new_version(
    play: &Play,
    template: &str,
    version: (&str, &str),
    promote: bool,
) -> anyhow::Result<VersionId> {
    let source = TEMPLATES.iter().find(|it| it.name == template).map(|it| templates::source(it, version.0));
    let source = source.unwrap_or_else(|| anyhow::bail!("no template is called {template}"))?;
    let id = template_id(play, template).await?;
    let pushed = play.push("maria", Some(id), version, &source).await?;
    if promote {
        acts_on_templates::promote(&play.hearth, play.person("maria")?, id, pushed).await?;
    }
    Ok(pushed)
}

async fn template_id(play: &Play, name: &str) -> anyhow::Result<TemplateId> {
    Ok(acts_on_templates::find_named(&play.hearth, play.organization, name).await?.id)
}

fn no_gpus() -> Diagnostic {
    Diagnostic {
        summary: "creating instance: quota exceeded for gpus".to_owned(),
        detail: "The project may have 4 of \"NVIDIA_A100_GPUS\" in europe-west4 and has 4.".to_owned(),
        ..templates::at_line("main.tf", 43)
    }
}

/// Every pool fills; those of `gpu` cannot, until nobody tries any more.
async fn pools_fill(play: &mut Play) -> anyhow::Result<()> {
    play.terraform.fails("gpu/a100", Some(no_gpus()));
    play.at(today(OPENING))?;
    play.pass().await?;
    play.work().await?;
    for _ in 0..2 {
        play.hearth.clock.advance(TimeDelta::minutes(4));
        play.pass().await?;
        play.work().await?;
    }
    play.rehearse().await
}

/// The first version of `docs` recreates a volume at each claim; the second does not.
async fn a_fix_lands(play: &mut Play) -> anyhow::Result<()> {
    let now = play.hearth.clock.now();
    play.at(today("09:44:00").max(now))?;
    play.claims("priya", ("docs", "default"), "handbook").await?;
    play.work().await?;
    new_version(play, "docs", ("v2", "Name the volume after the workspace"), true).await?;
    play.pass().await?;
    play.work().await?;
    play.rehearse().await
}

/// `web` gets another version; its pools are made anew.
async fn a_version_is_promoted(play: &mut Play) -> anyhow::Result<()> {
    play.at(today("10:04:00"))?;
    new_version(play, "web", ("v14", "Four large ones on weekdays, Node 24.11"), true).await?;
    play.pass().await?;
    play.work().await?;
    play.pass().await?;
    play.rehearse().await
}

/// A request, and what the reconciler and the workers make of it.
async fn a_claim(play: &mut Play, at: &str, who: &str, pool: (&str, &str), name: &str) -> anyhow::Result<()> {
    play.at(today(at))?;
    play.claims(who, pool, name).await?;
    play.work().await?;
    play.pass().await?;
    play.work().await
}

async fn a_morning_of_claims(play: &mut Play) -> anyhow::Result<()> {
    for (at, who, pool, name) in [
        ("10:31:12", "tom", ("web", "small"), "checkout"),
        ("10:38:40", "lena", ("web", "small"), "search-page"),
        ("10:44:05", "priya", ("data", "default"), "forecast"),
        ("10:51:27", "wei", ("ml", "small"), "embeddings"),
        ("10:56:50", "jonas", ("web", "large"), "load-test"),
    ] {
        a_claim(play, at, who, pool, name).await?;
    }
    reads_some(play).await?;
    // A schedule ends: in Berlin it is noon.
    play.at(today("11:00:00"))?;
    play.pass().await?;
    play.work().await?;
    for (at, who, pool, name) in [
        ("11:03:19", "tom", ("data", "default"), "churn"),
        ("11:08:44", "wei", ("web", "small"), "cart"),
        ("11:14:02", "priya", ("web", "small"), "i18n"),
    ] {
        a_claim(play, at, who, pool, name).await?;
    }
    Ok(())
}

async fn people_change_pools(play: &mut Play) -> anyhow::Result<()> {
    play.at(today("11:18:00"))?;
    new_version(play, "web", ("v15", "Try PostgreSQL 18"), false).await?;
    new_version(play, "web", ("v16", "Read presets from a file"), false).await?;
    play.at(today("11:22:30"))?;
    let note = "The emulator image is being rebuilt; back after lunch".to_owned();
    play.changes("maria", ("mobile", "android"), PoolAct::Pause { note }).await?;
    play.changes("maria", ("mobile", "android"), PoolAct::Invalidate).await?;
    play.at(today("11:24:00"))?;
    let reason = "Workshop with 5 more people this afternoon".to_owned();
    let more = PoolAct::Override { instances: 8, until: today("18:00:00"), reason };
    play.changes("maria", ("data", "notebook"), more).await?;
    play.at(today("11:25:00"))?;
    let reason = "Two visitors want to try the large one".to_owned();
    let more = PoolAct::Override { instances: 3, until: today("12:04:25"), reason };
    play.changes("maria", ("ml", "large"), more).await?;
    play.pass().await?;
    play.work().await?;
    play.at(today("11:34:00"))?;
    parks_one(play, ("web", "small")).await?;
    let (tom, checkout) = own(play, "tom", "checkout").await?;
    acts::stop_workspace(&play.hearth, tom, checkout).await?;
    play.work().await?;
    acknowledges(play, "kubernetes_pod.main").await?;
    play.pass().await?;
    play.work().await
}

/// Somebody's workspace.
async fn own<'a>(play: &'a Play, who: &str, name: &str) -> anyhow::Result<(&'a Actor, WorkspaceId)> {
    let owner = play.person(who)?;
    let mut conn = play.hearth.db.read().await?;
    let found = workspaces::by_owner_and_name(&mut conn, owner.user_id, name, false).await?;
    Ok((owner, found.with_context(|| format!("{who} has no {name}"))?.id))
}

/// The admin has read what came first.
async fn reads_some(play: &Play) -> anyhow::Result<()> {
    let owner = play.owner()?;
    let (told, _) = inbox::list(&play.hearth, owner, &Wanted::default()).await?;
    for first in told.iter().rev().take(2) {
        inbox::set_read(&play.hearth, owner, first.id, true).await?;
    }
    Ok(())
}

/// An admin stops the oldest member, to look into it.
async fn parks_one(play: &Play, pool: (&str, &str)) -> anyhow::Result<()> {
    if let Some(member) = play.members(pool).await?.first() {
        acts::stop_workspace(&play.hearth, play.person("maria")?, member.id).await?;
    }
    Ok(())
}

async fn acknowledges(play: &Play, address: &str) -> anyhow::Result<()> {
    let all = causes(&mut play.hearth.db.read().await?).await?;
    for cause in all.iter().filter(|it| it.address == address && it.status == CauseStatus::Open) {
        drift::acknowledge(&play.hearth, play.person("maria")?, cause.id).await?;
    }
    Ok(())
}

async fn builds_fail(play: &mut Play) -> anyhow::Result<()> {
    play.at(today("11:44:10"))?;
    play.claims("lena", ("gpu", "a100"), "finetune").await?;
    play.work().await?;
    // A claim build fails: the owner is told.
    let owner = play.owner()?.username.clone();
    let away = Diagnostic {
        summary: "updating container: the Docker daemon at 10.0.4.17 does not answer".to_owned(),
        ..templates::at_line("main.tf", 43)
    };
    play.terraform.fails("data/notebook", Some(away));
    play.at(today("11:47:00"))?;
    play.claims(&owner, ("data", "notebook"), "report").await?;
    play.work().await?;
    play.terraform.fails("data/notebook", None);
    play.pass().await?;
    play.work().await
}

async fn drift_is_met(play: &mut Play) -> anyhow::Result<()> {
    a_claim(play, "11:53:30", "jonas", ("data", "default"), "ranking").await?;
    a_claim(play, "11:57:07", "tom", ("web", "small"), "tom-web").await
}

/// What makes up for a claim fails.
async fn a_disk_is_full(play: &mut Play) -> anyhow::Result<()> {
    let gone = Diagnostic {
        summary: "creating container: no space left on device".to_owned(),
        ..templates::at_line("main.tf", 43)
    };
    play.at(today("12:00:40"))?;
    play.claims("wei", ("web", "large"), "perf").await?;
    play.work().await?;
    play.terraform.fails("web/large", Some(gone));
    play.pass().await?;
    play.work().await
}

/// The second build of `web/large` fails, and one of `ml/small` boots. Then so much happens at once that the reconciler
/// has not looked yet, and workers are busy.
async fn the_last_minute(play: &mut Play) -> anyhow::Result<()> {
    play.at(today("12:02:10"))?;
    play.claims("lena", ("ml", "small"), "vectors").await?;
    play.work().await?;
    play.at(today("12:02:20"))?;
    play.pass().await?;
    play.work_in_silence().await?;
    play.at(today("12:04:02"))?;
    play.claims("jonas", ("ml", "small"), "prompts").await?;
    play.work().await?;
    play.at(today("12:04:19"))?;
    play.pass().await?;
    play.begins(Lane::Pool, &log::init()).await?;
    people_are_busy(play).await?;
    play.at(today("12:04:24"))?;
    let id = template_id(play, "legacy").await?;
    let why = "The monolith is switched off. Use web instead.".to_owned();
    let archived = Edit { deprecation_message: Some(why), ..Edit::default() };
    acts_on_templates::edit(&play.hearth, play.person("maria")?, id, archived).await?;
    Ok(())
}

/// Workspaces of people in each stage that passes by.
async fn people_are_busy(play: &Play) -> anyhow::Result<()> {
    play.claims("wei", ("mobile", "ios"), "wallet").await?;
    play.work_in_silence().await?;
    for (who, pool, name) in [("priya", ("web", "large"), "bench-a"), ("wei", ("web", "try"), "sandbox")] {
        play.claims(who, pool, name).await?;
        play.begins(Lane::People, &[log::init(), log::plan(name)].concat()).await?;
    }
    play.claims("tom", ("web", "large"), "bench-b").await?;
    play.claims("priya", ("web", "try"), "scratch").await?;
    let (lena, search_page) = own(play, "lena", "search-page").await?;
    acts::stop_workspace(&play.hearth, lena, search_page).await?;
    let (jonas, load_test) = own(play, "jonas", "load-test").await?;
    acts::delete_workspace(&play.hearth, jonas, load_test).await?;
    Ok(())
}
