-- Programs, their versions, who takes the traffic and who took it. Every `sha256` is `rowSha256` of check.ts over
-- the table's name and the columns before it, in this order (foreign ids by the name they stand for).

-- Who this database is. One row; its `store` is in the marker file too.
CREATE TABLE marker (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  store TEXT NOT NULL,
  schema INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  sha256 BLOB NOT NULL
) STRICT;

CREATE TABLE programs (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  traffic TEXT NOT NULL,
  sha256 BLOB NOT NULL
) STRICT;

CREATE TABLE versions (
  id INTEGER PRIMARY KEY,
  program_id INTEGER NOT NULL REFERENCES programs (id) ON DELETE CASCADE,
  version TEXT NOT NULL,
  language TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  source_bytes INTEGER NOT NULL,
  body_sha256 BLOB NOT NULL,
  sha256 BLOB NOT NULL,
  UNIQUE (program_id, version)
) STRICT;

-- Configuration and modules, apart from their version so that lists do not read them. Hashed by `body_sha256`.
CREATE TABLE bodies (
  version_id INTEGER PRIMARY KEY REFERENCES versions (id) ON DELETE CASCADE,
  body BLOB NOT NULL
) STRICT;

CREATE TABLE traffic_changes (
  id INTEGER PRIMARY KEY,
  program_id INTEGER NOT NULL REFERENCES programs (id) ON DELETE CASCADE,
  revision INTEGER NOT NULL,
  traffic TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  UNIQUE (program_id, revision)
) STRICT;
