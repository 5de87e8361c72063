/**
 * Records of a store that takes part in a rollout. All names begin with `rollout_`, in either store; they are created by
 * `install()` and dropped by `remove()`.
 *
 * `writer` says who writes in the present transaction: `unaware` for software that knows nothing of the rollout,
 * `rollout` for a write whose keys are logged once, after the sequence in `mark`, and `put` for one that is not logged.
 */
export const CREATE_LOG_TABLES = `
  CREATE TABLE rollout_store (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    side TEXT NOT NULL,
    boot TEXT NOT NULL,
    sequence INTEGER NOT NULL DEFAULT 0,
    logs INTEGER NOT NULL DEFAULT 1,
    revision INTEGER NOT NULL DEFAULT 1,
    stage TEXT NOT NULL DEFAULT 'dualwrite',
    latched INTEGER NOT NULL DEFAULT 0,
    writer TEXT NOT NULL DEFAULT 'unaware',
    mark INTEGER NOT NULL DEFAULT 0,
    syncs INTEGER NOT NULL DEFAULT 0
  );

  -- Next ids of the new side: ids that are put would drag AUTOINCREMENT along.
  CREATE TABLE rollout_ids (
    kind TEXT PRIMARY KEY,
    next INTEGER NOT NULL
  ) WITHOUT ROWID;

  -- One row a library, which outlives it. gaps is a JSON array of positions.
  CREATE TABLE rollout_libraries (
    name TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    holder TEXT NOT NULL,
    gaps TEXT NOT NULL,
    last_epoch INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    filled INTEGER
  ) WITHOUT ROWID;

  -- One entry a key, also of rows that are gone. version and url are empty where a kind has none.
  CREATE TABLE rollout_entries (
    library TEXT NOT NULL,
    kind TEXT NOT NULL,
    version TEXT NOT NULL,
    url TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    dirty INTEGER NOT NULL,
    PRIMARY KEY (library, kind, version, url)
  ) WITHOUT ROWID;
  CREATE INDEX rollout_dirty_of_library ON rollout_entries (library, epoch, sequence) WHERE dirty = 1;
  CREATE INDEX rollout_dirty ON rollout_entries (sequence) WHERE dirty = 1;

  CREATE TABLE rollout_operations (
    operation TEXT NOT NULL,
    library TEXT NOT NULL,
    kind TEXT,
    version TEXT,
    url TEXT,
    epoch INTEGER,
    sequence INTEGER,
    results TEXT NOT NULL,
    at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (operation, library)
  ) WITHOUT ROWID;
  CREATE INDEX rollout_operations_by_time ON rollout_operations (at);
  CREATE INDEX rollout_operations_of_key ON rollout_operations (library, kind, version, url);

  -- Notes of the rollout itself, such as its audit log. body is JSON.
  CREATE TABLE rollout_notes (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, key)
  ) WITHOUT ROWID;

  -- Triggers as defined, and as SQLite keeps them: a server writes them in its own way.
  CREATE TABLE rollout_triggers (
    name TEXT PRIMARY KEY,
    definition TEXT NOT NULL,
    kept TEXT NOT NULL
  ) WITHOUT ROWID;

  -- What the triggers insert into: see log-triggers.sql.ts.
  CREATE VIEW rollout_changes AS
  SELECT library, kind, version, url
  FROM rollout_entries;`;

/** Objects in the order in which they can be dropped. */
export const DROP_LOG_TABLES = `
  DROP VIEW IF EXISTS rollout_changes;
  DROP TABLE IF EXISTS rollout_triggers;
  DROP TABLE IF EXISTS rollout_notes;
  DROP TABLE IF EXISTS rollout_operations;
  DROP TABLE IF EXISTS rollout_entries;
  DROP TABLE IF EXISTS rollout_libraries;
  DROP TABLE IF EXISTS rollout_ids;
  DROP TABLE IF EXISTS rollout_store;`;
