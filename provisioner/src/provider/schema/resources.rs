//! The resources of `coder/coder`. A change of any argument replaces the resource: they are records, not machines.

use croner::parser::{CronParser, Seconds};

use super::{Attribute, Block, Nested, agent::AGENT, boolean, number, string};
use crate::provider::validate::{Check, Rule, is_environment_name, is_slug};

/// Every resource by its type name.
pub const RESOURCES: &[(&str, Block)] = &[
    ("coder_agent", AGENT),
    ("coder_agent_instance", AGENT_INSTANCE),
    ("coder_app", APP),
    ("coder_env", ENV),
    ("coder_script", SCRIPT),
    ("coder_metadata", METADATA),
    ("coder_devcontainer", DEVCONTAINER),
    ("coder_ai_task", AI_TASK),
    ("coder_external_agent", EXTERNAL_AGENT),
];

const ID: Attribute = string("id").computed();
const AGENT_ID: Attribute = string("agent_id").required();

const AGENT_INSTANCE: Block = Block::new(&[ID, AGENT_ID, string("instance_id").required()]);

const APP: Block = Block::new(&[
    ID,
    AGENT_ID,
    string("slug").required().check(Check::Form {
        matches: is_slug,
        what: "lower-case letters and digits, with single hyphens between them",
    }),
    string("display_name").check(Check::AtMost(64)),
    string("url"),
    string("command"),
    boolean("subdomain"),
    string("share").or_text("owner").check(Check::OneOf(&["owner", "authenticated", "public"])),
    boolean("external").or_bool(false),
    string("icon"),
    string("group").check(Check::AtMost(64)),
    number("order"),
    string("tooltip").check(Check::AtMost(2048)),
    boolean("hidden").or_bool(false),
    string("open_in").or_text("slim-window").check(Check::OneOf(&["tab", "slim-window"])),
])
.blocks(&[Nested::set("healthcheck", &HEALTHCHECK).at_most_one()])
.rules(&[
    Rule::Excludes("command", &["url", "subdomain", "healthcheck"]),
    Rule::Excludes("external", &["healthcheck", "command", "subdomain", "share"]),
]);

const HEALTHCHECK: Block =
    Block::new(&[string("url").required(), number("interval").required(), number("threshold").required()]);

const ENV: Block = Block::new(&[
    ID,
    AGENT_ID,
    string("name")
        .required()
        .check(Check::Form { matches: is_environment_name, what: "the name of an environment variable" }),
    string("value"),
    string("merge_strategy")
        .or_text("replace")
        .check(Check::OneOf(&["replace", "append", "prepend", "error"])),
]);

const SCRIPT: Block = Block::new(&[
    ID,
    AGENT_ID,
    string("display_name").required(),
    string("script").required(),
    string("log_path"),
    string("icon"),
    string("cron")
        .check(Check::Form { matches: is_cron, what: "a cron expression of six fields, seconds first" }),
    boolean("start_blocks_login").or_bool(false),
    boolean("run_on_start").or_bool(false),
    boolean("run_on_stop").or_bool(false),
    number("timeout").or_number(0).check(Check::AtLeast(1)),
])
.rules(&[
    Rule::AnyOf(&["run_on_start", "run_on_stop", "cron"]),
    Rule::Needs("start_blocks_login", "run_on_start"),
]);

/// As the agent reads it, which would take a year as well.
fn is_cron(text: &str) -> bool {
    let parser = CronParser::builder().seconds(Seconds::Required).build();
    text.split_whitespace().count() == 6 && parser.parse(text).is_ok()
}

const METADATA: Block = Block::new(&[
    ID,
    string("resource_id").required(),
    boolean("hide"),
    string("icon"),
    number("daily_cost"),
])
.blocks(&[Nested::list(
    "item",
    &Block::new(&[
        string("key").required(),
        string("value"),
        boolean("sensitive").or_bool(false),
        boolean("is_null").computed(),
    ]),
)])
.rules(&[Rule::Unique { block: "item", key: "key" }]);

const DEVCONTAINER: Block = Block::new(&[
    ID,
    AGENT_ID,
    string("workspace_folder").required(),
    string("config_path"),
    string("subagent_id").computed(),
]);

const AI_TASK: Block = Block::new(&[
    ID,
    string("app_id").optional_computed(),
    string("prompt").computed(),
    boolean("enabled").computed(),
])
.blocks(&[Nested::set("sidebar_app", &Block::new(&[string("id").required()])).at_most_one()])
.rules(&[Rule::Excludes("app_id", &["sidebar_app"])]);

const EXTERNAL_AGENT: Block = Block::new(&[ID, AGENT_ID]);
