//! The `coder_agent` resource.

use super::{Attribute, Block, Default, Nested, Type, attribute, boolean, map, number, string};
use crate::provider::validate::{Check, Rule};

pub const AGENT: Block = Block::new(&[
    string("id").computed(),
    string("token").computed().sensitive(),
    string("init_script").computed(),
    string("arch").required().check(Check::OneOf(&["amd64", "armv7", "arm64"])),
    string("os").required().check(Check::OneOf(&["linux", "darwin", "windows"])),
    string("auth").or_text("token").check(Check::OneOf(&[
        "token",
        "google-instance-identity",
        "aws-instance-identity",
        "azure-instance-identity",
    ])),
    string("api_key_scope").or_text("all").check(Check::OneOf(&["all", "no_user_data"])),
    string("dir"),
    map("env"),
    string("startup_script"),
    string("shutdown_script"),
    string("startup_script_behavior")
        .or_text("non-blocking")
        .check(Check::OneOf(&["blocking", "non-blocking"])),
    number("connection_timeout").or_number(120).check(Check::AtLeast(0)),
    string("troubleshooting_url"),
    string("motd_file"),
    number("order"),
    attribute("display_apps", Type::Set(&Type::Object(DISPLAY_APPS)))
        .or(Default::OneOf(DISPLAY_APPS))
        .check(Check::AtMostOneElement),
])
.blocks(&[
    Nested::list("metadata", &METADATA),
    Nested::set("resources_monitoring", &RESOURCES_MONITORING).at_most_one(),
])
.rules(&[Rule::Unique { block: "metadata", key: "key" }]);

/// An attribute, not a block, so that it can be filled in when it is absent; the block syntax works all the same.
const DISPLAY_APPS: &[Attribute] = &[
    boolean("vscode").or_bool(true),
    boolean("vscode_insiders").or_bool(false),
    boolean("web_terminal").or_bool(true),
    boolean("port_forwarding_helper").or_bool(true),
    boolean("ssh_helper").or_bool(true),
];

const METADATA: Block = Block::new(&[
    string("key").required(),
    string("script").required(),
    number("interval").required(),
    string("display_name"),
    number("timeout"),
    number("order"),
]);

const RESOURCES_MONITORING: Block = Block::new(&[])
    .blocks(&[
        Nested::set("memory", &Block::new(&[boolean("enabled").required(), THRESHOLD])).at_most_one(),
        Nested::set(
            "volume",
            &Block::new(&[
                string("path")
                    .required()
                    .check(Check::Form { matches: |path| path.starts_with('/'), what: "an absolute path" }),
                boolean("enabled").required(),
                THRESHOLD,
            ]),
        ),
    ])
    .rules(&[Rule::Unique { block: "volume", key: "path" }]);

const THRESHOLD: Attribute = number("threshold").required().check(Check::Between(0, 100));
