-- SQLite schema of Hearth. Its twin for the other database stands beside it: change both, in a new migration.
-- Instants are microseconds since 1970-01-01 UTC. Ids are UUID v7 unless said otherwise.

CREATE TABLE users (
    id            BLOB PRIMARY KEY,
    username      TEXT NOT NULL,
    email         TEXT NOT NULL,
    name          TEXT NOT NULL DEFAULT '',
    password_hash TEXT,
    role          TEXT NOT NULL CHECK (role IN ('owner', 'template-admin', 'auditor', 'member')),
    status        TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'dormant', 'suspended')),
    is_system     BOOLEAN NOT NULL DEFAULT FALSE,
    theme         TEXT NOT NULL DEFAULT 'auto',
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    last_seen_at  INTEGER
);
CREATE UNIQUE INDEX users_username_key ON users (lower(username));
CREATE UNIQUE INDEX users_email_key ON users (lower(email)) WHERE NOT is_system;

CREATE TABLE organizations (
    id           BLOB PRIMARY KEY,
    name         TEXT NOT NULL,
    display_name TEXT NOT NULL,
    description  TEXT NOT NULL DEFAULT '',
    icon         TEXT NOT NULL DEFAULT '',
    is_default   BOOLEAN NOT NULL DEFAULT FALSE,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
);
CREATE UNIQUE INDEX organizations_name_key ON organizations (lower(name));

CREATE TABLE organization_members (
    organization_id BLOB NOT NULL REFERENCES organizations (id),
    user_id         BLOB NOT NULL REFERENCES users (id),
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (organization_id, user_id)
);

-- Only the group of the system user is used so far: quota 0, so that pools never eat a person's quota (S13).
CREATE TABLE groups (
    id              BLOB PRIMARY KEY,
    organization_id BLOB NOT NULL REFERENCES organizations (id),
    name            TEXT NOT NULL,
    display_name    TEXT NOT NULL,
    quota           INTEGER NOT NULL DEFAULT 0,
    created_at      INTEGER NOT NULL,
    UNIQUE (organization_id, name)
);

CREATE TABLE group_members (
    group_id BLOB NOT NULL REFERENCES groups (id),
    user_id  BLOB NOT NULL REFERENCES users (id),
    PRIMARY KEY (group_id, user_id)
);

