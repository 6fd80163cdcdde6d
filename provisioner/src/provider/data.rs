//! What each data source says. Terraform reads them at every plan, also without a refresh.

use uuid::Uuid;

use super::{
    Provider, parameter,
    validate::Problem,
    value_of,
    values::{Fields, Object, Value},
};

/// A data source's attributes, or why it has none.
type Answer = Result<Object, Vec<Problem>>;

impl Provider {
    /// Reads one data source: `config` is complete by its schema, with null for whatever the provider gives.
    pub(super) fn read_data(&self, type_name: &str, config: Object) -> Answer {
        match type_name {
            "coder_workspace" => Ok(self.workspace(config)),
            "coder_workspace_owner" => self.workspace_owner(config).map_err(|problem| vec![problem]),
            "coder_provisioner" => Ok(provisioner(config)),
            "coder_parameter" => self.parameter(config),
            "coder_workspace_preset" => Ok(preset(config)),
            "coder_external_auth" => {
                let token = self.data.given.access_token(config.text("id")).into();
                Ok(with(config, [("access_token", token)]))
            }
            "coder_secret" => self.secret(config),
            "coder_task" => Ok(self.task(config)),
            _ => Ok(with(config, [("id", Value::random_id())])),
        }
    }

    fn workspace(&self, config: Object) -> Object {
        let (data, workspace) = (&self.data, &self.data.workspace);
        // A claim wins: what the pool member was does not matter any more.
        let is_prebuild = data.is_prebuild && !data.is_prebuild_claim;
        let transition = if data.transition.is_empty() { "start" } else { data.transition };
        let url = self.access_url();
        with(
            config,
            [
                ("id", id_or_random(workspace.id)),
                ("name", or(&workspace.name, "default")),
                ("transition", transition.into()),
                ("start_count", count(transition == "start")),
                ("is_prebuild", is_prebuild.into()),
                ("prebuild_count", count(is_prebuild)),
                ("is_prebuild_claim", data.is_prebuild_claim.into()),
                ("template_id", id_or_random(workspace.template_id)),
                ("template_name", workspace.template_name.as_str().into()),
                ("template_version", workspace.template_version.as_str().into()),
                ("access_port", Value::Number(port_of(&url).into())),
                ("access_url", url.into()),
            ],
        )
    }

    /// Hearth gives templates no credential of a person: keys and tokens are empty in its builds.
    fn workspace_owner(&self, config: Object) -> Result<Object, Problem> {
        let (owner, given) = (&self.data.owner, &self.data.given);
        let groups = || Value::List(owner.groups.iter().map(|group| group.as_str().into()).collect());
        Ok(with(
            config,
            [
                ("id", id_or_random(owner.id)),
                ("name", or(&owner.username, "default")),
                ("full_name", or(&owner.full_name, "default")),
                ("email", or(&owner.email, "default@example.com")),
                ("ssh_public_key", given.ssh_public_key.as_str().into()),
                ("ssh_private_key", given.ssh_private_key.as_str().into()),
                ("groups", given.groups()?.unwrap_or_else(groups)),
                ("session_token", given.session_token.as_str().into()),
                ("oidc_access_token", given.oidc_access_token.as_str().into()),
                ("login_type", owner.login_type.as_str().into()),
                ("rbac_roles", given.rbac_roles()?),
            ],
        ))
    }

    fn task(&self, config: Object) -> Object {
        let given = &self.data.given;
        let id = given.task.as_ref().map_or_else(Value::random_id, |task| task.id.to_string().into());
        let values =
            [("id", id), ("prompt", given.prompt().into()), ("enabled", given.task.is_some().into())];
        with(config, values)
    }

    fn parameter(&self, mut config: Object) -> Answer {
        let problems = parameter::check_definition(&config);
        if !problems.is_empty() {
            return Err(problems);
        }
        let value = self.parameter_value(&config)?;
        if let Some(Value::List(validations)) = config.get_mut("validation") {
            for validation in validations {
                note_disabled_bounds(validation);
            }
        }
        let has_default = !config.value("default").is_null();
        let form_type = parameter::form_type(&config);
        Ok(with(
            config,
            [
                ("id", Value::random_id()),
                ("value", value.into()),
                ("optional", has_default.into()),
                ("form_type", form_type.into()),
            ],
        ))
    }

    /// The workspace's value, else the default.
    fn parameter_value(&self, parameter: &Object) -> Result<String, Vec<Problem>> {
        let name = parameter.text("name");
        let Some(value) = value_of(&self.data.parameters, name) else {
            if let Some(default) = parameter.value("default").as_str() {
                return Ok(default.to_owned());
            }
            if self.data.demands_values() {
                let detail =
                    format!("Parameter \"{name}\" has no default, and the workspace gives no value.");
                return Err(vec![Problem::general(format!("Parameter \"{name}\" is required"), detail)]);
            }
            return Ok(parameter::placeholder(parameter));
        };
        if self.data.demands_values() {
            let previous = value_of(&self.data.previous_parameters, name);
            let problems = parameter::check_value(parameter, value, previous);
            if !problems.is_empty() {
                return Err(problems
                    .into_iter()
                    .map(|p| p.titled(format!("Parameter \"{name}\"")))
                    .collect());
            }
        }
        Ok(value.to_owned())
    }

    fn secret(&self, config: Object) -> Answer {
        let kind = if config.value("env").is_null() { "file" } else { "env" };
        let name = config.text(kind).to_owned();
        let value = self.data.given.secret(kind, &name);
        if value.is_empty() && self.data.demands_values() {
            let detail =
                format!("Hearth holds no secret for {kind} \"{name}\". {}", config.text("help_message"));
            return Err(vec![Problem::general("Secret is missing", detail)]);
        }
        Ok(with(config, [("id", format!("{kind}:{name}").into()), ("value", value.into())]))
    }
}

/// The machine that runs Terraform.
fn provisioner(config: Object) -> Object {
    let os = if std::env::consts::OS == "macos" { "darwin" } else { std::env::consts::OS };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "arm" => "armv7",
        other => other,
    };
    with(config, [("id", Value::random_id()), ("os", os.into()), ("arch", arch.into())])
}

/// The id of a preset is its name: the same at every read.
fn preset(config: Object) -> Object {
    let id = config.value("name").clone();
    with(config, [("id", id)])
}

fn note_disabled_bounds(validation: &mut Value) {
    if let Value::Map(validation) = validation {
        for (bound, disabled) in [("min", "min_disabled"), ("max", "max_disabled")] {
            let is_null = validation.value(bound).is_null();
            validation.insert(disabled.to_owned(), is_null.into());
        }
    }
}

fn with<const N: usize>(mut object: Object, values: [(&str, Value); N]) -> Object {
    object.extend(values.map(|(name, value)| (name.to_owned(), value)));
    object
}

fn or(text: &str, default: &str) -> Value {
    if text.is_empty() { default.into() } else { text.into() }
}

fn count(present: bool) -> Value {
    Value::Number(if present { 1.0 } else { 0.0 })
}

/// While a version is imported there is no workspace, no owner and no template yet.
fn id_or_random(id: Uuid) -> Value {
    if id.is_nil() { Value::random_id() } else { id.to_string().into() }
}

fn port_of(url: &str) -> u16 {
    let Ok(uri) = url.parse::<http::Uri>() else { return 80 };
    let default = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    uri.port_u16().unwrap_or(default)
}
