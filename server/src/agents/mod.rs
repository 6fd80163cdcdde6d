//! Server side of the agent protocol: the protocol's types on one side, the store's on the other.

pub mod init_script;
pub mod reinit;

use hearth_agent::protocol::{
    Heartbeat, Lifecycle, LifecycleReport, LogAcknowledged, LogBatch, LogLevel, Manifest, MetadataItem,
    MetadataReport, ReinitAcknowledge, Script, ScriptCompleted, ScriptStatus,
};
use hearth_prebuilds::ids::BuildId;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    events::Event,
    hearth::Hearth,
    store::{
        Timestamp,
        agent_logs::{self, NewLine},
        agent_parts::{self, MetadataRow, ScriptEnd, ScriptRow},
        agents::{self, Caller},
    },
};

/// What one call may bring; the agent sends less.
const BATCH_LINES: usize = 1000;
const METADATA_ITEMS: usize = 256;
const METADATA_BYTES: usize = 2048;

pub async fn manifest(hearth: &Hearth, caller: &Caller) -> Result<Manifest> {
    let mut conn = hearth.db.snapshot().await?;
    let row = agents::manifest(&mut conn, caller.id).await?;
    let scripts = agent_parts::scripts(&mut conn, caller.id).await?;
    let metadata = agent_parts::metadata(&mut conn, caller.id).await?;
    Ok(Manifest {
        agent_id: caller.id.0,
        agent_name: row.name,
        workspace_id: caller.workspace_id.0,
        workspace_name: row.workspace_name,
        build_id: row.build_id.0,
        owner_id: row.owner_id,
        owner_username: row.owner_username,
        owner_email: row.owner_email,
        directory: row.directory,
        environment: row.environment.0,
        scripts: scripts.into_iter().map(script).collect(),
        metadata: metadata.into_iter().map(metadata_item).collect(),
    })
}

fn script(row: ScriptRow) -> Script {
    Script {
        id: row.id,
        display_name: row.display_name,
        script: row.script,
        cron: row.cron,
        run_on_start: row.run_on_start,
        run_on_stop: row.run_on_stop,
        start_blocks_login: row.start_blocks_login,
        timeout_seconds: row.timeout_seconds.try_into().unwrap_or_default(),
    }
}

fn metadata_item(row: MetadataRow) -> MetadataItem {
    MetadataItem {
        key: row.key,
        script: row.script,
        interval_seconds: row.interval_seconds.try_into().unwrap_or_default(),
        timeout_seconds: row.timeout_seconds.try_into().unwrap_or_default(),
    }
}

/// The engine wakes on it, because a member that got ready is one that can be claimed.
pub async fn report_lifecycle(hearth: &Hearth, caller: &Caller, report: &LifecycleReport) -> Result<()> {
    // A clock in a workspace may be ahead; ours is the one that durations are measured with.
    let changed_at = report.changed_at.min(hearth.clock.now());
    let mut tx = hearth.db.write().await?;
    agents::set_lifecycle(&mut tx, caller.id, lifecycle(report.state), changed_at).await?;
    agents::refresh_ready(&mut tx, caller.workspace_id).await?;
    tx.commit().await?;
    publish(hearth, caller);
    Ok(())
}

pub async fn acknowledge_reinit(hearth: &Hearth, caller: &Caller, body: &ReinitAcknowledge) -> Result<()> {
    let mut tx = hearth.db.write().await?;
    agents::acknowledge_reinit(&mut tx, caller.id, BuildId(body.build_id)).await?;
    agents::refresh_ready(&mut tx, caller.workspace_id).await?;
    tx.commit().await?;
    publish(hearth, caller);
    Ok(())
}

fn publish(hearth: &Hearth, caller: &Caller) {
    hearth.events.publish(Event::Workspace(caller.workspace_id));
    if let Some(preset) = caller.preset() {
        hearth.events.publish(Event::Preset(preset));
    }
}

pub async fn heartbeat(hearth: &Hearth, caller: &Caller, beat: &Heartbeat) -> Result<()> {
    let mut tx = hearth.db.write().await?;
    agents::heartbeat(&mut tx, caller.id, &clean(&beat.version), hearth.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

pub async fn append_logs(hearth: &Hearth, caller: &Caller, batch: LogBatch) -> Result<LogAcknowledged> {
    if batch.lines.len() > BATCH_LINES {
        return Err(Error::invalid("lines", format!("At most {BATCH_LINES} at a time.")));
    }
    let next = batch.first.saturating_add(batch.lines.len() as i64);
    let lines = (batch.first..).zip(batch.lines).map(|(sequence, line)| NewLine {
        sequence,
        at: Timestamp::from(line.created_at).0,
        level: level(line.level),
        source: clean(&line.source),
        output: clean(&line.output),
    });
    let mut tx = hearth.db.write().await?;
    agent_logs::append(&mut tx, caller.id, batch.run_id, lines.collect()).await?;
    tx.commit().await?;
    hearth.events.publish(Event::Workspace(caller.workspace_id));
    Ok(LogAcknowledged { next })
}

pub async fn script_completed(
    hearth: &Hearth,
    caller: &Caller,
    script: Uuid,
    end: &ScriptCompleted,
) -> Result<()> {
    let end = ScriptEnd {
        exit_code: end.exit_code.into(),
        status: status(end.status),
        started_at: end.started_at,
        finished_at: end.finished_at,
    };
    let mut tx = hearth.db.write().await?;
    if !agent_parts::script_completed(&mut tx, caller.id, script, end).await? {
        return Err(Error::NotFound("The script"));
    }
    tx.commit().await?;
    hearth.events.publish(Event::Workspace(caller.workspace_id));
    Ok(())
}

pub async fn report_metadata(hearth: &Hearth, caller: &Caller, report: &MetadataReport) -> Result<()> {
    if report.items.len() > METADATA_ITEMS {
        return Err(Error::invalid("items", format!("At most {METADATA_ITEMS} at a time.")));
    }
    let mut tx = hearth.db.write().await?;
    for item in &report.items {
        let [value, error] =
            [&item.value, &item.error].map(|text| cut(&clean(text), METADATA_BYTES).to_owned());
        let value = agent_parts::MetadataValue { value, error, collected_at: item.collected_at };
        agent_parts::put_metadata_value(&mut tx, caller.id, &item.key, &value).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// PostgreSQL keeps no NUL in texts.
fn clean(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

fn lifecycle(state: Lifecycle) -> &'static str {
    match state {
        Lifecycle::Created => "created",
        Lifecycle::Starting => "starting",
        Lifecycle::Ready => "ready",
        Lifecycle::StartError => "start_error",
        Lifecycle::StartTimeout => "start_timeout",
        Lifecycle::ShuttingDown => "shutting_down",
        Lifecycle::ShutdownError => "shutdown_error",
        Lifecycle::ShutdownTimeout => "shutdown_timeout",
        Lifecycle::Off => "off",
    }
}

fn level(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warn => "warn",
        LogLevel::Error => "error",
    }
}

fn status(status: ScriptStatus) -> &'static str {
    match status {
        ScriptStatus::Ok => "ok",
        ScriptStatus::ExitFailure => "exit_failure",
        ScriptStatus::TimedOut => "timed_out",
    }
}
