-- Whom a version concerns: NULL = not known (written under schema 1), 0 = nobody, the rid of one Patient, or the id of a
-- list, negated. It stays with the version for good; a tombstone has that of the version it ends.
ALTER TABLE version ADD COLUMN patient INTEGER;

-- The same of the current version, so that a walk along resources need not read versions; and the marks that it gives,
-- a JSON array of ids, NULL for none.
ALTER TABLE resource ADD COLUMN patient INTEGER;
ALTER TABLE resource ADD COLUMN marks TEXT;

-- Several Patients: a JSON array of rids, in order.
CREATE TABLE patient_list (id INTEGER PRIMARY KEY, patients TEXT NOT NULL) STRICT;

-- Old versions and tombstones by the first Patient whom they concern; current versions are found by what they refer to.
CREATE TABLE past_version (
  patient INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (patient, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE mark (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX mark_by_name ON mark (name);

-- What some live resource that concerns the Patient says of it.
CREATE TABLE patient_mark (
  patient INTEGER NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY (patient, mark)
) STRICT, WITHOUT ROWID;
CREATE INDEX patient_by_mark ON patient_mark (mark, patient);

-- Where versions may still be found of which it is not known whom they concern: at resources from this rid on.
CREATE TABLE unplaced (rid INTEGER NOT NULL) STRICT;
INSERT INTO unplaced (rid) SELECT 0 WHERE EXISTS (SELECT 1 FROM version);
