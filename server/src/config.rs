//! Settings of the server: flags, or the `HEARTH_*` variable of the same name. The doc comments are the `--help` text.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args;
use hearth_prebuilds::snapshot::Settings;

/// Settings of `hearth serve`.
#[derive(Args, Clone)]
pub struct Config {
    /// Folder for the database (if embedded), template sources and workspaces' working folders
    #[arg(long, env = "HEARTH_DATA_DIR", default_value = "./hearth-data")]
    pub data_dir: PathBuf,

    /// Address to listen on
    #[arg(long, env = "HEARTH_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,

    /// URL under which browsers and agents reach this server [default: http://<listen>]
    #[arg(long, env = "HEARTH_ACCESS_URL")]
    pub access_url: Option<String>,

    /// postgres://... for PostgreSQL; without it an embedded SQLite file in the data folder is used
    #[arg(long, env = "HEARTH_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,

    /// Seconds between passes when nothing happens; events and schedules wake the reconciler besides
    #[arg(long, env = "HEARTH_RECONCILE_INTERVAL", default_value = "60", value_parser = seconds)]
    pub reconcile_interval: Duration,

    /// Seconds that each failed build adds to the wait before the next creation
    #[arg(long, env = "HEARTH_BACKOFF_INTERVAL", default_value = "60", value_parser = seconds)]
    pub backoff_interval: Duration,

    /// Seconds for which a failed build counts
    #[arg(long, env = "HEARTH_BACKOFF_LOOKBACK", default_value = "3600", value_parser = seconds)]
    pub backoff_lookback: Duration,

    /// So many failed builds in a row stop creation for a preset; 0 = never
    #[arg(long, env = "HEARTH_FAILURE_HARD_LIMIT", default_value_t = 3)]
    pub failure_hard_limit: u32,

    /// Days for which the reconciler's decisions are kept; the newest of each preset stays in any case
    #[arg(long, env = "HEARTH_DECISIONS_KEEP_DAYS", default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub decisions_keep_days: u32,

    /// So many decisions are kept of each preset
    #[arg(long, env = "HEARTH_DECISIONS_KEEP_COUNT", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub decisions_keep_count: u32,

    /// Builds that run at the same time; at least 2, because the last worker is kept for people
    #[arg(long, env = "HEARTH_WORKERS", default_value_t = 3, value_parser = clap::value_parser!(u32).range(2..=64))]
    pub workers: u32,

    /// 32 bytes as 64 hex digits that seal Terraform states; without it a key file is made in the data folder
    #[arg(long, env = "HEARTH_SECRETS_KEY", hide_env_values = true)]
    pub secrets_key: Option<String>,

    /// The key before this one: at start everything is sealed again with the new key, and this one may go
    #[arg(long, env = "HEARTH_SECRETS_KEY_PREVIOUS", hide_env_values = true)]
    pub secrets_key_previous: Option<String>,

    /// Path of `terraform` or `tofu` [default: found on PATH]
    #[arg(long, env = "HEARTH_TERRAFORM")]
    pub terraform: Option<PathBuf>,

    /// Names of variables that builds may see besides the built-in list (credentials of cloud providers), comma-separated
    #[arg(long, env = "HEARTH_PROVIDER_ENV", value_delimiter = ',')]
    pub provider_env: Vec<String>,

    /// Make a demo admin, import the sample templates and fill their pools
    #[arg(long, env = "HEARTH_DEMO")]
    pub demo: bool,

    /// First admin's name; with e-mail and password no set-up code is needed
    #[arg(long, env = "HEARTH_ADMIN_USERNAME")]
    pub admin_username: Option<String>,

    /// First admin's e-mail address
    #[arg(long, env = "HEARTH_ADMIN_EMAIL")]
    pub admin_email: Option<String>,

    /// First admin's password
    #[arg(long, env = "HEARTH_ADMIN_PASSWORD", hide_env_values = true)]
    pub admin_password: Option<String>,

    /// Stand still at this instant: no pass, no build and no import happens by itself
    #[cfg(feature = "testkit")]
    #[arg(long, hide = true)]
    pub test_now: Option<chrono::DateTime<chrono::Utc>>,

    /// What is handed out as the agent, instead of this binary; for tests.
    #[arg(skip)]
    pub agent_binary: Option<PathBuf>,
}

impl Config {
    /// The limits of the reconciler, without the pause, which is kept in the database.
    pub fn limits(&self) -> Settings {
        Settings {
            backoff_interval_seconds: self.backoff_interval.as_secs(),
            backoff_lookback_seconds: self.backoff_lookback.as_secs(),
            failure_hard_limit: self.failure_hard_limit,
            ..Settings::default()
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: u64 = text.parse().map_err(|_| format!("`{text}` is not a whole number of seconds"))?;
    if seconds == 0 { Err("must be at least 1 second".to_owned()) } else { Ok(Duration::from_secs(seconds)) }
}
