-- Causes of drift that a person does not want to hear of until then.
CREATE TABLE cause_mutes (
    user_id  BLOB NOT NULL REFERENCES users (id),
    cause_id BLOB NOT NULL REFERENCES drift_causes (id),
    until    INTEGER NOT NULL,
    PRIMARY KEY (user_id, cause_id)
);