-- A session token is `<id>-<secret>`; only the SHA-256 of the secret is kept. One with a name is a token that a person
-- made for a program: it counts until it expires, used or not.
CREATE TABLE sessions (
    id           TEXT PRIMARY KEY,
    user_id      BLOB NOT NULL REFERENCES users (id),
    secret_hash  BLOB NOT NULL,
    name         TEXT,
    ip           TEXT NOT NULL DEFAULT '',
    user_agent   TEXT NOT NULL DEFAULT '',
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE UNIQUE INDEX sessions_name_key ON sessions (user_id, lower(name)) WHERE name IS NOT NULL;

-- One row a setting. `prebuilds.paused` holds who paused all pools, when and why, and is absent while nothing is paused.
CREATE TABLE settings (
    name       TEXT PRIMARY KEY,
    value      TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by BLOB REFERENCES users (id)
);

-- Uploaded template sources: always a tar. The same bytes from the same person are stored once.
CREATE TABLE files (
    id         BLOB PRIMARY KEY,
    hash       TEXT NOT NULL,
    data       BLOB NOT NULL,
    created_by BLOB NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    UNIQUE (hash, created_by)
);

CREATE TABLE templates (
    id                  BLOB PRIMARY KEY,
    organization_id     BLOB NOT NULL REFERENCES organizations (id),
    name                TEXT NOT NULL,
    display_name        TEXT NOT NULL DEFAULT '',
    description         TEXT NOT NULL DEFAULT '',
    icon                TEXT NOT NULL DEFAULT '',
    active_version_id   BLOB NOT NULL,
    deprecation_message TEXT NOT NULL DEFAULT '',
    deleted             BOOLEAN NOT NULL DEFAULT FALSE,
    default_ttl_ms      INTEGER NOT NULL DEFAULT 0,
    created_by          BLOB NOT NULL REFERENCES users (id),
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL
);
CREATE UNIQUE INDEX templates_name_key ON templates (organization_id, lower(name)) WHERE NOT deleted;

-- The queued work. (subject, kind, generation) is the natural key: a job is inserted at most once.
-- `fence` grows with each attempt; a late result of an older attempt is refused. `is_delete` is set in the pool lane only,
-- where deletes go before creates.
CREATE TABLE jobs (
    id                BLOB PRIMARY KEY,
    organization_id   BLOB NOT NULL REFERENCES organizations (id),
    kind              TEXT NOT NULL CHECK (kind IN ('template_version_import', 'workspace_build', 'rehearsal')),
    subject_id        BLOB NOT NULL,
    generation        INTEGER NOT NULL,
    lane              TEXT NOT NULL CHECK (lane IN ('people', 'pool')),
    is_delete         BOOLEAN NOT NULL DEFAULT FALSE,
    initiator_id      BLOB NOT NULL REFERENCES users (id),
    status            TEXT NOT NULL DEFAULT 'pending'
                      CHECK (status IN ('pending', 'running', 'succeeded', 'canceling', 'canceled', 'failed')),
    error             TEXT NOT NULL DEFAULT '',
    error_code        TEXT NOT NULL DEFAULT '',
    worker            TEXT NOT NULL DEFAULT '',
    fence             INTEGER NOT NULL DEFAULT 0,
    heartbeat_at      INTEGER,
    state_secret_hash BLOB,
    created_at        INTEGER NOT NULL,
    started_at        INTEGER,
    completed_at      INTEGER,
    canceled_at       INTEGER
);
CREATE UNIQUE INDEX jobs_natural_key ON jobs (subject_id, kind, generation);
CREATE INDEX jobs_pending ON jobs (lane, is_delete DESC, created_at, id) WHERE status = 'pending';
CREATE INDEX jobs_running ON jobs (heartbeat_at) WHERE status IN ('running', 'canceling');

CREATE TABLE job_logs (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id     BLOB NOT NULL REFERENCES jobs (id),
    created_at INTEGER NOT NULL,
    source     TEXT NOT NULL,
    level      TEXT NOT NULL,
    stage      TEXT NOT NULL,
    output     TEXT NOT NULL
);
CREATE INDEX job_logs_job ON job_logs (job_id, id);

-- `promoted_*`: who made it the active one, and when; of several times the last.
CREATE TABLE template_versions (
    id              BLOB PRIMARY KEY,
    template_id     BLOB REFERENCES templates (id),
    organization_id BLOB NOT NULL REFERENCES organizations (id),
    name            TEXT NOT NULL,
    message         TEXT NOT NULL DEFAULT '',
    readme          TEXT NOT NULL DEFAULT '',
    file_id         BLOB NOT NULL REFERENCES files (id),
    job_id          BLOB NOT NULL REFERENCES jobs (id),
    archived        BOOLEAN NOT NULL DEFAULT FALSE,
    variables       TEXT NOT NULL,
    parameters      TEXT NOT NULL,
    resources       TEXT NOT NULL,
    warnings        TEXT NOT NULL,
    created_by      BLOB NOT NULL REFERENCES users (id),
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    promoted_by     BLOB REFERENCES users (id),
    promoted_at     INTEGER
);
CREATE UNIQUE INDEX template_versions_name_key ON template_versions (template_id, lower(name));

-- `instances` is null when the preset has no pool. `last_claim_replaced` is the number of resources that the newest claim recreated.
CREATE TABLE presets (
    id                  BLOB PRIMARY KEY,
    version_id          BLOB NOT NULL REFERENCES template_versions (id),
    name                TEXT NOT NULL,
    description         TEXT NOT NULL DEFAULT '',
    icon                TEXT NOT NULL DEFAULT '',
    is_default          BOOLEAN NOT NULL DEFAULT FALSE,
    parameters          TEXT NOT NULL,
    instances           INTEGER,
    ttl_seconds         INTEGER,
    schedule_timezone   TEXT,
    invalidated_at      INTEGER,
    health              TEXT NOT NULL DEFAULT 'healthy' CHECK (health IN ('healthy', 'hard_limited', 'validation_failed')),
    health_detail       TEXT NOT NULL DEFAULT '',
    last_claim_at       INTEGER,
    last_claim_replaced INTEGER,
    UNIQUE (version_id, name)
);

CREATE TABLE preset_schedules (
    preset_id BLOB NOT NULL REFERENCES presets (id),
    position  INTEGER NOT NULL,
    cron      TEXT NOT NULL,
    instances INTEGER NOT NULL,
    PRIMARY KEY (preset_id, position)
);

-- What outlives a version: settings of one (template, preset name) and its counters, which are exported as metrics.
-- `revision` grows with each change that a person makes, so that nobody overwrites what they have not seen.
-- `policy`: whether members whose claim would recreate something are handed over.
CREATE TABLE pools (
    template_id        BLOB NOT NULL REFERENCES templates (id),
    preset_name        TEXT NOT NULL,
    paused_by          BLOB REFERENCES users (id),
    paused_at          INTEGER,
    pause_note         TEXT NOT NULL DEFAULT '',
    override_instances INTEGER,
    override_until     INTEGER,
    override_by        BLOB REFERENCES users (id),
    override_reason    TEXT NOT NULL DEFAULT '',
    failures_reset_at  INTEGER,
    policy             TEXT NOT NULL DEFAULT 'allow' CHECK (policy IN ('allow', 'block')),
    created_total      INTEGER NOT NULL DEFAULT 0,
    failed_total       INTEGER NOT NULL DEFAULT 0,
    claimed_total      INTEGER NOT NULL DEFAULT 0,
    missed_total       INTEGER NOT NULL DEFAULT 0,
    replaced_total     INTEGER NOT NULL DEFAULT 0,
    revision           INTEGER NOT NULL DEFAULT 0,
    changed_by         BLOB REFERENCES users (id),
    changed_at         INTEGER,
    created_at         INTEGER NOT NULL,
    PRIMARY KEY (template_id, preset_name)
);

-- `latest_*` repeat the newest build so that the snapshot and the claim read one table; each is written in the
-- transaction that changes the build. `ready`: every agent of the latest build reports ready, and there is one.
-- `prebuilt_at`: the pool made it, then. A member of a pool has it, and no `claimed_at`; `prebuild_name` is what a claimed one
-- was called before.
CREATE TABLE workspaces (
    id                 BLOB PRIMARY KEY,
    owner_id           BLOB NOT NULL REFERENCES users (id),
    organization_id    BLOB NOT NULL REFERENCES organizations (id),
    template_id        BLOB NOT NULL REFERENCES templates (id),
    preset_id          BLOB REFERENCES presets (id),
    name               TEXT NOT NULL,
    latest_build_id    BLOB NOT NULL,
    latest_number      INTEGER NOT NULL,
    latest_version_id  BLOB NOT NULL REFERENCES template_versions (id),
    latest_transition  TEXT NOT NULL CHECK (latest_transition IN ('start', 'stop', 'delete')),
    latest_status      TEXT NOT NULL CHECK (latest_status IN ('pending', 'running', 'succeeded', 'canceling', 'canceled', 'failed')),
    latest_ended_at    INTEGER,
    ready              BOOLEAN NOT NULL DEFAULT FALSE,
    prebuilt_at        INTEGER,
    claimed_at         INTEGER,
    claimed_by         BLOB REFERENCES users (id),
    prebuild_name      TEXT,
    autostart_schedule TEXT,
    next_start_at      INTEGER,
    ttl_ms             INTEGER,
    last_used_at       INTEGER NOT NULL,
    dormant_at         INTEGER,
    deleting_at        INTEGER,
    deleted            BOOLEAN NOT NULL DEFAULT FALSE,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL
);
CREATE UNIQUE INDEX workspaces_name_key ON workspaces (owner_id, lower(name)) WHERE NOT deleted;
-- What a claim reads: the eligible members of one pool, oldest first.
CREATE INDEX workspaces_claimable ON workspaces (preset_id, created_at, id)
    WHERE prebuilt_at IS NOT NULL AND claimed_at IS NULL AND NOT deleted
    AND ready AND latest_transition = 'start' AND latest_status = 'succeeded';
-- What a pass reads: every member of every pool.
CREATE INDEX workspaces_members ON workspaces (preset_id, created_at, id)
    WHERE prebuilt_at IS NOT NULL AND claimed_at IS NULL AND NOT deleted;
CREATE INDEX workspaces_template ON workspaces (template_id) WHERE NOT deleted;

-- `outcome` is null until the job has ended; an interrupted build failed because the server stopped, not the template.
-- `ready_at`: when the workspace could be used after it for the first time, with every agent ready.
CREATE TABLE builds (
    id           BLOB PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspaces (id),
    number       INTEGER NOT NULL,
    transition   TEXT NOT NULL CHECK (transition IN ('start', 'stop', 'delete')),
    stage        TEXT NOT NULL CHECK (stage IN ('create', 'claim', 'start', 'stop', 'delete')),
    version_id   BLOB NOT NULL REFERENCES template_versions (id),
    preset_id    BLOB REFERENCES presets (id),
    initiator_id BLOB NOT NULL REFERENCES users (id),
    reason       TEXT NOT NULL DEFAULT 'initiator',
    parameters   TEXT NOT NULL,
    job_id       BLOB NOT NULL REFERENCES jobs (id),
    outcome      TEXT CHECK (outcome IN ('succeeded', 'failed', 'canceled', 'interrupted')),
    ended_at     INTEGER,
    ready_at     INTEGER,
    created_at   INTEGER NOT NULL,
    UNIQUE (workspace_id, number)
);
CREATE UNIQUE INDEX builds_job_key ON builds (job_id);
-- What a pass reads: the newest first builds of a preset, and the failures of the look-back.
CREATE INDEX builds_outcomes ON builds (preset_id, ended_at)
    WHERE stage = 'create' AND outcome IN ('succeeded', 'failed');
-- How long a build from nothing and a claim took, newest first.
CREATE INDEX builds_ready ON builds (preset_id, stage, ready_at) WHERE ready_at IS NOT NULL;
CREATE INDEX builds_claims ON builds (ready_at) WHERE stage = 'claim' AND ready_at IS NOT NULL;
CREATE INDEX builds_failures ON builds (ended_at) WHERE stage = 'create' AND outcome = 'failed';

CREATE TABLE resources (
    id         BLOB PRIMARY KEY,
    build_id   BLOB NOT NULL REFERENCES builds (id),
    position   INTEGER NOT NULL,
    address    TEXT NOT NULL,
    type       TEXT NOT NULL,
    name       TEXT NOT NULL,
    hide       BOOLEAN NOT NULL DEFAULT FALSE,
    icon       TEXT NOT NULL DEFAULT '',
    daily_cost INTEGER NOT NULL DEFAULT 0,
    metadata   TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX resources_build ON resources (build_id);

-- The id is that of the `coder_agent` resource, so it survives a claim; only the SHA-256 of its token is kept.
-- `reinit_build_id` is the claim build whose re-initialisation this agent has acknowledged.
CREATE TABLE agents (
    id                         BLOB PRIMARY KEY,
    workspace_id               BLOB NOT NULL REFERENCES workspaces (id),
    build_id                   BLOB NOT NULL REFERENCES builds (id),
    resource_id                BLOB REFERENCES resources (id),
    name                       TEXT NOT NULL,
    token_hash                 BLOB NOT NULL,
    operating_system           TEXT NOT NULL,
    architecture               TEXT NOT NULL,
    directory                  TEXT NOT NULL DEFAULT '',
    environment                TEXT NOT NULL,
    display_apps               TEXT NOT NULL,
    connection_timeout_seconds INTEGER NOT NULL DEFAULT 120,
    troubleshooting_url        TEXT NOT NULL DEFAULT '',
    motd_file                  TEXT NOT NULL DEFAULT '',
    startup_script_behavior    TEXT NOT NULL DEFAULT 'non-blocking',
    lifecycle                  TEXT NOT NULL DEFAULT 'created',
    lifecycle_changed_at       INTEGER NOT NULL,
    started_at                 INTEGER,
    ready_at                   INTEGER,
    first_connected_at         INTEGER,
    last_connected_at          INTEGER,
    disconnected_at            INTEGER,
    version                    TEXT NOT NULL DEFAULT '',
    logs_length                INTEGER NOT NULL DEFAULT 0,
    logs_overflowed            BOOLEAN NOT NULL DEFAULT FALSE,
    reinit_build_id            BLOB REFERENCES builds (id),
    deleted                    BOOLEAN NOT NULL DEFAULT FALSE,
    created_at                 INTEGER NOT NULL,
    updated_at                 INTEGER NOT NULL
);
CREATE UNIQUE INDEX agents_token_key ON agents (token_hash);
CREATE INDEX agents_workspace ON agents (workspace_id) WHERE NOT deleted;

CREATE TABLE agent_scripts (
    id                 BLOB PRIMARY KEY,
    agent_id           BLOB NOT NULL REFERENCES agents (id),
    position           INTEGER NOT NULL,
    display_name       TEXT NOT NULL,
    icon               TEXT NOT NULL DEFAULT '',
    log_path           TEXT NOT NULL DEFAULT '',
    script             TEXT NOT NULL,
    cron               TEXT NOT NULL DEFAULT '',
    run_on_start       BOOLEAN NOT NULL DEFAULT FALSE,
    run_on_stop        BOOLEAN NOT NULL DEFAULT FALSE,
    start_blocks_login BOOLEAN NOT NULL DEFAULT FALSE,
    timeout_seconds    INTEGER NOT NULL DEFAULT 0,
    exit_code          INTEGER,
    status             TEXT NOT NULL DEFAULT '',
    started_at         INTEGER,
    finished_at        INTEGER
);
CREATE INDEX agent_scripts_agent ON agent_scripts (agent_id, position);

-- (run, sequence) makes a batch that is sent twice after a lost answer land once. A run is one start of the agent process.
CREATE TABLE agent_logs (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    agent_id   BLOB NOT NULL REFERENCES agents (id),
    run_id     BLOB NOT NULL,
    sequence   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    level      TEXT NOT NULL,
    source     TEXT NOT NULL,
    output     TEXT NOT NULL
);
CREATE UNIQUE INDEX agent_logs_key ON agent_logs (agent_id, run_id, sequence);
CREATE INDEX agent_logs_agent ON agent_logs (agent_id, id);

CREATE TABLE agent_metadata (
    agent_id         BLOB NOT NULL REFERENCES agents (id),
    position         INTEGER NOT NULL,
    key              TEXT NOT NULL,
    display_name     TEXT NOT NULL DEFAULT '',
    script           TEXT NOT NULL,
    interval_seconds INTEGER NOT NULL,
    timeout_seconds  INTEGER NOT NULL DEFAULT 0,
    value            TEXT NOT NULL DEFAULT '',
    error            TEXT NOT NULL DEFAULT '',
    collected_at     INTEGER,
    PRIMARY KEY (agent_id, key)
);

CREATE TABLE apps (
    id           BLOB PRIMARY KEY,
    agent_id     BLOB NOT NULL REFERENCES agents (id),
    position     INTEGER NOT NULL,
    slug         TEXT NOT NULL,
    display_name TEXT NOT NULL DEFAULT '',
    icon         TEXT NOT NULL DEFAULT '',
    url          TEXT NOT NULL DEFAULT '',
    command      TEXT NOT NULL DEFAULT '',
    external     BOOLEAN NOT NULL DEFAULT FALSE,
    subdomain    BOOLEAN NOT NULL DEFAULT FALSE,
    share        TEXT NOT NULL DEFAULT 'owner',
    hidden       BOOLEAN NOT NULL DEFAULT FALSE,
    open_in      TEXT NOT NULL DEFAULT 'slim-window',
    UNIQUE (agent_id, slug)
);

-- Terraform state, append only, sealed with the secrets key. `digest` (SHA-256 of the clear text) lets a retried POST answer 200.
-- `restored_from`: the serial whose content it has again.
CREATE TABLE state_versions (
    workspace_id BLOB NOT NULL REFERENCES workspaces (id),
    serial       INTEGER NOT NULL,
    lineage      TEXT NOT NULL,
    digest       BLOB NOT NULL,
    key_id       TEXT NOT NULL,
    sealed       BLOB NOT NULL,
    build_id     BLOB NOT NULL REFERENCES builds (id),
    restored_from INTEGER,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, serial)
);

-- A lock belongs to a build: it is void as soon as that build is not running any more.
CREATE TABLE state_locks (
    workspace_id BLOB PRIMARY KEY REFERENCES workspaces (id),
    build_id     BLOB NOT NULL REFERENCES builds (id),
    lock_id      TEXT NOT NULL,
    info         TEXT NOT NULL,
    created_at   INTEGER NOT NULL
);

CREATE TABLE drift_causes (
    id               BLOB PRIMARY KEY,
    template_id      BLOB NOT NULL REFERENCES templates (id),
    address          TEXT NOT NULL,
    resource_type    TEXT NOT NULL,
    path             TEXT NOT NULL,
    status           TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'acknowledged', 'fixed', 'back')),
    first_version_id BLOB NOT NULL REFERENCES template_versions (id),
    last_version_id  BLOB NOT NULL REFERENCES template_versions (id),
    claims           INTEGER NOT NULL DEFAULT 0,
    acknowledged_by  BLOB REFERENCES users (id),
    acknowledged_at  INTEGER,
    first_seen_at    INTEGER NOT NULL,
    last_seen_at     INTEGER NOT NULL,
    UNIQUE (template_id, address, path)
);

