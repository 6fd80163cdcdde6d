//! The data sources of `coder/coder`.

use super::{Attribute, Block, Nested, Type, attribute, boolean, map, number, string};
use crate::provider::{
    parameter, preset,
    validate::{Check, Rule, is_environment_name},
};

/// Every data source by its type name.
pub const DATA_SOURCES: &[(&str, Block)] = &[
    ("coder_workspace", WORKSPACE),
    ("coder_workspace_owner", WORKSPACE_OWNER),
    ("coder_provisioner", PROVISIONER),
    ("coder_parameter", PARAMETER),
    ("coder_workspace_preset", WORKSPACE_PRESET),
    ("coder_workspace_tags", WORKSPACE_TAGS),
    ("coder_external_auth", EXTERNAL_AUTH),
    ("coder_secret", SECRET),
    ("coder_task", TASK),
];

const ID: Attribute = string("id").computed();

const WORKSPACE: Block = Block::new(&[
    ID,
    string("name").computed(),
    string("transition").computed(),
    number("start_count").computed(),
    boolean("is_prebuild").computed(),
    number("prebuild_count").computed(),
    boolean("is_prebuild_claim").computed(),
    string("template_id").computed(),
    string("template_name").computed(),
    string("template_version").computed(),
    string("access_url").computed(),
    number("access_port").computed(),
]);

const WORKSPACE_OWNER: Block = Block::new(&[
    ID,
    string("name").computed(),
    string("full_name").computed(),
    string("email").computed(),
    string("ssh_public_key").computed(),
    string("ssh_private_key").computed().sensitive(),
    attribute("groups", Type::List(&Type::String)).computed(),
    string("session_token").computed().sensitive(),
    string("oidc_access_token").computed().sensitive(),
    string("login_type").computed(),
    attribute("rbac_roles", Type::List(&Type::Object(&[string("name"), string("org_id")]))).computed(),
]);

const PROVISIONER: Block = Block::new(&[ID, string("os").computed(), string("arch").computed()]);

const PARAMETER: Block = Block::new(&[
    ID,
    string("value").computed(),
    string("name").required().check(Check::NotEmpty),
    string("display_name"),
    string("description"),
    string("type").or_text("string").check(Check::OneOf(&["string", "number", "bool", "list(string)"])),
    string("form_type").optional_computed(),
    string("styling").or_text("{}").check(Check::Json),
    boolean("mutable").or_bool(false),
    string("default"),
    string("icon"),
    boolean("optional").computed(),
    number("order"),
    boolean("ephemeral").or_bool(false),
])
.blocks(&[
    Nested::list(
        "option",
        &Block::new(&[
            string("name").required(),
            string("value").required(),
            string("description"),
            string("icon"),
        ]),
    ),
    Nested::list(
        "validation",
        &Block::new(&[
            number("min"),
            number("max"),
            boolean("min_disabled").computed(),
            boolean("max_disabled").computed(),
            string("monotonic").check(Check::OneOf(&["increasing", "decreasing"])),
            string("regex").check(Check::Regex),
            string("error"),
        ]),
    )
    .at_most_one(),
])
.rules(&[
    Rule::Unique { block: "option", key: "name" },
    Rule::Unique { block: "option", key: "value" },
    Rule::Custom(parameter::check_definition),
]);

const WORKSPACE_PRESET: Block = Block::new(&[
    ID,
    string("name").required().check(Check::NotEmpty),
    string("description").check(Check::AtMost(128)),
    string("icon").check(Check::AtMost(256)),
    boolean("default").or_bool(false),
    map("parameters"),
])
.blocks(&[Nested::set("prebuilds", &PREBUILDS).at_most_one()])
.rules(&[Rule::Custom(preset::check_parameters)]);

const PREBUILDS: Block = Block::new(&[number("instances").required().check(Check::AtLeast(0))]).blocks(&[
    Nested::set(
        "expiration_policy",
        &Block::new(&[number("ttl").required()]).rules(&[Rule::Custom(preset::check_ttl)]),
    )
    .at_most_one(),
    Nested::list(
        "scheduling",
        &Block::new(&[string("timezone").required().check(Check::NotEmpty)])
            .blocks(&[Nested::list("schedule", &SCHEDULE).at_least_one()]),
    )
    .at_most_one(),
]);

const SCHEDULE: Block = Block::new(&[
    string("cron")
        .required()
        .check(Check::Form { matches: preset::is_schedule, what: preset::SCHEDULE_FORM }),
    number("instances").required().check(Check::AtLeast(0)),
]);

const WORKSPACE_TAGS: Block = Block::new(&[ID, map("tags")]);

const EXTERNAL_AUTH: Block = Block::new(&[
    string("id").required(),
    string("access_token").computed().sensitive(),
    boolean("optional").or_bool(false),
]);

const SECRET: Block = Block::new(&[
    ID,
    string("env")
        .check(Check::Form { matches: is_environment_name, what: "the name of an environment variable" }),
    string("file").check(Check::Form {
        matches: |path| path.starts_with('/') || path.starts_with("~/"),
        what: "a path that starts with \"/\" or \"~/\"",
    }),
    string("help_message").required(),
    string("value").computed().sensitive(),
])
.rules(&[Rule::ExactlyOne(&["env", "file"])]);

const TASK: Block = Block::new(&[ID, string("prompt").computed(), boolean("enabled").computed()]);
