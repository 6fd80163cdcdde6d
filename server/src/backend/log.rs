//! Logs as pages show them: a part at a time, each line with its number in the whole.

use hearth_app::view::{LogLineView, LogPart};
use hearth_prebuilds::ids::{JobId, WorkspaceId};

use crate::{
    error::Result,
    store::{
        Conn,
        job_logs::{self, Extent},
        jobs::JobStatus,
        page::workspace,
    },
};

/// Of a job; the part after this line, or the newest.
pub async fn of_job(
    conn: &mut Conn,
    (job, status): (JobId, JobStatus),
    after: Option<i64>,
) -> Result<LogPart> {
    let extent = job_logs::extent(conn, job).await?;
    let skip = start(extent, after);
    let lines = job_logs::part(conn, job, skip, LogPart::LINES).await?;
    let lines = lines.into_iter().zip(skip + 1..).map(|(line, number)| LogLineView {
        number,
        at: line.created_at,
        level: line.level,
        stage: line.stage,
        output: line.output,
    });
    Ok(part(extent, lines, !status.is_open()))
}

/// Of all agents of a workspace. Agents may go on to write for as long as they run.
pub async fn of_agents(conn: &mut Conn, id: WorkspaceId, after: Option<i64>) -> Result<LogPart> {
    let extent = workspace::log_extent(conn, id).await?;
    let skip = start(extent, after);
    let lines = workspace::log_part(conn, id, skip, LogPart::LINES).await?;
    let lines = lines.into_iter().zip(skip + 1..).map(|(line, number)| LogLineView {
        number,
        at: line.created_at,
        level: line.level,
        stage: line.source,
        output: line.output,
    });
    Ok(part(extent, lines, false))
}

/// How many lines come before the part; what is asked for and not there is the newest.
fn start(extent: Extent, after: Option<i64>) -> i64 {
    let asked = after.filter(|after| (0..extent.total).contains(after));
    asked.unwrap_or_else(|| LogPart::start_for(extent.total))
}

fn part(extent: Extent, lines: impl Iterator<Item = LogLineView>, ended: bool) -> LogPart {
    let first_error = Some(extent.first_error).filter(|number| *number > 0);
    LogPart { lines: lines.collect(), total: extent.total, first_error, ended }
}