-- One row a recreated resource of one claim. `changes` holds attribute paths with old and new value, masked before it is written.
CREATE TABLE replacements (
    id            BLOB PRIMARY KEY,
    cause_id      BLOB NOT NULL REFERENCES drift_causes (id),
    build_id      BLOB NOT NULL REFERENCES builds (id),
    workspace_id  BLOB NOT NULL REFERENCES workspaces (id),
    template_id   BLOB NOT NULL REFERENCES templates (id),
    version_id    BLOB NOT NULL REFERENCES template_versions (id),
    preset_name   TEXT NOT NULL,
    claimed_by    BLOB NOT NULL REFERENCES users (id),
    address       TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    kind          TEXT NOT NULL,
    changes       TEXT NOT NULL,
    created_at    INTEGER NOT NULL
);
CREATE INDEX replacements_cause ON replacements (cause_id, created_at);
CREATE INDEX replacements_workspace ON replacements (workspace_id);
CREATE INDEX replacements_preset ON replacements (version_id, preset_name, created_at);
CREATE INDEX replacements_at ON replacements (created_at);

-- A plan of a claim of one member of the pool, with nothing applied. `result` is all that came of it, masked; the columns
-- beside it are what lists ask for. Nothing has come of it as long as `finished_at` is null. At `due_at` it should be
-- done again.
CREATE TABLE rehearsals (
    id           BLOB PRIMARY KEY,
    preset_id    BLOB NOT NULL REFERENCES presets (id),
    job_id       BLOB NOT NULL UNIQUE REFERENCES jobs (id),
    workspace_id BLOB REFERENCES workspaces (id),
    asked_by     BLOB NOT NULL REFERENCES users (id),
    verdict      TEXT CHECK (verdict IN ('clean', 'replaces', 'unknown')),
    replaced     INTEGER NOT NULL DEFAULT 0,
    resource     TEXT NOT NULL DEFAULT '',
    attribute    TEXT NOT NULL DEFAULT '',
    why          TEXT NOT NULL DEFAULT '',
    result       TEXT,
    agents_stay  BOOLEAN NOT NULL DEFAULT FALSE,
    created_at   INTEGER NOT NULL,
    started_at   INTEGER,
    finished_at  INTEGER,
    due_at       INTEGER
);
CREATE INDEX rehearsals_preset ON rehearsals (preset_id, created_at);

