CREATE TABLE alias (patient INTEGER PRIMARY KEY, person INTEGER NOT NULL) STRICT;

CREATE TABLE audit_agent (id INTEGER PRIMARY KEY, agent TEXT NOT NULL) STRICT;

CREATE TABLE audit_agent_name (
  name TEXT NOT NULL, agent INTEGER NOT NULL, PRIMARY KEY (name, agent)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_month (month TEXT PRIMARY KEY, blocks INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

CREATE TABLE composite_value (
  rid INTEGER NOT NULL, param INTEGER NOT NULL, tuple INTEGER NOT NULL, part INTEGER NOT NULL,
  kind TEXT NOT NULL, system INTEGER NOT NULL, code TEXT NOT NULL, text TEXT NOT NULL,
  low REAL NOT NULL, high REAL NOT NULL,
  PRIMARY KEY (rid, param, tuple, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE date_value (
  rid INTEGER NOT NULL, param INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  PRIMARY KEY (rid, param, first, last)
) STRICT, WITHOUT ROWID;

CREATE TABLE mark (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;

CREATE TABLE param (
  id INTEGER PRIMARY KEY, type INTEGER NOT NULL, code TEXT NOT NULL, several INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE past_version (
  patient INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (patient, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE patient_list (id INTEGER PRIMARY KEY, patients TEXT NOT NULL) STRICT;

CREATE TABLE patient_mark (
  patient INTEGER NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY (patient, mark)
) STRICT, WITHOUT ROWID;

CREATE TABLE phrase (id INTEGER PRIMARY KEY, folded TEXT NOT NULL) STRICT;

CREATE TABLE present_value (
  rid INTEGER NOT NULL, param INTEGER NOT NULL, PRIMARY KEY (rid, param)
) STRICT, WITHOUT ROWID;

CREATE TABLE quantity_value (
  rid INTEGER NOT NULL, param INTEGER NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
  system INTEGER NOT NULL, code TEXT NOT NULL, unit TEXT NOT NULL,
  PRIMARY KEY (rid, param, low, high, system, code, unit)
) STRICT, WITHOUT ROWID;

CREATE TABLE record (
  collection TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, expires INTEGER,
  PRIMARY KEY (collection, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE reference_value (
  rid INTEGER NOT NULL, param INTEGER NOT NULL, target INTEGER NOT NULL,
  PRIMARY KEY (rid, param, target)
) STRICT, WITHOUT ROWID;

CREATE TABLE resource (
  rid INTEGER PRIMARY KEY,
  type INTEGER NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  last_updated INTEGER NOT NULL,
  live INTEGER NOT NULL
, patient INTEGER, marks TEXT) STRICT;

CREATE TABLE string_value (
  rid INTEGER NOT NULL, param INTEGER NOT NULL, folded TEXT NOT NULL, original TEXT NOT NULL,
  PRIMARY KEY (rid, param, folded, original)
) STRICT, WITHOUT ROWID;

CREATE TABLE system (id INTEGER PRIMARY KEY, uri TEXT NOT NULL) STRICT;

CREATE TABLE text_value (
  rid INTEGER NOT NULL, param INTEGER NOT NULL, phrase INTEGER NOT NULL,
  PRIMARY KEY (rid, param, phrase)
) STRICT, WITHOUT ROWID;

CREATE TABLE token_value (
  rid INTEGER NOT NULL, param INTEGER NOT NULL, system INTEGER NOT NULL, code TEXT NOT NULL,
  PRIMARY KEY (rid, param, system, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE type (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;

CREATE TABLE unplaced (rid INTEGER NOT NULL) STRICT;

CREATE TABLE uri_value (
  rid INTEGER NOT NULL, param INTEGER NOT NULL, uri TEXT NOT NULL, version TEXT NOT NULL,
  PRIMARY KEY (rid, param, uri, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE version (
  seq INTEGER PRIMARY KEY,
  rid INTEGER NOT NULL,
  type INTEGER NOT NULL,
  version INTEGER NOT NULL,
  last_updated INTEGER NOT NULL,
  high_time INTEGER NOT NULL,
  method TEXT NOT NULL,
  text TEXT
, patient INTEGER) STRICT;

CREATE INDEX alias_by_person ON alias (person, patient);

CREATE UNIQUE INDEX audit_agent_by_text ON audit_agent (agent);

CREATE INDEX composite_by_code ON composite_value (param, code, system, rid) WHERE part = 0;

CREATE INDEX date_by_first ON date_value (param, first, last, rid);

CREATE INDEX date_by_last ON date_value (param, last, first, rid);

CREATE INDEX date_long ON date_value (param, first, last, rid) WHERE last - first > 86400000;

CREATE UNIQUE INDEX mark_by_name ON mark (name);

CREATE UNIQUE INDEX param_by_code ON param (type, code);

CREATE INDEX patient_by_mark ON patient_mark (mark, patient);

CREATE UNIQUE INDEX phrase_by_text ON phrase (folded);

CREATE INDEX quantity_by_high ON quantity_value (param, high, low, rid);

CREATE INDEX quantity_by_low ON quantity_value (param, low, high, rid);

CREATE INDEX record_by_expiry ON record (expires) WHERE expires IS NOT NULL;

CREATE INDEX reference_by_target ON reference_value (target, param, rid);

CREATE UNIQUE INDEX resource_by_id ON resource (type, id);

CREATE INDEX resource_by_time ON resource (type, last_updated) WHERE live = 1;

CREATE INDEX string_by_text ON string_value (param, folded, rid);

CREATE UNIQUE INDEX system_by_uri ON system (uri);

CREATE INDEX text_by_phrase ON text_value (param, phrase, rid);

CREATE INDEX token_by_code ON token_value (param, code, system, rid);

CREATE UNIQUE INDEX type_by_name ON type (name);

CREATE INDEX uri_by_text ON uri_value (param, uri, version, rid);

CREATE INDEX version_by_resource ON version (rid, version) WHERE rid <> seq;

CREATE INDEX version_by_type ON version (type);
