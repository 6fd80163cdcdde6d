-- What a cause was before somebody acknowledged it, so that this can be undone.
ALTER TABLE drift_causes ADD COLUMN acknowledged_from TEXT CHECK (acknowledged_from IN ('open', 'back'));