-- Which causes a rehearsal has met.
CREATE TABLE rehearsal_causes (
    rehearsal_id BLOB NOT NULL REFERENCES rehearsals (id),
    cause_id     BLOB NOT NULL REFERENCES drift_causes (id),
    PRIMARY KEY (rehearsal_id, cause_id)
);
CREATE INDEX rehearsal_causes_cause ON rehearsal_causes (cause_id);

-- `dedupe` names the transition that is told, so that one person hears of it once.
CREATE TABLE notifications (
    id          BLOB PRIMARY KEY,
    user_id     BLOB NOT NULL REFERENCES users (id),
    template_id BLOB NOT NULL,
    dedupe      TEXT NOT NULL,
    title       TEXT NOT NULL,
    content     TEXT NOT NULL,
    icon        TEXT NOT NULL DEFAULT '',
    targets     TEXT NOT NULL,
    actions     TEXT NOT NULL,
    read_at     INTEGER,
    created_at  INTEGER NOT NULL
);
CREATE UNIQUE INDEX notifications_dedupe_key ON notifications (user_id, dedupe);
CREATE INDEX notifications_user ON notifications (user_id, created_at);

-- A decision is stored when it differs from the last one of its preset; `confirmed_at` is the newest pass that came to the same.
-- `governs`: the preset's version was the active one, so that this was the decision about the pool.
CREATE TABLE decisions (
    id           BLOB PRIMARY KEY,
    template_id  BLOB NOT NULL REFERENCES templates (id),
    preset_name  TEXT NOT NULL,
    preset_id    BLOB NOT NULL REFERENCES presets (id),
    snapshot     TEXT NOT NULL,
    decision     TEXT NOT NULL,
    governs      BOOLEAN NOT NULL,
    decided_at   INTEGER NOT NULL,
    confirmed_at INTEGER NOT NULL
);
CREATE INDEX decisions_preset ON decisions (preset_id, decided_at, id);
CREATE INDEX decisions_pool ON decisions (template_id, preset_name, decided_at, id) WHERE governs;
CREATE INDEX decisions_at ON decisions (decided_at, id);

