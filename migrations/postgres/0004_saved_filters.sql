-- Filters of the list of workspaces that a person has given a name. `filter` holds the parts of the address.
CREATE TABLE saved_filters (
    id         UUID PRIMARY KEY,
    user_id    UUID NOT NULL REFERENCES users (id),
    name       TEXT NOT NULL,
    filter     JSONB NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX saved_filters_name_key ON saved_filters (user_id, lower(name));
