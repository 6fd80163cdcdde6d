//! Updates in place that interrupt what runs, which a plan shows as harmless.
//!
//! No provider says so in its schema, so this is a short list of what people meet: machines that are stopped for a new
//! size or new user data, and containers that are started again by what looks after them.

use super::Disruption;
use crate::plan::Update;

const STOPPED: &str = "the machine is stopped and started";
const ROLLED: &str = "its containers are started anew";

const KNOWN: [(&str, &str, &str); 14] = [
    ("aws_instance", "user_data", STOPPED),
    ("aws_instance", "user_data_base64", STOPPED),
    ("aws_instance", "instance_type", STOPPED),
    ("google_compute_instance", "machine_type", STOPPED),
    ("google_compute_instance", "service_account", STOPPED),
    ("azurerm_linux_virtual_machine", "size", STOPPED),
    ("azurerm_windows_virtual_machine", "size", STOPPED),
    ("kubernetes_deployment", "spec", ROLLED),
    ("kubernetes_deployment_v1", "spec", ROLLED),
    ("kubernetes_stateful_set", "spec", ROLLED),
    ("kubernetes_stateful_set_v1", "spec", ROLLED),
    ("helm_release", "values", ROLLED),
    ("helm_release", "set", ROLLED),
    ("aws_ecs_service", "task_definition", ROLLED),
];

/// Whether an update of a resource of this type could be one of them.
pub(crate) fn may_disrupt(resource_type: &str) -> bool {
    KNOWN.iter().any(|(known, _, _)| *known == resource_type)
}

pub(crate) fn disruptions(updates: &[Update]) -> Vec<Disruption> {
    let mut found = Vec::new();
    for update in updates {
        let known = KNOWN.iter().filter(|(kind, _, _)| *kind == update.resource_type);
        for (_, attribute, effect) in known {
            let change = update.changes.iter().find(|change| top(&change.path) == *attribute);
            found.extend(change.map(|change| Disruption {
                address: update.address.clone(),
                path: change.path.clone(),
                effect: (*effect).to_owned(),
            }));
        }
    }
    found
}

fn top(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or_default()
}
