-- Under which ids one person is known: a source stands with the person to whom it says that it belongs, and a person who has
-- sources with itself, unless it is a source too. Who is alone has no row.
CREATE TABLE alias (patient INTEGER PRIMARY KEY, person INTEGER NOT NULL) STRICT;
CREATE INDEX alias_by_person ON alias (person, patient);
