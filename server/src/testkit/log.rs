//! What Terraform says, line by line.

use hearth_provisioner::{
    engine::{LogLevel, Stage},
    error::Diagnostic,
};

/// How many layers the image of a full log has: so long a log is not seen at once.
const LAYERS: u32 = 192;

/// Errors and warnings say their word, as Terraform's do.
pub fn level(line: &str) -> LogLevel {
    match line {
        _ if line.contains("Error:") => LogLevel::Error,
        _ if line.contains("Warning:") => LogLevel::Warn,
        _ => LogLevel::Info,
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

pub fn import() -> Vec<String> {
    lines(
        "Initializing provider plugins...\n- Using previously-installed kreuzwerker/docker v3.6.2\nReading parameters and presets",
    )
}

pub fn init() -> Vec<String> {
    lines(
        "Initializing the backend...\nInitializing provider plugins...\n- Reusing previous version of coder/coder from the \
         dependency lock file\n- Using previously-installed coder/coder v2.13.1\n- Using previously-installed \
         kreuzwerker/docker v3.6.2\n\u{1b}[32mTerraform has been successfully initialized!\u{1b}[0m",
    )
}

pub fn plan(pool: &str) -> Vec<String> {
    lines(&format!(
        "data.coder_workspace.me: Refreshing...\ndata.coder_parameter.size: Refreshing...\n\u{1b}[1mPlanning {pool}\u{1b}[0m\n\
         docker_container.workspace[0]: Plan to create\ndocker_volume.home: Plan to create"
    ))
}

/// The apply. A `full` one has the layers of an image in it, colours, and a line that a browser must not take for more
/// than text.
pub fn apply(stage: Stage, full: bool) -> Vec<String> {
    match stage {
        Stage::Stop | Stage::Delete => lines(
            "docker_container.workspace[0]: Destroying...\ndocker_container.workspace[0]: Destruction complete after 3s",
        ),
        Stage::Claim => {
            lines("coder_agent.main: Modifying...\ncoder_agent.main: Modifications complete after 0s")
        }
        Stage::Create | Stage::Start if full => [pulled(), started()].concat(),
        Stage::Create | Stage::Start => started(),
    }
}

fn pulled() -> Vec<String> {
    let mut lines = lines(
        "docker_image.workspace: Creating...\n\u{1b}[36mPulling codercom/enterprise-base:ubuntu\u{1b}[0m\n\
         \u{1b}[33mWarning: image is 1.4 GB, a smaller one starts faster\u{1b}[0m\n\
         motd: <script>document.title = \"taken over\"</script> & <b>bold</b>",
    );
    let layer = |n: u32| {
        let (id, size) = (n.wrapping_mul(2_654_435_761), n * 37 % 90 + 4);
        format!("{id:08x}: \u{1b}[32mPull complete\u{1b}[0m {size:>3} MB")
    };
    lines.extend((1..=LAYERS).map(layer));
    lines.push("docker_image.workspace: Creation complete after 21s".to_owned());
    lines
}

fn started() -> Vec<String> {
    lines(
        "docker_volume.home: Creating...\ndocker_volume.home: Creation complete after 0s\n\
         docker_container.workspace[0]: Creating...\ndocker_container.workspace[0]: Still creating... [10s elapsed]\n\
         docker_container.workspace[0]: Creation complete after 14s\n\
         \u{1b}[32mApply complete! Resources: 3 added, 0 changed, 0 destroyed.\u{1b}[0m",
    )
}

/// As Terraform prints a diagnostic.
pub fn error(diagnostic: &Diagnostic) -> Vec<String> {
    let mut lines = vec![format!("\u{1b}[31mError:\u{1b}[0m {}", diagnostic.summary)];
    if let (Some(file), Some(line)) = (&diagnostic.file, diagnostic.line) {
        lines.push(format!("  on {file} line {line}"));
    }
    if !diagnostic.detail.is_empty() {
        lines.push(diagnostic.detail.clone());
    }
    lines
}
