//! What `coder_agent.init_script` is: a shell script that fetches the agent from this server and becomes it.
//!
//! Templates put it where it forces a replacement when it changes (user data, an entry point), so its bytes depend on
//! the access URL and the platform alone: no build, no owner, no version.

use std::collections::BTreeMap;

const SCRIPT: &str = include_str!("init.sh");
const PLATFORMS: [(&str, &str); 4] =
    [("linux", "amd64"), ("linux", "arm64"), ("darwin", "amd64"), ("darwin", "arm64")];

/// By `<os>_<arch>`.
pub fn init_scripts(access_url: &str) -> BTreeMap<String, String> {
    let quoted = format!("'{}'", access_url.replace('\'', r"'\''"));
    let script = |(os, arch)| {
        let text = SCRIPT.replace("@ACCESS_URL@", &quoted).replace("@PLATFORM@", &format!("{os}-{arch}"));
        (format!("{os}_{arch}"), text)
    };
    PLATFORMS.map(script).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_depends_on_address_and_platform_alone() {
        let scripts = init_scripts("https://hearth.example");
        assert_eq!(scripts, init_scripts("https://hearth.example"));
        let script = &scripts["linux_amd64"];
        assert!(script.contains("url='https://hearth.example'") && script.contains("hearth-linux-amd64"));
        assert!(!script.contains('@'), "every placeholder is filled");
        assert_ne!(script, &scripts["linux_arm64"]);
    }
}
