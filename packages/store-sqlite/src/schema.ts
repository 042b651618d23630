/** Marks a file as ours (`PRAGMA application_id`): "mcpe". */
export const APPLICATION_ID = 0x6d637065;

/** Of the tables below (`PRAGMA user_version`). */
export const SCHEMA_VERSION = 1;

/** What every file has. */
export const SCHEMA = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
  INSERT INTO meta VALUES ('count', 0), ('open', 0), ('boot', ''), ('copied', 0);

  CREATE TABLE logs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    salt TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    head INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    dropped INTEGER NOT NULL,
    dropped_at INTEGER NOT NULL
  );
  CREATE TABLE dropped (
    log INTEGER NOT NULL, name TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (log, name)
  ) WITHOUT ROWID;
  CREATE TABLE groups (
    log INTEGER NOT NULL, id TEXT NOT NULL, cursor TEXT, seq INTEGER NOT NULL, written INTEGER NOT NULL,
    PRIMARY KEY (log, id)
  ) WITHOUT ROWID;
  CREATE INDEX groups_written ON groups (log, written);
  CREATE TABLE marks (
    log INTEGER NOT NULL, id TEXT NOT NULL, cursor TEXT NOT NULL, seq INTEGER NOT NULL, written INTEGER NOT NULL,
    PRIMARY KEY (log, id, cursor)
  ) WITHOUT ROWID;
  CREATE INDEX marks_written ON marks (log, written);

  CREATE TABLE subscriptions (
    id TEXT PRIMARY KEY,
    record TEXT NOT NULL,
    secrets TEXT NOT NULL,
    secret_key TEXT,
    revision INTEGER NOT NULL,
    place TEXT NOT NULL,
    token INTEGER NOT NULL,
    owner TEXT
  ) WITHOUT ROWID;
  CREATE TABLE owners (id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE letters (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    subscription TEXT NOT NULL,
    letter TEXT
  );
  CREATE INDEX letters_subscription ON letters (subscription, n);

  CREATE TABLE positions (key TEXT PRIMARY KEY, position TEXT NOT NULL) WITHOUT ROWID;
`;

/** The entries of one log: their numbers are the rows', without holes between the oldest and the newest. */
export function entriesSchema(id: number): string {
  return `
    CREATE TABLE entries_${id} (
      seq INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      event_id TEXT NOT NULL,
      audience TEXT,
      appended_at INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      kind TEXT NOT NULL,
      timestamp TEXT NOT NULL,
      data TEXT NOT NULL,
      ordering_key TEXT,
      meta TEXT,
      upstream TEXT,
      upstream_before TEXT,
      redrive_of TEXT
    );
    CREATE INDEX entries_${id}_name ON entries_${id} (name, seq);
    CREATE INDEX entries_${id}_event_id ON entries_${id} (event_id, audience);
  `;
}
