//! What a build of Hearth never gives a template: keys and tokens of people, secrets, tasks. Where Terraform starts this
//! provider itself, whoever runs it may put them into the environment, under the names that `coder/coder` has for them.

use std::collections::BTreeMap;

use serde::Deserialize;
use uuid::Uuid;

use super::{
    validate::Problem,
    values::{Object, Value},
};

/// Empty in every build of Hearth.
#[derive(Clone, Default)]
pub struct Given {
    pub ssh_public_key: String,
    pub ssh_private_key: String,
    pub session_token: String,
    pub oidc_access_token: String,
    /// A JSON list of names, in the place of the owner's groups.
    pub groups: String,
    /// A JSON list of objects.
    pub rbac_roles: String,
    /// By the id of a `coder_external_auth`.
    pub access_tokens: BTreeMap<String, String>,
    /// By `ENV_<name>`, or `FILE_<path in hex>`.
    pub secrets: BTreeMap<String, String>,
    pub task: Option<Task>,
}

/// What an assistant is to do in the workspace.
#[derive(Clone)]
pub struct Task {
    pub id: Uuid,
    pub prompt: String,
}

#[derive(Deserialize)]
struct Role {
    name: String,
    org_id: String,
}

impl Given {
    /// `None`: the owner's groups are those that the build knows.
    pub fn groups(&self) -> Result<Option<Value>, Problem> {
        if self.groups.is_empty() {
            return Ok(None);
        }
        let names: Vec<String> = parse("CODER_WORKSPACE_OWNER_GROUPS", &self.groups)?;
        Ok(Some(Value::List(names.into_iter().map(Value::from).collect())))
    }

    pub fn rbac_roles(&self) -> Result<Value, Problem> {
        if self.rbac_roles.is_empty() {
            return Ok(Value::List(Vec::new()));
        }
        let roles: Vec<Role> = parse("CODER_WORKSPACE_OWNER_RBAC_ROLES", &self.rbac_roles)?;
        let role = |Role { name, org_id }| {
            let members = [("name", name), ("org_id", org_id)];
            Value::Map(Object::from(members.map(|(key, value)| (key.to_owned(), value.into()))))
        };
        Ok(Value::List(roles.into_iter().map(role).collect()))
    }

    pub fn access_token(&self, id: &str) -> &str {
        self.access_tokens.get(id).map_or("", String::as_str)
    }

    /// `kind` is the argument that names it: `env` or `file`.
    pub fn secret(&self, kind: &str, name: &str) -> &str {
        let key = if kind == "env" { format!("ENV_{name}") } else { format!("FILE_{}", hex::encode(name)) };
        self.secrets.get(&key).map_or("", String::as_str)
    }

    pub fn prompt(&self) -> &str {
        self.task.as_ref().map_or("", |task| &task.prompt)
    }
}

fn parse<T: for<'a> Deserialize<'a>>(variable: &str, json: &str) -> Result<T, Problem> {
    serde_json::from_str(json).map_err(|error| {
        Problem::general(format!("{variable} cannot be read"), format!("It must be a JSON list: {error}."))
    })
}
