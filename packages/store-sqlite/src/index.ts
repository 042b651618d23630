export { type SecretKey, SQLITE_DEFAULTS, type SqliteFileOptions, type SqliteOptions } from "./options";
export { type SqlitePositions, sqlitePositions } from "./sqlite-positions";
export { type SqliteStore, sqliteStore } from "./sqlite-store";
