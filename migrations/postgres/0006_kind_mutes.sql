-- Kinds of notifications that a person does not want to hear of.
CREATE TABLE kind_mutes (
    user_id UUID NOT NULL REFERENCES users (id),
    kind    UUID NOT NULL,
    PRIMARY KEY (user_id, kind)
);
