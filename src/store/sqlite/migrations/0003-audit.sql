-- Who did something, each once: a JSON text, and the names it is asked for by.
CREATE TABLE audit_agent (id INTEGER PRIMARY KEY, agent TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX audit_agent_by_text ON audit_agent (agent);
CREATE TABLE audit_agent_name (
  name TEXT NOT NULL, agent INTEGER NOT NULL, PRIMARY KEY (name, agent)
) STRICT, WITHOUT ROWID;

-- The months that have tables of their own, YYYYMM: audit_YYYYMM and audit_slot_YYYYMM (audit-month.ts). They are
-- made when the first row of the month comes, and dropped whole.
CREATE TABLE audit_month (month TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
