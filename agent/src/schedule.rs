//! Scripts with a schedule.

use std::sync::Arc;

use chrono::Local;
use croner::parser::{CronParser, Seconds};
use tokio_util::sync::CancellationToken;

use crate::{
    clock,
    protocol::{LogLevel, Script},
    round::Scene,
    scripts,
};

/// Runs a script at each of its instants, in the workspace's own time zone. One that passes while the script still
/// runs is left out.
pub async fn follow(scene: Arc<Scene>, script: Script, cancel: CancellationToken) {
    let cron = match CronParser::builder().seconds(Seconds::Required).build().parse(&script.cron) {
        Ok(cron) => cron,
        Err(error) => {
            let name = &script.display_name;
            let line = format!("{name} has no usable schedule (`{}`): {error}", script.cron);
            scene.logs.say(LogLevel::Error, line);
            return;
        }
    };
    loop {
        let now = clock::now().with_timezone(&Local);
        // A schedule may have no next instant, such as the 30th of February.
        let Ok(next) = cron.find_next_occurrence(&now, false) else { return };
        let wait = (next - now).to_std().unwrap_or_default();
        if cancel.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
            return;
        }
        scripts::run(&scene, &script, &cancel).await;
    }
}
