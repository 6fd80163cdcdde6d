-- What became of a cause of drift, oldest first: each row is another status than the one before. `version_id` is the
-- version that showed it, `user_id` the person who said so.
CREATE TABLE cause_events (
    id         UUID PRIMARY KEY,
    cause_id   UUID NOT NULL REFERENCES drift_causes (id),
    status     TEXT NOT NULL CHECK (status IN ('open', 'acknowledged', 'fixed', 'back')),
    version_id UUID REFERENCES template_versions (id),
    user_id    UUID REFERENCES users (id),
    at         BIGINT NOT NULL
);
CREATE INDEX cause_events_cause ON cause_events (cause_id, at, id);

-- What is known of older ones.
INSERT INTO cause_events (id, cause_id, status, version_id, at)
SELECT gen_random_uuid(), id, 'open', first_version_id, first_seen_at FROM drift_causes;
INSERT INTO cause_events (id, cause_id, status, version_id, user_id, at)
SELECT gen_random_uuid(), id, status, CASE WHEN status = 'acknowledged' THEN NULL ELSE last_version_id END,
    CASE WHEN status = 'acknowledged' THEN acknowledged_by END,
    CASE WHEN status = 'acknowledged' THEN COALESCE(acknowledged_at, last_seen_at) ELSE last_seen_at END
FROM drift_causes WHERE status <> 'open';
