-- Kinds of notifications that a person does not want to hear of.
CREATE TABLE kind_mutes (
    user_id BLOB NOT NULL REFERENCES users (id),
    kind    BLOB NOT NULL,
    PRIMARY KEY (user_id, kind)
);
