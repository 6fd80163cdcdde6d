-- Filters of the list of workspaces that a person has given a name. `filter` holds the parts of the address.
CREATE TABLE saved_filters (
    id         BLOB PRIMARY KEY,
    user_id    BLOB NOT NULL REFERENCES users (id),
    name       TEXT NOT NULL,
    filter     TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX saved_filters_name_key ON saved_filters (user_id, lower(name));