-- `reason`: why a miss; what there is may not be handed over, or there is nothing.
CREATE TABLE pool_events (
    id           BLOB PRIMARY KEY,
    template_id  BLOB NOT NULL REFERENCES templates (id),
    preset_name  TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('claim', 'miss')),
    reason       TEXT NOT NULL DEFAULT '' CHECK (reason IN ('', 'empty', 'blocked')),
    workspace_id BLOB REFERENCES workspaces (id),
    user_id      BLOB NOT NULL REFERENCES users (id),
    at           INTEGER NOT NULL
);
CREATE INDEX pool_events_pool ON pool_events (template_id, preset_name, at);
CREATE INDEX pool_events_at ON pool_events (at);

-- Claims and misses added up, so that nobody scans the events: by the minute for two hours, by the quarter of an hour
-- for eight days. `grain` is how long a row is in seconds, `at` its beginning.
CREATE TABLE pool_demand (
    template_id BLOB NOT NULL REFERENCES templates (id),
    preset_name TEXT NOT NULL,
    grain       INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    claims      INTEGER NOT NULL,
    misses      INTEGER NOT NULL,
    PRIMARY KEY (template_id, preset_name, grain, at)
);
CREATE INDEX pool_demand_at ON pool_demand (grain, at);

CREATE TABLE audit (
    id          BLOB PRIMARY KEY,
    at          INTEGER NOT NULL,
    actor_id    BLOB NOT NULL REFERENCES users (id),
    verb        TEXT NOT NULL,
    target_type TEXT NOT NULL,
    target_id   TEXT NOT NULL,
    target_name TEXT NOT NULL,
    before      TEXT,
    after       TEXT
);
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_actor ON audit (actor_id, at, id);

-- The system user owns unclaimed prebuilds. It has no password, cannot log in and is left out of listings.
INSERT INTO users (id, username, email, name, role, status, is_system, created_at, updated_at)
VALUES (x'c42fdf753097471c8c33fb52454d81c0', 'prebuilds', 'prebuilds@system', 'Prebuilds', 'member', 'active', TRUE, 0, 0);

INSERT INTO organizations (id, name, display_name, description, is_default, created_at, updated_at)
VALUES (x'0190a0000000700080000000000000aa', 'hearth', 'Hearth', 'The default organization', TRUE, 0, 0);

INSERT INTO organization_members (organization_id, user_id, created_at)
VALUES (x'0190a0000000700080000000000000aa', x'c42fdf753097471c8c33fb52454d81c0', 0);
