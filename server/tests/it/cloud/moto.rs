//! A cloud on this machine: moto answers as AWS does, and the machines that it pretends to run boot here, as processes.

use std::{
    collections::{HashMap, hash_map::Entry},
    env, fs,
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use regex::Regex;
use reqwest::Client;
use tokio::{
    process::{Child, Command},
    task::JoinHandle,
};

use crate::support::site::Ground;

/// Moto reads from the signature which service is meant, and checks nothing of it.
const SIGNED: &str =
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0";

pub struct Moto {
    http: Client,
    pub url: String,
}

impl Moto {
    /// The one that `cargo xtask test-cloud` has started.
    pub fn running(http: Client) -> Arc<Self> {
        let url = env::var("HEARTH_TEST_CLOUD").expect("HEARTH_TEST_CLOUD, set by `cargo xtask test-cloud`");
        Arc::new(Self { http, url })
    }

    async fn ask(&self, action: &str, parameters: &[(&str, &str)]) -> String {
        let form =
            [("Version", "2016-11-15"), ("Action", action)].into_iter().chain(parameters.iter().copied());
        let form = form.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        let request = self.http.post(&self.url).header("authorization", SIGNED);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        request.send().await.unwrap().error_for_status().unwrap().text().await.unwrap()
    }

    /// Ids of the machines that run.
    pub async fn machines(&self) -> Vec<String> {
        let running = [("Filter.1.Name", "instance-state-name"), ("Filter.1.Value.1", "running")];
        every("instanceId", &self.ask("DescribeInstances", &running).await)
    }

    /// Ids of the disks that workspaces have; moto comes with others.
    pub async fn disks(&self) -> Vec<String> {
        let ours = [("Filter.1.Name", "tag-key"), ("Filter.1.Value.1", "Workspace")];
        every("volumeId", &self.ask("DescribeVolumes", &ours).await)
    }

    /// The script that a machine starts with.
    async fn first_script(&self, machine: &str) -> Vec<u8> {
        let which = [("InstanceId", machine), ("Attribute", "userData")];
        let answer = self.ask("DescribeInstanceAttribute", &which).await;
        STANDARD.decode(&every("value", &answer)[0]).unwrap()
    }

    /// Boots every machine that appears, and pulls the plug of every one that goes.
    pub fn boot_machines(self: &Arc<Self>) -> Hypervisor {
        let moto = self.clone();
        Hypervisor(tokio::spawn(async move {
            let mut booted = HashMap::new();
            loop {
                let running = moto.machines().await;
                booted.retain(|machine, _| running.contains(machine));
                for machine in running {
                    if let Entry::Vacant(place) = booted.entry(machine) {
                        let script = moto.first_script(place.key()).await;
                        place.insert(boot(&script));
                    }
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }))
    }
}

/// What stands between the tags of this name.
fn every(tag: &str, xml: &str) -> Vec<String> {
    let element = Regex::new(&format!("<{tag}>([^<]+)</{tag}>")).unwrap();
    let mut found = Vec::from_iter(element.captures_iter(xml).map(|found| found[1].to_owned()));
    found.sort();
    found.dedup();
    found
}

/// Its processes end with it.
pub struct Hypervisor(JoinHandle<()>);

impl Drop for Hypervisor {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn boot(script: &[u8]) -> (Ground, Child) {
    let ground = Ground::new();
    let home = ground.path().join("home");
    fs::create_dir(&home).unwrap();
    fs::write(home.join("first"), script).unwrap();
    let mut machine = Command::new("sh");
    machine.arg("first").current_dir(&home).env_clear();
    machine.env("HOME", &home).env("PATH", env::var_os("PATH").unwrap_or_default());
    machine.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    (ground, machine.spawn().unwrap())
}
