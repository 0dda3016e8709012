-- Whether a month has a table of blocks. A release that does not know them would not see what lies in them.
ALTER TABLE audit_month ADD COLUMN blocks INTEGER NOT NULL DEFAULT 0;
